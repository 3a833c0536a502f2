import { invalid, invalidParameter } from './errors';
import { Condition, Operand } from './expressions/syntax';
import { KeyAttribute } from './state';

type Test = Extract<Condition, { kind: 'test' }>;

const mirrored: Record<string, string> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** One condition for each key: the partition key equals something, the sort key may be in a range. */
export function keyConditionsOf(condition: Condition, keys: readonly KeyAttribute[]): Test[] {
  const tests = testsOf(condition).map(keyFirst);
  const names = tests.map(nameOf);
  if (new Set(names).size < names.length) throw invalid('KeyConditionExpressions must only contain one condition per key');
  if (tests.length > 2) throw invalid('Conditions can be of length 1 or 2 only');
  const [partition, sort] = keys;
  if (!names.includes(partition.name)) throw invalid(`Query condition missed key schema element: ${partition.name}`);
  if (tests.length > 1 && !sort) throw invalid('Query key condition not supported');
  if (tests.length > 1 && !names.includes(sort.name)) throw invalid(`Query condition missed key schema element: ${sort.name}`);
  for (const test of tests) assertFits(test, keys.find(({ name }) => name === nameOf(test))!);
  if (tests.find(test => nameOf(test) === partition.name)!.name !== '=') throw invalid('Query key condition not supported');
  return tests;
}

function testsOf(condition: Condition): Test[] {
  if (condition.kind === 'and') return [...testsOf(condition.left), ...testsOf(condition.right)];
  const name = condition.kind === 'test' ? condition.name : condition.kind.toUpperCase();
  if (condition.kind === 'test' && (Object.hasOwn(mirrored, name) || name === 'BETWEEN' || name === 'begins_with')) return [condition];
  throw invalid(`Invalid operator used in KeyConditionExpression: ${name}`);
}

function keyFirst(test: Test): Test {
  const [first, ...others] = test.operands;
  if (test.operands.some(({ kind }) => kind === 'call')) throw invalid('KeyConditionExpressions cannot contain nested operations');
  if (first.kind === 'path') return test;
  if (!Object.hasOwn(mirrored, test.name)) {
    throw invalid(`Invalid condition in KeyConditionExpression: ${test.name} operator must have the key attribute as its first operand`);
  }
  return { ...test, name: mirrored[test.name], operands: [...others, first] };
}

function nameOf({ operands: [key, ...others] }: Test): string {
  if (key.kind !== 'path') throw invalid('Invalid condition in KeyConditionExpression: No key attribute specified');
  if (others.some(({ kind }: Operand) => kind === 'path')) {
    throw invalid('Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition');
  }
  if (key.path.length > 1) throw invalid('KeyConditionExpressions cannot have conditions on nested attributes');
  return key.path[0] as string;
}

function assertFits({ operands: [, ...values] }: Test, { name, type }: KeyAttribute): void {
  for (const operand of values) {
    const value = operand.kind === 'value' ? operand.value[type] : undefined;
    if (value === undefined) throw invalidParameter('Condition parameter type does not match schema type');
    if (value === '') {
      throw invalid('One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty '
        + `${type === 'S' ? 'string' : 'binary'} value. Key: ${name}`);
    }
  }
}

import { notEmulated } from './errors';
import { Input } from '../service';
import { Parser } from './expressions/parser';
import { Placeholders } from './expressions/placeholders';
import { Condition, Path, UpdateAction } from './expressions/syntax';

type Kind = 'UpdateExpression' | 'ConditionExpression' | 'KeyConditionExpression' | 'FilterExpression' | 'ProjectionExpression';

export interface Expressions {
  readonly update?: UpdateAction[];
  readonly condition?: Condition;
  readonly keyCondition?: Condition;
  readonly filter?: Condition;
  readonly projection?: Path[];
}

/** The parameters that expressions have replaced. The emulator doesn't support them. */
const legacy = ['AttributesToGet', 'AttributeUpdates', 'ConditionalOperator', 'Expected', 'KeyConditions', 'QueryFilter', 'ScanFilter'];
const meters = ['ReturnConsumedCapacity', 'ReturnItemCollectionMetrics'];

/** The expressions of a request, of those kinds that its operation knows. */
export function expressionsOf(given: Input, ...kinds: Kind[]): Expressions {
  // JSON null is an absent member.
  const input: Input = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  assertEmulated(input);
  const placeholders = new Placeholders(input, Object.fromEntries(kinds.map(kind => [kind, input[kind]])));
  const read = <T>(kind: Kind, rule: (parser: Parser) => T): T | undefined =>
    kinds.includes(kind) && input[kind] !== undefined ? rule(new Parser(kind, input[kind], placeholders)) : undefined;
  const expressions = {
    update: read('UpdateExpression', parser => parser.update()),
    condition: read('ConditionExpression', parser => parser.condition()),
    keyCondition: read('KeyConditionExpression', parser => parser.condition()),
    filter: read('FilterExpression', parser => parser.condition()),
    projection: read('ProjectionExpression', parser => parser.projection()),
  };
  placeholders.assertAllUsed();
  return expressions;
}

export function assertEmulated(input: Input): void {
  const unknown = legacy.find(member => input[member] !== undefined) ?? meters.find(member => (input[member] ?? 'NONE') !== 'NONE');
  if (unknown) throw notEmulated(unknown);
}

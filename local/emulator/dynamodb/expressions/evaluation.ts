import { AttributeValue, bytesOf, compare, equal, Item, typeOf } from '../values';
import { Condition, Operand, Path } from './syntax';

export function holds(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and': return holds(condition.left, item) && holds(condition.right, item);
    case 'or': return holds(condition.left, item) || holds(condition.right, item);
    case 'not': return !holds(condition.condition, item);
    case 'test': return passes(condition.name, condition.operands.map(operand => valueOf(operand, item)));
  }
}

/** What an item has at the end of a path. */
export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  return path.reduce<AttributeValue | undefined>(
    (value, step) => typeof step === 'number' ? value?.L?.[step] : value?.M && Object.hasOwn(value.M, step) ? value.M[step] : undefined, { M: item });
}

/** The item with nothing but what the paths lead to; elements of lists move together. */
export function projected(item: Item, paths: readonly Path[]): Item {
  return part({ M: item }, paths)?.M ?? {};
}

function part(value: AttributeValue, paths: readonly Path[]): AttributeValue | undefined {
  if (paths.some(path => path.length === 0)) return value;
  const steps = [...new Set(paths.map(([step]) => step))];
  const below = (step: string | number) => {
    const child = valueAt({ value }, ['value', step]);
    return child && part(child, paths.filter(([first]) => first === step).map(path => path.slice(1)));
  };
  if (value.L) {
    const elements = steps.filter(step => typeof step === 'number').sort((a, b) => a - b).flatMap(step => below(step) ?? []);
    return elements.length > 0 ? { L: elements } : undefined;
  }
  const entries = steps.map(step => [step, below(step)] as const).filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined);
  return entries.length > 0 ? { M: Object.fromEntries(entries) } : undefined;
}

function valueOf(operand: Operand, item: Item): AttributeValue | undefined {
  switch (operand.kind) {
    case 'path': return valueAt(item, operand.path);
    case 'value': return operand.value;
    case 'call': return size(valueOf(operand.operands[0], item));
  }
}

/** A missing attribute is equal to nothing, before nothing and after nothing. */
function passes(name: string, [first, second, third, ...more]: (AttributeValue | undefined)[]): boolean {
  const order = () => compare(first, second);
  switch (name) {
    case '=': return first !== undefined && equal(first, second);
    case '<>': return first === undefined || !equal(first, second);
    case '<': return (order() ?? 0) < 0;
    case '<=': return (order() ?? 1) <= 0;
    case '>': return (order() ?? 0) > 0;
    case '>=': return (order() ?? -1) >= 0;
    case 'BETWEEN': return (order() ?? -1) >= 0 && (compare(first, third) ?? 1) <= 0;
    case 'IN': return first !== undefined && [second, third, ...more].some(candidate => equal(first, candidate));
    case 'attribute_exists': return first !== undefined;
    case 'attribute_not_exists': return first === undefined;
    case 'attribute_type': return first !== undefined && typeOf(first) === second!.S;
    case 'begins_with': return beginsWith(first, second);
    case 'contains': return contains(first, second);
    default: throw new Error(`no operator ${name}`);
  }
}

function beginsWith(value: AttributeValue | undefined, start: AttributeValue | undefined): boolean {
  if (value?.S !== undefined && start?.S !== undefined) return value.S.startsWith(start.S);
  if (value?.B === undefined || start?.B === undefined) return false;
  const bytes = bytesOf(start.B);
  return bytesOf(value.B).subarray(0, bytes.length).equals(bytes);
}

function contains(whole: AttributeValue | undefined, element: AttributeValue | undefined): boolean {
  if (!whole || !element) return false;
  if (whole.L) return whole.L.some(member => equal(member, element));
  if (element.S !== undefined) return whole.S?.includes(element.S) ?? whole.SS?.includes(element.S) ?? false;
  if (element.N !== undefined) return whole.NS?.includes(element.N) ?? false;
  if (element.B === undefined) return false;
  return whole.B !== undefined ? bytesOf(whole.B).includes(bytesOf(element.B)) : whole.BS?.includes(element.B) ?? false;
}

function size(value: AttributeValue | undefined): AttributeValue | undefined {
  if (!value) return undefined;
  const { S, B, M } = value;
  const counted = S ?? (B !== undefined ? bytesOf(B) : undefined) ?? value.SS ?? value.NS ?? value.BS ?? value.L ?? (M && Object.keys(M));
  return counted === undefined ? undefined : { N: String(counted.length) };
}

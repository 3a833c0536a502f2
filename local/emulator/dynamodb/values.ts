import { invalid, invalidParameter } from './errors';
import { compareNumbers, normalNumber } from './numbers';

/** As it travels: numbers are text, bytes are in base64. It has exactly one of its members. */
export interface AttributeValue {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string;
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly string[];
  readonly M?: Item;
  readonly L?: readonly AttributeValue[];
  readonly NULL?: boolean;
  readonly BOOL?: boolean;
}

export type Type = keyof AttributeValue;
export type Item = Readonly<Record<string, AttributeValue>>;

const deepest = 32;
const sets = { SS: 'An string set  may not be empty', NS: 'An number set  may not be empty', BS: 'Binary sets should not be empty' };

export function typeOf(value: AttributeValue): Type {
  return Object.keys(value)[0] as Type;
}

/** The value as it is stored; throws when it is none. */
export function checkedValue(value: AttributeValue, depth = 0): AttributeValue {
  const types = Object.entries(value).filter(([, content]) => content !== null).map(([type]) => type as Type);
  if (types.length === 0) throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  if (types.length > 1) {
    throw invalid('Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes');
  }
  if (depth > deepest) throw invalid('Nesting Levels have exceeded supported limits');
  const [type] = types;
  switch (type) {
    case 'N': return { N: normalNumber(value.N!) };
    case 'NULL': if (!value.NULL) throw invalidParameter('Null attribute value types must have the value of true'); break;
    case 'SS': case 'NS': case 'BS': return checkedSet(type, value[type]!);
    case 'L': return { L: value.L!.map(element => checkedValue(element, depth + 1)) };
    case 'M': return { M: checkedItem(value.M!, depth + 1) };
  }
  return { [type]: value[type] };
}

export function checkedItem(item: Item, depth = 0): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, checkedValue(value, depth)]));
}

function checkedSet(type: 'SS' | 'NS' | 'BS', given: readonly string[]): AttributeValue {
  if (given.length === 0) throw invalidParameter(sets[type]);
  const elements = type === 'NS' ? given.map(normalNumber) : given;
  if (new Set(elements).size === elements.length) return { [type]: elements };
  throw type === 'NS' ? invalid('Input collection contains duplicates') : invalidParameter('Input collection contains duplicates.');
}

export function equal(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (!a || !b || typeOf(a) !== typeOf(b)) return a === b;
  const type = typeOf(a);
  switch (type) {
    case 'SS': case 'NS': case 'BS': return a[type]!.length === b[type]!.length && a[type]!.every(element => b[type]!.includes(element));
    case 'L': return a.L!.length === b.L!.length && a.L!.every((element, i) => equal(element, b.L![i]));
    case 'M': return equalItems(a.M!, b.M!);
    default: return a[type] === b[type];
  }
}

export function equalItems(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every(name => Object.hasOwn(b, name) && equal(a[name], b[name]));
}

/** Negative, 0 or positive; undefined for values without an order between them. */
export function compare(a: AttributeValue | undefined, b: AttributeValue | undefined): number | undefined {
  if (!a || !b) return undefined;
  if (a.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N);
  if (a.S !== undefined && b.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a.B !== undefined && b.B !== undefined) return Buffer.compare(bytesOf(a.B), bytesOf(b.B));
  return undefined;
}

export function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

/** In bytes, names and all, as the limits count. */
export function sizeOf(item: Item): number {
  return Object.entries(item).reduce((size, [name, value]) => size + Buffer.byteLength(name) + sizeOfValue(value), 0);
}

function sizeOfValue(value: AttributeValue): number {
  const sum = (sizes: number[]) => sizes.reduce((a, b) => a + b, 0);
  switch (typeOf(value)) {
    case 'S': return Buffer.byteLength(value.S!);
    case 'N': return sizeOfNumber(value.N!);
    case 'B': return bytesOf(value.B!).length;
    case 'SS': return sum(value.SS!.map(element => Buffer.byteLength(element)));
    case 'NS': return sum(value.NS!.map(sizeOfNumber));
    case 'BS': return sum(value.BS!.map(element => bytesOf(element).length));
    case 'L': return 3 + sum(value.L!.map(element => 1 + sizeOfValue(element)));
    case 'M': return 3 + Object.keys(value.M!).length + sizeOf(value.M!);
    default: return 1;
  }
}

/** About a byte for two digits, and one more. */
function sizeOfNumber(text: string): number {
  return 1 + Math.ceil(text.replace(/^-?0*\.?0*|\.|0+$/g, '').length / 2) + (text.startsWith('-') ? 1 : 0);
}

import { AttributeValue, compare, Type, typeOf } from '../values';
import { Operand, pathText } from './syntax';

/* What can be said against an expression without any item. Undefined: nothing. */

const functions: Record<'condition' | 'update', Record<string, number>> = {
  condition: { attribute_exists: 1, attribute_not_exists: 1, attribute_type: 2, begins_with: 2, contains: 2, size: 1 },
  update: { 'if_not_exists': 2, 'list_append': 2, '+': 2, '-': 2 },
};
const needPath = ['attribute_exists', 'attribute_not_exists', 'attribute_type', 'if_not_exists'];
const types: Type[] = ['S', 'N', 'B', 'SS', 'NS', 'BS', 'M', 'L', 'NULL', 'BOOL'];
const ordered: Type[] = ['S', 'N', 'B'];
/** Which types of values an operator or function takes; others take all. */
const accepted: Record<string, Type[]> = {
  '<': ordered,
  '<=': ordered,
  '>': ordered,
  '>=': ordered,
  'BETWEEN': ordered,
  'begins_with': ['S', 'B'],
  'size': ['S', 'B', 'SS', 'NS', 'BS', 'L', 'M'],
  'list_append': ['L'],
  '+': ['N'],
  '-': ['N'],
  'ADD': ['N', 'SS', 'NS', 'BS'],
  'DELETE': ['SS', 'NS', 'BS'],
};
const longNames: Partial<Record<Type, string>> = { S: 'STRING', N: 'NUMBER', B: 'BINARY', NULL: 'NULL', BOOL: 'BOOLEAN', L: 'LIST', M: 'MAP' };
const maximumCandidates = 100;

export function checkCall(where: 'condition' | 'update', name: string, operands: readonly Operand[]): string | undefined {
  if (!Object.hasOwn(functions[where], name)) return `Invalid function name; function: ${name}`;
  if (operands.length !== functions[where][name]) {
    return `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`;
  }
  if (needPath.includes(name) && operands[0].kind !== 'path') return `Operator or function requires a document path; operator or function: ${name}`;
  return name === 'attribute_type' ? checkTypeName(operands[1]) : checkTypes(name, operands);
}

export function checkTest(name: string, operands: readonly Operand[]): string | undefined {
  const [first, second, third] = operands;
  if (name === 'IN' && operands.length > maximumCandidates + 1) return `The IN operator is provided with too many operands; number of operands: ${operands.length - 1}`;
  if (first.kind === 'path' && second?.kind === 'path' && pathText(first.path) === pathText(second.path)) {
    return 'The first operand must be distinct from the remaining operands for this operator or function; '
      + `operator: ${name}, first operand: ${pathText(first.path)}`;
  }
  return checkTypes(name, operands)
    ?? (name === 'BETWEEN' && second.kind === 'value' && third.kind === 'value' ? checkBounds(second.value, third.value) : undefined);
}

function checkTypes(name: string, operands: readonly Operand[]): string | undefined {
  const wrong = operands.flatMap(operand => operand.kind === 'value' ? [typeOf(operand.value)] : []).find(type => !(accepted[name] ?? types).includes(type));
  if (!wrong) return undefined;
  const [label, type] = name === 'ADD' || name === 'DELETE' ? ['operator', longNames[wrong] ?? wrong] : ['operator or function', wrong];
  return `Incorrect operand type for operator or function; ${label}: ${name}, operand type: ${type}`;
}

function checkTypeName(operand: Operand): string | undefined {
  const value = operand.kind === 'value' ? operand.value : {};
  if (value.S === undefined) {
    const type = operand.kind === 'value' ? typeOf(operand.value) : '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}';
    return `Incorrect operand type for operator or function; operator or function: attribute_type, operand type: ${type}`;
  }
  if (!types.includes(value.S as Type)) return `Invalid attribute type name found; type: ${value.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`;
  return undefined;
}

function checkBounds(low: AttributeValue, high: AttributeValue): string | undefined {
  const bounds = `lower bound operand: AttributeValue: {${shown(low)}}, upper bound operand: AttributeValue: {${shown(high)}}`;
  const order = compare(low, high);
  if (order === undefined) return `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`;
  return order > 0 ? `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}` : undefined;
}

/** The real service quotes the values, which the call log must not. */
function shown(value: AttributeValue): string {
  return `${typeOf(value)}:***`;
}

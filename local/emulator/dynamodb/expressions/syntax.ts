import { AttributeValue } from '../values';

/** The way to an attribute: names of attributes and positions in lists. */
export type Path = readonly (string | number)[];

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  /** In conditions size; in updates if_not_exists, list_append, + and -. */
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Operand[] };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  /** A comparison, BETWEEN, IN or a function. */
  | { readonly kind: 'test'; readonly name: string; readonly operands: readonly Operand[] };

export type UpdateAction =
  | { readonly kind: 'SET'; readonly path: Path; readonly operand: Operand }
  | { readonly kind: 'REMOVE'; readonly path: Path }
  | { readonly kind: 'ADD' | 'DELETE'; readonly path: Path; readonly value: AttributeValue };

/** All paths that a condition speaks of. */
export function pathsOf(condition: Condition): Path[] {
  switch (condition.kind) {
    case 'and': case 'or': return [...pathsOf(condition.left), ...pathsOf(condition.right)];
    case 'not': return pathsOf(condition.condition);
    case 'test': return condition.operands.flatMap(operandPaths);
  }
}

function operandPaths(operand: Operand): Path[] {
  return operand.kind === 'path' ? [operand.path] : operand.kind === 'call' ? operand.operands.flatMap(operandPaths) : [];
}

export function pathText(path: Path): string {
  return `[${path.map(step => typeof step === 'number' ? `[${step}]` : step).join(', ')}]`;
}

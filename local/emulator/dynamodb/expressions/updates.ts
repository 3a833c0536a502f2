import { invalid } from '../errors';
import { addNumbers } from '../numbers';
import { AttributeValue, Item, typeOf } from '../values';
import { valueAt } from './evaluation';
import { Operand, UpdateAction } from './syntax';

type Mutable = Record<string, AttributeValue>;

/** Changes to a list wait until all actions have found their places: positions mean those of before. */
class ListChanges {
  private readonly removed = new Map<AttributeValue[], Set<number>>();
  private readonly appended = new Map<AttributeValue[], [number, AttributeValue][]>();

  set(list: AttributeValue[], position: number, value: AttributeValue): void {
    if (position < list.length) list[position] = value;
    else this.appended.set(list, [...this.appended.get(list) ?? [], [position, value]]);
  }

  remove(list: AttributeValue[], position: number): void {
    this.removed.set(list, new Set([...this.removed.get(list) ?? [], position]));
  }

  apply(): void {
    for (const list of new Set([...this.removed.keys(), ...this.appended.keys()])) {
      const kept = list.filter((_, position) => !this.removed.get(list)?.has(position));
      const behind = [...this.appended.get(list) ?? []].sort(([a], [b]) => a - b).map(([, value]) => value);
      list.splice(0, list.length, ...kept, ...behind);
    }
  }
}

/** The item after an update. All values are those of before. */
export function updated(before: Item, actions: readonly UpdateAction[]): Item {
  const item = structuredClone(before) as Mutable;
  const lists = new ListChanges();
  const values = actions.map(action => newValue(action, before));
  for (const [i, { path }] of actions.entries()) {
    const parent = valueAt(item, path.slice(0, -1));
    const step = path.at(-1)!;
    if (typeof step === 'number' ? !parent?.L : !parent?.M) throw invalid('The document path provided in the update expression is invalid for update');
    const value = values[i];
    if (typeof step === 'string') {
      if (value) (parent!.M as Mutable)[step] = value;
      else delete (parent!.M as Mutable)[step];
    } else if (value) {
      lists.set(parent!.L as AttributeValue[], step, value);
    } else {
      lists.remove(parent!.L as AttributeValue[], step);
    }
  }
  lists.apply();
  return item;
}

/** undefined: nothing is left. */
function newValue(action: UpdateAction, item: Item): AttributeValue | undefined {
  switch (action.kind) {
    case 'SET': return resolved(action.operand, item);
    case 'REMOVE': return undefined;
    case 'ADD': return added(valueAt(item, action.path), action.value);
    case 'DELETE': return without(valueAt(item, action.path), action.value);
  }
}

function resolved(operand: Operand, item: Item): AttributeValue {
  if (operand.kind === 'value') return operand.value;
  if (operand.kind === 'path') return valueAt(item, operand.path) ?? missing();
  const [first, second] = operand.operands;
  if (operand.name === 'if_not_exists') return (first.kind === 'path' ? valueAt(item, first.path) : undefined) ?? resolved(second, item);
  const [left, right] = [resolved(first, item), resolved(second, item)];
  if (operand.name === 'list_append') return { L: [...left.L ?? wrongType(), ...right.L ?? wrongType()] };
  return { N: addNumbers(left.N ?? wrongType(), right.N ?? wrongType(), operand.name === '-' ? -1 : 1) };
}

function added(current: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  const type = typeOf(value) as 'N' | 'SS' | 'NS' | 'BS';
  if (!current) return value;
  if (typeOf(current) !== type) wrongType();
  return type === 'N' ? { N: addNumbers(current.N!, value.N!) } : { [type]: [...new Set([...current[type]!, ...value[type]!])] };
}

function without(current: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  const type = typeOf(value) as 'SS' | 'NS' | 'BS';
  if (!current) return undefined;
  if (typeOf(current) !== type) wrongType();
  const rest = current[type]!.filter(element => !value[type]!.includes(element));
  return rest.length > 0 ? { [type]: rest } : undefined;
}

function missing(): never {
  throw invalid('The provided expression refers to an attribute that does not exist in the item');
}

function wrongType(): never {
  throw invalid('An operand in the update expression has an incorrect data type');
}

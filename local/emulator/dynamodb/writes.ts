import { ServiceError } from '../errors';
import { CallContext, Input } from '../service';
import { invalid } from './errors';
import { expressionsOf } from './expressions';
import { holds, projected } from './expressions/evaluation';
import { Condition, Path, pathsOf } from './expressions/syntax';
import { updated } from './expressions/updates';
import { assertItemKeys, assertKey, assertScalarKeys, keyText } from './keys';
import { Context, itemAt, storeOf, tableOf } from './lookup';
import { Table } from './state';
import { checkedItem, Item, sizeOf } from './values';

type Output = Record<string, unknown>;
export type WriteKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

const maximumBytes = 400 * 1024;
const returnValues: Partial<Record<WriteKind, string[]>> = { Put: ['NONE', 'ALL_OLD'], Delete: ['NONE', 'ALL_OLD'] };

/** A write that is understood, but not decided: its key, its condition and what it makes of the item. */
export interface Write {
  readonly table: Table;
  readonly key: string;
  /** Throws when the request does not fit the table, whatever the item is. */
  readonly check: () => void;
  /** Throws when it cannot be done to this item. */
  readonly next: (old: Item | undefined) => Item | undefined;
  readonly condition?: Condition;
  readonly paths: readonly Path[];
  readonly showsItemOnFailure: boolean;
}

export interface Change {
  readonly old?: Item;
  readonly new?: Item;
}

export function putItem(context: Context, input: Input, call: CallContext): Output {
  return written(context, call, 'Put', input);
}

export function updateItem(context: Context, input: Input, call: CallContext): Output {
  return written(context, call, 'Update', input);
}

export function deleteItem(context: Context, input: Input, call: CallContext): Output {
  return written(context, call, 'Delete', input);
}

function written(context: Context, call: CallContext, kind: WriteKind, input: Input): Output {
  const { ReturnValues = 'NONE' } = input;
  if (returnValues[kind]?.includes(ReturnValues) === false) throw invalid('ReturnValues can only be ALL_OLD or NONE');
  const write = understood(context, call, kind, input);
  const change = decided(context, call, write);
  store(context, call, write, change);
  const attributes = returned(ReturnValues, write.paths, change);
  return attributes && Object.keys(attributes).length > 0 ? { Attributes: attributes } : {};
}

function returned(wanted: string, paths: readonly Path[], change: Change): Item | undefined {
  switch (wanted) {
    case 'ALL_OLD': return change.old;
    case 'ALL_NEW': return change.new;
    case 'UPDATED_OLD': return change.old && projected(change.old, paths);
    case 'UPDATED_NEW': return change.new && projected(change.new, paths);
    default: return undefined;
  }
}

export function understood(context: Context, call: CallContext, kind: WriteKind, input: Input): Write {
  const { update, condition } = kind === 'Update'
    ? expressionsOf(input, 'UpdateExpression', 'ConditionExpression')
    : expressionsOf(input, 'ConditionExpression');
  const item = checkedItem(kind === 'Put' ? input.Item : input.Key);
  const table = tableOf(context, call, input.TableName);
  const paths = update?.map(({ path }) => path) ?? [];
  const check = () => {
    if (kind === 'Put') assertItem(table, item, 'Item size has exceeded the maximum allowed size');
    else assertKey(table, item);
    assertKeysStay(table, paths);
    assertScalarKeys(table, [...paths, ...condition ? pathsOf(condition) : []]);
  };
  const next = (old: Item | undefined): Item | undefined => {
    switch (kind) {
      case 'Put': return item;
      case 'Update': return assertItem(table, updated(old ?? item, update ?? []), 'Item size to update has exceeded the maximum allowed size');
      case 'Delete': return undefined;
      case 'ConditionCheck': return old;
    }
  };
  return { table, key: keyText(table, item), check, next, condition, paths, showsItemOnFailure: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' };
}

function assertItem(table: Table, item: Item, message: string): Item {
  assertItemKeys(table, item);
  if (sizeOf(item) > maximumBytes) throw invalid(message);
  return item;
}

function assertKeysStay(table: Table, paths: readonly Path[]): void {
  const key = table.keys.find(({ name }) => paths.some(([first]) => first === name));
  if (key) throw invalid(`One or more parameter values were invalid: Cannot update attribute ${key.name}. This attribute is part of the key`);
}

/** Whether the condition holds is decided on the state of now, however reads lag. */
export function decided(context: Context, call: CallContext, { table, key, condition, check, next, showsItemOnFailure }: Write): Change {
  check();
  const old = itemAt(context, call, table, key, call.now);
  if (condition && !holds(condition, old ?? {})) {
    throw new ServiceError('ConditionalCheckFailedException', 'The conditional request failed', undefined, showsItemOnFailure && old ? { Item: old } : {});
  }
  return { old, new: next(old) };
}

export function store(context: Context, call: CallContext, { table, key }: Write, change: Change): void {
  if (change.new !== change.old) storeOf(context, call, table).write(key, change.new, call.now);
}

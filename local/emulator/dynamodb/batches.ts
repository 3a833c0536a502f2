import { CallContext, Input } from '../service';
import { invalid } from './errors';
import { assertEmulated, expressionsOf } from './expressions';
import { keyText } from './keys';
import { arnOfTable, Context, tableOf } from './lookup';
import { readItem } from './queries';
import { checkedItem, Item } from './values';
import { decided, store, understood } from './writes';

type Output = Record<string, unknown>;

const maximumReads = 100;
const maximumWrites = 25;

/** No condition, and no order: each item is written by itself. */
export function batchWriteItem(context: Context, input: Input, call: CallContext): Output {
  assertEmulated(input);
  const requests = entriesOf<Input>(input.RequestItems, requestsOfTable => requestsOfTable);
  if (requests.length > maximumWrites) throw invalid('Too many items requested for the BatchWriteItem call');
  const writes = requests.map(([TableName, { PutRequest, DeleteRequest, ...others }]) => {
    if (!PutRequest === !DeleteRequest || Object.keys(others).length > 0) {
      throw invalid('Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes');
    }
    return understood(context, call, PutRequest ? 'Put' : 'Delete', { TableName, ...PutRequest ?? DeleteRequest });
  });
  assertDistinct(writes.map(({ table, key }) => `${table.arn} ${key}`), 'Provided list of item keys contains duplicates');
  const processed = context.options.batchSize ?? Infinity;
  const changes = writes.map(write => decided(context, call, write));
  writes.slice(0, processed).forEach((write, i) => store(context, call, write, changes[i]));
  return { UnprocessedItems: byTable(requests.slice(processed)) };
}

export function batchGetItem(context: Context, input: Input, call: CallContext): Output {
  assertEmulated(input);
  const keys = entriesOf<Item>(input.RequestItems, ({ Keys }) => Keys);
  if (keys.length > maximumReads) throw invalid('Too many items requested for the BatchGetItem call');
  const found = keys.map(([name, key]) => {
    const request = input.RequestItems[name];
    const { projection } = expressionsOf(request, 'ProjectionExpression');
    const table = tableOf(context, call, name);
    return { name, id: `${table.arn} ${keyText(table, checkedItem(key))}`, item: readItem(context, call, table, key, request.ConsistentRead, projection) };
  });
  assertDistinct(found.map(({ id }) => id), 'Provided list of item keys contains duplicates');
  const processed = context.options.batchSize ?? Infinity;
  const names = Object.keys(input.RequestItems);
  const answered = found.slice(0, processed);
  const rest = byTable(keys.slice(processed));
  return {
    Responses: Object.fromEntries(names.map(name => [name, answered.flatMap(entry => entry.name === name && entry.item ? [entry.item] : [])])),
    UnprocessedKeys: Object.fromEntries(Object.entries(rest).map(([name, Keys]) => [name, { ...input.RequestItems[name], Keys }])),
  };
}

function entriesOf<T>(requestItems: Input, entries: (ofTable: Input) => T[]): [string, T][] {
  return Object.entries(requestItems).flatMap(([name, ofTable]) => entries(ofTable).map((entry): [string, T] => [name, entry]));
}

function byTable<T>(entries: [string, T][]): Record<string, T[]> {
  return Object.fromEntries([...new Set(entries.map(([name]) => name))]
    .map(name => [name, entries.flatMap(([other, entry]) => other === name ? [entry] : [])]));
}

export function assertDistinct(ids: string[], message: string): void {
  if (new Set(ids).size < ids.length) throw invalid(message);
}

/** The tables that a batch is about. */
export function tablesOfBatch(input: Input, call: CallContext): string[] {
  return [...new Set(Object.keys(input.RequestItems).map(name => arnOfTable(call, name)))];
}

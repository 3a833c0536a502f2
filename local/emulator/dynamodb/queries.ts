import { scrambled } from '../random';
import { CallContext, Input } from '../service';
import { invalid, invalidParameter, notEmulated } from './errors';
import { Expressions, expressionsOf } from './expressions';
import { holds, projected } from './expressions/evaluation';
import { Path, pathsOf } from './expressions/syntax';
import { keyConditionsOf } from './key-conditions';
import { assertKey, assertScalarKeys, keyOf, keyText } from './keys';
import { Context, indexOf, itemAt, itemsAt, readTime, tableOf } from './lookup';
import { Index, KeyAttribute, Table } from './state';
import { checkedItem, compare, equal, Item, sizeOf } from './values';

type Output = Record<string, unknown>;

const pageBytes = 1024 * 1024;

export function getItem(context: Context, input: Input, call: CallContext): Output {
  const { projection } = expressionsOf(input, 'ProjectionExpression');
  const item = readItem(context, call, tableOf(context, call, input.TableName), input.Key, input.ConsistentRead, projection);
  return item ? { Item: item } : {};
}

export function readItem(
  context: Context, call: CallContext, table: Table, given: Item, consistent: boolean | undefined, projection: Path[] | undefined,
): Item | undefined {
  const key = checkedItem(given);
  assertKey(table, key);
  assertScalarKeys(table, projection ?? []);
  const item = itemAt(context, call, table, keyText(table, key), readTime(call, consistent));
  return item && (projection ? projected(item, projection) : item);
}

export function query(context: Context, input: Input, call: CallContext): Output {
  const expressions = expressionsOf(input, 'ProjectionExpression', 'FilterExpression', 'KeyConditionExpression');
  if (!expressions.keyCondition) throw invalid('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
  const view = viewOf(context, input, call);
  const wanted = keyConditionsOf(expressions.keyCondition, view.keys);
  const keyInFilter = expressions.filter && pathsOf(expressions.filter).find(([first]) => view.keys.some(({ name }) => name === first));
  if (keyInFilter) throw invalid(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${keyInFilter[0]}`);
  const matches = (item: Item) => wanted.every(condition => holds(condition, item));
  return page(view, expressions, { ...input, matches, backwards: input.ScanIndexForward === false });
}

export function scan(context: Context, input: Input, call: CallContext): Output {
  if (input.TotalSegments !== undefined || input.Segment !== undefined) throw notEmulated('parallel scans');
  const expressions = expressionsOf(input, 'ProjectionExpression', 'FilterExpression');
  return page(viewOf(context, input, call), expressions, { ...input, matches: () => true, backwards: false });
}

/** A table or an index as a read finds it. */
interface View {
  readonly table: Table;
  readonly index?: Index;
  readonly keys: readonly KeyAttribute[];
  readonly items: Item[];
  /** Of partition keys, once they are needed. */
  readonly hashes: Map<string, string>;
}

/** An index has the items that have its keys, and of these what it projects: filters see no more. */
function viewOf(context: Context, { TableName, IndexName, ConsistentRead }: Input, call: CallContext): View {
  const table = tableOf(context, call, TableName);
  if (IndexName === undefined) {
    return { table, keys: table.keys, items: itemsAt(context, call, table, readTime(call, ConsistentRead)), hashes: new Map() };
  }
  const index = indexOf(table, IndexName);
  if (ConsistentRead) throw invalid('Consistent reads are not supported on global secondary indexes');
  const time = Math.min(call.readAt, call.now - (context.options.indexLag ?? 0));
  const names = projectedNames(table, index);
  const items = itemsAt(context, call, table, time)
    .filter(item => index.keys.every(({ name }) => item[name]))
    .map(item => names ? projected(item, names.map(name => [name])) : item);
  return { table, index, keys: index.keys, items, hashes: new Map() };
}

interface PageRequest {
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
  readonly Select?: string;
  readonly matches: (item: Item) => boolean;
  readonly backwards: boolean;
}

function page(view: View, expressions: Expressions, { Limit = Infinity, ExclusiveStartKey, Select, matches, backwards }: PageRequest): Output {
  assertSelection(view, expressions.projection, Select);
  assertScalarKeys(view.table, [...expressions.projection ?? [], ...expressions.filter ? pathsOf(expressions.filter) : []]);
  const direction = backwards ? -1 : 1;
  const order = (a: Item, b: Item) => direction * position(view, a, b);
  const start = ExclusiveStartKey && startOf(view, ExclusiveStartKey, matches);
  const remaining = view.items.filter(item => matches(item) && (!start || order(item, start) > 0)).sort(order);
  const evaluated = remaining.slice(0, Math.min(Limit, countThatFits(remaining)));
  const found = evaluated.filter(item => !expressions.filter || holds(expressions.filter, item));
  // A page that is full has a key to go on from, even if nothing follows.
  const isFull = evaluated.length === Limit || evaluated.length < remaining.length;
  return {
    ...Select !== 'COUNT' && { Items: found.map(item => expressions.projection ? projected(item, expressions.projection) : item) },
    Count: found.length,
    ScannedCount: evaluated.length,
    ...isFull && { LastEvaluatedKey: keyOf(startKeys(view), evaluated.at(-1)!) },
  };
}

function countThatFits(items: Item[]): number {
  let bytes = 0;
  const excess = items.findIndex((item, i) => (bytes += sizeOf(item)) > pageBytes && i > 0);
  return excess < 0 ? items.length : excess;
}

/** Partitions are in the order of a hash; in each, items are in the order of the sort key. */
function position(view: View, a: Item, b: Item): number {
  const [partition, sort] = view.keys;
  const inPartition = () => (sort && compare(a[sort.name], b[sort.name])) || textOrder(keyText(view.table, a), keyText(view.table, b));
  return equal(a[partition.name], b[partition.name]) ? inPartition() : textOrder(hashOf(view, a), hashOf(view, b)) || inPartition();
}

function hashOf({ keys: [{ name }], hashes }: View, item: Item): string {
  const text = JSON.stringify(item[name]);
  const hash = hashes.get(text) ?? scrambled(text, 16);
  hashes.set(text, hash);
  return hash;
}

function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function startKeys({ table, index }: View): KeyAttribute[] {
  return [...table.keys, ...index?.keys.filter(({ name }) => !table.keys.some(key => key.name === name)) ?? []];
}

/** The item of this key may be gone: what counts is where it was. */
function startOf(view: View, given: Item, matches: PageRequest['matches']): Item {
  const key = checkedItem(given);
  const attributes = startKeys(view);
  const fits = Object.keys(key).length === attributes.length && attributes.every(({ name, type }) => key[name]?.[type] !== undefined);
  if (!fits) throw invalid('The provided starting key is invalid');
  if (!matches(key)) throw invalid('The provided starting key is outside query boundaries based on provided conditions');
  return key;
}

function assertSelection({ index, table }: View, projection: Path[] | undefined, select: string | undefined): void {
  if (projection && select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') {
    throw invalid(`Cannot specify the ProjectionExpression when choosing to get ${select}`);
  }
  if (!projection && select === 'SPECIFIC_ATTRIBUTES') {
    throw invalid('Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES');
  }
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && !index) throw invalid('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  const names = index && projectedNames(table, index);
  if (!names) return;
  if (select === 'ALL_ATTRIBUTES') {
    throw invalidParameter(`Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`);
  }
  const missing = projection?.map(([first]) => String(first)).filter(name => !names.includes(name)) ?? [];
  if (missing.length > 0) throw invalidParameter(`Global secondary index ${index.name} does not project [${missing.join(', ')}]`);
}

/** undefined: all. */
function projectedNames(table: Table, index: Index): string[] | undefined {
  if (index.projection.ProjectionType === 'ALL') return undefined;
  return [...table.keys.map(({ name }) => name), ...index.keys.map(({ name }) => name), ...index.projection.NonKeyAttributes ?? []];
}

import { ServiceError } from '../errors';
import { Regions } from '../regions';
import { CallContext } from '../service';
import { invalid } from './errors';
import { DynamoDbOptions } from './options';
import { Index, ItemStore, Region, Table, tableArn } from './state';
import { Item } from './values';

/** What the operations work with. */
export interface Context {
  readonly options: DynamoDbOptions;
  readonly regions: Regions<Region>;
}

const fiveYears = 5 * 365 * 24 * 60 * 60 * 1000;

export function regionOf(context: Context, { account, region }: { account: string; region: string }): Region {
  return context.regions.of(account, region);
}

/** A table is named by its name or its ARN. */
export function arnOfTable(call: { account: string; region: string }, nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : tableArn(call, nameOrArn);
}

export function tableOf(context: Context, call: CallContext, nameOrArn: string, described = false): Table {
  const arn = arnOfTable(call, nameOrArn);
  if (arn.split(':')[4] !== call.account) throw new ServiceError('AccessDeniedException', `Not authorized to access ${arn}`);
  const table = regionOf(context, call).tables.byArn(arn, call.now);
  if (!table) throw new ServiceError('ResourceNotFoundException', `Requested resource not found${described ? `: Table: ${nameOrArn} not found` : ''}`);
  return table;
}

export function indexOf(table: Table, name: string): Index {
  const index = table.indexes.find(candidate => candidate.name === name);
  if (!index) throw invalid(`The table does not have the specified index: ${name}`);
  return index;
}

export function storeOf(context: Context, call: { account: string; region: string }, { arn }: Table): ItemStore {
  return regionOf(context, call).items.get(arn)!;
}

/** When a read looks: a consistent one at now. */
export function readTime(call: CallContext, consistent: boolean | undefined): number {
  return consistent ? call.now : call.readAt;
}

export function itemAt(context: Context, call: CallContext, table: Table, key: string, time: number): Item | undefined {
  return [storeOf(context, call, table).at(key, time)].find(item => item && lives(context, table, item, time));
}

export function itemsAt(context: Context, call: { account: string; region: string }, table: Table, time: number): Item[] {
  return storeOf(context, call, table).all(time).filter(item => lives(context, table, item, time));
}

/** Past its expiry an item is deleted, now or later; one that expired more than five years ago is taken for a mistake, and stays. */
function lives({ options }: Context, { ttlAttribute }: Table, item: Item, time: number): boolean {
  const seconds = ttlAttribute === undefined ? undefined : item[ttlAttribute]?.N;
  if (seconds === undefined) return true;
  const age = time - Number(seconds) * 1000;
  return age < (options.ttlDelay ?? 0) || age > fiveYears;
}

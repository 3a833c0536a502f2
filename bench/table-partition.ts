import type { Clock } from '../local/emulator';
import { type Item, sizeOf } from '../local/emulator/dynamodb/values';

/** What one partition can read and write per second. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html */
const UNITS_PER_SECOND = { read: 3_000, write: 1_000 } as const;

const READ_UNIT = 4 * 1024;
const WRITE_UNIT = 1024;

export interface SdkRequest {
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

export interface SdkAnswer {
  readonly response: { readonly statusCode: number; readonly headers: Record<string, string>; readonly body: Uint8Array };
}

/* eslint-disable @typescript-eslint/no-explicit-any */

/** The units that are left of a partition: at most those of one second. A partition without units throttles. */
class Partition {
  private readonly left: { read: number; write: number } = { ...UNITS_PER_SECOND };
  private countedAt = 0;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  hasUnits(kind: 'read' | 'write'): boolean {
    const seconds = (this.clock.now() - this.countedAt) / 1000;
    this.countedAt = this.clock.now();
    for (const each of ['read', 'write'] as const) this.left[each] = Math.min(UNITS_PER_SECOND[each], this.left[each] + seconds * UNITS_PER_SECOND[each]);
    return this.left[kind] > 0;
  }

  use(kind: 'read' | 'write', units: number): void {
    this.left[kind] -= units;
  }
}

/**
 * The partition of a pool in the table, and the one in the index of ready meetings: their capacity, and the conflicts between transactions that write
 * to the same items at the same time. The emulator models neither.
 */
export class PoolPartition {
  throttled = 0;
  conflicts = 0;
  private readonly items: Partition;
  private readonly index: Partition;
  private readonly inTransaction = new Set<string>();
  /** Each item, as the writes have left it. */
  private readonly attributes = new Map<string, Item>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.items = new Partition(clock);
    this.index = new Partition(clock);
  }

  /** @param refuse Takes the time of a call. */
  async handle(request: SdkRequest, execute: () => Promise<SdkAnswer>, refuse: () => Promise<void>): Promise<SdkAnswer> {
    const operation = request.headers['x-amz-target'].split('.')[1];
    const input = JSON.parse(Buffer.from(request.body as Uint8Array).toString());
    const writes = writesOf(operation, input);
    return writes ? this.write(operation, writes, execute, refuse) : this.read(input.IndexName ? this.index : this.items, input, execute, refuse);
  }

  private async read(partition: Partition, input: any, execute: () => Promise<SdkAnswer>, refuse: () => Promise<void>): Promise<SdkAnswer> {
    if (!partition.hasUnits('read')) return this.throttle(refuse);
    const answer = await execute();
    const units = Math.ceil(answer.response.body.length / READ_UNIT);
    partition.use('read', input.ConsistentRead ? units : units / 2);
    return answer;
  }

  private async write(operation: string, writes: Write[], execute: () => Promise<SdkAnswer>, refuse: () => Promise<void>): Promise<SdkAnswer> {
    const isTransaction = operation === 'TransactWriteItems';
    if (!this.items.hasUnits('write') || !this.index.hasUnits('write')) {
      // The SDK doesn't retry a canceled transaction.
      return this.throttle(refuse, isTransaction ? canceled(writes.map(() => 'ThrottlingError')) : undefined);
    }
    const conflicting = writes.map(({ key }) => this.inTransaction.has(key));
    if (conflicting.includes(true)) {
      this.conflicts += 1;
      await refuse();
      return isTransaction ? canceled(conflicting.map((isIn) => isIn ? 'TransactionConflict' : 'None')) : failure('TransactionConflictException');
    }
    if (isTransaction) for (const { key } of writes) this.inTransaction.add(key);
    const after = writes.map(({ key, change }) => change(this.attributes.get(key) ?? {}));
    for (const [index, { key }] of writes.entries()) {
      // The larger of the sizes before and after the write. A write whose condition isn't met costs as much.
      const units = Math.ceil(Math.max(1, sizeOf(after[index]), sizeOf(this.attributes.get(key) ?? {})) / WRITE_UNIT);
      this.items.use('write', isTransaction ? 2 * units : units);
      if (key.startsWith('meeting#')) this.index.use('write', units);
    }
    try {
      const answer = await execute();
      if (answer.response.statusCode === 200) for (const [index, { key }] of writes.entries()) this.attributes.set(key, after[index]);
      return answer;
    } finally {
      if (isTransaction) for (const { key } of writes) this.inTransaction.delete(key);
    }
  }

  private async throttle(refuse: () => Promise<void>, answer = failure('ProvisionedThroughputExceededException')): Promise<SdkAnswer> {
    this.throttled += 1;
    await refuse();
    return answer;
  }
}

interface Write {
  /** The sort key. */
  readonly key: string;
  /** The item after the write. */
  readonly change: (item: Item) => Item;
}

/** Undefined for a read. */
function writesOf(operation: string, input: any): Write[] | undefined {
  if (operation === 'TransactWriteItems') return input.TransactItems.map((item: any) => writeOf(Object.values(item)[0]));
  return ['PutItem', 'UpdateItem', 'DeleteItem'].includes(operation) ? [writeOf(input)] : undefined;
}

function writeOf({ Key, Item, UpdateExpression, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: any): Write {
  if (Item) return { key: Item.item.S, change: () => Item };
  const [set, remove = ''] = (UpdateExpression ?? '').split(' REMOVE ');
  const nameOf = (path: string) => names[path] ?? path;
  const changed = [...set.matchAll(/([#\w]+) = (:\w+)/g)].map(([, path, value]) => [nameOf(path), values[value]]);
  const removed = new Set(remove.split(', ').map(nameOf));
  return {
    key: Key.item.S,
    change: (item) => Object.fromEntries([...Object.entries({ ...Key, ...item }).filter(([name]) => !removed.has(name)), ...changed]),
  };
}

function canceled(codes: string[]): SdkAnswer {
  return failure('TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });
}

function failure(name: string, members: object = {}): SdkAnswer {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name, ...members });
  return { response: { statusCode: 400, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(body) } };
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, ScanCommand, TransactWriteCommand, type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { MeetingItem, PoolItem, SlotItem } from './items';
import type { Attendee, Meeting } from './meetings';
import type { Contents, Fill } from './plan';
import type { MeetingRequest } from './settings';
import { CHIME_MEETING_POOL_LIMITS, POOL_TABLE } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { type ErrorClass, withholding } from '../../engine/error-classes';
import { REQUEST_HANDLER } from '../../engine/service-client';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
export const TABLE_ERROR_CLASSES: Record<string, ErrorClass> = {
  ConditionalCheckFailedException: 'conflict',
  InternalServerError: 'busy',
  ProvisionedThroughputExceededException: 'throttled',
  ReplicatedWriteConflictException: 'conflict',
  ResourceNotFoundException: 'gone',
  TransactionCanceledException: 'conflict',
  TransactionConflictException: 'conflict',
  TransactionInProgressException: 'busy',
};

const { partitionKey, sortKey, timeToLive, readyIndex } = POOL_TABLE;

/** So that every read of a checkout has a choice, and few choose the same. */
const READY_PAGE = 50;

/** Characters of the attendees with their join tokens: an item holds 400 KB in all. */
const LARGEST_ATTENDEES = 300_000;

/** How long what is over is kept where nobody takes it away. */
const KEPT = 3_600_000;

const POOL = 'pool';
const slotKey = (slot: number) => `slot#${String(slot).padStart(4, '0')}`;
const meetingKey = (token: string) => `meeting#${token}`;
const leaseKey = (clientRequestToken: string) => `lease#${clientRequestToken}`;

/** A ready meeting with all that its checkout needs. */
export interface ReadyMeeting {
  readonly token: string;
  readonly meeting: Meeting;
  /** The pool's own, with their join tokens. */
  readonly attendees: Attendee[];
}

export interface WholeMeeting extends MeetingItem {
  readonly meeting?: Meeting;
  /** Of an intent. */
  readonly request?: MeetingRequest;
}

/** What is to be written when a meeting was made. */
export interface Made {
  readonly token: string;
  readonly createdAt: number;
  readonly meeting: Meeting;
}

export interface LeaseRequest {
  readonly clientRequestToken: string;
  /** The meeting that it stood for so far, which has ended. */
  readonly replaced?: string;
}

export type Leased =
  | { readonly outcome: 'leased' }
  /** Somebody else has the meeting. */
  | { readonly outcome: 'taken' }
  /** The caller's token stands for the meeting of this one already; undefined: it has just been taken out of the table. */
  | { readonly outcome: 'exists'; readonly token?: string }
  /** Another transaction was at the same items. */
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'closed' };

export interface Intent {
  readonly token: string;
  readonly request: MeetingRequest;
}

export type Intended = { readonly fills: Fill[] } | 'closed' | 'conflict';

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** One client a function. */
export function tableClient(region: string): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region,
    maxAttempts: 3,
    requestHandler: REQUEST_HANDLER,
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

export interface PoolTableOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly abortSignal: AbortSignal;
}

/** All that is read from and written to the table of pools. Every write is safe to be repeated, and says whether it holds. */
export class PoolTable {
  constructor(private readonly options: PoolTableOptions) {}

  // The pool itself

  public async pool(name: string): Promise<PoolItem | undefined> {
    const { Item } = await this.send(new GetCommand({ ...this.key(name, POOL), ConsistentRead: true }));
    return Item && toPool(Item);
  }

  /** Open, unless there is one of the name already. */
  public async addPool(pool: PoolItem): Promise<boolean> {
    return this.holds(new PutCommand({
      TableName: this.options.tableName,
      Item: { [partitionKey]: pool.name, [sortKey]: POOL, ...pool, settings: JSON.stringify(pool.settings) },
      ConditionExpression: 'attribute_not_exists(#item)',
      ExpressionAttributeNames: { '#item': sortKey },
    }));
  }

  public async changePool(pool: PoolItem): Promise<boolean> {
    const { operation, size, settings, settingsHash, minimumRemainingLifetime } = pool;
    return this.update(pool.name, POOL, {
      set: { operation, size, settings: JSON.stringify(settings), settingsHash, minimumRemainingLifetime },
      onlyIf: { state: 'open' },
    });
  }

  /** For ever: also one that a create still running is about to add. */
  public async closePool(name: string, now: number): Promise<void> {
    await this.update(name, POOL, { set: { name, state: 'closed', [timeToLive]: secondsAt(now + CHIME_MEETING_POOL_LIMITS.meetingLifetime) } });
  }

  public async findPools(prefix: string): Promise<PoolItem[]> {
    const found: PoolItem[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page: { Items?: Record<string, unknown>[]; LastEvaluatedKey?: Record<string, unknown> } = await this.send(new ScanCommand({
        TableName: this.options.tableName,
        FilterExpression: '#item = :pool AND begins_with(#pool, :prefix)',
        ExpressionAttributeNames: { '#pool': partitionKey, '#item': sortKey },
        ExpressionAttributeValues: { ':pool': POOL, ':prefix': prefix },
        ConsistentRead: true,
        ExclusiveStartKey,
      }));
      found.push(...(page.Items ?? []).map(toPool));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return found;
  }

  /** Nobody else fills the pool until then, or until it is unlocked. */
  public async lock(name: string, holder: string, now: number, until: number): Promise<boolean> {
    return this.holds(new UpdateCommand({
      ...this.key(name, POOL),
      UpdateExpression: 'SET refillUntil = :until, refillBy = :holder',
      ConditionExpression: '#state = :open AND (attribute_not_exists(refillUntil) OR refillUntil <= :now OR refillBy = :holder)',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':until': until, ':holder': holder, ':now': now, ':open': 'open' },
    }));
  }

  public async unlock(name: string, holder: string): Promise<void> {
    await this.update(name, POOL, { set: { refillUntil: 0 }, onlyIf: { refillBy: holder } });
  }

  /** All but leases, and without join tokens. */
  public async contents(name: string): Promise<Contents> {
    const names = ['token', 'life', 'slot', 'generation', 'settingsHash', 'attemptedAt', 'meetingId', 'createdAt', 'endsAt', 'seenBy', 'leaseToken', 'lookedAt'];
    const items: Record<string, unknown>[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page: { Items?: Record<string, unknown>[]; LastEvaluatedKey?: Record<string, unknown> } = await this.send(new QueryCommand({
        TableName: this.options.tableName,
        // Leases, of which there may be many, come before.
        KeyConditionExpression: '#pool = :pool AND #item >= :meetings',
        ProjectionExpression: ['#item', ...names.map((attribute) => `#${attribute}`)].join(', '),
        ExpressionAttributeNames: { '#pool': partitionKey, '#item': sortKey, ...Object.fromEntries(names.map((attribute) => [`#${attribute}`, attribute])) },
        ExpressionAttributeValues: { ':pool': name, ':meetings': meetingKey('') },
        ConsistentRead: true,
        ExclusiveStartKey,
      }));
      items.push(...page.Items ?? []);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    const of = (prefix: string) => items.filter((item) => String(item[sortKey]).startsWith(prefix));
    return { slots: of('slot#') as unknown as SlotItem[], meetings: of('meeting#') as unknown as MeetingItem[] };
  }

  // The lives of meetings

  /** All of them or none: the intents of the next generation of each slot, if the pool is open. Those whose slot somebody else has moved on are left out. */
  public async intend(pool: PoolItem, fills: Fill[], intentOf: (fill: Fill) => Intent, now: number): Promise<Intended> {
    if (fills.length === 0) return { fills };
    const items = fills.flatMap((fill): TransactItem[] => {
      const { token, request } = intentOf(fill);
      const { slot, seenBy } = fill;
      const intent = { token, life: 'creating', slot, settingsHash: pool.settingsHash, attemptedAt: now, request: JSON.stringify(request) };
      return [
        { Put: this.putNew(pool.name, meetingKey(token), { ...intent, [timeToLive]: secondsAt(now + KEPT) }) },
        {
          Update: {
            ...this.key(pool.name, slotKey(slot)),
            UpdateExpression: `SET slot = :slot, generation = :next, #token = :token${seenBy ? ', seenBy = :seenBy' : ''}`,
            ConditionExpression: fill.generation === 0 ? 'attribute_not_exists(generation)' : 'generation = :generation',
            ExpressionAttributeNames: { '#token': 'token' },
            ExpressionAttributeValues: {
              ':slot': slot,
              ':next': fill.generation + 1,
              ':token': token,
              ...fill.generation === 0 ? {} : { ':generation': fill.generation },
              ...seenBy ? { ':seenBy': seenBy } : {},
            },
          },
        },
      ];
    });
    const reasons = await this.transact([this.ifOpen(pool.name), ...items]);
    if (!reasons) return { fills };
    const failed = reasons.map(({ Code }) => Code === 'ConditionalCheckFailed');
    if (failed[0]) return 'closed';
    const left = fills.filter((_, index) => !failed[1 + 2 * index] && !failed[2 + 2 * index]);
    return left.length < fills.length ? this.intend(pool, left, intentOf, now) : 'conflict';
  }

  /** False: somebody else has given it up meanwhile, and the meeting has to be ended. */
  public async markReady(pool: PoolItem, made: Made, attendees: Attendee[]): Promise<boolean> {
    const endsAt = made.createdAt + CHIME_MEETING_POOL_LIMITS.emptyMeetingLifetime;
    // Without them the checkout asks the service.
    const isStored = attendees.length > 0 && JSON.stringify(attendees).length <= LARGEST_ATTENDEES;
    return withholding(attendees.map(({ JoinToken = '' }) => JoinToken), () => this.note(pool.name, made, {
      life: 'ready',
      [readyIndex.partitionKey]: pool.name,
      seenBy: pool.operation,
      ...isStored ? { attendees: JSON.stringify(attendees) } : {},
      [timeToLive]: secondsAt(endsAt + KEPT),
    }));
  }

  public async markLeased(poolName: string, made: Made): Promise<boolean> {
    return this.note(poolName, made, { life: 'leased', [timeToLive]: endOfLease(made.createdAt) });
  }

  /** False: it was leased meanwhile, or is gone. */
  public async retire(poolName: string, token: string): Promise<boolean> {
    return this.update(poolName, meetingKey(token), { set: { life: 'retired' }, remove: [readyIndex.partitionKey, 'meeting', 'attendees'], onlyIf: { life: 'ready' } });
  }

  /** Takes over an intent that nobody works on; `attemptedAt` proves in the end that nobody else has. */
  public async abandon(poolName: string, { token, attemptedAt }: MeetingItem, now: number): Promise<MeetingRequest | undefined> {
    const command = new UpdateCommand({
      ...this.key(poolName, meetingKey(token)),
      UpdateExpression: 'SET life = :abandoned, attemptedAt = :now',
      ConditionExpression: 'attemptedAt = :seen AND (life = :creating OR life = :abandoned)',
      ExpressionAttributeValues: { ':abandoned': 'abandoned', ':creating': 'creating', ':now': now, ':seen': attemptedAt },
      ReturnValues: 'ALL_NEW',
    });
    const { Attributes } = await this.unlessRefused(() => this.send<{ Attributes?: Record<string, string> }>(command)) ?? {};
    return Attributes && JSON.parse(Attributes.request);
  }

  public async markSeen(poolName: string, token: string, operation: string): Promise<void> {
    await this.update(poolName, meetingKey(token), { set: { seenBy: operation }, onlyIf: { token } });
  }

  public async markLookedAt(poolName: string, token: string, now: number): Promise<void> {
    await this.update(poolName, meetingKey(token), { set: { lookedAt: now }, onlyIf: { life: 'leased' } });
  }

  public async markEnded(poolName: string, token: string, now: number): Promise<void> {
    await this.update(poolName, meetingKey(token), {
      set: { life: 'ended', [timeToLive]: secondsAt(now + KEPT) },
      remove: [readyIndex.partitionKey, 'meeting', 'attendees', 'request'],
      onlyIf: { token },
    });
  }

  /** As it was seen: what has changed since is left for another look. */
  public async forget(poolName: string, { token, life, attemptedAt }: Pick<MeetingItem, 'token' | 'life' | 'attemptedAt'>): Promise<void> {
    await this.holds(new DeleteCommand({
      ...this.key(poolName, meetingKey(token)),
      ConditionExpression: 'life = :life AND attemptedAt = :attemptedAt',
      ExpressionAttributeValues: { ':life': life, ':attemptedAt': attemptedAt },
    }));
  }

  public async dropSlot(poolName: string, { slot, generation }: SlotItem): Promise<void> {
    await this.holds(new DeleteCommand({
      ...this.key(poolName, slotKey(slot)),
      ConditionExpression: 'generation = :generation',
      ExpressionAttributeValues: { ':generation': generation },
    }));
  }

  // Checkout

  /** Those that will not end before the given time, as the index knows them, which lags a little. */
  public async ready(poolName: string, endsAfter: number): Promise<ReadyMeeting[]> {
    const { Items = [] } = await this.send<{ Items?: Record<string, string>[] }>(new QueryCommand({
      TableName: this.options.tableName,
      IndexName: readyIndex.name,
      KeyConditionExpression: '#pool = :pool AND #endsAt >= :endsAfter',
      ExpressionAttributeNames: { '#pool': readyIndex.partitionKey, '#endsAt': readyIndex.sortKey },
      ExpressionAttributeValues: { ':pool': poolName, ':endsAfter': endsAfter },
      Limit: READY_PAGE,
    }));
    return Items.map(toReady);
  }

  /** A ready meeting becomes that of the caller's token, in one step for both. `replaced`: the meeting of the token so far, which has ended. */
  public async lease(poolName: string, token: string, lease: LeaseRequest, now: number): Promise<Leased> {
    const reasons = await this.transact([
      {
        Update: {
          ...this.key(poolName, meetingKey(token)),
          UpdateExpression: `SET life = :leased, leaseToken = :leaseToken, #expires = :expires REMOVE ${readyIndex.partitionKey}, attendees`,
          ConditionExpression: 'life = :ready',
          ExpressionAttributeNames: { '#expires': timeToLive },
          ExpressionAttributeValues: { ':leased': 'leased', ':ready': 'ready', ':leaseToken': lease.clientRequestToken, ':expires': endOfLease(now) },
        },
      },
      { Put: this.putLease(poolName, token, lease, now) },
    ]);
    return outcomeOf(reasons, { meeting: 0, lease: 1 });
  }

  /** The intent of a meeting that is the caller's from the start, if the pool is open. */
  public async leaseOnTheSpot(
    pool: PoolItem, request: MeetingRequest, lease: LeaseRequest, now: number,
  ): Promise<Leased> {
    const token = request.ClientRequestToken;
    const intent = { token, life: 'creating', settingsHash: pool.settingsHash, attemptedAt: now, request: JSON.stringify(request), leaseToken: lease.clientRequestToken };
    const reasons = await this.transact([
      this.ifOpen(pool.name),
      { Put: this.putNew(pool.name, meetingKey(token), { ...intent, [timeToLive]: secondsAt(now + KEPT) }) },
      { Put: this.putLease(pool.name, token, lease, now) },
    ]);
    return reasons?.[0]?.Code === 'ConditionalCheckFailed' ? { outcome: 'closed' } : outcomeOf(reasons, { meeting: 1, lease: 2 });
  }

  /** Nothing came of it. */
  public async cancelLease(poolName: string, token: string, clientRequestToken: string): Promise<void> {
    await this.transact([
      {
        Delete: {
          ...this.key(poolName, meetingKey(token)), ConditionExpression: 'life = :creating', ExpressionAttributeValues: { ':creating': 'creating' },
        },
      },
      {
        Delete: {
          ...this.key(poolName, leaseKey(clientRequestToken)),
          ConditionExpression: '#token = :token',
          ExpressionAttributeNames: { '#token': 'token' },
          ExpressionAttributeValues: { ':token': token },
        },
      },
    ]);
  }

  /** With what its service said of it, once it was made. */
  public async meeting(poolName: string, token: string): Promise<WholeMeeting | undefined> {
    const { Item } = await this.send(new GetCommand({ ...this.key(poolName, meetingKey(token)), ConsistentRead: true }));
    if (!Item) return undefined;
    const { meeting, request, ...rest } = Item as unknown as MeetingItem & { meeting?: string; request?: string };
    return { ...rest, ...meeting ? { meeting: JSON.parse(meeting) } : {}, ...request ? { request: JSON.parse(request) } : {} };
  }

  public async forgetLease(poolName: string, clientRequestToken: string, token: string): Promise<void> {
    await this.holds(new DeleteCommand({
      ...this.key(poolName, leaseKey(clientRequestToken)),
      ConditionExpression: '#token = :token',
      ExpressionAttributeNames: { '#token': 'token' },
      ExpressionAttributeValues: { ':token': token },
    }));
  }

  /** What came of an intent. False: the intent is not there any more, and this is not what came of it either. */
  private async note(poolName: string, { token, createdAt, meeting }: Made, attributes: Record<string, unknown>): Promise<boolean> {
    const noted = await this.update(poolName, meetingKey(token), {
      set: {
        ...attributes,
        meetingId: meeting.MeetingId,
        meeting: JSON.stringify(meeting),
        createdAt,
        endsAt: createdAt + CHIME_MEETING_POOL_LIMITS.emptyMeetingLifetime,
      },
      remove: ['request'],
      onlyIf: { life: 'creating' },
    });
    // The answer to a first attempt may have been lost.
    return noted || (await this.meeting(poolName, token))?.meetingId === meeting.MeetingId;
  }

  private ifOpen(poolName: string): TransactItem {
    return {
      ConditionCheck: {
        ...this.key(poolName, POOL),
        ConditionExpression: '#state = :open',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':open': 'open' },
      },
    };
  }

  private putNew(poolName: string, item: string, attributes: Record<string, unknown>) {
    return {
      TableName: this.options.tableName,
      Item: { [partitionKey]: poolName, [sortKey]: item, ...attributes },
      ConditionExpression: 'attribute_not_exists(#item)',
      ExpressionAttributeNames: { '#item': sortKey },
    };
  }

  private putLease(
    poolName: string, token: string, { clientRequestToken, replaced }: LeaseRequest, now: number,
  ) {
    return {
      TableName: this.options.tableName,
      Item: { [partitionKey]: poolName, [sortKey]: leaseKey(clientRequestToken), clientRequestToken, token, [timeToLive]: endOfLease(now) },
      ...replaced === undefined
        ? {
          // Time to live may be late.
          ConditionExpression: 'attribute_not_exists(#key) OR #key < :now',
          ExpressionAttributeNames: { '#key': timeToLive },
          ExpressionAttributeValues: { ':now': secondsAt(now) },
        }
        : {
          ConditionExpression: '#key = :replaced',
          ExpressionAttributeNames: { '#key': 'token' },
          ExpressionAttributeValues: { ':replaced': replaced },
        },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    };
  }

  private async update(
    poolName: string, item: string,
    { set, remove = [], onlyIf = {} }: { set: Record<string, unknown>; remove?: string[]; onlyIf?: Record<string, unknown> },
  ): Promise<boolean> {
    const names = [...new Set([...Object.keys(set), ...remove, ...Object.keys(onlyIf)])];
    const assignments = Object.keys(set).map((name) => `#${name} = :${name}`);
    const conditions = Object.keys(onlyIf).map((name) => `#${name} = :if_${name}`);
    return this.holds(new UpdateCommand({
      ...this.key(poolName, item),
      UpdateExpression: `SET ${assignments.join(', ')}${remove.length > 0 ? ` REMOVE ${remove.map((name) => `#${name}`).join(', ')}` : ''}`,
      ...conditions.length > 0 ? { ConditionExpression: conditions.join(' AND ') } : {},
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
        ...Object.fromEntries(Object.entries(onlyIf).map(([name, value]) => [`:if_${name}`, value])),
      },
    }));
  }

  /** Why it was refused, item by item; undefined: it was carried out. */
  private async transact(TransactItems: TransactItem[]): Promise<Reason[] | undefined> {
    try {
      await this.send(new TransactWriteCommand({ TransactItems }));
      return undefined;
    } catch (error) {
      const { name, CancellationReasons } = error as { name?: string; CancellationReasons?: Reason[] };
      if (name === 'TransactionCanceledException' && CancellationReasons) return CancellationReasons;
      throw error;
    }
  }

  private async holds(command: object): Promise<boolean> {
    return await this.unlessRefused(() => this.send(command)) !== undefined;
  }

  private async unlessRefused<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if ((error as Error).name === 'ConditionalCheckFailedException') return undefined;
      throw error;
    }
  }

  private key(poolName: string, item: string) {
    return { TableName: this.options.tableName, Key: { [partitionKey]: poolName, [sortKey]: item } };
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  private send<T = any>(command: object): Promise<T> {
    return this.options.client.send(command as never, { abortSignal: this.options.abortSignal }) as Promise<T>;
  }
}

interface Reason {
  readonly Code?: string;
  readonly Item?: Record<string, unknown>;
}

function outcomeOf(reasons: Reason[] | undefined, at: { meeting: number; lease: number }): Leased {
  if (!reasons) return { outcome: 'leased' };
  const { Code, Item } = reasons[at.lease] ?? {};
  if (Code === 'ConditionalCheckFailed') return { outcome: 'exists', token: textOf(Item?.token) };
  return { outcome: reasons[at.meeting]?.Code === 'ConditionalCheckFailed' ? 'taken' : 'conflict' };
}

/** What comes with a refusal the document client leaves as the service has it. */
function textOf(attribute: unknown): string | undefined {
  return typeof attribute === 'object' ? (attribute as { S?: string } | null)?.S : attribute as string | undefined;
}

function toPool({ settings, ...item }: Record<string, unknown>): PoolItem {
  return { ...item, ...settings ? { settings: JSON.parse(settings as string) } : {} } as unknown as PoolItem;
}

function toReady({ token, meeting, attendees }: Record<string, string>): ReadyMeeting {
  return { token, meeting: JSON.parse(meeting), attendees: attendees ? JSON.parse(attendees) : [] };
}

/** Nothing lives longer than a day. */
function endOfLease(from: number): number {
  return secondsAt(from + CHIME_MEETING_POOL_LIMITS.meetingLifetime + KEPT);
}

function secondsAt(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

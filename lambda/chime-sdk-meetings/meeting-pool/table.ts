import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type Attributes, type CancellationReason, type Condition, conditionInput, ItemTable, type ItemTableOptions, type ItemUpdate, type TransactItem } from './item-table';
import type { MeetingItem, PoolItem, SlotItem } from './items';
import { type Attendee, keyOf, type Meeting } from './meetings';
import type { Contents, Fill } from './plan';
import type { MeetingRequest } from './settings';
import { CHIME_MEETING_POOL_LIMITS, POOL_TABLE } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { type ErrorClass, TransientError, withholding } from '../../engine/error-classes';
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

/**
 * Large enough that concurrent checkouts rarely choose the same meeting. A page of 100 meetings reads about 200 KB, or 25 of the 3,000 read units
 * that one partition has per second.
 */
const READY_PAGE_SIZE = 100;

/** Characters of the attendees with their join tokens. An item holds 400 KB in total. */
const MAX_ATTENDEES_LENGTH = 300_000;

/** Milliseconds after which DynamoDB deletes an item that no function has deleted. */
const RETENTION = 3_600_000;

const POOL = 'pool';
const slotKey = (slot: number) => `slot#${String(slot).padStart(4, '0')}`;
const meetingKey = (token: string) => `meeting#${token}`;
/** Sorts before the meetings, so that reading the contents of a pool reads no join tokens. The index doesn't contain the item. */
const attendeesKey = (token: string) => `attendees#${token}`;
const leaseKey = (clientRequestToken: string) => `lease#${clientRequestToken}`;

type Names = Readonly<Record<string, string>>;

/** The attributes whose names, which deployed tables hold, differ from the names of the properties. */
const ATTRIBUTE_NAMES: Names = { state: 'life', checkedAt: 'lookedAt', verifiedBy: 'seenBy' };
const PROPERTY_NAMES: Names = Object.fromEntries(Object.entries(ATTRIBUTE_NAMES).map(([property, attribute]) => [attribute, property]));

/** A ready meeting with all that a checkout needs. */
export interface ReadyMeeting {
  readonly token: string;
  readonly endsAt: number;
  readonly meeting: Meeting;
  /** The attendees that the pool invites into every meeting, with their join tokens. */
  readonly attendees: Attendee[];
  /** The number of reserved attendees. */
  readonly reserved: number;
}

/** The attendees of a new meeting, with their join tokens. */
export interface ReadyAttendees {
  /** The attendees that the pool invites into every meeting. */
  readonly attendees: Attendee[];
  readonly reserved?: Attendee[];
}

/** The record of a meeting with the service's description of it. */
export interface MeetingRecord extends MeetingItem {
  /** Undefined for an intent. */
  readonly meeting?: Meeting;
  /** The create request of an intent. */
  readonly request?: MeetingRequest;
  /** The users to whom the reserved attendees are assigned, in the order of the attendees. Undefined: the lease assigned none. */
  readonly assigned?: string[];
}

export interface MeetingCreation {
  readonly token: string;
  readonly createdAt: number;
  readonly meeting: Meeting;
}

export interface LeaseRequest {
  readonly clientRequestToken: string;
  /** The token of the previous meeting of this lease, which has ended. */
  readonly replaced?: string;
  /** The users to whom the lease assigns reserved attendees. Undefined: the meeting has none. */
  readonly assigned?: readonly string[];
}

export type LeaseOutcome =
  | { readonly outcome: 'leased' }
  /** Another checkout has leased the meeting. */
  | { readonly outcome: 'alreadyLeased' }
  /** Another transaction writes to the meeting now: another checkout is leasing it. */
  | { readonly outcome: 'beingLeased' }
  /** The caller's token has a lease already. The token of its meeting is undefined if DynamoDB has just deleted that lease. */
  | { readonly outcome: 'tokenInUse'; readonly token?: string }
  /** Another transaction writes to the same items, such as a concurrent call with the same token. Or the table throttles the transaction. */
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'closed' };

export type WrittenIntents = { readonly fills: Fill[] } | 'closed' | 'conflict';

/** One client per function. */
export function tableClient(region: string): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region,
    maxAttempts: 3,
    requestHandler: REQUEST_HANDLER,
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** The reads and writes of the pools in a table. Every write can be repeated, and returns whether it took effect. */
export class PoolTable {
  private readonly items: ItemTable;

  constructor(options: ItemTableOptions) {
    this.items = new ItemTable(options);
  }

  // The pool

  public async pool(name: string): Promise<PoolItem | undefined> {
    const item = await this.items.get(name, POOL);
    return item && toPool(item);
  }

  /** Adds an open pool, unless the table has an open or closed pool of this name. */
  public async addPool(pool: PoolItem): Promise<boolean> {
    return this.items.add(pool.name, POOL, { ...pool, settings: JSON.stringify(pool.settings) });
  }

  public async changePool(pool: PoolItem): Promise<boolean> {
    const { operation, size, settings, settingsHash, minimumRemainingLifetime } = pool;
    return this.items.update(pool.name, POOL, {
      set: { operation, size, settings: JSON.stringify(settings), settingsHash, minimumRemainingLifetime },
      onlyIf: { state: 'open' },
    });
  }

  /** Closes the pool permanently. A create that is still running can't add it any more. */
  public async closePool(name: string, now: number): Promise<void> {
    await this.items.update(name, POOL, { set: { name, state: 'closed', [timeToLive]: secondsAt(now + CHIME_MEETING_POOL_LIMITS.meetingLifetime) } });
  }

  public async findPools(prefix: string): Promise<PoolItem[]> {
    const items = await this.items.scan({
      FilterExpression: '#item = :pool AND begins_with(#pool, :prefix)',
      ExpressionAttributeNames: { '#pool': partitionKey, '#item': sortKey },
      ExpressionAttributeValues: { ':pool': POOL, ':prefix': prefix },
    });
    return items.map(toPool);
  }

  /** Keeps other functions from filling the pool until the given time, or until `unlock`. */
  public async lock(name: string, holder: string, now: number, until: number): Promise<boolean> {
    return this.items.isConditionMet(new UpdateCommand({
      ...this.items.key(name, POOL),
      UpdateExpression: 'SET refillUntil = :until, refillBy = :holder',
      ConditionExpression: '#state = :open AND (attribute_not_exists(refillUntil) OR refillUntil <= :now OR refillBy = :holder)',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':until': until, ':holder': holder, ':now': now, ':open': 'open' },
    }));
  }

  public async unlock(name: string, holder: string): Promise<void> {
    await this.items.update(name, POOL, { set: { refillUntil: 0 }, onlyIf: { refillBy: holder } });
  }

  /** All slots and meetings, without leases and join tokens. */
  public async contents(name: string): Promise<Contents> {
    const names = ['token', 'life', 'slot', 'generation', 'settingsHash', 'attemptedAt', 'meetingId', 'createdAt', 'endsAt', 'seenBy', 'leaseToken', 'lookedAt', 'reserved'];
    const items = await this.items.query({
      // The leases, which may be many, sort before the meetings.
      KeyConditionExpression: '#pool = :pool AND #item >= :meetings',
      ProjectionExpression: ['#item', ...names.map((attribute) => `#${attribute}`)].join(', '),
      ExpressionAttributeNames: { '#pool': partitionKey, '#item': sortKey, ...Object.fromEntries(names.map((attribute) => [`#${attribute}`, attribute])) },
      ExpressionAttributeValues: { ':pool': name, ':meetings': meetingKey('') },
    });
    const ofKind = (prefix: string) => items.filter((item) => String(item[sortKey]).startsWith(prefix)).map(toProperties);
    return { slots: ofKind('slot#') as unknown as SlotItem[], meetings: ofKind('meeting#') as unknown as MeetingItem[] };
  }

  // The states of meetings

  /**
   * Writes the intents of the next generation of each slot, if the pool is open: all or none. Slots that another function has
   * filled meanwhile are left out.
   */
  public async writeIntents(pool: PoolItem, fills: Fill[], requestOf: (fill: Fill) => MeetingRequest, now: number): Promise<WrittenIntents> {
    if (fills.length === 0) return { fills };
    const items = fills.flatMap((fill): TransactItem[] => {
      const request = requestOf(fill);
      const { slot, generation, verifiedBy } = fill;
      const nextGeneration = toAttributes({ slot, generation: generation + 1, token: request.ClientRequestToken, verifiedBy });
      return [
        { Put: this.newIntent(pool, request, { slot }, now) },
        { Update: this.items.updateInput(pool.name, slotKey(slot), { set: nextGeneration, onlyIf: { generation: generation || undefined } }) },
      ];
    });
    const reasons = await this.items.transact([this.ifOpen(pool.name), ...items]);
    if (!reasons) return { fills };
    const failed = reasons.map(hasFailedCondition);
    if (failed[0]) return 'closed';
    const left = fills.filter((_, index) => !failed[1 + 2 * index] && !failed[2 + 2 * index]);
    return left.length < fills.length ? this.writeIntents(pool, left, requestOf, now) : 'conflict';
  }

  /**
   * Returns false if another function has abandoned the intent meanwhile. The caller must then end the meeting. Throws a transient error if another
   * transaction writes to the record, or if the table throttles the transaction.
   */
  public async markReady(pool: PoolItem, created: MeetingCreation, { attendees, reserved = [] }: ReadyAttendees): Promise<boolean> {
    const endsAt = created.createdAt + CHIME_MEETING_POOL_LIMITS.emptyMeetingLifetime;
    // If the item has no attendees, the checkout reads them from the service.
    const isStored = attendees.length > 0 && JSON.stringify(attendees).length <= MAX_ATTENDEES_LENGTH;
    return withholding([...attendees, ...reserved].map(({ JoinToken = '' }) => JoinToken), () => this.recordCreation(pool.name, created, {
      state: 'ready',
      [readyIndex.partitionKey]: pool.name,
      verifiedBy: pool.operation,
      ...isStored ? { attendees: JSON.stringify(attendees) } : {},
      ...reserved.length > 0 ? { reserved: reserved.length } : {},
      [timeToLive]: secondsAt(endsAt + RETENTION),
    }, reserved));
  }

  public async markLeased(poolName: string, created: MeetingCreation): Promise<boolean> {
    return this.recordCreation(poolName, created, { state: 'leased', [timeToLive]: endOfLease(created.createdAt) });
  }

  /** Returns false if a caller has leased the meeting meanwhile, or if its record doesn't exist. */
  public async retire(poolName: string, token: string): Promise<boolean> {
    return this.updateMeeting(poolName, token, { state: 'retired' }, { state: 'ready' }, [readyIndex.partitionKey, 'meeting', 'attendees']);
  }

  /** Takes over an intent that no function works on. `attemptedAt` proves that no other function has taken it over meanwhile. */
  public async abandon(poolName: string, { token, attemptedAt }: MeetingItem, now: number): Promise<MeetingRequest | undefined> {
    const abandoned = await this.items.updateAndGet(poolName, meetingKey(token), {
      set: toAttributes({ state: 'abandoned', attemptedAt: now }),
      onlyIf: toAttributes({ state: ['creating', 'abandoned'], attemptedAt }),
    });
    return abandoned && JSON.parse(abandoned.request as string);
  }

  public async markVerified(poolName: string, token: string, operation: string): Promise<void> {
    await this.updateMeeting(poolName, token, { verifiedBy: operation }, { token });
  }

  public async markChecked(poolName: string, token: string, now: number): Promise<void> {
    await this.updateMeeting(poolName, token, { checkedAt: now }, { state: 'leased' });
  }

  public async markEnded(poolName: string, { token, reserved }: Pick<MeetingItem, 'token' | 'reserved'>, now: number): Promise<void> {
    if (reserved) await this.deleteAttendees(poolName, token);
    const ended = { state: 'ended', [timeToLive]: secondsAt(now + RETENTION) };
    await this.updateMeeting(poolName, token, ended, { token }, [readyIndex.partitionKey, 'meeting', 'attendees', 'request']);
  }

  /** Deletes the record if it is unchanged since it was read. Otherwise the next reconciliation reads it again. */
  public async deleteRecord(
    poolName: string, { token, state, attemptedAt, reserved }: Pick<MeetingItem, 'token' | 'state' | 'attemptedAt' | 'reserved'>,
  ): Promise<void> {
    if (reserved) await this.deleteAttendees(poolName, token);
    await this.items.delete(poolName, meetingKey(token), toAttributes({ state, attemptedAt }));
  }

  public async deleteSlot(poolName: string, { slot, generation }: SlotItem): Promise<void> {
    await this.items.delete(poolName, slotKey(slot), { generation });
  }

  // Checkout

  /**
   * A page of the ready meetings that end after the given time, as the index shows them. The index lags slightly. In a large pool, half of the pages
   * start with the meetings that end first and half with those that end last, so that concurrent checkouts choose among all meetings.
   */
  public async ready(poolName: string, endsAfter: number): Promise<ReadyMeeting[]> {
    const items = await this.items.queryIndex({
      IndexName: readyIndex.name,
      KeyConditionExpression: '#pool = :pool AND #endsAt >= :endsAfter',
      ExpressionAttributeNames: { '#pool': readyIndex.partitionKey, '#endsAt': readyIndex.sortKey },
      ExpressionAttributeValues: { ':pool': poolName, ':endsAfter': endsAfter },
      ScanIndexForward: Math.random() < 0.5,
      Limit: READY_PAGE_SIZE,
    });
    return items.map(toReady);
  }

  /** Leases a ready meeting to the caller's token, and assigns its reserved attendees. Meeting and lease change in one transaction. */
  public async lease(poolName: string, token: string, lease: LeaseRequest, now: number): Promise<LeaseOutcome> {
    const assigned = lease.assigned && { assigned: lease.assigned, assignedKeys: lease.assigned.map(keyOf) };
    const leased = { state: 'leased', leaseToken: lease.clientRequestToken, ...assigned, [timeToLive]: endOfLease(now) };
    const reasons = await this.items.transact([
      {
        Update: this.items.updateInput(poolName, meetingKey(token), {
          set: toAttributes(leased), remove: [readyIndex.partitionKey, 'attendees'], onlyIf: toAttributes({ state: 'ready' }),
        }),
      },
      { Put: this.leaseInput(poolName, token, lease, now) },
    ]);
    const isBeingLeased = reasons?.[0].Code === 'TransactionConflict' && reasons[1].Code === 'None';
    return isBeingLeased ? { outcome: 'beingLeased' } : outcomeOf(reasons, { meeting: 0, lease: 1 });
  }

  /**
   * Assigns the next reserved attendees of a leased meeting. Returns all assignments, or `undefined` if too few attendees are left, or if a concurrent
   * call has assigned an attendee to one of the users.
   */
  public async assign(poolName: string, { token, reserved = 0 }: MeetingRecord, users: readonly string[]): Promise<string[] | undefined> {
    const keys = users.map(keyOf);
    const isAssigned = keys.map((_, index) => `contains(#assignedKeys, :key${index})`);
    const updated = await this.items.updateIf(new UpdateCommand({
      ...this.items.key(poolName, meetingKey(token)),
      UpdateExpression: 'SET #assigned = list_append(#assigned, :users), #assignedKeys = list_append(#assignedKeys, :keys)',
      ConditionExpression: ['#life = :leased', 'size(#assigned) <= :mostAssigned', ...isAssigned.map((condition) => `NOT ${condition}`)].join(' AND '),
      ExpressionAttributeNames: { '#life': 'life', '#assigned': 'assigned', '#assignedKeys': 'assignedKeys' },
      ExpressionAttributeValues: {
        ':leased': 'leased',
        ':users': users,
        ':keys': keys,
        ':mostAssigned': reserved - users.length,
        ...Object.fromEntries(keys.map((key, index) => [`:key${index}`, key])),
      },
      ReturnValues: 'ALL_NEW',
    }));
    return updated?.assigned as string[] | undefined;
  }

  /** The reserved attendees of a meeting with their join tokens. Undefined if the table doesn't have them. */
  public async reservedAttendees(poolName: string, token: string): Promise<Attendee[] | undefined> {
    const item = await this.items.get(poolName, attendeesKey(token));
    return item && JSON.parse(item.attendees as string);
  }

  /** The token of the meeting that the caller's token has leased. */
  public async leasedToken(poolName: string, clientRequestToken: string): Promise<string | undefined> {
    const item = await this.items.get(poolName, leaseKey(clientRequestToken));
    return item?.token as string | undefined;
  }

  /** Writes the intent of an on-demand meeting, which is leased to the caller's token from the start, if the pool is open. */
  public async leaseOnDemand(pool: PoolItem, request: MeetingRequest, lease: LeaseRequest, now: number): Promise<LeaseOutcome> {
    const reasons = await this.items.transact([
      this.ifOpen(pool.name),
      { Put: this.newIntent(pool, request, { leaseToken: lease.clientRequestToken }, now) },
      { Put: this.leaseInput(pool.name, request.ClientRequestToken, lease, now) },
    ]);
    return hasFailedCondition(reasons?.[0]) ? { outcome: 'closed' } : outcomeOf(reasons, { meeting: 1, lease: 2 });
  }

  /** Deletes intent and lease of an on-demand meeting that wasn't created. */
  public async cancelLease(poolName: string, token: string, clientRequestToken: string): Promise<void> {
    await this.items.transact([
      { Delete: this.items.deleteInput(poolName, meetingKey(token), toAttributes({ state: 'creating' })) },
      { Delete: this.items.deleteInput(poolName, leaseKey(clientRequestToken), { token }) },
    ]);
  }

  public async meeting(poolName: string, token: string): Promise<MeetingRecord | undefined> {
    const item = await this.items.get(poolName, meetingKey(token));
    if (!item) return undefined;
    const { meeting, request, ...rest } = toProperties(item) as unknown as MeetingItem & { meeting?: string; request?: string };
    return { ...rest, ...meeting ? { meeting: JSON.parse(meeting) } : {}, ...request ? { request: JSON.parse(request) } : {} };
  }

  public async deleteLease(poolName: string, clientRequestToken: string, token: string): Promise<void> {
    await this.items.delete(poolName, leaseKey(clientRequestToken), { token });
  }

  /** Records the meeting of an intent. Returns false if the intent is gone, and its record isn't of this meeting. */
  private async recordCreation(
    poolName: string, { token, createdAt, meeting }: MeetingCreation, properties: Attributes, reserved: Attendee[] = [],
  ): Promise<boolean> {
    const created = {
      ...properties,
      meetingId: meeting.MeetingId,
      meeting: JSON.stringify(meeting),
      createdAt,
      endsAt: createdAt + CHIME_MEETING_POOL_LIMITS.emptyMeetingLifetime,
    };
    const update = { set: toAttributes(created), onlyIf: toAttributes({ state: 'creating' }), remove: ['request'] };
    const isRecorded = reserved.length > 0
      ? await this.recordWithAttendees(poolName, token, update, reserved, createdAt)
      : await this.items.update(poolName, meetingKey(token), update);
    // After a lost response the repeated write doesn't meet its condition.
    return isRecorded || (await this.meeting(poolName, token))?.meetingId === meeting.MeetingId;
  }

  /** Meeting and join tokens are written in one transaction, so that no join tokens exist without their meeting. */
  private async recordWithAttendees(poolName: string, token: string, update: ItemUpdate, reserved: Attendee[], createdAt: number): Promise<boolean> {
    const attendees = this.items.item(poolName, attendeesKey(token), { attendees: JSON.stringify(reserved), [timeToLive]: endOfLease(createdAt) });
    const reasons = await this.items.transact([{ Update: this.items.updateInput(poolName, meetingKey(token), update) }, { Put: attendees }]);
    if (!reasons || hasFailedCondition(reasons[0])) return !reasons;
    throw new TransientError(`the meeting ${token} could not be recorded: ${reasons.map(({ Code }) => Code).join(', ')}`);
  }

  private async deleteAttendees(poolName: string, token: string): Promise<void> {
    await this.items.delete(poolName, attendeesKey(token), {});
  }

  private async updateMeeting(poolName: string, token: string, set: Attributes, onlyIf: Condition, remove: string[] = []): Promise<boolean> {
    return this.items.update(poolName, meetingKey(token), { set: toAttributes(set), onlyIf: toAttributes(onlyIf), remove });
  }

  private ifOpen(poolName: string): TransactItem {
    return {
      ConditionCheck: {
        ...this.items.key(poolName, POOL),
        ConditionExpression: '#state = :open',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':open': 'open' },
      },
    };
  }

  private newIntent({ name, settingsHash }: PoolItem, request: MeetingRequest, more: Pick<MeetingItem, 'slot' | 'leaseToken'>, now: number) {
    const token = request.ClientRequestToken;
    const intent = { token, state: 'creating', settingsHash, attemptedAt: now, request: JSON.stringify(request), ...more };
    return this.items.newItem(name, meetingKey(token), { ...toAttributes(intent), [timeToLive]: secondsAt(now + RETENTION) });
  }

  private leaseInput(poolName: string, token: string, { clientRequestToken, replaced }: LeaseRequest, now: number) {
    return {
      ...this.items.item(poolName, leaseKey(clientRequestToken), { clientRequestToken, token, [timeToLive]: endOfLease(now) }),
      ...replaced === undefined ? ifMissingOrExpired(now) : conditionInput({ token: replaced }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    };
  }
}

/** DynamoDB may delete an item days after its time to live. */
function ifMissingOrExpired(now: number) {
  return {
    ConditionExpression: 'attribute_not_exists(#key) OR #key < :now',
    ExpressionAttributeNames: { '#key': timeToLive },
    ExpressionAttributeValues: { ':now': secondsAt(now) },
  };
}

function outcomeOf(reasons: CancellationReason[] | undefined, at: { meeting: number; lease: number }): LeaseOutcome {
  if (!reasons) return { outcome: 'leased' };
  if (hasFailedCondition(reasons[at.lease])) return { outcome: 'tokenInUse', token: textOf(reasons[at.lease].Item?.token) };
  return { outcome: hasFailedCondition(reasons[at.meeting]) ? 'alreadyLeased' : 'conflict' };
}

/** Any other reason that cancels a transaction, such as a conflict or a throttled table, is transient, and says nothing about the item. */
function hasFailedCondition(reason: CancellationReason | undefined): boolean {
  return reason?.Code === 'ConditionalCheckFailed';
}

/** The document client doesn't unmarshall the item of a cancellation reason. */
function textOf(attribute: unknown): string | undefined {
  return typeof attribute === 'object' ? (attribute as { S?: string } | null)?.S : attribute as string | undefined;
}

function toAttributes(properties: Attributes): Attributes {
  return renamed(properties, ATTRIBUTE_NAMES);
}

function toProperties(attributes: Attributes): Attributes {
  return renamed(attributes, PROPERTY_NAMES);
}

function renamed(values: Attributes, names: Names): Attributes {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [names[name] ?? name, value]));
}

function toPool({ settings, ...item }: Attributes): PoolItem {
  return { ...item, ...settings ? { settings: JSON.parse(settings as string) } : {} } as unknown as PoolItem;
}

function toReady({ token, endsAt, meeting, attendees, reserved = 0 }: Attributes): ReadyMeeting {
  return {
    token: token as string,
    endsAt: endsAt as number,
    meeting: JSON.parse(meeting as string),
    attendees: attendees ? JSON.parse(attendees as string) : [],
    reserved: reserved as number,
  };
}

/** A meeting ends after 24 hours at the latest. */
function endOfLease(from: number): number {
  return secondsAt(from + CHIME_MEETING_POOL_LIMITS.meetingLifetime + RETENTION);
}

function secondsAt(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

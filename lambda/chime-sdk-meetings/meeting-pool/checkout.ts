import { type Assignments, assignmentsOf } from './assignments';
import { type CheckoutRequest, isAssignmentsRequest, parseAssignments, parseCheckout } from './checkout-request';
import type { PoolConnections } from './connections';
import type { PoolItem } from './items';
import { type Attendee, type AttendeeError, isMeetingLimit, keyOf, type Meeting, type MeetingsApi, type RetryThrottled } from './meetings';
import type { PoolMetrics } from './metrics';
import { isInProgress } from './plan';
import { PoolCache } from './pool-cache';
import { POOL_ERROR_CLASSES } from './pool-reconciler';
import { retryingConflicts } from './retry-conflicts';
import { retryingThrottled } from './retry-throttled';
import { type AttendeeRequest, type MeetingRequest, onDemandToken, requestOf, reservedUserId } from './settings';
import type { LeaseOutcome, LeaseRequest, MeetingRecord, PoolTable, ReadyMeeting } from './table';
import type { Clock } from '../../engine/clock';
import { classify, describeError, isOutcomeUnknown } from '../../engine/error-classes';
import type { Log } from '../../engine/log';
import { TimeBudget } from '../../engine/time-budget';

/** Seconds of one checkout: less than the timeout of the function. */
const RUN_TIME = 24;

/** The longest first pause between two attempts, in seconds. Each further pause is up to twice as long, and at most `RETRY_INTERVAL`. */
const FIRST_RETRY_INTERVAL = 0.05;

/** The longest pause between two attempts, in seconds. */
const RETRY_INTERVAL = 0.5;

/** The response, in the shape that the Chime SDK client libraries accept. */
export interface CheckedOut {
  readonly Meeting: Meeting;
  /**
   * The requested attendees, followed by those that the pool invites into every meeting. If the pool reserves attendees, each requested attendee has its
   * `RequestedUserId`.
   */
  readonly Attendees: (Attendee & { readonly RequestedUserId?: string })[];
  /** The users whom the service didn't accept as attendees. */
  readonly Errors?: AttendeeError[];
}

export interface CheckoutErrorResponse {
  readonly statusCode: number;
  readonly error: { readonly code: string; readonly message: string };
}

export interface CheckoutOptions {
  readonly poolName: string;
  readonly table: (abortSignal: AbortSignal) => PoolTable;
  readonly meetings: PoolConnections['meetings'];
  /** Invokes the maintainer. Undefined if the pool has none. */
  readonly refill?: () => Promise<void>;
  readonly metrics: PoolMetrics;
  readonly clock: Clock;
  readonly log: Log;
}

/** Checks out meetings, each to one caller. */
export class Checkout {
  private readonly cache: PoolCache;

  constructor(private readonly options: CheckoutOptions) {
    this.cache = new PoolCache(options);
  }

  public async answer(event: unknown, requestId: string): Promise<CheckedOut | Assignments | CheckoutErrorResponse> {
    const { clock } = this.options;
    const log = this.options.log.child({ requestId });
    const budget = new TimeBudget(clock, clock.now(), RUN_TIME);
    try {
      return await budget.run<CheckedOut | Assignments>(() => (
        isAssignmentsRequest(event) ? this.listAssignments(event, budget) : this.checkOut(event, requestId, budget, log)
      ));
    } catch (error) {
      // The end of the budget aborts the calls under way, whose errors say nothing.
      const { statusCode, code, message } = budget.signal.aborted && !(error instanceof CheckoutError) ? timedOut() : checkoutErrorOf(error);
      log.error('refused', { code, reason: message });
      return { statusCode, error: { code, message } };
    }
  }

  private async listAssignments(event: unknown, budget: TimeBudget): Promise<Assignments> {
    const request = parseAssignments(event);
    if ('findings' in request) throw invalidRequest(request.findings);
    const assignments = await assignmentsOf(this.options.table(budget.signal), this.options.poolName, request.clientRequestToken);
    if (!assignments) throw new CheckoutError(404, 'NotFound', 'no meeting is checked out with this clientRequestToken');
    return assignments;
  }

  private async checkOut(event: unknown, requestId: string, budget: TimeBudget, log: Log): Promise<CheckedOut> {
    const { cache } = this;
    const startedAt = this.options.clock.now();
    const table = this.options.table(budget.signal);
    const isCold = cache.pool === undefined;
    const refresh = cache.refresh(table);
    const logFailure = (name: string) => (error: unknown) => log.error(`${name} could not be read again`, { reason: describeError(error) });
    const refreshed = Promise.all([refresh.pool?.catch(logFailure('the pool')), refresh.ready?.catch(logFailure('the ready meetings'))]);
    try {
      const pool = cache.pool ?? await refresh.pool;
      if (pool?.state !== 'open') throw poolClosed(this.options.poolName);
      if (isCold) await refreshed;
      return await this.checkOutOf(pool, { event, requestId, startedAt, table, reading: isCold ? undefined : refresh.ready, budget, log });
    } finally {
      // Lambda freezes the function after its answer, and with it every call in progress.
      await refreshed;
    }
  }

  private async checkOutOf(pool: PoolItem, invocation: Invocation): Promise<CheckedOut> {
    const { clock, metrics } = this.options;
    const { cache } = this;
    const { event, requestId, startedAt, budget, log } = invocation;
    const request = parseCheckout(event, pool, requestId);
    if ('findings' in request) throw invalidRequest(request.findings);
    // A retry here costs fewer calls than a retry of the whole checkout by the caller.
    const retryThrottled = retryingThrottled(budget);
    const meetings = await this.options.meetings(pool, { abortSignal: budget.signal, retryThrottled });
    const run = new CheckoutRun({ ...this.options, ...invocation, cache, pool, request, meetings, retryThrottled });
    const { result, origin, createdAttendees } = await run.checkOut().catch((error) => {
      // The pool may have been closed since it was read.
      cache.forget();
      throw error;
    });
    metrics.checkedOut({
      milliseconds: clock.now() - startedAt,
      emptyPool: origin === 'onDemand',
      ...pool.settings.ReservedAttendees ? { createdAttendees } : {},
    });
    log.info('checked out', { MeetingId: result.Meeting.MeetingId, origin, attendees: result.Attendees.length, errors: result.Errors?.length ?? 0 });
    return result;
  }
}

interface Invocation {
  readonly event: unknown;
  readonly requestId: string;
  readonly startedAt: number;
  readonly table: PoolTable;
  /** A read of the ready meetings that is in progress. */
  readonly reading?: Promise<void>;
  readonly budget: TimeBudget;
  readonly log: Log;
}

/** The meeting that the caller's token leases. */
interface LeasedMeeting {
  readonly token: string;
  readonly meeting: Meeting;
  /** The attendees as far as known. Undefined: read them from the service. */
  readonly attendees?: Attendee[];
  /** The users to whom the reserved attendees are assigned, in the order of the attendees. Undefined: none is assigned. */
  readonly assigned?: readonly string[];
  /** The number of reserved attendees. */
  readonly reserved?: number;
  /** Attendees whose join tokens needn't be read from the service. */
  readonly known?: Attendee[];
  readonly errors?: AttendeeError[];
  /** `existing`: an earlier call with the same token has checked out the meeting. */
  readonly origin: 'ready' | 'onDemand' | 'existing';
}

interface CheckoutRunOptions extends Omit<CheckoutOptions, 'table' | 'meetings' | 'log'>, Invocation {
  readonly cache: PoolCache;
  readonly pool: PoolItem;
  readonly request: CheckoutRequest;
  readonly meetings: MeetingsApi;
  readonly retryThrottled: RetryThrottled;
}

/** One checkout. */
class CheckoutRun {
  /** The token of the previous meeting of the lease, which has ended. */
  private replaced?: string;
  private readonly tried = new Set<string>();
  private isFirstChoice = true;
  private refilled?: Promise<void>;
  private createdAttendees = 0;
  private pauses = 0;
  private reading?: Promise<void>;

  constructor(private readonly options: CheckoutRunOptions) {
    this.reading = options.reading;
  }

  public async checkOut(): Promise<{ result: CheckedOut; origin: LeasedMeeting['origin']; createdAttendees: number }> {
    const { table, pool, clock, budget } = this.options;
    while (budget.remaining > 0) {
      const leased = await this.leaseMeeting();
      if (!leased) continue;
      const inviting = this.invite(leased);
      await Promise.all([leased.origin === 'existing' ? undefined : this.refill(), inviting.catch(() => undefined)]);
      const result = await inviting;
      if (result) return { result, origin: leased.origin, createdAttendees: this.createdAttendees };
      await table.markEnded(pool.name, leased, clock.now());
      this.replaced = leased.token;
    }
    throw timedOut();
  }

  /** Returns `undefined` if another attempt may succeed. */
  private async leaseMeeting(): Promise<LeasedMeeting | undefined> {
    const { table, cache, pool, clock } = this.options;
    const ready = await this.chooseReady();
    if (!ready) return this.createOnDemand();
    this.tried.add(ready.token);
    const hasReserved = ready.reserved > 0;
    const isFirst = this.tried.size === 1;
    const assigned = hasReserved ? this.unassigned([]).slice(0, ready.reserved) : undefined;
    const leasing = table.lease(pool.name, ready.token, { ...this.leaseRequest(), assigned }, clock.now());
    const [reserved] = await Promise.all([
      hasReserved ? this.readReserved(ready.token) : [],
      // Usually no call to Amazon Chime follows that would take as long as the invocation. Without a lease, the maintainer finds nothing to do.
      hasReserved && isFirst ? this.refill() : undefined,
      leasing.catch(() => undefined),
    ]);
    const lease = await leasing;
    if (lease.outcome === 'leased' || lease.outcome === 'alreadyLeased') cache.markLeased(ready.token);
    if (lease.outcome !== 'leased') {
      // The maintainer may have run before the lease that succeeds later.
      if (isFirst) this.refilled = undefined;
      return this.handleFailedLease(lease);
    }
    // The item has no attendees if their join tokens are too long together.
    const lacksAttendees = ready.attendees.length === 0 && poolAttendeeIds(pool).length > 0;
    return { ...ready, attendees: lacksAttendees || !reserved ? undefined : [...ready.attendees, ...reserved], assigned, origin: 'ready' };
  }

  /** A failure costs a call to Amazon Chime, which knows the attendees, too. */
  private async readReserved(token: string): Promise<Attendee[] | undefined> {
    const { table, pool, log } = this.options;
    return table.reservedAttendees(pool.name, token).catch((error) => {
      log.error('the reserved attendees could not be read', { reason: describeError(error) });
      return undefined;
    });
  }

  /** The requested users to whom a reserved attendee may be assigned, in addition to those to whom one is assigned already. */
  private unassigned(assigned: readonly string[]): string[] {
    const { request, pool } = this.options;
    const known = new Set([...assigned, ...poolAttendeeIds(pool)].map(keyOf));
    return request.externalUserIds.filter((id) => !known.has(keyOf(id)));
  }

  /** Chooses from memory, and after one lost race from a new list. */
  private async chooseReady(): Promise<ReadyMeeting | undefined> {
    const { table, cache, pool } = this.options;
    const known = this.isFirstChoice ? cache.choose(pool, this.tried) : undefined;
    this.isFirstChoice = false;
    if (known) return known;
    await (this.reading ?? cache.readReady(table));
    this.reading = undefined;
    return cache.choose(pool, this.tried);
  }

  private async createOnDemand(): Promise<LeasedMeeting | undefined> {
    const { table, pool, request, clock, meetings } = this.options;
    const { Attendees = [] } = pool.settings;
    const first = [...Attendees, ...this.missing(Attendees)].slice(0, meetings.attendeesAtCreation);
    const now = clock.now();
    const creation = requestOf(pool.name, pool.settings, onDemandToken(pool.name, request.clientRequestToken, now), first);
    const lease = await table.leaseOnDemand(pool, creation, this.leaseRequest(), now);
    return lease.outcome === 'leased' ? this.create(creation, 'leaseholder') : this.handleFailedLease(lease);
  }

  private async handleFailedLease(lease: LeaseOutcome): Promise<LeasedMeeting | undefined> {
    if (lease.outcome === 'closed') throw poolClosed(this.options.pool.name);
    if (lease.outcome === 'conflict') await this.pause();
    if (lease.outcome !== 'tokenInUse') return undefined;
    if (lease.token !== undefined) return this.findExisting(lease.token);
    // DynamoDB has just deleted the expired lease.
    this.replaced = undefined;
    return undefined;
  }

  /** Finds the meeting that the caller's token has leased before, unless it has ended. */
  private async findExisting(token: string): Promise<LeasedMeeting | undefined> {
    const { table, pool, clock } = this.options;
    const record = await table.meeting(pool.name, token);
    if (record?.state === 'leased') return this.joinExisting(record);
    // The same request returns the same meeting, even while the first call still runs.
    if (record?.state === 'creating' && isInProgress(record, clock.now())) return this.create(record.request!, 'follower');
    if (record?.state === 'creating') await table.abandon(pool.name, record, clock.now());
    this.replaced = token;
    return undefined;
  }

  /** Assigns the next reserved attendees to the users who are new in the meeting. */
  private async joinExisting(record: MeetingRecord): Promise<LeasedMeeting | undefined> {
    const { table, pool, budget } = this.options;
    const { token, reserved = 0, assigned: before } = record;
    const leased = { token, meeting: record.meeting!, reserved, origin: 'existing' as const };
    // The meeting has no reserved attendees, or an earlier version of this function has leased it.
    if (before === undefined) return leased;
    const users = this.unassigned(before).slice(0, reserved - before.length);
    // A transaction conflicts with this write even if it is canceled, such as the lease of another environment that has read the meeting as ready.
    const assign = () => table.assign(pool.name, record, users);
    const [known, assigned] = await Promise.all([this.readReserved(token), users.length > 0 ? retryingConflicts(budget, assign) : before]);
    // A concurrent call has assigned an attendee to one of these users, or the last attendee.
    if (!assigned) return this.findExisting(token);
    return { ...leased, assigned, known };
  }

  /** Creates an on-demand meeting, either for its lease or to follow a call with the same token that is still creating the meeting. */
  private async create(creation: MeetingRequest, role: 'leaseholder' | 'follower'): Promise<LeasedMeeting | undefined> {
    const { table, pool, clock, meetings, retryThrottled, log } = this.options;
    const token = creation.ClientRequestToken;
    const createdAt = clock.now();
    const created = await retryThrottled(() => meetings.create(creation)).catch((error) => this.handleCreateError(error, token, role));
    if (!created) return undefined;
    const { meeting, attendees, errors } = created;
    if (await table.markLeased(pool.name, { token, createdAt, meeting })) return { token, meeting, attendees, errors, origin: 'onDemand' };
    log.info('ending a meeting whose intent was abandoned meanwhile', { MeetingId: meeting.MeetingId });
    await meetings.delete(meeting.MeetingId);
    return undefined;
  }

  private async handleCreateError(error: unknown, token: string, role: 'leaseholder' | 'follower'): Promise<undefined> {
    const { table, pool, request } = this.options;
    if (classify(error, POOL_ERROR_CLASSES) === 'conflict') return this.pause();
    // If the outcome is unknown, the next call with this token or the maintainer finds the meeting by the same request.
    if (role === 'leaseholder' && !isOutcomeUnknown(error)) await table.cancelLease(pool.name, token, request.clientRequestToken);
    throw isMeetingLimit(error) ? new CheckoutError(503, 'MeetingLimitExceeded', describeError(error)) : error;
  }

  /** Returns `undefined` if the meeting has ended. */
  private async invite(leased: LeasedMeeting): Promise<CheckedOut | undefined> {
    const { meetings, pool, request } = this.options;
    const { meeting, attendees, errors = [], known } = leased;
    const users = distinct([...request.externalUserIds, ...poolAttendeeIds(pool)]);
    const wanted = new Set(users.flatMap((user) => externalUserIdsOf(user, leased)).map(keyOf));
    const present = attendees ?? await meetings.attendees(meeting.MeetingId, ({ ExternalUserId }) => wanted.has(keyOf(ExternalUserId)), known);
    if (!present) return undefined;
    const attendeeOf = (user: string, among: readonly Attendee[]) => externalUserIdsOf(user, leased).map(keyOf)
      .flatMap((key) => among.find(({ ExternalUserId }) => keyOf(ExternalUserId) === key) ?? [])[0];
    // A second request for the same user may create a second attendee (unverified: F-44).
    const missing = this.missing(errors).filter(({ ExternalUserId }) => !attendeeOf(ExternalUserId, present));
    const invited = missing.length > 0 ? await meetings.invite(meeting.MeetingId, missing) : { attendees: [], errors: [] };
    if (!invited) return undefined;
    this.createdAttendees += invited.attendees.length;
    const all = [...present, ...invited.attendees];
    const isMapped = leased.assigned !== undefined || Boolean(pool.settings.ReservedAttendees);
    const requested = new Set(request.externalUserIds);
    const refused = [...errors, ...invited.errors];
    return {
      Meeting: meeting,
      Attendees: users.flatMap((user) => {
        const attendee = attendeeOf(user, all);
        if (!attendee) return [];
        return isMapped && requested.has(user) ? { ...attendee, RequestedUserId: user } : attendee;
      }),
      ...refused.length > 0 ? { Errors: refused } : {},
    };
  }

  private missing(present: readonly { readonly ExternalUserId: string }[]): AttendeeRequest[] {
    const known = new Set(present.map(({ ExternalUserId }) => keyOf(ExternalUserId)));
    return this.options.request.externalUserIds.filter((id) => !known.has(keyOf(id))).map((ExternalUserId) => ({ ExternalUserId }));
  }

  private leaseRequest(): LeaseRequest {
    return { clientRequestToken: this.options.request.clientRequestToken, replaced: this.replaced };
  }

  private async pause(): Promise<undefined> {
    const longest = Math.min(RETRY_INTERVAL, FIRST_RETRY_INTERVAL * 2 ** this.pauses);
    this.pauses += 1;
    if (!await this.options.budget.pause(longest * Math.random())) throw timedOut();
  }

  /**
   * Once per checkout, or twice if its first lease failed. If the invocation fails, the pool stays unfilled for at most a minute, until the scheduled
   * run of the maintainer.
   */
  private async refill(): Promise<void> {
    const { refill, log } = this.options;
    this.refilled ??= refill?.().catch((error) => log.error('the maintainer could not be invoked', { reason: describeError(error) }));
    await this.refilled;
  }
}

/**
 * The external user IDs under which a user can be in the meeting. If an application has deleted the reserved attendee of the user, the user gets an
 * attendee with the user's own ID.
 */
function externalUserIdsOf(user: string, { token, assigned = [] }: Pick<LeasedMeeting, 'token' | 'assigned'>): string[] {
  const index = assigned.map(keyOf).indexOf(keyOf(user));
  return index < 0 ? [user] : [reservedUserId(token, index), user];
}

/** The first of the IDs that are equal for the service. */
function distinct(ids: readonly string[]): string[] {
  const keys = ids.map(keyOf);
  return ids.filter((_, index) => keys.indexOf(keys[index]) === index);
}

function poolAttendeeIds({ settings }: PoolItem): string[] {
  return (settings.Attendees ?? []).map(({ ExternalUserId }) => ExternalUserId);
}

class CheckoutError extends Error {
  constructor(readonly statusCode: number, readonly code: string, message: string) {
    super(message);
  }
}

function invalidRequest(findings: string[]): CheckoutError {
  return new CheckoutError(400, 'InvalidRequest', findings.join('; '));
}

function timedOut(): CheckoutError {
  return new CheckoutError(503, 'Unavailable', 'no meeting was available in time; try again with the same clientRequestToken');
}

function poolClosed(poolName: string): CheckoutError {
  return new CheckoutError(410, 'PoolClosed', `the pool ${poolName} is closed, because it is being deleted or was deleted`);
}

function checkoutErrorOf(error: unknown): CheckoutError {
  if (error instanceof CheckoutError) return error;
  const message = describeError(error);
  switch (classify(error, POOL_ERROR_CLASSES)) {
    case 'throttled': return new CheckoutError(429, 'Throttled', `${message}; try again with the same clientRequestToken`);
    case 'busy':
    case 'conflict':
    case 'unreachable': return new CheckoutError(503, 'Unavailable', `${message}; try again with the same clientRequestToken`);
    default: return new CheckoutError(500, 'Failed', message);
  }
}

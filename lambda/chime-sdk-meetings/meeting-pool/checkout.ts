import { type CheckoutRequest, keyOf, parseCheckout } from './checkout-request';
import type { PoolConnections } from './connections';
import type { PoolItem } from './items';
import { type Attendee, type AttendeeError, isMeetingLimit, type Meeting, type MeetingsApi, type Patience } from './meetings';
import type { PoolMetrics } from './metrics';
import { patienceOf } from './patience';
import { isWorkedOn, leasableUntil } from './plan';
import { POOL_ERROR_CLASSES } from './pool-reconciler';
import { type AttendeeRequest, type MeetingRequest, requestOf, spotToken } from './settings';
import type { Leased, PoolTable, ReadyMeeting } from './table';
import type { Clock } from '../../engine/clock';
import { classify, describeError, isOutcomeUnknown } from '../../engine/error-classes';
import type { Log } from '../../engine/log';
import { TimeBudget } from '../../engine/time-budget';

/** Seconds; less than the function's timeout. */
const RUN = 24;

/** Milliseconds for which what the pool is desired to be is taken from memory. */
const REMEMBERED = 60_000;

/** Seconds between two attempts, at most. */
const TRY_AGAIN = 0.5;

/** As the Chime SDK client libraries take it. */
export interface CheckedOut {
  readonly Meeting: Meeting;
  /** Those asked for, then those that the pool invites into every meeting. */
  readonly Attendees: Attendee[];
  /** Those who could not be invited. */
  readonly Errors?: AttendeeError[];
}

export interface Refusal {
  readonly statusCode: number;
  readonly error: { readonly code: string; readonly message: string };
}

export interface CheckoutOptions {
  readonly poolName: string;
  readonly table: (abortSignal: AbortSignal) => PoolTable;
  readonly meetings: PoolConnections['meetings'];
  /** Absent: nobody refills the pool. */
  readonly refill?: () => Promise<void>;
  readonly metrics: PoolMetrics;
  readonly clock: Clock;
  readonly log: Log;
}

class Refused extends Error {
  constructor(readonly statusCode: number, readonly code: string, message: string) {
    super(message);
  }
}

/** The meeting of a caller's token. */
interface Held {
  readonly token: string;
  readonly meeting: Meeting;
  /** Who is in it already, as far as known; undefined: to be looked up. */
  readonly attendees?: Attendee[];
  readonly errors?: AttendeeError[];
  readonly origin: 'ready' | 'spot' | 'held';
}

/** Hands out meetings, each once. */
export class Checkout {
  private pool?: PoolItem;
  private readAt = 0;

  constructor(private readonly options: CheckoutOptions) {}

  public async answer(event: unknown, requestId: string): Promise<CheckedOut | Refusal> {
    const { clock } = this.options;
    const log = this.options.log.child({ requestId });
    const budget = new TimeBudget(clock, clock.now(), RUN);
    try {
      return await budget.run(() => this.checkOut(event, requestId, budget, log));
    } catch (error) {
      // The end of the time takes back what is under way.
      const late = budget.signal.aborted ? tooLate() : undefined;
      const { statusCode, code, message } = error instanceof Refused ? error : late ?? refusalOf(error);
      log.error('refused', { code, reason: message });
      return { statusCode, error: { code, message } };
    }
  }

  private async checkOut(event: unknown, requestId: string, budget: TimeBudget, log: Log): Promise<CheckedOut> {
    const { clock, metrics } = this.options;
    const startedAt = clock.now();
    const table = this.options.table(budget.signal);
    const pool = await this.poolOf(table, log);
    const request = parseCheckout(event, pool, requestId);
    if ('findings' in request) throw new Refused(400, 'InvalidRequest', request.findings.join('; '));
    // Whoever is turned away because of the rate comes again, and then costs more calls than waiting here does.
    const patiently = patienceOf(budget);
    const meetings = await this.options.meetings(pool, budget.signal, undefined, patiently);
    const one = new OneCheckout({ ...this.options, log, table, pool, request, budget, meetings, patiently });
    const { result, origin } = await one.run().catch((error) => {
      // It may have been closed since it was read.
      this.pool = undefined;
      throw error;
    });
    metrics.checkedOut({ milliseconds: clock.now() - startedAt, emptyPool: origin === 'spot' });
    log.info('checked out', { MeetingId: result.Meeting.MeetingId, origin, attendees: result.Attendees.length, errors: result.Errors?.length ?? 0 });
    return result;
  }

  /** From memory; what is old is read again for the next one, and does not hold up this one. */
  private async poolOf(table: PoolTable, log: Log): Promise<PoolItem> {
    const { clock, poolName } = this.options;
    const isOld = clock.now() - this.readAt >= REMEMBERED;
    if (this.pool && isOld) {
      this.readAt = clock.now();
      this.read(table).catch((error) => log.error('not read again', { reason: describeError(error) }));
    }
    const pool = this.pool ?? await this.read(table);
    if (pool?.state !== 'open') throw closed(poolName);
    return pool;
  }

  private async read(table: PoolTable): Promise<PoolItem | undefined> {
    this.pool = await table.pool(this.options.poolName);
    this.readAt = this.options.clock.now();
    return this.pool;
  }
}

interface OneCheckoutOptions extends Omit<CheckoutOptions, 'table' | 'meetings'> {
  readonly table: PoolTable;
  readonly pool: PoolItem;
  readonly request: CheckoutRequest;
  readonly meetings: MeetingsApi;
  readonly patiently: Patience;
  readonly budget: TimeBudget;
}

class OneCheckout {
  /** The meeting of the caller's token so far, which has ended. */
  private replaced?: string;
  private page: ReadyMeeting[] = [];
  /** The index lags: it goes on showing those that are taken. */
  private readonly tried = new Set<string>();

  constructor(private readonly options: OneCheckoutOptions) {}

  public async run(): Promise<{ result: CheckedOut; origin: Held['origin'] }> {
    const { table, pool, clock, budget } = this.options;
    while (budget.remaining > 0) {
      const held = await this.take();
      if (!held) continue;
      const [result] = await Promise.all([this.invite(held), held.origin === 'held' ? undefined : this.refill()]);
      if (result) return { result, origin: held.origin };
      await table.markEnded(pool.name, held.token, clock.now());
      this.replaced = held.token;
    }
    throw tooLate();
  }

  /** Undefined: another attempt may have one. */
  private async take(): Promise<Held | undefined> {
    const { table, pool, clock } = this.options;
    const ready = await this.choose();
    if (!ready) return this.takeOnTheSpot();
    this.tried.add(ready.token);
    const leased = await table.lease(pool.name, ready.token, this.lease(), clock.now());
    if (leased.outcome !== 'leased') return this.otherwise(leased);
    // Where the join tokens of the pool's own are too long together, the item is without them.
    const isWithout = ready.attendees.length === 0 && ownOf(pool).length > 0;
    return { ...ready, attendees: isWithout ? undefined : ready.attendees, origin: 'ready' };
  }

  /** At random: callers that see the same should not all want the same. */
  private async choose(): Promise<ReadyMeeting | undefined> {
    const { table, pool, clock } = this.options;
    if (this.page.length === 0) {
      const page = await table.ready(pool.name, leasableUntil(pool, clock.now()));
      this.page = page.filter(({ token }) => !this.tried.has(token));
    }
    return this.page.splice(Math.floor(Math.random() * this.page.length), 1)[0];
  }

  /** The pool is empty, which is no reason to turn anybody away. */
  private async takeOnTheSpot(): Promise<Held | undefined> {
    const { table, pool, request, clock, meetings } = this.options;
    const { Attendees = [] } = pool.settings;
    const first = [...Attendees, ...this.missing(Attendees)].slice(0, meetings.attendeesAtCreation);
    const now = clock.now();
    const creation = requestOf(pool.name, pool.settings, spotToken(pool.name, request.clientRequestToken, now), first);
    const leased = await table.leaseOnTheSpot(pool, creation, this.lease(), now);
    return leased.outcome === 'leased' ? this.make(creation, 'author') : this.otherwise(leased);
  }

  private async otherwise(leased: Leased): Promise<Held | undefined> {
    if (leased.outcome === 'closed') throw closed(this.options.pool.name);
    if (leased.outcome === 'conflict') await this.pause();
    if (leased.outcome !== 'exists') return undefined;
    // Taken out of the table by its time to live in this moment.
    if (leased.token === undefined) this.replaced = undefined;
    return leased.token === undefined ? undefined : this.hold(leased.token);
  }

  /** The caller has a meeting already, if it is alive. */
  private async hold(token: string): Promise<Held | undefined> {
    const { table, pool, clock } = this.options;
    const item = await table.meeting(pool.name, token);
    if (item?.life === 'leased') return { token, meeting: item.meeting!, origin: 'held' };
    // The same request gives the same meeting, also when the first one is still under way.
    if (item?.life === 'creating' && isWorkedOn(item, clock.now())) return this.make(item.request!, 'helper');
    if (item?.life === 'creating') await table.abandon(pool.name, item, clock.now());
    this.replaced = token;
    return undefined;
  }

  private async make(creation: MeetingRequest, as: 'author' | 'helper'): Promise<Held | undefined> {
    const { table, pool, clock, meetings, patiently, log } = this.options;
    const token = creation.ClientRequestToken;
    const createdAt = clock.now();
    const made = await patiently(() => meetings.create(creation)).catch((error) => this.failedToMake(error, token, as));
    if (!made) return undefined;
    const { meeting, attendees, errors } = made;
    if (await table.markLeased(pool.name, { token, createdAt, meeting })) return { token, meeting, attendees, errors, origin: 'spot' };
    log.info('ended at once: it was given up meanwhile', { MeetingId: meeting.MeetingId });
    await meetings.delete(meeting.MeetingId);
    return undefined;
  }

  private async failedToMake(error: unknown, token: string, as: 'author' | 'helper'): Promise<undefined> {
    const { table, pool, request } = this.options;
    if (classify(error, POOL_ERROR_CLASSES) === 'conflict') return this.pause();
    // What may exist is found by the same request, either by the caller's next or by the maintainer.
    if (as === 'author' && !isOutcomeUnknown(error)) await table.cancelLease(pool.name, token, request.clientRequestToken);
    throw isMeetingLimit(error) ? new Refused(503, 'MeetingLimitExceeded', describeError(error)) : error;
  }

  /** Undefined: the meeting has ended. */
  private async invite({ meeting, attendees, errors = [] }: Held): Promise<CheckedOut | undefined> {
    const { meetings, pool } = this.options;
    const asked = new Set([...this.options.request.externalUserIds, ...ownOf(pool)].map(keyOf));
    const present = attendees ?? await meetings.attendees(meeting.MeetingId, ({ ExternalUserId }) => asked.has(keyOf(ExternalUserId)));
    if (!present) return undefined;
    const missing = this.missing([...present, ...errors]);
    const invited = missing.length > 0 ? await meetings.invite(meeting.MeetingId, missing) : { attendees: [], errors: [] };
    if (!invited) return undefined;
    const byId = new Map([...present, ...invited.attendees].map((attendee) => [keyOf(attendee.ExternalUserId), attendee]));
    const refused = [...errors, ...invited.errors];
    return {
      Meeting: meeting,
      Attendees: [...asked].flatMap((key) => byId.get(key) ?? []),
      ...refused.length > 0 ? { Errors: refused } : {},
    };
  }

  private missing(present: readonly { readonly ExternalUserId: string }[]): AttendeeRequest[] {
    const known = new Set(present.map(({ ExternalUserId }) => keyOf(ExternalUserId)));
    return this.options.request.externalUserIds.filter((id) => !known.has(keyOf(id))).map((ExternalUserId) => ({ ExternalUserId }));
  }

  private lease() {
    return { clientRequestToken: this.options.request.clientRequestToken, replaced: this.replaced };
  }

  private async pause(): Promise<undefined> {
    if (!await this.options.budget.pause(TRY_AGAIN * Math.random())) throw tooLate();
  }

  /** A failure costs no more than the minute until the maintainer runs by itself. */
  private async refill(): Promise<void> {
    const { refill, log } = this.options;
    await refill?.().catch((error) => log.error('the maintainer was not called', { reason: describeError(error) }));
  }
}

function ownOf({ settings }: PoolItem): string[] {
  return (settings.Attendees ?? []).map(({ ExternalUserId }) => ExternalUserId);
}

function tooLate(): Refused {
  return new Refused(503, 'Unavailable', 'no meeting could be had in time; try again with the same clientRequestToken');
}

function closed(poolName: string): Refused {
  return new Refused(410, 'PoolClosed', `the pool ${poolName} is closed: it is being deleted, or was`);
}

function refusalOf(error: unknown): { statusCode: number; code: string; message: string } {
  const message = describeError(error);
  switch (classify(error, POOL_ERROR_CLASSES)) {
    case 'throttled': return { statusCode: 429, code: 'Throttled', message: `${message}; try again with the same clientRequestToken` };
    case 'busy':
    case 'conflict':
    case 'unreachable': return { statusCode: 503, code: 'Unavailable', message: `${message}; try again with the same clientRequestToken` };
    default: return { statusCode: 500, code: 'Failed', message };
  }
}

import type { MeetingItem, PoolItem } from './items';
import { type Invited, isMeetingLimit, type Meeting, MEETING_ERROR_CLASSES, type MeetingsApi } from './meetings';
import { type Fill, type Plan, planOf, type Purpose } from './plan';
import { type MeetingRequest, requestOf, slotToken } from './settings';
import { type Intent, type PoolTable, TABLE_ERROR_CLASSES } from './table';
import type { Clock } from '../../engine/clock';
import { concurrently } from '../../engine/concurrently';
import { type ErrorClass, classify, isOutcomeUnknown, TransientError, TerminalError } from '../../engine/error-classes';
import type { Log } from '../../engine/log';
import type { TimeBudget } from '../../engine/time-budget';

/** Of the pool's two services. */
export const POOL_ERROR_CLASSES: Record<string, ErrorClass> = { ...TABLE_ERROR_CLASSES, ...MEETING_ERROR_CLASSES };

/** All meeting operations together may be called 10 times a second in an account and region; two are left to the checkouts. */
export const CALLS_PER_SECOND = 8;

const CONCURRENCY = 5;

/** Slots in one transaction, whose meetings are then made in well under the time that is left. */
const BATCH = 16;

/** Seconds that a batch takes, unless the service is slow, and that one more attempt may take. */
const BATCH_TIME = 4;
const ATTEMPT_TIME = 2;

export interface PoolReconcilerOptions {
  readonly table: PoolTable;
  readonly meetings: MeetingsApi;
  readonly clock: Clock;
  readonly budget: TimeBudget;
  readonly log: Log;
}

/** What one look at the pool has found, and what came of it. */
export interface Reconciliation {
  readonly plan: Plan;
  /** Meetings that the service does not know any more. */
  readonly ended: number;
  readonly errors: unknown[];
}

/** Makes the pool what it is desired to be: safe to be stopped after every call, and to be done by several at once. */
export class PoolReconciler {
  private ended = 0;

  constructor(private readonly options: PoolReconcilerOptions) {}

  public async reconcile(pool: PoolItem, purpose: Purpose): Promise<Reconciliation> {
    const plan = planOf(pool, await this.options.table.contents(pool.name), this.options.clock.now(), purpose);
    this.ended = plan.forget.filter(({ meetingId }) => meetingId !== undefined).length;
    const errors = [
      ...await this.each(plan.end, (meeting) => this.end(pool.name, meeting)),
      ...await this.each(plan.verify, (meeting) => this.verify(pool, meeting)),
      ...await this.fillAll(pool, plan.fill),
      ...await this.each(plan.retire, async ({ token }) => { await this.options.table.retire(pool.name, token); }),
      ...await this.each(plan.resolve, (meeting) => this.resolve(pool.name, meeting)),
      ...await this.each(plan.look, (meeting) => this.look(pool.name, meeting)),
      ...await this.each(plan.forget, (meeting) => this.forget(pool.name, meeting)),
    ];
    return { plan, ended: this.ended, errors };
  }

  /** Not to be leased any more, then ended, then forgotten: in this order, so that nothing is forgotten that lives. */
  public async end(poolName: string, meeting: MeetingItem): Promise<void> {
    const { table, meetings } = this.options;
    if (meeting.life === 'ready' && !await table.retire(poolName, meeting.token)) return;
    await meetings.delete(meeting.meetingId!);
    await this.forget(poolName, { ...meeting, life: meeting.life === 'ready' ? 'retired' : meeting.life });
  }

  /** The meeting of an abandoned intent, if there is one, is found by the very same request, and ended. */
  public async resolve(poolName: string, intent: MeetingItem): Promise<void> {
    const { table, meetings, clock, log } = this.options;
    const attemptedAt = clock.now();
    const request = await table.abandon(poolName, intent, attemptedAt);
    if (!request) return;
    log.info('ending what an interrupted create may have made', { token: intent.token });
    const found = await meetings.create(request).catch(async (error) => {
      // Neither was there one, nor is there room for one.
      if (isMeetingLimit(error)) return undefined;
      // Where this has made none either, its end is still counted from the first attempt.
      if (!isOutcomeUnknown(error)) await table.abandon(poolName, { ...intent, attemptedAt }, intent.attemptedAt);
      throw error;
    });
    if (found) await meetings.delete(found.meeting.MeetingId);
    await this.forget(poolName, { ...intent, life: 'abandoned', attemptedAt });
  }

  /** With the caller's token that stands for it, if one does. */
  public async forget(poolName: string, meeting: MeetingItem): Promise<void> {
    if (meeting.leaseToken !== undefined) await this.options.table.forgetLease(poolName, meeting.leaseToken, meeting.token);
    await this.options.table.forget(poolName, meeting);
  }

  /** A few at a time, while there is time; tells what was thrown. */
  public each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<unknown[]> {
    return concurrently(CONCURRENCY, items, async (item) => {
      if (this.options.budget.remaining >= ATTEMPT_TIME) await work(item);
    });
  }

  private async verify(pool: PoolItem, { token, meetingId }: MeetingItem): Promise<void> {
    if (await this.options.meetings.get(meetingId!)) await this.options.table.markSeen(pool.name, token, pool.operation);
    else await this.markEnded(pool.name, token);
  }

  private async look(poolName: string, { token, meetingId }: MeetingItem): Promise<void> {
    if (await this.options.meetings.get(meetingId!)) await this.options.table.markLookedAt(poolName, token, this.options.clock.now());
    else await this.markEnded(poolName, token);
  }

  private async markEnded(poolName: string, token: string): Promise<void> {
    await this.options.table.markEnded(poolName, token, this.options.clock.now());
    this.ended += 1;
  }

  /** Batch by batch, as long as there is time for a whole one. */
  private async fillAll(pool: PoolItem, fills: Fill[]): Promise<unknown[]> {
    const { table, budget, clock } = this.options;
    const errors: unknown[] = [];
    // Settings that the service may refuse are tried in one slot, before the meetings of others are ended for them.
    const trial = fills.some(({ endFormer }) => endFormer !== 'never') ? 1 : BATCH;
    let longest = BATCH_TIME;
    for (let first = 0, next = trial; first < fills.length && budget.remaining > longest && !errors.some(isTerminal); first = next, next += BATCH) {
      const attemptedAt = clock.now();
      const intended = await table.intend(pool, fills.slice(first, next), (fill) => this.intentOf(pool, fill), attemptedAt);
      if (intended === 'closed') return [...errors, new TerminalError(`the pool ${pool.name} was closed: its resource is being deleted`)];
      if (intended === 'conflict') return [...errors, new TransientError('another function fills the pool at the same time')];
      errors.push(...await concurrently(CONCURRENCY, intended.fills, (fill) => this.fill(pool, fill, attemptedAt)));
      longest = Math.max(longest, (clock.now() - attemptedAt) / 1000);
    }
    return errors;
  }

  private intentOf(pool: PoolItem, { slot, generation }: Fill): Intent {
    const token = slotToken(pool.name, slot, generation + 1);
    const { Attendees = [] } = pool.settings;
    return { token, request: requestOf(pool.name, pool.settings, token, Attendees.slice(0, this.options.meetings.attendeesAtCreation)) };
  }

  /** Its intent is written. */
  private async fill(pool: PoolItem, fill: Fill, attemptedAt: number): Promise<void> {
    const { table, meetings, clock, log } = this.options;
    const { token, request } = this.intentOf(pool, fill);
    const createdAt = clock.now();
    const { meeting, attendees } = await this.make(pool, fill, request, { token, life: 'creating', settingsHash: pool.settingsHash, attemptedAt });
    if (!await table.markReady(pool, { token, createdAt, meeting }, attendees)) {
      log.info('ended at once: its intent was given up meanwhile', { token });
      await meetings.delete(meeting.MeetingId);
      return;
    }
    if (fill.endFormer === 'after') await this.end(pool.name, fill.former!);
    if (fill.endFormer === 'never' && fill.former) await table.retire(pool.name, fill.former.token);
  }

  /** A failure leaves either no intent, or one that the next look resolves. */
  private async make(pool: PoolItem, fill: Fill, request: MeetingRequest, intent: MeetingItem): Promise<{ meeting: Meeting } & Invited> {
    const { table, meetings, clock } = this.options;
    let made: ({ meeting: Meeting } & Invited) | undefined;
    try {
      made = await this.create(pool, fill, request);
      return await this.withAllAttendees(pool, made);
    } catch (error) {
      if (made) await meetings.delete(made.meeting.MeetingId);
      if (!made && isOutcomeUnknown(error)) await table.abandon(pool.name, intent, clock.now());
      else await table.forget(pool.name, intent);
      throw error;
    }
  }

  /** Again and again, with the same token, while there is time. */
  private async create(pool: PoolItem, fill: Fill, request: MeetingRequest): Promise<{ meeting: Meeting } & Invited> {
    const { meetings, budget } = this.options;
    let endsFormer = fill.endFormer === 'before';
    let hasEnded = false;
    let mayExist = false;
    for (;;) {
      try {
        if (endsFormer && !hasEnded) await this.end(pool.name, fill.former!);
        hasEnded = endsFormer;
        return await meetings.create(request);
      } catch (error) {
        mayExist ||= isOutcomeUnknown(error);
        if (isMeetingLimit(error) && fill.former && !endsFormer) {
          endsFormer = true;
        } else if (!isTransient(error) || !await pausesOf(budget).pause(1 + Math.random())) {
          throw Object.assign(error as Error, { isOutcomeUnknown: mayExist });
        }
      }
    }
  }

  private async withAllAttendees(pool: PoolItem, made: { meeting: Meeting } & Invited): Promise<{ meeting: Meeting } & Invited> {
    const rest = (pool.settings.Attendees ?? []).slice(this.options.meetings.attendeesAtCreation);
    const { meeting } = made;
    const invited = rest.length > 0 ? await this.options.meetings.invite(meeting.MeetingId, rest) : { attendees: [], errors: [] };
    if (!invited) throw new TransientError(`meeting ${meeting.MeetingId} has ended before it was ready`);
    const [refused] = [...made.errors, ...invited.errors];
    if (refused) throw Object.assign(new Error(`attendees: ${refused.ExternalUserId}: ${refused.ErrorMessage}`), { name: refused.ErrorCode });
    return { meeting, attendees: [...made.attendees, ...invited.attendees], errors: [] };
  }
}

/** Pauses of a call that is repeated, but for the time in which what was made in vain can still be ended. */
export function pausesOf(budget: TimeBudget): Pick<TimeBudget, 'pause'> {
  return { pause: async (seconds) => budget.remaining >= ATTEMPT_TIME + seconds && budget.pause(seconds) };
}

/** No repetition helps. */
export function isTerminal(error: unknown): boolean {
  return classify(error, POOL_ERROR_CLASSES) === 'terminal';
}

function isTransient(error: unknown): boolean {
  return ['busy', 'throttled', 'conflict', 'unreachable'].includes(classify(error, POOL_ERROR_CLASSES));
}

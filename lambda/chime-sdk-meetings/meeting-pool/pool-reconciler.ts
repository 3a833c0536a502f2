import type { MeetingItem, PoolItem } from './items';
import { type Attendee, type CreatedMeeting, isMeetingLimit, keyOf, MEETING_ERROR_CLASSES, type MeetingsApi } from './meetings';
import { type Fill, type Plan, planOf, type Purpose } from './plan';
import { retryingConflicts } from './retry-conflicts';
import { type MeetingRequest, requestOf, reservedUserIds, slotToken } from './settings';
import { type PoolTable, TABLE_ERROR_CLASSES } from './table';
import type { Clock } from '../../engine/clock';
import { concurrently } from '../../engine/concurrently';
import { type ErrorClass, classify, isOutcomeUnknown, TransientError, TerminalError } from '../../engine/error-classes';
import type { Log } from '../../engine/log';
import type { TimeBudget } from '../../engine/time-budget';

/** The errors of DynamoDB and Amazon Chime SDK meetings. */
export const POOL_ERROR_CLASSES: Record<string, ErrorClass> = { ...TABLE_ERROR_CLASSES, ...MEETING_ERROR_CLASSES };

/** An account may call all meeting operations together 10 times per second and region. Two of these calls are left to the checkouts. */
export const CALLS_PER_SECOND = 8;

const CONCURRENCY = 5;

/** Intents that one transaction writes. Their meetings are created well within the time budget. */
const BATCH_SIZE = 16;

/** The usual seconds of a batch. */
const BATCH_TIME = 4;

/** Seconds that one more call may take. */
const ATTEMPT_TIME = 2;

export interface PoolReconcilerOptions {
  readonly table: PoolTable;
  readonly meetings: MeetingsApi;
  readonly clock: Clock;
  readonly budget: TimeBudget;
  readonly log: Log;
}

export interface Reconciliation {
  readonly plan: Plan;
  /** The number of meetings that were observed to have ended. */
  readonly ended: number;
  readonly errors: unknown[];
}

/** Brings a pool to its desired state. It can stop after every call, and several functions can reconcile one pool at the same time. */
export class PoolReconciler {
  private ended = 0;

  constructor(private readonly options: PoolReconcilerOptions) {}

  public async reconcile(pool: PoolItem, purpose: Purpose): Promise<Reconciliation> {
    const plan = planOf(pool, await this.options.table.contents(pool.name), this.options.clock.now(), purpose);
    this.ended = plan.deleteRecords.filter(({ meetingId }) => meetingId !== undefined).length;
    const errors = [
      ...await this.each(plan.end, (meeting) => this.end(pool.name, meeting)),
      ...await this.each(plan.verify, (meeting) => this.verify(pool, meeting)),
      ...await this.fillAll(pool, plan.fill),
      ...await this.each(plan.retire, async ({ token }) => { await this.retire(pool.name, token); }),
      ...await this.each(plan.resolve, (meeting) => this.resolve(pool.name, meeting)),
      ...await this.each(plan.checkLeased, (meeting) => this.checkLeased(pool.name, meeting)),
      ...await this.each(plan.deleteRecords, (meeting) => this.deleteRecord(pool.name, meeting)),
    ];
    return { plan, ended: this.ended, errors };
  }

  /** Retires the meeting, ends it, and deletes its record, in this order: a record outlives its meeting. */
  public async end(poolName: string, meeting: MeetingItem): Promise<void> {
    const { meetings } = this.options;
    if (meeting.state === 'ready' && !await this.retire(poolName, meeting.token)) return;
    await meetings.delete(meeting.meetingId!);
    await this.deleteRecord(poolName, { ...meeting, state: meeting.state === 'ready' ? 'retired' : meeting.state });
  }

  /** Ends the meeting of an abandoned intent, if it exists. The same create request returns it. */
  public async resolve(poolName: string, intent: MeetingItem): Promise<void> {
    const { table, meetings, clock, log } = this.options;
    const attemptedAt = clock.now();
    const request = await table.abandon(poolName, intent, attemptedAt);
    if (!request) return;
    log.info('ending the meeting of an interrupted create, if it exists', { token: intent.token });
    const found = await meetings.create(request).catch(async (error) => {
      // At the quota the service returns an existing meeting, so none exists.
      if (isMeetingLimit(error)) return undefined;
      // This call created no meeting, so the lifetime still counts from the first attempt.
      if (!isOutcomeUnknown(error)) await table.abandon(poolName, { ...intent, attemptedAt }, intent.attemptedAt);
      throw error;
    });
    if (found) await meetings.delete(found.meeting.MeetingId);
    await this.deleteRecord(poolName, { ...intent, state: 'abandoned', attemptedAt });
  }

  /** Deletes the record of a meeting, and its lease if it has one. */
  public async deleteRecord(poolName: string, meeting: MeetingItem): Promise<void> {
    if (meeting.leaseToken !== undefined) await this.options.table.deleteLease(poolName, meeting.leaseToken, meeting.token);
    await this.options.table.deleteRecord(poolName, meeting);
  }

  /** Processes a few items at a time within the time budget, and returns the errors. */
  public each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<unknown[]> {
    return concurrently(CONCURRENCY, items, async (item) => {
      if (this.options.budget.remaining >= ATTEMPT_TIME) await work(item);
    });
  }

  /** Returns false if a checkout has leased the meeting meanwhile. While a checkout is leasing it, the write conflicts with the transaction. */
  private retire(poolName: string, token: string): Promise<boolean> {
    const { table, budget } = this.options;
    return retryingConflicts(retryPauses(budget), () => table.retire(poolName, token));
  }

  private async verify(pool: PoolItem, meeting: MeetingItem): Promise<void> {
    const { token, meetingId } = meeting;
    if (await this.options.meetings.get(meetingId!)) await this.options.table.markVerified(pool.name, token, pool.operation);
    else await this.markEnded(pool.name, meeting);
  }

  private async checkLeased(poolName: string, meeting: MeetingItem): Promise<void> {
    const { token, meetingId } = meeting;
    if (await this.options.meetings.get(meetingId!)) await this.options.table.markChecked(poolName, token, this.options.clock.now());
    else await this.markEnded(poolName, meeting);
  }

  private async markEnded(poolName: string, meeting: MeetingItem): Promise<void> {
    await this.options.table.markEnded(poolName, meeting, this.options.clock.now());
    this.ended += 1;
  }

  /** Fills the slots in batches, as long as the time budget has room for a whole batch. */
  private async fillAll(pool: PoolItem, fills: Fill[]): Promise<unknown[]> {
    const { table, budget, clock } = this.options;
    const errors: unknown[] = [];
    // The service may refuse new settings. They are tried in one slot before the meetings of other slots are ended for them.
    const firstBatch = fills.some(({ endPrevious }) => endPrevious !== 'never') ? 1 : BATCH_SIZE;
    let longest = BATCH_TIME;
    const canContinue = () => budget.remaining > longest && !errors.some(isTerminal);
    for (let first = 0, next = firstBatch; first < fills.length && canContinue(); first = next, next += BATCH_SIZE) {
      const attemptedAt = clock.now();
      const written = await table.writeIntents(pool, fills.slice(first, next), (fill) => this.requestFor(pool, fill), attemptedAt);
      if (written === 'closed') return [...errors, new TerminalError(`the pool ${pool.name} was closed: its resource is being deleted`)];
      if (written === 'conflict') return [...errors, new TransientError('another function fills the pool at the same time')];
      errors.push(...await concurrently(CONCURRENCY, written.fills, (fill) => this.fill(pool, fill, attemptedAt)));
      longest = Math.max(longest, (clock.now() - attemptedAt) / 1000);
    }
    return errors;
  }

  private requestFor(pool: PoolItem, { slot, generation }: Fill): MeetingRequest {
    const { Attendees = [] } = pool.settings;
    const token = slotToken(pool.name, slot, generation + 1);
    // The reserved attendees and the pool's own attendees together fit into one call: see the validation of the properties.
    const reserved = reservedUserIds(token, pool.settings).map((ExternalUserId) => ({ ExternalUserId }));
    return requestOf(pool.name, pool.settings, token, [...Attendees, ...reserved].slice(0, this.options.meetings.attendeesAtCreation));
  }

  /** Creates the meeting of a written intent. */
  private async fill(pool: PoolItem, fill: Fill, attemptedAt: number): Promise<void> {
    const { table, meetings, clock, budget, log } = this.options;
    const request = this.requestFor(pool, fill);
    const token = request.ClientRequestToken;
    const createdAt = clock.now();
    const { meeting, attendees } = await this.createForSlot(pool, fill, request, { token, state: 'creating', settingsHash: pool.settingsHash, attemptedAt });
    const reservedIds = new Set(reservedUserIds(token, pool.settings));
    const isReserved = ({ ExternalUserId }: Attendee) => reservedIds.has(ExternalUserId);
    const ready = { attendees: attendees.filter((attendee) => !isReserved(attendee)), reserved: attendees.filter(isReserved) };
    const isReady = await retryingConflicts(retryPauses(budget), () => table.markReady(pool, { token, createdAt, meeting }, ready));
    if (!isReady) {
      log.info('ending a meeting whose intent was abandoned meanwhile', { token });
      await meetings.delete(meeting.MeetingId);
      return;
    }
    if (fill.endPrevious === 'after') await this.end(pool.name, fill.previous!);
    if (fill.endPrevious === 'never' && fill.previous) await this.retire(pool.name, fill.previous.token);
  }

  /** A failure leaves no intent, or an intent that the next reconciliation resolves. */
  private async createForSlot(pool: PoolItem, fill: Fill, request: MeetingRequest, intent: MeetingItem): Promise<CreatedMeeting> {
    const { table, meetings, clock } = this.options;
    let created: CreatedMeeting | undefined;
    try {
      created = await this.createWithRetries(pool, fill, request);
      const invited = await this.inviteRemaining(pool, created);
      assertComplete(invited, pool, request.ClientRequestToken);
      return invited;
    } catch (error) {
      if (created) await meetings.delete(created.meeting.MeetingId);
      if (!created && isOutcomeUnknown(error)) await table.abandon(pool.name, intent, clock.now());
      else await table.deleteRecord(pool.name, intent);
      throw error;
    }
  }

  /** Retries the same request within the time budget. If the quota is reached, it ends the previous meeting of the slot first. */
  private async createWithRetries(pool: PoolItem, fill: Fill, request: MeetingRequest): Promise<CreatedMeeting> {
    const { meetings, budget } = this.options;
    let endsPrevious = fill.endPrevious === 'before';
    let hasEnded = false;
    let outcomeUnknown = false;
    for (;;) {
      try {
        if (endsPrevious && !hasEnded) await this.end(pool.name, fill.previous!);
        hasEnded = endsPrevious;
        return await meetings.create(request);
      } catch (error) {
        outcomeUnknown ||= isOutcomeUnknown(error);
        if (isMeetingLimit(error) && fill.previous && !endsPrevious) {
          endsPrevious = true;
        } else if (!isTransient(error) || !await retryPauses(budget).pause(1 + Math.random())) {
          throw Object.assign(error as Error, { isOutcomeUnknown: outcomeUnknown });
        }
      }
    }
  }

  /** Invites the attendees who didn't fit into the create call. */
  private async inviteRemaining(pool: PoolItem, created: CreatedMeeting): Promise<CreatedMeeting> {
    const rest = (pool.settings.Attendees ?? []).slice(this.options.meetings.attendeesAtCreation);
    const { meeting } = created;
    const invited = rest.length > 0 ? await this.options.meetings.invite(meeting.MeetingId, rest) : { attendees: [], errors: [] };
    if (!invited) throw new TransientError(`meeting ${meeting.MeetingId} has ended before it was ready`);
    const [refused] = [...created.errors, ...invited.errors];
    if (refused) throw Object.assign(new Error(`attendees: ${refused.ExternalUserId}: ${refused.ErrorMessage}`), { name: refused.ErrorCode });
    return { meeting, attendees: [...created.attendees, ...invited.attendees], errors: [] };
  }
}

/** The answer to a repeated create call may lack attendees or join tokens. A meeting without them can't be used. */
function assertComplete({ meeting, attendees }: CreatedMeeting, { settings }: PoolItem, token: string): void {
  const joinable = new Set(attendees.filter(({ JoinToken }) => JoinToken).map(({ ExternalUserId }) => keyOf(ExternalUserId)));
  const expected = [...(settings.Attendees ?? []).map(({ ExternalUserId }) => ExternalUserId), ...reservedUserIds(token, settings)];
  const missing = expected.find((externalUserId) => !joinable.has(keyOf(externalUserId)));
  if (missing !== undefined) throw new TransientError(`meeting ${meeting.MeetingId}: the service returned no join token for the attendee ${missing}`);
}

/** The pauses between retries. They leave time to end a meeting that can't be used. */
export function retryPauses(budget: TimeBudget): Pick<TimeBudget, 'pause'> {
  return { pause: async (seconds) => budget.remaining >= ATTEMPT_TIME + seconds && budget.pause(seconds) };
}

export function isTerminal(error: unknown): boolean {
  return classify(error, POOL_ERROR_CLASSES) === 'terminal';
}

function isTransient(error: unknown): boolean {
  return ['busy', 'throttled', 'conflict', 'unreachable'].includes(classify(error, POOL_ERROR_CLASSES));
}

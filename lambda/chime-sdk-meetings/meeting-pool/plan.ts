import type { MeetingItem, PoolItem, SlotItem } from './items';
import { CHIME_MEETING_POOL_LIMITS } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';

/** In milliseconds. */
export const POOL_TIMING = {
  /** Between two scheduled runs of the maintainer. A meeting without attendees ends after 5 minutes (unverified: F-45). */
  maintenanceInterval: 60_000,
  /** After this time no function can still be working on an intent. The longest function timeout is a minute. */
  intentTimeout: 90_000,
  /** Between a reading of the local clock and the time that the service counts from. */
  clockSlack: 60_000,
  quotaSlack: 5_000,
  /** The delay of a scheduled run that doesn't empty the pool. */
  scheduleDelay: 10_000,
  /** The longest time of a create call, with all its retries. */
  createTimeout: 30_000,
  /** Between two checks of a leased meeting. */
  leaseCheckInterval: 300_000,
} as const;

/** Leased meetings that one reconciliation checks. */
const MAX_LEASE_CHECKS = 50;

/**
 * - deploy: verify one meeting of each slot in this operation
 * - maintain: keep enough meetings ready until the next run
 */
export type Purpose = { readonly kind: 'deploy' } | { readonly kind: 'maintain'; readonly nextRun: number };

export interface Contents {
  readonly slots: SlotItem[];
  readonly meetings: MeetingItem[];
}

/** A slot that needs a new meeting. */
export interface Fill {
  readonly slot: number;
  /** The generation of the current meeting. */
  readonly generation: number;
  readonly verifiedBy?: string;
  /** The ready meeting that the new meeting replaces. */
  readonly previous?: MeetingItem;
  /** When to end the previous meeting, which costs a call. With `never` it ends by itself. */
  readonly endPrevious: 'before' | 'after' | 'never';
}

export interface Plan {
  readonly fill: Fill[];
  /** Meetings to end now. */
  readonly end: MeetingItem[];
  /** Ready meetings that must not be leased any more, and end by themselves. */
  readonly retire: MeetingItem[];
  /** Abandoned intents, whose meetings must be found and ended if they exist. */
  readonly resolve: MeetingItem[];
  /** Ready meetings whose existence the deployment must verify. */
  readonly verify: MeetingItem[];
  /** Leased meetings whose existence the maintainer must check. */
  readonly checkLeased: MeetingItem[];
  /** Records of meetings that have certainly ended. */
  readonly deleteRecords: MeetingItem[];
  /** The number of slots for which another function is creating a meeting. */
  readonly waiting: number;
  /** `reserved`: the reserved attendees of the ready meetings. */
  readonly count: { readonly ready: number; readonly leased: number; readonly remainingQuota: number; readonly reserved: number };
}

/** Pure: derives the necessary changes from the contents of the table. */
export function planOf(pool: PoolItem, contents: Contents, now: number, purpose: Purpose): Plan {
  const { slots, meetings } = contents;
  const byToken = new Map(meetings.map((meeting) => [meeting.token, meeting]));
  const bySlot = new Map(slots.map((slot) => [slot.slot, slot]));
  const decisions = Array.from({ length: pool.size }, (_, slot) => decideSlot(pool, slot, bySlot.get(slot), byToken, now, purpose));
  const fills = decisions.flatMap((decision) => decision.kind === 'fill' ? [decision.fill] : []);
  const kept = new Set(decisions.flatMap((decision) => decision.kind === 'fill' ? decision.fill.previous?.token ?? [] : decision.kept));

  const isSurplus = (meeting: MeetingItem) => (meeting.slot ?? 0) >= pool.size;
  const isOutdated = (meeting: MeetingItem) => meeting.settingsHash !== pool.settingsHash || isSurplus(meeting);
  const unused = meetings.filter((meeting) => meeting.state === 'ready' && !kept.has(meeting.token) && !isExpired(meeting, now));
  const retired = meetings.filter((meeting) => meeting.state === 'retired' && !isExpired(meeting, now));
  const remainingQuota = remainingQuotaOf(meetings, now);
  const leasable = meetings.filter((meeting) => isLeasable(meeting, pool, now));
  const room = makeRoom(fills, retired.filter((meeting) => !isOutdated(meeting) && !isProbablyExpired(meeting, now)), remainingQuota);
  return {
    fill: room.fills,
    end: [...[...unused, ...retired].filter(isOutdated), ...room.end],
    retire: unused.filter((meeting) => !isOutdated(meeting)),
    resolve: meetings.filter((meeting) => isIntent(meeting) && !isInProgress(meeting, now) && mayExist(meeting, now)),
    verify: decisions.flatMap((decision) => decision.kind === 'verify' ? [decision.meeting] : []),
    checkLeased: purpose.kind === 'maintain' ? leasedMeetingsToCheck(meetings, now) : [],
    deleteRecords: meetings.filter((meeting) => !mayExist(meeting, now)),
    waiting: decisions.filter(({ kind }) => kind === 'wait').length + meetings.filter((meeting) => isSurplus(meeting) && isInProgress(meeting, now)).length,
    count: {
      ready: leasable.length,
      leased: meetings.filter((meeting) => meeting.state === 'leased').length,
      remainingQuota,
      reserved: leasable.reduce((sum, { reserved = 0 }) => sum + reserved, 0),
    },
  };
}

/** `kept`: the tokens of the slot's meetings that stay ready. */
type SlotDecision =
  | { readonly kind: 'filled' | 'wait'; readonly kept: string[] }
  | { readonly kind: 'verify'; readonly kept: string[]; readonly meeting: MeetingItem }
  | { readonly kind: 'fill'; readonly fill: Fill };

function decideSlot(
  pool: PoolItem, slot: number, item: SlotItem | undefined, byToken: Map<string, MeetingItem>, now: number, purpose: Purpose,
): SlotDecision {
  const current = item && byToken.get(item.token);
  const kept = item ? [item.token] : [];
  const isVerified = item?.verifiedBy === pool.operation || current?.verifiedBy === pool.operation;
  if (current && isInProgress(current, now)) {
    // The previous meetings of the slot stay ready until the current one is.
    return { kind: 'wait', kept: [...kept, ...[...byToken.values()].filter((meeting) => meeting.slot === slot).map(({ token }) => token)] };
  }
  if (purpose.kind === 'deploy' && isVerified) return { kind: 'filled', kept };
  const previous = current?.state === 'ready' && !isExpired(current, now) ? current : undefined;
  const isCurrent = previous?.settingsHash === pool.settingsHash;
  if (previous && isCurrent && hasMinimumLifetimeAt(purpose.kind === 'maintain' ? purpose.nextRun : now, previous, pool)) {
    return purpose.kind === 'deploy' ? { kind: 'verify', kept, meeting: previous } : { kind: 'filled', kept };
  }
  const fill: Fill = {
    slot,
    generation: item?.generation ?? 0,
    endPrevious: previous && !isCurrent ? 'after' : 'never',
    ...isVerified ? { verifiedBy: pool.operation } : {},
    ...previous ? { previous } : {},
  };
  return { kind: 'fill', fill };
}

/** If the quota has no room for the new meetings in addition to the existing ones, meetings are ended first: retired ones before ready ones. */
function makeRoom(fills: Fill[], retired: MeetingItem[], remainingQuota: number): { fills: Fill[]; end: MeetingItem[] } {
  const missing = Math.max(0, fills.length - remainingQuota);
  const end = [...retired].sort((a, b) => a.endsAt! - b.endsAt!).slice(0, missing);
  let toEnd = missing - end.length;
  return {
    end,
    fills: fills.map((fill) => {
      if (toEnd <= 0 || !fill.previous) return fill;
      toEnd -= 1;
      return { ...fill, endPrevious: 'before' };
    }),
  };
}

/** The least recently checked meetings first. In its first five minutes a leased meeting isn't checked, because it doesn't end by itself. */
function leasedMeetingsToCheck(meetings: MeetingItem[], now: number): MeetingItem[] {
  return meetings
    .filter(({ state, endsAt, checkedAt = 0 }) => state === 'leased' && now >= endsAt! && now - checkedAt >= POOL_TIMING.leaseCheckInterval)
    .sort((a, b) => (a.checkedAt ?? 0) - (b.checkedAt ?? 0))
    .slice(0, MAX_LEASE_CHECKS);
}

function remainingQuotaOf(meetings: MeetingItem[], now: number): number {
  const counted = meetings.filter((meeting) => mayExist(meeting, now) && !isProbablyExpired(meeting, now));
  return Math.max(0, CHIME_MEETING_POOL_LIMITS.concurrentMeetings - counted.length);
}

export function isIntent({ state }: MeetingItem): boolean {
  return state === 'creating' || state === 'abandoned';
}

/** Whether a function may be creating the meeting now. */
export function isInProgress(meeting: MeetingItem, now: number): boolean {
  return meeting.state === 'creating' && now - meeting.attemptedAt < POOL_TIMING.intentTimeout;
}

/** The earliest end of a meeting that can be leased now. The maintainer keeps meetings ready that can still be leased if its next run is slightly late. */
export function leasableUntil({ minimumRemainingLifetime }: Pick<PoolItem, 'minimumRemainingLifetime'>, now: number): number {
  return now + minimumRemainingLifetime - POOL_TIMING.scheduleDelay;
}

export function isLeasable(meeting: MeetingItem, pool: Pick<PoolItem, 'minimumRemainingLifetime'>, now: number): boolean {
  return meeting.state === 'ready' && !isExpired(meeting, now) && meeting.endsAt! >= leasableUntil(pool, now);
}

function hasMinimumLifetimeAt(time: number, meeting: MeetingItem, { minimumRemainingLifetime }: Pick<PoolItem, 'minimumRemainingLifetime'>): boolean {
  return meeting.endsAt! - time >= minimumRemainingLifetime;
}

/** Whether a meeting that was never checked out has certainly ended. No attendee can have joined it. */
function isExpired({ endsAt }: MeetingItem, now: number): boolean {
  return endsAt! + POOL_TIMING.clockSlack <= now;
}

/** Used only to count the quota, where an error costs one more call. */
function isProbablyExpired({ state, endsAt }: MeetingItem, now: number): boolean {
  return (state === 'ready' || state === 'retired') && endsAt! + POOL_TIMING.quotaSlack <= now;
}

/** Whether the service may still know the meeting, as far as the table shows. */
export function mayExist(meeting: MeetingItem, now: number): boolean {
  switch (meeting.state) {
    // No caller has received the meeting of an intent.
    case 'creating':
      return now - meeting.attemptedAt < CHIME_MEETING_POOL_LIMITS.emptyMeetingLifetime + POOL_TIMING.intentTimeout;
    case 'abandoned':
      // `attemptedAt` was written just before the last create call, or after it.
      return now - meeting.attemptedAt < CHIME_MEETING_POOL_LIMITS.emptyMeetingLifetime + POOL_TIMING.createTimeout;
    case 'ready':
    case 'retired':
      return !isExpired(meeting, now);
    case 'leased':
      // Attendees may be in the meeting: only the service knows whether it has ended.
      return true;
    case 'ended':
      return false;
  }
}

import type { MeetingItem, PoolItem, SlotItem } from './items';
import { CHIME_MEETING_POOL_LIMITS } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';

export const POOL_TIMING = {
  /** Between two runs of the maintainer. */
  tick: 60_000,
  /** After this no function can still be working on an intent; the longest runs for a minute. */
  intent: 90_000,
  /** Between the reading of a clock here and what the service makes of it. */
  slack: 60_000,
  quotaSlack: 5_000,
  /** By which the maintainer may come late. */
  scheduleSlack: 10_000,
  /** In which a create is over, with all its repetitions. */
  call: 30_000,
  /** Between two looks at a leased meeting. */
  look: 300_000,
} as const;

/** Looks at leased meetings in one tick. */
const LARGEST_LOOK = 50;

/**
 * - deploy: until a meeting of each slot was seen alive in this operation
 * - maintain: so that enough are ready until the next run
 */
export type Purpose = { readonly kind: 'deploy' } | { readonly kind: 'maintain'; readonly nextRun: number };

export interface Contents {
  readonly slots: SlotItem[];
  readonly meetings: MeetingItem[];
}

/** A slot that needs another meeting. */
export interface Fill {
  readonly slot: number;
  /** The one that it had so far. */
  readonly generation: number;
  readonly seenBy?: string;
  /** Its current meeting, to be replaced. */
  readonly former?: MeetingItem;
  /** When the former one is to be ended, for which it costs a call; else it ends by itself. */
  readonly endFormer: 'before' | 'after' | 'never';
}

export interface Plan {
  readonly fill: Fill[];
  /** To be ended at once. */
  readonly end: MeetingItem[];
  /** To end by themselves. */
  readonly retire: MeetingItem[];
  /** Abandoned intents: whether they have made something is to be found out, and that to be ended. */
  readonly resolve: MeetingItem[];
  /** Of ready meetings, whether they are alive. */
  readonly verify: MeetingItem[];
  /** The same of leased ones. */
  readonly look: MeetingItem[];
  /** Over for sure. */
  readonly forget: MeetingItem[];
  /** Slots of which somebody else is making a meeting. */
  readonly waiting: number;
  readonly count: { readonly ready: number; readonly leased: number; readonly quotaLeft: number };
}

/** Pure: what the table holds in, what is to be done out. */
export function planOf(pool: PoolItem, contents: Contents, now: number, purpose: Purpose): Plan {
  const { slots, meetings } = contents;
  const byToken = new Map(meetings.map((meeting) => [meeting.token, meeting]));
  const bySlot = new Map(slots.map((slot) => [slot.slot, slot]));
  const desired = Array.from({ length: pool.size }, (_, slot) => judge(pool, slot, bySlot.get(slot), byToken, now, purpose));
  const fills = desired.flatMap((judged) => judged.kind === 'fill' ? [judged.fill] : []);
  const kept = new Set(desired.flatMap((judged) => judged.kind === 'fill' ? judged.fill.former?.token ?? [] : judged.keep));
  const surplus = meetings.filter((meeting) => (meeting.slot ?? 0) >= pool.size && isWorkedOn(meeting, now));

  const orphans = meetings.filter((meeting) => meeting.life === 'ready' && !kept.has(meeting.token) && !isOver(meeting, now));
  const retired = meetings.filter((meeting) => meeting.life === 'retired' && !isOver(meeting, now));
  const isUnwanted = (meeting: MeetingItem) => meeting.settingsHash !== pool.settingsHash || (meeting.slot ?? 0) >= pool.size;
  const counted = meetings.filter((meeting) => isPerhapsAlive(meeting, now) && !isProbablyOver(meeting, now));
  const quotaLeft = Math.max(0, CHIME_MEETING_POOL_LIMITS.concurrentMeetings - counted.length);
  const stopgap = madeRoom(fills, retired.filter((meeting) => !isUnwanted(meeting) && !isProbablyOver(meeting, now)), quotaLeft);
  return {
    fill: stopgap.fills,
    end: [...[...orphans, ...retired].filter(isUnwanted), ...stopgap.end],
    retire: orphans.filter((meeting) => !isUnwanted(meeting)),
    resolve: meetings.filter((meeting) => isIntent(meeting) && !isWorkedOn(meeting, now) && isPerhapsAlive(meeting, now)),
    verify: desired.flatMap((judged) => judged.kind === 'verify' ? [judged.meeting] : []),
    look: purpose.kind === 'maintain' ? looksOf(meetings, now) : [],
    forget: meetings.filter((meeting) => !isPerhapsAlive(meeting, now)),
    waiting: desired.filter(({ kind }) => kind === 'wait').length + surplus.length,
    count: {
      ready: meetings.filter((meeting) => isLeasable(meeting, pool, now)).length,
      leased: meetings.filter((meeting) => meeting.life === 'leased' && isPerhapsAlive(meeting, now)).length,
      quotaLeft,
    },
  };
}

type Judged =
  | { readonly kind: 'fine' | 'wait'; readonly keep: string[] }
  | { readonly kind: 'verify'; readonly keep: string[]; readonly meeting: MeetingItem }
  | { readonly kind: 'fill'; readonly fill: Fill };

function judge(pool: PoolItem, slot: number, item: SlotItem | undefined, byToken: Map<string, MeetingItem>, now: number, purpose: Purpose): Judged {
  const current = item && byToken.get(item.token);
  const keep = item ? [item.token] : [];
  const seen = item?.seenBy === pool.operation || current?.seenBy === pool.operation;
  if (current && isWorkedOn(current, now)) {
    // Until that one is ready, its former ones serve.
    return { kind: 'wait', keep: [...keep, ...[...byToken.values()].filter((meeting) => meeting.slot === slot).map(({ token }) => token)] };
  }
  if (purpose.kind === 'deploy' && seen) return { kind: 'fine', keep };
  const isCurrent = current?.life === 'ready' && !isOver(current, now) && current.settingsHash === pool.settingsHash;
  if (isCurrent && lasts(current, pool, purpose.kind === 'maintain' ? purpose.nextRun : now)) {
    return purpose.kind === 'deploy' ? { kind: 'verify', keep, meeting: current } : { kind: 'fine', keep };
  }
  const former = current?.life === 'ready' && !isOver(current, now) ? current : undefined;
  const fill: Fill = {
    slot,
    generation: item?.generation ?? 0,
    endFormer: former && !isCurrent ? 'after' : 'never',
    ...seen ? { seenBy: pool.operation } : {},
    ...former ? { former } : {},
  };
  return { kind: 'fill', fill };
}

/** Where the quota leaves no room for the new beside the old, the old go first: those that serve nobody before the others. */
function madeRoom(fills: Fill[], retired: MeetingItem[], quotaLeft: number): { fills: Fill[]; end: MeetingItem[] } {
  const missing = Math.max(0, fills.length - quotaLeft);
  const end = [...retired].sort((a, b) => a.endsAt! - b.endsAt!).slice(0, missing);
  let toEnd = missing - end.length;
  return {
    end,
    fills: fills.map((fill) => {
      if (toEnd <= 0 || !fill.former) return fill;
      toEnd -= 1;
      return { ...fill, endFormer: 'before' };
    }),
  };
}

/** Those not looked at for the longest time first; before it is five minutes old, a meeting that was leased tells nothing. */
function looksOf(meetings: MeetingItem[], now: number): MeetingItem[] {
  return meetings
    .filter((meeting) => meeting.life === 'leased' && isPerhapsAlive(meeting, now)
      && now >= meeting.endsAt! && now - (meeting.lookedAt ?? 0) >= POOL_TIMING.look)
    .sort((a, b) => (a.lookedAt ?? 0) - (b.lookedAt ?? 0))
    .slice(0, LARGEST_LOOK);
}

export function isIntent({ life }: MeetingItem): boolean {
  return life === 'creating' || life === 'abandoned';
}

/** Somebody is making it now. */
export function isWorkedOn(meeting: MeetingItem | undefined, now: number): boolean {
  return meeting?.life === 'creating' && now - meeting.attemptedAt < POOL_TIMING.intent;
}

/** Until when a meeting has to last at least to be leased now; what the maintainer counts on at its next run, it still is when that is a little late. */
export function leasableUntil({ minimumRemainingLifetime }: Pick<PoolItem, 'minimumRemainingLifetime'>, now: number): number {
  return now + minimumRemainingLifetime - POOL_TIMING.scheduleSlack;
}

export function isLeasable(meeting: MeetingItem, pool: Pick<PoolItem, 'minimumRemainingLifetime'>, now: number): boolean {
  return meeting.life === 'ready' && !isOver(meeting, now) && meeting.endsAt! >= leasableUntil(pool, now);
}

function lasts(meeting: MeetingItem, { minimumRemainingLifetime }: Pick<PoolItem, 'minimumRemainingLifetime'>, time: number): boolean {
  return meeting.endsAt! - time >= minimumRemainingLifetime;
}

/** Nobody was ever told of it, so that nobody can have come. */
function isOver({ endsAt }: MeetingItem, now: number): boolean {
  return endsAt! + POOL_TIMING.slack <= now;
}

/** For the quota, where an error costs one call more, the last seconds do not count. */
function isProbablyOver({ life, endsAt }: MeetingItem, now: number): boolean {
  return (life === 'ready' || life === 'retired') && endsAt! + POOL_TIMING.quotaSlack <= now;
}

/** As far as the table can tell. */
export function isPerhapsAlive(meeting: MeetingItem, now: number): boolean {
  switch (meeting.life) {
    // Of an intent nobody has learnt the meeting.
    case 'creating':
      return now - meeting.attemptedAt < CHIME_MEETING_POOL_LIMITS.emptyMeetingLifetime + POOL_TIMING.intent;
    case 'abandoned':
      // Noted just before the last call, or after it.
      return now - meeting.attemptedAt < CHIME_MEETING_POOL_LIMITS.emptyMeetingLifetime + POOL_TIMING.call;
    case 'ready':
    case 'retired':
      return !isOver(meeting, now);
    case 'leased':
      // People may be in it: only the service says when it has ended.
      return true;
    case 'ended':
      return false;
  }
}

import type { MeetingSettings } from './settings';

/** What the table of a pool holds: never more than the truth, for only the service knows which meetings are alive. Times in epoch milliseconds. */
export interface PoolItem {
  readonly name: string;
  /** Nothing is made for a closed one any more. */
  readonly state: 'open' | 'closed';
  /** Hash of the properties that cannot change. */
  readonly createOnly: string;
  /** Hash of the request that has last said what is desired. */
  readonly operation: string;
  readonly size: number;
  readonly settings: MeetingSettings;
  readonly settingsHash: string;
  readonly minimumRemainingLifetime: number;
  readonly namespace: string;
  readonly region: string;
}

/** One of the places of the pool: its meetings follow one another. */
export interface SlotItem {
  readonly slot: number;
  readonly generation: number;
  /** Of its current meeting. */
  readonly token: string;
  /** The operation that last saw a meeting of it alive. */
  readonly seenBy?: string;
}

/**
 * - creating: the intent, written before the call
 * - abandoned: an intent that nobody works on any more; there may be a meeting of it
 * - ready: to be leased
 * - leased: handed out, once
 * - retired: not to be leased any more; it ends by itself
 * - ended: the service does not know it any more
 */
export type Life = 'creating' | 'abandoned' | 'ready' | 'leased' | 'retired' | 'ended';

export interface MeetingItem {
  /** The ClientRequestToken that makes it. */
  readonly token: string;
  readonly life: Life;
  /** Absent: made on the spot. */
  readonly slot?: number;
  readonly settingsHash: string;
  /** When somebody last began to make it, or to find out what became of that. */
  readonly attemptedAt: number;
  readonly meetingId?: string;
  /** Just before the call, so that it ends no sooner than counted from here. */
  readonly createdAt?: number;
  /** When it ends if nobody comes. */
  readonly endsAt?: number;
  readonly seenBy?: string;
  /** The caller's token of a leased one. */
  readonly leaseToken?: string;
  readonly lookedAt?: number;
}

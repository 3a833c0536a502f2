import type { MeetingSettings } from './settings';

/* The items of a pool's table. Times are in epoch milliseconds. Only the service knows which meetings exist; the items record what the functions know of it. */

export interface PoolItem {
  readonly name: string;
  /** A closed pool gets no more meetings. */
  readonly state: 'open' | 'closed';
  /** The hash of the create-only properties. */
  readonly createOnly: string;
  /** The hash of the CloudFormation request that last wrote the desired state. */
  readonly operation: string;
  readonly size: number;
  readonly settings: MeetingSettings;
  readonly settingsHash: string;
  readonly minimumRemainingLifetime: number;
  readonly namespace: string;
  readonly region: string;
}

/** A slot has one current meeting; its meetings follow one another. */
export interface SlotItem {
  readonly slot: number;
  /** The number of meetings that the slot has had. */
  readonly generation: number;
  /** The token of the current meeting. */
  readonly token: string;
  /** The operation that last verified that a meeting of the slot exists. */
  readonly verifiedBy?: string;
}

/**
 * - creating: the intent, which is written before the create call
 * - abandoned: an intent that no function works on any more; its meeting may exist
 * - ready: can be leased
 * - leased: checked out, by one caller
 * - retired: can't be leased any more, and ends by itself
 * - ended: the service doesn't know the meeting any more
 */
export type MeetingState = 'creating' | 'abandoned' | 'ready' | 'leased' | 'retired' | 'ended';

export interface MeetingItem {
  /** The ClientRequestToken of the create call. */
  readonly token: string;
  readonly state: MeetingState;
  /** Undefined for an on-demand meeting. */
  readonly slot?: number;
  readonly settingsHash: string;
  /** The time when a function last began to create the meeting, or to resolve its intent. */
  readonly attemptedAt: number;
  readonly meetingId?: string;
  /** The time just before the create call. The meeting ends no sooner than counted from this time. */
  readonly createdAt?: number;
  /** The time when the meeting ends if no attendee joins. */
  readonly endsAt?: number;
  /** The operation that last verified that the meeting exists. */
  readonly verifiedBy?: string;
  /** The number of reserved attendees, whose join tokens are in an item of their own. Undefined: none. */
  readonly reserved?: number;
  /** The `clientRequestToken` of the caller that leased the meeting. */
  readonly leaseToken?: string;
  /** The time when the maintainer last checked that the leased meeting exists. */
  readonly checkedAt?: number;
}

import { createHash } from 'node:crypto';
import {
  type MeetingFeaturesProperty, type MeetingNotificationsProperty, type PoolAttendeeProperty, RESERVED_USER_PREFIX,
} from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';
import type { TagProperty } from '../../../src/private/contract';

export type AttendeeRequest = PoolAttendeeProperty;

/** The settings that all meetings of a pool are created with. */
export interface MeetingSettings {
  readonly MediaRegion: string;
  readonly MeetingFeatures?: MeetingFeaturesProperty;
  readonly NotificationsConfiguration?: MeetingNotificationsProperty;
  readonly TenantIds?: string[];
  readonly Tags: TagProperty[];
  readonly Attendees?: AttendeeRequest[];
  /** The number of attendees that are created with each meeting, and assigned to users at checkout. */
  readonly ReservedAttendees?: number;
}

/** The input of the create call in both namespaces. */
export interface MeetingRequest extends Omit<MeetingSettings, 'ReservedAttendees'> {
  readonly ClientRequestToken: string;
  readonly ExternalMeetingId: string;
}

/** Pure, so that a retry sends the same request and creates no second meeting (unverified: F-42), and no conflict with other parameters (unverified: F-46). */
export function requestOf(poolName: string, settings: MeetingSettings, token: string, attendees: AttendeeRequest[] = []): MeetingRequest {
  const { Attendees, ReservedAttendees, ...rest } = settings;
  return {
    ...rest,
    ClientRequestToken: token,
    ExternalMeetingId: `${externalIdPrefix(poolName)}${token.slice(0, 16)}`,
    ...attendees.length > 0 ? { Attendees: attendees } : {},
  };
}

/** The external user ID of one reserved attendee of the meeting with this token. Pure, so that a retry creates no second attendee. */
export function reservedUserId(token: string, index: number): string {
  return `${RESERVED_USER_PREFIX}${index + 1}-${hash('reserved', token, index).slice(0, 16)}`;
}

/** The external user IDs of all reserved attendees of the meeting with this token. */
export function reservedUserIds(token: string, { ReservedAttendees = 0 }: Pick<MeetingSettings, 'ReservedAttendees'>): string[] {
  return Array.from({ length: ReservedAttendees }, (_, index) => reservedUserId(token, index));
}

export function externalIdPrefix(poolName: string): string {
  return `${poolName}/`;
}

export function slotToken(poolName: string, slot: number, generation: number): string {
  return hash('slot', poolName, slot, generation);
}

/** The token of an on-demand meeting. It needn't be reproducible, because the lease of the caller's token records it. */
export function onDemandToken(poolName: string, clientRequestToken: string, now: number): string {
  return hash('spot', poolName, clientRequestToken, now);
}

export function settingsHashOf(settings: MeetingSettings): string {
  return hash(JSON.stringify(settings)).slice(0, 16);
}

function hash(...parts: (string | number)[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}

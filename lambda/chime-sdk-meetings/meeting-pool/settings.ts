import { createHash } from 'node:crypto';
import type { MeetingFeaturesProperty, MeetingNotificationsProperty, PoolAttendeeProperty } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';
import type { TagProperty } from '../../../src/private/contract';

export type AttendeeRequest = PoolAttendeeProperty;

/** What every meeting of a pool is made with. */
export interface MeetingSettings {
  readonly MediaRegion: string;
  readonly MeetingFeatures?: MeetingFeaturesProperty;
  readonly NotificationsConfiguration?: MeetingNotificationsProperty;
  readonly TenantIds?: string[];
  readonly Tags: TagProperty[];
  readonly Attendees?: AttendeeRequest[];
}

/** As the API takes it, in both namespaces. */
export interface MeetingRequest extends MeetingSettings {
  readonly ClientRequestToken: string;
  readonly ExternalMeetingId: string;
}

/** The same for the same: a repetition of the call makes no second meeting. */
export function requestOf(poolName: string, settings: MeetingSettings, token: string, attendees: AttendeeRequest[] = []): MeetingRequest {
  const { Attendees, ...rest } = settings;
  return {
    ...rest,
    ClientRequestToken: token,
    ExternalMeetingId: `${externalIdPrefix(poolName)}${token.slice(0, 16)}`,
    ...attendees.length > 0 ? { Attendees: attendees } : {},
  };
}

export function externalIdPrefix(poolName: string): string {
  return `${poolName}/`;
}

export function slotToken(poolName: string, slot: number, generation: number): string {
  return hash('slot', poolName, slot, generation);
}

/** Of a meeting that is made on the spot: the caller's token finds it in the table, so it need not be found again from here. */
export function spotToken(poolName: string, clientRequestToken: string, now: number): string {
  return hash('spot', poolName, clientRequestToken, now);
}

export function settingsHashOf(settings: MeetingSettings): string {
  return hash(JSON.stringify(settings)).slice(0, 16);
}

function hash(...parts: (string | number)[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}

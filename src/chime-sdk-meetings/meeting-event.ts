import type * as events from 'aws-cdk-lib/aws-events';

/**
 * The type of an event in a meeting.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/using-events.html
 */
export enum MeetingEventType {
  /** The meeting started. */
  MEETING_STARTED = 'chime:MeetingStarted',
  /** The meeting ended by itself, or was deleted. This includes the unused meetings that the pool replaces. */
  MEETING_ENDED = 'chime:MeetingEnded',
  /** An attendee was created. */
  ATTENDEE_ADDED = 'chime:AttendeeAdded',
  /** An attendee was deleted. */
  ATTENDEE_DELETED = 'chime:AttendeeDeleted',
  /** An attendee of the meeting joined again with the same join token. */
  ATTENDEE_AUTHORIZED = 'chime:AttendeeAuthorized',
  /** An attendee joined. */
  ATTENDEE_JOINED = 'chime:AttendeeJoined',
  /** An attendee left. */
  ATTENDEE_LEFT = 'chime:AttendeeLeft',
  /** The connection of an attendee was lost. */
  ATTENDEE_DROPPED = 'chime:AttendeeDropped',
  /** An attendee began to send video. */
  ATTENDEE_VIDEO_STARTED = 'chime:AttendeeVideoStarted',
  /** An attendee stopped sending video. */
  ATTENDEE_VIDEO_STOPPED = 'chime:AttendeeVideoStopped',
  /** The capabilities of an attendee were updated. */
  ATTENDEE_CAPABILITIES_UPDATED = 'chime:AttendeeCapabilitiesUpdated',
  /** Shared content joined. */
  ATTENDEE_CONTENT_JOINED = 'chime:AttendeeContentJoined',
  /** Shared content left. */
  ATTENDEE_CONTENT_LEFT = 'chime:AttendeeContentLeft',
  /** The connection of shared content was lost. */
  ATTENDEE_CONTENT_DROPPED = 'chime:AttendeeContentDropped',
  /** An attendee began to share video content, such as a screen. */
  ATTENDEE_CONTENT_VIDEO_STARTED = 'chime:AttendeeContentVideoStarted',
  /** An attendee stopped sharing video content. */
  ATTENDEE_CONTENT_VIDEO_STOPPED = 'chime:AttendeeContentVideoStopped',
}

/**
 * Options of a rule for meeting events.
 */
export interface OnMeetingEventOptions extends events.OnEventOptions {
  /**
   * The types of events that match the rule.
   *
   * @default - all types
   */
  readonly eventTypes?: MeetingEventType[];
}

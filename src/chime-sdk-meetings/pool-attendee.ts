/**
 * The direction in which an attendee can use a medium.
 */
export enum AttendeeCapability {
  /** The attendee can send and receive. */
  SEND_RECEIVE = 'SendReceive',
  /** The attendee can only send. */
  SEND = 'Send',
  /** The attendee can only receive. */
  RECEIVE = 'Receive',
  /** The attendee can neither send nor receive. */
  NONE = 'None',
}

/**
 * The capabilities of an attendee.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_AttendeeCapabilities.html
 */
export interface AttendeeCapabilities {
  /**
   * The capability for audio.
   *
   * @default AttendeeCapability.SEND_RECEIVE
   */
  readonly audio?: AttendeeCapability;

  /**
   * The capability for camera video. It must be NONE in a meeting without video.
   *
   * @default AttendeeCapability.SEND_RECEIVE
   */
  readonly video?: AttendeeCapability;

  /**
   * The capability for shared content. An attendee that receives content must also receive video. It must be NONE in a meeting without content.
   *
   * @default AttendeeCapability.SEND_RECEIVE
   */
  readonly content?: AttendeeCapability;
}

/**
 * An attendee that is invited into every meeting of a pool, such as a recorder, a bot, or a moderator.
 */
export interface PoolAttendee {
  /**
   * Your ID of the attendee: 2 to 64 letters, digits, blanks, and `-_&@+=,(){}[]/«».:|'"#`. It must not start with `aws:`, and must be unique in the meeting.
   */
  readonly externalUserId: string;

  /**
   * The capabilities of the attendee. Not available in the legacy namespace.
   *
   * @default - all capabilities that the features of the meeting allow
   */
  readonly capabilities?: AttendeeCapabilities;
}

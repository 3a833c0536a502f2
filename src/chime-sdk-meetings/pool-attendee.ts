/**
 * What an attendee may do with a medium.
 */
export enum AttendeeCapability {
  /** Send and receive it. */
  SEND_RECEIVE = 'SendReceive',
  /** Send it only. */
  SEND = 'Send',
  /** Receive it only. */
  RECEIVE = 'Receive',
  /** Neither. */
  NONE = 'None',
}

/**
 * What an attendee may do.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_AttendeeCapabilities.html
 */
export interface AttendeeCapabilities {
  /**
   * With audio.
   *
   * @default AttendeeCapability.SEND_RECEIVE
   */
  readonly audio?: AttendeeCapability;

  /**
   * With the video of cameras. NONE in a meeting without video.
   *
   * @default AttendeeCapability.SEND_RECEIVE
   */
  readonly video?: AttendeeCapability;

  /**
   * With shared content. Who receives content must receive video, too. NONE in a meeting without content.
   *
   * @default AttendeeCapability.SEND_RECEIVE
   */
  readonly content?: AttendeeCapability;
}

/**
 * Somebody who is invited into every meeting of a pool: a recorder, a bot, a moderator.
 */
export interface PoolAttendee {
  /**
   * Your name for it: 2 to 64 letters, digits, blanks, and `-_&@+=,(){}[]/«».:|'"#`, not starting with `aws:`; unique among the attendees of a meeting.
   */
  readonly externalUserId: string;

  /**
   * What it may do. Not in the legacy namespace.
   *
   * @default - everything that the meeting's features allow
   */
  readonly capabilities?: AttendeeCapabilities;
}

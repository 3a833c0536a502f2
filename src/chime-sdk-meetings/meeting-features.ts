/**
 * The highest resolution of the attendees' cameras.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_VideoFeatures.html
 */
export enum VideoMaxResolution {
  /** No camera video. */
  NONE = 'None',
  /** 1280 x 720. */
  HD = 'HD',
  /** 1920 x 1080, for at most 25 attendees. It is billed as high definition. */
  FHD = 'FHD',
}

/**
 * The highest resolution of shared content, such as a screen.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_ContentFeatures.html
 */
export enum ContentMaxResolution {
  /** No content. */
  NONE = 'None',
  /** 1920 x 1080. */
  FHD = 'FHD',
  /** 3840 x 2160, for at most 25 attendees. It is billed as high definition. */
  UHD = 'UHD',
}

/**
 * The features of a meeting.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/meeting-features.html
 */
export interface MeetingFeatures {
  /**
   * Whether clients can reduce echo by machine learning. It is billed in addition to the meeting.
   *
   * @default false
   */
  readonly echoReduction?: boolean;

  /**
   * The highest resolution of cameras. FHD needs `attendeeMaxCount`.
   *
   * @default VideoMaxResolution.HD
   */
  readonly videoMaxResolution?: VideoMaxResolution;

  /**
   * The highest resolution of shared content. UHD needs `attendeeMaxCount`.
   *
   * @default ContentMaxResolution.FHD
   */
  readonly contentMaxResolution?: ContentMaxResolution;

  /**
   * The maximum number of attendees: 1 to 250, or 1 to 25 with FHD video or UHD content. An attendee counts until it is deleted, even after leaving.
   *
   * @default 250
   */
  readonly attendeeMaxCount?: number;
}

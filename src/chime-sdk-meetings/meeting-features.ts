/**
 * The highest resolution of the attendees' cameras.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_VideoFeatures.html
 */
export enum VideoMaxResolution {
  /** No video of cameras. */
  NONE = 'None',
  /** 1280 x 720. */
  HD = 'HD',
  /** 1920 x 1080; for 25 attendees at most, and billed as high definition. */
  FHD = 'FHD',
}

/**
 * The highest resolution of shared content, a screen for instance.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_ContentFeatures.html
 */
export enum ContentMaxResolution {
  /** No content. */
  NONE = 'None',
  /** 1920 x 1080. */
  FHD = 'FHD',
  /** 3840 x 2160; for 25 attendees at most, and billed as high definition. */
  UHD = 'UHD',
}

/**
 * What a meeting can do.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/meeting-features.html
 */
export interface MeetingFeatures {
  /**
   * Whether clients may reduce echo by machine learning. It is billed beside the meeting.
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
   * How many attendees a meeting takes: 1 to 250, to 25 with FHD video or UHD content. One counts until it is deleted, also when it has left.
   *
   * @default 250
   */
  readonly attendeeMaxCount?: number;
}

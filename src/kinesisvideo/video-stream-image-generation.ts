import type { Duration } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { VideoStreamSettingOptions } from './video-stream-setting';

/**
 * The format of generated images.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_ImageGenerationConfiguration.html
 */
export enum ImageFormat {
  /** JPEG, with a quality. */
  JPEG = 'JPEG',

  /** PNG. */
  PNG = 'PNG',
}

/**
 * The timestamps by which the service selects the frames for images.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_ImageGenerationConfiguration.html
 */
export enum ImageSelectorType {
  /** The timestamps of the producer. */
  PRODUCER_TIMESTAMP = 'PRODUCER_TIMESTAMP',

  /** The timestamps of the service. */
  SERVER_TIMESTAMP = 'SERVER_TIMESTAMP',
}

/**
 * Options of the image generation of a video stream: the service extracts images from tagged fragments and writes them to a bucket.
 *
 * The service writes with the credentials of the principal that calls `PutMedia`. `grants.putMedia` includes the permissions on the bucket and its key.
 * Delivery begins at least one minute after the deployment, and only for fragments that the producer has tagged with
 * `AWS_KINESISVIDEO_IMAGE_GENERATION`. If the producer lacks permissions, the service delivers nothing and reports no error.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/s3-real-time-image-create.html
 */
export interface VideoStreamImageGenerationOptions extends VideoStreamSettingOptions {
  /**
   * The bucket that receives the images, in the region of the stream. The URI `s3://BUCKET/PREFIX` has at most 255 characters. Changed in place.
   *
   * A bucket in another account causes a warning: whether the service writes to it isn't documented (unverified: F-29).
   */
  readonly bucket: s3.IBucket;

  /**
   * The prefix of the object keys, without `*`. Changed in place.
   *
   * @default - no prefix
   */
  readonly keyPrefix?: string;

  /**
   * The time between two images: 200 whole milliseconds or more. Changed in place.
   */
  readonly samplingInterval: Duration;

  /**
   * The format of the images. Changed in place.
   *
   * @default ImageFormat.JPEG
   */
  readonly format?: ImageFormat;

  /**
   * The quality of the images: 1 to 100. JPEG only. Changed in place.
   *
   * @default 80
   */
  readonly jpegQuality?: number;

  /**
   * The timestamps by which frames are selected. Changed in place.
   *
   * @default ImageSelectorType.PRODUCER_TIMESTAMP
   */
  readonly imageSelectorType?: ImageSelectorType;

  /**
   * The width of the images: 1 to 3840 pixels. Changed in place.
   *
   * @default - the width of the stream, or with `heightPixels` the width that keeps the aspect ratio
   */
  readonly widthPixels?: number;

  /**
   * The height of the images: 1 to 2160 pixels. Changed in place.
   *
   * @default - the height of the stream, or with `widthPixels` the height that keeps the aspect ratio
   */
  readonly heightPixels?: number;

  /**
   * Whether images are generated. If false, the service keeps the configuration and generates no images. Changed in place.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

import { Mixin } from 'aws-cdk-lib';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import type { IConstruct } from 'constructs';
import { addSetting, IMAGE_GENERATION, validateSetting } from '../kinesisvideo/private/video-stream-settings';
import type { VideoStreamImageGenerationOptions } from '../kinesisvideo/video-stream-image-generation';
import { throwIfInvalid } from '../private/errors';

/**
 * Writes images of the video of a `CfnStream` to a bucket, as the property `imageGeneration` of a `VideoStream` does.
 *
 * If you apply the mixin to a construct that neither is nor contains a `CfnStream`, `with()` does nothing. `Mixins.of(construct).requireAny().apply(…)` throws
 * an error instead.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/s3-real-time-image-create.html
 * @example
 *
 * declare const bucket: s3.Bucket;
 * const stream = new kinesisvideo.CfnStream(this, 'Camera', { dataRetentionInHours: 24 });
 * stream.with(new rtc.mixins.StreamImageGeneration({ bucket, samplingInterval: Duration.seconds(3) }));
 * rtc.VideoStreamGrants.fromStream(stream).putMedia(deviceRole);
 */
export class StreamImageGeneration extends Mixin {
  /**
   * @param options The options of the image generation.
   */
  constructor(private readonly options: VideoStreamImageGenerationOptions) {
    super();
  }

  /**
   * Returns whether the mixin applies to a construct: to a `CfnStream` only.
   *
   * @param construct The construct to test.
   */
  public supports(construct: IConstruct): construct is kinesisvideo.CfnStream {
    return kinesisvideo.CfnStream.isCfnStream(construct);
  }

  /**
   * Adds the image generation to a stream.
   *
   * @param construct The stream.
   * @throws one error for all options that are outside of their limits, and if the stream already has image generation
   */
  public applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    throwIfInvalid(construct, validateSetting(IMAGE_GENERATION, construct, this.options));
    addSetting(IMAGE_GENERATION, construct, this.options, construct);
  }
}

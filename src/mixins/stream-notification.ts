import { Mixin } from 'aws-cdk-lib';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import type { IConstruct } from 'constructs';
import { addSetting, NOTIFICATION, validateSetting } from '../kinesisvideo/private/video-stream-settings';
import type { VideoStreamNotificationOptions } from '../kinesisvideo/video-stream-notification';
import { throwIfInvalid } from '../private/errors';

/**
 * Publishes a message for each tagged fragment of a `CfnStream`, as the property `notification` of a `VideoStream` does.
 *
 * If you apply the mixin to a construct that neither is nor contains a `CfnStream`, `with()` does nothing. `Mixins.of(construct).requireAny().apply(…)` throws
 * an error instead.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/notifications.html
 * @example
 *
 * declare const topic: sns.Topic;
 * const stream = new kinesisvideo.CfnStream(this, 'Camera', { dataRetentionInHours: 24 });
 * stream.with(new rtc.mixins.StreamNotification({ topic }));
 * rtc.VideoStreamGrants.fromStream(stream).putMedia(deviceRole);
 */
export class StreamNotification extends Mixin {
  /**
   * @param options The options of the notification.
   */
  constructor(private readonly options: VideoStreamNotificationOptions) {
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
   * Adds the notification to a stream.
   *
   * @param construct The stream.
   * @throws one error for all options that are outside of their limits, and if the stream already has a notification
   */
  public applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    throwIfInvalid(construct, validateSetting(NOTIFICATION, construct, this.options));
    addSetting(NOTIFICATION, construct, this.options, construct);
  }
}

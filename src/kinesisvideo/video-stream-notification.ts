import type * as sns from 'aws-cdk-lib/aws-sns';
import type { VideoStreamSettingOptions } from './video-stream-setting';

/**
 * Options of the notifications of a video stream: the service publishes a message for each tagged fragment as soon as the fragment can be read.
 *
 * The service publishes with the credentials of the principal that calls `PutMedia`. `grants.putMedia` includes the permissions on the topic and its key.
 * Delivery begins at least one minute after the deployment, and only for fragments that the producer has tagged with `AWS_KINESISVIDEO_NOTIFICATION`.
 * If the producer lacks permissions, the service delivers nothing and reports no error.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/notifications.html
 */
export interface VideoStreamNotificationOptions extends VideoStreamSettingOptions {
  /**
   * The topic that receives the messages. The service doesn't support FIFO topics. Changed in place.
   *
   * A topic in another region causes a warning: whether the service publishes to it isn't documented (unverified: F-28).
   */
  readonly topic: sns.ITopic;

  /**
   * Whether messages are published. If false, the service keeps the configuration and publishes no messages. Changed in place.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

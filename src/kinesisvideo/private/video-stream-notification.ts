import { MAX_DESTINATION_URI_LENGTH, validateStreamOfSetting, type VideoStreamSettingProperties } from './video-stream-setting';
import { type KnownEnvironment, type KnownPaths, knownValues } from '../../private/known';

/** On the stream: the owner of its notification. */
export const NOTIFICATION_TAG = 'cdk-rtc:notification';

/** On the stream, during a rename: the former owner and the former notification. */
export const NOTIFICATION_BEFORE_TAG = 'cdk-rtc:notification-before';

export interface VideoStreamNotificationProperties extends VideoStreamSettingProperties {
  /** Absent: true. */
  readonly Enabled?: boolean;
  readonly TopicArn: string;
}

const TOPIC_ARN = /^arn:[a-z\d-]+:sns:([a-z0-9-]+):\d{12}:[a-zA-Z0-9_-]{1,256}(\.fifo)?$/;

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validateVideoStreamNotification(
  properties: VideoStreamNotificationProperties, { account }: KnownEnvironment, known?: KnownPaths,
): string[] {
  const { StreamArn, TopicArn } = knownValues(properties, known);
  return [...validateStreamOfSetting(StreamArn, account), ...validateTopic(TopicArn)];
}

function validateTopic(arn: string | undefined): string[] {
  if (arn === undefined) return [];
  const found = TOPIC_ARN.exec(arn);
  if (!found) return [`topic: must be the ARN of an SNS topic (arn:…:sns:REGION:ACCOUNT:NAME), got ${JSON.stringify(arn.slice(0, 300))}`];
  if (found[2] !== undefined) return [`topic: must be a standard topic, got the FIFO topic ${arn}; Kinesis Video Streams does not support FIFO topics`];
  if (arn.length <= MAX_DESTINATION_URI_LENGTH) return [];
  return [`topic: its ARN must have at most ${MAX_DESTINATION_URI_LENGTH} characters, got ${arn.length}; use a topic with a shorter name`];
}

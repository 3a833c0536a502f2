import {
  DescribeNotificationConfigurationCommand, type KinesisVideoClient, type NotificationConfiguration, UpdateNotificationConfigurationCommand,
} from '@aws-sdk/client-kinesis-video';
import * as v from 'valibot';
import { SETTING_ENTRIES, settingOf } from './video-stream';
import {
  NOTIFICATION_BEFORE_TAG, NOTIFICATION_TAG, validateVideoStreamNotification, type VideoStreamNotificationProperties,
} from '../../src/kinesisvideo/private/video-stream-notification';
import type { ResourceHandler } from '../engine/lifecycle';
import { ParentSettingHandler } from '../engine/parent-setting';
import { booleanProperty, type SchemaEntries } from '../engine/properties';

/** By the names of the resource properties. */
interface Notification {
  readonly Enabled: boolean;
  readonly TopicArn: string;
}

const schema = v.strictObject({
  ...SETTING_ENTRIES,
  Enabled: v.optional(booleanProperty, 'true'),
  TopicArn: v.string(),
} satisfies SchemaEntries<VideoStreamNotificationProperties>);

export interface VideoStreamNotificationOptions {
  readonly client: (region: string) => KinesisVideoClient;
}

export function videoStreamNotificationHandler({ client }: VideoStreamNotificationOptions): ResourceHandler {
  return new ParentSettingHandler<Notification>({
    ...settingOf({
      noun: 'notification',
      tagKeys: { owner: NOTIFICATION_TAG, former: NOTIFICATION_BEFORE_TAG },
      schema,
      validate: validateVideoStreamNotification,
      toDocument: ({ Enabled, TopicArn }): Notification => ({ Enabled, TopicArn }),
      client,
      operations: (kinesisVideo, StreamARN, options) => ({
        describe: async () => {
          const answer = await kinesisVideo.send(new DescribeNotificationConfigurationCommand({ StreamARN }), options);
          return answer.NotificationConfiguration && fromWire(answer.NotificationConfiguration);
        },
        update: (document) => kinesisVideo.send(new UpdateNotificationConfigurationCommand({
          StreamARN, NotificationConfiguration: document && toWire(document),
        }), options),
      }),
    }),
    toProperties: (document) => document,
  });
}

function toWire({ Enabled, TopicArn }: Notification): NotificationConfiguration {
  return { Status: Enabled ? 'ENABLED' : 'DISABLED', DestinationConfig: { Uri: TopicArn } };
}

function fromWire({ Status, DestinationConfig }: NotificationConfiguration): Notification {
  return { Enabled: Status === 'ENABLED', TopicArn: DestinationConfig?.Uri ?? '' };
}

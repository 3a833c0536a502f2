import { ArnFormat } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CHANGE_CHANNEL, DETECT_CHANNEL_DRIFT, READ_CHANNEL } from './iam-actions';
import type { HandlerPolicy } from '../../provider/private/handler-policies';

/** The permissions of the handlers for signaling channels. They don't depend on any one channel. */
export const SIGNALING_CHANNEL_POLICY: HandlerPolicy = {
  name: 'SignalingChannel',
  statements: ({ stack, conditions }) => {
    const arn = (resource: string) => stack.formatArn({
      service: 'kinesisvideo', region: '*', resource, resourceName: '*/*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    const channels = [arn('channel')];
    const streams = [arn('stream')];
    return [
      new iam.PolicyStatement({ actions: ['kinesisvideo:CreateSignalingChannel'], resources: channels, conditions: conditions.create }),
      new iam.PolicyStatement({ actions: ['kinesisvideo:TagResource'], resources: channels, conditions: conditions.claim }),
      new iam.PolicyStatement({ actions: CHANGE_CHANNEL, resources: channels, conditions: conditions.change }),
      new iam.PolicyStatement({ actions: READ_CHANNEL, resources: channels }),
      // The user owns the stream, and it has no owner tag. Whether the service requires these permissions is not documented.
      new iam.PolicyStatement({
        actions: ['kinesisvideo:DescribeMappedResourceConfiguration', 'kinesisvideo:UpdateMediaStorageConfiguration'],
        resources: streams,
      }),
      // List operations support no resource.
      new iam.PolicyStatement({ actions: ['kinesisvideo:ListSignalingChannels'], resources: ['*'] }),
    ];
  },
  reads: ({ stack }) => [
    new iam.PolicyStatement({
      actions: DETECT_CHANNEL_DRIFT,
      resources: [stack.formatArn({ service: 'kinesisvideo', region: '*', resource: 'channel', resourceName: '*/*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME })],
    }),
  ],
};

/** The permissions of the handlers for the settings of video streams: one policy for all settings. The user owns the stream, and it has no owner tag. */
export const VIDEO_STREAM_SETTINGS_POLICY: HandlerPolicy = {
  name: 'VideoStreamSettings',
  statements: ({ stack }) => [new iam.PolicyStatement({
    actions: [
      'kinesisvideo:DescribeImageGenerationConfiguration', 'kinesisvideo:DescribeNotificationConfiguration', 'kinesisvideo:DescribeStream', 'kinesisvideo:ListTagsForStream',
      'kinesisvideo:TagStream', 'kinesisvideo:UntagStream', 'kinesisvideo:UpdateImageGenerationConfiguration', 'kinesisvideo:UpdateNotificationConfiguration',
    ],
    resources: [stack.formatArn({ service: 'kinesisvideo', region: '*', resource: 'stream', resourceName: '*/*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME })],
  })],
};

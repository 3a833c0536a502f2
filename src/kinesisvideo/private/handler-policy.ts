import { ArnFormat, type Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CHANGE_CHANNEL, CONFIGURE_STREAM_SETTINGS, DETECT_CHANNEL_DRIFT, DETECT_STREAM_SETTINGS_DRIFT, MAP_STREAM, READ_CHANNEL } from './iam-actions';
import type { HandlerPolicy } from '../../provider/private/handler-policies';

/** The permissions of the handlers for signaling channels, and for the media storage of channels that CloudFormation created. They don't depend on any one channel. */
export const SIGNALING_CHANNEL_POLICY: HandlerPolicy = {
  name: 'SignalingChannel',
  statements: ({ stack, conditions }) => {
    const channels = allOf(stack, 'channel');
    return [
      new iam.PolicyStatement({ actions: ['kinesisvideo:CreateSignalingChannel'], resources: channels, conditions: conditions.create }),
      // Also to create a channel with tags (unverified: F-05).
      new iam.PolicyStatement({ actions: ['kinesisvideo:TagResource'], resources: channels, conditions: conditions.tagUnowned }),
      new iam.PolicyStatement({ actions: CHANGE_CHANNEL, resources: channels, conditions: conditions.change }),
      new iam.PolicyStatement({ actions: READ_CHANNEL, resources: channels }),
      // The user owns the stream, and it has no owner tag. Whether the service requires these permissions is not documented (unverified: F-03).
      new iam.PolicyStatement({ actions: MAP_STREAM, resources: allOf(stack, 'stream') }),
      // List operations support no resource.
      new iam.PolicyStatement({ actions: ['kinesisvideo:ListSignalingChannels'], resources: ['*'] }),
    ];
  },
  reads: ({ stack }) => [new iam.PolicyStatement({ actions: DETECT_CHANNEL_DRIFT, resources: allOf(stack, 'channel') })],
};

/** The permissions of the handlers for the settings of streams. The user owns the stream, and the handlers check the owner tag of each setting. */
export const VIDEO_STREAM_SETTINGS_POLICY: HandlerPolicy = {
  name: 'VideoStreamSettings',
  statements: ({ stack }) => [new iam.PolicyStatement({ actions: CONFIGURE_STREAM_SETTINGS, resources: allOf(stack, 'stream') })],
  reads: ({ stack }) => [new iam.PolicyStatement({ actions: DETECT_STREAM_SETTINGS_DRIFT, resources: allOf(stack, 'stream') })],
};

function allOf(stack: Stack, resource: 'channel' | 'stream'): string[] {
  return [stack.formatArn({ service: 'kinesisvideo', region: '*', resource, resourceName: '*/*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME })];
}

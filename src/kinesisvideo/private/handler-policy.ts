import { ArnFormat, type Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CHANGE_CHANNEL, DETECT_CHANNEL_DRIFT, DETECT_MEDIA_STORAGE_DRIFT, MAP_STREAM, READ_CHANNEL, READ_MEDIA_STORAGE } from './iam-actions';
import { MEDIA_STORAGE_TAG } from './signaling-channel-media-storage';
import type { HandlerPolicy } from '../../provider/private/handler-policies';

/** The permissions of the handlers for signaling channels. They don't depend on any one channel. */
export const SIGNALING_CHANNEL_POLICY: HandlerPolicy = {
  name: 'SignalingChannel',
  statements: ({ stack, conditions }) => {
    const channels = allOf(stack, 'channel');
    return [
      new iam.PolicyStatement({ actions: ['kinesisvideo:CreateSignalingChannel'], resources: channels, conditions: conditions.create }),
      new iam.PolicyStatement({ actions: ['kinesisvideo:TagResource'], resources: channels, conditions: conditions.claim }),
      new iam.PolicyStatement({ actions: CHANGE_CHANNEL, resources: channels, conditions: conditions.change }),
      new iam.PolicyStatement({ actions: READ_CHANNEL, resources: channels }),
      // The user owns the stream, and it has no owner tag. Whether the service requires these permissions is not documented.
      new iam.PolicyStatement({ actions: MAP_STREAM, resources: allOf(stack, 'stream') }),
      // List operations support no resource.
      new iam.PolicyStatement({ actions: ['kinesisvideo:ListSignalingChannels'], resources: ['*'] }),
    ];
  },
  reads: ({ stack }) => [new iam.PolicyStatement({ actions: DETECT_CHANNEL_DRIFT, resources: allOf(stack, 'channel') })],
};

/** The permissions of the handlers for the media storage of channels that CloudFormation created. Those channels have no owner tags. */
export const SIGNALING_CHANNEL_MEDIA_STORAGE_POLICY: HandlerPolicy = {
  name: 'SignalingChannelMediaStorage',
  statements: ({ stack, conditions }) => {
    const channels = allOf(stack, 'channel');
    return [
      new iam.PolicyStatement({ actions: ['kinesisvideo:UpdateMediaStorageConfiguration'], resources: channels, conditions: conditions.setting(MEDIA_STORAGE_TAG) }),
      new iam.PolicyStatement({
        actions: ['kinesisvideo:TagResource', 'kinesisvideo:UntagResource'], resources: channels, conditions: conditions.settingTags(MEDIA_STORAGE_TAG),
      }),
      new iam.PolicyStatement({ actions: READ_MEDIA_STORAGE, resources: channels }),
      new iam.PolicyStatement({ actions: MAP_STREAM, resources: allOf(stack, 'stream') }),
    ];
  },
  reads: ({ stack }) => [new iam.PolicyStatement({ actions: DETECT_MEDIA_STORAGE_DRIFT, resources: allOf(stack, 'channel') })],
};

function allOf(stack: Stack, resource: 'channel' | 'stream'): string[] {
  return [stack.formatArn({ service: 'kinesisvideo', region: '*', resource, resourceName: '*/*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME })];
}

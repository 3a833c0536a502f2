import { ArnFormat } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CHANGE_CHANNEL, COMPARE_CHANNEL, READ_CHANNEL } from './iam-actions';
import type { HandlerPolicy } from '../../provider/private/handler-policies';

/** What the handlers may do with signaling channels: nothing in it depends on any one of them. */
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
      ...conditions.tag.map((condition) => new iam.PolicyStatement({ actions: ['kinesisvideo:TagResource'], resources: channels, conditions: condition })),
      new iam.PolicyStatement({ actions: CHANGE_CHANNEL, resources: channels, conditions: conditions.change }),
      new iam.PolicyStatement({ actions: READ_CHANNEL, resources: channels }),
      // The stream is the user's and carries no owner tag. Whether the service asks for it at all is not documented.
      new iam.PolicyStatement({
        actions: ['kinesisvideo:DescribeMappedResourceConfiguration', 'kinesisvideo:UpdateMediaStorageConfiguration'],
        resources: streams,
      }),
      // A list has no resource.
      new iam.PolicyStatement({ actions: ['kinesisvideo:ListSignalingChannels'], resources: ['*'] }),
    ];
  },
  reads: ({ stack }) => [
    new iam.PolicyStatement({
      actions: COMPARE_CHANNEL,
      resources: [stack.formatArn({ service: 'kinesisvideo', region: '*', resource: 'channel', resourceName: '*/*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME })],
    }),
  ],
};

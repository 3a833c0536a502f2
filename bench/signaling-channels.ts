import type { Stack } from 'aws-cdk-lib';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as custom_resources from 'aws-cdk-lib/custom-resources';
import { SignalingChannel } from '../src';

export type Candidate = 'CfnSignalingChannel' | 'SignalingChannel' | 'AwsCustomResource';

/** The same number of signaling channels, made in the ways that people have. */
export const CANDIDATES: Record<Candidate, (stack: Stack, count: number) => void> = {
  CfnSignalingChannel: (stack, count) => {
    for (let index = 0; index < count; index += 1) new kinesisvideo.CfnSignalingChannel(stack, `Channel${index}`, { type: 'SINGLE_MASTER' });
  },
  SignalingChannel: (stack, count) => {
    for (let index = 0; index < count; index += 1) new SignalingChannel(stack, `Channel${index}`);
  },
  AwsCustomResource: (stack, count) => {
    for (let index = 0; index < count; index += 1) {
      const call = (action: string, parameters: object) => ({
        service: 'kinesis-video', action, parameters, physicalResourceId: custom_resources.PhysicalResourceId.fromResponse('ChannelARN'),
      });
      new custom_resources.AwsCustomResource(stack, `Channel${index}`, {
        onCreate: call('CreateSignalingChannel', { ChannelName: `channel-${index}` }),
        onDelete: { service: 'kinesis-video', action: 'DeleteSignalingChannel', parameters: { ChannelARN: new custom_resources.PhysicalResourceIdReference() } },
        policy: custom_resources.AwsCustomResourcePolicy.fromSdkCalls({ resources: custom_resources.AwsCustomResourcePolicy.ANY_RESOURCE }),
      });
    }
  },
};

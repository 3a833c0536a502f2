import { CustomResource } from 'aws-cdk-lib';
import { type Candidate, each } from './candidate';
import { bareProvider } from './provider';

export const candidate: Candidate = {
  name: 'Provider, one each',
  add: (stack, count) => each(count, (index) => new CustomResource(stack, `Channel${index}`, {
    serviceToken: bareProvider(stack, `Provider${index}`).serviceToken, resourceType: 'Custom::Channel', properties: { ChannelName: `channel-${index}` },
  })),
};

import { CustomResource } from 'aws-cdk-lib';
import { type Candidate, each } from './candidate';
import { bareProvider } from './provider';

export const candidate: Candidate = {
  name: 'Provider, shared',
  add: (stack, count) => {
    const { serviceToken } = bareProvider(stack, 'Provider');
    each(count, (index) => new CustomResource(stack, `Channel${index}`, {
      serviceToken, resourceType: 'Custom::Channel', properties: { ChannelName: `channel-${index}` },
    }));
  },
};

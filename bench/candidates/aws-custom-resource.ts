import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId, PhysicalResourceIdReference } from 'aws-cdk-lib/custom-resources';
import { type Candidate, each } from './candidate';

/** A channel created and deleted: no update, no endpoints, no waiting. */
export const candidate: Candidate = {
  name: 'AwsCustomResource',
  add: (stack, count) => each(count, (index) => new AwsCustomResource(stack, `Channel${index}`, {
    onCreate: {
      service: 'kinesis-video',
      action: 'CreateSignalingChannel',
      parameters: { ChannelName: `channel-${index}` },
      physicalResourceId: PhysicalResourceId.fromResponse('ChannelARN'),
    },
    onDelete: { service: 'kinesis-video', action: 'DeleteSignalingChannel', parameters: { ChannelARN: new PhysicalResourceIdReference() } },
    policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE }),
  })),
};

import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { type Candidate, each } from './candidate';

/** The image generation of a stream, created and deleted: no waiting for the stream, no owner, no update. */
export const candidate: Candidate = {
  name: 'AwsCustomResource, images',
  add: (stack, count) => each(count, (index) => {
    const { attrArn } = new kinesisvideo.CfnStream(stack, `Camera${index}`, { dataRetentionInHours: 24 });
    const call = { service: 'kinesis-video', action: 'UpdateImageGenerationConfiguration' };
    new AwsCustomResource(stack, `Images${index}`, {
      onCreate: {
        ...call,
        parameters: {
          StreamARN: attrArn,
          ImageGenerationConfiguration: {
            Status: 'ENABLED',
            ImageSelectorType: 'PRODUCER_TIMESTAMP',
            SamplingInterval: 3000,
            Format: 'JPEG',
            DestinationConfig: { Uri: 's3://images', DestinationRegion: stack.region },
          },
        },
        physicalResourceId: PhysicalResourceId.of(attrArn),
      },
      onDelete: { ...call, parameters: { StreamARN: attrArn } },
      policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: [attrArn] }),
    });
  }),
};

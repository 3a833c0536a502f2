import { CfnOutput } from 'aws-cdk-lib';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { type Candidate, each } from './candidate';

/** The server URL of a stage, read once: no other read, no drift monitor. */
export const candidate: Candidate = {
  name: 'AwsCustomResource, endpoint',
  add: (stack, count) => each(count, (index) => {
    const { attrArn } = new ivs.CfnStage(stack, `Stage${index}`);
    const reader = new AwsCustomResource(stack, `Endpoint${index}`, {
      onCreate: { service: 'ivs-realtime', action: 'GetStage', parameters: { arn: attrArn }, physicalResourceId: PhysicalResourceId.of(attrArn) },
      policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: [attrArn] }),
    });
    new CfnOutput(stack, `Server${index}`, { value: reader.getResponseField('stage.endpoints.rtmps') });
  }),
};

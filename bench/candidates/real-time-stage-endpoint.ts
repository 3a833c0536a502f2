import { CfnOutput } from 'aws-cdk-lib';
import { type Candidate, each } from './candidate';
import { RealTimeStage } from '../../src';

/** Each with its server URL as an attribute: two resources. */
export const candidate: Candidate = {
  name: 'RealTimeStage with its endpoint',
  add: (stack, count) => each(count, (index) => new CfnOutput(stack, `Server${index}`, { value: new RealTimeStage(stack, `Stage${index}`).rtmpsEndpoint })),
};

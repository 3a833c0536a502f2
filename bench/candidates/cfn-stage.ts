import * as ivs from 'aws-cdk-lib/aws-ivs';
import { type Candidate, each } from './candidate';

/** The L1: no endpoints. */
export const candidate: Candidate = {
  name: 'CfnStage',
  add: (stack, count) => each(count, (index) => new ivs.CfnStage(stack, `Stage${index}`)),
};

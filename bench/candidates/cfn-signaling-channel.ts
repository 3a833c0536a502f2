import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import { type Candidate, each } from './candidate';

/** The L1: no endpoints as attributes, no media storage, no owner. */
export const candidate: Candidate = {
  name: 'CfnSignalingChannel',
  add: (stack, count) => each(count, (index) => new kinesisvideo.CfnSignalingChannel(stack, `Channel${index}`, { type: 'SINGLE_MASTER' })),
};

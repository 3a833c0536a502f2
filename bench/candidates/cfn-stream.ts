import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import { type Candidate, each } from './candidate';

/** The L1: no images, no notifications. */
export const candidate: Candidate = {
  name: 'CfnStream',
  add: (stack, count) => each(count, (index) => new kinesisvideo.CfnStream(stack, `Camera${index}`)),
};

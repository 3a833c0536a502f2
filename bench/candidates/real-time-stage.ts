import { type Candidate, each } from './candidate';
import { RealTimeStage } from '../../src';

/** Only the resource of CloudFormation, with a generated name. */
export const candidate: Candidate = {
  name: 'RealTimeStage',
  add: (stack, count) => each(count, (index) => new RealTimeStage(stack, `Stage${index}`)),
};

import { type Candidate, each } from './candidate';
import { VideoStream } from '../../src';

/** Only the resource of CloudFormation, with the removal policy of the construct. */
export const candidate: Candidate = {
  name: 'VideoStream',
  add: (stack, count) => each(count, (index) => new VideoStream(stack, `Camera${index}`)),
};

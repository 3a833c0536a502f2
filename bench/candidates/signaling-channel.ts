import { type Candidate, each } from './candidate';
import { SignalingChannel } from '../../src';

export const candidate: Candidate = {
  name: 'SignalingChannel',
  add: (stack, count) => each(count, (index) => new SignalingChannel(stack, `Channel${index}`)),
};

import { type Candidate, each } from './candidate';
import { ChimeMeetingPool } from '../../src';

/** Each with its table, its two functions and its schedule. */
export const candidate: Candidate = {
  name: 'ChimeMeetingPool',
  add: (stack, count) => each(count, (index) => new ChimeMeetingPool(stack, `Pool${index}`, { size: 1 })),
};

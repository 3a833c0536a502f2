import { type Candidate, each } from './candidate';
import { IngestConfiguration } from '../../src';

/** Each with the secret that holds its stream key. */
export const candidate: Candidate = {
  name: 'IngestConfiguration',
  add: (stack, count) => each(count, (index) => new IngestConfiguration(stack, `Ingest${index}`)),
};

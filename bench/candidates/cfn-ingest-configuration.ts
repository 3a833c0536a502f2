import * as ivs from 'aws-cdk-lib/aws-ivs';
import { type Candidate, each } from './candidate';

/** The L1: its stream key is an attribute, that is, in plain sight. */
export const candidate: Candidate = {
  name: 'CfnIngestConfiguration',
  add: (stack, count) => each(count, (index) => new ivs.CfnIngestConfiguration(stack, `Ingest${index}`)),
};

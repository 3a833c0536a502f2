import type { Candidate } from './candidate';
import { candidate as pool } from './chime-meeting-pool';
import { candidate as ingest } from './ingest-configuration';
import { candidate as channel } from './signaling-channel';
import { candidate as streaming } from './voice-connector-streaming';

const KINDS = [channel, ingest, streaming, pool];

/** All four, as evenly as the count allows. */
export const candidate: Candidate = {
  name: 'mixed',
  add: (stack, count) => KINDS.forEach(({ add }, kind) => add(stack, Math.floor((count + KINDS.length - 1 - kind) / KINDS.length))),
};

import { type Candidate, each } from './candidate';
import { VoiceConnector } from '../../src';

/** A voice connector with its four settings: five resources. */
export const candidate: Candidate = {
  name: 'VoiceConnector with all settings',
  add: (stack, count) => each(count, (index) => new VoiceConnector(stack, `Trunk${index}`, {
    termination: { allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'] },
    origination: { routes: [{ host: 'sip.example.com' }] },
    logging: { sipMessages: true },
    streaming: {},
  })),
};

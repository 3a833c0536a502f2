import { Duration } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { Attempts } from './attempts';
import { around, durations, flag, hostileText, members, mostly, numbersAround, regions, RUN, tags } from './hostile';
import { ChannelType, SignalingChannel, type SignalingChannelProps } from '../../src';
import { SignalingSetup } from '../kinesisvideo/handler-setup';

let setup: SignalingSetup;

beforeAll(async () => {
  setup = new SignalingSetup();
});

afterAll(async () => setup.stop());

const props: fc.Arbitrary<SignalingChannelProps> = fc.record({
  signalingChannelName: fc.oneof(fc.constantFrom('doorbell', 'a.b_c-D1'), around(256), hostileText),
  channelType: members(ChannelType),
  messageTtl: durations(mostly(fc.constantFrom(5, 60, 120), numbersAround(5, 120))) as fc.Arbitrary<Duration>,
  adoptExisting: flag,
  region: regions,
}, { requiredKeys: [] });

test('any input is either rejected at synth, with path and property, or accepted by the service', async () => {
  const attempts = new Attempts();
  let deployed = 0;
  await fc.assert(fc.asyncProperty(props, tags, async (given, tagged) => {
    const outcome = attempts.of((scope, id) => new SignalingChannel(scope, id, given), tagged);
    if ('refused' in outcome) return;
    const resource = setup.resource(`Channel${deployed += 1}`);
    await resource.create(outcome.properties);
    await resource.delete();
  }), RUN);
  expect(attempts.counts.accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 8);
});

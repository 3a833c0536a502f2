import * as fc from 'fast-check';
import { Attempts } from './attempts';
import { around, flag, hostileText, members, mostly, regions, RUN, tags } from './hostile';
import { IngestConfiguration, type IngestConfigurationProps, IngestProtocol, LivePublisherPolicy, RealTimeStage } from '../../src';
import { ACCOUNT, REGION } from '../handler-setup';
import { IngestSetup } from '../ivs/handler-setup';

let setup: IngestSetup;

beforeAll(async () => {
  setup = new IngestSetup();
});

afterAll(async () => setup.stop());

/** Around the 1024 bytes that all may have together, in one entry or in many. */
const attributes = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<Record<string, string>>({}, { role: 'studio' }, { a: '', b: 'x y' }) },
  { weight: 2, arbitrary: fc.constantFrom(1022, 1023, 1024).map((length) => ({ k: 'v'.repeat(length) })) },
  { weight: 1, arbitrary: fc.constantFrom(511, 512, 513).map((count) => ({ k: 'é'.repeat(count) })) },
  { weight: 2, arbitrary: fc.dictionary(hostileText, hostileText, { maxKeys: 4 }) },
);

const props = (stageArn: string): fc.Arbitrary<Omit<IngestConfigurationProps, 'stage'> & { stageArn?: string }> => fc.record({
  ingestConfigurationName: mostly(fc.oneof(fc.constantFrom('studio', 'a-b_C1'), around(128)), hostileText),
  stageArn: mostly(fc.constant(stageArn), fc.oneof(hostileText, hostileText.map((text) => `arn:aws:ivs:${REGION}:${ACCOUNT}:stage/${text}`))),
  ingestProtocol: members(IngestProtocol),
  insecureIngest: flag,
  redundantIngest: flag,
  userId: fc.oneof(fc.constantFrom('alice', 'a b@c.d'), around(128), hostileText),
  attributes,
  onLivePublisher: members(LivePublisherPolicy),
  region: regions,
}, { requiredKeys: [] });

test('any input is either rejected at synth, with path and property, or accepted by the service', async () => {
  const attempts = new Attempts();
  const secret = setup.secret();
  const stage = setup.stage();
  await fc.assert(fc.asyncProperty(props(stage), tags, async ({ stageArn, ...given }, tagged) => {
    const outcome = attempts.of((scope, id) => new IngestConfiguration(scope, id, {
      ...given, ...stageArn === undefined ? {} : { stage: RealTimeStage.fromStageArn(scope, `${id}-stage`, stageArn) },
    }), tagged);
    if ('refused' in outcome) return;
    const resource = setup.resource(`Ingest${attempts.counts.accepted}`);
    await resource.create({ ...outcome.properties, SecretArn: secret });
    await resource.delete();
  }), RUN);
  expect(attempts.counts.accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 8);
});

import { Duration } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { Attempts } from './attempts';
import { around, durations, flag, hostileText, members, mostly, numbersAround, RUN } from './hostile';
import {
  ChimeNamespace, NotificationTarget, VoiceConnector, VoiceConnectorStreaming, type VoiceConnectorStreamingProps,
} from '../../src';
import { StreamingSetup } from '../chime-sdk-voice/handler-setup';
import { ACCOUNT, REGION } from '../handler-setup';

let setup: StreamingSetup;

beforeAll(async () => {
  setup = new StreamingSetup({ quotas: { voiceConnectors: 1000 } });
});

afterAll(async () => setup.stop());

const targets = fc.oneof(
  fc.subarray(Object.values(NotificationTarget)),
  fc.array(members(NotificationTarget), { maxLength: 4 }),
);

const CONFIGURATION = `arn:aws:chime:${REGION}:${ACCOUNT}:media-insights-pipeline-configuration/`;

const insightsArn = fc.oneof(
  { weight: 6, arbitrary: fc.constant(`${CONFIGURATION}calls`) },
  { weight: 2, arbitrary: around(1024).map((text) => `${CONFIGURATION}${text.slice(CONFIGURATION.length)}`) },
  { weight: 1, arbitrary: hostileText.map((text) => `${CONFIGURATION}${text}`) },
  { weight: 1, arbitrary: hostileText.map((text) => `arn:${text}`) },
);

/** Without one: a voice connector that is there. */
const arns = mostly(fc.constant(undefined), fc.oneof(
  hostileText,
  hostileText.map((text) => `arn:aws:chime:${REGION}:${ACCOUNT}:vc/${text}`),
  hostileText.map((text) => `arn:aws:chime:${text}:${ACCOUNT}:vc/abcdefghijklmnopqrstuv`),
));

const props: fc.Arbitrary<{ arn?: string } & Omit<VoiceConnectorStreamingProps, 'voiceConnector'>> = fc.record({
  arn: arns,
  enabled: flag,
  dataRetention: durations(fc.oneof(
    fc.constantFrom(0, 3600, 86_400, 3600 * 87_600), numbersAround(0, 3600, 3600 * (2 ** 31 - 1)),
  )) as fc.Arbitrary<Duration>,
  notificationTargets: targets,
  mediaInsights: fc.record({ configurationArn: insightsArn, enabled: flag }, { requiredKeys: ['configurationArn'] }),
  adoptExisting: flag,
  namespace: members(ChimeNamespace),
}, { requiredKeys: [] });

test('any input is either rejected at synth, with path and property, or accepted by the service', async () => {
  const attempts = new Attempts();
  await fc.assert(fc.asyncProperty(props, async ({ arn = setup.connector(), ...others }) => {
    const outcome = attempts.of((scope, id) => {
      const connector = VoiceConnector.fromVoiceConnectorArn(scope, `${id}-connector`, arn);
      return new VoiceConnectorStreaming(scope, id, { voiceConnector: connector, ...others });
    });
    if ('refused' in outcome) return;
    const resource = setup.resource(`Streaming${attempts.counts.accepted}`);
    await resource.create(outcome.properties);
    await resource.delete();
  }), RUN);
  expect(attempts.counts.accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 8);
});

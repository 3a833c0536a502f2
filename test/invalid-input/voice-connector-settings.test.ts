import * as fc from 'fast-check';
import { Attempts } from './attempts';
import { around, flag, hostileText, members, mostly, numbersAround, regions, RUN, tags } from './hostile';
import {
  OriginationProtocol, type OriginationRoute, PhoneNumber, VoiceConnector, VoiceConnectorLogging, VoiceConnectorNetworkType,
  VoiceConnectorOrigination, VoiceConnectorTermination,
} from '../../src';
import { type SettingName, SettingSetup } from '../chime-sdk-voice/handler-setup';
import { ACCOUNT, REGION } from '../handler-setup';

const setups: Partial<Record<SettingName, SettingSetup>> = {};
const setupOf = (name: SettingName) => setups[name] ??= new SettingSetup(name, { ipv6Cidrs: 'accept', quotas: { voiceConnectors: 1000, callsPerSecond: 2 ** 31 } });
afterAll(async () => { await Promise.all(Object.values(setups).map(async (setup) => setup.stop())); });

/** Without one: a voice connector that is there. */
const arns = mostly(fc.constant(undefined), fc.oneof(
  hostileText,
  hostileText.map((text) => `arn:aws:chime:${REGION}:${ACCOUNT}:vc/${text}`),
));

const CIDRS = [
  '203.0.113.10/32', '203.0.113.0/27', '203.0.113.32/27', '203.0.113.0/26', '203.0.113.10/27', '203.0.113.10/31', '203.0.113.10/33', '203.0.113.10', '203.0.113.010/32',
  '203.0.113.256/32', '10.0.0.0/32', '172.15.255.255/32', '172.16.0.0/32', '172.31.255.255/32', '172.32.0.0/32', '192.168.1.0/27', '100.64.0.0/27', '100.128.0.0/27',
  '127.0.0.1/32', '169.254.1.1/32', '224.0.0.0/32', '239.255.255.255/32', '0.0.0.0/0', '0.0.0.0/32', '2001:db8::/64', '2001:db8::1/129', '::ffff:203.0.113.10/128',
];

const termination = fc.record({
  arn: arns,
  allowedCidrs: mostly(fc.subarray(['203.0.113.10/32', '198.51.100.0/27'], { minLength: 1 }), fc.array(fc.oneof(fc.constantFrom(...CIDRS), hostileText), { maxLength: 4 })),
  callingRegions: mostly(fc.subarray(['US', 'CA'], { minLength: 1 }), fc.array(fc.oneof(fc.constantFrom('US', 'us', 'USA', 'U'), hostileText), { maxLength: 3 })),
  callsPerSecond: mostly(fc.constantFrom(1, 2), numbersAround(1, 2 ** 31 - 1)),
  defaultPhoneNumber: mostly(fc.constant('+12065550100'), fc.oneof(fc.constantFrom('+0123', '12065550100', '%2B12065550100', `+1${'2'.repeat(14)}`, `+1${'2'.repeat(15)}`), hostileText)),
  enabled: flag,
  adoptExisting: flag,
}, { requiredKeys: ['allowedCidrs', 'callingRegions'] });

const HOSTS = [
  'sip.example.com', 'SIP.Example.COM', 'sip-1.example.com', '-sip.example.com', 'sip..example.com', 'sip.example.com.', 'localhost', 'sip.example.1', 'sip_1.example.com',
  '203.0.113.10', '203.0.113.300', '10.0.0.1', '0.0.0.0', 'sip:sip.example.com', 'https://sip.example.com', 'sip.example.com:5060', '[2001:db8::1]', '2001:db8::1',
  'x.voiceconnector.chime.aws', `${'a'.repeat(63)}.example.com`, `${'a'.repeat(64)}.example.com`, `${'a.'.repeat(126)}b`, `${'a.'.repeat(127)}b`,
];

const route: fc.Arbitrary<OriginationRoute> = fc.record({
  host: mostly(fc.constantFrom('sip.example.com', '203.0.113.10'), fc.oneof(fc.constantFrom(...HOSTS), hostileText)),
  port: mostly(fc.constantFrom(5060, 5061), numbersAround(1, 65535)),
  protocol: members(OriginationProtocol),
  priority: mostly(fc.constant(1), numbersAround(1, 100)),
  weight: mostly(fc.constant(1), numbersAround(1, 100)),
}, { requiredKeys: ['host'] });

const origination = fc.record({
  arn: arns,
  routes: fc.oneof(
    { weight: 9, arbitrary: fc.array(route, { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 20, 21).map((count) => Array.from({ length: count }, (_, index): OriginationRoute => ({ host: `sip-${index}.example.com` }))) },
  ),
  enabled: flag,
  adoptExisting: flag,
}, { requiredKeys: ['routes'] });

const logging = fc.record({ arn: arns, sipMessages: flag, mediaMetrics: flag, adoptExisting: flag }, { requiredKeys: [] });

/** Whatever is accepted at synthesis is accepted by the service. */
async function play<Props extends { arn?: string }>(
  name: SettingName, props: fc.Arbitrary<Props>, make: (attempt: Attempts['stack'], id: string, voiceConnector: ReturnType<typeof VoiceConnector.fromVoiceConnectorArn>, given: Omit<Props, 'arn'>) => VoiceConnectorLogging | VoiceConnectorOrigination | VoiceConnectorTermination,
): Promise<Attempts['counts']> {
  const setup = setupOf(name);
  const attempts = new Attempts();
  await fc.assert(fc.asyncProperty(props, async ({ arn = setup.connector(), ...given }) => {
    const outcome = attempts.of((scope, id) => make(scope, id, VoiceConnector.fromVoiceConnectorArn(scope, `${id}-connector`, arn), given));
    if ('refused' in outcome) return;
    const resource = setup.resource(`Setting${attempts.counts.accepted}`);
    await resource.create(outcome.properties);
    await resource.delete();
  }), RUN);
  return attempts.counts;
}

test('a termination is refused at synth, with path and property, or taken by the service', async () => {
  const { accepted, refused } = await play('termination', termination, (scope, id, voiceConnector, { defaultPhoneNumber, ...given }) => (
    new VoiceConnectorTermination(scope, id, {
      voiceConnector, defaultPhoneNumber: defaultPhoneNumber === undefined ? undefined : PhoneNumber.fromE164PhoneNumber(scope, `${id}-phone`, defaultPhoneNumber), ...given,
    })));
  expect(accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(refused).toBeGreaterThan(RUN.numRuns / 8);
});

test('an origination is refused at synth, with path and property, or taken by the service', async () => {
  const { accepted, refused } = await play('origination', origination, (scope, id, voiceConnector, given) => new VoiceConnectorOrigination(scope, id, { voiceConnector, ...given }));
  expect(accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(refused).toBeGreaterThan(RUN.numRuns / 8);
});

test('a logging configuration is refused at synth, with path and property, or taken by the service', async () => {
  const { accepted, refused } = await play('logging', logging, (scope, id, voiceConnector, given) => new VoiceConnectorLogging(scope, id, { voiceConnector, ...given }));
  expect(accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(refused).toBeGreaterThan(RUN.numRuns / 15);
});

test('a voice connector is refused at synth, with path and property, or taken by the service', async () => {
  const attempts = new Attempts();
  const setup = setupOf('logging');
  const properties = fc.record({
    voiceConnectorName: mostly(fc.oneof(fc.constantFrom('Front desk 1', 'a_b.c-d'), around(256)), hostileText),
    requireEncryption: flag,
    networkType: members(VoiceConnectorNetworkType),
    mediaRegion: regions,
  }, { requiredKeys: [] });
  await fc.assert(fc.asyncProperty(properties, tags, async (given, tagged) => {
    const outcome = attempts.of((scope, id) => new VoiceConnector(scope, id, given), tagged);
    if ('refused' in outcome) return;
    const type = 'AWS::Chime::VoiceConnector';
    const { physicalId } = setup.emulator.applyResource({ action: 'create', type, account: ACCOUNT, region: REGION, properties: outcome.properties });
    setup.emulator.applyResource({ action: 'delete', type, account: ACCOUNT, region: REGION, physicalId, properties: outcome.properties });
  }), RUN);
  expect(attempts.counts.accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 8);
});

import { type SettingName, SettingSetup } from './handler-setup';
import { REGION } from '../handler-setup';
import { describeSettingContract, failure, NEIGHBOUR, type SettingCase, type SettingDomain } from '../setting-contract';

interface Case extends SettingCase {
  readonly setting: SettingName;
}

const CASES: Case[] = [{
  setting: 'termination',
  noun: 'termination',
  tag: 'cdk-rtc:termination',
  put: 'PutVoiceConnectorTermination',
  get: 'GetVoiceConnectorTermination',
  clear: 'DeleteVoiceConnectorTermination',
  first: { AllowedCidrs: ['203.0.113.10/32'], CallingRegions: ['US'] },
  firstOnWire: { CidrAllowedList: ['203.0.113.10/32'], CallingRegions: ['US'], CpsLimit: 1, Disabled: false },
  second: { AllowedCidrs: ['203.0.113.10/32', '198.51.100.0/27'], CallingRegions: ['US', 'CA'], CallsPerSecond: 2, DefaultPhoneNumber: '+12065550100', Enabled: false },
  secondOnWire: {
    CidrAllowedList: ['198.51.100.0/27', '203.0.113.10/32'], CallingRegions: ['CA', 'US'], CpsLimit: 2, DefaultPhoneNumber: '+12065550100', Disabled: true,
  },
  foreign: { CidrAllowedList: ['192.0.2.1/32'], CallingRegions: ['DE'], CpsLimit: 1, Disabled: false },
  cleared: undefined,
}, {
  setting: 'origination',
  noun: 'origination',
  tag: 'cdk-rtc:origination',
  put: 'PutVoiceConnectorOrigination',
  get: 'GetVoiceConnectorOrigination',
  clear: 'DeleteVoiceConnectorOrigination',
  first: { Routes: [{ Host: 'sip.example.com' }] },
  firstOnWire: { Routes: [{ Host: 'sip.example.com', Port: 5060, Protocol: 'TCP', Priority: 1, Weight: 1 }], Disabled: false },
  second: { Routes: [{ Host: 'SIP2.example.com', Port: 5061, Protocol: 'UDP', Priority: 2, Weight: 30 }, { Host: '203.0.113.10' }], Enabled: false },
  secondOnWire: {
    Routes: [
      { Host: '203.0.113.10', Port: 5060, Protocol: 'TCP', Priority: 1, Weight: 1 },
      { Host: 'sip2.example.com', Port: 5061, Protocol: 'UDP', Priority: 2, Weight: 30 },
    ],
    Disabled: true,
  },
  foreign: { Routes: [{ Host: 'console.example.com', Port: 5060, Protocol: 'TCP', Priority: 1, Weight: 1 }], Disabled: false },
  cleared: undefined,
}, {
  setting: 'logging',
  noun: 'logging configuration',
  tag: 'cdk-rtc:logging',
  put: 'PutVoiceConnectorLoggingConfiguration',
  get: 'GetVoiceConnectorLoggingConfiguration',
  clear: 'PutVoiceConnectorLoggingConfiguration',
  first: {},
  firstOnWire: { EnableSIPLogs: false, EnableMediaMetricLogs: true },
  second: { SipMessages: true, MediaMetrics: false },
  secondOnWire: { EnableSIPLogs: true, EnableMediaMetricLogs: false },
  foreign: { EnableSIPLogs: true, EnableMediaMetricLogs: true },
  cleared: { EnableSIPLogs: false, EnableMediaMetricLogs: false },
}];

const DOMAIN: SettingDomain<SettingSetup> = {
  parent: { noun: 'voice connector', option: 'voiceConnector' },
  setup: (setting) => new SettingSetup(setting as SettingName),
  create: (setup, region) => setup.connector(region),
  state: (setup, arn) => ({ ...setup.connectorState(arn) }),
  missing: (arn) => arn.replace(/.{22}$/, 'zzzzzzzzzzzzzzzzzzzzzz'),
  properties: (_, VoiceConnectorArn, properties) => ({ VoiceConnectorArn, ...properties }),
  attributes: (setup, arn) => ({ VoiceConnectorId: setup.connectorState(arn).id }),
  untagCommand: (arn, tag) => `aws chime-sdk-voice untag-resource --region ${REGION} --resource-arn ${arn} --tag-keys ${tag} ${tag}-before`,
  tags: { set: 'TagResource', list: 'ListTagsForResource' },
  move: ({ put, clear }) => ['TagResource', put, clear, 'UntagResource'],
  rejections: ['BadRequestException'],
  errors: [
    ['ThrottledClientException', 429], ['ServiceUnavailableException', 503], ['ServiceFailureException', 500], ['ForbiddenException', 403],
    ['UnauthorizedClientException', 401],
  ],
  failing: ({ put, get, clear }) => [...new Set([put, get, clear])],
};

describe.each(CASES)('$setting', (one) => {
  describeSettingContract(DOMAIN, one);

  test('a create waits for a voice connector that was just created', async () => {
    const setup = new SettingSetup(one.setting, { propagation: 40_000 });
    const arn = setup.connector();
    await setup.resource().create({ VoiceConnectorArn: arn, ...one.first });
    expect(setup.connectorState(arn)[one.setting]).toEqual(one.firstOnWire);
    await setup.stop();
  });

  test('an existing setting of a voice connector that becomes visible between two reads fails the deployment, which changes nothing', async () => {
    for (const propagation of [45, 75]) {
      const setup = new SettingSetup(one.setting, { propagation });
      const arn = setup.connector();
      setup.edit(arn, { [one.setting]: one.foreign });
      expect((await failure(setup.resource().create({ VoiceConnectorArn: arn, ...one.first }))).message).toContain('adoptExisting: ');
      expect(setup.mutations()).toEqual([]);
      await setup.stop();
    }
  });
});

test('two settings of one voice connector don\'t touch each other', async () => {
  const setup = new SettingSetup('origination');
  const arn = setup.connector();
  setup.edit(arn, { termination: CASES[0].foreign, logging: CASES[2].foreign, tags: { 'cdk-rtc:termination': `${NEIGHBOUR}/0123456789abcdef` } });
  const resource = setup.resource();
  await resource.create({ VoiceConnectorArn: arn, ...CASES[1].first });
  await resource.delete();
  expect(setup.connectorState(arn)).toMatchObject({
    termination: CASES[0].foreign, logging: CASES[2].foreign, tags: { 'cdk-rtc:termination': `${NEIGHBOUR}/0123456789abcdef` },
  });
  await setup.stop();
});

describe('logging', () => {
  test.each(['absent', 'disabled'] as const)('that was never set (%s in the answer) is nothing that a create would overwrite', async (unconfiguredLogging) => {
    const setup = new SettingSetup('logging', { unconfiguredLogging });
    const arn = setup.connector();
    await setup.resource().create({ VoiceConnectorArn: arn });
    expect(setup.connectorState(arn).logging).toEqual({ EnableSIPLogs: false, EnableMediaMetricLogs: true });
    await setup.stop();
  });

  test('without the permissions of vended logs fails, and the error names one', async () => {
    const setup = new SettingSetup('logging', { rights: 'withoutLogging' });
    const failed = await failure(setup.resource().create({ VoiceConnectorArn: setup.connector() }));
    expect(failed.message).toContain('logs:CreateLogDelivery');
    await setup.stop();
  });

  test('of nothing fails before any call', async () => {
    const setup = new SettingSetup('logging');
    const failed = await failure(setup.resource().create({ VoiceConnectorArn: setup.connector(), MediaMetrics: false }));
    expect(failed.message).toContain('sipMessages and mediaMetrics are both false');
    expect(setup.calls()).toEqual([]);
    await setup.stop();
  });
});

describe.each(['termination', 'origination'] as const)('%s with an emergency calling configuration', (setting) => {
  test('can\'t be deleted, and the error says why', async () => {
    const setup = new SettingSetup(setting);
    const arn = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, ...CASES.find((one) => one.setting === setting)!.first });
    setup.edit(arn, { emergencyCalling: true });
    expect((await failure(resource.delete())).message).toContain('if the voice connector has an emergency calling configuration, delete that configuration first');
    await setup.stop();
  });
});

import { type SettingName, SettingSetup, type VoiceSetupOptions } from './handler-setup';
import type { ResourceFailed } from '../cloudformation';
import { OTHER_REGION, REGION, STACK_ID, stackId } from '../handler-setup';

type Properties = Record<string, unknown>;

interface Case {
  readonly setting: SettingName;
  readonly noun: string;
  readonly put: string;
  readonly get: string;
  /** The call that removes the settings. */
  readonly clear: string;
  /** The properties of a deployment and of its change, without the voice connector, and what the service then has. */
  readonly first: Properties;
  readonly firstOnWire: unknown;
  readonly second: Properties;
  readonly secondOnWire: unknown;
  /** Set up in the console. */
  readonly foreign: Properties;
  readonly cleared: unknown;
}

const CASES: Case[] = [{
  setting: 'termination',
  noun: 'termination',
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

const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
const NEIGHBOUR = stackId('Neighbour', '2');

describe.each(CASES)('$setting', ({ setting, noun, put, get, clear, first, firstOnWire, second, secondOnWire, foreign, cleared }) => {
  const tag = `cdk-rtc:${setting}`;
  let setup: SettingSetup;
  let arn: string;
  const start = (options: VoiceSetupOptions = {}) => {
    setup = new SettingSetup(setting, options);
    arn = setup.connector();
  };
  const restart = async (options: VoiceSetupOptions) => {
    await setup.stop();
    start(options);
  };
  beforeEach(() => start());
  afterEach(() => setup.stop());

  const state = (of = arn) => setup.connectorState(of)[setting];
  const on = (of: string, properties: Properties) => ({ VoiceConnectorArn: of, ...properties });
  const edit = (value: Properties | null, more: object = {}, of = arn) => setup.edit(of, { [setting]: value, ...more });
  const isCleared = (of = arn) => expect([state(of) ?? cleared, setup.ownerTags(of)]).toEqual([cleared, {}]);

  describe('create', () => {
    test('puts the whole document, reads it back, and marks the owner', async () => {
      const { physicalId, attributes } = await setup.resource().create(on(arn, first));
      expect(physicalId).toBe(arn);
      expect(attributes).toEqual({ VoiceConnectorId: setup.connectorState(arn).id });
      expect(state()).toEqual(firstOnWire);
      expect(setup.ownerTags(arn)).toEqual({ [tag]: expect.stringMatching(new RegExp(`^${STACK_ID}/[0-9a-f]{16}$`)) });
      expect(setup.mutations()).toEqual(['TagResource', put]);
      expect(setup.calls(get)).toHaveLength(2);
    });

    test('puts every property', async () => {
      await setup.resource().create(on(arn, second));
      expect(state()).toEqual(secondOnWire);
    });

    test('goes to the region of the voice connector', async () => {
      await setup.resource().create(on(setup.connector(OTHER_REGION), first));
      expect(setup.calls().every(({ region }) => region === OTHER_REGION)).toBe(true);
    });

    test('waits for a voice connector that was just created', async () => {
      await restart({ propagation: 40_000 });
      await setup.resource().create(on(arn, first));
      expect(state()).toEqual(firstOnWire);
    });

    test('fails after a minute if there is no such voice connector', async () => {
      const missing = arn.replace(/.{22}$/, 'zzzzzzzzzzzzzzzzzzzzzz');
      const failed = await failure(setup.resource('R').create(on(missing, first)));
      expect(failed.message).toBe(`R: voiceConnector: there is no ${missing}`);
    });

    test('fails at once if the service rejects the document, and the Delete that follows removes the claim', async () => {
      setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', message: 'Service received a bad request', operation: put, times: 1 });
      const resource = setup.resource();
      const failed = await failure(resource.create(on(arn, first)));
      expect(failed.message).toContain('BadRequestException: Service received a bad request');
      await resource.delete(failed.physicalId, on(arn, first));
      isCleared();
    });

    test('twice and concurrently configures once', async () => {
      const resource = setup.resource();
      const delivery = { type: 'Create' as const, requestId: 'r', properties: on(arn, first) };
      await Promise.all([resource.deliver(delivery), resource.deliver(delivery)]);
      await resource.deliver(delivery);
      expect(state()).toEqual(firstOnWire);
    });

    test.each(['put', 'get', 'TagResource', 'ListTagsForResource'])('succeeds although the response of %s is lost', async (operation) => {
      setup.emulator.addFault({ kind: 'lostResponse', operation: { put, get }[operation] ?? operation, times: 1 });
      await setup.resource().create(on(arn, first));
      expect(state()).toEqual(firstOnWire);
    });

    test('fails for a voice connector of another account, and asks the service nothing', async () => {
      const failed = await failure(setup.resource().create(on(arn.replace(/:\d{12}:/, ':210987654321:'), first)));
      expect(failed.message).toContain('voiceConnector: must be in the stack\'s own account (123456789012)');
      expect(setup.calls()).toEqual([]);
    });

    test('with an unknown property fails', async () => {
      expect((await failure(setup.resource().create(on(arn, { ...first, Colour: 'red' })))).message).toContain('Colour');
    });
  });

  describe('existing settings', () => {
    test('without an owner fail the deployment, which changes nothing', async () => {
      edit(foreign);
      const failed = await failure(setup.resource('R').create(on(arn, first)));
      expect(failed.message).toBe(`R: adoptExisting: the ${noun} of ${arn} is not this stack's; remove it there, or set adoptExisting to replace it`);
      expect(failed.physicalId).toBeUndefined();
      expect(setup.mutations()).toEqual([]);
      expect(state()).toEqual(foreign);
    });

    test('of a voice connector that becomes visible between two reads fail the deployment, which changes nothing', async () => {
      for (const propagation of [45, 75]) {
        await restart({ propagation });
        edit(foreign);
        expect((await failure(setup.resource().create(on(arn, first)))).message).toContain('adoptExisting: ');
        expect(setup.mutations()).toEqual([]);
      }
    });

    test('are replaced with adoptExisting, and removed with the construct', async () => {
      edit(foreign);
      const resource = setup.resource();
      await resource.create(on(arn, { ...first, AdoptExisting: true }));
      expect(state()).toEqual(firstOnWire);
      await resource.delete();
      isCleared();
    });

    test('of another stack are never adopted; the error names the stack and the command that frees them', async () => {
      await setup.resource('R', NEIGHBOUR).create(on(arn, second));
      const before = setup.connectorState(arn);
      const failed = await failure(setup.resource().create(on(arn, { ...first, AdoptExisting: true })));
      expect(failed.message).toContain(`belongs to the stack ${NEIGHBOUR} by the voice connector's tag ${tag}`);
      expect(failed.message).toContain(`aws chime-sdk-voice untag-resource --region ${REGION} --resource-arn ${arn} --tag-keys ${tag} ${tag}-before`);
      expect(setup.connectorState(arn)).toEqual(before);
    });

    test('that were retained are taken up by the same construct, and by no other stack', async () => {
      await setup.resource().create(on(arn, { ...second, Retain: true }));
      expect(setup.ownerTags(arn)[tag]).toMatch(/\/retained$/);
      await failure(setup.resource('R', NEIGHBOUR).create(on(arn, { ...first, AdoptExisting: true })));
      await setup.resource().create(on(arn, first));
      expect(state()).toEqual(firstOnWire);
    });
  });

  describe('update', () => {
    test('that changes nothing writes nothing', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, second));
      const { mutations } = await setup.counting(() => resource.update(on(arn, second)));
      expect(mutations).toEqual([]);
    });

    test('changes every property, and back', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      await resource.update(on(arn, second));
      expect(state()).toEqual(secondOnWire);
      await resource.update(on(arn, first));
      expect(state()).toEqual(firstOnWire);
    });

    test('corrects an out-of-band change and a removed owner tag', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      edit(foreign, { replaceTags: { team: 'them' } });
      await resource.update(on(arn, { ...first, AdoptExisting: true }));
      expect(state()).toEqual(firstOnWire);
      expect(setup.connectorState(arn).tags).toMatchObject({ team: 'them', [tag]: expect.stringContaining(STACK_ID) });
    });

    test('fails if another stack has tagged the settings, and changes nothing', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.edit(arn, { tags: { [tag]: `${NEIGHBOUR}/0123456789abcdef` } });
      const before = setup.connectorState(arn);
      expect((await failure(resource.update(on(arn, second)))).message).toContain('Neighbour');
      expect(setup.connectorState(arn)).toEqual(before);
    });

    test('moves to another voice connector: configures the new one, then clears the old one', async () => {
      const other = setup.connector();
      const resource = setup.resource();
      await resource.create(on(arn, first));
      expect((await resource.update(on(other, second))).physicalId).toBe(other);
      expect(state(other)).toEqual(secondOnWire);
      isCleared();
      expect(setup.mutations().slice(2)).toEqual(['TagResource', put, clear, 'UntagResource']);
    });

    test.each(['new', 'old'] as const)('that moved is rolled back by an Update with the %s ID', async (form) => {
      const other = setup.connector();
      const resource = setup.resource();
      await resource.create(on(arn, first));
      await resource.deliverUpdate(on(other, second));
      const { physicalId } = await resource.deliverUpdate(on(arn, first), { physicalId: form === 'new' ? other : arn, properties: on(other, second) });
      expect(physicalId).toBe(arn);
      await resource.delete(other, on(other, second));
      expect(state()).toEqual(firstOnWire);
      isCleared(other);
    });

    test('is rolled back while its own Put doesn\'t show yet', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      await setup.clock.sleep(30_000);
      await resource.deliverUpdate(on(arn, second));
      setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, operation: get, times: 1 });
      await resource.deliverUpdate(on(arn, first), { properties: on(arn, second) });
      expect(state()).toEqual(firstOnWire);
    });
  });

  describe('rename of the construct', () => {
    test('the new construct takes over, and the Delete of the old one removes nothing', async () => {
      const old = setup.resource('Old');
      await old.create(on(arn, first));
      const renamed = setup.resource('New');
      await renamed.create(on(arn, second));
      await old.delete();
      expect(state()).toEqual(secondOnWire);
      expect(Object.keys(setup.ownerTags(arn))).toEqual([tag]);
      await renamed.delete();
      isCleared();
    });

    test('that is rolled back restores the former settings', async () => {
      const old = setup.resource('Old');
      await old.create(on(arn, second));
      const renamed = setup.resource('New');
      await renamed.create(on(arn, first));
      await renamed.delete();
      expect(state()).toEqual(secondOnWire);
      await old.update(on(arn, second));
      await old.delete();
      isCleared();
    });
  });

  describe('delete', () => {
    test('removes the settings and the owner tag, and leaves other tags', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.edit(arn, { tags: { team: 'them' } });
      expect((await resource.delete()).polls).toBe(1);
      isCleared();
      expect(setup.connectorState(arn).tags).toEqual({ team: 'them' });
    });

    test('twice leaves what was put out of band in between', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      await resource.delete();
      edit(foreign);
      await resource.delete();
      expect(state()).toEqual(foreign);
    });

    test('succeeds if the settings are gone', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      edit(null);
      await resource.delete();
      isCleared();
    });

    test('succeeds if the voice connector is gone', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.edit(arn, { delete: true });
      await resource.delete();
    });

    test('removes settings that lost their owner tag and are as they were put', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.edit(arn, { replaceTags: {} });
      await resource.delete();
      isCleared();
    });

    test('leaves settings of another stack', async () => {
      await setup.resource('R', NEIGHBOUR).create(on(arn, first));
      const before = setup.connectorState(arn);
      await setup.resource().delete(arn, on(arn, first));
      expect(setup.connectorState(arn)).toEqual(before);
    });

    test('ends although the response is lost', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.emulator.addFault({ kind: 'lostResponse', operation: clear, times: 3 });
      await resource.delete();
      isCleared();
    });

    test('with an ID that CloudFormation invented removes what a create that still runs puts', async () => {
      const resource = setup.resource();
      const deleting = resource.delete('Doorbells-R-1A2B3C4D5E6F', on(arn, first));
      await setup.clock.sleep(20_000);
      await resource.onEvent({ type: 'Create', requestId: 'late', properties: on(arn, first) });
      await deleting;
      isCleared();
    });
  });

  describe('each error of the service', () => {
    const errors = [
      ['ThrottledClientException', 429], ['ServiceUnavailableException', 503], ['ServiceFailureException', 500], ['ForbiddenException', 403],
      ['UnauthorizedClientException', 401],
    ] as const;
    const cases = errors.flatMap(([error, status]) => ['put', 'get', 'clear'].map((operation) => ({ error, status, operation })));

    test.each(cases)('$error of $operation a few times fails neither create nor delete', async ({ error, status, operation }) => {
      const resource = setup.resource();
      setup.emulator.addFault({ kind: 'error', error, status, operation: { put, get, clear }[operation]!, times: 4 });
      await resource.create(on(arn, first));
      expect(state()).toEqual(firstOnWire);
      setup.emulator.addFault({ kind: 'error', error, status, operation: { put, get, clear }[operation]!, times: 4 });
      await resource.delete();
      isCleared();
    });

    test('a denied Put fails after a minute', async () => {
      setup.emulator.addFault({ kind: 'accessDenied', operation: put });
      const began = setup.clock.now();
      expect((await failure(setup.resource().create(on(arn, first)))).message).toContain('AccessDeniedException: ');
      expect(setup.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    });
  });

  describe('drift', () => {
    test('of settings that were changed, removed, or lost their owner', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      expect(await setup.driftOf([resource])).toMatchObject({ drifted: [], unobserved: [] });
      edit(foreign);
      const changed = await setup.driftOf([resource]);
      expect(changed.drifted[0]).toMatchObject({ driftStatus: 'MODIFIED' });
      setup.edit(arn, { replaceTags: {} });
      expect(JSON.stringify((await setup.driftOf([resource])).drifted)).toContain(`Tags/${tag}`);
      expect(setup.mutations()).toEqual(['TagResource', put]);
    });
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

import { App, Aspects, CfnCondition, CfnOutput, CfnParameter, CfnResource, Fn, PhysicalName, PropertyInjectors, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  type IVoiceConnector, RtcProvider, SignalingChannel, VoiceConnector, VoiceConnectorLogging, VoiceConnectorNetworkType, VoiceConnectorOrigination,
  type VoiceConnectorProps, VoiceConnectorStreaming, VoiceConnectorTermination,
} from '../../src';
import { problem } from '../problem';

const TYPE = 'AWS::Chime::VoiceConnector';
const ID = 'abcdefghijklmnopqrstuv';
const ARN = `arn:aws:chime:us-east-1:123456789012:vc/${ID}`;
const env = { account: '123456789012', region: 'us-east-1' };

const newStack = (props: { env?: { account: string; region: string } } = {}, id = 'Stack', app = new App()) => new Stack(app, id, props);
const template = (props?: VoiceConnectorProps, stack = newStack()) => {
  new VoiceConnector(stack, 'Trunk', props);
  return Template.fromStack(stack);
};

/** Every setting, as small as it gets. */
const SETTINGS: VoiceConnectorProps = {
  streaming: {},
  termination: { allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'] },
  origination: { routes: [{ host: 'sip.example.com' }] },
  logging: {},
};
const SETTING_TYPES = ['Streaming', 'Termination', 'Origination', 'Logging'].map((name) => `Custom::RtcVoiceConnector${name}`);

describe('properties', () => {
  test('by default, calls must be encrypted, media is processed in the region of the stack, and the name is generated', () => {
    const synthesized = template();
    synthesized.resourceCountIs(TYPE, 1);
    const [{ Properties }] = Object.values(synthesized.findResources(TYPE));
    expect(Properties).toEqual({ Name: expect.stringMatching(/^Stack-Trunk-?[\w.-]*$/), RequireEncryption: true, AwsRegion: { Ref: 'AWS::Region' } });
  });

  test('all are sent', () => {
    template({
      voiceConnectorName: 'Front desk 1', requireEncryption: false, networkType: VoiceConnectorNetworkType.DUAL_STACK, mediaRegion: 'eu-west-1',
    }).hasResourceProperties(TYPE, { Name: 'Front desk 1', RequireEncryption: false, NetworkType: 'DUAL_STACK', AwsRegion: 'eu-west-1' });
  });

  test('a voice connector alone adds one resource, and no functions', () => {
    expect(Object.keys(template().toJSON().Resources)).toHaveLength(1);
  });

  test('tokens pass through', () => {
    const stack = newStack();
    const parameter = (id: string) => new CfnParameter(stack, id).valueAsString;
    template({ voiceConnectorName: parameter('Name'), mediaRegion: parameter('Media'), networkType: parameter('Network') as VoiceConnectorNetworkType }, stack)
      .hasResourceProperties(TYPE, { Name: { Ref: 'Name' }, AwsRegion: { Ref: 'Media' }, NetworkType: { Ref: 'Network' } });
  });

  test('a name that is generated if another stack needs it', () => {
    const [{ Properties }] = Object.values(template({ voiceConnectorName: PhysicalName.GENERATE_IF_NEEDED }, newStack({ env })).findResources(TYPE));
    expect(Properties.Name).toMatch(/^[a-zA-Z0-9 _.-]{1,256}$/);
  });

  test.each([[RemovalPolicy.RETAIN, 'Retain'], [RemovalPolicy.DESTROY, 'Delete']])('removalPolicy %s', (removalPolicy, deletionPolicy) => {
    template({ removalPolicy }).hasResource(TYPE, { DeletionPolicy: deletionPolicy, UpdateReplacePolicy: deletionPolicy });
  });

  test('tags of the construct and of the stack', () => {
    const stack = newStack();
    const trunk = new VoiceConnector(stack, 'Trunk');
    Tags.of(trunk).add('team', 'phones');
    Tags.of(stack).add('cost', 'center');
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: [{ Key: 'cost', Value: 'center' }, { Key: 'team', Value: 'phones' }] });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: VoiceConnector.PROPERTY_INJECTION_ID,
      inject: (original: VoiceConnectorProps) => ({ networkType: VoiceConnectorNetworkType.DUAL_STACK, ...original }),
    });
    template({}, stack).hasResourceProperties(TYPE, { NetworkType: 'DUAL_STACK' });
  });
});

describe('bad input', () => {
  test.each<[string, VoiceConnectorProps, string]>([
    ['an empty name', { voiceConnectorName: '' }, 'voiceConnectorName: must be 1 to 256 letters, digits, blanks, and _.-, got ""; leave it out for a generated name'],
    ['a name that is too long', { voiceConnectorName: 'x'.repeat(257) }, `voiceConnectorName: must be 1 to 256 letters, digits, blanks, and _.-, got "${'x'.repeat(80)}"; leave it out for a generated name`],
    ['a name with other characters', { voiceConnectorName: 'a/b' }, 'voiceConnectorName: must be 1 to 256 letters, digits, blanks, and _.-, got "a/b"; leave it out for a generated name'],
    ['a network type that is none', { networkType: 'IPV6' as VoiceConnectorNetworkType }, 'networkType: must be IPV4_ONLY or DUAL_STACK, got "IPV6"; leave it out for IPV4_ONLY'],
    ['a media region that is none', { mediaRegion: 'Virginia' }, 'mediaRegion: must be the name of a region, such as us-east-1, got "Virginia"; leave it out for the default'],
    ['SNAPSHOT', { removalPolicy: RemovalPolicy.SNAPSHOT }, 'removalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN'],
  ])('%s', (_, props, message) => {
    expect(problem(() => template(props))).toBe(`[Stack/Trunk] ${message}`);
  });

  test('all findings are in one error', () => {
    expect(problem(() => template({ voiceConnectorName: 'a/b', networkType: 'IPV6' as VoiceConnectorNetworkType, mediaRegion: 'Virginia' })).split('\n')).toHaveLength(3);
  });

  test.each([
    ['42 tags', (trunk: VoiceConnector) => Array.from({ length: 42 }, (_, index) => Tags.of(trunk).add(`tag-${index}`, 'x')), 'tags: at most 41 are possible in addition to the owner tags, got 42'],
    ['a reserved key', (trunk: VoiceConnector) => Tags.of(trunk).add('cdk-rtc:termination', 'x'), 'tags: "cdk-rtc:termination" starts with a reserved prefix'],
  ])('%s', (_, tag, message) => {
    const stack = newStack();
    tag(new VoiceConnector(stack, 'Trunk'));
    expect(() => Template.fromStack(stack)).toThrow(message);
  });

  test('a region or a media region without the service warns', () => {
    const stack = newStack({ env: { ...env, region: 'eu-north-1' } });
    new VoiceConnector(stack, 'There');
    new VoiceConnector(stack, 'Media', { mediaRegion: 'sa-east-1' });
    const warnings = Annotations.fromStack(stack);
    warnings.hasWarning('/Stack/There', Match.stringLikeRegexp('voiceConnector: Amazon Chime SDK voice is not known to be in eu-north-1'));
    warnings.hasWarning('/Stack/Media', Match.stringLikeRegexp('mediaRegion: Amazon Chime SDK voice is not known to process media in sa-east-1'));
  });
});

describe('attributes', () => {
  test('ARN, ID, and outbound host name', () => {
    const stack = newStack();
    const trunk = new VoiceConnector(stack, 'Trunk');
    const { voiceConnectorArn, voiceConnectorId, outboundHostName, voiceConnectorRef } = trunk;
    const logicalId = stack.getLogicalId(trunk.node.defaultChild as CfnResource);
    expect(stack.resolve({ voiceConnectorArn, voiceConnectorId, outboundHostName, voiceConnectorRef })).toEqual({
      voiceConnectorArn: { Ref: logicalId },
      voiceConnectorId: { 'Fn::GetAtt': [logicalId, 'VoiceConnectorId'] },
      outboundHostName: { 'Fn::GetAtt': [logicalId, 'OutboundHostName'] },
      voiceConnectorRef: { voiceConnectorArn: { Ref: logicalId } },
    });
  });

  test('reach another stack', () => {
    const app = new App();
    const trunk = new VoiceConnector(newStack({ env }, 'Phones', app), 'Trunk');
    const hosts = newStack({ env }, 'Hosts', app);
    new CfnOutput(hosts, 'Host', { value: trunk.outboundHostName });
    expect(Template.fromStack(hosts).findOutputs('Host').Host.Value).toEqual({ 'Fn::ImportValue': expect.stringContaining('OutboundHostName') });
  });

  test('metrics and alarms of a new and of an imported voice connector', () => {
    const stack = newStack({ env });
    const trunk = new VoiceConnector(stack, 'Trunk');
    const imported = VoiceConnector.fromVoiceConnectorArn(stack, 'Imported', ARN);
    expect(imported).toMatchObject({ voiceConnectorId: ID, voiceConnectorArn: ARN });
    expect(VoiceConnector.fromVoiceConnectorId(stack, 'ImportedById', ID).voiceConnectorId).toBe(ID);
    trunk.alarmOnOutboundCallVolume('Volume');
    imported.alarmOnOutboundCallVolume('ImportedVolume');
    const volume = (Value: unknown) => ({
      MetricName: 'OutboundCallAttempts', Namespace: 'AWS/ChimeVoiceConnector', Statistic: 'Sum', Threshold: 100, Dimensions: [{ Name: 'VoiceConnectorId', Value }],
    });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', volume({ 'Fn::GetAtt': [Match.anyValue(), 'VoiceConnectorId'] }));
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', volume(ID));
  });
});

describe('settings', () => {
  test('none is created by default', () => {
    const trunk = new VoiceConnector(newStack(), 'Trunk');
    expect([trunk.streaming, trunk.termination, trunk.origination, trunk.logging]).toEqual(Array(4).fill(undefined));
  });

  test('each property creates the construct of its setting, on this voice connector', () => {
    const stack = newStack();
    const trunk = new VoiceConnector(stack, 'Trunk', SETTINGS);
    expect([
      VoiceConnectorStreaming.isVoiceConnectorStreaming(trunk.streaming), VoiceConnectorTermination.isVoiceConnectorTermination(trunk.termination),
      VoiceConnectorOrigination.isVoiceConnectorOrigination(trunk.origination), VoiceConnectorLogging.isVoiceConnectorLogging(trunk.logging),
    ]).toEqual(Array(4).fill(true));
    const synthesized = Template.fromStack(stack);
    const logicalId = stack.getLogicalId(trunk.node.defaultChild as CfnResource);
    for (const type of SETTING_TYPES) synthesized.hasResourceProperties(type, { VoiceConnectorArn: { Ref: logicalId } });
  });

  test('have the removal policy of the voice connector, unless they have their own', () => {
    const synthesized = template({ ...SETTINGS, removalPolicy: RemovalPolicy.RETAIN, logging: { removalPolicy: RemovalPolicy.DESTROY } });
    const policies = SETTING_TYPES.map((type) => Object.values(synthesized.findResources(type))[0].DeletionPolicy);
    expect(policies).toEqual(['Retain', 'Retain', 'Retain', 'Delete']);
  });

  test.each([
    ['streaming', 'streaming configuration', (stack: Stack, voiceConnector: VoiceConnector) => new VoiceConnectorStreaming(stack, 'Second', { voiceConnector })],
    ['termination', 'termination', (stack: Stack, voiceConnector: VoiceConnector) => new VoiceConnectorTermination(stack, 'Second', { voiceConnector, ...SETTINGS.termination! })],
    ['origination', 'origination', (stack: Stack, voiceConnector: VoiceConnector) => new VoiceConnectorOrigination(stack, 'Second', { voiceConnector, ...SETTINGS.origination! })],
    ['logging', 'logging configuration', (stack: Stack, voiceConnector: VoiceConnector) => new VoiceConnectorLogging(stack, 'Second', { voiceConnector })],
  ])('a second %s fails', (name, noun, make) => {
    const stack = newStack();
    const trunk = new VoiceConnector(stack, 'Trunk', SETTINGS);
    const first = `Stack/Trunk/${name[0].toUpperCase()}${name.slice(1)}`;
    expect(problem(() => make(stack, trunk))).toBe(`[Stack/Second] voiceConnector: ${first} configures this voice connector already, and it can have only one ${noun}; remove one of the two`);
  });
});

describe('which voice connector a setting belongs to', () => {
  const logging = (stack: Stack, id: string, voiceConnector: IVoiceConnector) => new VoiceConnectorLogging(stack, id, { voiceConnector });

  test('two voice connectors whose region is the same parameter', () => {
    const stack = newStack();
    const region = new CfnParameter(stack, 'Region').valueAsString;
    for (const id of [ID, ID.replace('a', 'b')]) logging(stack, `Logging${id}`, VoiceConnector.fromVoiceConnectorId(stack, id, id, region));
    Template.fromStack(stack).resourceCountIs('Custom::RtcVoiceConnectorLogging', 2);
  });

  test('two voice connectors whose ARNs share a parameter', () => {
    const stack = newStack();
    const parameter = (id: string) => new CfnParameter(stack, id).valueAsString;
    const region = parameter('Region');
    for (const id of ['One', 'Two']) {
      const arn = `arn:aws:chime:${region}:123456789012:vc/${parameter(id)}`;
      logging(stack, `Logging${id}`, VoiceConnector.fromVoiceConnectorArn(stack, `Connector${id}`, arn));
    }
    Template.fromStack(stack).resourceCountIs('Custom::RtcVoiceConnectorLogging', 2);
  });

  test('a voice connector, and an import by its ID or its ARN, are the same one', () => {
    for (const importIt of [
      (stack: Stack, trunk: VoiceConnector) => VoiceConnector.fromVoiceConnectorId(stack, 'Imported', trunk.voiceConnectorId),
      (stack: Stack, trunk: VoiceConnector) => VoiceConnector.fromVoiceConnectorArn(stack, 'Imported', trunk.voiceConnectorArn),
    ]) {
      const stack = newStack();
      const trunk = new VoiceConnector(stack, 'Trunk', { logging: {} });
      expect(problem(() => logging(stack, 'Second', importIt(stack, trunk)))).toContain('Stack/Trunk/Logging configures this voice connector already');
    }
  });

  test.each([
    ['a new one', (there: Stack): IVoiceConnector => new VoiceConnector(there, 'Trunk')],
    ['an import by ID', (there: Stack): IVoiceConnector => VoiceConnector.fromVoiceConnectorId(there, 'Trunk', ID)],
  ])('a voice connector of a stack in another account: %s', (_, make) => {
    const app = new App();
    const there = newStack({ env: { ...env, account: '210987654321' } }, 'There', app);
    expect(problem(() => logging(newStack({ env }, 'Here', app), 'Logging', make(there))))
      .toBe('[Here/Logging] voiceConnector: must be in the stack\'s own account (123456789012), got There/Trunk in the account 210987654321; create the stack there');
  });
});

describe('the settings of one voice connector are deployed one after another', () => {
  type Resources = Record<string, { Type: string; DependsOn?: string[]; Metadata?: Record<string, unknown> }>;
  /** The types in the order in which a deployment can create them, if each waits for another one. */
  const chain = (synthesized: Template, count = 4): string[] => {
    const resources = Object.entries(synthesized.toJSON().Resources as Resources).filter(([, { Type }]) => SETTING_TYPES.includes(Type));
    const ids = new Set(resources.map(([id]) => id));
    const awaited = (id: string): string[] => (resources.find(([other]) => other === id)![1].DependsOn ?? []).filter((other) => ids.has(other));
    const all = (id: string): Set<string> => new Set(awaited(id).flatMap((other) => [other, ...all(other)]));
    const places = resources.map(([id, { Type }]) => ({ Type, after: all(id).size })).sort((a, b) => a.after - b.after);
    expect(places.map(({ after }) => after)).toEqual(Array.from({ length: count }, (_, index) => index));
    return places.map(({ Type }) => Type);
  };

  test('those of a new voice connector', () => {
    expect(chain(template(SETTINGS)).sort()).toEqual([...SETTING_TYPES].sort());
  });

  test('those of imports by ID and by ARN', () => {
    const stack = newStack({ env });
    const [one, two] = [VoiceConnector.fromVoiceConnectorArn(stack, 'One', ARN), VoiceConnector.fromVoiceConnectorId(stack, 'Two', ID)];
    const three = VoiceConnector.fromVoiceConnectorArn(stack, 'Three', ARN);
    new VoiceConnectorOrigination(stack, 'Origination', { voiceConnector: one, ...SETTINGS.origination! });
    new VoiceConnectorLogging(stack, 'Logging', { voiceConnector: three });
    // The ARN of an import by ID holds pseudo parameters, but the stack knows its account and region.
    new VoiceConnectorTermination(stack, 'Termination', { voiceConnector: two, ...SETTINGS.termination! });
    expect(chain(Template.fromStack(stack), 3)).toHaveLength(3);
  });

  test('those of different voice connectors are independent', () => {
    const stack = newStack();
    for (const id of ['One', 'Two']) new VoiceConnector(stack, id, { logging: {} });
    const resources = Object.entries(Template.fromStack(stack).toJSON().Resources as Resources);
    const [first, second] = resources.filter(([, { Type }]) => Type === 'Custom::RtcVoiceConnectorLogging');
    expect(first[1].DependsOn).not.toContain(second[0]);
    expect(second[1].DependsOn).not.toContain(first[0]);
  });

  const pairs = SETTING_TYPES.flatMap((later) => SETTING_TYPES.filter((earlier) => earlier !== later).map((earlier) => [later, earlier]));
  test.each(pairs)('no cycle arises if the app lets %s wait for %s', (later, earlier) => {
    const stack = newStack();
    const trunk = new VoiceConnector(stack, 'Trunk', SETTINGS);
    const settingOf = (type: string) => trunk.node.findChild(type.slice('Custom::RtcVoiceConnector'.length));
    settingOf(later).node.addDependency(settingOf(earlier));
    const order = chain(Template.fromStack(stack));
    expect(order.indexOf(earlier)).toBeLessThan(order.indexOf(later));
  });

  test('no dependency names a setting that a condition leaves out', () => {
    const stack = newStack();
    const trunk = new VoiceConnector(stack, 'Trunk', SETTINGS);
    const condition = new CfnCondition(stack, 'HasOrigination', { expression: Fn.conditionEquals(Fn.ref('AWS::Region'), 'us-east-1') });
    Aspects.of(trunk.origination!).add({ visit: (node) => { if (CfnResource.isCfnResource(node)) node.cfnOptions.condition = condition; } });
    const resources = Template.fromStack(stack).toJSON().Resources as Resources;
    const [origination] = Object.entries(resources).find(([, { Type }]) => Type === 'Custom::RtcVoiceConnectorOrigination')!;
    expect(Object.values(resources).filter(({ DependsOn }) => DependsOn?.includes(origination))).toEqual([]);
    const after = Object.values(resources).map(({ Metadata }) => JSON.stringify(Metadata?.['cdk-rtc:after']) ?? '').filter((text) => text.includes(origination));
    expect(after).toEqual([JSON.stringify([{ 'Fn::If': ['HasOrigination', { Ref: origination }, ''] }])]);
  });

  test('the limit of the provider holds in addition', () => {
    const stack = newStack();
    RtcProvider.configure(stack, { maxConcurrency: 2 });
    new SignalingChannel(stack, 'Channel');
    expect(chain(template(SETTINGS, stack))).toHaveLength(4);
  });
});

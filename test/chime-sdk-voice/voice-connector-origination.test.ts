import { App, CfnOutput, CfnParameter, CfnResource, PropertyInjectors, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  type OriginationRoute, OriginationProtocol, VoiceConnector, VoiceConnectorOrigination, type VoiceConnectorOriginationProps,
} from '../../src';
import { problem } from '../problem';

const TYPE = 'Custom::RtcVoiceConnectorOrigination';
const ARN = 'arn:aws:chime:us-east-1:123456789012:vc/abcdefghijklmnopqrstuv';
const env = { account: '123456789012', region: 'us-east-1' };

type Props = Partial<Omit<VoiceConnectorOriginationProps, 'voiceConnector'>>;

const newStack = (id = 'Stack', app = new App()) => new Stack(app, id, { env });
const imported = (stack: Stack) => VoiceConnector.fromVoiceConnectorArn(stack, 'Connector', ARN);
const build = (stack: Stack, props: Props = {}) =>
  new VoiceConnectorOrigination(stack, 'Origination', { voiceConnector: imported(stack), routes: [{ host: 'sip.example.com' }], ...props });
const propertiesOf = (stack: Stack) => Object.values(Template.fromStack(stack).findResources(TYPE))[0].Properties;

describe('properties', () => {
  test('only the host of a route is sent by default', () => {
    const stack = newStack();
    build(stack, { enabled: true, adoptExisting: false });
    expect(propertiesOf(stack)).toEqual({ ServiceToken: expect.anything(), ServiceTimeout: 900, VoiceConnectorArn: ARN, Routes: [{ Host: 'sip.example.com' }] });
  });

  test('all are sent', () => {
    const stack = newStack();
    build(stack, {
      routes: [{ host: '203.0.113.10', port: 5080, protocol: OriginationProtocol.UDP, priority: 2, weight: 60 }],
      enabled: false,
      adoptExisting: true,
      forceUpdateNonce: '1',
    });
    expect(propertiesOf(stack)).toMatchObject({
      Routes: [{ Host: '203.0.113.10', Port: 5080, Protocol: 'UDP', Priority: 2, Weight: 60 }], Enabled: false, AdoptExisting: true, ForceUpdateNonce: '1',
    });
  });

  test('tokens pass through', () => {
    const stack = newStack();
    const parameter = (id: string, type = 'String') => new CfnParameter(stack, id, { type });
    build(stack, { routes: [{ host: parameter('Host').valueAsString, port: parameter('Port', 'Number').valueAsNumber }] });
    expect(propertiesOf(stack).Routes).toEqual([{ Host: { Ref: 'Host' }, Port: { Ref: 'Port' } }]);
  });

  test('the ID of the voice connector waits for the origination', () => {
    const stack = newStack();
    new CfnOutput(stack, 'Id', { value: build(stack).voiceConnectorId });
    Template.fromStack(stack).hasOutput('Id', { Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Origination'), 'VoiceConnectorId'] } });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: VoiceConnectorOrigination.PROPERTY_INJECTION_ID,
      inject: (original: VoiceConnectorOriginationProps) => ({ ...original, enabled: false }),
    });
    build(stack);
    expect(propertiesOf(stack).Enabled).toBe(false);
  });
});

describe('a voice connector that requires encryption', () => {
  /** The L1 of newer versions of aws-cdk-lib. */
  const l1 = (stack: Stack, requireEncryption: boolean) => {
    const made = new CfnResource(stack, 'L1', { type: 'AWS::Chime::VoiceConnector', properties: { Name: 'trunk', RequireEncryption: requireEncryption } });
    Validations.of(made).acknowledge({ id: 'CloudFormation-Validate::F3006', reason: 'newer than our aws-cdk-lib floor' });
    return Object.assign(made, { requireEncryption, voiceConnectorRef: { voiceConnectorArn: made.ref } });
  };
  const routes = [{ host: 'a.example.com' }, { host: 'b.example.com', port: 5060 }, { host: 'c.example.com', protocol: OriginationProtocol.UDP }];
  const originationOf = (stack: Stack, voiceConnector: VoiceConnectorOriginationProps['voiceConnector']) =>
    new VoiceConnectorOrigination(stack, 'Origination', { voiceConnector, routes });

  test.each<[string, (stack: Stack) => VoiceConnectorOriginationProps['voiceConnector']]>([
    ['of this library', (stack) => new VoiceConnector(stack, 'Trunk')],
    ['of aws-cdk-lib', (stack) => l1(stack, true)],
  ])('%s has the default port 5061, and routes that it doesn\'t use warn', (_, connector) => {
    const stack = newStack();
    originationOf(stack, connector(stack));
    expect(propertiesOf(stack).Routes.map(({ Port }: { Port?: number }) => Port)).toEqual([5061, 5060, 5061]);
    const warnings = Annotations.fromStack(stack).findWarning('/Stack/Origination', Match.anyValue()).map(({ entry }) => String(entry.data));
    expect(warnings).toEqual([expect.stringMatching(/^routes\[1\].port: /), expect.stringMatching(/^routes\[2\].protocol: /)]);
  });

  test.each<[string, (stack: Stack) => VoiceConnectorOriginationProps['voiceConnector']]>([
    ['doesn\'t require it', (stack) => new VoiceConnector(stack, 'Trunk', { requireEncryption: false })],
    ['of aws-cdk-lib doesn\'t require it', (stack) => l1(stack, false)],
    ['is imported', imported],
  ])('one that %s has the default port of the service, and no warning', (_, connector) => {
    const stack = newStack();
    originationOf(stack, connector(stack));
    expect(propertiesOf(stack).Routes.map(({ Port }: { Port?: number }) => Port)).toEqual([undefined, 5060, undefined]);
    Annotations.fromStack(stack).hasNoWarning('/Stack/Origination', Match.anyValue());
  });
});

describe('bad input', () => {
  const host = (text: string): OriginationRoute[] => [{ host: text }];
  const route = (part: Partial<OriginationRoute>): OriginationRoute[] => [{ host: 'sip.example.com', ...part }];

  test.each<[string, OriginationRoute[], string]>([
    ['no route', [], 'routes: at least one route is required'],
    ['21 routes', Array.from({ length: 21 }, (_, index) => ({ host: `sip-${index}.example.com` })), 'routes: at most 20 routes are possible, got 21'],
    ['a scheme', host('sip:sip.example.com'), 'routes[0].host: must be a fully qualified domain name or a public IPv4 address, got "sip:sip.example.com"; leave the scheme out'],
    ['a port', host('sip.example.com:5060'), 'routes[0].host: must be a fully qualified domain name or a public IPv4 address, got "sip.example.com:5060"; give the port as the port of the route'],
    ['a single label', host('localhost'), 'routes[0].host: must be a fully qualified domain name'],
    ['a private address', host('10.0.0.1'), 'routes[0].host: must be public, got "10.0.0.1", which is part of 10.0.0.0/8'],
    ['a voice connector', host('abcdefghijklmnopqrstuv.voiceconnector.chime.aws'), 'routes[0].host: must not be a voice connector'],
    ['the port 0', route({ port: 0 }), 'routes[0].port: must be a whole number from 1 to 65535, got 0'],
    ['the port 65536', route({ port: 65536 }), 'routes[0].port: must be a whole number from 1 to 65535, got 65536'],
    ['another protocol', route({ protocol: 'TLS' as OriginationProtocol }), 'routes[0].protocol: must be TCP or UDP, got "TLS"'],
    ['the priority 0', route({ priority: 0 }), 'routes[0].priority: must be a whole number from 1 to 100, got 0'],
    ['the priority 101', route({ priority: 101 }), 'routes[0].priority: must be a whole number from 1 to 100, got 101'],
    ['the weight 1.5', route({ weight: 1.5 }), 'routes[0].weight: must be a whole number from 1 to 100, got 1.5'],
    ['a route twice', [{ host: 'sip.example.com' }, { host: 'SIP.example.com', port: 5060, protocol: OriginationProtocol.TCP }], 'routes[1]: sip.example.com:5060 over TCP is given twice'],
  ])('%s', (_, routes, message) => {
    expect(problem(() => build(newStack(), { routes }))).toContain(`[Stack/Origination] ${message}`);
  });

  test('all findings are in one error', () => {
    expect(problem(() => build(newStack(), { routes: route({ host: 'localhost', port: 0, priority: 0, weight: 0 }) })).split('\n')).toHaveLength(4);
  });

  test('a second origination of one voice connector, also in another stack of the app', () => {
    const app = new App();
    build(newStack('One', app));
    expect(problem(() => build(newStack('Two', app))))
      .toBe('[Two/Origination] voiceConnector: One/Origination configures this voice connector already, and it can have only one origination; remove one of the two');
  });
});

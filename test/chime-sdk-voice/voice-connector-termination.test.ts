import { App, CfnOutput, CfnParameter, CfnResource, PropertyInjectors, RemovalPolicy, SecretValue, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { PhoneNumber, VoiceConnector, VoiceConnectorTermination, type VoiceConnectorTerminationProps } from '../../src';
import { problem } from '../problem';

const TYPE = 'Custom::RtcVoiceConnectorTermination';
const ID = 'abcdefghijklmnopqrstuv';
const ARN = `arn:aws:chime:us-east-1:123456789012:vc/${ID}`;
const env = { account: '123456789012', region: 'us-east-1' };
const REQUIRED = { allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'] };

type Props = Partial<Omit<VoiceConnectorTerminationProps, 'voiceConnector'>>;

const newStack = (props: { env?: { account: string; region: string } } = {}, id = 'Stack', app = new App()) => new Stack(app, id, props);
const imported = (stack: Stack, arn = ARN) => VoiceConnector.fromVoiceConnectorArn(stack, 'Connector', arn);
const build = (stack: Stack, props: Props = {}) => new VoiceConnectorTermination(stack, 'Termination', { voiceConnector: imported(stack), ...REQUIRED, ...props });
const template = (props?: Props, stack = newStack()) => {
  build(stack, props);
  return Template.fromStack(stack);
};
const propertiesOf = (synthesized: Template) => {
  const [{ Properties: { ServiceToken, ...rest } }] = Object.values(synthesized.findResources(TYPE));
  expect(ServiceToken).toBeDefined();
  return rest;
};
const secretArn = (name: string) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`;
const secret = (stack: Stack, name: string) => secretsmanager.Secret.fromSecretCompleteArn(stack, name, secretArn(name));

describe('properties', () => {
  test('only what is required is sent by default, also where defaults are given', () => {
    const required = { VoiceConnectorArn: ARN, AllowedCidrs: ['203.0.113.10/32'], CallingRegions: ['US'], ServiceTimeout: 900 };
    for (const props of [{}, { enabled: true, adoptExisting: false, credentials: [] }]) expect(propertiesOf(template(props))).toEqual(required);
  });

  test('all are sent', () => {
    const stack = newStack();
    expect(propertiesOf(template({
      allowedCidrs: ['203.0.113.0/27', '198.51.100.7/32'],
      callingRegions: ['US', 'CA'],
      callsPerSecond: 3,
      defaultPhoneNumber: PhoneNumber.fromE164PhoneNumber(stack, 'Phone', '+12065550100'),
      credentials: [secret(stack, 'desk'), secret(stack, 'door')],
      credentialsVersion: '2026-11',
      enabled: false,
      adoptExisting: true,
      forceUpdateNonce: '1',
      removalPolicy: RemovalPolicy.RETAIN,
    }, stack))).toEqual({
      VoiceConnectorArn: ARN,
      AllowedCidrs: ['203.0.113.0/27', '198.51.100.7/32'],
      CallingRegions: ['US', 'CA'],
      CallsPerSecond: 3,
      DefaultPhoneNumber: '+12065550100',
      CredentialSecretArns: [secretArn('desk'), secretArn('door')],
      CredentialsVersion: '2026-11',
      Enabled: false,
      AdoptExisting: true,
      ForceUpdateNonce: '1',
      Retain: true,
      ServiceTimeout: 900,
    });
  });

  test('tokens pass through', () => {
    const stack = newStack();
    const parameter = (id: string, type = 'String') => new CfnParameter(stack, id, { type });
    template({
      allowedCidrs: [`${parameter('Address').valueAsString}/32`],
      callingRegions: parameter('Countries', 'CommaDelimitedList').valueAsList,
      callsPerSecond: parameter('Calls', 'Number').valueAsNumber,
      defaultPhoneNumber: PhoneNumber.fromE164PhoneNumber(stack, 'CallerId', parameter('Phone').valueAsString),
    }, stack).hasResourceProperties(TYPE, {
      AllowedCidrs: [{ 'Fn::Join': ['', [{ Ref: 'Address' }, '/32']] }], CallingRegions: { Ref: 'Countries' }, CallsPerSecond: { Ref: 'Calls' }, DefaultPhoneNumber: { Ref: 'Phone' },
    });
  });

  test('the ID of the voice connector waits for the termination', () => {
    const stack = newStack();
    new CfnOutput(stack, 'Id', { value: build(stack).voiceConnectorId });
    Template.fromStack(stack).hasOutput('Id', { Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Termination'), 'VoiceConnectorId'] } });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: VoiceConnectorTermination.PROPERTY_INJECTION_ID,
      inject: (original: VoiceConnectorTerminationProps) => ({ ...original, enabled: false }),
    });
    template({}, stack).hasResourceProperties(TYPE, { Enabled: false });
  });
});

describe('bad input', () => {
  test.each<[string, Props, string]>([
    ['no block', { allowedCidrs: [] }, 'allowedCidrs: at least one block is required'],
    ['no CIDR', { allowedCidrs: ['sip.example.com'] }, 'allowedCidrs[0]: must be a block of public IPv4 addresses'],
    ['an address without a length', { allowedCidrs: ['203.0.113.10'] }, 'allowedCidrs[0]: must be a block of public IPv4 addresses'],
    ['a block that is too large', { allowedCidrs: ['203.0.113.0/26'] }, 'allowedCidrs[0]: the length must be from /27 to /32'],
    ['everything', { allowedCidrs: ['0.0.0.0/0'] }, 'allowedCidrs[0]: the length must be from /27 to /32'],
    ['host bits', { allowedCidrs: ['203.0.113.10/27'] }, 'allowedCidrs[0]: must start at the first address of the block'],
    ...['10.1.2.3/32', '172.16.0.1/32', '192.168.0.0/27', '100.64.0.1/32', '127.0.0.1/32', '169.254.0.1/32', '224.0.0.1/32'].map((cidr): [string, Props, string] => (
      [`the block ${cidr}, which isn't public`, { allowedCidrs: [cidr] }, `allowedCidrs[0]: must be public, got ${cidr}`])),
    ['a block twice', { allowedCidrs: ['203.0.113.10/32', '203.0.113.10/32'] }, 'allowedCidrs[1]: 203.0.113.10/32 is given twice'],
    ['no country', { callingRegions: [] }, 'callingRegions: at least one country is required'],
    ['the name of a country', { callingRegions: ['us'] }, 'callingRegions[0]: must be two capital letters, got "us"'],
    ['a country twice', { callingRegions: ['US', 'US'] }, 'callingRegions[1]: US is given twice'],
    ['no calls per second', { callsPerSecond: 0 }, 'callsPerSecond: must be a whole number from 1'],
    ['a part of a call per second', { callsPerSecond: 1.5 }, 'callsPerSecond: must be a whole number from 1'],
  ])('%s', (_, props, message) => {
    expect(problem(() => build(newStack(), props))).toContain(`[Stack/Termination] ${message}`);
  });

  test('a secret twice, and more than 20 secrets', () => {
    const stack = newStack();
    const desk = secret(stack, 'desk');
    expect(problem(() => build(stack, { credentials: [desk, desk] }))).toContain('[Stack/Termination] credentials[1]:');
    const many = Array.from({ length: 21 }, (_, index) => secret(stack, `user${index}`));
    expect(problem(() => build(newStack(), { credentials: many }))).toContain('[Stack/Termination] credentials: at most 20 secrets are possible, got 21');
  });

  test('all findings are in one error', () => {
    expect(problem(() => build(newStack(), { allowedCidrs: [], callingRegions: ['us'], callsPerSecond: 0 })).split('\n')).toHaveLength(3);
  });

  test('adoptExisting that is known only at deployment', () => {
    const stack = newStack();
    const adoptExisting = Token.asAny(new CfnParameter(stack, 'Adopt').value) as unknown as boolean;
    expect(problem(() => build(stack, { adoptExisting }))).toBe('[Stack/Termination] adoptExisting: must be known at synth, got a token; give true or false');
  });

  test('a voice connector of another account', () => {
    expect(problem(() => build(newStack({ env: { ...env, account: '210987654321' } })))).toContain('voiceConnector: must be in the stack\'s own account (210987654321)');
  });

  test('a second termination of one voice connector, also in another stack of the app', () => {
    const app = new App();
    build(newStack({ env }, 'One', app));
    expect(problem(() => build(newStack({ env }, 'Two', app))))
      .toBe('[Two/Termination] voiceConnector: One/Termination configures this voice connector already, and it can have only one termination; remove one of the two');
  });
});

describe('warnings', () => {
  test.each<[string, Props, string]>([
    ['an IPv6 block', { allowedCidrs: ['2001:db8::1/128'] }, 'allowedCidrs\\[0\\]: 2001:db8::1/128 is an IPv6 block'],
    ['more calls per second than the default quota', { callsPerSecond: 2 }, 'callsPerSecond: 2 is above 1, the default quota'],
  ])('%s', (_, props, message) => {
    const stack = newStack();
    build(stack, props);
    Annotations.fromStack(stack).hasWarning('/Stack/Termination', Match.stringLikeRegexp(message));
  });

  test.each([
    ['account', secretArn('x').replace('123456789012', '210987654321'), 'the secret is in the account 210987654321'],
    ['region', secretArn('x').replace('us-east-1', 'eu-west-1'), 'the secret is in eu-west-1'],
  ])('a secret of another %s', (_, arn, message) => {
    const stack = newStack({ env });
    build(stack, { credentials: [secretsmanager.Secret.fromSecretCompleteArn(stack, 'User', arn)] });
    Annotations.fromStack(stack).hasWarning('/Stack/Termination', Match.stringLikeRegexp(message));
  });

  test('a region without the service', () => {
    const stack = newStack();
    new VoiceConnectorTermination(stack, 'Termination', { voiceConnector: imported(stack, ARN.replace('us-east-1', 'eu-north-1')), ...REQUIRED });
    Annotations.fromStack(stack).hasWarning('/Stack/Termination', Match.stringLikeRegexp('not known to be in eu-north-1; it is in ap-northeast-1, .*us-west-2'));
  });

  test('none for the usual values', () => {
    const stack = newStack({ env });
    build(stack, { callsPerSecond: 1, credentials: [secret(stack, 'desk')] });
    Annotations.fromStack(stack).hasNoWarning('/Stack/Termination', Match.anyValue());
  });
});

describe('credentials', () => {
  const policyOf = (synthesized: Template) => Object.entries(synthesized.findResources('AWS::IAM::Policy')).find(([id]) => id.startsWith('TerminationCredentialsPolicy'));

  test('without them there is no policy for secrets', () => {
    expect(policyOf(template())).toBeUndefined();
    expect(JSON.stringify(template().toJSON())).not.toContain('secretsmanager:');
  });

  test('the handlers may read these secrets with their keys, and the termination waits for the permission', () => {
    const stack = newStack({ env });
    const key = new kms.Key(stack, 'Key');
    const [own, theirs] = [new secretsmanager.Secret(stack, 'Own', { encryptionKey: key }), secret(stack, 'theirs')];
    const synthesized = template({ credentials: [own, theirs] }, stack);
    const [id, { Properties }] = policyOf(synthesized)!;
    expect(Properties.PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: [{ Ref: expect.stringMatching(/^Own/) }, secretArn('theirs')] },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
        Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' } },
      },
    ]);
    expect(Properties.Roles).toEqual([{ Ref: expect.stringMatching(/^CdkRtcHandlerRole/) }]);
    const [{ DependsOn }] = Object.values(synthesized.findResources(TYPE));
    expect(DependsOn).toContain(id);
  });

  test('a secret by its name, whose ARN ends in characters that the app doesn\'t know', () => {
    const stack = newStack({ env });
    const [, { Properties }] = policyOf(template({ credentials: [secretsmanager.Secret.fromSecretNameV2(stack, 'User', 'sip/desk')] }, stack))!;
    expect(JSON.stringify(Properties.PolicyDocument.Statement[0].Resource)).toMatch(/:secret:sip\/desk-\?{6}"/);
  });

  test.each<[string, (stack: Stack) => kms.IKey, unknown]>([
    ['new', (stack) => new kms.Key(stack, 'Key').addAlias('phones'), { Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] } }],
    ['that is imported by its name', (stack) => kms.Alias.fromAliasName(stack, 'Alias', 'alias/phones'), {
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':kms:us-east-1:123456789012:key/*']] },
      Condition: { 'StringEquals': { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' }, 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/phones' } },
    }],
  ])('a secret whose key is given by an alias %s: IAM grants access to keys, not to aliases', (_, makeKey, statement) => {
    const stack = newStack({ env });
    const [, { Properties }] = policyOf(template({ credentials: [new secretsmanager.Secret(stack, 'User', { encryptionKey: makeKey(stack) })] }, stack))!;
    expect(Properties.PolicyDocument.Statement[1]).toMatchObject({ Action: 'kms:Decrypt', ...statement as object });
  });

  test('only the ARN of a secret is in the properties, even if the template has its value', () => {
    const stack = newStack({ env });
    const user = new secretsmanager.Secret(stack, 'User', { secretObjectValue: { username: SecretValue.unsafePlainText('desk'), password: SecretValue.unsafePlainText('hush') } });
    const synthesized = template({ credentials: [user] }, stack);
    synthesized.hasResourceProperties(TYPE, { CredentialSecretArns: [{ Ref: stack.getLogicalId(user.node.defaultChild as CfnResource) }] });
    expect(JSON.stringify(propertiesOf(synthesized))).not.toMatch(/desk|hush|resolve:/);
  });
});

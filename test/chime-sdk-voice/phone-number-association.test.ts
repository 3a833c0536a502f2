import { App, CfnParameter, PropertyInjectors, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  PhoneNumber, PhoneNumberAssociation, type PhoneNumberAssociationProps, PhoneNumberSource, VoiceConnector, VoiceConnectorOrigination,
} from '../../src';
import { problem } from '../problem';

const TYPE = 'Custom::RtcPhoneNumberAssociation';
const ARN = 'arn:aws:chime:us-east-1:123456789012:vc/abcdefghijklmnopqrstuv';
const NUMBER = '+12065550100';
const env = { account: '123456789012', region: 'us-east-1' };

type Props = Partial<PhoneNumberAssociationProps>;

const newStack = (props: { env?: { account: string; region: string } } = { env }, id = 'Stack', app = new App()) => new Stack(app, id, props);
const connector = (stack: Stack, arn = ARN, id = 'Connector') => VoiceConnector.fromVoiceConnectorArn(stack, id, arn);
const imported = (stack: Stack, id = 'Imported', number = NUMBER, region?: string) => PhoneNumber.fromE164PhoneNumber(stack, id, number, region);
const build = (stack: Stack, props: Props = {}, id = 'Calls') => new PhoneNumberAssociation(stack, id, {
  voiceConnector: props.voiceConnector ?? connector(stack), phoneNumber: props.phoneNumber ?? imported(stack), ...props,
});

describe('properties', () => {
  test('only the number and the voice connector are sent by default, also if the defaults are given', () => {
    for (const props of [{}, { reassign: false }]) {
      const stack = newStack();
      build(stack, props);
      const [{ Properties: { ServiceToken, ...rest } }] = Object.values(Template.fromStack(stack).findResources(TYPE));
      expect(ServiceToken).toBeDefined();
      expect(rest).toEqual({ VoiceConnectorArn: ARN, E164PhoneNumber: NUMBER, ServiceTimeout: 900 });
    }
  });

  test('all are sent', () => {
    const stack = newStack();
    build(stack, { reassign: true, forceUpdateNonce: '1' });
    Template.fromStack(stack).hasResourceProperties(TYPE, { VoiceConnectorArn: ARN, E164PhoneNumber: NUMBER, Reassign: true, ForceUpdateNonce: '1' });
  });

  test('a number and a voice connector of the stack are references, so that CloudFormation disassociates the number first', () => {
    const stack = newStack();
    build(stack, { voiceConnector: new VoiceConnector(stack, 'Trunk'), phoneNumber: new PhoneNumber(stack, 'Number', { source: PhoneNumberSource.tollFree() }) });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      VoiceConnectorArn: { Ref: Match.stringLikeRegexp('^Trunk') }, E164PhoneNumber: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Number'), 'E164PhoneNumber'] },
    });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: PhoneNumberAssociation.PROPERTY_INJECTION_ID,
      inject: (original: PhoneNumberAssociationProps) => ({ ...original, reassign: true }),
    });
    build(stack);
    Template.fromStack(stack).hasResourceProperties(TYPE, { Reassign: true });
  });

  test('isPhoneNumberAssociation', () => {
    const association = build(newStack());
    expect(PhoneNumberAssociation.isPhoneNumberAssociation(association)).toBe(true);
    expect(PhoneNumberAssociation.isPhoneNumberAssociation(association.node.defaultChild)).toBe(false);
  });
});

describe('bad input', () => {
  test('reassign that is known only at deployment', () => {
    const stack = newStack();
    const reassign = Token.asAny(new CfnParameter(stack, 'Reassign').value) as unknown as boolean;
    expect(problem(() => build(stack, { reassign }))).toBe('[Stack/Calls] reassign: must be known at synth, got a token; give true or false');
  });

  test('a number that is not in E.164 format', () => {
    const stack = newStack();
    const phoneNumber = Object.assign(Object.create(imported(stack)), { e164PhoneNumber: '2065550100' });
    expect(problem(() => build(stack, { phoneNumber }))).toContain('[Stack/Calls] phoneNumber: must be + and 2 to 15 digits');
  });

  test('a voice connector of another account', () => {
    expect(problem(() => build(newStack({ env: { ...env, account: '210987654321' } })))).toContain('voiceConnector: must be in the stack\'s own account (210987654321)');
  });

  test('a second association of one number, also in another stack of the app and with another voice connector', () => {
    const app = new App();
    build(newStack({ env }, 'One', app));
    const two = newStack({ env }, 'Two', app);
    expect(problem(() => build(two, { voiceConnector: connector(two, ARN.replace('abc', 'xyz')) }))).toBe(
      '[Two/Calls] phoneNumber: One/Calls associates this number already, and it can be associated with only one voice connector; remove one of the two');
  });

  test('a second association of a number that the app orders', () => {
    const stack = newStack();
    const phoneNumber = new PhoneNumber(stack, 'Number', { source: PhoneNumberSource.tollFree() });
    build(stack, { phoneNumber }, 'First');
    expect(problem(() => build(stack, { phoneNumber, voiceConnector: connector(stack, ARN, 'Again') }, 'Second'))).toContain('[Stack/Second] phoneNumber: Stack/First associates this number already');
  });

  test('associations of several numbers are possible', () => {
    const stack = newStack();
    const voiceConnector = connector(stack);
    build(stack, { voiceConnector }, 'First');
    build(stack, { voiceConnector, phoneNumber: imported(stack, 'Other', '+12065550101') }, 'Second');
    Template.fromStack(stack).resourceCountIs(TYPE, 2);
  });
});

describe('warnings', () => {
  test('a number and a voice connector of different regions', () => {
    const stack = newStack();
    build(stack, { phoneNumber: imported(stack, 'Elsewhere', NUMBER, 'us-west-2') });
    Annotations.fromStack(stack).hasWarning('/Stack/Calls', Match.stringLikeRegexp('phoneNumber: the number is in us-west-2, the voice connector in us-east-1; that the service associates them is unverified \\(F-90\\)'));
  });

  test('a region without the service', () => {
    const stack = newStack();
    build(stack, { voiceConnector: connector(stack, ARN.replace('us-east-1', 'eu-north-1')) });
    Annotations.fromStack(stack).hasWarning('/Stack/Calls', Match.stringLikeRegexp('not known to be in eu-north-1'));
  });

  test('none if both are in one region, or if a region is known only at deployment', () => {
    for (const stack of [newStack(), newStack({})]) {
      build(stack);
      Annotations.fromStack(stack).hasNoWarning('/Stack/Calls', Match.anyValue());
    }
  });
});

test('of the settings and associations of one voice connector, one is in flight at once', () => {
  const stack = newStack();
  const voiceConnector = connector(stack);
  new VoiceConnectorOrigination(stack, 'Origination', { voiceConnector, routes: [{ host: 'sip.example.com' }] });
  build(stack, { voiceConnector });
  const { Resources } = Template.fromStack(stack).toJSON();
  const idOf = (type: string) => Object.keys(Resources).find((id) => Resources[id].Type === type)!;
  const [association, origination] = [idOf(TYPE), idOf('Custom::RtcVoiceConnectorOrigination')];
  const dependsOn = (one: string, other: string) => Resources[one].DependsOn.includes(other);
  expect([dependsOn(association, origination), dependsOn(origination, association)].filter(Boolean)).toHaveLength(1);
});

test('a stack that associates numbers, and orders none, has no permission to order or to release a number', () => {
  const stack = newStack();
  build(stack);
  const policies = Template.fromStack(stack).findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: Match.stringLikeRegexp('^CdkRtcHandlerRole') }] } });
  const statements = Object.values(policies).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  expect(statements).toEqual([
    {
      Effect: 'Allow',
      Action: [
        'chime:AssociatePhoneNumbersWithVoiceConnector', 'chime:DisassociatePhoneNumbersFromVoiceConnector',
        'chime:ListTagsForResource', 'chime:TagResource', 'chime:UntagResource',
      ],
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':chime:*:123456789012:vc/*']] },
    },
    { Effect: 'Allow', Action: 'chime:GetPhoneNumber', Resource: '*' },
  ]);
});

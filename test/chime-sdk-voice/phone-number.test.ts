import { App, CfnOutput, CfnParameter, Duration, PropertyInjectors, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { PhoneNumber, PhoneNumberProductType, type PhoneNumberProps, PhoneNumberSource, TollFreePrefix, VoiceConnector, VoiceConnectorTermination } from '../../src';
import { problem } from '../problem';

const TYPE = 'Custom::RtcPhoneNumber';
const NUMBER = '+12065550100';
const env = { account: '123456789012', region: 'us-east-1' };
const LOCAL = PhoneNumberSource.local({ areaCode: '206' });

type Props = Partial<PhoneNumberProps>;

const newStack = (props: { env?: { account: string; region: string } } = { env }, id = 'Stack', app = new App()) => new Stack(app, id, props);
const build = (stack: Stack, props: Props = {}, id = 'Number') => new PhoneNumber(stack, id, { source: LOCAL, ...props });
const template = (props?: Props, stack = newStack()) => {
  build(stack, props);
  return Template.fromStack(stack);
};
const propertiesOf = (synthesized: Template) => {
  const [{ Properties: { ServiceToken, ...rest } }] = Object.values(synthesized.findResources(TYPE));
  expect(ServiceToken).toBeDefined();
  return rest;
};

describe('properties', () => {
  test('the product type, the time limit, and the region are sent by default, also if the defaults are given', () => {
    const defaults = {
      Source: { Local: { AreaCode: '206' } }, ProductType: 'VoiceConnector', OrderTimeout: 900, Region: 'us-east-1', Retain: true, ServiceTimeout: 3300,
    };
    for (const props of [{}, { adoptExisting: false, productType: PhoneNumberProductType.VOICE_CONNECTOR, orderTimeout: Duration.minutes(15), region: 'us-east-1' }]) {
      expect(propertiesOf(template(props))).toEqual(defaults);
    }
  });

  test('all are sent', () => {
    expect(propertiesOf(template({
      source: PhoneNumberSource.exactly(NUMBER),
      productType: PhoneNumberProductType.SIP_MEDIA_APPLICATION_DIAL_IN,
      phoneNumberName: 'Front desk',
      callingName: 'Example Corp',
      orderTimeout: Duration.minutes(50),
      adoptExisting: true,
      region: 'us-west-2',
      forceUpdateNonce: '1',
      removalPolicy: RemovalPolicy.DESTROY,
    }))).toEqual({
      Source: { Exactly: { E164PhoneNumber: NUMBER } },
      ProductType: 'SipMediaApplicationDialIn',
      PhoneNumberName: 'Front desk',
      CallingName: 'Example Corp',
      OrderTimeout: 3000,
      AdoptExisting: true,
      Region: 'us-west-2',
      ForceUpdateNonce: '1',
      ServiceTimeout: 3300,
    });
  });

  test.each<[string, PhoneNumberSource, object]>([
    ['a search by all criteria', PhoneNumberSource.local({ areaCode: '206', state: 'WA', city: 'Seattle' }), { Local: { AreaCode: '206', State: 'WA', City: 'Seattle' } }],
    ['a search by the state', PhoneNumberSource.local({ state: 'WA' }), { Local: { State: 'WA' } }],
    ['a toll-free number', PhoneNumberSource.tollFree(), { TollFree: {} }],
    ['a toll-free number with a prefix', PhoneNumberSource.tollFree(TollFreePrefix.P833), { TollFree: { Prefix: '833' } }],
    ['one number', PhoneNumberSource.exactly(NUMBER), { Exactly: { E164PhoneNumber: NUMBER } }],
  ])('the source is %s', (_, source, expected) => {
    expect(propertiesOf(template({ source })).Source).toEqual(expected);
  });

  test('tokens pass through', () => {
    const stack = newStack({});
    const parameter = (id: string, type = 'String') => new CfnParameter(stack, id, { type });
    build(stack, {
      source: PhoneNumberSource.local({ areaCode: parameter('AreaCode').valueAsString }),
      phoneNumberName: parameter('Name').valueAsString,
      callingName: parameter('CallingName').valueAsString,
      orderTimeout: Duration.seconds(parameter('Timeout', 'Number').valueAsNumber),
    });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      Source: { Local: { AreaCode: { Ref: 'AreaCode' } } },
      PhoneNumberName: { Ref: 'Name' },
      CallingName: { Ref: 'CallingName' },
      OrderTimeout: { Ref: 'Timeout' },
      Region: { Ref: 'AWS::Region' },
    });
  });

  test('the number is an attribute', () => {
    const stack = newStack();
    new CfnOutput(stack, 'Dial', { value: build(stack).e164PhoneNumber });
    Template.fromStack(stack).hasOutput('Dial', { Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Number'), 'E164PhoneNumber'] } });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: PhoneNumber.PROPERTY_INJECTION_ID,
      inject: (original: PhoneNumberProps) => ({ ...original, phoneNumberName: 'injected' }),
    });
    template({}, stack).hasResourceProperties(TYPE, { PhoneNumberName: 'injected' });
  });
});

describe('removal policy', () => {
  test('by default the number stays, except for a rollback of its first deployment', () => {
    template().hasResource(TYPE, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test.each([
    [RemovalPolicy.RETAIN, 'Retain', 'Retain', true],
    [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', 'Retain', true],
    [RemovalPolicy.DESTROY, 'Delete', 'Delete', undefined],
  ])('%s', (removalPolicy, DeletionPolicy, UpdateReplacePolicy, Retain) => {
    const synthesized = template({ removalPolicy });
    synthesized.hasResource(TYPE, { DeletionPolicy, UpdateReplacePolicy });
    expect(propertiesOf(synthesized).Retain).toBe(Retain);
  });
});

describe('bad input', () => {
  test.each<[string, Props, string]>([
    ['a search without criteria', { source: PhoneNumberSource.local({}) }, 'source: a search for a local number needs at least one criterion, got none; give areaCode or state'],
    ['an area code with a prefix', { source: PhoneNumberSource.local({ areaCode: '+1206' }) }, 'source.areaCode: must be three digits, got "+1206"'],
    ['the name of a state', { source: PhoneNumberSource.local({ state: 'Washington' }) }, 'source.state: must be two capital letters, got "Washington"'],
    ['a state in lower case', { source: PhoneNumberSource.local({ state: 'wa' }) }, 'source.state: must be two capital letters, got "wa"'],
    ['a city without its state', { source: PhoneNumberSource.local({ city: 'Seattle' }) }, 'source.city: needs state'],
    ['an empty city', { source: PhoneNumberSource.local({ state: 'WA', city: '' }) }, 'source.city: must be 1 to 100 letters'],
    ['an unknown prefix', { source: PhoneNumberSource.tollFree('900' as TollFreePrefix) }, 'source.prefix: must be one of 800, 833, 844, 855, 866, 877, 888, got "900"'],
    ['a number without the plus sign', { source: PhoneNumberSource.exactly('12065550100') }, 'source.e164PhoneNumber: must be + and 2 to 15 digits'],
    ['an encoded number', { source: PhoneNumberSource.exactly('%2B12065550100') }, 'source.e164PhoneNumber: must be + and 2 to 15 digits, the first of them not 0, got "%2B1…", 14 characters; replace %2B with +'],
    ['an unknown product type', { productType: 'BusinessCalling' as PhoneNumberProductType }, 'productType: must be VoiceConnector or SipMediaApplicationDialIn, got "BusinessCalling"'],
    ['an empty name', { phoneNumberName: '' }, 'phoneNumberName: must be words'],
    ['a name with two blanks', { phoneNumberName: 'Front  desk' }, 'phoneNumberName: must be words'],
    ['a name with other characters', { phoneNumberName: 'Empfang/Köln' }, 'phoneNumberName: must be words'],
    ['a name that is too long', { phoneNumberName: 'a'.repeat(181) }, 'phoneNumberName: must be words'],
    ['a calling name that is too short', { callingName: 'A' }, 'callingName: must be 2 to 15 letters, digits, and blanks, got "A"'],
    ['a calling name that is too long', { callingName: 'a'.repeat(16) }, 'callingName: must be 2 to 15 letters'],
    ['a calling name with other characters', { callingName: 'A & B' }, 'callingName: must be 2 to 15 letters'],
    ['too short an order', { orderTimeout: Duration.seconds(59) }, 'orderTimeout: must be whole seconds from 60 to 3000, got 59 s'],
    ['too long an order', { orderTimeout: Duration.seconds(3001) }, 'orderTimeout: must be whole seconds from 60 to 3000, got 3001 s'],
    ['a part of a second', { orderTimeout: Duration.millis(60_500) }, 'orderTimeout: must be whole seconds from 60 to 3000, got 60.5 s'],
    ['adoption of what a search finds', { adoptExisting: true }, 'adoptExisting: needs PhoneNumberSource.exactly'],
    ['a region that is no region', { region: 'Oregon' }, 'region: must be the name of a region'],
    ['a snapshot', { removalPolicy: RemovalPolicy.SNAPSHOT }, 'removalPolicy: SNAPSHOT is not possible'],
  ])('%s', (_, props, message) => {
    expect(problem(() => build(newStack(), props))).toContain(`[Stack/Number] ${message}`);
  });

  test.each<[string, Props]>([
    ['the longest name', { phoneNumberName: 'a'.repeat(180) }],
    ['the shortest and the longest calling name', { callingName: 'AB' }],
    ['the longest calling name', { callingName: 'a'.repeat(15) }],
    ['the shortest order', { orderTimeout: Duration.minutes(1) }],
    ['a city with punctuation', { source: PhoneNumberSource.local({ state: 'MN', city: 'St. Paul' }) }],
  ])('accepts %s', (_, props) => {
    expect(() => build(newStack(), props)).not.toThrow();
  });

  test('all findings are in one error', () => {
    const source = PhoneNumberSource.local({ areaCode: '1', state: 'x', city: '' });
    expect(problem(() => build(newStack(), { source, phoneNumberName: '', callingName: '', orderTimeout: Duration.hours(2) })).split('\n')).toHaveLength(6);
  });

  test('adoptExisting that is known only at deployment', () => {
    const stack = newStack();
    const adoptExisting = Token.asAny(new CfnParameter(stack, 'Adopt').value) as unknown as boolean;
    expect(problem(() => build(stack, { source: PhoneNumberSource.exactly(NUMBER), adoptExisting })))
      .toBe('[Stack/Number] adoptExisting: must be known at synth, got a token; give true or false');
  });

  test('a time limit in minutes that is known only at deployment', () => {
    const stack = newStack();
    const minutes = new CfnParameter(stack, 'Minutes', { type: 'Number' }).valueAsNumber;
    expect(problem(() => build(stack, { orderTimeout: Duration.minutes(minutes) }))).toContain('[Stack/Number] orderTimeout: is known only at deployment');
  });

  test('no error shows a whole number, which is personal data', () => {
    expect(problem(() => build(newStack(), { source: PhoneNumberSource.exactly('14255550123') }))).not.toContain('4255550123');
  });
});

describe('warnings', () => {
  const ORDERED_AGAIN = 'source: a deployment after the deletion of the stack, in another region, or under another ID of the construct, orders another number';
  const warnings = (props: Props, stack = newStack()) => {
    build(stack, props);
    return Annotations.fromStack(stack).findWarning('/Stack/Number', Match.anyValue()).map(({ entry }) => String(entry.data));
  };
  const exactly = PhoneNumberSource.exactly(NUMBER);

  test('a number that a search finds and that stays is billed when the stack orders another number', () => {
    for (const source of [LOCAL, PhoneNumberSource.tollFree()]) {
      expect(warnings({ source })).toEqual([expect.stringContaining(`${ORDERED_AGAIN}, and the previous number stays in the account and is billed`)]);
    }
  });

  test('a number that a search finds and that is released is lost', () => {
    expect(warnings({ removalPolicy: RemovalPolicy.DESTROY })).toEqual([expect.stringContaining(`${ORDERED_AGAIN}, and the previous number is lost 7 days after its release`)]);
  });

  test('a chosen number that stays is billed after its replacement', () => {
    expect(warnings({ source: exactly })).toEqual([expect.stringContaining('removalPolicy: a change of the number or of the region replaces the resource, and the previous number stays')]);
  });

  test('none for a chosen number that is released', () => {
    expect(warnings({ source: exactly, removalPolicy: RemovalPolicy.DESTROY })).toEqual([]);
  });

  const released = { source: exactly, removalPolicy: RemovalPolicy.DESTROY };

  test('the product that is closed to new customers', () => {
    expect(warnings({ ...released, productType: PhoneNumberProductType.SIP_MEDIA_APPLICATION_DIAL_IN }))
      .toEqual([expect.stringContaining('productType: SipMediaApplicationDialIn is possible only in accounts that used SIP media applications before 2026-10-29')]);
  });

  test('a region without phone numbers, also if it has voice connectors', () => {
    expect(warnings({ ...released, region: 'eu-central-1' })).toEqual([expect.stringContaining('not known to be in eu-central-1; it is in us-east-1, us-west-2')]);
    expect(warnings(released, newStack({ env: { ...env, region: 'eu-central-1' } }))).toHaveLength(1);
    expect(warnings({ ...released, region: 'us-west-2' })).toEqual([]);
  });

  test('more numbers in a region than the default quota', () => {
    const stack = newStack();
    for (const index of [1, 2, 3, 4, 5, 6]) build(stack, released, `Number${index}`);
    build(stack, { ...released, region: 'us-west-2' }, 'Elsewhere');
    const annotations = Annotations.fromStack(stack);
    expect(annotations.findWarning('*', Match.stringLikeRegexp('quota')).map(({ id }) => id)).toEqual(['/Stack/Number6']);
    annotations.hasWarning('/Stack/Number6', Match.stringLikeRegexp('this stack has 6 phone numbers, and the default quota of an account and region is 5'));
  });
});

describe('an imported number', () => {
  test('adds nothing to the template and keeps the number', () => {
    const stack = newStack();
    expect(PhoneNumber.fromE164PhoneNumber(stack, 'Imported', NUMBER).e164PhoneNumber).toBe(NUMBER);
    expect(Template.fromStack(stack).toJSON().Resources).toBeUndefined();
  });

  test('has the region of the stack, or another one', () => {
    const stack = newStack();
    expect(PhoneNumber.fromE164PhoneNumber(stack, 'Here', NUMBER).env.region).toBe('us-east-1');
    expect(PhoneNumber.fromE164PhoneNumber(stack, 'There', NUMBER, 'us-west-2').env.region).toBe('us-west-2');
  });

  test('that isn\'t a number is refused', () => {
    expect(problem(() => PhoneNumber.fromE164PhoneNumber(newStack(), 'Imported', '2065550100', 'x'))).toBe(
      '[Stack/Imported] e164PhoneNumber: must be + and 2 to 15 digits, the first of them not 0, got "2065…", 10 characters; give it in E.164 format, for example +12065550100\n'
      + '  region: must be the name of a region, such as us-east-1, got "x"; leave it out for the default');
  });

  test('is not a PhoneNumber', () => {
    const stack = newStack();
    expect(PhoneNumber.isPhoneNumber(PhoneNumber.fromE164PhoneNumber(stack, 'Imported', NUMBER))).toBe(false);
    expect(PhoneNumber.isPhoneNumber(build(stack))).toBe(true);
  });
});

test('the default phone number of a termination is deployed after the number', () => {
  const stack = newStack();
  new VoiceConnectorTermination(stack, 'Termination', {
    voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'Trunk', 'abcdefghijklmnopqrstuv'),
    allowedCidrs: ['203.0.113.10/32'],
    callingRegions: ['US'],
    defaultPhoneNumber: build(stack),
  });
  Template.fromStack(stack).hasResourceProperties('Custom::RtcVoiceConnectorTermination', {
    DefaultPhoneNumber: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Number'), 'E164PhoneNumber'] },
  });
});

describe('permissions', () => {
  test('the handlers may order and release numbers, and the number waits for the permission', () => {
    const synthesized = template();
    const policies = Object.entries(synthesized.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: Match.stringLikeRegexp('^CdkRtcHandlerRole') }] } }));
    expect(policies).toHaveLength(1);
    const [[id, { Properties }]] = policies;
    expect(Object.values(synthesized.findResources(TYPE))[0].DependsOn).toEqual([id]);
    expect(Properties.PolicyDocument.Statement).toEqual([{
      Effect: 'Allow',
      Action: [
        'chime:CreatePhoneNumberOrder', 'chime:DeletePhoneNumber', 'chime:GetPhoneNumber', 'chime:ListPhoneNumberOrders',
        'chime:ListPhoneNumbers', 'chime:RestorePhoneNumber', 'chime:SearchAvailablePhoneNumbers', 'chime:UpdatePhoneNumber',
      ],
      Resource: '*',
    }]);
  });
});

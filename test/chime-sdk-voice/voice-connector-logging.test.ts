import { App, CfnOutput, CfnParameter, Fn, PropertyInjectors, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { type IVoiceConnectorLogging, VoiceConnector, VoiceConnectorLogging, type VoiceConnectorLoggingProps } from '../../src';
import { problem } from '../problem';

const TYPE = 'Custom::RtcVoiceConnectorLogging';
const ID = 'abcdefghijklmnopqrstuv';
const ARN = `arn:aws:chime:us-east-1:123456789012:vc/${ID}`;
const env = { account: '123456789012', region: 'us-east-1' };

type Props = Partial<Omit<VoiceConnectorLoggingProps, 'voiceConnector'>>;

const newStack = (region = 'us-east-1', id = 'Stack', app = new App()) => new Stack(app, id, { env: { ...env, region } });
const build = (stack: Stack, props: Props = {}) =>
  new VoiceConnectorLogging(stack, 'Logging', { voiceConnector: VoiceConnector.fromVoiceConnectorArn(stack, 'Connector', ARN), ...props });
const propertiesOf = (stack: Stack) => Object.values(Template.fromStack(stack).findResources(TYPE))[0].Properties;

describe('properties', () => {
  test('only the voice connector is sent by default, also where defaults are given', () => {
    for (const props of [{}, { sipMessages: false, mediaMetrics: true, adoptExisting: false }]) {
      const stack = newStack();
      build(stack, props);
      expect(propertiesOf(stack)).toEqual({ ServiceToken: expect.anything(), ServiceTimeout: 900, VoiceConnectorArn: ARN });
    }
  });

  test('all are sent', () => {
    const stack = newStack();
    build(stack, { sipMessages: true, mediaMetrics: false, adoptExisting: true, forceUpdateNonce: '1' });
    expect(propertiesOf(stack)).toMatchObject({ SipMessages: true, MediaMetrics: false, AdoptExisting: true, ForceUpdateNonce: '1' });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: VoiceConnectorLogging.PROPERTY_INJECTION_ID,
      inject: (original: VoiceConnectorLoggingProps) => ({ ...original, sipMessages: true }),
    });
    build(stack);
    expect(propertiesOf(stack).SipMessages).toBe(true);
  });
});

describe('bad input', () => {
  test('nothing to log', () => {
    expect(problem(() => build(newStack(), { mediaMetrics: false })))
      .toBe('[Stack/Logging] mediaMetrics: sipMessages and mediaMetrics are both false, so nothing would be logged; set one of them to true, or leave the construct out');
  });

  test('adoptExisting that is known only at deployment', () => {
    const stack = newStack();
    const adoptExisting = Token.asAny(new CfnParameter(stack, 'Adopt').value) as unknown as boolean;
    expect(problem(() => build(stack, { adoptExisting }))).toBe('[Stack/Logging] adoptExisting: must be known at synth, got a token; give true or false');
  });

  test('a second logging of one voice connector, also in another stack of the app', () => {
    const app = new App();
    build(newStack('us-east-1', 'One', app));
    expect(problem(() => build(newStack('us-east-1', 'Two', app))))
      .toBe('[Two/Logging] voiceConnector: One/Logging configures this voice connector already, and it can have only one logging configuration; remove one of the two');
  });

  test('an import by an ARN that isn\'t one', () => {
    expect(() => VoiceConnectorLogging.fromVoiceConnectorArn(newStack(), 'Imported', 'arn:aws:s3:::bucket')).toThrow('[Stack/Imported] voiceConnectorArn: must be');
  });
});

describe('permissions', () => {
  const actionsIn = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action) as string[]);

  test('to deliver logs exist only in stacks that log', () => {
    const [logging, other] = [newStack(), newStack()];
    build(logging);
    new VoiceConnector(other, 'Trunk', { origination: { routes: [{ host: 'sip.example.com' }] } });
    expect(actionsIn(logging).filter((action) => action.startsWith('logs:'))).toEqual([
      'logs:CreateLogDelivery', 'logs:CreateLogGroup', 'logs:DeleteLogDelivery', 'logs:DescribeLogGroups', 'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery', 'logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:UpdateLogDelivery',
    ]);
    expect(actionsIn(other).filter((action) => action.startsWith('logs:'))).toEqual([]);
  });
});

describe('log groups', () => {
  const groupsOf = ({ sipMessageLogGroup, mediaMetricLogGroup }: IVoiceConnectorLogging) => [sipMessageLogGroup, mediaMetricLogGroup];
  const PREFIXES = ['/aws/ChimeVoiceConnectorSipMessages/', '/aws/ChimeVoiceConnectorLogs/'];

  test('have the names that the service gives, and a resource that uses one waits for the logging', () => {
    const stack = newStack();
    const logging = build(stack);
    expect(stack.resolve(groupsOf(logging).map(({ logGroupName }) => logGroupName)))
      .toEqual(PREFIXES.map((prefix) => ({ 'Fn::Join': ['', [prefix, { 'Fn::GetAtt': [expect.stringMatching(/^Logging/), 'VoiceConnectorId'] }]] })));
    expect(logging.sipMessageLogGroup).toBe(logging.sipMessageLogGroup);
  });

  test('take grants and metric filters, and nothing creates them', () => {
    const stack = newStack();
    const { sipMessageLogGroup } = build(stack, { sipMessages: true });
    sipMessageLogGroup.grantRead(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    sipMessageLogGroup.addMetricFilter('Invites', { filterPattern: logs.FilterPattern.literal('INVITE'), metricName: 'Invites', metricNamespace: 'Phones' });
    const synthesized = Template.fromStack(stack);
    synthesized.hasResourceProperties('AWS::Logs::MetricFilter', { LogGroupName: { 'Fn::Join': ['', [PREFIXES[0], Match.anyValue()]] } });
    expect(Object.keys(synthesized.findResources('AWS::Logs::LogGroup')).filter((id) => !id.startsWith('CdkRtc'))).toEqual([]);
  });

  test('of a voice connector in another region are there', () => {
    const stack = newStack('eu-west-1');
    expect(groupsOf(build(stack)).map(({ logGroupArn }) => JSON.stringify(stack.resolve(logGroupArn))))
      .toEqual(PREFIXES.map((prefix) => expect.stringContaining(`:logs:us-east-1:123456789012:log-group:${prefix}`)));
  });

  test('of an imported logging configuration', () => {
    const stack = newStack();
    const logging = VoiceConnectorLogging.fromVoiceConnectorArn(stack, 'Imported', ARN);
    expect(logging.voiceConnectorId).toBe(ID);
    expect(groupsOf(logging).map(({ logGroupName }) => logGroupName)).toEqual(PREFIXES.map((prefix) => `${prefix}${ID}`));
    const late = VoiceConnectorLogging.fromVoiceConnectorArn(stack, 'Late', Fn.importValue('Arn'));
    new CfnOutput(stack, 'Name', { value: late.sipMessageLogGroup.logGroupName });
    expect(JSON.stringify(Template.fromStack(stack).findOutputs('Name'))).toContain('"Fn::ImportValue":"Arn"');
  });
});

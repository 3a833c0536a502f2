import { App, CfnParameter, Duration, Fn, Lazy, Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  ChimeMeetingPool, type ChimeMeetingPoolProps, type ChimeNamespace, IngestConfiguration,
  type NotificationTarget, RtcProvider, type RtcProviderOptions,
  SignalingChannel, VideoStream, VoiceConnector, VoiceConnectorStreaming, type VoiceConnectorStreamingProps,
} from '../../src';
import { ACCOUNT, REGION } from '../handler-setup';
import { problem } from '../problem';

/* What the properties have found, each by its name. */

function stackIn(app = new App()): Stack {
  return new Stack(app, 'Studio', { env: { account: ACCOUNT, region: REGION } });
}

function streaming(stack: Stack, props: Partial<VoiceConnectorStreamingProps>) {
  return new VoiceConnectorStreaming(stack, 'Streaming', {
    voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdefghijklmnopqrstuv'), ...props,
  });
}

const pool = (stack: Stack, props: Partial<ChimeMeetingPoolProps>) => new ChimeMeetingPool(stack, 'Rooms', { size: 1, ...props });

const parameter = (stack: Stack, type: string) => new CfnParameter(stack, 'Parameter', { type });

describe('a region that is none is refused, also by a handler that would not find the service there', () => {
  test.each(['', ' us-east-1', 'us-east-1\n', 'us east 1', '${AWS::Region}', '{{resolve:ssm:/region}}', 'us-east-1.evil.example', 'x'.repeat(10_240)])('%j', (region) => {
    const stack = stackIn();
    expect(problem(() => new SignalingChannel(stack, 'Channel', { region }))).toMatch(/^\[Studio\/Channel\] region: must be the name of a region, such as us-east-1, got /);
    expect(problem(() => new IngestConfiguration(stack, 'Ingest', { region }))).toMatch(/^\[Studio\/Ingest\] region: /);
    expect(problem(() => pool(stack, { region }))).toMatch(/^\[Studio\/Rooms\] region: /);
    expect(problem(() => new ChimeMeetingPool(stack, 'Others', { size: 1, mediaRegion: region }))).toMatch(/^\[Studio\/Others\] mediaRegion: /);
    expect(problem(() => VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdefghijklmnopqrstuv', region))).toMatch(/^\[Studio\/Connector\] region: /);
  });

  test.each(['us-east-1', 'us-gov-west-1', 'cn-north-1', 'us-isob-east-1', 'eusc-de-east-1', 'mx-central-1', 'ap-southeast-7'])('%s is one', (region) => {
    expect(new SignalingChannel(stackIn(), 'Channel', { region }).env.region).toBe(region);
  });
});

describe('a duration that is known only at deployment', () => {
  const late = (stack: Stack) => parameter(stack, 'Number').valueAsNumber;

  test('in another unit than the service\'s is refused by name, not by core without one', () => {
    const stack = stackIn();
    const duration = Duration.minutes(late(stack));
    const refusal = 'is known only at deployment, so it must be given in';
    expect(problem(() => new SignalingChannel(stack, 'Channel', { messageTtl: duration }))).toBe(`[Studio/Channel] messageTtl: ${refusal} seconds, got it in minutes; use Duration.seconds(…)`);
    expect(problem(() => pool(stack, { minimumRemainingLifetime: duration }))).toMatch(`[Studio/Rooms] minimumRemainingLifetime: ${refusal} seconds`);
    expect(problem(() => streaming(stack, { dataRetention: duration }))).toMatch(`[Studio/Streaming] dataRetention: ${refusal} hours`);
  });

  test('in the service\'s unit is left to the deployment', () => {
    const stack = stackIn();
    new SignalingChannel(stack, 'Channel', { messageTtl: Duration.seconds(late(stack)) });
  });
});

describe('a list that is known only at deployment is not validated as its encoded token', () => {
  test.each([
    ['a parameter', (stack: Stack) => parameter(stack, 'CommaDelimitedList').valueAsList],
    ['a split', (stack: Stack) => Fn.split(',', parameter(stack, 'String').valueAsString)],
    ['a lazy list', () => Lazy.list({ produce: () => ['studio'] })],
  ])('%s', (_, list) => {
    pool(stackIn(), { tenantIds: list(stackIn()) });
    streaming(stackIn(), { notificationTargets: list(stackIn()) as NotificationTarget[] });
  });
});

test('the namespace of a pool, on which its permissions depend, must be known at synth', () => {
  const stack = stackIn();
  expect(problem(() => pool(stack, { namespace: parameter(stack, 'String').valueAsString as ChimeNamespace })))
    .toBe('[Studio/Rooms] namespace: must be known at synth, because the permissions depend on it, got what is known only at deployment; give CHIME_SDK or CHIME');
});

test('a retention beyond the integers of the API is refused', () => {
  streaming(stackIn(), { dataRetention: Duration.hours(2147483647) });
  expect(problem(() => streaming(stackIn(), { dataRetention: Duration.hours(2147483648) })))
    .toMatch('[Studio/Streaming] dataRetention: must be a whole number of hours from 0 to 2147483647, got 2147483648 h');
});

describe('what is imported', () => {
  const hostile = ['', '*', 'a b', 'a"b', '${AWS::StackId}', 'a\nb', 'é'];

  // An asterisk and a policy variable are for policies that name a fleet.
  test.each(hostile.filter((name) => !['*', '${AWS::StackId}'].includes(name)))('an ARN with the name %j is none', (name) => {
    const stack = stackIn();
    expect(problem(() => SignalingChannel.fromSignalingChannelArn(stack, 'Channel', `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:channel/${name}/1700000000000`)))
      .toMatch(/^\[Studio\/Channel\] signalingChannelArn: must be /);
    expect(problem(() => VideoStream.fromStreamArn(stack, 'Stream', `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:stream/${name}/1700000000000`)))
      .toMatch(/^\[Studio\/Stream\] streamArn: must be /);
  });

  test.each([...hostile, 'x'.repeat(48)])('%j is no name of a pool: the grants would be on the meetings of others', (poolName) => {
    const stack = stackIn();
    const checkoutFunction = lambda.Function.fromFunctionName(stack, 'Checkout', 'checkout');
    expect(problem(() => ChimeMeetingPool.fromChimeMeetingPoolAttributes(stack, 'Rooms', { poolName, checkoutFunction })))
      .toMatch(/^\[Studio\/Rooms\] poolName: must have 1 to 47 letters, digits or -, got /);
  });
});

test('the secret of a construct with a long path has a description that the service accepts', () => {
  const app = new App();
  let stack: Stack = stackIn(app);
  let scope: any = stack;
  for (let i = 0; i < 30; i += 1) scope = new (class extends Stack {})(scope, `Nested${i}${'x'.repeat(80)}`, { stackName: `nested-${i}` });
  const { streamKeySecret } = new IngestConfiguration(scope, 'Ingest');
  expect((streamKeySecret.node.defaultChild as any).description.length).toBeLessThanOrEqual(2048);
});

describe('RtcProvider.configure', () => {
  const configured = (options: (stack: Stack) => RtcProviderOptions) => problem(() => {
    const stack = stackIn();
    RtcProvider.configure(stack, options(stack));
    new SignalingChannel(stack, 'Channel');
  });

  test('security groups and subnets without a VPC are not silently left out', () => {
    expect(configured((stack) => ({ securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')] })))
      .toBe('[Studio/CdkRtc] RtcProvider.configure: securityGroups: need vpc, got them without; give the VPC too, or leave them out');
    expect(configured(() => ({ vpcSubnets: { onePerAz: true } })))
      .toBe('[Studio/CdkRtc] RtcProvider.configure: vpcSubnets: need vpc, got them without; give the VPC too, or leave them out');
  });

  test('an outer scope may give the VPC, an inner one the groups', () => {
    const app = new App();
    const stack = stackIn(app);
    RtcProvider.configure(app, { vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] }) });
    RtcProvider.configure(stack, { securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')] });
    new SignalingChannel(stack, 'Channel');
  });

  test('no security group at all is refused', () => {
    expect(configured((stack) => ({
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] }), securityGroups: [],
    }))).toBe('[Studio/CdkRtc] RtcProvider.configure: securityGroups: must be 1 or more, got none; leave them out for a new one');
  });

  test.each([
    ['aws:team', 'x', 'starts with a reserved prefix'], ['', 'x', 'must have 1 to 128 characters'], ['team', 'a"b', 'a character that the service rejects'],
    ['k'.repeat(129), 'x', 'must have 1 to 128 characters'], ['team', 'v'.repeat(257), 'must have at most 256 characters'],
  ])('the tag %j with the value %j is refused', (key, value, finding) => {
    expect(configured(() => ({ tags: { [key]: value } }))).toMatch(/^\[Studio\] RtcProvider\.configure: tags: /);
    expect(configured(() => ({ tags: { [key]: value } }))).toContain(finding);
  });
});

test('a tag called __proto__ is seen by the checks', () => {
  const app = new App();
  const stack = stackIn(app);
  Tags.of(new SignalingChannel(stack, 'Channel')).add('__proto__', 'x');
  expect(problem(() => app.synth())).toMatch('[Studio/Channel] tags: "__proto__"');
});

import { CfnOutput, CfnResource, Duration, type Stack } from 'aws-cdk-lib';
import { failsAfter, LocalDeployment, voiceConnector as connector } from './local-deployment';
import { ChimeNamespace, NotificationTarget, SignalingChannel, VoiceConnectorStreaming, type VoiceConnectorStreamingProps } from '../../src';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
// Each test leaves nothing behind and meets no refusal.
afterEach(() => local.assertNothingLeft([...local.channels(), ...local.connectors()].map(({ name }) => name)));

const INSIGHTS = 'arn:aws:chime:us-east-1:000000000000:media-insights-pipeline-configuration/calls';
const DEFAULTS = { DataRetentionInHours: 24, Disabled: false };

type Props = Partial<VoiceConnectorStreamingProps>;

const streaming = (props: Props = {}, also: (stack: Stack, made: VoiceConnectorStreaming) => void = () => {}, id = 'Streaming') => (stack: Stack) => {
  also(stack, new VoiceConnectorStreaming(stack, id, { voiceConnector: connector(stack), ...props }));
};
const failing = (props: Props = {}, id?: string) => streaming(props, (stack, made) => failsAfter(stack, made), id);

/** Two voice connectors, the streaming on one of them. */
const onOneOf = (which: 'Trunk' | 'Spare', also: (stack: Stack, made: VoiceConnectorStreaming) => void = () => {}) => (stack: Stack) => {
  const connectors = { Trunk: connector(stack, 'Trunk'), Spare: connector(stack, 'Spare') };
  also(stack, new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: connectors[which] }));
};

const configurations = () => Object.fromEntries(local.connectors().map(({ name, streaming: configuration }) => [name, configuration]));
const reasons = (run: { events: { ResourceStatusReason?: string }[] }) => run.events.map(({ ResourceStatusReason }) => ResourceStatusReason ?? '').join('\n');
const failed = async (stackName: string, build: (stack: Stack) => void) => {
  const run = await local.deploy(stackName, build);
  if (run.exitCode === 0) throw new Error(`The deployment succeeded:\n${run.output.join('\n')}\n${JSON.stringify(local.emulator.calls)}`);
  return run;
};

test('create with its voice connector in one stack, update, destroy', async () => {
  const { outputs } = await local.deployed('Lifecycle', streaming({}, (stack, made) => new CfnOutput(stack, 'Id', { value: made.voiceConnectorId })));
  expect(configurations()).toEqual({ Trunk: DEFAULTS });
  expect(outputs.Lifecycle).toEqual({ Id: local.connectors()[0].id });

  await local.deployed('Lifecycle', streaming({ enabled: false, dataRetention: Duration.hours(2), notificationTargets: [NotificationTarget.SNS] }));
  expect(configurations()).toEqual({ Trunk: { DataRetentionInHours: 2, Disabled: true, StreamingNotificationTargets: [{ NotificationTarget: 'SNS' }] } });

  await local.destroyed('Lifecycle');
});

test('an existing configuration fails the deployment, and stays', async () => {
  const { physicalId: arn } = local.emulator.applyResource({
    action: 'create', type: 'AWS::Chime::VoiceConnector', region: 'us-east-1', properties: { Name: 'theirs', RequireEncryption: true },
  });
  local.emulator.edit({ service: 'chime-sdk-voice', resource: arn, streamingConfiguration: { DataRetentionInHours: 7, Disabled: false } });
  const [before] = local.connectors();
  const run = await failed('Existing', (stack) => {
    const theirs = Object.assign(new CfnResource(stack, 'Unused', { type: 'AWS::SSM::Parameter', properties: { Type: 'String', Value: '-' } }), { voiceConnectorRef: { voiceConnectorArn: arn } });
    new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: theirs });
  });
  expect(reasons(run)).toMatch(/the streaming configuration of \S+ is not this stack's/);
  await local.destroyed('Existing');
  expect(local.connectors()).toEqual([before]);
  local.emulator.edit({ service: 'chime-sdk-voice', resource: arn, delete: true });
});

test('a later resource fails: the configuration is rolled back', async () => {
  await failed('CreateRollback', failing());
  await local.destroyed('CreateRollback');
});

test('an update is rolled back', async () => {
  await local.deployed('UpdateRollback', streaming());
  await failed('UpdateRollback', failing({ dataRetention: Duration.hours(1) }));
  expect(configurations()).toEqual({ Trunk: DEFAULTS });
  await local.destroyed('UpdateRollback');
});

describe('moved to another voice connector', () => {
  test('the old one is cleared', async () => {
    await local.deployed('Move', onOneOf('Trunk'));
    await local.deployed('Move', onOneOf('Spare'));
    expect(configurations()).toEqual({ Trunk: undefined, Spare: DEFAULTS });
    await local.destroyed('Move');
  });

  test.each(['new', 'old'] as const)('rolled back by an Update with the %s id', async (rollbackPhysicalId) => {
    await local.cloud.configure({ rollbackPhysicalId });
    await local.deployed('MoveBack', onOneOf('Trunk'));
    await failed('MoveBack', onOneOf('Spare', (stack, made) => failsAfter(stack, made)));
    expect(configurations()).toEqual({ Trunk: DEFAULTS, Spare: undefined });
    await local.destroyed('MoveBack');
  });
});

describe('the construct is renamed', () => {
  test('the configuration stays', async () => {
    await local.deployed('Rename', streaming({ dataRetention: Duration.hours(3) }, undefined, 'Old'));
    await local.deployed('Rename', streaming({ dataRetention: Duration.hours(3) }, undefined, 'New'));
    expect(configurations()).toEqual({ Trunk: { ...DEFAULTS, DataRetentionInHours: 3 } });
    await local.destroyed('Rename');
  });

  test('rolled back: the configuration of the old one is back', async () => {
    await local.deployed('RenameBack', streaming({ dataRetention: Duration.hours(3) }, undefined, 'Old'));
    await failed('RenameBack', failing({ dataRetention: Duration.hours(9) }, 'New'));
    expect(configurations()).toEqual({ Trunk: { ...DEFAULTS, DataRetentionInHours: 3 } });
    await local.deployed('RenameBack', streaming({ dataRetention: Duration.hours(4) }, undefined, 'Old'));
    expect(configurations()).toEqual({ Trunk: { ...DEFAULTS, DataRetentionInHours: 4 } });
    await local.destroyed('RenameBack');
  });
});

describe('permissions exist until the last resource that needs them is deleted', () => {
  test('insights and targets are turned off', async () => {
    await local.deployed('Off', streaming({ mediaInsights: { configurationArn: INSIGHTS }, notificationTargets: [NotificationTarget.SQS] }));
    await local.deployed('Off', streaming());
    expect(configurations()).toEqual({ Trunk: DEFAULTS });
    await local.destroyed('Off');
  });

  test('the same, rolled back', async () => {
    await local.deployed('On', streaming({ mediaInsights: { configurationArn: INSIGHTS } }));
    const before = configurations();
    await failed('On', failing());
    expect(configurations()).toEqual(before);
    await local.destroyed('On');
  });

  test('from the legacy namespace to the new one and back', async () => {
    await local.deployed('Namespaces', streaming({ namespace: ChimeNamespace.CHIME }));
    await failed('Namespaces', failing({ dataRetention: Duration.hours(1) }));
    expect(configurations()).toEqual({ Trunk: DEFAULTS });
    await local.deployed('Namespaces', streaming({ dataRetention: Duration.hours(1) }));
    expect(configurations()).toEqual({ Trunk: { ...DEFAULTS, DataRetentionInHours: 1 } });
    await local.destroyed('Namespaces');
  });

  test('the last streaming leaves while channels stay', async () => {
    const channel = (stack: Stack) => new SignalingChannel(stack, 'Channel');
    await local.deployed('LastLeaves', streaming({}, channel));
    await failed('LastLeaves', (stack) => { failsAfter(stack, channel(stack)); connector(stack); });
    expect(configurations()).toEqual({ Trunk: DEFAULTS });
    await local.deployed('LastLeaves', (stack) => { channel(stack); connector(stack); });
    expect(configurations()).toEqual({ Trunk: undefined });
    await local.destroyed('LastLeaves');
  });
});

test('destroy succeeds after the voice connector was deleted', async () => {
  await local.deployed('Gone', streaming());
  local.emulator.edit({ service: 'chime-sdk-voice', resource: local.connectors()[0].arn, delete: true });
  await local.destroyed('Gone');
});

test('the response of the put is lost, and the request comes twice', async () => {
  local.emulator.addFault({ kind: 'lostResponse', operation: 'PutVoiceConnectorStreamingConfiguration', times: 1 });
  await local.cloud.injectFault({ fault: 'duplicate', requestType: 'Create' });
  await local.deployed('Lost', streaming());
  expect(configurations()).toEqual({ Trunk: DEFAULTS });
  await local.destroyed('Lost');
});

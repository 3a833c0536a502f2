import { DeleteSignalingChannelCommand, DescribeSignalingChannelCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { CfnOutput, Duration, type Stack, Tags } from 'aws-cdk-lib';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import { anotherKind, failsAfter, LocalDeployment } from './local-deployment';
import { ChannelType, SignalingChannel, type SignalingChannelProps } from '../../src';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
// Each test leaves nothing behind and meets no refusal, or says which.
afterEach(() => local.assertNothingLeft(local.channels().map(({ name }) => name)));

const channel = (props: SignalingChannelProps = {}, also: (stack: Stack, channel: SignalingChannel) => void = () => {}) => (stack: Stack) => {
  also(stack, new SignalingChannel(stack, 'Channel', props));
};

const recorded = (props: SignalingChannelProps = {}, also: (stack: Stack, channel?: SignalingChannel) => void = () => {}) => (stack: Stack) => {
  const mediaStorageStream = new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 24 });
  also(stack, new SignalingChannel(stack, 'Channel', { mediaStorageStream, ...props }));
};

const reasons = (run: { events: { ResourceStatusReason?: string }[] }) => run.events.map(({ ResourceStatusReason }) => ResourceStatusReason ?? '').join('\n');

test('create, update in place, update of nothing, replacement, destroy', async () => {
  const { outputs } = await local.deployed('Lifecycle', channel({}, (stack, made) => {
    new CfnOutput(stack, 'Arn', { value: made.signalingChannelArn });
    new CfnOutput(stack, 'Name', { value: made.signalingChannelName });
    new CfnOutput(stack, 'Master', { value: made.masterWssEndpoint });
    new CfnOutput(stack, 'Viewer', { value: made.viewerHttpsEndpoint });
  }));
  const [first] = local.channels();
  expect(first).toMatchObject({ status: 'ACTIVE', type: 'SINGLE_MASTER', messageTtlSeconds: 60 });
  expect(outputs.Lifecycle).toEqual({ Arn: first.arn, Name: first.name, Master: expect.stringMatching(/^wss:\/\//), Viewer: expect.stringMatching(/^https:\/\//) });

  await local.deployed('Lifecycle', channel({ messageTtl: Duration.seconds(30) }, (_, made) => Tags.of(made).add('team', 'doors')));
  expect(local.channels()).toEqual([expect.objectContaining({ arn: first.arn, messageTtlSeconds: 30, tags: expect.objectContaining({ team: 'doors' }) })]);

  const before = local.emulator.calls.length;
  await local.deployed('Lifecycle', channel({ messageTtl: Duration.seconds(30) }, (stack, made) => { Tags.of(made).add('team', 'doors'); anotherKind(stack); }));
  expect(local.emulator.calls).toHaveLength(before);

  await local.deployed('Lifecycle', channel({ channelType: ChannelType.FULL_MESH }));
  expect(local.channels()).toEqual([expect.objectContaining({ type: 'FULL_MESH', status: 'ACTIVE' })]);
  expect(local.channels()[0].arn).not.toBe(first.arn);

  await local.destroyed('Lifecycle');
});

test('a name that an existing channel has fails with an error, and that channel remains unchanged', async () => {
  local.emulator.applyResource({ action: 'create', type: 'AWS::KinesisVideo::SignalingChannel', region: 'us-east-1', properties: { Name: 'front-door' } });
  const [before] = local.channels();
  const failed = await local.deploy('NameTaken', channel({ signalingChannelName: 'front-door' }));
  expect(failed.exitCode).not.toBe(0);
  expect(reasons(failed)).toContain(`signalingChannelName: "front-door" is taken in us-east-1 by ${before.arn}, which has no owner tag`);
  await local.destroyed('NameTaken');
  expect(local.channels()).toEqual([before]);
  local.emulator.edit({ service: 'kinesisvideo', resource: 'front-door', delete: true });
});

test('a later resource fails: the new channel is rolled back', async () => {
  const failed = await local.deploy('CreateRollback', channel({}, (stack, made) => failsAfter(stack, made)));
  expect(failed.exitCode).not.toBe(0);
  expect(reasons(failed)).toContain('Custom::RtcNothing is not a resource type of this version of cdk-rtc');
  expect(local.emulator.calls.filter(({ operation, mutated }) => operation === 'CreateSignalingChannel' && mutated)).toHaveLength(1);
  await local.destroyed('CreateRollback');
});

test('a channel that cannot record is rolled back itself', async () => {
  const failed = await local.deploy('NoRetention', (stack) => {
    const stream = new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 24 });
    new SignalingChannel(stack, 'Channel', { mediaStorageStream: stream });
    stream.addPropertyOverride('DataRetentionInHours', 0);
  });
  expect(failed.exitCode).not.toBe(0);
  expect(reasons(failed)).toContain('NoDataRetentionException');
  await local.destroyed('NoRetention');
});

test('an update is rolled back to the old values', async () => {
  await local.deployed('UpdateRollback', channel({ messageTtl: Duration.seconds(30) }));
  const [before] = local.channels();
  const failed = await local.deploy('UpdateRollback', channel({ messageTtl: Duration.seconds(90) }, (stack, made) => failsAfter(stack, made)));
  expect(failed.exitCode).not.toBe(0);
  expect(local.channels()).toEqual([expect.objectContaining({ arn: before.arn, messageTtlSeconds: 30 })]);
  await local.destroyed('UpdateRollback');
});

test.each(['new', 'old'] as const)('a replacement with its stream is rolled back by an Update with the %s id', async (rollbackPhysicalId) => {
  await local.cloud.configure({ rollbackPhysicalId });
  await local.deployed('ReplaceRollback', recorded({ signalingChannelName: 'one' }));
  const [before] = local.channels();
  const failed = await local.deploy('ReplaceRollback', recorded({ signalingChannelName: 'two' }, (stack, made) => failsAfter(stack, made!)));
  expect(failed.exitCode).not.toBe(0);
  expect(local.channels()).toEqual([expect.objectContaining({ arn: before.arn, status: 'ACTIVE', storageStreamArn: before.storageStreamArn })]);
  await local.deployed('ReplaceRollback', recorded({ signalingChannelName: 'two' }));
  expect(local.channels()).toEqual([expect.objectContaining({ name: 'two', storageStreamArn: before.storageStreamArn })]);
  await local.destroyed('ReplaceRollback');
});

describe('permissions exist until the last resource that needs them is deleted', () => {
  test('the last channel is deleted while a resource of another type remains', async () => {
    await local.deployed('LastLeaves', recorded({}, anotherKind));
    await local.deployed('LastLeaves', anotherKind);
    expect(local.channels()).toEqual([]);
    await local.destroyed('LastLeaves');
  });

  test('the same, rolled back', async () => {
    await local.deployed('LastStays', recorded({}, anotherKind));
    const before = local.channels();
    const failed = await local.deploy('LastStays', (stack) => { anotherKind(stack); failsAfter(stack); });
    expect(failed.exitCode).not.toBe(0);
    expect(local.channels()).toEqual(before);
    await local.destroyed('LastStays');
  });

  test('the storage is dropped', async () => {
    await local.deployed('DropStorage', recorded());
    await local.deployed('DropStorage', channel());
    expect(local.channels()).toEqual([expect.objectContaining({ storageStreamArn: undefined })]);
    await local.destroyed('DropStorage');
  });

  test('the same, rolled back', async () => {
    await local.deployed('KeepStorage', recorded());
    const before = local.channels().map(({ arn, storageStreamArn }) => ({ arn, storageStreamArn }));
    const failed = await local.deploy('KeepStorage', recorded({ mediaStorageStream: undefined }, (stack, made) => failsAfter(stack, made!)));
    expect(failed.exitCode).not.toBe(0);
    expect(local.channels().map(({ arn, storageStreamArn }) => ({ arn, storageStreamArn }))).toEqual(before);
    await local.destroyed('KeepStorage');
  });

  test('the handlers are denied access to another stack\'s channel', async () => {
    await local.deployed('OtherStack', channel());
    const [other] = local.channels();
    await local.deployed('Ours', channel());
    const ours = local.emulator.calls.filter(({ operation }) => operation === 'CreateSignalingChannel').at(-1)!.accessKeyId!;
    const client = new KinesisVideoClient({ endpoint: local.server.endpoint('kinesisvideo'), region: 'us-east-1', credentials: { accessKeyId: ours, secretAccessKey: 'any' } });
    await client.send(new DescribeSignalingChannelCommand({ ChannelARN: other.arn }));
    await expect(client.send(new DeleteSignalingChannelCommand({ ChannelARN: other.arn }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    client.destroy();
    expect(local.denied()).toHaveLength(1);
    expect(local.channels()).toContainEqual(other);
    await local.destroyed('Ours');
    await local.destroyed('OtherStack');
    local.emulator.calls.length = 0;
  });
});

test('a channel that was deleted out of band is created again by the next update, and destroy succeeds', async () => {
  await local.deployed('OutOfBand', channel());
  local.emulator.edit({ service: 'kinesisvideo', resource: local.channels()[0].arn, delete: true });
  await local.deployed('OutOfBand', channel({ messageTtl: Duration.seconds(30) }));
  expect(local.channels()).toEqual([expect.objectContaining({ status: 'ACTIVE', messageTtlSeconds: 30 })]);
  local.emulator.edit({ service: 'kinesisvideo', resource: local.channels()[0].arn, delete: true });
  await local.destroyed('OutOfBand');
  // With its tag condition, a delete of a missing channel is denied. The following read reports that the channel is missing.
  local.emulator.calls.length = 0;
});

test('throttling delays and does not fail', async () => {
  for (const operation of ['CreateSignalingChannel', 'DescribeSignalingChannel', 'ListTagsForResource', 'DeleteSignalingChannel']) {
    local.emulator.addFault({ kind: 'throttle', operation, times: 4 });
  }
  await local.deployed('Throttled', channel());
  await local.destroyed('Throttled');
});

test('the response of the create is lost: exactly one channel', async () => {
  local.emulator.addFault({ kind: 'lostResponse', operation: 'CreateSignalingChannel', times: 1 });
  await local.deployed('LostResponse', channel());
  expect(local.channels()).toHaveLength(1);
  await local.destroyed('LostResponse');
});

test('the request is delivered twice: exactly one channel', async () => {
  await local.cloud.injectFault({ fault: 'duplicate', requestType: 'Create' });
  await local.deployed('Duplicate', channel());
  expect(local.channels()).toHaveLength(1);
  await local.destroyed('Duplicate');
});

test('twenty channels at once', async () => {
  await local.deployed('Twenty', (stack) => {
    for (let index = 0; index < 20; index += 1) new SignalingChannel(stack, `Channel${index}`);
  });
  expect(local.channels().map(({ status }) => status)).toEqual(Array(20).fill('ACTIVE'));
  await local.destroyed('Twenty');
});

test('removalPolicy RETAIN keeps the channel, and the error of a later deployment names its owner and the command that releases it', async () => {
  const props: SignalingChannelProps = { signalingChannelName: 'front-door', removalPolicy: 'retain' as never };
  await local.deployed('Former', channel(props));
  await local.destroyed('Former');
  const [retained] = local.channels();
  const failed = await local.deploy('Successor', channel({ signalingChannelName: 'front-door', adoptExisting: true }));
  expect(reasons(failed)).toContain(`aws kinesisvideo untag-resource --region us-east-1 --resource-arn ${retained.arn} --tag-key-list cdk-rtc:stack cdk-rtc:resource`);
  await local.destroyed('Successor');
  local.emulator.edit({ service: 'kinesisvideo', resource: retained.arn, replaceTags: {} });
  await local.deployed('Successor', channel({ signalingChannelName: 'front-door', adoptExisting: true }));
  expect(local.channels()).toEqual([expect.objectContaining({ arn: retained.arn })]);
  await local.destroyed('Successor');
});

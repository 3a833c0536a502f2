import { type CfnResource, type Stack } from 'aws-cdk-lib';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import { anotherKind, failsAfter, LocalDeployment } from './local-deployment';
import { mixins } from '../../src';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
// Each test leaves nothing behind and meets no refusal, or says which.
afterEach(() => local.assertNothingLeft(local.channels().map(({ name }) => name)));

const streamIn = (stack: Stack, id = 'Stream') => new kinesisvideo.CfnStream(stack, id, { dataRetentionInHours: 24 });

/** A channel that CloudFormation created, and that records into the stream of an ID. */
const recorded = (streamId = 'Stream', name?: string, also: (stack: Stack, recording: CfnResource) => void = () => {}) => (stack: Stack) => {
  const mediaStorageStream = streamIn(stack, streamId);
  const channel = new kinesisvideo.CfnSignalingChannel(stack, 'Doorbell', { name });
  channel.with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream }));
  also(stack, channel.node.findChild('MediaStorage') as CfnResource);
};

const only = () => {
  const [channel, ...others] = local.channels();
  expect(others).toEqual([]);
  return channel;
};

test('an existing channel starts to record, records into another stream, and stops; nothing replaces it', async () => {
  const plain = (stack: Stack) => {
    anotherKind(stack);
    streamIn(stack);
    new kinesisvideo.CfnSignalingChannel(stack, 'Doorbell');
  };
  await local.deployed('Lifecycle', plain);
  const { arn } = only();
  await local.deployed('Lifecycle', recorded());
  expect(only()).toMatchObject({ arn, storageStreamArn: expect.stringContaining(':stream/Lifecycle-Stream') });
  await local.deployed('Lifecycle', recorded('Other'));
  expect(only()).toMatchObject({ arn, storageStreamArn: expect.stringContaining(':stream/Lifecycle-Other') });
  await local.deployed('Lifecycle', plain);
  expect(only()).toEqual(expect.objectContaining({ arn, storageStreamArn: undefined, tags: {} }));
  await local.destroyed('Lifecycle');
});

test('a replaced channel takes its stream along, and gives it back in a rollback', async () => {
  await local.deployed('Replaced', recorded('Stream', 'one'));
  const before = only();
  const failed = await local.deploy('Replaced', recorded('Stream', 'two', (stack, recording) => failsAfter(stack, recording)));
  expect(failed.exitCode).not.toBe(0);
  expect(only()).toMatchObject({ arn: before.arn, storageStreamArn: before.storageStreamArn });
  await local.deployed('Replaced', recorded('Stream', 'two'));
  expect(only()).toMatchObject({ name: 'two', storageStreamArn: before.storageStreamArn });
  await local.destroyed('Replaced');
});

test('a stream without retention fails the deployment, which leaves nothing', async () => {
  const failed = await local.deploy('NoRetention', (stack) => {
    const stream = streamIn(stack);
    new kinesisvideo.CfnSignalingChannel(stack, 'Doorbell').with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream: stream }));
    stream.addPropertyOverride('DataRetentionInHours', 0);
  });
  expect(failed.exitCode).not.toBe(0);
  expect(failed.events.map(({ ResourceStatusReason }) => ResourceStatusReason ?? '').join('\n')).toContain('NoDataRetentionException');
  await local.destroyed('NoRetention');
});

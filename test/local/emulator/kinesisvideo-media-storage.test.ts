import {
  CreateSignalingChannelCommand, DeleteSignalingChannelCommand, DescribeMappedResourceConfigurationCommand, DescribeMediaStorageConfigurationCommand,
  DescribeSignalingChannelCommand, GetSignalingChannelEndpointCommand, KinesisVideoClient, UpdateMediaStorageConfigurationCommand,
} from '@aws-sdk/client-kinesis-video';
import { account, errorName, region, start } from './harness';
import { kinesisVideo, KinesisVideoOptions } from '../../../local/emulator';

const enable = async (client: KinesisVideoClient, arn: string, streamArn: string | undefined) =>
  client.send(new UpdateMediaStorageConfigurationCommand({ ChannelARN: arn, MediaStorageConfiguration: { Status: 'ENABLED', StreamARN: streamArn } }));
const disable = async (client: KinesisVideoClient, arn: string, streamArn?: string) =>
  client.send(new UpdateMediaStorageConfigurationCommand({ ChannelARN: arn, MediaStorageConfiguration: { Status: 'DISABLED', StreamARN: streamArn } }));
const storage = async (client: KinesisVideoClient, arn: string) =>
  (await client.send(new DescribeMediaStorageConfigurationCommand({ ChannelARN: arn }))).MediaStorageConfiguration;
const mapped = async (client: KinesisVideoClient, input: { StreamARN?: string; StreamName?: string }) =>
  (await client.send(new DescribeMappedResourceConfigurationCommand(input))).MappedResourceConfigurationList;

async function startWithChannels(options: KinesisVideoOptions = {}, mediaStorage = 0) {
  const harness = await start({ timings: { creating: 0, mediaStorage }, services: [kinesisVideo(options)] });
  const channel = async (name: string) => (await harness.client.send(new CreateSignalingChannelCommand({ ChannelName: name }))).ChannelARN!;
  return { ...harness, door: await channel('door'), gate: await channel('gate'), street: harness.stream('street'), yard: harness.stream('yard') };
}

test('storage is DISABLED at first', async () => {
  const { client, door } = await startWithChannels();
  expect(await storage(client, door)).toEqual({ Status: 'DISABLED' });
});

test('ENABLED shows the stream', async () => {
  const { client, door, street } = await startWithChannels();
  await enable(client, door, street);
  expect(await storage(client, door)).toEqual({ Status: 'ENABLED', StreamARN: street });
});

test('a change shows after its time only', async () => {
  const { client, clock, door, street } = await startWithChannels({}, 500);
  await enable(client, door, street);
  await clock.advance(499);
  expect((await storage(client, door))?.Status).toBe('DISABLED');
  await clock.advance(1);
  expect((await storage(client, door))?.Status).toBe('ENABLED');
});

test('DISABLED removes the stream', async () => {
  const { client, door, street } = await startWithChannels();
  await enable(client, door, street);
  await disable(client, door);
  expect(await storage(client, door)).toEqual({ Status: 'DISABLED' });
});

test.each([['ENABLED'], ['DISABLED']])('repeating %s changes nothing', async status => {
  const { client, emulator, door, street } = await startWithChannels();
  const change = async () => status === 'ENABLED' ? enable(client, door, street) : disable(client, door);
  if (status === 'ENABLED') await change();
  await change();
  expect(emulator.calls.at(-1)).toMatchObject({ outcome: 'success', mutated: false });
});

test('a channel has one stream', async () => {
  const { client, door, street, yard } = await startWithChannels();
  await enable(client, door, street);
  expect(await errorName(enable(client, door, yard))).toBe('ResourceInUseException');
});

test('a stream has one channel', async () => {
  const { client, door, gate, street } = await startWithChannels();
  await enable(client, door, street);
  expect(await errorName(enable(client, gate, street))).toBe('ResourceInUseException');
});

test('a mapping that does not show yet holds the stream as well', async () => {
  const { client, door, gate, street } = await startWithChannels({}, 500);
  await enable(client, door, street);
  expect(await errorName(enable(client, gate, street))).toBe('ResourceInUseException');
});

test('the stream can be switched after DISABLED', async () => {
  const { client, door, street, yard } = await startWithChannels();
  await enable(client, door, street);
  await disable(client, door);
  await expect(enable(client, door, yard)).resolves.toBeDefined();
});

test('the stream must exist', async () => {
  const { client, door } = await startWithChannels();
  expect(await errorName(enable(client, door, `arn:aws:kinesisvideo:${region}:${account}:stream/none/1`))).toBe('ResourceNotFoundException');
});

test('the stream must be ACTIVE', async () => {
  const { client, emulator, door, street } = await startWithChannels();
  emulator.edit({ service: 'kinesisvideo', resource: street, status: 'UPDATING' });
  expect(await errorName(enable(client, door, street))).toBe('ResourceInUseException');
});

test('the stream must keep its data', async () => {
  const { client, stream, door } = await startWithChannels();
  expect(await errorName(enable(client, door, stream('forgetful', 0)))).toBe('NoDataRetentionException');
});

test.each([
  ['region', `arn:aws:kinesisvideo:us-east-1:${account}:stream/street/1`],
  ['account', `arn:aws:kinesisvideo:${region}:999999999999:stream/street/1`],
])('a stream of another %s is refused', async (_, streamArn) => {
  const { client, door } = await startWithChannels();
  expect(await errorName(enable(client, door, streamArn))).toBe('InvalidArgumentException');
});

test('the channel must be ACTIVE', async () => {
  const { client, stream } = await start();
  const { ChannelARN } = await client.send(new CreateSignalingChannelCommand({ ChannelName: 'door' }));
  expect(await errorName(enable(client, ChannelARN!, stream('street')))).toBe('ResourceInUseException');
});

test('ENABLED needs a stream', async () => {
  const { client, door } = await startWithChannels();
  expect(await errorName(enable(client, door, undefined))).toBe('InvalidArgumentException');
});

test('DISABLED rejects a stream', async () => {
  const { client, door, street } = await startWithChannels();
  expect(await errorName(disable(client, door, street))).toBe('InvalidArgumentException');
});

test('a FULL_MESH channel has no storage', async () => {
  const { client, street } = await startWithChannels();
  const { ChannelARN } = await client.send(new CreateSignalingChannelCommand({ ChannelName: 'mesh', ChannelType: 'FULL_MESH' }));
  expect(await errorName(enable(client, ChannelARN!, street))).toBe('InvalidArgumentException');
});

test('the number of channels with storage is limited', async () => {
  const { client, door, gate, street, yard } = await startWithChannels({ quotas: { channelsWithStorage: 1 } });
  await enable(client, door, street);
  expect(await errorName(enable(client, gate, yard))).toBe('ClientLimitExceededException');
});

test('a change creates a new version of the channel', async () => {
  const { client, door, street } = await startWithChannels();
  const version = async () => (await client.send(new DescribeSignalingChannelCommand({ ChannelARN: door }))).ChannelInfo!.Version;
  const before = await version();
  await enable(client, door, street);
  expect(await version()).not.toBe(before);
});

test('it can be set to create no new version', async () => {
  const { client, door, street } = await startWithChannels({ storageChangesVersion: false });
  const version = async () => (await client.send(new DescribeSignalingChannelCommand({ ChannelARN: door }))).ChannelInfo!.Version;
  const before = await version();
  await enable(client, door, street);
  expect(await version()).toBe(before);
});

test('a channel with storage cannot be deleted', async () => {
  const { client, door, street } = await startWithChannels();
  await enable(client, door, street);
  expect(await errorName(client.send(new DeleteSignalingChannelCommand({ ChannelARN: door })))).toBe('ResourceInUseException');
});

test('a stream that a channel records into cannot be deleted', async () => {
  const { client, emulator, door, street } = await startWithChannels();
  await enable(client, door, street);
  expect(() => emulator.applyResource({ action: 'delete', type: 'AWS::KinesisVideo::Stream', region, physicalId: 'street' }))
    .toThrow('Disable MediaStorageConfiguration to delete the stream');
});

test('protocol WEBRTC comes with storage', async () => {
  const { client, door, street } = await startWithChannels();
  await enable(client, door, street);
  const { ResourceEndpointList } = await client.send(new GetSignalingChannelEndpointCommand({
    ChannelARN: door, SingleMasterChannelEndpointConfiguration: { Protocols: ['WEBRTC'], Role: 'MASTER' },
  }));
  expect(ResourceEndpointList).toMatchObject([{ Protocol: 'WEBRTC' }]);
});

test.each([['StreamARN'], ['StreamName']])('the channel of a stream is found by %s', async by => {
  const { client, door, street } = await startWithChannels();
  await enable(client, door, street);
  expect(await mapped(client, by === 'StreamARN' ? { StreamARN: street } : { StreamName: 'street' })).toMatchObject([{ ARN: door }]);
});

test('a stream without a channel has an empty list', async () => {
  const { client, street } = await startWithChannels();
  expect(await mapped(client, { StreamARN: street })).toEqual([]);
});

test('the channel of a stream that does not exist is NotFound', async () => {
  const { client } = await startWithChannels();
  expect(await errorName(mapped(client, { StreamName: 'none' }))).toBe('ResourceNotFoundException');
});

test('the channel of a stream needs a stream', async () => {
  const { client } = await startWithChannels();
  expect(await errorName(mapped(client, {}))).toBe('InvalidArgumentException');
});

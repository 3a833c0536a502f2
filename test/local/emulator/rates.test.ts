import {
  CreateSignalingChannelCommand, DescribeSignalingChannelCommand, KinesisVideoClient, ListSignalingChannelsCommand,
  UpdateMediaStorageConfigurationCommand,
} from '@aws-sdk/client-kinesis-video';
import { account, region, start } from './harness';

const create = async (client: KinesisVideoClient, name: string) =>
  (await client.send(new CreateSignalingChannelCommand({ ChannelName: name }))).ChannelARN!;
const describe_ = async (client: KinesisVideoClient, input: { ChannelName?: string; ChannelARN?: string }) =>
  client.send(new DescribeSignalingChannelCommand(input));
const list = async (client: KinesisVideoClient) => client.send(new ListSignalingChannelsCommand({}));

/** How many of so many calls in the same moment are let through. */
async function letThrough(calls: number, call: () => Promise<unknown>): Promise<number> {
  let passed = 0;
  for (let i = 0; i < calls; i++) {
    await call().then(() => { passed += 1; }, error => {
      if (error.name === 'ResourceNotFoundException') passed += 1;
      else expect(error.name).toBe('ClientLimitExceededException');
    });
  }
  return passed;
}

test('a channel can be described 5 times a second', async () => {
  const { client } = await start({ rates: 'documented' });
  await create(client, 'door');
  expect(await letThrough(8, async () => describe_(client, { ChannelName: 'door' }))).toBe(5);
});

test('by name and by ARN count together', async () => {
  const { client } = await start({ rates: 'documented' });
  const arn = await create(client, 'door');
  await letThrough(5, async () => describe_(client, { ChannelName: 'door' }));
  expect(await letThrough(1, async () => describe_(client, { ChannelARN: arn }))).toBe(0);
});

test('calls from before a channel existed count for its name', async () => {
  const { client, clock } = await start({ rates: 'documented' });
  await letThrough(5, async () => describe_(client, { ChannelName: 'door' }));
  const arn = await create(client, 'door');
  await clock.advance(1);
  expect(await letThrough(1, async () => describe_(client, { ChannelARN: arn }))).toBe(0);
});

test('another channel has its own limit', async () => {
  const { client } = await start({ rates: 'documented' });
  await letThrough(6, async () => describe_(client, { ChannelName: 'door' }));
  expect(await letThrough(6, async () => describe_(client, { ChannelName: 'gate' }))).toBe(5);
});

test('an account can list 50 times a second', async () => {
  const { client } = await start({ rates: 'documented' });
  expect(await letThrough(60, async () => list(client))).toBe(50);
});

test('media storage can be changed 10 times a second in an account', async () => {
  const { client } = await start({ rates: 'documented' });
  let channel = 0;
  expect(await letThrough(12, async () => client.send(new UpdateMediaStorageConfigurationCommand({
    ChannelARN: `arn:aws:kinesisvideo:${region}:${account}:channel/c${channel++}/1`, MediaStorageConfiguration: { Status: 'DISABLED' },
  })))).toBe(10);
});

test('another region has its own limit', async () => {
  const { client, clientOf } = await start({ rates: 'documented' });
  await letThrough(60, async () => list(client));
  const other = clientOf({ region: 'us-east-1' });
  expect(await letThrough(1, async () => list(other))).toBe(1);
});

test('time fills the bucket again', async () => {
  const { client, clock } = await start({ rates: 'documented' });
  await letThrough(6, async () => describe_(client, { ChannelName: 'door' }));
  await clock.advance(400);
  expect(await letThrough(6, async () => describe_(client, { ChannelName: 'door' }))).toBe(2);
});

test('a factor raises the limits', async () => {
  const { client } = await start({ rates: { factor: 2 } });
  expect(await letThrough(20, async () => describe_(client, { ChannelName: 'door' }))).toBe(10);
});

test('off means no limit', async () => {
  const { client } = await start({ rates: 'off' });
  expect(await letThrough(60, async () => list(client))).toBe(60);
});

test('the setting can be changed', async () => {
  const { client, emulator } = await start({ rates: 'off' });
  emulator.setRates('documented');
  expect(await letThrough(60, async () => list(client))).toBe(50);
});

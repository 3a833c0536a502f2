import {
  CreateSignalingChannelCommand, DeleteSignalingChannelCommand, DescribeSignalingChannelCommand, GetSignalingChannelEndpointCommand,
  KinesisVideoClient, ListSignalingChannelsCommand, paginateListSignalingChannels, UpdateSignalingChannelCommand,
} from '@aws-sdk/client-kinesis-video';
import { account, errorName, errorOf, region, start } from './harness';
import { kinesisVideo } from '../../../local/emulator';

const create = async (client: KinesisVideoClient, name: string, more = {}) =>
  (await client.send(new CreateSignalingChannelCommand({ ChannelName: name, ...more }))).ChannelARN!;
const describe_ = async (client: KinesisVideoClient, input: { ChannelName?: string; ChannelARN?: string }) =>
  (await client.send(new DescribeSignalingChannelCommand(input))).ChannelInfo!;
const update = async (client: KinesisVideoClient, arn: string, version: string, ttl: number) => client.send(new UpdateSignalingChannelCommand({
  ChannelARN: arn, CurrentVersion: version, SingleMasterConfiguration: { MessageTtlSeconds: ttl },
}));
const remove = async (client: KinesisVideoClient, arn: string, version?: string) =>
  client.send(new DeleteSignalingChannelCommand({ ChannelARN: arn, CurrentVersion: version }));

async function startWithChannel(name = 'door') {
  const harness = await start();
  const arn = await create(harness.client, name);
  await harness.clock.advance(1000);
  return { ...harness, arn };
}

describe('CreateSignalingChannel', () => {
  test('answers an ARN that holds the creation time', async () => {
    const { client, clock } = await start();
    expect(await create(client, 'door')).toBe(`arn:aws:kinesisvideo:${region}:${account}:channel/door/${clock.now()}`);
  });

  test('defaults to SINGLE_MASTER and 60 seconds', async () => {
    const { client } = await start();
    await create(client, 'door');
    expect(await describe_(client, { ChannelName: 'door' }))
      .toMatchObject({ ChannelType: 'SINGLE_MASTER', SingleMasterConfiguration: { MessageTtlSeconds: 60 } });
  });

  test('is asynchronous: CREATING until its time is over, then ACTIVE', async () => {
    const { client, clock } = await start({ timings: { creating: 300 } });
    await create(client, 'door');
    await clock.advance(299);
    expect((await describe_(client, { ChannelName: 'door' })).ChannelStatus).toBe('CREATING');
    await clock.advance(1);
    expect((await describe_(client, { ChannelName: 'door' })).ChannelStatus).toBe('ACTIVE');
  });

  test('is immediate when the time is set to 0', async () => {
    const { client } = await start({ timings: { creating: 0 } });
    await create(client, 'door');
    expect((await describe_(client, { ChannelName: 'door' })).ChannelStatus).toBe('ACTIVE');
  });

  test.each(['CREATING', 'ACTIVE'])('refuses the name of a channel that is %s', async status => {
    const { client, clock } = await start();
    await create(client, 'door');
    if (status === 'ACTIVE') await clock.advance(1000);
    const error = await errorOf(create(client, 'door'));
    expect(error).toMatchObject({ name: 'ResourceInUseException', $metadata: { httpStatusCode: 400 } });
  });

  test('rejects a name while its channel is DELETING, and accepts it after the deletion, with another ARN', async () => {
    const { client, clock, arn } = await startWithChannel();
    await remove(client, arn);
    expect(await errorName(create(client, 'door'))).toBe('ResourceInUseException');
    await clock.advance(1000);
    expect(await create(client, 'door')).not.toBe(arn);
  });

  test('gives a namesake of the same millisecond another ARN', async () => {
    const { client } = await start({ timings: { creating: 0, deleting: 0 } });
    const first = await create(client, 'door');
    await remove(client, first);
    expect(await create(client, 'door')).not.toBe(first);
  });

  test('refuses one channel more than the quota', async () => {
    const { client } = await start({ services: [kinesisVideo({ quotas: { channels: 1 } })] });
    await create(client, 'door');
    expect(await errorName(create(client, 'gate'))).toBe('AccountChannelLimitExceededException');
  });

  test.each([
    ['a name with a blank', { ChannelName: 'my door' }],
    ['no name', { ChannelName: undefined }],
    ['a name that is too long', { ChannelName: 'x'.repeat(257) }],
    ['a time to live of 4 seconds', { SingleMasterConfiguration: { MessageTtlSeconds: 4 } }],
    ['a time to live of 121 seconds', { SingleMasterConfiguration: { MessageTtlSeconds: 121 } }],
    ['a time to live as text', { SingleMasterConfiguration: { MessageTtlSeconds: '60' } }],
    ['an unknown type', { ChannelType: 'MESH' }],
    ['51 tags', { Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })) }],
    ['a tag of AWS itself', { Tags: [{ Key: 'aws:x', Value: '' }] }],
    ['the same tag twice', { Tags: [{ Key: 'x', Value: '1' }, { Key: 'x', Value: '2' }] }],
    ['a time to live for FULL_MESH', { ChannelType: 'FULL_MESH', SingleMasterConfiguration: { MessageTtlSeconds: 60 } }],
  ])('refuses %s', async (_, input) => {
    const { client } = await start();
    expect(await errorName(create(client, 'door', input))).toBe('InvalidArgumentException');
  });

  test('rejects FULL_MESH if the service is set to reject it', async () => {
    const { client } = await start({ services: [kinesisVideo({ fullMesh: false })] });
    expect(await errorName(create(client, 'door', { ChannelType: 'FULL_MESH' }))).toBe('InvalidArgumentException');
  });
});

describe('DescribeSignalingChannel', () => {
  test('finds by name and by ARN', async () => {
    const { client, arn } = await startWithChannel();
    expect(await describe_(client, { ChannelName: 'door' })).toEqual(await describe_(client, { ChannelARN: arn }));
  });

  test('returns the creation time as a date', async () => {
    const { client, arn } = await startWithChannel();
    expect((await describe_(client, { ChannelARN: arn })).CreationTime).toEqual(new Date(Number(arn.split('/').at(-1))));
  });

  test('needs a name or an ARN', async () => {
    const { client } = await start();
    expect(await errorName(describe_(client, {}))).toBe('InvalidArgumentException');
  });

  test('answers 404 for what does not exist', async () => {
    const { client } = await start();
    expect(await errorOf(describe_(client, { ChannelName: 'door' })))
      .toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  });

  test('does not find the predecessor of a namesake by its ARN', async () => {
    const { client, clock, arn } = await startWithChannel();
    await remove(client, arn);
    await clock.advance(1000);
    await create(client, 'door');
    expect(await errorName(describe_(client, { ChannelARN: arn }))).toBe('ResourceNotFoundException');
  });

  test('keeps regions apart', async () => {
    const { clientOf } = await startWithChannel();
    expect(await errorName(describe_(clientOf({ region: 'us-east-1' }), { ChannelName: 'door' }))).toBe('ResourceNotFoundException');
  });

  test('keeps accounts apart', async () => {
    const { client, clientOf } = await start({ account: key => key === 'AKIAOTHER' ? '111111111111' : account });
    await create(client, 'door');
    const other = clientOf({ credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' } });
    expect(await errorName(describe_(other, { ChannelName: 'door' }))).toBe('ResourceNotFoundException');
  });

  test("denies another account's ARN", async () => {
    const { client } = await start();
    expect(await errorName(describe_(client, { ChannelARN: `arn:aws:kinesisvideo:${region}:999999999999:channel/door/1` })))
      .toBe('AccessDeniedException');
  });
});

describe('UpdateSignalingChannel', () => {
  test('shows UPDATING with a new version and the new value, then ACTIVE', async () => {
    const { client, clock, arn } = await startWithChannel();
    const { Version } = await describe_(client, { ChannelARN: arn });
    await update(client, arn, Version!, 30);
    const updating = await describe_(client, { ChannelARN: arn });
    expect(updating).toMatchObject({ ChannelStatus: 'UPDATING', SingleMasterConfiguration: { MessageTtlSeconds: 30 } });
    expect(updating.Version).not.toBe(Version);
    await clock.advance(1000);
    expect(await describe_(client, { ChannelARN: arn })).toMatchObject({ ChannelStatus: 'ACTIVE', Version: updating.Version });
  });

  test('refuses an old version', async () => {
    const { client, clock, arn } = await startWithChannel();
    const { Version } = await describe_(client, { ChannelARN: arn });
    await update(client, arn, Version!, 30);
    await clock.advance(1000);
    expect(await errorName(update(client, arn, Version!, 40))).toBe('VersionMismatchException');
  });

  test.each(['CREATING', 'UPDATING', 'DELETING'])('is refused while the channel is %s', async status => {
    const { client, clock } = await start();
    const arn = await create(client, 'door');
    if (status !== 'CREATING') await clock.advance(1000);
    const { Version } = await describe_(client, { ChannelARN: arn });
    if (status === 'UPDATING') await update(client, arn, Version!, 30);
    if (status === 'DELETING') await remove(client, arn);
    expect(await errorName(update(client, arn, Version!, 40))).toBe('ResourceInUseException');
  });

  test('can be set to answer NotFound instead while the channel is not ACTIVE', async () => {
    const { client } = await start({ services: [kinesisVideo({ notActive: 'not-found' })] });
    const arn = await create(client, 'door');
    const { Version } = await describe_(client, { ChannelARN: arn });
    expect(await errorName(update(client, arn, Version!, 30))).toBe('ResourceNotFoundException');
  });

  test('needs the time to live for SINGLE_MASTER, although the model does not say so', async () => {
    const { client, arn } = await startWithChannel();
    const { Version } = await describe_(client, { ChannelARN: arn });
    expect(await errorName(client.send(new UpdateSignalingChannelCommand({ ChannelARN: arn, CurrentVersion: Version }))))
      .toBe('InvalidArgumentException');
  });

  test('needs the version', async () => {
    const { client, arn } = await startWithChannel();
    expect(await errorName(update(client, arn, undefined as unknown as string, 30))).toBe('InvalidArgumentException');
  });

  test('answers NotFound for what does not exist', async () => {
    const { client } = await start();
    expect(await errorName(update(client, `arn:aws:kinesisvideo:${region}:${account}:channel/door/1`, 'v', 30))).toBe('ResourceNotFoundException');
  });
});

describe('DeleteSignalingChannel', () => {
  test('shows DELETING until its time is over, then nothing', async () => {
    const { client, clock, arn } = await startWithChannel();
    await remove(client, arn);
    expect((await describe_(client, { ChannelARN: arn })).ChannelStatus).toBe('DELETING');
    await clock.advance(1000);
    expect(await errorName(describe_(client, { ChannelARN: arn }))).toBe('ResourceNotFoundException');
  });

  test('accepts the current version', async () => {
    const { client, arn } = await startWithChannel();
    const { Version } = await describe_(client, { ChannelARN: arn });
    await expect(remove(client, arn, Version)).resolves.toBeDefined();
  });

  test('refuses another version', async () => {
    const { client, arn } = await startWithChannel();
    expect(await errorName(remove(client, arn, 'other'))).toBe('VersionMismatchException');
  });

  test.each(['CREATING', 'DELETING'])('is refused while the channel is %s', async status => {
    const { client, clock } = await start();
    const arn = await create(client, 'door');
    if (status === 'DELETING') {
      await clock.advance(1000);
      await remove(client, arn);
    }
    expect(await errorName(remove(client, arn))).toBe('ResourceInUseException');
  });

  test('returns NotFound for a deleted channel', async () => {
    const { client, clock, arn } = await startWithChannel();
    await remove(client, arn);
    await clock.advance(1000);
    expect(await errorName(remove(client, arn))).toBe('ResourceNotFoundException');
  });
});

describe('ListSignalingChannels', () => {
  async function startWithChannels(...names: string[]) {
    const harness = await start();
    for (const name of names) await create(harness.client, name);
    return harness;
  }

  test('filters by the beginning of the name', async () => {
    const { client } = await startWithChannels('door-1', 'gate-1', 'door-2');
    const { ChannelInfoList } = await client.send(new ListSignalingChannelsCommand({
      ChannelNameCondition: { ComparisonOperator: 'BEGINS_WITH', ComparisonValue: 'door-' },
    }));
    expect(ChannelInfoList?.map(({ ChannelName }) => ChannelName)).toEqual(['door-1', 'door-2']);
  });

  test('pages', async () => {
    const { client } = await startWithChannels('a', 'b', 'c', 'd', 'e');
    const pages: (string | undefined)[][] = [];
    for await (const page of paginateListSignalingChannels({ client, pageSize: 2 }, {})) {
      pages.push(page.ChannelInfoList!.map(({ ChannelName }) => ChannelName));
    }
    expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  test('refuses a token that it has not given out', async () => {
    const { client } = await start();
    expect(await errorName(client.send(new ListSignalingChannelsCommand({ NextToken: 'abcd' })))).toBe('InvalidArgumentException');
  });

  test('shows a channel that is DELETING, but not a deleted channel', async () => {
    const { client, clock, arn } = await startWithChannel();
    await remove(client, arn);
    expect((await client.send(new ListSignalingChannelsCommand({}))).ChannelInfoList).toMatchObject([{ ChannelStatus: 'DELETING' }]);
    await clock.advance(1000);
    expect((await client.send(new ListSignalingChannelsCommand({}))).ChannelInfoList).toEqual([]);
  });
});

describe('GetSignalingChannelEndpoint', () => {
  const endpoints = async (client: KinesisVideoClient, arn: string, Protocols: ('WSS' | 'HTTPS' | 'WEBRTC')[], Role: 'MASTER' | 'VIEWER') =>
    (await client.send(new GetSignalingChannelEndpointCommand({
      ChannelARN: arn, SingleMasterChannelEndpointConfiguration: { Protocols, Role },
    }))).ResourceEndpointList;

  test('answers one endpoint for each protocol', async () => {
    const { client, arn } = await startWithChannel();
    expect(await endpoints(client, arn, ['WSS', 'HTTPS'], 'MASTER')).toEqual([
      { Protocol: 'WSS', ResourceEndpoint: expect.stringMatching(/^wss:\/\/m-[0-9a-f]{8}\.kinesisvideo\.eu-west-1\.amazonaws\.com$/) },
      { Protocol: 'HTTPS', ResourceEndpoint: expect.stringMatching(/^https:\/\/r-[0-9a-f]{8}\.kinesisvideo\.eu-west-1\.amazonaws\.com$/) },
    ]);
  });

  test('distinguishes master and viewer', async () => {
    const { client, arn } = await startWithChannel();
    expect(await endpoints(client, arn, ['WSS'], 'VIEWER')).not.toEqual(await endpoints(client, arn, ['WSS'], 'MASTER'));
  });

  test('has no WEBRTC while storage is DISABLED', async () => {
    const { client, arn } = await startWithChannel();
    expect(await errorName(endpoints(client, arn, ['WEBRTC'], 'MASTER'))).toBe('InvalidArgumentException');
  });

  test('refuses an empty list of protocols', async () => {
    const { client, arn } = await startWithChannel();
    expect(await errorName(endpoints(client, arn, [], 'MASTER'))).toBe('InvalidArgumentException');
  });

  const startWithMesh = async (fullMeshEndpoints: 'as-single-master' | 'without-configuration' | 'none') => {
    const { client, clock } = await start({ services: [kinesisVideo({ fullMeshEndpoints })] });
    const arn = await create(client, 'door', { ChannelType: 'FULL_MESH' });
    await clock.advance(1000);
    return { client, arn };
  };

  test.each([
    ['as-single-master', 2, 2], ['without-configuration', 'InvalidArgumentException', 2], ['none', 'InvalidArgumentException', 'InvalidArgumentException'],
  ] as const)('of a FULL_MESH channel can be set to take its call %s', async (fullMeshEndpoints, configured, bare) => {
    const { client, arn } = await startWithMesh(fullMeshEndpoints);
    const outcome = (call: Promise<unknown[] | undefined>) => call.then(list => list!.length, ({ name }) => name);
    expect(await outcome(endpoints(client, arn, ['WSS', 'HTTPS'], 'MASTER'))).toBe(configured);
    const command = new GetSignalingChannelEndpointCommand({ ChannelARN: arn });
    expect(await outcome(client.send(command).then(({ ResourceEndpointList }) => ResourceEndpointList))).toBe(bare);
  });

  test('is refused while the channel is not ACTIVE', async () => {
    const { client } = await start();
    const arn = await create(client, 'door');
    expect(await errorName(endpoints(client, arn, ['WSS'], 'MASTER'))).toBe('ResourceInUseException');
  });
});

test('a region without the service has no endpoint', async () => {
  const { clientOf } = await start();
  expect((await errorOf(describe_(clientOf({ region: 'eu-north-1' }), { ChannelName: 'door' }))).message).toContain('socket hang up');
});

test('a FULL_MESH channel has no time to live', async () => {
  const { client } = await start();
  await create(client, 'door', { ChannelType: 'FULL_MESH' });
  expect((await describe_(client, { ChannelName: 'door' })).SingleMasterConfiguration).toBeUndefined();
});

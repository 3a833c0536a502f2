import * as http from 'node:http';
import { CreateSignalingChannelCommand, DescribeSignalingChannelCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { account, errorName, Harness, region, start } from './harness';
import { Emulator, startServer } from '../../../local/emulator';
import { eventually } from '../../eventually';

const create = async (client: KinesisVideoClient) => (await client.send(new CreateSignalingChannelCommand({ ChannelName: 'door' }))).ChannelARN!;
const describe_ = async (client: KinesisVideoClient) => (await client.send(new DescribeSignalingChannelCommand({ ChannelName: 'door' }))).ChannelInfo!;

async function control({ server }: Harness, request: string, body?: unknown): Promise<{ status: number; body: any }> {
  const [method, path] = request.split(' ');
  const response = await fetch(`${server.url}/_cloud/${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

test('GET health returns the services', async () => {
  expect(await control(await start(), 'GET health')).toEqual({ status: 200, body: { services: ['kinesisvideo', 'kinesis-video-signaling', 'ivs-realtime', 'chime-sdk-voice', 'chime-sdk-meetings', 'chime', 'secrets-manager', 'dynamodb'] } });
});

test('GET state shows what there is, by account and region', async () => {
  const harness = await start();
  const arn = await create(harness.client);
  harness.stream('street');
  expect((await control(harness, 'GET state')).body).toMatchObject({
    kinesisvideo: [{ account, region, channels: [{ name: 'door', arn, status: 'CREATING' }], streams: [{ name: 'street' }] }],
  });
});

test('GET calls returns the calls, or the calls after an ID', async () => {
  const harness = await start();
  await create(harness.client);
  await describe_(harness.client);
  expect((await control(harness, 'GET calls')).body).toHaveLength(2);
  expect((await control(harness, 'GET calls?after=1')).body).toMatchObject([{ id: 2, operation: 'DescribeSignalingChannel' }]);
});

test('POST faults adds a fault, GET returns it, DELETE removes it', async () => {
  const harness = await start();
  const { body: { id } } = await control(harness, 'POST faults', { kind: 'throttle', operation: 'CreateSignalingChannel' });
  expect(await errorName(create(harness.client))).toBe('ClientLimitExceededException');
  expect((await control(harness, 'GET faults')).body).toMatchObject([{ id, kind: 'throttle', hit: 1 }]);
  await control(harness, `DELETE faults?id=${id}`);
  await expect(create(harness.client)).resolves.toBeDefined();
});

test('DELETE faults without an ID removes all', async () => {
  const harness = await start();
  await control(harness, 'POST faults', { kind: 'throttle' });
  await control(harness, 'DELETE faults');
  expect((await control(harness, 'GET faults')).body).toEqual([]);
});

test('POST rates changes the limits', async () => {
  const harness = await start({ rates: 'off' });
  await control(harness, 'POST rates', { rates: { factor: 0.02 } });
  await create(harness.client);
  expect(await errorName(create(harness.client))).toBe('ClientLimitExceededException');
});

test('POST reset empties everything', async () => {
  const harness = await start();
  await create(harness.client);
  await control(harness, 'POST faults', { kind: 'throttle' });
  await control(harness, 'POST reset');
  expect(await errorName(describe_(harness.client))).toBe('ResourceNotFoundException');
  expect((await control(harness, 'GET calls')).body).toHaveLength(1);
});

describe('POST edit', () => {
  const edit = async (harness: Harness, changes: Record<string, unknown>) =>
    control(harness, 'POST edit', { service: 'kinesisvideo', resource: 'door', ...changes });

  async function startWithChannel() {
    const harness = await start();
    await harness.client.send(new CreateSignalingChannelCommand({ ChannelName: 'door', Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }] }));
    return harness;
  }
  const channel = async (harness: Harness) => (await control(harness, 'GET state')).body.kinesisvideo[0].channels[0];

  test('changes the time to live, which makes a new version', async () => {
    const harness = await startWithChannel();
    const { version } = await channel(harness);
    await edit(harness, { messageTtlSeconds: 30 });
    expect(await channel(harness)).toMatchObject({ messageTtlSeconds: 30, version: expect.not.stringMatching(version) });
  });

  test('makes a new version only', async () => {
    const harness = await startWithChannel();
    const { version, ...rest } = await channel(harness);
    await edit(harness, { bumpVersion: true });
    expect(await channel(harness)).toEqual({ ...rest, version: expect.not.stringMatching(version) });
  });

  test.each([
    ['sets and removes tags', { tags: { a: null, c: '3' } }, { b: '2', c: '3' }],
    ['replaces all tags', { replaceTags: { z: '26' } }, { z: '26' }],
    ['strips all tags', { replaceTags: {} }, {}],
  ])('%s', async (_, changes, tags) => {
    const harness = await startWithChannel();
    await edit(harness, changes);
    expect((await channel(harness)).tags).toEqual(tags);
  });

  test('holds for the transitions under way too', async () => {
    const harness = await startWithChannel();
    await edit(harness, { messageTtlSeconds: 30 });
    await harness.clock.advance(1000);
    expect(await channel(harness)).toMatchObject({ status: 'ACTIVE', messageTtlSeconds: 30 });
  });

  test('keeps a channel in a status', async () => {
    const harness = await startWithChannel();
    await edit(harness, { status: 'CREATING' });
    await harness.clock.advance(60_000);
    expect((await channel(harness)).status).toBe('CREATING');
  });

  test('enables and disables storage', async () => {
    const harness = await startWithChannel();
    const streamArn = harness.stream('street');
    await edit(harness, { storageStreamArn: streamArn });
    expect((await channel(harness)).storageStreamArn).toBe(streamArn);
    await edit(harness, { storageStreamArn: null });
    expect((await channel(harness)).storageStreamArn).toBeUndefined();
  });

  test('deletes, also what is still CREATING', async () => {
    const harness = await startWithChannel();
    await edit(harness, { delete: true });
    await harness.clock.advance(1000);
    expect(await errorName(describe_(harness.client))).toBe('ResourceNotFoundException');
  });

  test.each([['an unknown resource', { resource: 'gate' }, 404], ['an unknown change', { colour: 'red' }, 400], ['an unknown service', { service: 'x' }, 404]])(
    'refuses %s', async (_, changes, status) => {
      expect(await edit(await startWithChannel(), changes)).toMatchObject({ status });
    });
});

describe('POST resources', () => {
  const apply = async (harness: Harness, action: string, more: Record<string, unknown>) =>
    control(harness, 'POST resources', { action, type: 'AWS::KinesisVideo::Stream', region, ...more });

  test('creates a stream: Ref is its name, Arn an attribute', async () => {
    const harness = await start();
    expect(await apply(harness, 'create', { properties: { Name: 'street', DataRetentionInHours: '24' } })).toEqual({
      status: 200,
      body: { physicalId: 'street', attributes: { Arn: `arn:aws:kinesisvideo:${region}:${account}:stream/street/${harness.clock.now()}` } },
    });
    expect((await control(harness, 'GET state')).body.kinesisvideo[0].streams).toMatchObject([{ dataRetentionInHours: 24, status: 'ACTIVE' }]);
  });

  test('gives a stream without a name one from stack and logical id', async () => {
    const { body } = await apply(await start(), 'create', { logicalId: 'Stream', stackId: 'arn:aws:cloudformation:eu-west-1:0:stack/app/1' });
    expect(body.physicalId).toMatch(/^app-Stream-[a-zA-Z0-9]{12}$/);
  });

  test('refuses a second stream of a name', async () => {
    const harness = await start();
    harness.stream('street');
    expect(await apply(harness, 'create', { properties: { Name: 'street' } })).toMatchObject({ status: 400, body: { error: 'ResourceInUseException' } });
  });

  test('updates in place', async () => {
    const harness = await start();
    harness.stream('street');
    expect((await apply(harness, 'update', { physicalId: 'street', properties: { Name: 'street', DataRetentionInHours: 1 } })).body.physicalId).toBe('street');
    expect((await control(harness, 'GET state')).body.kinesisvideo[0].streams).toMatchObject([{ dataRetentionInHours: 1 }]);
  });

  test('makes a new one for a new name and leaves the old one to be deleted', async () => {
    const harness = await start();
    harness.stream('street');
    expect((await apply(harness, 'update', { physicalId: 'street', properties: { Name: 'yard' } })).body.physicalId).toBe('yard');
    expect((await control(harness, 'GET state')).body.kinesisvideo[0].streams).toHaveLength(2);
  });

  test('deletes, and deletes again', async () => {
    const harness = await start();
    harness.stream('street');
    await apply(harness, 'delete', { physicalId: 'street' });
    expect((await control(harness, 'GET state')).body.kinesisvideo[0].streams).toEqual([]);
    expect(await apply(harness, 'delete', { physicalId: 'street' })).toMatchObject({ status: 200 });
  });

  test('in another account', async () => {
    const harness = await start();
    const { body } = await apply(harness, 'create', { account: '333333333333', properties: { Name: 'street' } });
    expect(body.attributes.Arn).toContain(':333333333333:');
  });

  test('a signaling channel is ACTIVE at once', async () => {
    const harness = await start();
    await apply(harness, 'create', { type: 'AWS::KinesisVideo::SignalingChannel', properties: { Name: 'door', MessageTtlSeconds: '30' } });
    expect(await describe_(harness.client)).toMatchObject({ ChannelStatus: 'ACTIVE', SingleMasterConfiguration: { MessageTtlSeconds: 30 } });
  });

  test('a signaling channel can be updated and deleted', async () => {
    const harness = await start();
    const type = 'AWS::KinesisVideo::SignalingChannel';
    await apply(harness, 'create', { type, properties: { Name: 'door' } });
    await apply(harness, 'update', { type, physicalId: 'door', properties: { Name: 'door', MessageTtlSeconds: 20 } });
    expect((await describe_(harness.client)).SingleMasterConfiguration?.MessageTtlSeconds).toBe(20);
    await apply(harness, 'delete', { type, physicalId: 'door' });
    expect(await errorName(describe_(harness.client))).toBe('ResourceNotFoundException');
  });

  test('an unknown type is refused', async () => {
    expect(await apply(await start(), 'create', { type: 'AWS::S3::Bucket' })).toMatchObject({ status: 400, body: { error: 'UnknownResourceType' } });
  });
});

test('an unknown control request is 404', async () => {
  expect((await control(await start(), 'GET nothing')).status).toBe(404);
});

test('a body that is not JSON is refused', async () => {
  const { server } = await start();
  expect((await fetch(`${server.url}/_cloud/edit`, { method: 'POST', body: '{' })).status).toBe(400);
});

test('the port can be chosen, and is free again after close', async () => {
  // Another process can take the port in between: then again with another port.
  const urls = await eventually(async () => {
    const first = await startServer(new Emulator());
    await first.close();
    const second = await startServer(new Emulator(), { port: Number(new URL(first.url).port) });
    await second.close();
    return [first.url, second.url];
  });
  expect(urls[1]).toBe(urls[0]);
});

test('a port that is in use is an error', async () => {
  const { server } = await start();
  await expect(startServer(new Emulator(), { port: Number(new URL(server.url).port) })).rejects.toThrow('EADDRINUSE');
});

test.each([
  ['a page of another site', { origin: 'http://evil.example' }],
  ['a page without an origin', { origin: 'null' }],
  ['a name that leads here', { host: 'rebound.example' }],
])('%s controls nothing', async (_, headers) => {
  const { emulator, server } = await start();
  const { port } = new URL(server.url);
  const status = await new Promise((resolve, reject) => {
    http.request({ host: '127.0.0.1', port, method: 'POST', path: '/_cloud/faults', headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject).end('{"kind":"throttle"}');
  });
  expect(status).toBe(403);
  expect(emulator.listFaults()).toEqual([]);
});

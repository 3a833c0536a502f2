import {
  CreateSignalingChannelCommand, DeleteSignalingChannelCommand, DescribeSignalingChannelCommand, KinesisVideoClient, ListSignalingChannelsCommand,
  ListTagsForResourceCommand, TagResourceCommand, UpdateSignalingChannelCommand,
} from '@aws-sdk/client-kinesis-video';
import { errorName, errorOf, start } from './harness';
import { Fault } from '../../../local/emulator';

const create = async (client: KinesisVideoClient, name = 'door') => (await client.send(new CreateSignalingChannelCommand({ ChannelName: name }))).ChannelARN!;
const describe_ = async (client: KinesisVideoClient, name = 'door') =>
  (await client.send(new DescribeSignalingChannelCommand({ ChannelName: name }))).ChannelInfo!;
const names = async (client: KinesisVideoClient) =>
  (await client.send(new ListSignalingChannelsCommand({}))).ChannelInfoList!.map(({ ChannelName }) => ChannelName);

describe('what the caller sees, and whether the call was carried out', () => {
  test.each<[string, Fault, Record<string, unknown>, boolean]>([
    ['throttle', { kind: 'throttle' }, { name: 'ClientLimitExceededException', $metadata: { httpStatusCode: 400 } }, false],
    ['serverError', { kind: 'serverError' }, { name: 'InternalFailure', $metadata: { httpStatusCode: 500 } }, false],
    ['serverError 503', { kind: 'serverError', status: 503 }, { name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } }, false],
    ['serverError, executed', { kind: 'serverError', executed: true }, { $metadata: { httpStatusCode: 500 } }, true],
    ['accessDenied', { kind: 'accessDenied' }, { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } }, false],
    ['error of the model', { kind: 'error', error: 'ResourceInUseException' }, { name: 'ResourceInUseException', $metadata: { httpStatusCode: 400 } }, false],
    ['error of no model', { kind: 'error', error: 'ThrottlingException', status: 429 }, { name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } }, false],
    ['lostResponse', { kind: 'lostResponse' }, { message: expect.stringContaining('socket hang up') }, true],
    ['lostRequest', { kind: 'lostRequest' }, { message: expect.stringContaining('socket hang up') }, false],
  ])('%s', async (_, fault, seen, executed) => {
    const { client, emulator } = await start();
    emulator.addFault({ ...fault, times: 1 });
    expect(await errorOf(create(client))).toMatchObject(seen);
    expect(await names(client)).toEqual(executed ? ['door'] : []);
  });

  test('an error that is neither of the model nor has a status is a mistake of the test', async () => {
    const { client, emulator } = await start();
    emulator.addFault({ kind: 'error', error: 'NoSuchException' });
    expect(await errorOf(create(client))).toMatchObject({ name: 'EmulatorDefect', message: expect.stringContaining('NoSuchException') });
  });

  test('an unknown kind is rejected', async () => {
    const { emulator } = await start();
    expect(() => emulator.addFault({ kind: 'earthquake' } as unknown as Fault)).toThrow('unknown kind of fault');
  });

  test('the call log distinguishes a lost response from a lost request', async () => {
    const { client, emulator } = await start();
    emulator.addFault({ kind: 'lostResponse', times: 1 });
    await errorOf(create(client));
    emulator.addFault({ kind: 'lostRequest', times: 1 });
    await errorOf(create(client, 'gate'));
    expect(emulator.calls).toMatchObject([
      { outcome: 'ConnectionLost', mutated: true, faults: ['lostResponse'] }, { outcome: 'ConnectionLost', mutated: false, faults: ['lostRequest'] },
    ]);
  });

  test('the SDK retries a create after a lost response, and receives the error that the name is in use', async () => {
    const { emulator, clientOf } = await start();
    emulator.addFault({ kind: 'lostResponse', times: 1 });
    expect(await errorName(create(clientOf({ maxAttempts: 3 })))).toBe('ResourceInUseException');
  });

  test("the service's own throttling error is not retried by the SDK", async () => {
    const { emulator, clientOf } = await start();
    emulator.addFault({ kind: 'throttle', times: 1 });
    await errorOf(create(clientOf({ maxAttempts: 3 })));
    expect(emulator.calls).toHaveLength(1);
  });

  test('delay carries the call out later', async () => {
    const { client, clock, emulator } = await start();
    emulator.addFault({ kind: 'delay', milliseconds: 200, operation: 'CreateSignalingChannel' });
    const delayed = create(client);
    while (emulator.calls[0]?.faults.length !== 1) await new Promise(setImmediate);
    expect(await names(client)).toEqual([]);
    await clock.advance(200);
    await delayed;
    expect(await names(client)).toEqual(['door']);
  });
});

describe('which calls are hit', () => {
  test('those of an operation', async () => {
    const { client, emulator } = await start();
    emulator.addFault({ kind: 'throttle', operation: 'DescribeSignalingChannel' });
    await create(client);
    expect(await errorName(describe_(client))).toBe('ClientLimitExceededException');
  });

  test('those of a service', async () => {
    const { client, emulator } = await start();
    emulator.addFault({ kind: 'throttle', service: 'ivs-realtime' });
    await expect(create(client)).resolves.toBeDefined();
  });

  test('those about a resource, by a part of its ARN', async () => {
    const { client, emulator } = await start();
    emulator.addFault({ kind: 'throttle', resource: 'channel/gate/' });
    await expect(create(client, 'door')).resolves.toBeDefined();
    expect(await errorName(create(client, 'gate'))).toBe('ClientLimitExceededException');
  });

  test('only so many', async () => {
    const { client, emulator } = await start();
    emulator.addFault({ kind: 'throttle', times: 2 });
    const outcomes = [await errorName(create(client)), await errorName(create(client)), await create(client).then(() => 'success')];
    expect(outcomes).toEqual(['ClientLimitExceededException', 'ClientLimitExceededException', 'success']);
  });

  test('only after so many', async () => {
    const { client, emulator } = await start();
    emulator.addFault({ kind: 'throttle', after: 1 });
    await expect(create(client, 'door')).resolves.toBeDefined();
    expect(await errorName(create(client, 'gate'))).toBe('ClientLimitExceededException');
  });

  test('by chance, the same with the same seed', async () => {
    const outcomes = async (seed: number) => {
      const { client, emulator } = await start({ seed });
      emulator.addFault({ kind: 'throttle', probability: 0.5 });
      for (let i = 0; i < 30; i++) await names(client).catch(() => undefined);
      return emulator.calls.map(({ outcome }) => outcome).join();
    };
    const first = await outcomes(7);
    expect(first).toMatch(/success.*ClientLimit|ClientLimit.*success/);
    expect(await outcomes(7)).toBe(first);
    expect(await outcomes(8)).not.toBe(first);
  });

  test('one call has one end: the second rule keeps its hit for the next call', async () => {
    const { client, emulator } = await start();
    emulator.addFault({ kind: 'throttle', times: 1 });
    emulator.addFault({ kind: 'serverError', times: 1 });
    expect([await errorName(create(client)), await errorName(create(client))]).toEqual(['ClientLimitExceededException', 'InternalFailure']);
  });

  test('none after the rule is removed', async () => {
    const { client, emulator } = await start();
    const id = emulator.addFault({ kind: 'throttle' });
    const other = emulator.addFault({ kind: 'throttle', operation: 'ListSignalingChannels' });
    emulator.removeFaults(id);
    await expect(create(client)).resolves.toBeDefined();
    expect(emulator.listFaults()).toMatchObject([{ id: other, hit: 0 }]);
  });
});

describe('laggingReads', () => {
  async function startWithChannel() {
    const harness = await start();
    const arn = await create(harness.client);
    await harness.clock.advance(10_000);
    harness.emulator.addFault({ kind: 'laggingReads', milliseconds: 5000 });
    return { ...harness, arn };
  }

  test('a new channel is NotFound', async () => {
    const { client, clock } = await startWithChannel();
    await create(client, 'gate');
    await clock.advance(4999);
    expect(await errorName(describe_(client, 'gate'))).toBe('ResourceNotFoundException');
    await clock.advance(1);
    expect((await describe_(client, 'gate')).ChannelStatus).toBe('CREATING');
  });

  test('a new channel is not in the list', async () => {
    const { client } = await startWithChannel();
    await create(client, 'gate');
    expect(await names(client)).toEqual(['door']);
  });

  test('an update shows as ACTIVE with the old version and value', async () => {
    const { client, arn } = await startWithChannel();
    const before = await describe_(client);
    await client.send(new UpdateSignalingChannelCommand({
      ChannelARN: arn, CurrentVersion: before.Version, SingleMasterConfiguration: { MessageTtlSeconds: 30 },
    }));
    expect(await describe_(client)).toMatchObject({
      ChannelStatus: 'ACTIVE', Version: before.Version, SingleMasterConfiguration: { MessageTtlSeconds: 60 },
    });
  });

  test('a deleted channel is still there', async () => {
    const { client, clock, arn } = await startWithChannel();
    await client.send(new DeleteSignalingChannelCommand({ ChannelARN: arn }));
    await clock.advance(4000);
    expect((await describe_(client)).ChannelStatus).toBe('ACTIVE');
  });

  test('new tags do not show', async () => {
    const { client, arn } = await startWithChannel();
    await client.send(new TagResourceCommand({ ResourceARN: arn, Tags: [{ Key: 'a', Value: '1' }] }));
    expect((await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }))).Tags).toEqual({});
  });

  test('writes see the present', async () => {
    const { client } = await startWithChannel();
    await create(client, 'gate');
    expect(await errorName(create(client, 'gate'))).toBe('ResourceInUseException');
  });

  test('a rule for a write does nothing', async () => {
    const { client, emulator } = await start();
    emulator.addFault({ kind: 'laggingReads', milliseconds: 5000, operation: 'CreateSignalingChannel' });
    await create(client);
    expect(emulator.calls[0].faults).toEqual([]);
  });
});

test('reorderedReads shows now the past, now the present', async () => {
  const { client, clock, emulator } = await start();
  await clock.advance(10_000);
  await create(client);
  emulator.addFault({ kind: 'reorderedReads', milliseconds: 5000 });
  const seen = new Set<string>();
  for (let i = 0; i < 20; i++) seen.add((await names(client)).join());
  expect([...seen].sort()).toEqual(['', 'door']);
});

import { CreateSignalingChannelCommand, DescribeSignalingChannelCommand, KinesisVideoClient, ListSignalingChannelsCommand } from '@aws-sdk/client-kinesis-video';
import { account, errorOf, region, start } from './harness';
import { ConnectionLost, Emulator, requestHandler, VirtualClock } from '../../../local/emulator';
import { redact } from '../../../local/emulator/calls';
import { asServiceModel } from '../../../local/emulator/model';
import meetings from '../../../local/emulator/models/chime-sdk-meetings.json';

const create = async (client: KinesisVideoClient, name = 'door') => (await client.send(new CreateSignalingChannelCommand({ ChannelName: name }))).ChannelARN!;

describe('the call log', () => {
  test('records the caller, the operation, the resource, and the outcome', async () => {
    const { client, clock, emulator } = await start();
    const arn = await create(client);
    expect(emulator.calls).toEqual([{
      id: 1,
      time: clock.now(),
      service: 'kinesisvideo',
      operation: 'CreateSignalingChannel',
      region,
      account,
      accessKeyId: 'AKIATEST',
      principal: undefined,
      input: { ChannelName: 'door' },
      resource: arn,
      outcome: 'success',
      status: 200,
      mutated: true,
      faults: [],
    }]);
  });

  test('records the invocation of a Lambda function, from the trace ID that the SDK sends', async () => {
    const { client, emulator } = await start();
    await create(client, 'by-hand');
    Object.assign(process.env, { AWS_LAMBDA_FUNCTION_NAME: 'on-event', _X_AMZN_TRACE_ID: 'Root=1-6b01cb88-fead3d1f8810c9de5533f371;Parent=53995c3f42cd8ad8;Sampled=0' });
    try {
      await create(client, 'by-a-function');
    } finally {
      delete process.env.AWS_LAMBDA_FUNCTION_NAME;
      delete process.env._X_AMZN_TRACE_ID;
    }
    expect(emulator.calls.map(({ traceId }) => traceId)).toEqual([undefined, '1-6b01cb88-fead3d1f8810c9de5533f371']);
  });

  test('a read has changed nothing', async () => {
    const { client, emulator } = await start();
    await create(client);
    await client.send(new DescribeSignalingChannelCommand({ ChannelName: 'door' }));
    expect(emulator.calls.at(-1)).toMatchObject({ outcome: 'success', mutated: false });
  });

  test('holds refused requests with the reason', async () => {
    const { client, emulator } = await start();
    await errorOf(create(client, 'my door'));
    expect(emulator.calls).toMatchObject([{ outcome: 'InvalidArgumentException', message: expect.stringContaining('channelName'), mutated: false }]);
  });

  test('redacts what the model calls sensitive', () => {
    const input = { ClientRequestToken: 'token', MediaRegion: 'eu-west-1', ExternalMeetingId: 'meeting', Tags: [{ Key: 'a', Value: 'b' }] };
    expect(redact(asServiceModel(meetings), { shape: 'CreateMeetingRequest' }, input))
      .toEqual({ ...input, ClientRequestToken: '***', ExternalMeetingId: '***' });
  });

  test('leaves a value of the wrong type as it is', () => {
    expect(redact(asServiceModel(meetings), { shape: 'CreateMeetingRequest' }, { Tags: 'none' })).toEqual({ Tags: 'none' });
  });
});

describe('listeners', () => {
  test('are notified before and after', async () => {
    const { client, emulator } = await start();
    const notified: string[] = [];
    emulator.onCall(({ phase, call }) => { notified.push(`${phase} ${call.operation} ${call.outcome}`); });
    await create(client);
    expect(notified).toEqual(['before CreateSignalingChannel pending', 'after CreateSignalingChannel success']);
  });

  test('may edit before the operation is carried out', async () => {
    const { client, emulator } = await start();
    const arn = await create(client);
    emulator.onCall(async ({ phase }) => {
      await Promise.resolve();
      if (phase === 'before') emulator.edit({ service: 'kinesisvideo', resource: arn, messageTtlSeconds: 30 });
    });
    const { ChannelInfo } = await client.send(new DescribeSignalingChannelCommand({ ChannelARN: arn }));
    expect(ChannelInfo?.SingleMasterConfiguration?.MessageTtlSeconds).toBe(30);
  });

  test('may call the service themselves', async () => {
    const { client, emulator, clientOf } = await start();
    const other = clientOf({});
    const stop = emulator.onCall(async ({ phase }) => {
      if (phase !== 'before') return;
      stop();
      await create(other);
    });
    expect((await errorOf(create(client))).name).toBe('ResourceInUseException');
  });

  test.each([['before', []], ['after', ['door']]])('that break the connection %s the operation', async (phase, left) => {
    const { client, emulator } = await start();
    const stop = emulator.onCall(event => {
      if (event.phase === phase) throw new ConnectionLost();
    });
    expect((await errorOf(create(client))).message).toContain('socket hang up');
    stop();
    expect((await client.send(new ListSignalingChannelsCommand({}))).ChannelInfoList?.map(({ ChannelName }) => ChannelName)).toEqual(left);
  });
});

describe('without sockets', () => {
  function inProcess(options = {}) {
    const clock = new VirtualClock({ auto: true });
    const emulator = new Emulator({ clock, ...options });
    const client = new KinesisVideoClient({
      region, maxAttempts: 1, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'x' }, requestHandler: requestHandler(emulator, 'kinesisvideo'),
    });
    return { clock, emulator, client };
  }

  test('the real client works on the request handler', async () => {
    const { client, clock } = inProcess();
    await create(client);
    await clock.sleep(1000);
    expect((await client.send(new DescribeSignalingChannelCommand({ ChannelName: 'door' }))).ChannelInfo?.ChannelStatus).toBe('ACTIVE');
  });

  test('each call takes the latency', async () => {
    const { client, clock } = inProcess({ latency: 30 });
    const before = clock.now();
    await create(client);
    expect(clock.now() - before).toBe(30);
  });

  test('a lost connection looks to the SDK like one of Node.js', async () => {
    const { client, emulator } = inProcess();
    emulator.addFault({ kind: 'lostResponse' });
    expect(await errorOf(create(client))).toMatchObject({ name: 'TimeoutError', code: 'ECONNRESET', emulated: true });
  });

  test('a crash in a listener comes out as it is', async () => {
    const { client, emulator } = inProcess();
    const crash = new Error('crashed here');
    emulator.onCall(() => { throw crash; });
    expect(await errorOf(create(client))).toBe(crash);
  });
});

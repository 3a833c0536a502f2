import { CreateSignalingChannelCommand, DeleteSignalingChannelCommand } from '@aws-sdk/client-kinesis-video';
import { account, Harness, region, start } from './harness';
import { EmulatorOptions } from '../../../local/emulator';

/* https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_signaling_GetIceServerConfig.html */

const AUTHORIZATION = (of: string) => `AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/${of}/kinesisvideo/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;

async function iceServers({ emulator }: Harness, input: object, of = region): Promise<{ status: number; error?: string; body: any }> {
  const { status, headers, body } = await emulator.handle({
    method: 'POST', path: '/kinesis-video-signaling/v1/get-ice-server-config', headers: { authorization: AUTHORIZATION(of) }, body: JSON.stringify(input),
  });
  return { status, error: headers['x-amzn-errortype'], body: JSON.parse(body) };
}

async function startWithChannel(options: EmulatorOptions = {}) {
  const harness = await start({ timings: { creating: 0 }, ...options });
  const { ChannelARN } = await harness.client.send(new CreateSignalingChannelCommand({ ChannelName: 'door' }));
  return { ...harness, ChannelARN: ChannelARN! };
}

test('returns TURN servers with credentials for five minutes, by the constraints of the model', async () => {
  const harness = await startWithChannel();
  const { status, body: { IceServerList } } = await iceServers(harness, { ChannelARN: harness.ChannelARN, ClientId: 'phone-1', Service: 'TURN' });
  expect(status).toBe(200);
  expect(IceServerList).toHaveLength(2);
  for (const { Uris, Username, Password, Ttl } of IceServerList) {
    expect(Ttl).toBe(300);
    expect([Username, Password]).toEqual([expect.stringMatching(/^[a-zA-Z0-9_.-]{1,256}$/), expect.stringMatching(/^[a-zA-Z0-9_.-]{1,256}$/)]);
    const host = `[0-9-]+\\.t-[0-9a-f]{8}\\.kinesisvideo\\.${region}\\.amazonaws\\.com:443`;
    const expected = [`turn:${host}\\?transport=udp`, `turns:${host}\\?transport=udp`, `turns:${host}\\?transport=tcp`];
    expect(Uris).toEqual(expected.map((uri) => expect.stringMatching(`^${uri}$`)));
  }
});

test('returns new credentials at another time, and others for another user', async () => {
  const harness = await startWithChannel();
  const passwordOf = async (Username: string) => (
    (await iceServers(harness, { ChannelARN: harness.ChannelARN, Username })).body.IceServerList[0].Password
  );
  const passwords = [await passwordOf('ann'), await passwordOf('bob')];
  await harness.clock.advance(60_000);
  passwords.push(await passwordOf('ann'));
  expect(new Set(passwords).size).toBe(3);
});

test('takes the longest user ID', async () => {
  const harness = await startWithChannel();
  const { status, body } = await iceServers(harness, { ChannelARN: harness.ChannelARN, Username: 'u'.repeat(256) });
  expect([status, body.IceServerList[0].Username.length]).toEqual([200, 256]);
});

test.each<[string, object]>([
  ['no channel', {}],
  ['the name of a channel', { ChannelARN: 'door' }],
  ['a client ID with a space', { ChannelARN: 'CHANNEL', ClientId: 'a b' }],
  ['a user ID of 257 characters', { ChannelARN: 'CHANNEL', Username: 'u'.repeat(257) }],
  ['another service than TURN', { ChannelARN: 'CHANNEL', Service: 'STUN' }],
  ['an unknown member', { ChannelARN: 'CHANNEL', ChannelName: 'door' }],
])('refuses %s', async (_, input) => {
  const harness = await startWithChannel();
  const given = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, value === 'CHANNEL' ? harness.ChannelARN : value]));
  expect(await iceServers(harness, given)).toMatchObject({ status: 400, error: 'InvalidArgumentException' });
});

test('finds no channel that does not exist, that is in another region, or that is not ACTIVE', async () => {
  const harness = await startWithChannel();
  const { ChannelARN } = harness;
  const notFound = { status: 404, error: 'ResourceNotFoundException' };
  expect(await iceServers(harness, { ChannelARN: ChannelARN.replace('/door/', '/gate/') })).toMatchObject(notFound);
  expect(await iceServers(harness, { ChannelARN }, 'us-east-1')).toMatchObject(notFound);
  await harness.client.send(new DeleteSignalingChannelCommand({ ChannelARN }));
  expect(await iceServers(harness, { ChannelARN })).toMatchObject(notFound);
});

test('a channel serves 5 calls per second', async () => {
  const harness = await startWithChannel({ rates: 'documented' });
  const statuses: unknown[] = [];
  for (let call = 0; call < 6; call += 1) statuses.push((await iceServers(harness, { ChannelARN: harness.ChannelARN })).error);
  expect(statuses).toEqual([undefined, undefined, undefined, undefined, undefined, 'ClientLimitExceededException']);
});

test('an account gets 100 calls per second, whichever channels they name', async () => {
  const harness = await startWithChannel({ rates: 'documented' });
  const errors: unknown[] = [];
  for (let call = 0; call < 102; call += 1) errors.push((await iceServers(harness, { ChannelARN: harness.ChannelARN.replace('/door/', `/missing-${call}/`) })).error);
  expect(errors).toEqual([...Array(100).fill('ResourceNotFoundException'), 'ClientLimitExceededException', 'ClientLimitExceededException']);
});

test('needs kinesisvideo:GetIceServerConfig on the channel', async () => {
  const allowed = (Resource: string) => [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['kinesisvideo:GetIceServerConfig', 'kinesisvideo:CreateSignalingChannel'], Resource }] }];
  let policies = allowed('*');
  const harness = await startWithChannel({ principals: async () => ({ arn: `arn:aws:iam::${account}:role/agent`, policies }) as never });
  const { ChannelARN } = harness;
  expect((await iceServers(harness, { ChannelARN })).status).toBe(200);
  policies = allowed(ChannelARN.replace('/door/', '/gate/'));
  expect(await iceServers(harness, { ChannelARN })).toMatchObject({ status: 403, error: 'AccessDeniedException' });
});

test('an out-of-band change of a channel names the service that has channels', async () => {
  const { emulator } = await start();
  expect(() => emulator.edit({ service: 'kinesis-video-signaling', resource: 'door' })).toThrow('edit door in the service kinesisvideo');
});

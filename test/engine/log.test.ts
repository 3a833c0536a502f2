import { createLog } from '../../lambda/engine/log';
import { PoolSetup, TABLE } from '../chime-sdk-meetings/pool-setup';
import { SignalingSetup } from '../kinesisvideo/handler-setup';

/** With the real logger. */
class LoggedSignaling extends SignalingSetup {
  protected log() {
    return createLog();
  }
}

class LoggedPool extends PoolSetup {
  protected log() {
    return createLog();
  }
}

const lines: any[] = [];
let writes: jest.SpyInstance[];
beforeEach(() => {
  lines.length = 0;
  const capture = (text: unknown) => String(text).split('\n').filter((line) => line.startsWith('{')).forEach((line) => lines.push(JSON.parse(line))) === undefined;
  writes = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation(capture));
});
afterEach(() => writes.forEach((write) => write.mockRestore()));

const messages = () => lines.map(({ message }) => message);

test('every line of a request has its id, its logical id and its type', async () => {
  const setup = new LoggedSignaling();
  try {
    const door = setup.resource('Door');
    await door.create();
    setup.edit(door.physicalId!, { messageTtlSeconds: 10 });
    await door.update({ Tags: [{ Key: 'team', Value: 'doors' }] });
    await expect(door.update({ MessageTtlSeconds: 1 })).rejects.toThrow();
    await expect(door.update({ MediaStorageStreamArn: setup.stream('empty', 0) })).rejects.toThrow();
    await door.delete();
  } finally {
    await setup.stop();
  }
  expect(new Set(messages())).toEqual(new Set(['received', 'accepted', 'pending', 'complete', 'apply change', 'refused', 'failed']));
  for (const line of lines) {
    expect(line).toMatchObject({ logicalId: 'Door', requestId: expect.stringMatching(/^Door-request-\d$/), resourceType: 'Custom::RtcSignalingChannel' });
  }
  expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(5);
});

test('every line of a drift monitor has the run, and of a resource its logical id', async () => {
  const setup = new LoggedSignaling();
  try {
    const door = setup.resource('Door');
    await door.create();
    lines.length = 0;
    await setup.driftOf([door], { overrides: { MessageTtlSeconds: 30 } });
    await setup.driftOf([door], { overrides: { Colour: 'red' } });
  } finally {
    await setup.stop();
  }
  expect(messages()).toEqual(['drifted', 'compared', 'could not be observed', 'compared']);
  for (const line of lines) expect(line.requestId).toBe('run');
  for (const line of lines.filter(({ message }) => message !== 'compared')) expect(line).toMatchObject({ logicalId: 'Door', resourceType: 'Custom::RtcSignalingChannel' });
});

test('every line of a checkout and of a maintainer has its own request', async () => {
  const setup = new LoggedPool();
  try {
    const { physicalId = '' } = await setup.resource().create({ TableName: TABLE, Size: 1 });
    lines.length = 0;
    const checkout = setup.checkoutFunction(physicalId);
    await checkout({ externalUserIds: ['alice'] });
    await checkout({ externalUserIds: [], unknown: true });
    setup.emulator.addFault({ kind: 'error', service: 'chime-sdk-meetings', operation: 'CreateMeeting', error: 'BadRequestException' });
    await setup.maintain(physicalId);
  } finally {
    await setup.stop();
  }
  expect(lines.map(({ message, requestId }) => [message, requestId])).toEqual([['checked out', 'request-1'], ['refused', 'request-2'], ['not refilled', 'run-3']]);
});

test('what has the name of a secret is not written, wherever it stands', () => {
  createLog().info('made', { streamKey: 'sk-1', answer: [{ JoinToken: 'jt-1', ResponseURL: 'https://signed', name: 'studio' }], clientSecret: 's', Password: 'p', credentials: {} });
  createLog().child({ requestId: 'r' }).error('failed', { StreamKey: 'sk-2' });
  expect(lines).toMatchObject([
    {
      message: 'made',
      service: 'cdk-rtc',
      streamKey: '***',
      answer: [{ JoinToken: '***', ResponseURL: '***', name: 'studio' }],
      clientSecret: '***',
      Password: '***',
      credentials: '***',
    },
    { message: 'failed', requestId: 'r', StreamKey: '***' },
  ]);
});

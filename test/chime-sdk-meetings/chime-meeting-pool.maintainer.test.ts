import { PoolSetup, TABLE } from './pool-setup';
import { PoolTable } from '../../lambda/chime-sdk-meetings/meeting-pool/table';

const POOL = { TableName: TABLE, Size: 4 };
const MINUTE = 60_000;

let setup: PoolSetup;
afterEach(() => setup.stop());

const start = async (properties: Record<string, unknown> = {}, ...options: ConstructorParameters<typeof PoolSetup>) => {
  setup = new PoolSetup(...options);
  const resource = setup.resource();
  const { physicalId } = await resource.create({ ...POOL, ...properties });
  return { resource, poolName: physicalId };
};
/** Those that a checkout may have. */
const usable = (minimum = 120_000) => setup.ready().filter(({ endsAt }) => endsAt - setup.clock.now() >= minimum);
const last = () => setup.measured.filter(({ kind }) => kind === 'maintained').at(-1)!;

describe('a scheduled run', () => {
  test('keeps at least the desired number of meetings ready for an hour', async () => {
    const { poolName } = await start();
    for (let minute = 0; minute < 60; minute += 1) {
      await setup.maintainFor(1, poolName);
      expect(usable()).toHaveLength(POOL.Size);
      expect(last()).toMatchObject({ ready: POOL.Size, leased: 0, refillErrors: 0 });
    }
    // What has ended is not kept for ever.
    expect(setup.items('meeting#').length).toBeLessThan(4 * POOL.Size);
  });

  test('costs four table calls and no call of the service if nothing changes', async () => {
    const { poolName } = await start();
    const { mutations, reads } = await setup.counting(() => setup.maintain(poolName));
    expect({ mutations, reads }).toEqual({ mutations: ['UpdateItem', 'UpdateItem'], reads: { GetItem: 1, Query: 1 } });
  });

  test.each([['takes', 0], ['releases', 1]])('%s the lock even if the table throttles it longer than the SDK retries', async (_, after) => {
    const { poolName } = await start();
    setup.emulator.addFault({ kind: 'throttle', service: 'dynamodb', operation: 'UpdateItem', after, times: 4 });
    await setup.maintain(poolName);
    expect(last()).toMatchObject({ ready: 4 });
    expect(setup.items('pool')[0].refillUntil).toBe(0);
  });

  test('replaces leased meetings', async () => {
    const { poolName } = await start();
    const checkout = setup.checkoutFunction(poolName);
    await Promise.all(['one', 'two', 'three'].map((name) => checkout({ externalUserIds: [name] })));
    expect(usable()).toHaveLength(1);
    await setup.maintain(poolName);
    expect(usable()).toHaveLength(4);
    expect(last()).toEqual({ kind: 'maintained', ready: 4, leased: 3, remainingQuota: 243, ended: 0, refillErrors: 0 });
  });

  test('detects meetings that have ended without attendees', async () => {
    const { poolName } = await start();
    const { Meeting } = await setup.checkoutFunction(poolName)({ externalUserIds: ['alice'] });
    setup.emulator.edit({ service: 'chime-sdk-meetings', resource: Meeting!.MeetingId, connect: '*' });
    await setup.maintainFor(10, poolName);
    expect(last()).toMatchObject({ leased: 1 });
    setup.emulator.edit({ service: 'chime-sdk-meetings', resource: Meeting!.MeetingId, disconnect: '*' });
    await setup.maintainFor(12, poolName);
    expect(last()).toMatchObject({ ready: 4, leased: 0 });
    expect(setup.items('lease#')).toEqual([]);
    expect(setup.measured.reduce((sum, { ended }) => sum + Number(ended ?? 0), 0)).toBeGreaterThan(POOL.Size);
  });

  test('checks a leased meeting once in five minutes', async () => {
    const { poolName } = await start({ Size: 1 });
    const { Meeting } = await setup.checkoutFunction(poolName)({ externalUserIds: ['alice'] });
    setup.emulator.edit({ service: 'chime-sdk-meetings', resource: Meeting!.MeetingId, connect: '*' });
    await setup.maintainFor(66, poolName);
    expect(setup.calls('GetMeeting').length).toBeGreaterThanOrEqual(11);
    expect(setup.calls('GetMeeting').length).toBeLessThanOrEqual(13);
  });

  test.each([['forward', 24 * 3600_000], ['a little more than a meeting lives', 5 * MINUTE]])('replaces all meetings if the clock jumps %s', async (_, jump) => {
    const { poolName } = await start();
    await setup.checkoutFunction(poolName)({ externalUserIds: ['alice'] });
    await setup.clock.sleep(jump);
    await setup.maintainFor(3, poolName);
    expect(usable()).toHaveLength(4);
    expect(setup.meetings().length).toBe(4);
  });

  test('the next checkout detects a ready meeting that was ended out of band, and leases another one', async () => {
    const { poolName } = await start({ Size: 2 });
    for (const { id } of setup.meetings()) setup.emulator.edit({ service: 'chime-sdk-meetings', resource: id, end: true });
    const { Meeting } = await setup.checkoutFunction(poolName)({ externalUserIds: ['alice'] });
    expect(setup.meeting(Meeting!.MeetingId)).toBeDefined();
    await setup.maintain(poolName);
    expect(usable()).toHaveLength(2);
  });

  test('does nothing for a closed or missing pool', async () => {
    const { resource, poolName } = await start();
    await resource.delete();
    const { mutations } = await setup.counting(async () => {
      await setup.maintain(poolName);
      await setup.maintain('never-was');
    });
    expect(mutations).toEqual([]);
    expect(setup.meetings()).toEqual([]);
  });

  test.each(['closed', 'gone'])('does nothing for a pool that is %s after it was locked', async (state) => {
    const { poolName } = await start();
    await setup.clock.sleep(150_000);
    const [item] = await setup.storedItems().then((items) => items.filter((stored) => stored.item === 'pool'));
    const read = jest.spyOn(PoolTable.prototype, 'pool').mockResolvedValueOnce(state === 'gone' ? undefined : { ...item, state } as never);
    const { mutations } = await setup.counting(() => setup.maintain(poolName));
    read.mockRestore();
    expect(mutations).toEqual(['UpdateItem', 'UpdateItem']);
    expect(setup.measured).toEqual([]);
  });

  test('reconciles again while a third of its time remains, and the next run continues', async () => {
    const { poolName } = await start();
    await setup.clock.sleep(400_000);
    // Others always were quicker, and it takes long.
    const writeIntents = jest.spyOn(PoolTable.prototype, 'writeIntents').mockImplementation(async () => {
      await setup.clock.sleep(16_000);
      return { fills: [] };
    });
    await setup.maintain(poolName);
    const looks = writeIntents.mock.calls.length;
    writeIntents.mockRestore();
    expect(looks).toBe(2);
    expect(last()).toMatchObject({ ready: 0, refillErrors: 0 });
    await setup.maintain(poolName);
    expect(usable()).toHaveLength(4);
  });

  test('maintains a pool in the legacy namespace', async () => {
    const { resource, poolName } = await start({ Namespace: 'CHIME' });
    await setup.maintainFor(20, poolName);
    expect(usable()).toHaveLength(4);
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
  });
});

describe('failures', () => {
  // A checkout on demand reads the item of the pool in its transaction.
  test.each([['lock', 0], ['unlock', 1]])('to %s the pool because of a transaction are repeated after short pauses', async (_, after) => {
    const { poolName } = await start();
    setup.emulator.addFault({ kind: 'error', error: 'TransactionConflictException', operation: 'UpdateItem', after, times: 2 });
    await setup.maintain(poolName);
    expect(setup.measured.filter(({ kind }) => kind === 'maintained')).toHaveLength(1);
    expect(setup.items('pool')[0].refillUntil).toBe(0);
    expect(setup.calls('UpdateItem').slice(-4).filter(({ faults }) => faults.length > 0)).toHaveLength(2);
  });

  test('are counted, logged, and corrected by the next run', async () => {
    const { poolName } = await start();
    await setup.clock.sleep(150_000);
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'CreateMeeting' });
    await setup.maintain(poolName);
    expect(last().refillErrors).toBe(4);
    expect(setup.logged.filter((line) => line.includes('not refilled'))).toHaveLength(4);
    setup.emulator.removeFaults();
    await setup.maintain(poolName);
    expect(last()).toMatchObject({ refillErrors: 0, ready: 4 });
  });

  test('of a slow service: a run starts only work that it can finish, publishes its metrics, and the next runs continue', async () => {
    const { poolName } = await start({ Size: 100 });
    await setup.clock.sleep(6 * MINUTE);
    setup.emulator.addFault({ kind: 'delay', milliseconds: 3_000, operation: 'CreateMeeting' });
    await setup.maintain(poolName);
    // Of 45 seconds, three times twelve for sixteen at once.
    expect(setup.ready()).toHaveLength(48);
    expect(last()).toMatchObject({ ended: 100, refillErrors: 0 });
    setup.emulator.removeFaults();
    await setup.maintainFor(3, poolName);
    expect(usable()).toHaveLength(100);
  });

  test('at the quota: the previous meeting is ended before its replacement is created', async () => {
    const { poolName } = await start({}, { meetings: { quotas: { meetings: 4 } } });
    await setup.maintainFor(20, poolName);
    expect(usable()).toHaveLength(4);
  });

  test.each(['new-meeting', 'ended-meeting', 'conflict'] as const)('don\'t depend on how the service treats the token of an ended meeting (%s)', async (ended) => {
    const { resource, poolName } = await start({}, { meetings: { requestToken: { ended } } });
    // A response lost three times: whether there is a meeting is not known.
    await setup.clock.sleep(150_000);
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreateMeeting', times: 60 });
    await setup.maintain(poolName);
    setup.emulator.removeFaults();
    await setup.clock.sleep(6 * MINUTE);
    await setup.maintainFor(8, poolName);
    expect(usable()).toHaveLength(4);
    expect(setup.meetingStates().abandoned).toBeUndefined();
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
  });
});

describe('concurrent runs', () => {
  test('work one at a time', async () => {
    const { poolName } = await start();
    await setup.clock.sleep(150_000);
    await Promise.all([setup.maintain(poolName), setup.maintain(poolName)]);
    expect(setup.calls('CreateMeeting')).toHaveLength(8);
    expect(setup.measured).toHaveLength(1);
  });

  test('are safe without the lock', async () => {
    const { resource, poolName } = await start({ Size: 10 });
    await setup.clock.sleep(150_000);
    // Somebody takes the lock away whenever it is taken.
    const lock = () => {
      const [item] = setup.items('pool');
      if (item.refillUntil > 0) setup.emulator.edit({ service: 'dynamodb', resource: TABLE, putItem: unlocked(item) });
    };
    setup.emulator.onCall(({ phase, call }) => { if (phase === 'after' && call.operation === 'UpdateItem') lock(); });
    await Promise.all([setup.maintain(poolName), setup.maintain(poolName), setup.maintain(poolName)]);
    await setup.maintainFor(1, poolName);
    expect(usable()).toHaveLength(10);
    const known = setup.items('meeting#').map(({ meetingId }) => meetingId);
    expect(setup.meetings().filter(({ id }) => !known.includes(id))).toEqual([]);
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
  });

  test('with ten checkouts lease no meeting twice, lose none, and keep the desired number ready', async () => {
    const { resource, poolName } = await start({ Size: 12 });
    const handedOut: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const checkouts = Array.from({ length: 10 }, (_, index) => setup.checkoutFunction(poolName, { refilled: true })({ externalUserIds: [`person-${index}`] }));
      const [answers] = await Promise.all([Promise.all(checkouts), setup.maintain(poolName), setup.maintain(poolName)]);
      for (const { Meeting } of answers) handedOut.push(Meeting!.MeetingId);
      await setup.clock.sleep(20_000);
    }
    expect(new Set(handedOut).size).toBe(50);
    await setup.maintainFor(1, poolName);
    expect(usable()).toHaveLength(12);
    const known = setup.items('meeting#').map(({ meetingId }) => meetingId);
    expect(setup.meetings().filter(({ id }) => !known.includes(id))).toEqual([]);
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
  });
});

test('random failures lease no meeting twice and lose none, and the pool recovers and can be deleted', async () => {
  const { resource, poolName } = await start({ Size: 6 });
  for (const kind of ['lostResponse', 'lostRequest', 'throttle'] as const) setup.emulator.addFault({ kind, probability: 0.06 });
  setup.emulator.addFault({ kind: 'serverError', executed: true, probability: 0.06 });
  setup.emulator.addFault({ kind: 'delay', milliseconds: 3_000, probability: 0.05 });
  const handedOut: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const checkouts = Array.from({ length: 4 }, (_, index) => setup.checkoutFunction(poolName)({ externalUserIds: [`person-${index}`] }));
    const runs = [setup.maintain(poolName), setup.maintain(poolName)].map((run) => run.catch(() => undefined));
    const [answers] = await Promise.all([Promise.all(checkouts), ...runs]);
    for (const { Meeting } of answers) if (Meeting) handedOut.push(Meeting.MeetingId);
    await setup.clock.sleep(30_000);
  }
  await resource.update({ ...POOL, Size: 5, MediaRegion: 'eu-central-1' });
  expect(handedOut.length).toBeGreaterThan(12);
  expect(new Set(handedOut).size).toBe(handedOut.length);
  setup.emulator.removeFaults();
  await setup.maintainFor(3, poolName);
  expect(usable()).toHaveLength(5);
  const known = setup.items('meeting#').map(({ meetingId }) => meetingId);
  expect(setup.meetings().filter(({ id }) => !known.includes(id))).toEqual([]);
  setup.emulator.addFault({ kind: 'lostResponse', probability: 0.1 });
  await resource.delete();
  expect(setup.meetings()).toEqual([]);
  expect(setup.items('meeting#')).toEqual([]);
});

test.each(['before', 'after'] as const)('a crash %s any call is corrected by the next runs', async (phase) => {
  for (let n = 1; ; n += 1) {
    const { resource, poolName } = await start({ Size: 2 });
    await setup.checkoutFunction(poolName)({ externalUserIds: ['alice'] });
    await setup.clock.sleep(150_000);
    const died = await setup.crash(n, phase, () => setup.maintain(poolName));
    await setup.maintainFor(4, poolName);
    expect(usable()).toHaveLength(2);
    const known = setup.items('meeting#').map(({ meetingId }) => meetingId);
    expect(setup.meetings().filter(({ id }) => !known.includes(id))).toEqual([]);
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
    if (!died) return;
    await setup.stop();
  }
});

function unlocked(item: Record<string, any>): Record<string, any> {
  return Object.fromEntries(Object.entries({ ...item, refillUntil: 0 }).map(([name, value]) => [name, typeof value === 'number' ? { N: String(value) } : { S: value }]));
}

describe('a late schedule and a full quota', () => {
  test.each([1_000, 3_000])('a checkout just before a scheduled run that is %i ms late finds the pool full', async (late) => {
    const { poolName } = await start();
    await setup.clock.sleep(10 * MINUTE);
    const run = setup.clock.now();
    for (const tick of [0, 1, 2]) {
      await setup.clock.sleep(run + tick * MINUTE - setup.clock.now());
      await setup.maintain(poolName);
    }
    await setup.clock.sleep(run + 3 * MINUTE + late - 100 - setup.clock.now());
    expect(usable(110_000)).toHaveLength(4);
    await setup.checkoutFunction(poolName)({ externalUserIds: ['alice'] });
    expect(setup.measured.at(-1)).toMatchObject({ kind: 'checkedOut', emptyPool: false });
  });

  test('a previous meeting that can\'t be ended at the quota leaves no intent', async () => {
    const { poolName } = await start({ Size: 1 }, { meetings: { quotas: { meetings: 1 } } });
    await setup.clock.sleep(3 * MINUTE);
    setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', operation: 'DeleteMeeting' });
    await setup.maintain(poolName);
    expect(setup.meetingStates()).toEqual({ retired: 1 });
  });
});

import { PoolSetup, TABLE } from './pool-setup';

const POOL = { TableName: TABLE };

let setup: PoolSetup;
afterEach(() => setup.stop());

const start = async (properties: Record<string, unknown>) => {
  setup = new PoolSetup();
  const { physicalId: poolName } = await setup.resource().create({ ...POOL, ...properties });
  return { poolName };
};

describe('a pool of many meetings', () => {
  test('creates, replaces, and ends two hundred meetings within the rate limits, in at most 1.5 times the minimum', async () => {
    setup = new PoolSetup();
    const resource = setup.resource();
    // Milliseconds, of which each call needs at least 100 of the ten a second.
    const timeOf = async (work: () => Promise<unknown>) => {
      const [startedAt, before] = [setup.clock.now(), setup.callsOf('chime-sdk-meetings').length];
      await work();
      return { time: setup.clock.now() - startedAt, calls: setup.callsOf('chime-sdk-meetings').length - before };
    };
    const created = await timeOf(() => resource.create({ ...POOL, Size: 200 }));
    expect(created.calls).toBe(200);
    expect(setup.ready()).toHaveLength(200);
    expect(created.time).toBeLessThanOrEqual(1.5 * 20_000);
    const replaced = await timeOf(() => resource.update({ ...POOL, Size: 200, MediaRegion: 'eu-central-1' }));
    expect(replaced.calls).toBe(400);
    expect(replaced.time).toBeLessThanOrEqual(1.5 * 40_000);
    const ended = await timeOf(() => resource.delete());
    expect(ended.calls).toBe(200);
    expect(ended.time).toBeLessThanOrEqual(1.5 * 20_000);
    expect(setup.callsOf('chime-sdk-meetings').filter(({ outcome }) => outcome !== 'success')).toEqual([]);
  });

  test('is full again after 100 checkouts at once in the time of 100 calls at the documented rate, and the metric shows it', async () => {
    const { poolName } = await start({ Size: 120, ReservedAttendees: 1 });
    await setup.clock.sleep(10_000);
    await Promise.all(Array.from({ length: 100 }, (_, index) => setup.checkoutFunction(poolName)({ externalUserIds: [`user-${index}`] })));
    expect(setup.meetingStates()).toEqual({ ready: 20, leased: 100 });
    const [startedAt, before] = [setup.clock.now(), setup.callsOf('chime-sdk-meetings').length];
    await setup.maintain(poolName);
    expect(setup.ready()).toHaveLength(120);
    const calls = setup.callsOf('chime-sdk-meetings').slice(before);
    expect(calls.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual(Array(100).fill('CreateMeetingWithAttendees success'));
    // The service takes 20 calls at once and 10 calls per second. The maintainer leaves two calls per second to the checkouts.
    expect(setup.clock.now() - startedAt).toBeLessThanOrEqual(1.25 * 10_000);
    expect(setup.measured.at(-1)).toMatchObject({ kind: 'maintained', ready: 120, reservedAttendees: 120, refillErrors: 0 });
  });

  test('ends the previous meeting first at the quota of concurrent meetings', async () => {
    setup = new PoolSetup();
    const resource = setup.resource();
    await resource.create({ ...POOL, Size: 200 });
    await resource.update({ ...POOL, Size: 200, MediaRegion: 'eu-central-1' });
    expect(setup.meetings()).toHaveLength(200);
    expect(setup.meetings().every(({ mediaRegion }) => mediaRegion === 'eu-central-1')).toBe(true);
    expect(setup.calls('CreateMeeting').filter(({ outcome }) => outcome !== 'success')).toEqual([]);
  });

  test('completes when each slot has been verified, even if not all at the same time', async () => {
    setup = new PoolSetup({ meetings: { lifetime: { empty: 8_000 } } });
    await setup.resource().create({ ...POOL, Size: 150 });
    expect(setup.calls('CreateMeeting')).toHaveLength(150);
    expect(setup.ready().length).toBeLessThan(150);
  });
});

describe('a scheduled run', () => {
  // Meetings are made at their last tick in which they still last long enough.
  test.each([[60, 15], [120, 20], [180, 30], [240, 60]])('with %i s to remain, an idle hour costs %i calls a ready meeting, the floor of the five-minute rule', async (seconds, calls) => {
    const { poolName } = await start({ Size: 4, MinimumRemainingLifetimeSeconds: seconds });
    await setup.maintainFor(10, poolName);
    const before = setup.callsOf('chime-sdk-meetings').length;
    await setup.maintainFor(60, poolName);
    const made = setup.callsOf('chime-sdk-meetings').slice(before);
    expect(made.length / 4).toBe(calls);
    expect(calls).toBe(60 / (Math.floor((240 - seconds) / 60) + 1));
    expect(new Set(made.map(({ operation }) => operation))).toEqual(new Set(['CreateMeeting']));
  });

  test('costs the same with reserved attendees, which the same call creates', async () => {
    const { poolName } = await start({ Size: 4, ReservedAttendees: 20 });
    await setup.maintainFor(10, poolName);
    const before = setup.callsOf('chime-sdk-meetings').length;
    await setup.maintainFor(60, poolName);
    const made = setup.callsOf('chime-sdk-meetings').slice(before);
    expect(made.length / 4).toBe(20);
    expect(new Set(made.map(({ operation }) => operation))).toEqual(new Set(['CreateMeetingWithAttendees']));
  });

  test('costs the same per meeting in a pool of a hundred', async () => {
    const { poolName } = await start({ Size: 100 });
    await setup.maintainFor(6, poolName);
    const before = setup.callsOf('chime-sdk-meetings').length;
    await setup.maintainFor(12, poolName);
    expect((setup.callsOf('chime-sdk-meetings').length - before) / 100).toBe(4);
  });

  test('needs no more calls for up to twenty attendees, and one call per further hundred', async () => {
    const attendees = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => ({ ExternalUserId: `bot-${index}` })));
    for (const [count, calls] of [[20, 20], [120, 40]]) {
      const { poolName } = await start({ Size: 1, Attendees: attendees(count) });
      await setup.maintainFor(9, poolName);
      const before = setup.callsOf('chime-sdk-meetings').length;
      await setup.maintainFor(60, poolName);
      expect(setup.callsOf('chime-sdk-meetings').length - before).toBe(calls);
      if (count === 20) await setup.stop();
    }
  });

  test('maintains two hundred within the rate limits', async () => {
    const { poolName } = await start({ Size: 200 });
    await setup.maintainFor(4, poolName);
    expect(setup.ready().filter(({ endsAt }) => endsAt - setup.clock.now() >= 120_000)).toHaveLength(200);
    expect(setup.calls().filter(({ outcome }) => outcome !== 'success' && outcome !== 'ConditionalCheckFailedException')).toEqual([]);
    expect(setup.meetings().length).toBeLessThanOrEqual(250);
  });
});

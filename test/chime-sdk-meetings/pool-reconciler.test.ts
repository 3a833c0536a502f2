import type { MeetingItem, PoolItem, SlotItem } from '../../lambda/chime-sdk-meetings/meeting-pool/items';
import type { Fill } from '../../lambda/chime-sdk-meetings/meeting-pool/plan';
import { PoolReconciler, pausesOf } from '../../lambda/chime-sdk-meetings/meeting-pool/pool-reconciler';
import { slotToken } from '../../lambda/chime-sdk-meetings/meeting-pool/settings';
import type { TimeBudget } from '../../lambda/engine/time-budget';

/* In which order the keeper writes, makes and ends, and what it leaves when one of these fails. */

const NOW = 10_000_000;
const POOL = {
  name: 'pool', state: 'open', operation: 'this', size: 1, settingsHash: 'now', settings: { MediaRegion: 'us-east-1', Tags: [] }, minimumRemainingLifetime: 120_000,
} as unknown as PoolItem;
const meeting = (token: string, age: number, more: Partial<MeetingItem> = {}): MeetingItem => ({
  token, life: 'ready', slot: 0, settingsHash: 'now', attemptedAt: NOW - age, meetingId: `id-${token}`, createdAt: NOW - age, endsAt: NOW - age + 300_000, ...more,
});
const slot = (index: number, token: string): SlotItem => ({ slot: index, generation: 3, token });
/** Of the meeting that fills the slot next. */
const NEXT = slotToken('pool', 0, 4);
const short = (token: string) => token.length === 64 ? token.slice(0, 4) : token;
const named = (name: string, more: object = {}) => Object.assign(new Error('the words of the service'), { name, ...more });
const BAD = 'BadRequestException';
const LIMIT = 'LimitExceededException';
const THROTTLED = 'ThrottlingException';

interface World {
  readonly slots?: SlotItem[];
  readonly meetings?: MeetingItem[];
  /** What a call answers, or throws, instead of success: the first of them first. */
  readonly answers?: Record<string, unknown[]>;
  /** Seconds that the step has, and by which each call shortens it. */
  readonly left?: number;
  readonly perCall?: number;
}

function keeperOf({ slots = [], meetings = [], answers = {}, left = 40, perCall = 0 }: World = {}) {
  const calls: string[] = [];
  const pauses: number[] = [];
  const budget = {
    remaining: left,
    pause: async (seconds: number) => {
      pauses.push(seconds);
      return true;
    },
  };
  const does = (operation: string, otherwise: unknown, said: (...given: any[]) => string = (...given) => given.map(String).map(short).join(' ')) =>
    async (...given: unknown[]) => {
      calls.push(`${operation} ${said(...given)}`.trim());
      budget.remaining -= perCall;
      const queue = answers[operation] ?? [];
      const answer = queue.length > 0 ? queue.shift() : otherwise;
      if (answer instanceof Error) throw answer;
      return answer;
    };
  const byToken = (_: string, { token, life, attemptedAt }: MeetingItem) => `${short(token)} ${life} ${attemptedAt - NOW}`;
  const table = {
    contents: async () => ({ slots, meetings }),
    retire: does('retire', true, (_, token) => short(token)),
    forget: does('forget', undefined, byToken),
    forgetLease: does('forgetLease', undefined, (_, lease, token) => `${lease} ${token}`),
    abandon: does('abandon', { ClientRequestToken: 'asked' }, (_, { token, attemptedAt }, now) => `${short(token)} ${attemptedAt - NOW} ${now - NOW}`),
    markSeen: does('markSeen', undefined, (_, token, operation) => `${token} ${operation}`),
    markLookedAt: does('markLookedAt', undefined, (_, token, now) => `${token} ${now - NOW}`),
    markEnded: does('markEnded', undefined, (_, token, now) => `${token} ${now - NOW}`),
    markReady: does('markReady', true, (_, { token, meeting: made }, attendees) => `${short(token)} ${made.MeetingId} ${attendees.length}`),
    intend: async (_: PoolItem, fills: Fill[], intentOf: (fill: Fill) => { token: string }) => {
      fills.forEach(intentOf);
      return does('intend', { fills }, () => String(fills.length))();
    },
  };
  const api = {
    attendeesAtCreation: 2,
    create: does('create', { meeting: { MeetingId: 'new' }, attendees: [], errors: [] }, ({ ClientRequestToken, Attendees = [] }) => `${short(ClientRequestToken)} ${Attendees.length}`),
    delete: does('delete', true),
    get: does('get', { MeetingId: 'm' }),
    invite: does('invite', { attendees: [{ ExternalUserId: 'late' }], errors: [] }, (_, wanted) => wanted.length),
  };
  const log = { info: () => undefined, error: () => undefined };
  const reconciler = new PoolReconciler({ table, meetings: api, clock: { now: () => NOW, sleep: async () => undefined }, budget, log } as never);
  const reconcile = async (pool: Partial<PoolItem> = {}, kind: 'deploy' | 'maintain' = 'maintain') => {
    const { errors, ended } = await reconciler.reconcile({ ...POOL, ...pool }, kind === 'deploy' ? { kind } : { kind, nextRun: NOW + 60_000 });
    return { errors: errors.map((error) => (error as Error).message), ended };
  };
  return { reconciler, calls, pauses, reconcile };
}
const next = short(NEXT);
const made = (token: string) => [`create ${token} 0`, `markReady ${token} new 0`];
const NONE = { errors: [], ended: 0 };

describe('a look', () => {
  test('ends what is not wanted, and fills, before it asks for what is leased and forgets what is over', async () => {
    const { calls, reconcile } = keeperOf({
      slots: [slot(0, 'gone')],
      meetings: [
        meeting('unwanted', 0, { settingsHash: 'before' }), meeting('more', 0), meeting('given-up', 1_000, { life: 'abandoned' }), meeting('leased', 400_000, { life: 'leased' }),
        meeting('over', 400_000, { life: 'retired' }), meeting('ended', 0, { life: 'ended' }), meeting('never', 400_000, { life: 'abandoned', meetingId: undefined }), meeting('long-over', 900_000, { life: 'retired' }),
      ],
    });
    expect(await reconcile()).toEqual({ errors: [], ended: 3 });
    expect(calls).toEqual([
      'retire unwanted', 'delete id-unwanted', 'forget unwanted retired 0',
      'intend 1', ...made(next),
      'retire more',
      'abandon given-up -1000 0', 'create asked 0', 'delete new', 'forget given-up abandoned 0',
      'get id-leased', 'markLookedAt leased 0',
      'forget over retired -400000', 'forget ended ended 0', 'forget never abandoned -400000',
      'forget long-over retired -900000',
    ]);
  });

  test('of a deployment sees what is alive', async () => {
    const { calls, reconcile } = keeperOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 0)] });
    expect(await reconcile({}, 'deploy')).toEqual(NONE);
    expect(calls).toEqual(['get id-m', 'markSeen m this']);
  });

  test('tells what has ended', async () => {
    const deployed = keeperOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 0)], answers: { get: [undefined] } });
    expect(await deployed.reconcile({}, 'deploy')).toEqual({ errors: [], ended: 1 });
    expect(deployed.calls).toEqual(['get id-m', 'markEnded m 0']);
    const maintained = keeperOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 0), meeting('leased', 400_000, { life: 'leased' })], answers: { get: [undefined] } });
    expect(await maintained.reconcile()).toEqual({ errors: [], ended: 1 });
    expect(maintained.calls).toEqual(['get id-leased', 'markEnded leased 0']);
  });

  test('goes on after an error, and tells it', async () => {
    const { calls, reconcile } = keeperOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 0), meeting('one', 0), meeting('two', 0)], answers: { retire: [named(BAD)] } });
    expect(await reconcile()).toEqual({ errors: ['the words of the service'], ended: 0 });
    expect(calls).toEqual(['retire one', 'retire two']);
  });

  test('begins nothing in the last two seconds', async () => {
    const meetings = [meeting('m', 0), meeting('one', 0), meeting('two', 0)];
    const late = keeperOf({ slots: [slot(0, 'm')], meetings, left: 1.9 });
    await late.reconcile();
    expect(late.calls).toEqual([]);
    const inTime = keeperOf({ slots: [slot(0, 'm')], meetings, left: 2 });
    await inTime.reconcile();
    expect(inTime.calls).toEqual(['retire one', 'retire two']);
  });
});

describe('a meeting is ended', () => {
  test('when nobody can lease it any more', async () => {
    const { reconciler, calls } = keeperOf({ answers: { retire: [false] } });
    await reconciler.end('pool', meeting('leased-meanwhile', 0));
    await reconciler.end('pool', meeting('leased', 0, { life: 'leased', leaseToken: 'room' }));
    expect(calls).toEqual(['retire leased-meanwhile', 'delete id-leased', 'forgetLease room leased', 'forget leased leased 0']);
  });

  test('and not forgotten where that fails', async () => {
    const { reconciler, calls } = keeperOf({ answers: { delete: [named(BAD)] } });
    await expect(reconciler.end('pool', meeting('m', 0))).rejects.toThrow();
    expect(calls).toEqual(['retire m', 'delete id-m']);
  });
});

describe('an interrupted create', () => {
  const intent = meeting('m', 1_000, { life: 'abandoned' });

  test('that somebody else resolves is left to them', async () => {
    const { reconciler, calls } = keeperOf({ answers: { abandon: [undefined] } });
    await reconciler.resolve('pool', intent);
    expect(calls).toEqual(['abandon m -1000 0']);
  });

  test('has made nothing where there is no room for it', async () => {
    const { reconciler, calls } = keeperOf({ answers: { create: [named(LIMIT)] } });
    await reconciler.resolve('pool', intent);
    expect(calls).toEqual(['abandon m -1000 0', 'create asked 0', 'forget m abandoned 0']);
  });

  test('is kept where it cannot be found out, with the time of its first attempt unless this one may have made it', async () => {
    const refused = keeperOf({ answers: { create: [named(BAD)] } });
    await expect(refused.reconciler.resolve('pool', intent)).rejects.toThrow('the words of the service');
    expect(refused.calls).toEqual(['abandon m -1000 0', 'create asked 0', 'abandon m 0 -1000']);
    const lost = keeperOf({ answers: { create: [named('TimeoutError', { isOutcomeUnknown: true })] } });
    await expect(lost.reconciler.resolve('pool', intent)).rejects.toThrow('the words of the service');
    expect(lost.calls).toEqual(['abandon m -1000 0', 'create asked 0']);
  });

  test('is kept with the time of this attempt where what it found or made is not ended', async () => {
    const { reconciler, calls } = keeperOf({ answers: { delete: [named(BAD)] } });
    await expect(reconciler.resolve('pool', intent)).rejects.toThrow('the words of the service');
    expect(calls).toEqual(['abandon m -1000 0', 'create asked 0', 'delete new']);
  });
});

describe('slots are filled', () => {
  const size = (count: number) => ({ size: count });
  const intended = (calls: string[]) => calls.filter((call) => call.startsWith('intend'));

  test('sixteen at a time', async () => {
    const { calls, reconcile } = keeperOf();
    expect(await reconcile(size(33))).toEqual(NONE);
    expect(intended(calls)).toEqual(['intend 16', 'intend 16', 'intend 1']);
    expect(calls.filter((call) => call.startsWith('markReady'))).toHaveLength(33);
  });

  test('one first, where meetings of other settings are ended for it', async () => {
    const { calls, reconcile } = keeperOf({
      slots: [slot(0, 'm0'), slot(1, 'm1'), slot(2, 'm2')], meetings: [0, 1, 2].map((index) => meeting(`m${index}`, 0, { slot: index, settingsHash: index === 0 ? 'before' : 'now' })),
    });
    await reconcile(size(20));
    expect(intended(calls)).toEqual(['intend 1', 'intend 16', 'intend 1']);
  });

  test('no further after an error that no repetition helps against, or when there is no time for a whole batch', async () => {
    const lasting = keeperOf({ answers: { create: [named(BAD)] } });
    expect((await lasting.reconcile(size(33))).errors).toEqual(['the words of the service']);
    expect(intended(lasting.calls)).toEqual(['intend 16']);
    const passing = keeperOf({ answers: { markReady: [named(THROTTLED)] } });
    expect((await passing.reconcile(size(33))).errors).toEqual(['the words of the service']);
    expect(intended(passing.calls)).toEqual(['intend 16', 'intend 16', 'intend 1']);
    const late = keeperOf({ left: 4 });
    await late.reconcile(size(33));
    expect(intended(late.calls)).toEqual([]);
    // 33 calls a batch.
    const slow = keeperOf({ left: 40, perCall: 0.6 });
    await slow.reconcile(size(33));
    expect(intended(slow.calls)).toEqual(['intend 16', 'intend 16']);
  });

  test('unless the pool is closed, or somebody else fills it', async () => {
    const closed = keeperOf({ answers: { intend: ['closed'] } });
    expect((await closed.reconcile(size(33))).errors).toEqual(['the pool pool was closed: its resource is being deleted']);
    const conflict = keeperOf({ answers: { intend: [{ fills: [] }, 'conflict'] } });
    expect((await conflict.reconcile(size(33))).errors).toEqual(['another function fills the pool at the same time']);
    expect([closed.calls, conflict.calls]).toEqual([['intend 16'], ['intend 16', 'intend 16']]);
  });

  test('with the new meeting before the former is ended, or left to itself', async () => {
    const replaced = keeperOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 0, { settingsHash: 'before' })] });
    await replaced.reconcile();
    expect(replaced.calls).toEqual(['intend 1', ...made(next), 'retire m', 'delete id-m', 'forget m retired 0']);
    const renewed = keeperOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 200_000)] });
    await renewed.reconcile();
    expect(renewed.calls).toEqual(['intend 1', ...made(next), 'retire m']);
  });

  test('with a meeting that is ended at once, where its intent was given up meanwhile', async () => {
    const { calls, reconcile } = keeperOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 200_000)], answers: { markReady: [false] } });
    await reconcile();
    expect(calls).toEqual(['intend 1', ...made(next), 'delete new']);
  });
});

describe('where a meeting cannot be made', () => {
  const slots = [slot(0, 'gone')];
  const intend = ['intend 1', `create ${next} 0`];
  const forgotten = `forget ${next} creating 0`;

  test('its intent is forgotten', async () => {
    const { calls, reconcile } = keeperOf({ slots, answers: { create: [named(BAD)] } });
    await reconcile();
    expect(calls).toEqual([...intend, forgotten]);
  });

  test('but may have been, its intent is given up, to be resolved', async () => {
    const { calls, reconcile } = keeperOf({ slots, answers: { create: [named('TimeoutError', { isOutcomeUnknown: true }), named(BAD)] } });
    await reconcile();
    expect(calls).toEqual([...intend, `create ${next} 0`, `abandon ${next} 0 0`]);
  });

  test.each([THROTTLED, 'ServiceUnavailableException', 'ConflictException', 'ENOTFOUND'])('yet (%s), it is tried again, a little later', async (error) => {
    const { calls, pauses, reconcile } = keeperOf({ slots, answers: { create: [named(error), named(error)] } });
    await reconcile();
    expect(calls).toEqual([...intend, `create ${next} 0`, ...made(next)]);
    expect(pauses).toHaveLength(2);
    for (const seconds of pauses) {
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThan(2);
    }
  });

  test('yet, it is tried again only while there is time to end what was made in vain', async () => {
    const late = keeperOf({ slots, answers: { create: [named(THROTTLED)] }, left: 4.1, perCall: 0.6 });
    expect((await late.reconcile()).errors).toEqual(['the words of the service']);
    expect(late.calls).toEqual([...intend, forgotten]);
  });

  test('because there is no room, the former is ended first, once', async () => {
    const { calls, reconcile } = keeperOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 200_000)], answers: { create: [named(LIMIT), named(THROTTLED)] } });
    await reconcile();
    expect(calls).toEqual([...intend, 'retire m', 'delete id-m', 'forget m retired -200000', `create ${next} 0`, ...made(next), 'retire m']);
  });

  test('though the former was ended for it, that is told', async () => {
    const { calls, reconcile } = keeperOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 200_000)], answers: { create: [named(LIMIT), named(LIMIT)] } });
    expect((await reconcile()).errors).toEqual(['the words of the service']);
    expect(calls).toEqual([...intend, 'retire m', 'delete id-m', 'forget m retired -200000', `create ${next} 0`, forgotten]);
  });

  test('because there is no room, and nothing was there before, that is told', async () => {
    const { calls, reconcile } = keeperOf({ slots, answers: { create: [named(LIMIT)] } });
    expect((await reconcile()).errors).toEqual(['the words of the service']);
    expect(calls).toEqual([...intend, forgotten]);
  });
});

describe('attendees', () => {
  const people = (count: number) => ({ settings: { ...POOL.settings, Attendees: Array.from({ length: count }, (_, index) => ({ ExternalUserId: `bot-${index}` })) } });
  const first = { meeting: { MeetingId: 'new' }, attendees: [{ ExternalUserId: 'bot-0' }, { ExternalUserId: 'bot-1' }], errors: [] };
  const refused = { ExternalUserId: 'bot-9', ErrorCode: BAD, ErrorMessage: 'not this one' };

  test('are invited with the meeting, and who has no room there right after', async () => {
    const all = keeperOf({ slots: [slot(0, 'gone')], answers: { create: [first] } });
    await all.reconcile(people(2));
    expect(all.calls).toEqual(['intend 1', `create ${next} 2`, `markReady ${next} new 2`]);
    const more = keeperOf({ slots: [slot(0, 'gone')], answers: { create: [first] } });
    await more.reconcile(people(3));
    expect(more.calls).toEqual(['intend 1', `create ${next} 2`, 'invite 1', `markReady ${next} new 3`]);
  });

  test.each([
    ['when the meeting is made', { create: [{ ...first, errors: [refused] }] }, 'attendees: bot-9: not this one'],
    ['later', { create: [first], invite: [{ attendees: [], errors: [refused] }] }, 'attendees: bot-9: not this one'],
    ['because the meeting has ended', { create: [first], invite: [undefined] }, 'meeting new has ended before it was ready'],
  ])('who are refused %s leave no meeting', async (_, answers, message) => {
    const { calls, reconcile } = keeperOf({ slots: [slot(0, 'gone')], answers });
    expect((await reconcile(people(3))).errors).toEqual([message]);
    expect(calls.slice(-2)).toEqual(['delete new', `forget ${next} creating 0`]);
    expect(calls).not.toContain(`markReady ${next} new 3`);
  });
});

test('a pause leaves two seconds for what was made in vain', async () => {
  const pause = (left: number) => pausesOf({ remaining: left, pause: async () => true } as unknown as TimeBudget).pause(1);
  expect([await pause(3), await pause(2.9)]).toEqual([true, false]);
});

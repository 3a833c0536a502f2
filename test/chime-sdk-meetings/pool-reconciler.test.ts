import type { MeetingItem, PoolItem, SlotItem } from '../../lambda/chime-sdk-meetings/meeting-pool/items';
import type { Fill } from '../../lambda/chime-sdk-meetings/meeting-pool/plan';
import { PoolReconciler, retryPauses } from '../../lambda/chime-sdk-meetings/meeting-pool/pool-reconciler';
import { reservedUserIds, slotToken } from '../../lambda/chime-sdk-meetings/meeting-pool/settings';
import { TransientError } from '../../lambda/engine/error-classes';
import type { TimeBudget } from '../../lambda/engine/time-budget';

/* The order in which the reconciler writes records, creates meetings, and ends them, and the records that it leaves after a failure. */

const NOW = 10_000_000;
const POOL = {
  name: 'pool', state: 'open', operation: 'this', size: 1, settingsHash: 'now', settings: { MediaRegion: 'us-east-1', Tags: [] }, minimumRemainingLifetime: 120_000,
} as unknown as PoolItem;
const meeting = (token: string, age: number, more: Partial<MeetingItem> = {}): MeetingItem => ({
  token, state: 'ready', slot: 0, settingsHash: 'now', attemptedAt: NOW - age, meetingId: `id-${token}`, createdAt: NOW - age, endsAt: NOW - age + 300_000, ...more,
});
const slot = (index: number, token: string): SlotItem => ({ slot: index, generation: 3, token });
/** The token of the next meeting of slot 0. */
const NEXT = slotToken('pool', 0, 4);
const short = (token: string) => token.length === 64 ? token.slice(0, 4) : token;
const named = (name: string, more: object = {}) => Object.assign(new Error('the words of the service'), { name, ...more });
const BAD = 'BadRequestException';
const LIMIT = 'LimitExceededException';
const THROTTLED = 'ThrottlingException';

interface Setup {
  readonly slots?: SlotItem[];
  readonly meetings?: MeetingItem[];
  /** The results or errors of calls, in order. Further calls succeed. */
  readonly answers?: Record<string, unknown[]>;
  /** Seconds of the time budget, and of each call. */
  readonly left?: number;
  readonly perCall?: number;
}

function reconcilerOf({ slots = [], meetings = [], answers = {}, left = 40, perCall = 0 }: Setup = {}) {
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
  const byToken = (_: string, { token, state, attemptedAt }: MeetingItem) => `${short(token)} ${state} ${attemptedAt - NOW}`;
  const table = {
    contents: async () => ({ slots, meetings }),
    retire: does('retire', true, (_, token) => short(token)),
    deleteRecord: does('deleteRecord', undefined, byToken),
    deleteLease: does('deleteLease', undefined, (_, lease, token) => `${lease} ${token}`),
    abandon: does('abandon', { ClientRequestToken: 'asked' }, (_, { token, attemptedAt }, now) => `${short(token)} ${attemptedAt - NOW} ${now - NOW}`),
    markVerified: does('markVerified', undefined, (_, token, operation) => `${token} ${operation}`),
    markChecked: does('markChecked', undefined, (_, token, now) => `${token} ${now - NOW}`),
    markEnded: does('markEnded', undefined, (_, { token }, now) => `${token} ${now - NOW}`),
    markReady: does('markReady', true, (_, { token, meeting: made }, { attendees }) => `${short(token)} ${made.MeetingId} ${attendees.length}`),
    writeIntents: async (_: PoolItem, fills: Fill[], requestOf: (fill: Fill) => unknown) => {
      fills.forEach(requestOf);
      return does('writeIntents', { fills }, () => String(fills.length))();
    },
  };
  const api = {
    attendeesAtCreation: 2,
    create: does('create', { meeting: { MeetingId: 'new' }, attendees: [], errors: [] }, ({ ClientRequestToken, Attendees = [] }) => `${short(ClientRequestToken)} ${Attendees.length}`),
    delete: does('delete', true),
    get: does('get', { MeetingId: 'm' }),
    invite: does('invite', { attendees: [attendee('bot-2')], errors: [] }, (_, wanted) => wanted.length),
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

describe('a reconciliation', () => {
  test('ends unneeded meetings and fills slots before it checks leased meetings and deletes the records of ended ones', async () => {
    const { calls, reconcile } = reconcilerOf({
      slots: [slot(0, 'gone')],
      meetings: [
        meeting('outdated', 0, { settingsHash: 'before' }), meeting('more', 0), meeting('abandoned', 1_000, { state: 'abandoned' }), meeting('leased', 400_000, { state: 'leased' }),
        meeting('over', 400_000, { state: 'retired' }), meeting('ended', 0, { state: 'ended' }), meeting('never', 400_000, { state: 'abandoned', meetingId: undefined }), meeting('long-over', 900_000, { state: 'retired' }),
      ],
    });
    expect(await reconcile()).toEqual({ errors: [], ended: 3 });
    expect(calls).toEqual([
      'retire outdated', 'delete id-outdated', 'deleteRecord outdated retired 0',
      'writeIntents 1', ...made(next),
      'retire more',
      'abandon abandoned -1000 0', 'create asked 0', 'delete new', 'deleteRecord abandoned abandoned 0',
      'get id-leased', 'markChecked leased 0',
      'deleteRecord over retired -400000', 'deleteRecord ended ended 0', 'deleteRecord never abandoned -400000',
      'deleteRecord long-over retired -900000',
    ]);
  });

  test('of a deployment verifies ready meetings', async () => {
    const { calls, reconcile } = reconcilerOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 0)] });
    expect(await reconcile({}, 'deploy')).toEqual(NONE);
    expect(calls).toEqual(['get id-m', 'markVerified m this']);
  });

  test('counts meetings that have ended', async () => {
    const deployed = reconcilerOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 0)], answers: { get: [undefined] } });
    expect(await deployed.reconcile({}, 'deploy')).toEqual({ errors: [], ended: 1 });
    expect(deployed.calls).toEqual(['get id-m', 'markEnded m 0']);
    const maintained = reconcilerOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 0), meeting('leased', 400_000, { state: 'leased' })], answers: { get: [undefined] } });
    expect(await maintained.reconcile()).toEqual({ errors: [], ended: 1 });
    expect(maintained.calls).toEqual(['get id-leased', 'markEnded leased 0']);
  });

  test('continues after an error, and returns it', async () => {
    const { calls, reconcile } = reconcilerOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 0), meeting('one', 0), meeting('two', 0)], answers: { retire: [named(BAD)] } });
    expect(await reconcile()).toEqual({ errors: ['the words of the service'], ended: 0 });
    expect(calls).toEqual(['retire one', 'retire two']);
  });

  test('starts no work in the last two seconds of its budget', async () => {
    const meetings = [meeting('m', 0), meeting('one', 0), meeting('two', 0)];
    const late = reconcilerOf({ slots: [slot(0, 'm')], meetings, left: 1.9 });
    await late.reconcile();
    expect(late.calls).toEqual([]);
    const inTime = reconcilerOf({ slots: [slot(0, 'm')], meetings, left: 2 });
    await inTime.reconcile();
    expect(inTime.calls).toEqual(['retire one', 'retire two']);
  });
});

describe('ending a meeting', () => {
  test('retires a ready meeting first, and stops if a checkout has leased it', async () => {
    const { reconciler, calls } = reconcilerOf({ answers: { retire: [false] } });
    await reconciler.end('pool', meeting('leased-meanwhile', 0));
    await reconciler.end('pool', meeting('leased', 0, { state: 'leased', leaseToken: 'room' }));
    expect(calls).toEqual(['retire leased-meanwhile', 'delete id-leased', 'deleteLease room leased', 'deleteRecord leased leased 0']);
  });

  test('repeats the retirement of a ready meeting that a checkout is leasing', async () => {
    const conflict = () => named('TransactionConflictException');
    const { calls, pauses, reconcile } = reconcilerOf({
      slots: [slot(0, 'm')], meetings: [meeting('m', 0), meeting('other', 0)], answers: { retire: [conflict(), conflict(), false] },
    });
    expect(await reconcile()).toEqual(NONE);
    expect([calls, pauses.length]).toEqual([Array(3).fill('retire other'), 2]);
    const ending = reconcilerOf({ answers: { retire: [conflict(), false] } });
    await ending.reconciler.end('pool', meeting('leased-meanwhile', 0));
    expect(ending.calls).toEqual(Array(2).fill('retire leased-meanwhile'));
  });

  test('keeps the record if the meeting could not be ended', async () => {
    const { reconciler, calls } = reconcilerOf({ answers: { delete: [named(BAD)] } });
    await expect(reconciler.end('pool', meeting('m', 0))).rejects.toThrow();
    expect(calls).toEqual(['retire m', 'delete id-m']);
  });
});

describe('an interrupted create', () => {
  const intent = meeting('m', 1_000, { state: 'abandoned' });

  test('is left to another function that resolves it', async () => {
    const { reconciler, calls } = reconcilerOf({ answers: { abandon: [undefined] } });
    await reconciler.resolve('pool', intent);
    expect(calls).toEqual(['abandon m -1000 0']);
  });

  test('created no meeting if the quota is reached', async () => {
    const { reconciler, calls } = reconcilerOf({ answers: { create: [named(LIMIT)] } });
    await reconciler.resolve('pool', intent);
    expect(calls).toEqual(['abandon m -1000 0', 'create asked 0', 'deleteRecord m abandoned 0']);
  });

  test('stays unresolved after an error, with the time of the first attempt unless the outcome of this one is unknown', async () => {
    const refused = reconcilerOf({ answers: { create: [named(BAD)] } });
    await expect(refused.reconciler.resolve('pool', intent)).rejects.toThrow('the words of the service');
    expect(refused.calls).toEqual(['abandon m -1000 0', 'create asked 0', 'abandon m 0 -1000']);
    const lost = reconcilerOf({ answers: { create: [named('TimeoutError', { isOutcomeUnknown: true })] } });
    await expect(lost.reconciler.resolve('pool', intent)).rejects.toThrow('the words of the service');
    expect(lost.calls).toEqual(['abandon m -1000 0', 'create asked 0']);
  });

  test('stays unresolved with the time of this attempt if its meeting could not be ended', async () => {
    const { reconciler, calls } = reconcilerOf({ answers: { delete: [named(BAD)] } });
    await expect(reconciler.resolve('pool', intent)).rejects.toThrow('the words of the service');
    expect(calls).toEqual(['abandon m -1000 0', 'create asked 0', 'delete new']);
  });
});

describe('filling slots', () => {
  const size = (count: number) => ({ size: count });
  const batches = (calls: string[]) => calls.filter((call) => call.startsWith('writeIntents'));

  test('writes sixteen intents per transaction', async () => {
    const { calls, reconcile } = reconcilerOf();
    expect(await reconcile(size(33))).toEqual(NONE);
    expect(batches(calls)).toEqual(['writeIntents 16', 'writeIntents 16', 'writeIntents 1']);
    expect(calls.filter((call) => call.startsWith('markReady'))).toHaveLength(33);
  });

  test('tries new settings in one slot before it ends meetings with previous settings', async () => {
    const { calls, reconcile } = reconcilerOf({
      slots: [slot(0, 'm0'), slot(1, 'm1'), slot(2, 'm2')], meetings: [0, 1, 2].map((index) => meeting(`m${index}`, 0, { slot: index, settingsHash: index === 0 ? 'before' : 'now' })),
    });
    await reconcile(size(20));
    expect(batches(calls)).toEqual(['writeIntents 1', 'writeIntents 16', 'writeIntents 1']);
  });

  test('stops after a terminal error, or if the budget has no room for a whole batch', async () => {
    const terminal = reconcilerOf({ answers: { create: [named(BAD)] } });
    expect((await terminal.reconcile(size(33))).errors).toEqual(['the words of the service']);
    expect(batches(terminal.calls)).toEqual(['writeIntents 16']);
    const transient = reconcilerOf({ answers: { markReady: [named('InternalServerError')] } });
    expect((await transient.reconcile(size(33))).errors).toEqual(['the words of the service']);
    expect(batches(transient.calls)).toEqual(['writeIntents 16', 'writeIntents 16', 'writeIntents 1']);
    const late = reconcilerOf({ left: 4 });
    await late.reconcile(size(33));
    expect(batches(late.calls)).toEqual([]);
    // 33 calls a batch.
    const slow = reconcilerOf({ left: 40, perCall: 0.6 });
    await slow.reconcile(size(33));
    expect(batches(slow.calls)).toEqual(['writeIntents 16', 'writeIntents 16']);
  });

  test('stops if the pool is closed, or if another function fills it', async () => {
    const closed = reconcilerOf({ answers: { writeIntents: ['closed'] } });
    expect((await closed.reconcile(size(33))).errors).toEqual(['the pool pool was closed: its resource is being deleted']);
    const conflict = reconcilerOf({ answers: { writeIntents: [{ fills: [] }, 'conflict'] } });
    expect((await conflict.reconcile(size(33))).errors).toEqual(['another function fills the pool at the same time']);
    expect([closed.calls, conflict.calls]).toEqual([['writeIntents 16'], ['writeIntents 16', 'writeIntents 16']]);
  });

  test('creates the new meeting before it ends or retires the previous one', async () => {
    const replaced = reconcilerOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 0, { settingsHash: 'before' })] });
    await replaced.reconcile();
    expect(replaced.calls).toEqual(['writeIntents 1', ...made(next), 'retire m', 'delete id-m', 'deleteRecord m retired 0']);
    const renewed = reconcilerOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 200_000)] });
    await renewed.reconcile();
    expect(renewed.calls).toEqual(['writeIntents 1', ...made(next), 'retire m']);
  });

  test('records a created meeting again after short pauses if another transaction writes to its record or the table is throttled', async () => {
    const conflict = new TransientError('the meeting could not be recorded');
    const { calls, pauses, reconcile } = reconcilerOf({ slots: [slot(0, 'gone')], answers: { markReady: [conflict, conflict] } });
    expect(await reconcile()).toEqual(NONE);
    expect(calls).toEqual(['writeIntents 1', ...made(next), ...Array(2).fill(`markReady ${next} new 0`)]);
    expect(pauses.map((seconds, index) => seconds >= 0 && seconds < 0.1 * 2 ** index)).toEqual([true, true]);
  });

  test('keeps a created meeting that could not be recorded in six attempts', async () => {
    const conflict = new TransientError('the meeting could not be recorded');
    const { calls, reconcile } = reconcilerOf({ slots: [slot(0, 'gone')], answers: { markReady: Array(6).fill(conflict) } });
    expect((await reconcile()).errors).toEqual(['the meeting could not be recorded']);
    expect(calls).toEqual(['writeIntents 1', `create ${next} 0`, ...Array(6).fill(`markReady ${next} new 0`)]);
  });

  test('ends a created meeting whose intent was abandoned meanwhile', async () => {
    const { calls, reconcile } = reconcilerOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 200_000)], answers: { markReady: [false] } });
    await reconcile();
    expect(calls).toEqual(['writeIntents 1', ...made(next), 'delete new']);
  });
});

describe('a failed create', () => {
  const slots = [slot(0, 'gone')];
  const begun = ['writeIntents 1', `create ${next} 0`];
  const deleted = `deleteRecord ${next} creating 0`;

  test('deletes the intent', async () => {
    const { calls, reconcile } = reconcilerOf({ slots, answers: { create: [named(BAD)] } });
    await reconcile();
    expect(calls).toEqual([...begun, deleted]);
  });

  test('abandons the intent if the outcome of any attempt is unknown', async () => {
    const { calls, reconcile } = reconcilerOf({ slots, answers: { create: [named('TimeoutError', { isOutcomeUnknown: true }), named(BAD)] } });
    await reconcile();
    expect(calls).toEqual([...begun, `create ${next} 0`, `abandon ${next} 0 0`]);
  });

  test.each([THROTTLED, 'ServiceUnavailableException', 'ConflictException', 'ENOTFOUND'])('is retried after a pause (%s)', async (error) => {
    const { calls, pauses, reconcile } = reconcilerOf({ slots, answers: { create: [named(error), named(error)] } });
    await reconcile();
    expect(calls).toEqual([...begun, `create ${next} 0`, ...made(next)]);
    expect(pauses).toHaveLength(2);
    for (const seconds of pauses) {
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThan(2);
    }
  });

  test('is retried only while there is time to end an unusable meeting', async () => {
    const late = reconcilerOf({ slots, answers: { create: [named(THROTTLED)] }, left: 4.1, perCall: 0.6 });
    expect((await late.reconcile()).errors).toEqual(['the words of the service']);
    expect(late.calls).toEqual([...begun, deleted]);
  });

  test('at the quota ends the previous meeting of the slot once, and retries', async () => {
    const { calls, reconcile } = reconcilerOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 200_000)], answers: { create: [named(LIMIT), named(THROTTLED)] } });
    await reconcile();
    expect(calls).toEqual([...begun, 'retire m', 'delete id-m', 'deleteRecord m retired -200000', `create ${next} 0`, ...made(next), 'retire m']);
  });

  test('at the quota is reported if the previous meeting was ended already', async () => {
    const { calls, reconcile } = reconcilerOf({ slots: [slot(0, 'm')], meetings: [meeting('m', 200_000)], answers: { create: [named(LIMIT), named(LIMIT)] } });
    expect((await reconcile()).errors).toEqual(['the words of the service']);
    expect(calls).toEqual([...begun, 'retire m', 'delete id-m', 'deleteRecord m retired -200000', `create ${next} 0`, deleted]);
  });

  test('at the quota is reported if the slot has no previous meeting', async () => {
    const { calls, reconcile } = reconcilerOf({ slots, answers: { create: [named(LIMIT)] } });
    expect((await reconcile()).errors).toEqual(['the words of the service']);
    expect(calls).toEqual([...begun, deleted]);
  });
});

const attendee = (ExternalUserId: string, JoinToken: string | null = 'token') => ({ AttendeeId: `id-${ExternalUserId}`, ExternalUserId, JoinToken });

describe('attendees', () => {
  const people = (count: number) => ({ settings: { ...POOL.settings, Attendees: Array.from({ length: count }, (_, index) => ({ ExternalUserId: `bot-${index}` })) } });
  const first = { meeting: { MeetingId: 'new' }, attendees: [attendee('bot-0'), attendee('bot-1')], errors: [] };
  const refused = { ExternalUserId: 'bot-9', ErrorCode: BAD, ErrorMessage: 'not this one' };

  test('are invited with the create call, and the rest right after it', async () => {
    const all = reconcilerOf({ slots: [slot(0, 'gone')], answers: { create: [first] } });
    await all.reconcile(people(2));
    expect(all.calls).toEqual(['writeIntents 1', `create ${next} 2`, `markReady ${next} new 2`]);
    const more = reconcilerOf({ slots: [slot(0, 'gone')], answers: { create: [first] } });
    await more.reconcile(people(3));
    expect(more.calls).toEqual(['writeIntents 1', `create ${next} 2`, 'invite 1', `markReady ${next} new 3`]);
  });

  test.each([
    ['by the create call', { create: [{ ...first, errors: [refused] }] }, 'attendees: bot-9: not this one'],
    ['by the later call', { create: [first], invite: [{ attendees: [], errors: [refused] }] }, 'attendees: bot-9: not this one'],
    ['because the meeting has ended', { create: [first], invite: [undefined] }, 'meeting new has ended before it was ready'],
  ])('leave no meeting if one of them is refused %s', async (_, answers, message) => {
    const { calls, reconcile } = reconcilerOf({ slots: [slot(0, 'gone')], answers });
    expect((await reconcile(people(3))).errors).toEqual([message]);
    expect(calls.slice(-2)).toEqual(['delete new', `deleteRecord ${next} creating 0`]);
    expect(calls).not.toContain(`markReady ${next} new 3`);
  });

  describe('in the answer to a repeated create', () => {
    const settings = { ...POOL.settings, Attendees: [{ ExternalUserId: 'Bot' }], ReservedAttendees: 1 };
    const [reserved] = reservedUserIds(NEXT, settings);
    const reconcileWith = async (...attendees: object[]) => {
      const { calls, reconcile } = reconcilerOf({ slots: [slot(0, 'gone')], answers: { create: [{ ...first, attendees }] } });
      return { calls, errors: (await reconcile({ settings })).errors };
    };

    test('may have another spelling', async () => {
      const { calls, errors } = await reconcileWith(attendee('bot'), attendee(reserved));
      expect([calls, errors]).toEqual([['writeIntents 1', `create ${next} 2`, `markReady ${next} new 1`], []]);
    });

    test.each([
      ['a reserved attendee is', [attendee('bot')], reserved],
      ['an attendee of the pool is', [attendee(reserved)], 'Bot'],
      ['a join token is', [attendee('bot'), attendee(reserved, null)], reserved],
    ])('leave no meeting if %s missing', async (_, attendees, missing) => {
      const { calls, errors } = await reconcileWith(...attendees);
      expect(errors).toEqual([`meeting new: the service returned no join token for the attendee ${missing}`]);
      expect(calls).toEqual(['writeIntents 1', `create ${next} 2`, 'delete new', `deleteRecord ${next} creating 0`]);
    });
  });
});

test('a pause leaves two seconds to end an unusable meeting', async () => {
  const pause = (left: number) => retryPauses({ remaining: left, pause: async () => true } as unknown as TimeBudget).pause(1);
  expect([await pause(3), await pause(2.9)]).toEqual([true, false]);
});

import { PoolSetup, TABLE } from './pool-setup';
import { PoolTable } from '../../lambda/chime-sdk-meetings/meeting-pool/table';
import { joinTokens } from '../../local/emulator';
import type { StackResource } from '../cloudformation';

const POOL = { TableName: TABLE, Size: 4 };
const LEGACY = { Namespace: 'CHIME' };
const ALICE = { externalUserIds: ['alice'] };

let setup: PoolSetup;
let resource: StackResource;
let poolName: string;
let checkout: ReturnType<PoolSetup['checkoutFunction']>;
afterEach(() => setup.stop());

const start = async (properties: Record<string, unknown> = {}, ...options: ConstructorParameters<typeof PoolSetup>) => {
  setup = new PoolSetup(...options);
  resource = setup.resource();
  poolName = (await resource.create({ ...POOL, ...properties })).physicalId;
  checkout = setup.checkoutFunction(poolName);
};
const operations = async (work: () => Promise<unknown>) => {
  const before = setup.calls().length;
  await work();
  return setup.calls().slice(before).map(({ operation }) => operation);
};
const people = (count: number, name = 'person') => Array.from({ length: count }, (_, index) => `${name}-${index}`);
const names = ({ Attendees }: { Attendees?: { ExternalUserId: string }[] }) => Attendees!.map(({ ExternalUserId }) => ExternalUserId);
const noneIsLost = () => {
  const known = setup.items('meeting#').map(({ meetingId }) => meetingId);
  expect(setup.meetings().filter(({ id }) => !known.includes(id))).toEqual([]);
};

describe('from a warm pool', () => {
  test('costs one call of the service and one of the table', async () => {
    await start();
    await checkout(ALICE);
    expect(await operations(() => checkout({ externalUserIds: ['bob', 'carol'] }))).toEqual(['TransactWriteItems', 'BatchCreateAttendee']);
  });

  test('reads the pool and its ready meetings at the same time, and again while it leases when they are old', async () => {
    await start();
    const timed = async () => {
      const before = setup.clock.now();
      const called = await operations(() => checkout(ALICE));
      return [called.sort(), setup.clock.now() - before];
    };
    expect(await timed()).toEqual([['BatchCreateAttendee', 'GetItem', 'Query', 'TransactWriteItems'], 90]);
    expect(await timed()).toEqual([['BatchCreateAttendee', 'TransactWriteItems'], 60]);
    await setup.clock.sleep(1_000);
    expect(await timed()).toEqual([['BatchCreateAttendee', 'Query', 'TransactWriteItems'], 60]);
    await setup.clock.sleep(61_000);
    expect(await timed()).toEqual([['BatchCreateAttendee', 'GetItem', 'Query', 'TransactWriteItems'], 60]);
  });

  test('has no call in progress when it answers, because Lambda freezes the function then', async () => {
    await start();
    await checkout(ALICE);
    await setup.clock.sleep(61_000);
    for (const operation of ['GetItem', 'Query']) setup.emulator.addFault({ kind: 'delay', milliseconds: 1_000, operation, times: 1 });
    const before = setup.clock.now();
    await checkout(ALICE);
    expect(setup.clock.now() - before).toBe(1_030);
  });

  test('finds another meeting at once if others have leased the meetings in memory', async () => {
    await start();
    await checkout(ALICE);
    const other = setup.checkoutFunction(poolName);
    for (const name of people(3)) await other({ externalUserIds: [name] });
    await setup.maintain(poolName);
    await setup.clock.sleep(1_000);
    const [before, transactions] = [setup.clock.now(), setup.calls('TransactWriteItems').length];
    expect((await checkout(ALICE)).Meeting).toBeDefined();
    // The list was read during the lost race.
    expect(setup.clock.now() - before).toBe(90);
    expect(setup.calls('TransactWriteItems')).toHaveLength(transactions + 2);
    expect(setup.measured.filter(({ emptyPool }) => emptyPool)).toEqual([]);
  });

  test('leases from memory if the ready meetings can\'t be read again, and a log line says so', async () => {
    await start();
    await checkout(ALICE);
    await setup.clock.sleep(2_000);
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'Query', times: 1 });
    expect((await checkout(ALICE)).Meeting).toBeDefined();
    expect(setup.logged.filter((line) => line.includes('the ready meetings could not be read again'))).toHaveLength(1);
  });

  test('returns the shape that the client libraries accept, and refills the pool', async () => {
    await start();
    const answer = await checkout({ externalUserIds: ['alice', 'bob'] });
    expect(answer).toEqual({
      Meeting: expect.objectContaining({ MeetingId: expect.any(String), MediaPlacement: expect.any(Object), ExternalMeetingId: expect.stringMatching(`^${poolName}/`) }),
      Attendees: [expect.objectContaining({ ExternalUserId: 'alice', JoinToken: expect.any(String) }), expect.objectContaining({ ExternalUserId: 'bob', JoinToken: expect.any(String) })],
    });
    // Only a pool with reserved attendees maps them to the requested users.
    expect(answer.Attendees!.some((attendee) => 'RequestedUserId' in attendee)).toBe(false);
    expect(setup.refills).toBe(1);
    expect(setup.measured).toEqual([{ kind: 'checkedOut', milliseconds: 90, emptyPool: false }]);
    expect(setup.meetingStates()).toEqual({ ready: 3, leased: 1 });
  });

  test('succeeds if the maintainer can\'t be invoked', async () => {
    await start();
    jest.spyOn(setup, 'maintain').mockRejectedValue(new Error('TooManyRequests'));
    expect((await setup.checkoutFunction(poolName, { refilled: true })(ALICE)).Meeting).toBeDefined();
    expect(setup.logged.some((line) => line.includes('the maintainer could not be invoked'))).toBe(true);
  });

  test.each([['CHIME_SDK', {}, 'chime-sdk-meetings'], ['CHIME', LEGACY, 'chime']] as const)('%s: invites 250 users in batches', async (_, namespace, service) => {
    await start(namespace);
    const before = setup.callsOf(service).length;
    expect(names(await checkout({ externalUserIds: people(250) }))).toEqual(people(250));
    expect(setup.callsOf(service).slice(before).map(({ operation }) => operation)).toEqual(['BatchCreateAttendee', 'BatchCreateAttendee', 'BatchCreateAttendee']);
  });

  test('checks out no meeting that ends too soon', async () => {
    await start({ MinimumRemainingLifetimeSeconds: 180 });
    await setup.clock.sleep(115_000);
    const { Meeting } = await checkout(ALICE);
    expect(setup.meeting(Meeting!.MeetingId)!.endsAt - setup.clock.now()).toBeGreaterThan(180_000);
    await setup.clock.sleep(20_000);
    // The others last no three minutes any more, nor the ten seconds less for which a late schedule is allowed.
    await checkout(ALICE);
    expect(setup.measured.map(({ emptyPool }) => emptyPool)).toEqual([false, true]);
  });

  test('returns the pool\'s own attendees with the join tokens of the create call', async () => {
    await start({ Attendees: JSON.stringify([{ ExternalUserId: 'recorder' }, { ExternalUserId: 'captions' }]) });
    await checkout(ALICE);
    const calls = await operations(async () => {
      const answer = await checkout({ externalUserIds: ['bob', 'Recorder'] });
      expect(names(answer)).toEqual(['bob', 'recorder', 'captions']);
      expect(answer.Attendees!.every(({ JoinToken }) => JoinToken)).toBe(true);
    });
    expect(calls).toEqual(['TransactWriteItems', 'BatchCreateAttendee']);
  });
});

describe('many concurrent checkouts', () => {
  test('lease different meetings, and create meetings on demand when the pool is empty', async () => {
    await start({ Size: 10 });
    const answers = await Promise.all(people(14).map((name) => setup.checkoutFunction(poolName)({ externalUserIds: [name] })));
    expect(new Set(answers.map(({ Meeting }) => Meeting!.MeetingId)).size).toBe(14);
    expect(setup.measured.filter(({ emptyPool }) => emptyPool)).toHaveLength(4);
    noneIsLost();
  });

  test('succeed although the index lags', async () => {
    await start({ Size: 10 }, { table: { indexLag: 2_000 } });
    await setup.clock.sleep(3_000);
    const answers = await Promise.all(people(12).map((name) => setup.checkoutFunction(poolName)({ externalUserIds: [name] })));
    expect(new Set(answers.map(({ Meeting }) => Meeting!.MeetingId)).size).toBe(12);
    noneIsLost();
  });
});

describe('the same clientRequestToken', () => {
  const ROOM = 'room-7';
  const join = (...externalUserIds: string[]) => checkout({ clientRequestToken: ROOM, externalUserIds });

  test('returns the same meeting; adds new users and finds those that are in it', async () => {
    await start();
    const first = await join('alice');
    const later = await join('bob', 'alice');
    expect(later.Meeting).toEqual(first.Meeting);
    expect(names(later)).toEqual(['bob', 'alice']);
    expect(later.Attendees![1]).toEqual(first.Attendees![0]);
    expect(setup.meetingStates()).toEqual({ ready: 3, leased: 1 });
    expect(setup.refills).toBe(1);
  });

  test('creates no attendee for users that are in the meeting', async () => {
    await start();
    await join('alice');
    expect(await operations(() => join('alice'))).toEqual(['TransactWriteItems', 'GetItem', 'ListAttendees']);
  });

  test('reads each join token if lists don\'t have them', async () => {
    await start({}, { meetings: { joinTokensInLists: false } });
    const first = await join('alice', 'bob');
    expect((await join('alice', 'bob')).Attendees).toEqual(first.Attendees);
    expect(setup.calls('GetAttendee')).toHaveLength(2);
  });

  test('reads several pages of attendees', async () => {
    await start(LEGACY);
    await join(...people(150));
    expect(names(await join(...people(151)))).toEqual(people(151));
    expect(setup.calls('ListAttendees')).toHaveLength(2);
  });

  test('in concurrent calls', async () => {
    await start();
    const answers = await Promise.all(people(6).map((name) =>
      setup.checkoutFunction(poolName)({ clientRequestToken: ROOM, externalUserIds: [name] })));
    expect(new Set(answers.map(({ Meeting }) => Meeting!.MeetingId)).size).toBe(1);
    expect(setup.meetingStates()).toEqual({ ready: 3, leased: 1 });
  });

  test('in concurrent calls with an empty pool', async () => {
    await start();
    await setup.clock.sleep(400_000);
    const answers = await Promise.all(people(6).map((name) =>
      setup.checkoutFunction(poolName)({ clientRequestToken: ROOM, externalUserIds: [name] })));
    expect(new Set(answers.map(({ Meeting }) => Meeting!.MeetingId)).size).toBe(1);
    expect(setup.meetings()).toHaveLength(1);
    noneIsLost();
  });

  test.each(['new-meeting', 'ended-meeting', 'conflict'] as const)('returns another meeting after the first one has ended (%s)', async (ended) => {
    await start({}, { meetings: { requestToken: { ended } } });
    const first = await join('alice');
    await setup.clock.sleep(400_000);
    const second = await join('alice');
    expect(second.Meeting!.MeetingId).not.toBe(first.Meeting!.MeetingId);
    // That one was made on the spot; and its successor too.
    await setup.clock.sleep(400_000);
    const third = await join('alice');
    expect(setup.meeting(third.Meeting!.MeetingId)).toBeDefined();
    expect(third.Meeting!.MeetingId).not.toBe(second.Meeting!.MeetingId);
    expect(setup.items('lease#')).toHaveLength(1);
  });

  test('returns another meeting a day later, when the table has no lease any more', async () => {
    await start();
    await join('alice');
    await setup.clock.sleep(26 * 3600_000);
    expect(setup.meeting((await join('alice')).Meeting!.MeetingId)).toBeDefined();
  });

  test('defaults to the request ID of the invocation', async () => {
    await start();
    const [one, other] = [await checkout(ALICE), await checkout(ALICE)];
    expect(one.Meeting!.MeetingId).not.toBe(other.Meeting!.MeetingId);
  });
});

describe('a lease that another function prevents', () => {
  const answer = (outcomes: object[]) => {
    const spies = [jest.spyOn(PoolTable.prototype, 'lease'), jest.spyOn(PoolTable.prototype, 'leaseOnDemand')];
    for (const outcome of outcomes) for (const spy of spies) spy.mockResolvedValueOnce(outcome as never);
  };

  afterEach(() => { jest.restoreAllMocks(); });

  // Half of the longest pauses, which are 50 and 100 ms: the table soon has capacity again after a burst of checkouts.
  test.each([['conflict', 25 + 50], ['alreadyLeased', 0], ['beingLeased', 0], ['tokenInUse', 0]])('(%s): tries other meetings after pauses of %i ms', async (outcome, pauses) => {
    await start();
    const before = setup.clock.now();
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    answer([{ outcome }, { outcome }]);
    expect((await checkout(ALICE)).Meeting).toBeDefined();
    // GetItem and Query, two more queries, TransactWriteItems, BatchCreateAttendee.
    expect(setup.clock.now() - before).toBe(150 + pauses);
    expect(setup.calls('Query').filter(({ input }) => 'IndexName' in (input as object))).toHaveLength(3);
  });

  // Whether the time ends in a pause or in a call is chance.
  test.each([0.05, 0.13, 0.21, 0.29, 0.37, 0.45, 0.53, 0.61, 0.69, 0.77, 0.85, 0.93])('all the time: asks the caller to retry (random value %d)', async (chance) => {
    await start();
    const before = setup.clock.now();
    jest.spyOn(Math, 'random').mockReturnValue(chance);
    answer(Array.from({ length: 500 }, () => ({ outcome: 'conflict' })));
    expect(await checkout(ALICE)).toEqual({
      statusCode: 503, error: { code: 'Unavailable', message: 'no meeting was available in time; try again with the same clientRequestToken' },
    });
    expect(setup.clock.now() - before).toBeLessThanOrEqual(24_000);
    expect(setup.clock.now() - before).toBeGreaterThan(23_000);
  });
});

describe('a token whose meeting', () => {
  const ROOM = { clientRequestToken: 'room', ...ALICE };

  test('has an old intent gets another meeting, and the intent is abandoned', async () => {
    await start();
    await setup.clock.sleep(400_000);
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreateMeetingWithAttendees', times: 3 });
    await checkout(ROOM);
    const [{ id }] = setup.meetings();
    await setup.clock.sleep(91_000);
    const { Meeting } = await checkout(ROOM);
    expect(Meeting!.MeetingId).not.toBe(id);
    expect(setup.meetingStates()).toMatchObject({ abandoned: 1, leased: 1 });
  });

  test('has no record any more gets another meeting', async () => {
    await start();
    await checkout(ROOM);
    const { pool, item } = setup.items('meeting#').find(({ life }) => life === 'leased')!;
    setup.emulator.edit({ service: 'dynamodb', resource: TABLE, deleteItem: { pool: { S: pool }, item: { S: item } } });
    expect((await checkout(ROOM)).Meeting).toBeDefined();
    expect(setup.meetingStates()).toEqual({ ready: 2, leased: 1 });
  });

  test('has ended gets another meeting, even if the lease is deleted just then', async () => {
    await start();
    const { Meeting } = await checkout(ROOM);
    setup.emulator.edit({ service: 'chime-sdk-meetings', resource: Meeting!.MeetingId, end: true });
    setup.emulator.onCall(({ phase, call }) => {
      if (phase !== 'after' || call.operation !== 'UpdateItem') return;
      for (const { pool, item } of setup.items('lease#')) {
        setup.emulator.edit({ service: 'dynamodb', resource: TABLE, deleteItem: { pool: { S: pool }, item: { S: item } } });
      }
    });
    const next = await checkout(ROOM);
    expect(setup.meeting(next.Meeting!.MeetingId)).toBeDefined();
  });

  test('can\'t be created because of a conflict gets it after a pause', async () => {
    await start();
    await setup.clock.sleep(400_000);
    setup.emulator.addFault({ kind: 'error', error: 'ConflictException', operation: 'CreateMeetingWithAttendees', times: 1 });
    expect((await checkout(ROOM)).Meeting).toBeDefined();
  });

  test('is being created keeps its intent if another call with the token fails', async () => {
    await start();
    await setup.clock.sleep(400_000);
    const operation = 'CreateMeetingWithAttendees';
    setup.emulator.addFault({ kind: 'delay', milliseconds: 2_000, operation, times: 1 });
    setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', operation, after: 1, times: 1 });
    const [author, helper] = await Promise.all([checkout(ROOM), setup.clock.sleep(1_000).then(() => setup.checkoutFunction(poolName)(ROOM))]);
    expect(helper).toMatchObject({ statusCode: 500 });
    expect(author.Meeting).toBeDefined();
    expect(setup.calls(operation)).toHaveLength(2);
  });
});

test('a pool that can\'t be read again is used from memory, and a log line says so', async () => {
  await start();
  await checkout(ALICE);
  await setup.clock.sleep(61_000);
  setup.emulator.addFault({ kind: 'accessDenied', operation: 'GetItem', times: 1 });
  expect((await checkout(ALICE)).Meeting).toBeDefined();
  expect(setup.logged.filter((line) => line.includes('the pool could not be read again'))).toHaveLength(1);
});

describe('users whom the service refuses', () => {
  test('in a batch are invited alone', async () => {
    await start();
    setup.emulator.addFault({ kind: 'itemError', item: 'bob', error: 'Throttling', times: 1 });
    const answer = await checkout({ externalUserIds: ['alice', 'bob', 'carol'] });
    expect(names(answer)).toEqual(['alice', 'bob', 'carol']);
    expect(answer.Errors).toBeUndefined();
    expect(setup.calls('CreateAttendee')).toHaveLength(1);
  });

  test('alone are reported', async () => {
    await start();
    setup.emulator.addFault({ kind: 'itemError', item: 'bob', error: 'Throttling' });
    setup.emulator.addFault({ kind: 'error', error: 'ServiceFailureException', message: 'not now', operation: 'CreateAttendee' });
    const answer = await checkout({ externalUserIds: ['alice', 'bob'] });
    expect(names(answer)).toEqual(['alice']);
    expect(answer.Errors).toEqual([{ ExternalUserId: 'bob', ErrorCode: 'ServiceFailureException', ErrorMessage: 'not now' }]);
  });

  test('because the meeting is full are reported', async () => {
    await start({ MeetingFeatures: { Attendee: { MaxCount: 2 } } });
    await checkout({ clientRequestToken: 'room', externalUserIds: ['alice', 'bob'] });
    const answer = await checkout({ clientRequestToken: 'room', externalUserIds: ['carol'] });
    expect(answer.Attendees).toEqual([]);
    expect(answer.Errors).toEqual([expect.objectContaining({ ExternalUserId: 'carol', ErrorCode: 'LimitExceededException' })]);
  });
});

describe('an empty pool', () => {
  test.each([['CHIME_SDK', {}, 20], ['CHIME', LEGACY, 10]] as const)('%s: creates a meeting on demand, with its attendees', async (_, namespace, first) => {
    await start({ ...namespace, Attendees: JSON.stringify([{ ExternalUserId: 'recorder' }]) });
    await setup.clock.sleep(400_000);
    const answer = await checkout({ externalUserIds: people(25) });
    expect(names(answer)).toEqual([...people(25), 'recorder']);
    expect((setup.calls('CreateMeetingWithAttendees').at(-1)!.input as { Attendees: unknown[] }).Attendees).toHaveLength(first);
    expect(setup.measured.at(-1)).toMatchObject({ emptyPool: true });
    expect(setup.refills).toBe(1);
    noneIsLost();
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
  });

  test('creates no second attendee for a requested user who is one of the pool\'s own attendees', async () => {
    await start({ Attendees: JSON.stringify([{ ExternalUserId: 'recorder' }]) });
    await setup.clock.sleep(400_000);
    const answer = await checkout({ externalUserIds: ['alice', 'Recorder'] });
    expect(names(answer)).toEqual(['alice', 'recorder']);
    expect(setup.meeting(answer.Meeting!.MeetingId)!.attendees.map(({ externalUserId }) => externalUserId).sort()).toEqual(['alice', 'recorder']);
  });

  test('reports a user whom the service refuses in the create call and alone, and doesn\'t try a third time', async () => {
    await start();
    await setup.clock.sleep(400_000);
    setup.emulator.addFault({ kind: 'itemError', item: 'bob', error: 'Throttling' });
    setup.emulator.addFault({ kind: 'error', error: 'ServiceFailureException', message: 'not now', operation: 'CreateAttendee' });
    const answer = await checkout({ externalUserIds: ['alice', 'bob'] });
    expect(names(answer)).toEqual(['alice']);
    expect(answer.Errors).toEqual([{ ExternalUserId: 'bob', ErrorCode: 'ServiceFailureException', ErrorMessage: 'not now' }]);
    expect(setup.calls('BatchCreateAttendee')).toEqual([]);
  });

  test('at the quota: reports the quota, and leaves no records', async () => {
    await start({ Size: 2 }, { meetings: { quotas: { meetings: 2 } } });
    await checkout(ALICE);
    await checkout(ALICE);
    expect(await checkout(ALICE)).toEqual({ statusCode: 503, error: { code: 'MeetingLimitExceeded', message: expect.stringContaining('quota of concurrent meetings') } });
    expect(setup.meetingStates()).toEqual({ leased: 2 });
    expect(setup.items('lease#')).toHaveLength(2);
  });

  test('an on-demand meeting is found again by its token', async () => {
    await start();
    await setup.clock.sleep(400_000);
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreateMeetingWithAttendees', times: 3 });
    const room = { clientRequestToken: 'room', externalUserIds: ['alice'] };
    expect((await checkout(room)).statusCode).toBe(503);
    expect((await checkout(room)).Meeting!.MeetingId).toBe(setup.meetings()[0].id);
    expect(setup.meetings()).toHaveLength(1);
  });
});

describe('invalid input is reported, and no meeting is leased', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'externalUserIds: must be a list of strings, got none'],
    ['no list', { externalUserIds: 'alice' }, 'externalUserIds: must be a list of strings, got "alice"'],
    ['an empty list', { externalUserIds: [] }, 'externalUserIds: must name at least one, got an empty list'],
    ['one character', { externalUserIds: ['alice', 'x'] }, 'externalUserIds[1]: must have 2 to 64 characters, got 1 ("x")'],
    ['65 characters', { externalUserIds: ['x'.repeat(65)] }, 'externalUserIds[0]: must have 2 to 64 characters, got 65'],
    ['a reserved prefix', { externalUserIds: ['aws:alice'] }, 'externalUserIds[0]: must not start with aws:, got "aws:alice"'],
    ['a strange character', { externalUserIds: ['ali\u0000ce'] }, 'externalUserIds[0]: may hold only'],
    ['one twice', { externalUserIds: ['alice', 'bob', 'alice'] }, 'externalUserIds[2]: "alice" is given twice'],
    ['not strings', { externalUserIds: ['alice', 7, null] }, 'externalUserIds[1]: must be a string, got 7; externalUserIds[2]: must be a string, got null'],
    ['too many', { externalUserIds: people(6) }, 'externalUserIds: a meeting of this pool takes 4, got 6'],
    ['a bad token', { externalUserIds: ['alice'], clientRequestToken: 'a b' }, 'clientRequestToken: must be 2 to 64 letters, digits, hyphens or underscores, got "a b"'],
    ['a token that is none', { externalUserIds: ['alice'], clientRequestToken: 7 }, 'clientRequestToken: must be 2 to 64'],
  ])('%s', async (_, event, message) => {
    await start({ MeetingFeatures: { Attendee: { MaxCount: 5 } }, Attendees: JSON.stringify([{ ExternalUserId: 'recorder' }]) });
    expect(await checkout(event)).toEqual({ statusCode: 400, error: { code: 'InvalidRequest', message: expect.stringContaining(message) } });
    expect(setup.meetingStates()).toEqual({ ready: 4 });
    expect(setup.items('lease#')).toEqual([]);
  });
});

describe('a closed pool', () => {
  test('is reported, whether or not the function has the open pool in memory', async () => {
    await start();
    await checkout(ALICE);
    await resource.delete();
    const refusal = { statusCode: 410, error: { code: 'PoolClosed', message: expect.stringContaining(poolName) } };
    expect(await checkout(ALICE)).toEqual(refusal);
    expect(await setup.checkoutFunction(poolName)(ALICE)).toEqual(refusal);
    expect(await setup.checkoutFunction('never-was')(ALICE)).toMatchObject({ statusCode: 410 });
    expect(setup.meetings()).toEqual([]);
  });

  test('leaves no meeting, even if it is closed during many checkouts', async () => {
    await start({ Size: 5 });
    await Promise.all([...people(12).map((name) => setup.checkoutFunction(poolName)({ externalUserIds: [name] })), resource.delete()]);
    expect(setup.meetings()).toEqual([]);
    expect(setup.items('meeting#')).toEqual([]);
  });
});

describe('rare failures', () => {
  const HALL = 'hall';

  test('on demand: the intent stays if the table can\'t record the created meeting', async () => {
    await start();
    await setup.clock.sleep(400_000);
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'UpdateItem', times: 1 });
    expect(await checkout({ clientRequestToken: 'r1', ...ALICE })).toMatchObject({ error: { code: 'Failed' } });
    const [{ id }] = setup.meetings();
    expect(setup.items('meeting#').filter(({ life }) => life === 'creating')).toHaveLength(1);
    expect((await checkout({ clientRequestToken: 'r1', ...ALICE })).Meeting!.MeetingId).toBe(id);
  });

  test('on demand: a meeting whose create call failed with 500, then throttled, then denied doesn\'t outlive the stack', async () => {
    await start({ Size: 1 });
    await setup.clock.sleep(400_000);
    const operation = 'CreateMeetingWithAttendees';
    setup.emulator.addFault({ kind: 'serverError', status: 500, executed: true, operation, times: 1 });
    setup.emulator.addFault({ kind: 'throttle', operation, times: 2 });
    setup.emulator.addFault({ kind: 'accessDenied', operation, times: 1 });
    expect(await checkout(ALICE)).toMatchObject({ statusCode: 500, error: { code: 'Failed' } });
    expect(setup.meetings()).toHaveLength(1);
    expect(setup.meetingStates()).toMatchObject({ creating: 1 });
    setup.emulator.removeFaults();
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
  });

  test('a throttled batch doesn\'t repeat the batches that succeeded', async () => {
    await start({ Size: 1 }, { meetings: { repeatedUser: 'new-attendee' } });
    setup.emulator.addFault({ kind: 'throttle', operation: 'BatchCreateAttendee', after: 1, times: 3 });
    const answer = await checkout({ externalUserIds: people(150) });
    expect(answer.Errors).toBeUndefined();
    expect(names(answer)).toEqual(people(150));
    expect(setup.meeting(answer.Meeting!.MeetingId)!.attendees).toHaveLength(150);
  });

  test.each([['ready', 0], ['created on demand', 400_000]])('an invitation alone is retried while the service throttles (%s)', async (_, idle) => {
    await start({ Size: 1 });
    await setup.clock.sleep(idle);
    setup.emulator.addFault({ kind: 'itemError', item: 'bob', error: 'Throttling', times: 1 });
    // More than the SDK repeats by itself.
    setup.emulator.addFault({ kind: 'throttle', operation: 'CreateAttendee', times: 7 });
    const answer = await checkout({ externalUserIds: ['alice', 'bob'] });
    expect(answer.Errors).toBeUndefined();
    expect(names(answer)).toEqual(['alice', 'bob']);
  });

  test('reads join tokens only of requested users and of the pool\'s own attendees if lists don\'t have them', async () => {
    await start({ Size: 1, Attendees: JSON.stringify([{ ExternalUserId: 'recorder' }]) }, { meetings: { joinTokensInLists: false } });
    await checkout({ clientRequestToken: HALL, externalUserIds: people(240) });
    const answer = await checkout({ clientRequestToken: HALL, externalUserIds: ['late', 'Person-7'] });
    expect(names(answer)).toEqual(['late', 'person-7', 'recorder']);
    expect(answer.Attendees!.every(({ JoinToken }) => JoinToken)).toBe(true);
    expect(setup.calls('GetAttendee')).toHaveLength(2);
  });

  test('finds the pool full just before a scheduled run that is 3 s late', async () => {
    await start();
    await setup.clock.sleep(600_000);
    const first = setup.clock.now();
    for (const minute of [0, 1, 2]) {
      await setup.clock.sleep(first + minute * 60_000 - setup.clock.now());
      await setup.maintain(poolName);
    }
    await setup.clock.sleep(first + 182_900 - setup.clock.now());
    await checkout(ALICE);
    expect(setup.measured.at(-1)).toMatchObject({ kind: 'checkedOut', emptyPool: false });
  });

  test.each([true, false])('reads the join tokens of the pool\'s own attendees that don\'t fit into the table (in lists: %s)', async (joinTokensInLists) => {
    await start({ Size: 1, Attendees: JSON.stringify([{ ExternalUserId: 'recorder' }]) }, { meetings: { joinTokensInLists } });
    const ready = PoolTable.prototype.ready;
    const without = jest.spyOn(PoolTable.prototype, 'ready').mockImplementation(async function (this: PoolTable, ...given) {
      return (await ready.apply(this, given)).map((meeting) => ({ ...meeting, attendees: [] }));
    });
    const answer = await checkout(ALICE);
    without.mockRestore();
    expect(names(answer)).toEqual(['alice', 'recorder']);
    expect(answer.Attendees!.every(({ JoinToken }) => JoinToken)).toBe(true);
    expect(setup.meeting(answer.Meeting!.MeetingId)!.attendees).toHaveLength(2);
  });
});

test.each(['before', 'after'] as const)('a crash %s any call: the next call with the same token has a meeting, and none is lost', async (phase) => {
  for (const idle of [0, 400_000]) {
    for (let n = 1; ; n += 1) {
      await start({ Size: 2 });
      await setup.clock.sleep(idle);
      const room = { clientRequestToken: 'room', externalUserIds: ['alice'] };
      const died = await setup.crash(n, phase, () => checkout(room));
      const { Meeting } = await setup.checkoutFunction(poolName)(room);
      expect(setup.meeting(Meeting!.MeetingId)).toBeDefined();
      await setup.maintainFor(2, poolName);
      noneIsLost();
      expect(setup.ready()).toHaveLength(2);
      await resource.delete();
      expect(setup.meetings()).toEqual([]);
      if (!died) break;
      await setup.stop();
    }
    if (idle === 0) await setup.stop();
  }
});

test('a crash without a token loses no meeting and leaves none', async () => {
  for (let n = 1; ; n += 1) {
    await start({ Size: 1 });
    await setup.clock.sleep(400_000);
    const died = await setup.crash(n, 'after', () => checkout(ALICE));
    await setup.maintainFor(4, poolName);
    noneIsLost();
    expect(setup.meetingStates()).not.toHaveProperty('creating');
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
    if (!died) return;
    await setup.stop();
  }
});

test('join tokens are in responses, and in the table only for the pool\'s own attendees until the meeting is leased', async () => {
  await start({ Attendees: JSON.stringify([{ ExternalUserId: 'recorder' }]) });
  const room = { clientRequestToken: 'room', externalUserIds: ['alice'] };
  const { Meeting } = await checkout(room);
  await checkout({ ...room, externalUserIds: ['alice', 'bob'] });
  setup.emulator.addFault({ kind: 'error', error: 'ForbiddenException', operation: 'BatchCreateAttendee' });
  const refusal = await checkout({ ...room, externalUserIds: ['carol'] });
  expect(refusal).toMatchObject({ statusCode: 500, error: { code: 'Failed' } });
  expect(joinTokens(setup.emulator).length).toBeGreaterThan(4);
  expect(setup.leakedJoinTokens(refusal)).toEqual([]);
  const stored = await setup.storedItems();
  const leased = stored.filter(({ meetingId }) => meetingId === Meeting!.MeetingId);
  expect(leased).toHaveLength(1);
  expect(joinTokens(setup.emulator).filter((token) => JSON.stringify(leased).includes(token))).toEqual([]);
  const ready = JSON.stringify(stored.filter(({ life }) => life === 'ready'));
  expect(joinTokens(setup.emulator).filter((token) => ready.includes(token))).toHaveLength(3);
});

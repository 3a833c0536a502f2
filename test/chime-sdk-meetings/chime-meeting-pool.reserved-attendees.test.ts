import { MeetingSessionConfiguration, SignalingClientConnectionRequest } from 'amazon-chime-sdk-js';
import { PoolSetup, TABLE } from './pool-setup';
import { type LeaseOutcome, PoolTable } from '../../lambda/chime-sdk-meetings/meeting-pool/table';
import { joinTokens } from '../../local/emulator';
import type { StackResource } from '../cloudformation';

const POOL = { TableName: TABLE, Size: 3, ReservedAttendees: 3 };
const CLASS = 'class-7';

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
const join = (...externalUserIds: string[]) => checkout({ clientRequestToken: CLASS, externalUserIds });
/** In an execution environment of its own. */
const joinAlone = (user: string) => setup.checkoutFunction(poolName)({ clientRequestToken: CLASS, externalUserIds: [user] });
const operations = async (work: () => Promise<unknown>) => {
  const before = setup.calls().length;
  await work();
  return setup.calls().slice(before).map(({ operation }) => operation);
};
const users = (count: number) => Array.from({ length: count }, (_, index) => `user-${index}`);
type Answer = Awaited<ReturnType<typeof join>>;
const mapping = ({ Attendees }: Answer) => Object.fromEntries(Attendees!.map(({ RequestedUserId, AttendeeId }) => [RequestedUserId, AttendeeId]));
const connectionRequest = (url: string, joinToken: string) => {
  const request = new SignalingClientConnectionRequest(url, joinToken);
  return { url: request.url(), protocols: request.protocols() };
};
const RESERVED_ID = expect.stringMatching(/^cdk-rtc-reserved-[123]-[0-9a-f]{16}$/);

describe('a checkout for at most as many users as attendees are reserved', () => {
  test('costs no call of the service, and takes the time of one call', async () => {
    await start();
    await checkout({ externalUserIds: ['alice'] });
    const before = setup.clock.now();
    expect((await operations(() => checkout({ externalUserIds: ['bob', 'carol', 'dave'] }))).sort()).toEqual(['GetItem', 'TransactWriteItems']);
    expect(setup.clock.now() - before).toBe(30);
    expect(setup.refills).toBe(2);
    expect(setup.measured.at(-1)).toEqual({ kind: 'checkedOut', milliseconds: 30, emptyPool: false, createdAttendees: 0 });
  });

  test('returns for each user an attendee of the meeting with a join token and both IDs', async () => {
    await start();
    const { Meeting, Attendees } = await checkout({ externalUserIds: ['alice', 'Bob'] });
    expect(Attendees).toEqual(['alice', 'Bob'].map((RequestedUserId) => ({
      AttendeeId: expect.any(String), JoinToken: expect.any(String), ExternalUserId: RESERVED_ID, RequestedUserId, Capabilities: expect.any(Object),
    })));
    const inMeeting = setup.meeting(Meeting!.MeetingId)!.attendees;
    expect(inMeeting).toHaveLength(3);
    expect(inMeeting.map(({ id, externalUserId }) => [id, externalUserId])).toEqual(
      expect.arrayContaining(Attendees!.map(({ AttendeeId, ExternalUserId }) => [AttendeeId, ExternalUserId])));
    expect(new Set(Attendees!.map(({ AttendeeId }) => AttendeeId)).size).toBe(2);
    expect(joinTokens(setup.emulator)).toEqual(expect.arrayContaining(Attendees!.map(({ JoinToken }) => JoinToken)));
  });

  test('assigns none to the pool\'s own attendees', async () => {
    await start({ Attendees: JSON.stringify([{ ExternalUserId: 'recorder' }]) });
    const { Attendees } = await checkout({ externalUserIds: ['alice', 'Recorder'] });
    expect(Attendees!.map(({ ExternalUserId, RequestedUserId }) => [ExternalUserId, RequestedUserId])).toEqual([[RESERVED_ID, 'alice'], ['recorder', 'Recorder']]);
    expect(setup.calls('BatchCreateAttendee')).toEqual([]);
  });

  test('returns the pool\'s own attendees without a requested user', async () => {
    await start({ Attendees: JSON.stringify([{ ExternalUserId: 'recorder' }]) });
    const { Attendees } = await checkout({ externalUserIds: ['alice'] });
    expect(Attendees!.map(({ RequestedUserId }) => RequestedUserId)).toEqual(['alice', undefined]);
    expect(Attendees![1]).not.toHaveProperty('RequestedUserId');
  });
});

describe('the Amazon Chime SDK client library for JavaScript', () => {
  test.each([['with a reserved attendee', ['alice', 'bob'], 1], ['with an attendee beyond the reserved ones', users(5), 4]])(
    'accepts the response of a checkout %s', async (_, requested, index) => {
      await start({ MeetingFeatures: { Video: { MaxResolution: 'FHD' }, Attendee: { MaxCount: 20 } } });
      const { Meeting, Attendees } = await join(...requested);
      const { meetingId, externalMeetingId, credentials, urls, meetingFeatures } = new MeetingSessionConfiguration(Meeting, Attendees![index]);
      expect({ meetingId, externalMeetingId }).toEqual({ meetingId: Meeting!.MeetingId, externalMeetingId: Meeting!.ExternalMeetingId });
      const inMeeting = setup.meeting(Meeting!.MeetingId)!.attendees.find(({ id }) => id === credentials!.attendeeId);
      expect(credentials!.externalUserId).toBe(inMeeting!.externalUserId);
      expect(joinTokens(setup.emulator)).toContain(credentials!.joinToken);
      expect(meetingFeatures.videoMaxResolution.videoHeight).toBe(1080);
      expect([urls!.audioHostURL, urls!.turnControlURL, urls!.signalingURL]).toEqual([
        expect.stringMatching(/:3478$/), expect.stringMatching(/^https:/), expect.stringMatching(/^wss:/),
      ]);
      // The first request of the client, which opens the connection to the meeting.
      const { url, protocols } = connectionRequest(urls!.signalingURL!, credentials!.joinToken!);
      expect(url).toContain(`/control/${Meeting!.MeetingId}?X-Chime-Control-Protocol-Version=3`);
      expect(protocols).toEqual(['_aws_wt_session', credentials!.joinToken]);
    });
});

describe('a checkout invokes the maintainer', () => {
  afterEach(() => { jest.restoreAllMocks(); });
  const refills = async (...outcomes: LeaseOutcome[]) => {
    const before = setup.refills;
    const lease = jest.spyOn(PoolTable.prototype, 'lease');
    for (const outcome of outcomes) lease.mockResolvedValueOnce(outcome);
    expect((await join('alice')).Meeting).toBeDefined();
    return setup.refills - before;
  };
  const LOST = { outcome: 'alreadyLeased' } as const;

  test('once together with its first lease, and again with the lease that succeeds after lost races', async () => {
    await start();
    expect(await refills()).toBe(1);
    await setup.stop();
    await start();
    expect(await refills(LOST)).toBe(2);
    await setup.stop();
    await start();
    expect(await refills(LOST, LOST)).toBe(2);
  });

  test('again with an on-demand meeting after lost races', async () => {
    await start({ Size: 1 });
    expect(await refills(LOST)).toBe(2);
    expect(setup.measured.at(-1)).toMatchObject({ emptyPool: true });
  });

  test('once if the token has a meeting already', async () => {
    await start();
    await join('alice');
    expect(await refills()).toBe(1);
  });

  test('once after lost races if no attendees are reserved', async () => {
    await start({ ReservedAttendees: 0 });
    expect(await refills(LOST)).toBe(1);
  });
});

describe('users beyond the reserved attendees', () => {
  test('get attendees with their own IDs, for one call of the service', async () => {
    await start();
    await checkout({ externalUserIds: ['first'] });
    const called = await operations(async () => {
      const { Attendees } = await checkout({ externalUserIds: users(5) });
      expect(Attendees!.map(({ ExternalUserId }) => ExternalUserId)).toEqual([RESERVED_ID, RESERVED_ID, RESERVED_ID, 'user-3', 'user-4']);
      expect(Attendees!.map(({ RequestedUserId }) => RequestedUserId)).toEqual(users(5));
    });
    expect(called.sort()).toEqual(['BatchCreateAttendee', 'GetItem', 'TransactWriteItems']);
    expect(setup.measured.at(-1)).toMatchObject({ createdAttendees: 2 });
  });

  test('are not recorded as assigned, so that users who come later get attendees, too', async () => {
    await start();
    await join(...users(5));
    expect((await setup.storedItems()).flatMap(({ assigned }) => assigned === undefined ? [] : [assigned])).toEqual([users(3)]);
    const { Attendees } = await join('late', 'later', 'last');
    expect(Attendees!.map(({ ExternalUserId }) => ExternalUserId)).toEqual(['late', 'later', 'last']);
  });

  test('never exceed the attendees of a meeting', async () => {
    await start({ MeetingFeatures: { Attendee: { MaxCount: 4 } } });
    const answer = await join(...users(4));
    expect(answer.Errors).toBeUndefined();
    expect(Object.keys(mapping(answer))).toEqual(users(4));
  });
});

describe('the same clientRequestToken', () => {
  test('returns the same assignment, also for another spelling', async () => {
    await start();
    const first = await join('alice', 'bob');
    const again = await join('Bob', 'alice');
    expect(again.Attendees!.map(({ RequestedUserId }) => RequestedUserId)).toEqual(['Bob', 'alice']);
    expect(again.Attendees!.map(({ AttendeeId, JoinToken }) => [AttendeeId, JoinToken])).toEqual(
      [...first.Attendees!].reverse().map(({ AttendeeId, JoinToken }) => [AttendeeId, JoinToken]));
  });

  test('of the same users writes nothing', async () => {
    await start();
    await join('alice', 'bob');
    expect((await operations(() => join('bob', 'alice'))).filter((name) => /Update|Put/.test(name))).toEqual([]);
  });

  test('gives later users the next reserved attendee, and then attendees of their own', async () => {
    await start();
    await join('alice');
    const later = await join('bob', 'carol');
    expect(later.Attendees!.map(({ ExternalUserId }) => ExternalUserId)).toEqual([RESERVED_ID, RESERVED_ID]);
    const last = await join('dave', 'bob');
    expect(last.Attendees!.map(({ ExternalUserId }) => ExternalUserId)).toEqual(['dave', RESERVED_ID]);
    expect(last.Attendees![1].AttendeeId).toBe(later.Attendees![0].AttendeeId);
    expect(setup.meeting(last.Meeting!.MeetingId)!.attendees).toHaveLength(4);
    expect((await join('dave')).Attendees![0].AttendeeId).toBe(last.Attendees![0].AttendeeId);
  });

  test('of later users needs one call of the service, which shows that the meeting exists', async () => {
    await start({}, { meetings: { joinTokensInLists: false } });
    await join('alice');
    expect((await operations(() => join('bob', 'alice'))).filter((name) => /Attendee/.test(name))).toEqual(['ListAttendees']);
  });

  test('in concurrent calls assigns each attendee once', async () => {
    await start({ ReservedAttendees: 10 });
    const answers = await Promise.all(users(14).map((user) => joinAlone(user)));
    expect(new Set(answers.map(({ Meeting }) => Meeting!.MeetingId)).size).toBe(1);
    expect(new Set(answers.map(({ Attendees }) => Attendees![0].AttendeeId)).size).toBe(14);
    expect(answers.filter(({ Attendees }) => Attendees![0].ExternalUserId.startsWith('cdk-rtc-reserved-'))).toHaveLength(10);
  });

  test('in concurrent calls for the same user assigns one attendee', async () => {
    await start();
    await join('alice');
    const answers = await Promise.all(users(4).map(() => joinAlone('bob')));
    expect(new Set(answers.map(({ Attendees }) => Attendees![0].AttendeeId)).size).toBe(1);
    expect(Object.keys(mapping(await join('carol')))).toEqual(['carol']);
    expect(setup.calls('BatchCreateAttendee')).toEqual([]);
  });

  test('returns another meeting with other attendees after the first one has ended', async () => {
    await start();
    const first = await join('alice');
    setup.emulator.edit({ service: 'chime-sdk-meetings', resource: first.Meeting!.MeetingId, end: true });
    const second = await join('alice');
    expect(second.Meeting!.MeetingId).not.toBe(first.Meeting!.MeetingId);
    expect(second.Attendees![0].AttendeeId).not.toBe(first.Attendees![0].AttendeeId);
    expect(setup.items('attendees#')).toHaveLength(2);
  });

  test('replaces a reserved attendee that an application has deleted', async () => {
    await start();
    const first = await join('alice');
    await setup.deleteAttendee(first.Meeting!.MeetingId, first.Attendees![0].AttendeeId);
    const again = await join('alice');
    expect(again.Attendees).toEqual([expect.objectContaining({ ExternalUserId: 'alice', RequestedUserId: 'alice', JoinToken: expect.any(String) })]);
  });
});

describe('listAssignments', () => {
  test('returns the users of the reserved attendees, without join tokens', async () => {
    await start();
    const { Meeting, Attendees } = await join('Alice', ...users(3));
    await join('bob');
    const expected = Attendees!.slice(0, 3).map(({ AttendeeId, ExternalUserId, RequestedUserId }) => (
      { AttendeeId, ExternalUserId, RequestedUserId }
    ));
    const listed = await setup.checkoutFunction(poolName)({ clientRequestToken: CLASS, listAssignments: true });
    expect(listed).toEqual({ MeetingId: Meeting!.MeetingId, Attendees: expected });
    expect(expected[0].RequestedUserId).toBe('Alice');
  });

  test('is empty for a meeting without reserved attendees', async () => {
    await start({ ReservedAttendees: 0 });
    const { Meeting } = await join('alice');
    expect(await checkout({ clientRequestToken: CLASS, listAssignments: true })).toEqual({ MeetingId: Meeting!.MeetingId, Attendees: [] });
  });

  test('reports an ended meeting as unknown when the maintainer has observed its end', async () => {
    await start();
    const { Meeting } = await join('alice');
    setup.emulator.edit({ service: 'chime-sdk-meetings', resource: Meeting!.MeetingId, end: true });
    // A leased meeting is checked once in five minutes.
    await setup.maintainFor(7, poolName);
    expect(await checkout({ clientRequestToken: CLASS, listAssignments: true })).toMatchObject({ statusCode: 404 });
  });

  test('reports a meeting as unknown if only the lease is left, and while the meeting is being created on demand', async () => {
    await start();
    const { Meeting } = await join('alice');
    const record = setup.items('meeting#').find(({ meetingId }) => meetingId === Meeting!.MeetingId)!;
    const deleteItem = { pool: { S: poolName }, item: { S: record.item } };
    setup.emulator.edit({ service: 'dynamodb', resource: TABLE, deleteItem } as never);
    expect(await checkout({ clientRequestToken: CLASS, listAssignments: true })).toMatchObject({ statusCode: 404 });
    await setup.clock.sleep(400_000);
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreateMeetingWithAttendees', times: 3 });
    const onDemand = { clientRequestToken: 'other' };
    expect((await checkout({ ...onDemand, externalUserIds: ['alice'] })).statusCode).toBe(503);
    expect(setup.meetingStates()).toMatchObject({ creating: 1 });
    expect(await checkout({ ...onDemand, listAssignments: true })).toMatchObject({ statusCode: 404 });
  });

  test('reports an unknown and an invalid token, and leases nothing', async () => {
    await start();
    expect(await operations(() => checkout({ clientRequestToken: 'other', listAssignments: true }))).toEqual(['GetItem']);
    expect(await checkout({ clientRequestToken: 'other', listAssignments: true })).toEqual(
      { statusCode: 404, error: { code: 'NotFound', message: 'no meeting is checked out with this clientRequestToken' } });
    expect(await checkout({ listAssignments: true })).toEqual(
      { statusCode: 400, error: { code: 'InvalidRequest', message: expect.stringContaining('clientRequestToken: must be 2 to 64') } });
    expect(setup.meetingStates()).toEqual({ ready: 3 });
  });
});

describe('join tokens of reserved attendees', () => {
  test('are in an item of their own, which the index and the contents of the pool don\'t have', async () => {
    await start();
    const stored = await setup.storedItems();
    const has = (items: object[]) => joinTokens(setup.emulator).filter((token) => JSON.stringify(items).includes(token)).length;
    expect(has(stored.filter(({ item }) => item.startsWith('attendees#')))).toBe(9);
    expect(has(stored.filter(({ item }) => !item.startsWith('attendees#')))).toBe(0);
    expect(stored.filter(({ item }) => item.startsWith('attendees#')).every((item) => item.readyIn === undefined)).toBe(true);
  });

  test('stay until the meeting has ended, and leave with it', async () => {
    await start();
    const { Meeting } = await join('alice');
    await setup.maintain(poolName);
    expect(setup.items('attendees#')).toHaveLength(4);
    setup.emulator.edit({ service: 'chime-sdk-meetings', resource: Meeting!.MeetingId, end: true });
    await setup.maintainFor(12, poolName);
    const [recorded, kept] = ['meeting#', 'attendees#'].map((kind) => setup.items(kind).map(({ item }) => item.split('#')[1]).sort());
    expect(kept.every((token) => recorded.includes(token))).toBe(true);
    expect(setup.items('meeting#').map(({ meetingId }) => meetingId)).not.toContain(Meeting!.MeetingId);
    await resource.delete();
    expect(setup.items('attendees#')).toEqual([]);
  });

  test('are in no log line, metric, or error', async () => {
    await start();
    await join('alice');
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'GetItem' });
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'ListAttendees' });
    const refusal = await join('bob');
    expect(refusal).toMatchObject({ statusCode: 500 });
    expect(joinTokens(setup.emulator).length).toBeGreaterThan(8);
    expect(setup.leakedJoinTokens(refusal)).toEqual([]);
  });
});

describe('a failure', () => {
  test('to read the join tokens costs a call of the service', async () => {
    await start();
    await checkout({ externalUserIds: ['first'] });
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'GetItem', times: 1 });
    const called = await operations(async () => {
      expect((await join('alice')).Attendees).toEqual([
        expect.objectContaining({ ExternalUserId: RESERVED_ID, RequestedUserId: 'alice', JoinToken: expect.any(String) }),
      ]);
    });
    expect(called).toContain('ListAttendees');
    expect(setup.logged.some((line) => line.includes('the reserved attendees could not be read'))).toBe(true);
  });

  test.each(['TransactWriteItems', 'UpdateItem'])('whose response is lost assigns no second attendee (%s)', async (operation) => {
    await start();
    if (operation === 'UpdateItem') await join('first');
    setup.emulator.addFault({ kind: 'lostResponse', operation, times: 3 });
    const answers = [await join('alice'), await join('alice')];
    setup.emulator.removeFaults();
    answers.push(await join('alice'), await join('alice'));
    const ids = answers.flatMap(({ Attendees = [] }) => Attendees.map(({ AttendeeId }) => AttendeeId));
    expect(new Set(ids).size).toBe(1);
    expect(Object.values(mapping(await join('bob')))).not.toContain(ids[0]);
  });

  describe('because a transaction of another environment writes to the leased meeting', () => {
    const conflicts = (times: number) => {
      setup.emulator.addFault({ kind: 'error', error: 'TransactionConflictException', operation: 'UpdateItem', times });
    };

    test('repeats the assignment after short pauses', async () => {
      await start();
      await join('alice');
      conflicts(3);
      const before = setup.clock.now();
      expect((await join('bob')).Attendees).toEqual([expect.objectContaining({ ExternalUserId: RESERVED_ID, RequestedUserId: 'bob' })]);
      expect(setup.calls('UpdateItem').filter(({ faults }) => faults.length > 0)).toHaveLength(3);
      expect(setup.clock.now() - before).toBeLessThan(1_000);
    });

    test('asks the caller to retry after six attempts', async () => {
      await start();
      await join('alice');
      conflicts(6);
      expect(await join('bob')).toMatchObject({ statusCode: 503, error: { code: 'Unavailable' } });
      setup.emulator.removeFaults();
      expect((await join('bob')).Attendees).toEqual([expect.objectContaining({ ExternalUserId: RESERVED_ID })]);
    });
  });

  test.each(['before', 'after'] as const)('a crash %s any call: the next call has the same assignment, and no attendee is assigned twice', async (phase) => {
    for (let n = 1; ; n += 1) {
      await start({ Size: 2 });
      await join('first');
      const died = await setup.crash(n, phase, () => join('alice', 'bob'));
      const [one, other] = [await joinAlone('bob'), await join('first', 'alice', 'bob', 'carol')];
      expect(mapping(other).bob).toBe(mapping(one).bob);
      expect(new Set(Object.values(mapping(other))).size).toBe(4);
      if (!died) return;
      await setup.stop();
    }
  });
});

describe('an empty pool', () => {
  test('creates a meeting on demand with the requested users under their own IDs', async () => {
    await start();
    await setup.clock.sleep(400_000);
    const { Attendees } = await join('alice', 'bob');
    expect(Attendees!.map(({ ExternalUserId, RequestedUserId }) => [ExternalUserId, RequestedUserId])).toEqual([['alice', 'alice'], ['bob', 'bob']]);
    expect((await join('carol', 'alice')).Attendees!.map(({ ExternalUserId }) => ExternalUserId)).toEqual(['carol', 'alice']);
  });
});

describe('a change of reservedAttendees', () => {
  test('replaces the ready meetings, and leaves leased meetings as they are', async () => {
    await start({ ReservedAttendees: 0 });
    const { Meeting } = await join('alice');
    await resource.update({ ...POOL, ReservedAttendees: 2 });
    expect(setup.ready().map(({ reserved }) => reserved)).toEqual([2, 2, 2]);
    expect((await join('bob')).Attendees).toEqual([expect.objectContaining({ ExternalUserId: 'bob' })]);
    expect((await join('bob')).Meeting!.MeetingId).toBe(Meeting!.MeetingId);
    await resource.update({ ...POOL, ReservedAttendees: 0 });
    expect(setup.ready().map(({ reserved }) => reserved)).toEqual([undefined, undefined, undefined]);
  });

  test('to 0 leaves the assignments of a leased meeting, and later users get the reserved attendees that are left', async () => {
    await start();
    const first = await join('alice');
    await resource.update({ ...POOL, ReservedAttendees: 0 });
    await setup.clock.sleep(61_000);
    expect(mapping(await join('alice'))).toEqual(mapping(first));
    expect((await join('bob')).Attendees).toEqual([expect.objectContaining({ ExternalUserId: RESERVED_ID, RequestedUserId: 'bob' })]);
  });

  test('from none to 0 changes nothing', async () => {
    await start({ ReservedAttendees: undefined });
    const before = setup.meetings().map(({ id }) => id);
    await resource.update({ ...POOL, ReservedAttendees: 0 });
    expect(setup.meetings().map(({ id }) => id)).toEqual(before);
  });

  test('outside of the limits fails the deployment', async () => {
    await start();
    await expect(resource.update({ ...POOL, ReservedAttendees: 21 })).rejects.toThrow('reservedAttendees: must be a whole number of attendees from 0 to 20, got 21');
  });
});

test('the legacy namespace reserves up to 10 attendees', async () => {
  await start({ Namespace: 'CHIME', ReservedAttendees: 10 });
  const { Attendees } = await join(...users(10));
  expect(new Set(Attendees!.map(({ AttendeeId }) => AttendeeId)).size).toBe(10);
  expect(setup.calls('BatchCreateAttendee')).toEqual([]);
});

test('the maintainer reports the reserved attendees of the ready meetings', async () => {
  await start();
  await join('alice');
  await setup.maintain(poolName);
  await setup.maintain(poolName);
  expect(setup.measured.at(-1)).toMatchObject({ kind: 'maintained', ready: 3, reservedAttendees: 9 });
});

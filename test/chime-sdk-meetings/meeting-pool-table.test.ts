import { PoolSetup, type PoolSetupOptions, TABLE } from './pool-setup';
import type { PoolItem } from '../../lambda/chime-sdk-meetings/meeting-pool/items';
import { PoolTable, tableClient } from '../../lambda/chime-sdk-meetings/meeting-pool/table';
import { requestHandler } from '../../local/emulator';
import { REGION } from '../handler-setup';

/* Each conditional write alone, after the writes of other functions that can precede it. */

const HOUR = 3600_000;
const MEETING = { MeetingId: 'meeting-1', ExternalMeetingId: 'external' };
const POOL: PoolItem = {
  name: 'rooms',
  state: 'open',
  createOnly: 'c',
  operation: 'first',
  size: 2,
  settings: { MediaRegion: REGION, Tags: [] },
  settingsHash: 'now',
  minimumRemainingLifetime: 120_000,
  namespace: 'CHIME_SDK',
  region: REGION,
};

let setup: PoolSetup;
let table: PoolTable;
let now: number;
const start = async (options: PoolSetupOptions = {}) => {
  await setup?.stop();
  setup = new PoolSetup(options);
  setup.unrestricted = true;
  // Sets the credentials in the environment.
  setup.resource();
  const client = tableClient(REGION);
  Object.assign(client.config, { requestHandler: requestHandler(setup.emulator, 'dynamodb') });
  table = new PoolTable({ client, tableName: TABLE, abortSignal: new AbortController().signal });
  now = setup.clock.now();
  await table.addPool(POOL);
};
beforeEach(() => start());
afterEach(() => setup.stop());

const item = (kind: string) => setup.items(kind)[0];
const request = (token: string) => ({ ClientRequestToken: token } as never);
/** Writes the intent of the next meeting of a slot. */
const writeIntent = (token = 'a', slot = 0, generation = 0) =>
  table.writeIntents(POOL, [{ slot, generation, endPrevious: 'never' }], () => (request(token)), now);
const created = (token = 'a') => ({ token, createdAt: now, meeting: MEETING });
const ready = async (token = 'a', slot = 0) => {
  await writeIntent(token, slot);
  await table.markReady(POOL, created(token), { attendees: [] });
};
const stateOf = async (token = 'a') => (await table.meeting('rooms', token))?.state;
const inSeconds = (time: number) => Math.ceil(time / 1000);

describe('a pool', () => {
  test('is added once, and not again after it was closed', async () => {
    expect(await table.addPool({ ...POOL, size: 7 })).toBe(false);
    expect(await table.pool('rooms')).toMatchObject(POOL);
    await table.closePool('rooms', now);
    expect(await table.addPool(POOL)).toBe(false);
    expect((await table.pool('rooms'))!.state).toBe('closed');
  });

  test('can be closed before its create adds it, and stays closed for the longest lifetime of a meeting', async () => {
    await table.closePool('others', now);
    expect(await table.pool('others')).toEqual({ pool: 'others', item: 'pool', name: 'others', state: 'closed', expiresAt: inSeconds(now + 24 * HOUR) });
  });

  test('changes its mutable properties while it is open', async () => {
    const desired = { ...POOL, operation: 'second', size: 9, settings: { MediaRegion: 'eu-central-1', Tags: [] }, settingsHash: 'next', minimumRemainingLifetime: 60_000 };
    expect(await table.changePool({ ...desired, createOnly: 'other', region: 'other' })).toBe(true);
    expect(await table.pool('rooms')).toMatchObject(desired);
    await table.closePool('rooms', now);
    expect(await table.changePool(POOL)).toBe(false);
    expect(await table.changePool({ ...POOL, name: 'never-was' })).toBe(false);
    expect(await table.pool('never-was')).toBeUndefined();
  });

  test('is found by the prefix of its name on every page of the table', async () => {
    const settings = { MediaRegion: 'x'.repeat(300_000), Tags: [] };
    for (const name of ['room', 'rooms-a', 'rooms-b', 'rooms-c', 'rooms-d']) await table.addPool({ ...POOL, name, settings });
    await ready();
    const found = await table.findPools('rooms');
    expect(found.map(({ name }) => name).sort()).toEqual(['rooms', 'rooms-a', 'rooms-b', 'rooms-c', 'rooms-d']);
    expect(found.find(({ name }) => name === 'rooms-a')).toMatchObject({ settings });
    expect(setup.calls('Scan').length).toBeGreaterThan(1);
  });

  test('is locked for one holder, until the given time or until that holder unlocks it', async () => {
    expect(await table.lock('rooms', 'one', now, now + 60_000)).toBe(true);
    expect(await table.lock('rooms', 'other', now + 59_999, now + 120_000)).toBe(false);
    expect(await table.lock('rooms', 'one', now, now + 60_000)).toBe(true);
    await table.unlock('rooms', 'other');
    expect(await table.lock('rooms', 'other', now, now + 60_000)).toBe(false);
    await table.unlock('rooms', 'one');
    expect(await table.lock('rooms', 'other', now, now + 60_000)).toBe(true);
    expect(await table.lock('rooms', 'third', now + 60_000, now + 120_000)).toBe(true);
  });

  test('can be locked after the lock has expired, and not after the pool is closed', async () => {
    await table.lock('rooms', 'one', now, now + 60_000);
    expect(await table.lock('rooms', 'other', now + 59_999, now + 120_000)).toBe(false);
    expect(await table.lock('rooms', 'other', now + 60_000, now + 120_000)).toBe(true);
    await table.closePool('rooms', now);
    expect(await table.lock('rooms', 'other', now + 180_000, now + 240_000)).toBe(false);
  });

  test('is read consistently with its contents, even if other reads lag', async () => {
    await ready();
    await table.lease('rooms', 'a', { clientRequestToken: 'room' }, now);
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 5_000 });
    expect(await table.pool('rooms')).toBeDefined();
    expect(await table.findPools('rooms')).toHaveLength(1);
    expect(await table.contents('rooms')).toMatchObject({ slots: [{ token: 'a' }], meetings: [{ token: 'a' }] });
    expect(await stateOf()).toBe('leased');
  });
});

describe('the contents of a pool', () => {
  test('are slots and meetings, without leases and join tokens, on all pages', async () => {
    const attendees = [{ AttendeeId: 'i', ExternalUserId: 'bot', JoinToken: 'j'.repeat(290_000) }];
    for (const slot of [0, 1, 2, 3, 10]) {
      await writeIntent(`m${slot}`, slot);
      await table.markReady(POOL, created(`m${slot}`), { attendees });
    }
    await table.lease('rooms', 'm10', { clientRequestToken: 'room' }, now);
    const { slots, meetings } = await table.contents('rooms');
    expect(slots.map(({ slot, generation, token }) => [slot, generation, token])).toEqual([0, 1, 2, 3, 10].map((slot) => [slot, 1, `m${slot}`]));
    expect(meetings.map(({ token }) => token).sort()).toEqual(['m0', 'm1', 'm10', 'm2', 'm3']);
    expect(meetings.find(({ token }) => token === 'm10')).toEqual({
      item: 'meeting#m10',
      token: 'm10',
      state: 'leased',
      slot: 10,
      settingsHash: 'now',
      attemptedAt: now,
      meetingId: 'meeting-1',
      createdAt: now,
      endsAt: now + 300_000,
      verifiedBy: 'first',
      leaseToken: 'room',
    });
    expect(setup.calls('Query').length).toBeGreaterThan(1);
  });
});

describe('an intent', () => {
  test('is written for each slot that no other function has filled', async () => {
    const fills = [0, 1, 2].map((slot) => ({ slot, generation: 0, endPrevious: 'never' as const, verifiedBy: 'first' }));
    const of = ({ slot, generation }: { slot: number; generation: number }) => request(`m${slot}-${generation}`);
    expect(await table.writeIntents(POOL, [fills[1]], of, now)).toEqual({ fills: [fills[1]] });
    expect(await table.writeIntents(POOL, fills, of, now)).toEqual({ fills: [fills[0], fills[2]] });
    expect(await table.writeIntents(POOL, fills, of, now)).toEqual({ fills: [] });
    const next = { ...fills[0], generation: 1 };
    expect(await table.writeIntents(POOL, [next, { ...fills[1], generation: 2 }], of, now)).toEqual({ fills: [next] });
    expect((await table.contents('rooms')).slots.map(({ token, generation }) => [token, generation])).toEqual([['m0-1', 2], ['m1-0', 1], ['m2-0', 1]]);
    expect(item('slot#').seenBy).toBe('first');
  });

  test('is not written for an existing token', async () => {
    await ready();
    const fills = [1, 2, 3].map((slot) => ({ slot, generation: 0, endPrevious: 'never' as const }));
    const of = ({ slot }: { slot: number }) => request(slot === 2 ? 'a' : `m${slot}`);
    expect(await table.writeIntents(POOL, fills.slice(0, 2), of, now)).toEqual({ fills: [fills[0]] });
    expect(await table.writeIntents(POOL, fills.slice(1), of, now)).toEqual({ fills: [fills[2]] });
    expect(await stateOf()).toBe('ready');
  });

  test('is not written for a closed pool', async () => {
    await table.closePool('rooms', now);
    expect(await writeIntent()).toBe('closed');
    expect(setup.items('meeting#')).toEqual([]);
  });

  test('holds its request for an hour', async () => {
    await writeIntent();
    const intent = { state: 'creating', attemptedAt: now, request: { ClientRequestToken: 'a' }, expiresAt: inSeconds(now + HOUR) };
    expect(await table.meeting('rooms', 'a')).toMatchObject(intent);
  });

  test('becomes a ready meeting, also after a lost response, and no other meeting', async () => {
    await writeIntent();
    expect(await table.markReady(POOL, created(), { attendees: [] })).toBe(true);
    expect(await table.markReady(POOL, created(), { attendees: [] })).toBe(true);
    expect(await table.markReady(POOL, { ...created(), meeting: { MeetingId: 'another' } }, { attendees: [] })).toBe(false);
    const meeting = (await table.meeting('rooms', 'a'))!;
    expect(meeting).toMatchObject({
      state: 'ready', readyIn: 'rooms', verifiedBy: 'first', meetingId: 'meeting-1', meeting: MEETING, createdAt: now, endsAt: now + 300_000, expiresAt: inSeconds(now + 300_000 + HOUR),
    });
    expect(meeting).not.toHaveProperty('request');
    expect(await table.markReady(POOL, created('never-was'), { attendees: [] })).toBe(false);
  });

  test('becomes a leased meeting, for the longest lifetime of a meeting', async () => {
    await writeIntent();
    expect(await table.markLeased('rooms', created())).toBe(true);
    expect(await table.meeting('rooms', 'a')).toMatchObject({ state: 'leased', meetingId: 'meeting-1', expiresAt: inSeconds(now + 25 * HOUR) });
    expect(await table.ready('rooms', now)).toEqual([]);
  });

  test('can be abandoned by one function: the one that has read its last attempt', async () => {
    await writeIntent();
    const [intent] = (await table.contents('rooms')).meetings;
    expect(await table.abandon('rooms', { ...intent, attemptedAt: now - 1 }, now + 1)).toBeUndefined();
    expect(await table.abandon('rooms', intent, now + 1)).toEqual({ ClientRequestToken: 'a' });
    expect(await stateOf()).toBe('abandoned');
    expect(await table.abandon('rooms', intent, now + 2)).toBeUndefined();
    expect(await table.abandon('rooms', { ...intent, attemptedAt: now + 1 }, now + 2)).toEqual({ ClientRequestToken: 'a' });
    expect(await table.markReady(POOL, created(), { attendees: [] })).toBe(false);
  });

  test('cannot be abandoned when its meeting is ready', async () => {
    await ready();
    expect(await table.abandon('rooms', { token: 'a', attemptedAt: now } as never, now + 1)).toBeUndefined();
    expect(await stateOf()).toBe('ready');
  });
});

describe('a ready meeting', () => {
  test('is found with its attendees, if it lasts long enough', async () => {
    const attendees = [{ AttendeeId: 'i', ExternalUserId: 'bot', JoinToken: 'j'.repeat(20) }];
    await writeIntent();
    await table.markReady(POOL, created(), { attendees });
    expect(await table.ready('rooms', now + 300_000)).toEqual([{ token: 'a', endsAt: now + 300_000, meeting: MEETING, attendees, reserved: 0 }]);
    expect(await table.ready('rooms', now + 300_001)).toEqual([]);
    expect(await table.ready('others', now)).toEqual([]);
  });

  test('is found without attendees if it has none, or if they are too long for an item', async () => {
    const attendees = (characters: number) => [{ AttendeeId: 'i', ExternalUserId: 'bot', JoinToken: 'j'.repeat(characters) }];
    const rest = JSON.stringify(attendees(0)).length;
    for (const [slot, stored] of [[], attendees(300_000 - rest), attendees(300_001 - rest)].entries()) {
      await writeIntent(`m${slot}`, slot);
      await table.markReady(POOL, { ...created(`m${slot}`), createdAt: now + slot }, { attendees: stored });
    }
    expect((await table.ready('rooms', now)).map(({ attendees: { length } }) => length)).toEqual([0, 1, 0]);
  });

  test('is not found after it was retired, leased, or ended', async () => {
    for (const slot of [0, 1, 2, 3]) await ready(`m${slot}`, slot);
    expect(await table.retire('rooms', 'm0')).toBe(true);
    await table.lease('rooms', 'm1', { clientRequestToken: 'room' }, now);
    await table.markEnded('rooms', { token: 'm2' }, now);
    expect((await table.ready('rooms', now)).map(({ token }) => token)).toEqual(['m3']);
    for (const token of ['m0', 'm1', 'm2', 'never-was']) expect(await table.retire('rooms', token)).toBe(false);
    expect(await Promise.all(['m0', 'm1', 'm2', 'm3', 'never-was'].map((token) => stateOf(token)))).toEqual(['retired', 'leased', 'ended', 'ready', undefined]);
  });

  test('loses its description and its attendees when it is retired or ended', async () => {
    await writeIntent('a', 0);
    await table.markReady(POOL, created(), { attendees: [{ AttendeeId: 'i', ExternalUserId: 'bot' }] });
    await table.retire('rooms', 'a');
    expect(item('meeting#')).not.toHaveProperty('attendees');
    expect(item('meeting#')).not.toHaveProperty('meeting');
    await writeIntent('b', 1);
    await table.markEnded('rooms', { token: 'b' }, now + 5_000);
    const ended = setup.items('meeting#b')[0];
    expect(ended).toMatchObject({ life: 'ended', expiresAt: inSeconds(now + 5_000 + HOUR) });
    expect(ended).not.toHaveProperty('request');
  });
});

test('marks create no record, and a check marks only leased meetings', async () => {
  await table.markVerified('rooms', 'never-was', 'second');
  await table.markEnded('rooms', { token: 'never-was' }, now);
  await table.markChecked('rooms', 'never-was', now);
  expect(setup.items('meeting#')).toEqual([]);
  await ready();
  await table.markChecked('rooms', 'a', now);
  expect(item('meeting#')).not.toHaveProperty('lookedAt');
  await table.markVerified('rooms', 'a', 'second');
  expect(item('meeting#').seenBy).toBe('second');
  await table.lease('rooms', 'a', { clientRequestToken: 'room' }, now);
  await table.markChecked('rooms', 'a', now);
  expect(item('meeting#').lookedAt).toBe(now);
});

test('only unchanged records and slots are deleted', async () => {
  await ready();
  await table.deleteRecord('rooms', { token: 'a', state: 'retired', attemptedAt: now });
  await table.deleteRecord('rooms', { token: 'a', state: 'ready', attemptedAt: now - 1 });
  await table.deleteSlot('rooms', { slot: 0, generation: 0, token: 'a' });
  expect([setup.items('meeting#').length, setup.items('slot#').length]).toEqual([1, 1]);
  await table.deleteRecord('rooms', { token: 'a', state: 'ready', attemptedAt: now });
  await table.deleteSlot('rooms', { slot: 0, generation: 1, token: 'a' });
  expect([setup.items('meeting#').length, setup.items('slot#').length]).toEqual([0, 0]);
});

describe('an error', () => {
  test('other than a failed condition is thrown', async () => {
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'UpdateItem' });
    await expect(table.changePool(POOL)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('that repeats a join token loses its message', async () => {
    await writeIntent();
    const JoinToken = 'token-of-twenty-five-chars';
    setup.emulator.addFault({ kind: 'error', error: 'ValidationException', message: `not valid: ${JoinToken}`, status: 400, operation: 'UpdateItem' });
    const failed = await table.markReady(POOL, created(), { attendees: [{ AttendeeId: 'i', ExternalUserId: 'bot' }, { AttendeeId: 'i', ExternalUserId: 'bot', JoinToken }] })
      .catch((error: Error) => error) as Error;
    expect(failed.name).toBe('ValidationException');
    expect(failed.message).not.toContain(JoinToken);
  });
});

describe('a canceled transaction', () => {
  const cancelled = (CancellationReasons?: { Code: string }[]) => {
    const send = async () => { throw Object.assign(new Error('cancelled'), { name: 'TransactionCanceledException', CancellationReasons }); };
    return new PoolTable({ client: { send } as never, tableName: TABLE, abortSignal: new AbortController().signal });
  };
  const ROOM = { clientRequestToken: 'room' };

  test('reports a conflict if another transaction wrote to the same items', async () => {
    const other = cancelled([{ Code: 'None' }, { Code: 'TransactionConflict' }, { Code: 'None' }]);
    expect(await other.writeIntents(POOL, [{ slot: 0, generation: 0, endPrevious: 'never' }], () => request('a'), now)).toBe('conflict');
    expect(await other.lease('rooms', 'a', ROOM, now)).toEqual({ outcome: 'conflict' });
    expect(await other.leaseOnDemand(POOL, request('a'), ROOM, now)).toEqual({ outcome: 'conflict' });
  });

  test('reports that another checkout is leasing the meeting', async () => {
    expect(await cancelled([{ Code: 'TransactionConflict' }, { Code: 'None' }]).lease('rooms', 'a', ROOM, now)).toEqual({ outcome: 'beingLeased' });
    expect(await cancelled([{ Code: 'TransactionConflict' }, { Code: 'TransactionConflict' }]).lease('rooms', 'a', ROOM, now)).toEqual({ outcome: 'conflict' });
    expect(await cancelled([{ Code: 'ThrottlingError' }, { Code: 'None' }]).lease('rooms', 'a', ROOM, now)).toEqual({ outcome: 'conflict' });
  });

  const RESERVED = { attendees: [], reserved: [{ AttendeeId: 'i', ExternalUserId: 'reserved', JoinToken: 'token' }] };
  const recorded = async (Code: string) => {
    jest.spyOn(PoolTable.prototype, 'meeting').mockResolvedValue(undefined);
    return cancelled([{ Code }, { Code: 'None' }]).markReady(POOL, created(), RESERVED).finally(() => jest.restoreAllMocks());
  };

  test('shows that another function has abandoned the intent only if the condition of the record failed', async () => {
    expect(await recorded('ConditionalCheckFailed')).toBe(false);
  });

  test.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])('(%s) leaves a new meeting unrecorded, which is a transient error', async (reason) => {
    const failed = await recorded(reason).catch((error: Error) => error);
    expect(failed).toMatchObject({ name: 'TransientError', message: `the meeting a could not be recorded: ${reason}, None` });
  });

  test('without reasons is an error', async () => {
    await expect(cancelled().lease('rooms', 'a', ROOM, now)).rejects.toThrow('cancelled');
  });
});

describe('a lease', () => {
  const ROOM = { clientRequestToken: 'room' };

  test('belongs to one meeting and one token', async () => {
    await ready('a', 0);
    await ready('b', 1);
    expect(await table.lease('rooms', 'a', ROOM, now)).toEqual({ outcome: 'leased' });
    expect(await table.meeting('rooms', 'a')).toMatchObject({ state: 'leased', leaseToken: 'room', expiresAt: inSeconds(now + 25 * HOUR) });
    expect(item('lease#')).toMatchObject({ item: 'lease#room', expiresAt: inSeconds(now + 25 * HOUR) });
    expect(await table.lease('rooms', 'a', { clientRequestToken: 'hall' }, now)).toEqual({ outcome: 'alreadyLeased' });
    expect(await table.lease('rooms', 'b', ROOM, now)).toEqual({ outcome: 'tokenInUse', token: 'a' });
    expect([await stateOf('b'), setup.items('lease#').length]).toEqual(['ready', 1]);
  });

  test('replaces a lease whose meeting has ended, and no other', async () => {
    for (const [slot, token] of ['a', 'b', 'c'].entries()) await ready(token, slot);
    await table.lease('rooms', 'a', ROOM, now);
    expect(await table.lease('rooms', 'b', { ...ROOM, replaced: 'a' }, now)).toEqual({ outcome: 'leased' });
    expect(await table.lease('rooms', 'c', { ...ROOM, replaced: 'a' }, now)).toEqual({ outcome: 'tokenInUse', token: 'b' });
    expect(await table.lease('rooms', 'c', { clientRequestToken: 'hall', replaced: 'a' }, now)).toEqual({ outcome: 'tokenInUse', token: undefined });
  });

  test('replaces an expired lease that DynamoDB has not deleted yet', async () => {
    await start({ table: { ttlDelay: 48 * HOUR } });
    await ready('a', 0);
    await table.lease('rooms', 'a', ROOM, now);
    await ready('b', 1);
    expect(await table.lease('rooms', 'b', ROOM, now + 25 * HOUR)).toEqual({ outcome: 'tokenInUse', token: 'a' });
    expect(await table.lease('rooms', 'b', ROOM, now + 25 * HOUR + 1_001)).toEqual({ outcome: 'leased' });
  });

  test('of an on-demand meeting requires an open pool and an unused token', async () => {
    const creation = request('onDemand');
    expect(await table.leaseOnDemand(POOL, creation, ROOM, now)).toEqual({ outcome: 'leased' });
    expect(await table.meeting('rooms', 'onDemand')).toMatchObject({
      state: 'creating', settingsHash: 'now', attemptedAt: now, leaseToken: 'room', request: creation, expiresAt: inSeconds(now + HOUR),
    });
    expect(await table.leaseOnDemand(POOL, request('other'), ROOM, now)).toEqual({ outcome: 'tokenInUse', token: 'onDemand' });
    expect(await table.leaseOnDemand(POOL, creation, { clientRequestToken: 'hall' }, now)).toEqual({ outcome: 'alreadyLeased' });
    await table.closePool('rooms', now);
    expect(await table.leaseOnDemand(POOL, request('third'), { clientRequestToken: 'hall' }, now)).toEqual({ outcome: 'closed' });
    expect([setup.items('meeting#').length, setup.items('lease#').length]).toEqual([1, 1]);
  });

  test('is canceled together with the intent of its meeting, or not at all', async () => {
    await table.leaseOnDemand(POOL, request('onDemand'), ROOM, now);
    await table.cancelLease('rooms', 'onDemand', 'hall');
    await table.leaseOnDemand(POOL, request('other'), { clientRequestToken: 'hall' }, now);
    await table.cancelLease('rooms', 'onDemand', 'hall');
    expect([setup.items('meeting#').length, setup.items('lease#').length]).toEqual([2, 2]);
    await table.cancelLease('rooms', 'onDemand', 'room');
    expect([setup.items('meeting#').map(({ item: key }) => key), setup.items('lease#').map(({ item: key }) => key)]).toEqual([['meeting#other'], ['lease#hall']]);
    await table.markLeased('rooms', created('other'));
    await table.cancelLease('rooms', 'other', 'hall');
    expect([setup.items('meeting#').length, setup.items('lease#').length]).toEqual([1, 1]);
  });

  test('is deleted only for its own meeting', async () => {
    await table.leaseOnDemand(POOL, request('onDemand'), ROOM, now);
    await table.deleteLease('rooms', 'room', 'other');
    expect(setup.items('lease#')).toHaveLength(1);
    await table.deleteLease('rooms', 'room', 'onDemand');
    expect(setup.items('lease#')).toEqual([]);
  });
});

describe('an assignment', () => {
  const [ALICE, BOB, CAROL, DAVE] = ['alice', 'Bob', 'carol', 'dave'];
  const leased = async () => {
    await writeIntent();
    const reserved = [0, 1, 2].map((index) => ({ AttendeeId: `attendee-${index}`, ExternalUserId: `reserved-${index}`, JoinToken: `token-${index}` }));
    await table.markReady(POOL, created(), { attendees: [], reserved });
    await table.lease('rooms', 'a', { clientRequestToken: 'room', assigned: [ALICE] }, now);
    return (await table.meeting('rooms', 'a'))!;
  };

  test('returns all users in the order of their attendees', async () => {
    const record = await leased();
    expect(record).toMatchObject({ reserved: 3, assigned: [ALICE] });
    expect(await table.assign('rooms', record, [BOB, CAROL])).toEqual([ALICE, BOB, CAROL]);
  });

  test('fails as a whole if concurrent calls have left too few attendees', async () => {
    const record = await leased();
    // Both calls have read the same record, with two attendees left.
    expect(await table.assign('rooms', record, [BOB])).toEqual([ALICE, BOB]);
    expect(await table.assign('rooms', record, [CAROL, DAVE])).toBeUndefined();
    expect(await table.assign('rooms', record, [CAROL])).toEqual([ALICE, BOB, CAROL]);
    expect(await table.assign('rooms', record, [DAVE])).toBeUndefined();
    expect(await table.meeting('rooms', 'a')).toMatchObject({ assigned: [ALICE, BOB, CAROL] });
  });

  test('fails if one of the users has an attendee, whatever the case of the name', async () => {
    const record = await leased();
    expect(await table.assign('rooms', record, [BOB, 'Alice'])).toBeUndefined();
    expect(await table.meeting('rooms', 'a')).toMatchObject({ assigned: [ALICE] });
  });

  test('fails after the meeting has ended', async () => {
    const record = await leased();
    await table.markEnded('rooms', record, now);
    expect(await table.assign('rooms', record, [BOB])).toBeUndefined();
  });
});

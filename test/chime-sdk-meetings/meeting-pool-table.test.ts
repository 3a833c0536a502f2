import { PoolSetup, type PoolSetupOptions, TABLE } from './pool-setup';
import type { PoolItem } from '../../lambda/chime-sdk-meetings/meeting-pool/items';
import { PoolTable, tableClient } from '../../lambda/chime-sdk-meetings/meeting-pool/table';
import { requestHandler } from '../../local/emulator';
import { REGION } from '../handler-setup';

/* What holds only if nobody else was quicker: each write alone, after what the others may have done. */

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
  // It puts the credentials into the environment.
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
/** The meeting with which a slot's next generation begins. */
const intend = (token = 'a', slot = 0, generation = 0) =>
  table.intend(POOL, [{ slot, generation, endFormer: 'never' }], () => ({ token, request: request(token) }), now);
const made = (token = 'a') => ({ token, createdAt: now, meeting: MEETING });
const ready = async (token = 'a', slot = 0) => {
  await intend(token, slot);
  await table.markReady(POOL, made(token), []);
};
const life = async (token = 'a') => (await table.meeting('rooms', token))?.life;
const inSeconds = (time: number) => Math.ceil(time / 1000);

describe('a pool', () => {
  test('is added once, and never again when it was closed', async () => {
    expect(await table.addPool({ ...POOL, size: 7 })).toBe(false);
    expect(await table.pool('rooms')).toMatchObject(POOL);
    await table.closePool('rooms', now);
    expect(await table.addPool(POOL)).toBe(false);
    expect((await table.pool('rooms'))!.state).toBe('closed');
  });

  test('that a create is still about to add is closed too, and known by its name for as long as meetings live', async () => {
    await table.closePool('others', now);
    expect(await table.pool('others')).toEqual({ pool: 'others', item: 'pool', name: 'others', state: 'closed', expiresAt: inSeconds(now + 24 * HOUR) });
  });

  test('is changed in what may change, while it is open', async () => {
    const wished = { ...POOL, operation: 'second', size: 9, settings: { MediaRegion: 'eu-central-1', Tags: [] }, settingsHash: 'next', minimumRemainingLifetime: 60_000 };
    expect(await table.changePool({ ...wished, createOnly: 'other', region: 'other' })).toBe(true);
    expect(await table.pool('rooms')).toMatchObject(wished);
    await table.closePool('rooms', now);
    expect(await table.changePool(POOL)).toBe(false);
    expect(await table.changePool({ ...POOL, name: 'never-was' })).toBe(false);
    expect(await table.pool('never-was')).toBeUndefined();
  });

  test('is found by the beginning of its name, on whatever page of the table it is', async () => {
    const settings = { MediaRegion: 'x'.repeat(300_000), Tags: [] };
    for (const name of ['room', 'rooms-a', 'rooms-b', 'rooms-c', 'rooms-d']) await table.addPool({ ...POOL, name, settings });
    await ready();
    const found = await table.findPools('rooms');
    expect(found.map(({ name }) => name).sort()).toEqual(['rooms', 'rooms-a', 'rooms-b', 'rooms-c', 'rooms-d']);
    expect(found.find(({ name }) => name === 'rooms-a')).toMatchObject({ settings });
    expect(setup.calls('Scan').length).toBeGreaterThan(1);
  });

  test('is locked for one, until then or until that one unlocks it', async () => {
    expect(await table.lock('rooms', 'one', now, now + 60_000)).toBe(true);
    expect(await table.lock('rooms', 'other', now + 59_999, now + 120_000)).toBe(false);
    expect(await table.lock('rooms', 'one', now, now + 60_000)).toBe(true);
    await table.unlock('rooms', 'other');
    expect(await table.lock('rooms', 'other', now, now + 60_000)).toBe(false);
    await table.unlock('rooms', 'one');
    expect(await table.lock('rooms', 'other', now, now + 60_000)).toBe(true);
    expect(await table.lock('rooms', 'third', now + 60_000, now + 120_000)).toBe(true);
  });

  test('can be locked when the lock has expired, and never when the pool is closed', async () => {
    await table.lock('rooms', 'one', now, now + 60_000);
    expect(await table.lock('rooms', 'other', now + 59_999, now + 120_000)).toBe(false);
    expect(await table.lock('rooms', 'other', now + 60_000, now + 120_000)).toBe(true);
    await table.closePool('rooms', now);
    expect(await table.lock('rooms', 'other', now + 180_000, now + 240_000)).toBe(false);
  });

  test('is read as it is now, with all that it holds, however reads lag', async () => {
    await ready();
    await table.lease('rooms', 'a', { clientRequestToken: 'room' }, now);
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 5_000 });
    expect(await table.pool('rooms')).toBeDefined();
    expect(await table.findPools('rooms')).toHaveLength(1);
    expect(await table.contents('rooms')).toMatchObject({ slots: [{ token: 'a' }], meetings: [{ token: 'a' }] });
    expect(await life()).toBe('leased');
  });
});

describe('what a pool holds', () => {
  test('are slots and meetings, without leases and join tokens, on all pages', async () => {
    const attendees = [{ AttendeeId: 'i', ExternalUserId: 'bot', JoinToken: 'j'.repeat(290_000) }];
    for (const slot of [0, 1, 2, 3, 10]) {
      await intend(`m${slot}`, slot);
      await table.markReady(POOL, made(`m${slot}`), attendees);
    }
    await table.lease('rooms', 'm10', { clientRequestToken: 'room' }, now);
    const { slots, meetings } = await table.contents('rooms');
    expect(slots.map(({ slot, generation, token }) => [slot, generation, token])).toEqual([0, 1, 2, 3, 10].map((slot) => [slot, 1, `m${slot}`]));
    expect(meetings.map(({ token }) => token).sort()).toEqual(['m0', 'm1', 'm10', 'm2', 'm3']);
    expect(meetings.find(({ token }) => token === 'm10')).toEqual({
      item: 'meeting#m10',
      token: 'm10',
      life: 'leased',
      slot: 10,
      settingsHash: 'now',
      attemptedAt: now,
      meetingId: 'meeting-1',
      createdAt: now,
      endsAt: now + 300_000,
      seenBy: 'first',
      leaseToken: 'room',
    });
    expect(setup.calls('Query').length).toBeGreaterThan(1);
  });
});

describe('an intent', () => {
  test('is written for each slot that nobody else has moved on', async () => {
    const fills = [0, 1, 2].map((slot) => ({ slot, generation: 0, endFormer: 'never' as const, seenBy: 'first' }));
    const of = ({ slot, generation }: { slot: number; generation: number }) => ({ token: `m${slot}-${generation}`, request: request('r') });
    expect(await table.intend(POOL, [fills[1]], of, now)).toEqual({ fills: [fills[1]] });
    expect(await table.intend(POOL, fills, of, now)).toEqual({ fills: [fills[0], fills[2]] });
    expect(await table.intend(POOL, fills, of, now)).toEqual({ fills: [] });
    const next = { ...fills[0], generation: 1 };
    expect(await table.intend(POOL, [next, { ...fills[1], generation: 2 }], of, now)).toEqual({ fills: [next] });
    expect((await table.contents('rooms')).slots.map(({ token, generation }) => [token, generation])).toEqual([['m0-1', 2], ['m1-0', 1], ['m2-0', 1]]);
    expect(item('slot#').seenBy).toBe('first');
  });

  test('is not written for a token that there is already', async () => {
    await ready();
    const fills = [1, 2, 3].map((slot) => ({ slot, generation: 0, endFormer: 'never' as const }));
    const of = ({ slot }: { slot: number }) => ({ token: slot === 2 ? 'a' : `m${slot}`, request: request('r') });
    expect(await table.intend(POOL, fills.slice(0, 2), of, now)).toEqual({ fills: [fills[0]] });
    expect(await table.intend(POOL, fills.slice(1), of, now)).toEqual({ fills: [fills[2]] });
    expect(await life()).toBe('ready');
  });

  test('is not written for a closed pool', async () => {
    await table.closePool('rooms', now);
    expect(await intend()).toBe('closed');
    expect(setup.items('meeting#')).toEqual([]);
  });

  test('is kept with what is asked for, for an hour', async () => {
    await intend();
    const intent = { life: 'creating', attemptedAt: now, request: { ClientRequestToken: 'a' }, expiresAt: inSeconds(now + HOUR) };
    expect(await table.meeting('rooms', 'a')).toMatchObject(intent);
  });

  test('becomes a ready meeting, also when the answer to that was lost; never another', async () => {
    await intend();
    expect(await table.markReady(POOL, made(), [])).toBe(true);
    expect(await table.markReady(POOL, made(), [])).toBe(true);
    expect(await table.markReady(POOL, { ...made(), meeting: { MeetingId: 'another' } }, [])).toBe(false);
    const meeting = (await table.meeting('rooms', 'a'))!;
    expect(meeting).toMatchObject({
      life: 'ready', readyIn: 'rooms', seenBy: 'first', meetingId: 'meeting-1', meeting: MEETING, createdAt: now, endsAt: now + 300_000, expiresAt: inSeconds(now + 300_000 + HOUR),
    });
    expect(meeting).not.toHaveProperty('request');
    expect(await table.markReady(POOL, made('never-was'), [])).toBe(false);
  });

  test('becomes a leased one, for as long as it may live', async () => {
    await intend();
    expect(await table.markLeased('rooms', made())).toBe(true);
    expect(await table.meeting('rooms', 'a')).toMatchObject({ life: 'leased', meetingId: 'meeting-1', expiresAt: inSeconds(now + 25 * HOUR) });
    expect(await table.ready('rooms', now)).toEqual([]);
  });

  test('is taken over by who has seen it last', async () => {
    await intend();
    const [intent] = (await table.contents('rooms')).meetings;
    expect(await table.abandon('rooms', { ...intent, attemptedAt: now - 1 }, now + 1)).toBeUndefined();
    expect(await table.abandon('rooms', intent, now + 1)).toEqual({ ClientRequestToken: 'a' });
    expect(await life()).toBe('abandoned');
    expect(await table.abandon('rooms', intent, now + 2)).toBeUndefined();
    expect(await table.abandon('rooms', { ...intent, attemptedAt: now + 1 }, now + 2)).toEqual({ ClientRequestToken: 'a' });
    expect(await table.markReady(POOL, made(), [])).toBe(false);
  });

  test('is not taken over when its meeting is ready', async () => {
    await ready();
    expect(await table.abandon('rooms', { token: 'a', attemptedAt: now } as never, now + 1)).toBeUndefined();
    expect(await life()).toBe('ready');
  });
});

describe('a ready meeting', () => {
  test('is found with those who are in it, if it lasts long enough', async () => {
    const attendees = [{ AttendeeId: 'i', ExternalUserId: 'bot', JoinToken: 'j'.repeat(20) }];
    await intend();
    await table.markReady(POOL, made(), attendees);
    expect(await table.ready('rooms', now + 300_000)).toEqual([{ token: 'a', meeting: MEETING, attendees }]);
    expect(await table.ready('rooms', now + 300_001)).toEqual([]);
    expect(await table.ready('others', now)).toEqual([]);
  });

  test('is found without them, where there are none or too much to be held', async () => {
    const attendees = (characters: number) => [{ AttendeeId: 'i', ExternalUserId: 'bot', JoinToken: 'j'.repeat(characters) }];
    const rest = JSON.stringify(attendees(0)).length;
    for (const [slot, stored] of [[], attendees(300_000 - rest), attendees(300_001 - rest)].entries()) {
      await intend(`m${slot}`, slot);
      await table.markReady(POOL, { ...made(`m${slot}`), createdAt: now + slot }, stored);
    }
    expect((await table.ready('rooms', now)).map(({ attendees: { length } }) => length)).toEqual([0, 1, 0]);
  });

  test('is shown to nobody once it is retired, leased or ended', async () => {
    for (const slot of [0, 1, 2, 3]) await ready(`m${slot}`, slot);
    expect(await table.retire('rooms', 'm0')).toBe(true);
    await table.lease('rooms', 'm1', { clientRequestToken: 'room' }, now);
    await table.markEnded('rooms', 'm2', now);
    expect((await table.ready('rooms', now)).map(({ token }) => token)).toEqual(['m3']);
    for (const token of ['m0', 'm1', 'm2', 'never-was']) expect(await table.retire('rooms', token)).toBe(false);
    expect(await Promise.all(['m0', 'm1', 'm2', 'm3', 'never-was'].map((token) => life(token)))).toEqual(['retired', 'leased', 'ended', 'ready', undefined]);
  });

  test('leaves nothing of what it was when it is over', async () => {
    await intend('a', 0);
    await table.markReady(POOL, made(), [{ AttendeeId: 'i', ExternalUserId: 'bot' }]);
    await table.retire('rooms', 'a');
    expect(item('meeting#')).not.toHaveProperty('attendees');
    expect(item('meeting#')).not.toHaveProperty('meeting');
    await intend('b', 1);
    await table.markEnded('rooms', 'b', now + 5_000);
    const ended = setup.items('meeting#b')[0];
    expect(ended).toMatchObject({ life: 'ended', expiresAt: inSeconds(now + 5_000 + HOUR) });
    expect(ended).not.toHaveProperty('request');
  });
});

test('nothing is noted of what is not there, or not leased', async () => {
  await table.markSeen('rooms', 'never-was', 'second');
  await table.markEnded('rooms', 'never-was', now);
  await table.markLookedAt('rooms', 'never-was', now);
  expect(setup.items('meeting#')).toEqual([]);
  await ready();
  await table.markLookedAt('rooms', 'a', now);
  expect(item('meeting#')).not.toHaveProperty('lookedAt');
  await table.markSeen('rooms', 'a', 'second');
  expect(item('meeting#').seenBy).toBe('second');
  await table.lease('rooms', 'a', { clientRequestToken: 'room' }, now);
  await table.markLookedAt('rooms', 'a', now);
  expect(item('meeting#').lookedAt).toBe(now);
});

test('only what is as it was seen is taken out of the table', async () => {
  await ready();
  await table.forget('rooms', { token: 'a', life: 'retired', attemptedAt: now });
  await table.forget('rooms', { token: 'a', life: 'ready', attemptedAt: now - 1 });
  await table.dropSlot('rooms', { slot: 0, generation: 0, token: 'a' });
  expect([setup.items('meeting#').length, setup.items('slot#').length]).toEqual([1, 1]);
  await table.forget('rooms', { token: 'a', life: 'ready', attemptedAt: now });
  await table.dropSlot('rooms', { slot: 0, generation: 1, token: 'a' });
  expect([setup.items('meeting#').length, setup.items('slot#').length]).toEqual([0, 0]);
});

describe('an error', () => {
  test('that is no refused condition is thrown', async () => {
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'UpdateItem' });
    await expect(table.changePool(POOL)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('that repeats a join token loses its words', async () => {
    await intend();
    const JoinToken = 'token-of-twenty-five-chars';
    setup.emulator.addFault({ kind: 'error', error: 'ValidationException', message: `not valid: ${JoinToken}`, status: 400, operation: 'UpdateItem' });
    const failed = await table.markReady(POOL, made(), [{ AttendeeId: 'i', ExternalUserId: 'bot' }, { AttendeeId: 'i', ExternalUserId: 'bot', JoinToken }])
      .catch((error: Error) => error) as Error;
    expect(failed.name).toBe('ValidationException');
    expect(failed.message).not.toContain(JoinToken);
  });
});

describe('a transaction that was cancelled', () => {
  const cancelled = (CancellationReasons?: { Code: string }[]) => {
    const send = async () => { throw Object.assign(new Error('cancelled'), { name: 'TransactionCanceledException', CancellationReasons }); };
    return new PoolTable({ client: { send } as never, tableName: TABLE, abortSignal: new AbortController().signal });
  };
  const ROOM = { clientRequestToken: 'room' };

  test('because of another one at the same items is to be tried again', async () => {
    const other = cancelled([{ Code: 'None' }, { Code: 'TransactionConflict' }, { Code: 'None' }]);
    expect(await other.intend(POOL, [{ slot: 0, generation: 0, endFormer: 'never' }], () => ({ token: 'a', request: request('a') }), now)).toBe('conflict');
    expect(await other.lease('rooms', 'a', ROOM, now)).toEqual({ outcome: 'conflict' });
    expect(await other.leaseOnTheSpot(POOL, request('a'), ROOM, now)).toEqual({ outcome: 'conflict' });
  });

  test('for reasons that are not told is an error', async () => {
    await expect(cancelled().lease('rooms', 'a', ROOM, now)).rejects.toThrow('cancelled');
  });
});

describe('a lease', () => {
  const ROOM = { clientRequestToken: 'room' };

  test('is of one meeting and one token', async () => {
    await ready('a', 0);
    await ready('b', 1);
    expect(await table.lease('rooms', 'a', ROOM, now)).toEqual({ outcome: 'leased' });
    expect(await table.meeting('rooms', 'a')).toMatchObject({ life: 'leased', leaseToken: 'room', expiresAt: inSeconds(now + 25 * HOUR) });
    expect(item('lease#')).toMatchObject({ item: 'lease#room', expiresAt: inSeconds(now + 25 * HOUR) });
    expect(await table.lease('rooms', 'a', { clientRequestToken: 'hall' }, now)).toEqual({ outcome: 'taken' });
    expect(await table.lease('rooms', 'b', ROOM, now)).toEqual({ outcome: 'exists', token: 'a' });
    expect([await life('b'), setup.items('lease#').length]).toEqual(['ready', 1]);
  });

  test('takes the place of one whose meeting has ended, and of no other', async () => {
    for (const [slot, token] of ['a', 'b', 'c'].entries()) await ready(token, slot);
    await table.lease('rooms', 'a', ROOM, now);
    expect(await table.lease('rooms', 'b', { ...ROOM, replaced: 'a' }, now)).toEqual({ outcome: 'leased' });
    expect(await table.lease('rooms', 'c', { ...ROOM, replaced: 'a' }, now)).toEqual({ outcome: 'exists', token: 'b' });
    expect(await table.lease('rooms', 'c', { clientRequestToken: 'hall', replaced: 'a' }, now)).toEqual({ outcome: 'exists', token: undefined });
  });

  test('takes the place of one that is over, though it is still in the table', async () => {
    await start({ table: { ttlDelay: 48 * HOUR } });
    await ready('a', 0);
    await table.lease('rooms', 'a', ROOM, now);
    await ready('b', 1);
    expect(await table.lease('rooms', 'b', ROOM, now + 25 * HOUR)).toEqual({ outcome: 'exists', token: 'a' });
    expect(await table.lease('rooms', 'b', ROOM, now + 25 * HOUR + 1_001)).toEqual({ outcome: 'leased' });
  });

  test('of a meeting that is yet to be made: if the pool is open, and the token stands for no other', async () => {
    const creation = request('spot');
    expect(await table.leaseOnTheSpot(POOL, creation, ROOM, now)).toEqual({ outcome: 'leased' });
    expect(await table.meeting('rooms', 'spot')).toMatchObject({
      life: 'creating', settingsHash: 'now', attemptedAt: now, leaseToken: 'room', request: creation, expiresAt: inSeconds(now + HOUR),
    });
    expect(await table.leaseOnTheSpot(POOL, request('other'), ROOM, now)).toEqual({ outcome: 'exists', token: 'spot' });
    expect(await table.leaseOnTheSpot(POOL, creation, { clientRequestToken: 'hall' }, now)).toEqual({ outcome: 'taken' });
    await table.closePool('rooms', now);
    expect(await table.leaseOnTheSpot(POOL, request('third'), { clientRequestToken: 'hall' }, now)).toEqual({ outcome: 'closed' });
    expect([setup.items('meeting#').length, setup.items('lease#').length]).toEqual([1, 1]);
  });

  test('is given back with the meeting that was not made, both or none', async () => {
    await table.leaseOnTheSpot(POOL, request('spot'), ROOM, now);
    await table.cancelLease('rooms', 'spot', 'hall');
    await table.leaseOnTheSpot(POOL, request('other'), { clientRequestToken: 'hall' }, now);
    await table.cancelLease('rooms', 'spot', 'hall');
    expect([setup.items('meeting#').length, setup.items('lease#').length]).toEqual([2, 2]);
    await table.cancelLease('rooms', 'spot', 'room');
    expect([setup.items('meeting#').map(({ item: key }) => key), setup.items('lease#').map(({ item: key }) => key)]).toEqual([['meeting#other'], ['lease#hall']]);
    await table.markLeased('rooms', made('other'));
    await table.cancelLease('rooms', 'other', 'hall');
    expect([setup.items('meeting#').length, setup.items('lease#').length]).toEqual([1, 1]);
  });

  test('is forgotten only where it stands for that meeting', async () => {
    await table.leaseOnTheSpot(POOL, request('spot'), ROOM, now);
    await table.forgetLease('rooms', 'room', 'other');
    expect(setup.items('lease#')).toHaveLength(1);
    await table.forgetLease('rooms', 'room', 'spot');
    expect(setup.items('lease#')).toEqual([]);
  });
});

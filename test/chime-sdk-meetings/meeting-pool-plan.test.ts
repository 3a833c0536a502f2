import type { MeetingItem, PoolItem, SlotItem } from '../../lambda/chime-sdk-meetings/meeting-pool/items';
import { isLeasable, leasableUntil, planOf } from '../../lambda/chime-sdk-meetings/meeting-pool/plan';

const NOW = 10_000_000;
const pool = {
  name: 'pool', state: 'open', createOnly: '', operation: 'this', size: 2, settingsHash: 'now', minimumRemainingLifetime: 120_000, namespace: 'CHIME_SDK', region: 'us-east-1',
} as PoolItem;
const slot = (index: number, token = `m${index}`, more: Partial<SlotItem> = {}): SlotItem => ({ slot: index, generation: 3, token, ...more });
const meeting = (token: string, age: number, more: Partial<MeetingItem> = {}): MeetingItem => ({
  token, state: 'ready', slot: Number(token[1]), settingsHash: 'now', attemptedAt: NOW - age, meetingId: `id-${token}`, createdAt: NOW - age, endsAt: NOW - age + 300_000, ...more,
});
const plan = (slots: SlotItem[], meetings: MeetingItem[], kind: 'deploy' | 'maintain' = 'maintain', of: Partial<PoolItem> = {}) =>
  planOf({ ...pool, ...of }, { slots, meetings }, NOW, kind === 'deploy' ? { kind } : { kind, nextRun: NOW + 60_000 });
const tokens = (meetings: MeetingItem[]) => meetings.map(({ token }) => token);

test('changes nothing if all meetings last until the next run', () => {
  const { fill, end, retire, resolve, verify, checkLeased, deleteRecords, count } = plan([slot(0), slot(1)], [meeting('m0', 0), meeting('m1', 119_000)]);
  expect([fill, end, retire, resolve, verify, checkLeased, deleteRecords]).toEqual([[], [], [], [], [], [], []]);
  expect(count).toEqual({ ready: 2, leased: 0, remainingQuota: 248, reserved: 0 });
});

test.each<[string, MeetingItem[], object]>([
  ['that has had no meeting', [], { previous: undefined, endPrevious: 'never' }],
  ['whose meeting would be too short-lived before the next run', [meeting('m0', 121_000)], { previous: { token: 'm0' }, endPrevious: 'never' }],
  ['whose meeting has ended', [meeting('m0', 400_000)], { previous: undefined }],
  ['whose meeting was leased', [meeting('m0', 0, { state: 'leased' })], { previous: undefined }],
  ['whose meeting is recorded as ended', [meeting('m0', 0, { state: 'ended' })], { previous: undefined }],
  ['whose meeting has other settings', [meeting('m0', 0, { settingsHash: 'before' })], { previous: { token: 'm0' }, endPrevious: 'after' }],
  ['whose intent was abandoned', [meeting('m0', 0, { state: 'abandoned' })], { previous: undefined }],
  ['whose create was interrupted', [meeting('m0', 95_000, { state: 'creating' })], { previous: undefined }],
])('fills a slot %s', (_, meetings, expected) => {
  const { fill } = plan(meetings.length > 0 ? [slot(0)] : [], meetings, 'maintain', { size: 1 });
  expect(fill).toHaveLength(1);
  expect(fill[0]).toMatchObject({ slot: 0, generation: meetings.length > 0 ? 3 : 0 });
  if ('previous' in expected && expected.previous) expect(fill[0]).toMatchObject(expected);
  else expect(fill[0].previous).toBeUndefined();
});

test('waits for a create in progress, and keeps the previous meeting ready until then', () => {
  const { fill, retire, end, waiting } = plan([slot(0, 'm0b'), slot(1)], [meeting('m0a', 130_000), meeting('m0b', 10_000, { state: 'creating' }), meeting('m1', 0)]);
  expect({ fill, retire, end, waiting }).toEqual({ fill: [], retire: [], end: [], waiting: 1 });
});

test('resolves abandoned and interrupted intents, and deletes the records of those whose meeting must have ended', () => {
  const { resolve, deleteRecords } = plan([], [
    meeting('a', 10_000, { state: 'creating' }), meeting('b', 91_000, { state: 'creating' }), meeting('c', 1_000, { state: 'abandoned' }), meeting('d', 400_000, { state: 'abandoned' }),
  ]);
  expect({ resolve: tokens(resolve), deleteRecords: tokens(deleteRecords) }).toEqual({ resolve: ['b', 'c'], deleteRecords: ['d'] });
});

test('deletes a record only when its meeting has certainly ended', () => {
  const DAY = 24 * 3600_000;
  const { deleteRecords } = plan([slot(0), slot(1)], [
    meeting('m0', 0), meeting('m1', 0),
    meeting('a', 301_000, { state: 'retired' }), meeting('b', 361_000, { state: 'retired' }), meeting('c', 0, { state: 'ended' }),
    meeting('d', DAY - 1_000, { state: 'leased', checkedAt: NOW }), meeting('e', DAY + 61_000, { state: 'leased', checkedAt: NOW }),
  ]);
  expect(tokens(deleteRecords)).toEqual(['b', 'c']);
});

test('checks leased meetings that could have ended, the least recently checked first, fifty at most', () => {
  const leased = Array.from({ length: 60 }, (_, index) => meeting(`x${index}`, 3600_000, { state: 'leased', checkedAt: NOW - 300_000 - index }));
  const { checkLeased } = plan([], [...leased, meeting('young', 200_000, { state: 'leased' }), meeting('seen', 3600_000, { state: 'leased', checkedAt: NOW - 10_000 })]);
  expect(tokens(checkLeased)).toEqual(Array.from({ length: 50 }, (_, index) => `x${59 - index}`));
});

test('ends ready meetings with previous settings or of surplus slots, and retires other ready meetings that are not current', () => {
  const { end, retire } = plan([slot(0, 'm0'), slot(1, 'm1')], [
    meeting('m0', 0), meeting('m1', 0), meeting('m0x', 0), meeting('m1x', 0, { settingsHash: 'before' }), meeting('m7', 0), meeting('m1y', 0, { state: 'retired', settingsHash: 'before' }),
  ]);
  expect({ end: tokens(end), retire: tokens(retire) }).toEqual({ end: ['m1x', 'm7', 'm1y'], retire: ['m0x'] });
});

test('at the quota ends retired meetings first, then the meetings to be replaced', () => {
  const others = Array.from({ length: 247 }, (_, index) => meeting(`x${index}`, 3600_000, { state: 'leased', checkedAt: NOW }));
  const { fill, end, count } = plan([slot(0), slot(1)], [...others, meeting('m0', 150_000), meeting('m1', 150_000), meeting('old', 200_000, { state: 'retired', slot: 0 })]);
  expect(count.remainingQuota).toBe(0);
  expect(tokens(end)).toEqual(['old']);
  expect(fill.map(({ endPrevious }) => endPrevious)).toEqual(['before', 'never']);
});

test('does not count a meeting for the quota that expired a few seconds ago, although it keeps the record', () => {
  const over = Array.from({ length: 200 }, (_, index) => meeting(`x${index}`, 306_000, { state: 'retired', slot: 0 }));
  const { fill, end, deleteRecords, count } = plan([slot(0), slot(1)], [...over, meeting('m0', 150_000), meeting('m1', 150_000)]);
  expect({ end, deleteRecords, remainingQuota: count.remainingQuota }).toEqual({ end: [], deleteRecords: [], remainingQuota: 248 });
  expect(fill.map(({ endPrevious }) => endPrevious)).toEqual(['never', 'never']);
});

test('a deployment verifies each ready meeting once', () => {
  const first = plan([slot(0), slot(1)], [meeting('m0', 0), meeting('m1', 0, { verifiedBy: 'this' })], 'deploy');
  expect({ verify: tokens(first.verify), fill: first.fill }).toEqual({ verify: ['m0'], fill: [] });
  const later = plan([slot(0), slot(1, 'm1', { verifiedBy: 'this' })], [meeting('m0', 400_000, { verifiedBy: 'this' })], 'deploy');
  expect({ verify: later.verify, fill: later.fill }).toEqual({ verify: [], fill: [] });
});

test('counts leasable meetings, leased meetings, and for the quota all that exist or expired less than five seconds ago', () => {
  const { count } = plan([slot(0), slot(1)], [
    meeting('m0', 0), meeting('m1', 304_000), meeting('a', 304_000, { state: 'retired' }), meeting('b', 306_000), meeting('c', 306_000, { state: 'retired' }),
    meeting('d', 0, { state: 'leased' }), meeting('e', 400_000, { state: 'leased' }), meeting('f', 0, { state: 'ended' }),
  ]);
  expect(count).toEqual({ ready: 1, leased: 2, remainingQuota: 245, reserved: 0 });
});

test('counts the reserved attendees of leasable meetings', () => {
  const { count } = plan([slot(0), slot(1)], [
    meeting('m0', 0, { reserved: 3 }), meeting('m1', 0, { reserved: 3 }), meeting('a', 306_000, { reserved: 3 }), meeting('b', 0, { state: 'leased', reserved: 3 }),
  ]);
  expect(count).toMatchObject({ ready: 2, reserved: 6 });
});

test('resolves an intent for as long as its meeting can exist', () => {
  const intents = (state: 'creating' | 'abandoned', ...ages: number[]) => ages.map((age) => meeting(`${state}-${age}`, age, { state, slot: 0 }));
  const { resolve, deleteRecords } = plan([], [...intents('creating', 389_000, 391_000), ...intents('abandoned', 329_000, 331_000)]);
  expect({ resolve: tokens(resolve), deleteRecords: tokens(deleteRecords) }).toEqual({ resolve: ['creating-389000', 'abandoned-329000'], deleteRecords: ['creating-391000', 'abandoned-331000'] });
});

test('waits for creates of surplus slots, and ends their ready meetings', () => {
  const { waiting, end } = plan([slot(0)], [meeting('m0', 0), meeting('m1', 0), meeting('m2', 10_000, { state: 'creating' }), meeting('m5', 10_000, { state: 'creating' })], 'maintain', { size: 1 });
  expect({ waiting, end: tokens(end) }).toEqual({ waiting: 2, end: ['m1'] });
  expect(plan([slot(0)], [meeting('m0', 0), meeting('m1', 10_000, { state: 'creating' })], 'maintain', { size: 1 }).waiting).toBe(1);
});

test('retires the extra meeting of a slot while another slot waits', () => {
  const { retire } = plan([slot(0, 'm0b'), slot(1)], [meeting('m0a', 0), meeting('m0b', 10_000, { state: 'creating' }), meeting('m1', 0), meeting('m1x', 0)]);
  expect(tokens(retire)).toEqual(['m1x']);
});

test('checks leased meetings without a check first, and no ready or recently checked ones', () => {
  const leased = (token: string, checkedAt?: number) => meeting(token, 3600_000, { state: 'leased', checkedAt });
  const { checkLeased } = plan([], [leased('x', NOW - 300_000), leased('never'), leased('z', NOW - 900_000), leased('seen', NOW - 299_000), meeting('ready', 330_000)]);
  expect(tokens(checkLeased)).toEqual(['never', 'z', 'x']);
});

test('ends retired meetings in the order in which they expire, without those that have expired', () => {
  const others = Array.from({ length: 246 }, (_, index) => meeting(`x${index}`, 3600_000, { state: 'leased', checkedAt: NOW }));
  const retired = [meeting('later', 200_000, { state: 'retired', slot: 0 }), meeting('sooner', 250_000, { state: 'retired', slot: 0 }), meeting('over', 306_000, { state: 'retired', slot: 0 })];
  const unwanted = meeting('unwanted', 270_000, { state: 'retired', slot: 0, settingsHash: 'before' });
  const { end, fill } = plan([slot(0), slot(1)], [...others, ...retired, unwanted, meeting('m0', 150_000), meeting('m1', 150_000)]);
  expect(tokens(end)).toEqual(['unwanted', 'sooner', 'later']);
  expect(fill.map(({ endPrevious }) => endPrevious)).toEqual(['never', 'never']);
});

test('a slot stays verified in this operation with its next meeting', () => {
  const seen = plan([slot(0, 'm0', { verifiedBy: 'this' }), slot(1, 'm1', { verifiedBy: 'former' })], [meeting('m0', 400_000), meeting('m1', 400_000)]);
  expect(seen.fill.map(({ verifiedBy }) => verifiedBy)).toEqual(['this', undefined]);
  expect(plan([slot(0)], [meeting('m0', 0, { verifiedBy: 'this' })], 'deploy', { size: 1 }).retire).toEqual([]);
});

describe('meetings at the limits of their lifetime', () => {
  const DAY = 24 * 3600_000;

  test('keeps the record of a leased meeting until the service reports its end, even after a day', () => {
    const { deleteRecords, checkLeased } = plan([], [meeting('old', 2 * DAY, { state: 'leased', checkedAt: NOW - DAY })]);
    expect({ deleteRecords, look: tokens(checkLeased) }).toEqual({ deleteRecords: [], look: ['old'] });
  });

  test('a meeting that lasts until the next run can be leased until ten seconds later', () => {
    const m0 = meeting('m0', 120_000);
    expect(plan([slot(0)], [m0], 'maintain', { size: 1 }).fill).toEqual([]);
    expect(leasableUntil(pool, NOW)).toBe(NOW + 110_000);
    expect([70_000, 70_001].map((later) => isLeasable(m0, pool, NOW + later))).toEqual([true, false]);
  });
});

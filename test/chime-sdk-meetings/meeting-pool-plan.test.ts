import type { MeetingItem, PoolItem, SlotItem } from '../../lambda/chime-sdk-meetings/meeting-pool/items';
import { isLeasable, leasableUntil, planOf } from '../../lambda/chime-sdk-meetings/meeting-pool/plan';

const NOW = 10_000_000;
const pool = {
  name: 'pool', state: 'open', createOnly: '', operation: 'this', size: 2, settingsHash: 'now', minimumRemainingLifetime: 120_000, namespace: 'CHIME_SDK', region: 'us-east-1',
} as PoolItem;
const slot = (index: number, token = `m${index}`, more: Partial<SlotItem> = {}): SlotItem => ({ slot: index, generation: 3, token, ...more });
const meeting = (token: string, age: number, more: Partial<MeetingItem> = {}): MeetingItem => ({
  token, life: 'ready', slot: Number(token[1]), settingsHash: 'now', attemptedAt: NOW - age, meetingId: `id-${token}`, createdAt: NOW - age, endsAt: NOW - age + 300_000, ...more,
});
const plan = (slots: SlotItem[], meetings: MeetingItem[], kind: 'deploy' | 'maintain' = 'maintain', of: Partial<PoolItem> = {}) =>
  planOf({ ...pool, ...of }, { slots, meetings }, NOW, kind === 'deploy' ? { kind } : { kind, nextRun: NOW + 60_000 });
const tokens = (meetings: MeetingItem[]) => meetings.map(({ token }) => token);

test('nothing, where all last until the next tick', () => {
  const { fill, end, retire, resolve, verify, look, forget, count } = plan([slot(0), slot(1)], [meeting('m0', 0), meeting('m1', 119_000)]);
  expect([fill, end, retire, resolve, verify, look, forget]).toEqual([[], [], [], [], [], [], []]);
  expect(count).toEqual({ ready: 2, leased: 0, quotaLeft: 248 });
});

test.each<[string, MeetingItem[], object]>([
  ['that was never filled', [], { former: undefined, endFormer: 'never' }],
  ['whose meeting would be too short-lived before the next tick', [meeting('m0', 121_000)], { former: { token: 'm0' }, endFormer: 'never' }],
  ['whose meeting has ended', [meeting('m0', 400_000)], { former: undefined }],
  ['whose meeting was leased', [meeting('m0', 0, { life: 'leased' })], { former: undefined }],
  ['whose meeting was found ended', [meeting('m0', 0, { life: 'ended' })], { former: undefined }],
  ['whose meeting has other settings', [meeting('m0', 0, { settingsHash: 'before' })], { former: { token: 'm0' }, endFormer: 'after' }],
  ['whose create was given up', [meeting('m0', 0, { life: 'abandoned' })], { former: undefined }],
  ['whose create was interrupted', [meeting('m0', 95_000, { life: 'creating' })], { former: undefined }],
])('fills a slot %s', (_, meetings, expected) => {
  const { fill } = plan(meetings.length > 0 ? [slot(0)] : [], meetings, 'maintain', { size: 1 });
  expect(fill).toHaveLength(1);
  expect(fill[0]).toMatchObject({ slot: 0, generation: meetings.length > 0 ? 3 : 0 });
  if ('former' in expected && expected.former) expect(fill[0]).toMatchObject(expected);
  else expect(fill[0].former).toBeUndefined();
});

test('waits for a create under way, and lets the former meeting serve meanwhile', () => {
  const { fill, retire, end, waiting } = plan([slot(0, 'm0b'), slot(1)], [meeting('m0a', 130_000), meeting('m0b', 10_000, { life: 'creating' }), meeting('m1', 0)]);
  expect({ fill, retire, end, waiting }).toEqual({ fill: [], retire: [], end: [], waiting: 1 });
});

test('resolves intents that nobody works on, and forgets those whose meeting must be over', () => {
  const { resolve, forget } = plan([], [
    meeting('a', 10_000, { life: 'creating' }), meeting('b', 91_000, { life: 'creating' }), meeting('c', 1_000, { life: 'abandoned' }), meeting('d', 400_000, { life: 'abandoned' }),
  ]);
  expect({ resolve: tokens(resolve), forget: tokens(forget) }).toEqual({ resolve: ['b', 'c'], forget: ['d'] });
});

test('forgets what is over for sure, and not before', () => {
  const DAY = 24 * 3600_000;
  const { forget } = plan([slot(0), slot(1)], [
    meeting('m0', 0), meeting('m1', 0),
    meeting('a', 301_000, { life: 'retired' }), meeting('b', 361_000, { life: 'retired' }), meeting('c', 0, { life: 'ended' }),
    meeting('d', DAY - 1_000, { life: 'leased', lookedAt: NOW }), meeting('e', DAY + 61_000, { life: 'leased', lookedAt: NOW }),
  ]);
  expect(tokens(forget)).toEqual(['b', 'c']);
});

test('looks at leased meetings that could have ended, those not looked at for longest first, fifty at most', () => {
  const leased = Array.from({ length: 60 }, (_, index) => meeting(`x${index}`, 3600_000, { life: 'leased', lookedAt: NOW - 300_000 - index }));
  const { look } = plan([], [...leased, meeting('young', 200_000, { life: 'leased' }), meeting('seen', 3600_000, { life: 'leased', lookedAt: NOW - 10_000 })]);
  expect(tokens(look)).toEqual(Array.from({ length: 50 }, (_, index) => `x${59 - index}`));
});

test('of what is ready but not of its slot, the unwanted are ended, the others end by themselves', () => {
  const { end, retire } = plan([slot(0, 'm0'), slot(1, 'm1')], [
    meeting('m0', 0), meeting('m1', 0), meeting('m0x', 0), meeting('m1x', 0, { settingsHash: 'before' }), meeting('m7', 0), meeting('m1y', 0, { life: 'retired', settingsHash: 'before' }),
  ]);
  expect({ end: tokens(end), retire: tokens(retire) }).toEqual({ end: ['m1x', 'm7', 'm1y'], retire: ['m0x'] });
});

test('at the quota, what is retired is ended first, then what is replaced', () => {
  const others = Array.from({ length: 247 }, (_, index) => meeting(`x${index}`, 3600_000, { life: 'leased', lookedAt: NOW }));
  const { fill, end, count } = plan([slot(0), slot(1)], [...others, meeting('m0', 150_000), meeting('m1', 150_000), meeting('old', 200_000, { life: 'retired', slot: 0 })]);
  expect(count.quotaLeft).toBe(0);
  expect(tokens(end)).toEqual(['old']);
  expect(fill.map(({ endFormer }) => endFormer)).toEqual(['before', 'never']);
});

test('what has ended a few seconds ago is not counted for the quota, though not forgotten yet', () => {
  const over = Array.from({ length: 200 }, (_, index) => meeting(`x${index}`, 306_000, { life: 'retired', slot: 0 }));
  const { fill, end, forget, count } = plan([slot(0), slot(1)], [...over, meeting('m0', 150_000), meeting('m1', 150_000)]);
  expect({ end, forget, quotaLeft: count.quotaLeft }).toEqual({ end: [], forget: [], quotaLeft: 248 });
  expect(fill.map(({ endFormer }) => endFormer)).toEqual(['never', 'never']);
});

test('a deployment looks at what is there, and is content with what it has seen', () => {
  const first = plan([slot(0), slot(1)], [meeting('m0', 0), meeting('m1', 0, { seenBy: 'this' })], 'deploy');
  expect({ verify: tokens(first.verify), fill: first.fill }).toEqual({ verify: ['m0'], fill: [] });
  const later = plan([slot(0), slot(1, 'm1', { seenBy: 'this' })], [meeting('m0', 400_000, { seenBy: 'this' })], 'deploy');
  expect({ verify: later.verify, fill: later.fill }).toEqual({ verify: [], fill: [] });
});

test('counts what can be leased, what is leased, and for the quota what lives or ended less than five seconds ago', () => {
  const { count } = plan([slot(0), slot(1)], [
    meeting('m0', 0), meeting('m1', 304_000), meeting('a', 304_000, { life: 'retired' }), meeting('b', 306_000), meeting('c', 306_000, { life: 'retired' }),
    meeting('d', 0, { life: 'leased' }), meeting('e', 400_000, { life: 'leased' }), meeting('f', 0, { life: 'ended' }),
  ]);
  expect(count).toEqual({ ready: 1, leased: 2, quotaLeft: 245 });
});

test('an intent is resolved for as long as its meeting can live', () => {
  const intents = (life: 'creating' | 'abandoned', ...ages: number[]) => ages.map((age) => meeting(`${life}-${age}`, age, { life, slot: 0 }));
  const { resolve, forget } = plan([], [...intents('creating', 389_000, 391_000), ...intents('abandoned', 329_000, 331_000)]);
  expect({ resolve: tokens(resolve), forget: tokens(forget) }).toEqual({ resolve: ['creating-389000', 'abandoned-329000'], forget: ['creating-391000', 'abandoned-331000'] });
});

test('waits for creates of slots that are too many, and ends what is ready in them', () => {
  const { waiting, end } = plan([slot(0)], [meeting('m0', 0), meeting('m1', 0), meeting('m2', 10_000, { life: 'creating' }), meeting('m5', 10_000, { life: 'creating' })], 'maintain', { size: 1 });
  expect({ waiting, end: tokens(end) }).toEqual({ waiting: 2, end: ['m1'] });
  expect(plan([slot(0)], [meeting('m0', 0), meeting('m1', 10_000, { life: 'creating' })], 'maintain', { size: 1 }).waiting).toBe(1);
});

test('while one slot waits, what another has too many goes', () => {
  const { retire } = plan([slot(0, 'm0b'), slot(1)], [meeting('m0a', 0), meeting('m0b', 10_000, { life: 'creating' }), meeting('m1', 0), meeting('m1x', 0)]);
  expect(tokens(retire)).toEqual(['m1x']);
});

test('looks at what was never looked at first, and not at what is ready or was looked at in the last five minutes', () => {
  const leased = (token: string, lookedAt?: number) => meeting(token, 3600_000, { life: 'leased', lookedAt });
  const { look } = plan([], [leased('x', NOW - 300_000), leased('never'), leased('z', NOW - 900_000), leased('seen', NOW - 299_000), meeting('ready', 330_000)]);
  expect(tokens(look)).toEqual(['never', 'z', 'x']);
});

test('what is retired makes room in the order in which it ends, but for what has ended', () => {
  const others = Array.from({ length: 246 }, (_, index) => meeting(`x${index}`, 3600_000, { life: 'leased', lookedAt: NOW }));
  const retired = [meeting('later', 200_000, { life: 'retired', slot: 0 }), meeting('sooner', 250_000, { life: 'retired', slot: 0 }), meeting('over', 306_000, { life: 'retired', slot: 0 })];
  const unwanted = meeting('unwanted', 270_000, { life: 'retired', slot: 0, settingsHash: 'before' });
  const { end, fill } = plan([slot(0), slot(1)], [...others, ...retired, unwanted, meeting('m0', 150_000), meeting('m1', 150_000)]);
  expect(tokens(end)).toEqual(['unwanted', 'sooner', 'later']);
  expect(fill.map(({ endFormer }) => endFormer)).toEqual(['never', 'never']);
});

test('a slot that was seen alive in this operation stays so with its next meeting', () => {
  const seen = plan([slot(0, 'm0', { seenBy: 'this' }), slot(1, 'm1', { seenBy: 'former' })], [meeting('m0', 400_000), meeting('m1', 400_000)]);
  expect(seen.fill.map(({ seenBy }) => seenBy)).toEqual(['this', undefined]);
  expect(plan([slot(0)], [meeting('m0', 0, { seenBy: 'this' })], 'deploy', { size: 1 }).retire).toEqual([]);
});

describe('meetings at the limits of their lifetime', () => {
  const DAY = 24 * 3600_000;

  test('a leased meeting is not forgotten before the service was asked, whatever the clock says', () => {
    const { forget, look } = plan([], [meeting('old', 2 * DAY, { life: 'leased', lookedAt: NOW - DAY })]);
    expect({ forget, look: tokens(look) }).toEqual({ forget: [], look: ['old'] });
  });

  test('what the maintainer counts on at its next run can be leased until ten seconds later', () => {
    const m0 = meeting('m0', 120_000);
    expect(plan([slot(0)], [m0], 'maintain', { size: 1 }).fill).toEqual([]);
    expect(leasableUntil(pool, NOW)).toBe(NOW + 110_000);
    expect([70_000, 70_001].map((later) => isLeasable(m0, pool, NOW + later))).toEqual([true, false]);
  });
});

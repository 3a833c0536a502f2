import { createHash } from 'node:crypto';
import { parseCheckout } from '../../lambda/chime-sdk-meetings/meeting-pool/checkout-request';
import type { PoolItem } from '../../lambda/chime-sdk-meetings/meeting-pool/items';
import { keyOf } from '../../lambda/chime-sdk-meetings/meeting-pool/meetings';
import { requestOf, settingsHashOf, slotToken, onDemandToken } from '../../lambda/chime-sdk-meetings/meeting-pool/settings';

const ATTENDEES = [{ ExternalUserId: 'Recorder' }, { ExternalUserId: 'recorder' }, { ExternalUserId: 'notes' }];
const pool = { settings: { MediaRegion: 'us-east-1', Tags: [], Attendees: ATTENDEES } } as unknown as PoolItem;
const parse = (event: unknown) => parseCheckout(event, pool, 'request-1');
const people = (count: number) => Array.from({ length: count }, (_, index) => `guest-${index}`);

describe('a checkout', () => {
  test('has the token of the caller, or by default the ID of the request', () => {
    expect(parse({ externalUserIds: ['alice'], clientRequestToken: 'token-1' })).toEqual({ externalUserIds: ['alice'], clientRequestToken: 'token-1' });
    expect(parse({ externalUserIds: ['alice'] })).toEqual({ externalUserIds: ['alice'], clientRequestToken: 'request-1' });
  });

  test.each([['a'.repeat(64)], ['ab']])('accepts the token %p', (clientRequestToken) => {
    expect(parse({ externalUserIds: ['alice'], clientRequestToken })).toMatchObject({ clientRequestToken });
  });

  test.each([['a'.repeat(65)], ['a'], ['a b'], ['a\n'], [12], [['ab']]])('refuses the token %p', (clientRequestToken) => {
    expect(parse({ externalUserIds: ['alice'], clientRequestToken })).toEqual({
      findings: [`clientRequestToken: must be 2 to 64 letters, digits, hyphens or underscores, got ${JSON.stringify(clientRequestToken)}`],
    });
  });

  test.each([
    [undefined, 'externalUserIds: must be a list of strings, got none'],
    [null, 'externalUserIds: must be a list of strings, got none'],
    ['text', 'externalUserIds: must be a list of strings, got none'],
    [{ externalUserIds: 'alice' }, 'externalUserIds: must be a list of strings, got "alice"'],
    [{ externalUserIds: 'x'.repeat(100) }, `externalUserIds: must be a list of strings, got "${'x'.repeat(79)}`],
    [{ externalUserIds: [] }, 'externalUserIds: must name at least one, got an empty list'],
    [{ externalUserIds: ['alice', 5] }, 'externalUserIds[1]: must be a string, got 5'],
  ])('refuses %j', (event, finding) => {
    expect((parse(event) as { findings: string[] }).findings[0]).toBe(finding);
  });

  test('reports all findings', () => {
    expect((parse({ externalUserIds: [], clientRequestToken: '' }) as { findings: string[] }).findings).toHaveLength(2);
  });

  // Two of 250 are invited to every meeting, in either case.
  test('accepts as many users as fit in addition to the pool\'s own attendees, who don\'t count', () => {
    expect(parse({ externalUserIds: people(248) })).not.toHaveProperty('findings');
    expect(parse({ externalUserIds: [...people(248), 'NOTES', 'recorder'] })).not.toHaveProperty('findings');
    expect(parse({ externalUserIds: people(249) })).toEqual({ findings: ['externalUserIds: a meeting of this pool takes 248, got 249'] });
    expect(parse({ externalUserIds: [...people(248), 5] })).toEqual({ findings: ['externalUserIds: a meeting of this pool takes 248, got 249'] });
  });

  test('compares users without regard to case', () => {
    expect(keyOf('Alice')).toBe(keyOf('aLICE'));
    expect(keyOf('alice')).not.toBe(keyOf('bob'));
  });
});

/* By these a meeting is found again that an earlier run has made: they are for ever. */
describe('tokens', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  test('derive from a slot and its generation, or from a checkout and its time', () => {
    expect(slotToken('rooms', 3, 7)).toBe(sha256('slot\0rooms\x003\x007'));
    expect(onDemandToken('rooms', 'token-1', 1000)).toBe(sha256('spot\0rooms\0token-1\x001000'));
  });

  test('of the settings have sixteen digits', () => {
    const settings = { MediaRegion: 'us-east-1', Tags: [] };
    expect(settingsHashOf(settings)).toBe(sha256(JSON.stringify(settings)).slice(0, 16));
  });

  test('are in the create request, with only the attendees that it invites', () => {
    const settings = { MediaRegion: 'us-east-1', Tags: [{ Key: 'a', Value: 'b' }], Attendees: ATTENDEES };
    const expected = { MediaRegion: 'us-east-1', Tags: [{ Key: 'a', Value: 'b' }], ClientRequestToken: 'f'.repeat(64), ExternalMeetingId: `rooms/${'f'.repeat(16)}` };
    expect(requestOf('rooms', settings, 'f'.repeat(64))).toEqual(expected);
    expect(requestOf('rooms', settings, 'f'.repeat(64), [ATTENDEES[0]])).toEqual({ ...expected, Attendees: [ATTENDEES[0]] });
  });
});

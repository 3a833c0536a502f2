import { assignmentsOf } from '../../lambda/chime-sdk-meetings/meeting-pool/assignments';
import { reservedUserId } from '../../lambda/chime-sdk-meetings/meeting-pool/settings';
import type { PoolTable } from '../../lambda/chime-sdk-meetings/meeting-pool/table';

const TOKEN = 'token-1';
const ATTENDEES = [0, 1].map((index) => ({ AttendeeId: `attendee-${index}`, ExternalUserId: reservedUserId(TOKEN, index), JoinToken: 'secret' }));

/** The assignments of the meeting whose items the table holds. */
const listed = (record: object | undefined, reserved?: object[]) => assignmentsOf({
  leasedToken: async () => TOKEN,
  meeting: async () => record,
  reservedAttendees: async () => reserved,
} as unknown as PoolTable, 'pool', 'room');

test('the assignments of a leased meeting have no join tokens', async () => {
  expect(await listed({ state: 'leased', meetingId: 'meeting', assigned: ['alice'] }, ATTENDEES)).toEqual({
    MeetingId: 'meeting', Attendees: [{ AttendeeId: 'attendee-0', ExternalUserId: ATTENDEES[0].ExternalUserId, RequestedUserId: 'alice' }],
  });
});

test.each(['creating', 'ready', 'retired', 'abandoned', 'ended'])('a meeting in the state %s has no assignments, even if its record has them', async (state) => {
  expect(await listed({ state, meetingId: 'meeting', assigned: ['alice'] }, ATTENDEES)).toBeUndefined();
});

test('a meeting without a record has no assignments', async () => {
  expect(await listed(undefined, ATTENDEES)).toBeUndefined();
});

test('a meeting that an earlier version has leased has no assignments, although it has reserved attendees', async () => {
  expect(await listed({ state: 'leased', meetingId: 'meeting' }, ATTENDEES)).toEqual({ MeetingId: 'meeting', Attendees: [] });
});

test('users whose reserved attendees the table has deleted are left out', async () => {
  expect(await listed({ state: 'leased', meetingId: 'meeting', assigned: ['alice', 'bob'] }, ATTENDEES.slice(1))).toEqual({
    MeetingId: 'meeting', Attendees: [expect.objectContaining({ AttendeeId: 'attendee-1', RequestedUserId: 'bob' })],
  });
  expect(await listed({ state: 'leased', meetingId: 'meeting', assigned: ['alice'] })).toEqual({ MeetingId: 'meeting', Attendees: [] });
});

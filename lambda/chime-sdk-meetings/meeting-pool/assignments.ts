import { reservedUserId } from './settings';
import type { PoolTable } from './table';

/** The users to whom the reserved attendees of a checked-out meeting are assigned. The answer has no join tokens. */
export interface Assignments {
  readonly MeetingId: string;
  readonly Attendees: { readonly AttendeeId: string; readonly ExternalUserId: string; readonly RequestedUserId: string }[];
}

/** Returns `undefined` if the caller's token has no meeting, or if that meeting is known to have ended. */
export async function assignmentsOf(table: PoolTable, poolName: string, clientRequestToken: string): Promise<Assignments | undefined> {
  const token = await table.leasedToken(poolName, clientRequestToken);
  if (token === undefined) return undefined;
  const [record, reserved = []] = await Promise.all([table.meeting(poolName, token), table.reservedAttendees(poolName, token)]);
  if (record?.state !== 'leased') return undefined;
  const attendeeIds = new Map(reserved.map(({ ExternalUserId, AttendeeId }) => [ExternalUserId, AttendeeId]));
  return {
    MeetingId: record.meetingId!,
    Attendees: (record.assigned ?? []).flatMap((RequestedUserId, index) => {
      const ExternalUserId = reservedUserId(token, index);
      const AttendeeId = attendeeIds.get(ExternalUserId);
      return AttendeeId === undefined ? [] : [{ AttendeeId, ExternalUserId, RequestedUserId }];
    }),
  };
}

import type { Context } from './context';
import { defaultLifetime } from './options';
import { Attendee, Meeting } from './state';

/** When a meeting ends, if no attendee joins or leaves. */
export function endOf(context: Context, meeting: Meeting, time: number): number {
  if (meeting.primaryId === undefined) return ownEnd(context, meeting);
  const primary = context.state.all().flatMap(({ meetings }) => meetings.all(time)).find(({ id }) => id === meeting.primaryId);
  return primary ? ownEnd(context, primary) : time;
}

function ownEnd({ options, namespace }: Context, { created, emptySince = Infinity, loneSince = Infinity }: Meeting): number {
  const { total = defaultLifetime.total, empty = defaultLifetime.empty, lone = defaultLifetime.lone } = options.lifetime ?? {};
  return Math.min(created + total, emptySince + empty, namespace.loneMeetingsEnd ? loneSince + lone : Infinity);
}

export function isAlive(context: Context, meeting: Meeting, time: number): boolean {
  return time < endOf(context, meeting, time);
}

/** The meeting with other attendees; what depends on how many are connected follows. */
export function withAttendees(meeting: Meeting, attendees: readonly Attendee[], now: number): Meeting {
  const connected = attendees.filter(attendee => attendee.connected).length;
  return {
    ...meeting,
    attendees,
    emptySince: connected < 1 ? meeting.emptySince ?? now : undefined,
    loneSince: connected < 2 ? meeting.loneSince ?? now : undefined,
  };
}

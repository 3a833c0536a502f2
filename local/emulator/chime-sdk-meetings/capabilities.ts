import { isDeepStrictEqual } from 'util';
import { CallContext, Input } from '../service';
import { shownAttendee } from './attendees';
import { attendeeById, changeMeeting, Context, meetingById } from './lookup';
import { assertCapabilities } from './rules';
import { Attendee, Capabilities } from './state';

/* The new namespace only. */

export function updateAttendeeCapabilities(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { id } = attendeeById(meetingById(context, call, input.MeetingId, call.now), input.AttendeeId);
  setCapabilities(context, input, call, attendee => attendee.id === id);
  return { Attendee: shownAttendee(context, attendeeById(meetingById(context, call, input.MeetingId, call.now), id)) };
}

/** IDs without an attendee are excluded, too. */
export function batchUpdateAttendeeCapabilitiesExcept(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const excluded: string[] = input.ExcludedAttendeeIds.map(({ AttendeeId }: { AttendeeId: string }) => AttendeeId.toLowerCase());
  setCapabilities(context, input, call, ({ id }) => !excluded.includes(id));
  return {};
}

function setCapabilities(context: Context, input: Input, call: CallContext, concerned: (attendee: Attendee) => boolean): void {
  const meeting = meetingById(context, call, input.MeetingId, call.now);
  const { Audio, Video, Content } = input.Capabilities as Capabilities;
  const capabilities: Capabilities = { Audio, Video, Content };
  assertCapabilities(meeting.features, capabilities);
  const outdated = (attendee: Attendee) => concerned(attendee) && !isDeepStrictEqual(attendee.capabilities, capabilities);
  changeMeeting(context, meeting, call.now, current => !current.attendees.some(outdated) ? current : {
    ...current, attendees: current.attendees.map(attendee => outdated(attendee) ? { ...attendee, capabilities } : attendee),
  });
}

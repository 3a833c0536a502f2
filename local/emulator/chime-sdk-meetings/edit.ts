import { ServiceError } from '../errors';
import { Edit } from '../service';
import { editedTags } from '../tags';
import { withAttendees } from './lifetime';
import { changeMeeting, Context, livingMeetings, removeMeeting } from './lookup';
import { Meeting } from './state';

/**
 * What happens to a meeting, by its ARN, id or external id, without a call to the API.
 *
 * end, connect and disconnect (attendees by their ids or external user ids, or '*'), tags ({ key: value | null }, null removes), replaceTags.
 */
export interface MeetingEdit extends Edit {
  readonly end?: boolean;
  readonly connect?: '*' | readonly string[];
  readonly disconnect?: '*' | readonly string[];
  readonly tags?: Record<string, string | null>;
  readonly replaceTags?: Record<string, string>;
}

const known = ['service', 'resource', 'end', 'connect', 'disconnect', 'tags', 'replaceTags'];

export function applyEdit(context: Context, given: Edit, now: number): void {
  const edit = given as MeetingEdit;
  const unknown = Object.keys(edit).find(key => !known.includes(key));
  if (unknown) throw new ServiceError('InvalidEdit', `unknown edit ${unknown}; known: ${known.join(', ')}`, 400);
  const found = context.state.all().flatMap(region => livingMeetings(context, region, now))
    .filter(({ arn, id, externalMeetingId }) => [arn, id, externalMeetingId].includes(edit.resource));
  if (found.length !== 1) throw new ServiceError('InvalidEdit', `${found.length} living meetings match ${edit.resource}`, 404);
  const [meeting] = found;
  if (edit.end) removeMeeting(context, meeting, now);
  else changeMeeting(context, meeting, now, edited(meeting, edit, now));
}

/** Anything that is wrong shows before anything is changed. */
function edited(meeting: Meeting, edit: MeetingEdit, now: number): (meeting: Meeting) => Meeting {
  const connect = idsOf(meeting, edit.connect);
  const disconnect = idsOf(meeting, edit.disconnect);
  return current => ({
    ...withAttendees(current, current.attendees.map(attendee => ({
      ...attendee, connected: (attendee.connected || connect.includes(attendee.id)) && !disconnect.includes(attendee.id),
    })), now),
    tags: editedTags(current.tags, edit),
  });
}

function idsOf({ attendees }: Meeting, names: '*' | readonly string[] = []): string[] {
  if (names === '*') return attendees.map(({ id }) => id);
  return names.map(name => {
    const found = attendees.find(({ id, externalUserId }) => [id, externalUserId].includes(name));
    if (!found) throw new ServiceError('InvalidEdit', `the meeting has no attendee ${name}`, 404);
    return found.id;
  });
}

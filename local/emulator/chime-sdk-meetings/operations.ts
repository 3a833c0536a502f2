import { CallContext, Input, Operation } from '../service';
import { batchCreateAttendee, createAttendee, deleteAttendee, getAttendee, listAttendees } from './attendees';
import { Context } from './lookup';
import { createMeeting, createMeetingWithAttendees, deleteMeeting, getMeeting } from './meetings';
import { listTagsForResource, tagResource, untagResource } from './tags';
import { meetingTarget, newTarget, taggedTarget } from './targets';

type Run = (context: Context, input: Input, call: CallContext) => Record<string, unknown>;

export function reading(context: Context, targets: Operation['targets'], run: Run): Operation {
  return { access: 'read', targets, run: (input, call) => run(context, input, call) };
}

export function writing(context: Context, targets: Operation['targets'], run: Run): Operation {
  return { ...reading(context, targets, run), access: 'write' };
}

/** What both namespaces have, each for its own meetings. */
export function commonOperations(context: Context): Record<string, Operation> {
  const created: Operation['created'] = output => context.state.arnOfId(output.Meeting.MeetingId);
  const items: Operation['items'] = input => input.Attendees?.map(({ ExternalUserId }: { ExternalUserId: string }) => ExternalUserId) ?? [];
  const one = meetingTarget(context);
  const tagged = taggedTarget(context);
  return {
    CreateMeeting: { ...writing(context, newTarget(context, 'CreateMeeting'), createMeeting), created },
    CreateMeetingWithAttendees: { ...writing(context, newTarget(context, 'CreateMeetingWithAttendees'), createMeetingWithAttendees), created, items },
    GetMeeting: reading(context, one, getMeeting),
    DeleteMeeting: writing(context, one, deleteMeeting),
    CreateAttendee: writing(context, one, createAttendee),
    BatchCreateAttendee: { ...writing(context, one, batchCreateAttendee), items },
    GetAttendee: reading(context, one, getAttendee),
    DeleteAttendee: writing(context, one, deleteAttendee),
    ListAttendees: reading(context, one, listAttendees),
    TagResource: writing(context, tagged, tagResource),
    UntagResource: writing(context, tagged, untagResource),
    ListTagsForResource: reading(context, tagged, listTagsForResource),
  };
}

import { ServiceError } from '../errors';
import { CallContext, Input, Tags } from '../service';
import { mapOfTags, sameTags } from '../tags';
import { attendeeById, badRequest, changeMeeting, Context, findMeeting, meetingById } from './lookup';
import { Attendee, Meeting } from './state';

const maximumTags = 50;
/** Attendees have tags in the legacy namespace only. */
const maximumAttendeeTags = 10;

type Output = Record<string, unknown>;

export function tagResource(context: Context, input: Input, call: CallContext): Output {
  return addTags(context, meetingByArn(context, call, input.ResourceARN, call.now), input, call);
}

export function untagResource(context: Context, input: Input, call: CallContext): Output {
  return removeTags(context, meetingByArn(context, call, input.ResourceARN, call.now), input, call);
}

export function listTagsForResource(context: Context, input: Input, call: CallContext): Output {
  return { Tags: tagList(meetingByArn(context, call, input.ResourceARN, call.readAt).tags) };
}

export function tagMeeting(context: Context, input: Input, call: CallContext): Output {
  return addTags(context, meetingById(context, call, input.MeetingId, call.now), input, call);
}

export function untagMeeting(context: Context, input: Input, call: CallContext): Output {
  return removeTags(context, meetingById(context, call, input.MeetingId, call.now), input, call);
}

export function listMeetingTags(context: Context, input: Input, call: CallContext): Output {
  return { Tags: tagList(meetingById(context, call, input.MeetingId, call.readAt).tags) };
}

export function tagAttendee(context: Context, input: Input, call: CallContext): Output {
  return changeAttendeeTags(context, input, call, tags => added(context, tags, input, maximumAttendeeTags));
}

export function untagAttendee(context: Context, input: Input, call: CallContext): Output {
  return changeAttendeeTags(context, input, call, tags => without(tags, input));
}

export function listAttendeeTags(context: Context, input: Input, call: CallContext): Output {
  return { Tags: tagList(attendeeById(meetingById(context, call, input.MeetingId, call.readAt), input.AttendeeId).tags) };
}

/** Nothing else that these operations take is played here. */
function meetingByArn(context: Context, call: CallContext, arn: string, time: number): Meeting {
  const [, , service, , account, resource] = arn.split(':');
  if (service !== 'chime') throw badRequest('ResourceARN is not the ARN of an Amazon Chime resource.');
  if (account !== call.account) throw new ServiceError('ForbiddenException', 'The resource belongs to another account.');
  const found = findMeeting(context, call, resource?.replace(/^meeting\//, '') ?? '', time);
  if (found?.arn === arn) return found;
  const { taggedNotFound } = context.namespace;
  const members = context.model.shapes[taggedNotFound].members ?? {};
  throw new ServiceError(taggedNotFound, 'The resource is not found.', undefined, 'ResourceName' in members ? { ResourceName: arn } : {});
}

function addTags(context: Context, meeting: Meeting, input: Input, call: CallContext): Output {
  return setTags(context, meeting, added(context, meeting.tags, input, maximumTags), call);
}

function removeTags(context: Context, meeting: Meeting, input: Input, call: CallContext): Output {
  return setTags(context, meeting, without(meeting.tags, input), call);
}

function setTags(context: Context, meeting: Meeting, tags: Tags, { now }: CallContext): Output {
  changeMeeting(context, meeting, now, current => sameTags(current.tags, tags) ? current : { ...current, tags });
  return {};
}

function changeAttendeeTags(context: Context, input: Input, { now, ...call }: CallContext, change: (tags: Tags) => Tags): Output {
  const meeting = meetingById(context, { now, ...call }, input.MeetingId, now);
  const { id, tags: before } = attendeeById(meeting, input.AttendeeId);
  const tags = change(before);
  const changed = (attendee: Attendee) => attendee.id === id ? { ...attendee, tags } : attendee;
  changeMeeting(context, meeting, now, current => sameTags(before, tags) ? current : { ...current, attendees: current.attendees.map(changed) });
  return {};
}

function added({ namespace }: Context, before: Tags, { Tags: list }: Input, maximum: number): Tags {
  const tags = { ...before, ...mapOfTags(list, badRequest) };
  if (Object.keys(tags).length > maximum) throw new ServiceError(namespace.tooManyTags, `There cannot be more than ${maximum} tags.`);
  return tags;
}

function without(tags: Tags, { TagKeys }: Input): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key)));
}

function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

import { Context } from '../chime-sdk-meetings/lookup';
import { listMeetings } from '../chime-sdk-meetings/meetings';
import { commonOperations, reading, writing } from '../chime-sdk-meetings/operations';
import { MeetingState } from '../chime-sdk-meetings/state';
import { listAttendeeTags, listMeetingTags, tagAttendee, tagMeeting, untagAttendee, untagMeeting } from '../chime-sdk-meetings/tags';
import { anyTarget, meetingTarget } from '../chime-sdk-meetings/targets';
import { ServiceModel } from '../model';
import { Engine, Operation } from '../service';
import { ChimeOptions } from './options';

/** The legacy meetings: unlike the voice connectors they are not those of the new namespace. */
export function legacyMeetings(engine: Engine, model: ServiceModel, { meetings = {} }: ChimeOptions): Context {
  return {
    state: new MeetingState(engine, 'chime'),
    model,
    options: meetings,
    namespace: {
      conflict: 'BadRequestException',
      limitExceeded: 'ResourceLimitExceededException',
      tooManyTags: 'ResourceLimitExceededException',
      taggedNotFound: 'NotFoundException',
      overflowCode: 'ResourceLimitExceeded',
      largestPage: 99,
      tagBasedAccessControl: false,
      createsOnMeetings: [],
      loneMeetingsEnd: true,
    },
  };
}

export function meetingOperations(context: Context): Record<string, Operation> {
  const one = meetingTarget(context);
  return {
    ...commonOperations(context),
    ListMeetings: reading(context, anyTarget, listMeetings),
    TagMeeting: writing(context, one, tagMeeting),
    UntagMeeting: writing(context, one, untagMeeting),
    ListMeetingTags: reading(context, one, listMeetingTags),
    TagAttendee: writing(context, one, tagAttendee),
    UntagAttendee: writing(context, one, untagAttendee),
    ListAttendeeTags: reading(context, one, listAttendeeTags),
  };
}

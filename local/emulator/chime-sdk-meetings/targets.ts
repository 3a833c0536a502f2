import { CallContext, Input, Operation, Target } from '../service';
import { Context, findMeeting } from './lookup';
import { arnOf, Meeting } from './state';

/* What each operation is about. */
type Targets = Operation['targets'];

/** Nothing yet, or nothing in particular. */
export function anyTarget(): Target[] {
  return [{ arn: '*' }];
}

/** A meeting that is to be created. Denials of CreateMeeting name `meeting/*` (unverified: F-04); for the other creates no denial is known (unverified: F-02). */
export function newTarget(context: Context, operation: 'CreateMeeting' | 'CreateMeetingWithAttendees'): Targets {
  const isOnMeetings = context.namespace.createsOnMeetings.includes(operation);
  return (input, call) => {
    const target: Target = { ...isOnMeetings ? { arn: arnOf(call, '*'), isUnlisted: true } : { arn: '*' }, requestTags: requestTags(context, input.Tags) };
    const tagged = context.options.tagOnCreateNeedsTagResource && input.Tags?.length > 0;
    return tagged ? [target, { ...target, arn: arnOf(call, 'new'), isUnlisted: false, action: 'chime:TagResource' }] : [target];
  };
}

export function meetingTarget(context: Context): Targets {
  return (input, call) => {
    const found = findMeeting(context, call, input.MeetingId, call.now);
    return [{ arn: arnOf(call, input.MeetingId), ...requestOf(context, input), tags: tagsForIam(context, found) }];
  };
}

export function taggedTarget(context: Context): Targets {
  return (input, call: CallContext) => {
    const found = findMeeting(context, call, input.ResourceARN.split('/').at(-1), call.now);
    const tags = found?.arn === input.ResourceARN ? tagsForIam(context, found) : undefined;
    return [{ arn: input.ResourceARN, ...requestOf(context, input), tags }];
  };
}

function requestOf(context: Context, { Tags, TagKeys }: Input): Pick<Target, 'requestTags' | 'tagKeys'> {
  return context.namespace.tagBasedAccessControl ? { requestTags: requestTags(context, Tags), tagKeys: TagKeys } : {};
}

function tagsForIam({ namespace }: Context, meeting: Meeting | undefined): Target['tags'] {
  return namespace.tagBasedAccessControl ? meeting?.tags : undefined;
}

function requestTags({ namespace }: Context, list: Input): Record<string, string> | undefined {
  if (!list || !namespace.tagBasedAccessControl) return undefined;
  return Object.fromEntries(list.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]));
}

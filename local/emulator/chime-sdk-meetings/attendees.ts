import { ServiceError } from '../errors';
import { knownMembers } from '../model';
import { nameFromToken, tokenFromName } from '../paging';
import { CallContext, Input } from '../service';
import { mapOfTags } from '../tags';
import { withAttendees } from './lifetime';
import { attendeeById, badRequest, changeMeeting, Context, meetingById, regionOf } from './lookup';
import { assertCapabilities, assertExternalId, defaultCapabilities, maximumAttendees } from './rules';
import { Attendee, Capabilities, Meeting } from './state';

type Output = Record<string, unknown>;

/** One to be made, as the API has it. Capabilities are those of the new namespace, tags those of the legacy one. */
export interface AttendeeRequest {
  readonly ExternalUserId: string;
  readonly Capabilities?: Capabilities;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

interface ItemError {
  readonly ExternalUserId: string;
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

export interface Invited {
  readonly meeting: Meeting;
  readonly attendees: readonly Attendee[];
  readonly errors: readonly ItemError[];
}

/** The legacy model has no bound of its own. */
const largestBatch = 100;
const overflow = 'The meeting has the maximum number of attendees';

export function createAttendee(context: Context, input: Input, call: CallContext): Output {
  const meeting = meetingById(context, call, input.MeetingId, call.now);
  const request = knownMembers(context.model, 'CreateAttendeeRequestItem', input) as AttendeeRequest;
  assertRequests(meeting, [request]);
  const invited = invite(context, call, meeting, request);
  if (!invited) throw new ServiceError(context.namespace.limitExceeded, overflow);
  store(context, meeting, invited.meeting, call);
  return { Attendee: shownAttendee(context, invited.attendee) };
}

export function batchCreateAttendee(context: Context, input: Input, call: CallContext): Output {
  const meeting = meetingById(context, call, input.MeetingId, call.now);
  const requests = requestsOf(context, input.Attendees);
  if (requests.length < 1 || requests.length > largestBatch) throw badRequest(`Attendees must have from 1 to ${largestBatch} members`);
  const invited = inviteAll(context, call, meeting, requests);
  store(context, meeting, invited.meeting, call);
  return shownInvited(context, invited);
}

export function requestsOf({ model }: Context, attendees: unknown): AttendeeRequest[] {
  return knownMembers(model, 'CreateAttendeeRequestItemList', attendees ?? []) as AttendeeRequest[];
}

/** Makes nothing that is stored: the caller does that. Some may fail while others succeed. */
export function inviteAll(context: Context, call: CallContext, meeting: Meeting, requests: readonly AttendeeRequest[]): Invited {
  assertRequests(meeting, requests);
  return requests.reduce<Invited>((before, request) => {
    const fault = call.itemErrors?.get(request.ExternalUserId);
    if (fault) return withError(before, request, fault.code, fault.message);
    const invited = invite(context, call, before.meeting, request);
    if (invited) return { ...before, meeting: invited.meeting, attendees: [...before.attendees, invited.attendee] };
    if (context.options.batchOverflow === 'refuse') throw new ServiceError(context.namespace.limitExceeded, overflow);
    return withError(before, request, context.namespace.overflowCode, overflow);
  }, { meeting, attendees: [], errors: [] });
}

function withError(before: Invited, { ExternalUserId }: AttendeeRequest, ErrorCode: string, ErrorMessage: string): Invited {
  return { ...before, errors: [...before.errors, { ExternalUserId, ErrorCode, ErrorMessage }] };
}

function assertRequests({ features }: Meeting, requests: readonly AttendeeRequest[]): void {
  for (const { ExternalUserId, Capabilities: capabilities, Tags = [] } of requests) {
    assertExternalId('ExternalUserId', ExternalUserId);
    assertCapabilities(features, capabilities);
    mapOfTags(Tags, badRequest);
  }
}

/** undefined: the meeting is full. */
function invite(
  context: Context, call: CallContext, meeting: Meeting, { ExternalUserId, Capabilities: capabilities, Tags = [] }: AttendeeRequest,
): { meeting: Meeting; attendee: Attendee } | undefined {
  const known = meeting.attendees.find(({ externalUserId }) => externalUserId.toLowerCase() === ExternalUserId.toLowerCase());
  if (known && context.options.repeatedUser !== 'new-attendee') return { meeting, attendee: known };
  if (meeting.attendees.length >= maximumAttendees(context, meeting.features)) return undefined;
  const attendee: Attendee = {
    ...context.state.newAttendeeId(regionOf(context, call)),
    externalUserId: ExternalUserId,
    capabilities: capabilities ?? defaultCapabilities(meeting.features),
    connected: false,
    tags: mapOfTags(Tags, badRequest),
  };
  return { meeting: { ...meeting, attendees: [...meeting.attendees, attendee] }, attendee };
}

function store(context: Context, before: Meeting, after: Meeting, { now }: CallContext): void {
  if (after !== before) changeMeeting(context, before, now, () => after);
}

export function shownInvited(context: Context, { attendees, errors }: Invited): Output {
  return { Attendees: attendees.map(attendee => shownAttendee(context, attendee)), Errors: errors };
}

export function getAttendee(context: Context, input: Input, call: CallContext): Output {
  const meeting = meetingById(context, call, input.MeetingId, call.readAt);
  return { Attendee: shownAttendee(context, attendeeById(meeting, input.AttendeeId)) };
}

export function deleteAttendee(context: Context, input: Input, call: CallContext): Output {
  const meeting = meetingById(context, call, input.MeetingId, call.now);
  const { id } = attendeeById(meeting, input.AttendeeId);
  changeMeeting(context, meeting, call.now, current => withAttendees(current, current.attendees.filter(attendee => attendee.id !== id), call.now));
  return {};
}

export function listAttendees(context: Context, input: Input, call: CallContext): Output {
  const { attendees } = meetingById(context, call, input.MeetingId, call.readAt);
  const { joinTokensInLists = true } = context.options;
  const { page, NextToken } = pageOf(context, attendees, input);
  return {
    Attendees: page.map(attendee => ({ ...shownAttendee(context, attendee), ...!joinTokensInLists && { JoinToken: undefined } })),
    ...NextToken !== undefined && { NextToken },
  };
}

/** In the order of ids, so that what comes or goes in between moves nothing. */
export function pageOf<T extends { readonly id: string }>(
  { namespace }: Context, all: readonly T[], { MaxResults, NextToken }: Input,
): { page: T[]; NextToken?: string } {
  const after = NextToken ? nameFromToken(NextToken) : '';
  if (after === undefined) throw badRequest('The NextToken is not valid.');
  const remaining = all.filter(({ id }) => id > after).sort((a, b) => a.id < b.id ? -1 : 1);
  const page = remaining.slice(0, MaxResults ?? namespace.largestPage);
  return { page, ...remaining.length > page.length && { NextToken: tokenFromName(page.at(-1)!.id) } };
}

export function shownAttendee({ model }: Context, { id, externalUserId, joinToken, capabilities }: Attendee): Output {
  return knownMembers(model, 'Attendee', {
    ExternalUserId: externalUserId, AttendeeId: id, JoinToken: joinToken, Capabilities: capabilities,
  }) as Output;
}

import { isDeepStrictEqual } from 'util';
import { ServiceError } from '../errors';
import { knownMembers } from '../model';
import { CallContext, Input } from '../service';
import { mapOfTags } from '../tags';
import { AttendeeRequest, Invited, inviteAll, pageOf, requestsOf, shownInvited } from './attendees';
import { isAlive, withAttendees } from './lifetime';
import { badRequest, Context, livingMeetings, meetingById, regionOf, removeEndedMeetings, removeMeeting } from './lookup';
import { mediaPlacement } from './media-placement';
import { defaultQuotas } from './options';
import { assertExternalId, assertFeatures, assertMediaRegion, assertNotifications, completeFeatures } from './rules';
import { Meeting, Region, UsedToken } from './state';

type Output = Record<string, unknown>;

/** In the legacy namespace, where it can be left out. */
const defaultMediaRegion = 'us-east-1';

export function createMeeting(context: Context, input: Input, call: CallContext): Output {
  return { Meeting: shownMeeting(context, create(context, input, call).meeting) };
}

export function createMeetingWithAttendees(context: Context, input: Input, call: CallContext): Output {
  const created = create(context, input, call);
  return { Meeting: shownMeeting(context, created.meeting), ...shownInvited(context, created) };
}

/** The new one, or that which the token stands for. */
function create(context: Context, input: Input, call: CallContext): Invited {
  removeEndedMeetings(context, call.now);
  const region = regionOf(context, call);
  const wanted = given(input);
  assertWanted(context, wanted, call);
  const requests = requestsOf(context, wanted.Attendees);
  const used = usedToken(context, region, wanted, call.now);
  if (used) return again(context, region, used, call, requests);
  const meeting = newMeeting(context, region, wanted, call.now);
  const invited = inviteAll(context, call, meeting, requests);
  assertPlace(context, region, meeting, call.now);
  const created = { ...invited.meeting, ...context.state.newMeetingId(region) };
  region.meetings.add({ ...created, name: created.id }, call.now);
  region.tokens.set(wanted.ClientRequestToken, { usedAt: call.now, parameters: wanted, meeting: created });
  return { ...invited, meeting: created };
}

/** The same request: attendees that were refused the first time have another chance. */
function again(context: Context, { meetings }: Region, { meeting }: UsedToken, call: CallContext, requests: readonly AttendeeRequest[]): Invited {
  const current = meetings.byArn(meeting.arn, call.now);
  if (!current) return { meeting, attendees: meeting.attendees, errors: [] };
  const invited = inviteAll({ ...context, options: { ...context.options, repeatedUser: 'same-attendee' } }, call, current, requests);
  if (invited.meeting !== current) meetings.change(current.arn, call.now, () => invited.meeting);
  return invited;
}

function usedToken(context: Context, { tokens, meetings }: Region, wanted: Input, now: number): UsedToken | undefined {
  const { window = Infinity, ended = 'new-meeting', otherParameters = 'conflict' } = context.options.requestToken ?? {};
  const used = tokens.get(wanted.ClientRequestToken);
  if (!used || now - used.usedAt >= window) return undefined;
  const current = meetings.byArn(used.meeting.arn, now);
  if (!current || !isAlive(context, current, now)) {
    if (ended === 'conflict') throw new ServiceError(context.namespace.conflict, 'The meeting of this ClientRequestToken has ended');
    return ended === 'ended-meeting' ? used : undefined;
  }
  if (otherParameters === 'conflict' && !isDeepStrictEqual(used.parameters, wanted)) {
    throw new ServiceError(context.namespace.conflict, 'The ClientRequestToken was used with other parameters');
  }
  return used;
}

/** JSON null is an absent member. */
function given(input: Input): Input {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null && value !== undefined));
}

function assertWanted(context: Context, wanted: Input, call: CallContext): void {
  assertExternalId('ExternalMeetingId', wanted.ExternalMeetingId);
  assertExternalId('MeetingHostId', wanted.MeetingHostId);
  assertMediaRegion(context, wanted.MediaRegion ?? defaultMediaRegion);
  assertNotifications(given(wanted.NotificationsConfiguration ?? {}) as Record<string, string>, call.region);
  assertFeatures(context, featuresOf(context, wanted));
  mapOfTags(wanted.Tags ?? [], badRequest);
}

function featuresOf({ model }: Context, { MeetingFeatures = {} }: Input): Meeting['features'] {
  return model.shapes.MeetingFeaturesConfiguration ? knownMembers(model, 'MeetingFeaturesConfiguration', MeetingFeatures) as Meeting['features'] : {};
}

/** Without an id: that comes when nothing can go wrong any more. */
function newMeeting(context: Context, region: Region, wanted: Input, now: number): Meeting {
  return withAttendees({
    id: '',
    arn: '',
    name: '',
    externalMeetingId: wanted.ExternalMeetingId,
    hostId: wanted.MeetingHostId,
    mediaRegion: wanted.MediaRegion ?? defaultMediaRegion,
    features: featuresOf(context, wanted),
    tenantIds: wanted.TenantIds,
    primaryId: wanted.PrimaryMeetingId === undefined ? undefined : primaryOf(context, region, wanted.PrimaryMeetingId, now).id,
    created: now,
    attendees: [],
    tags: mapOfTags(wanted.Tags ?? [], badRequest),
  }, [], now);
}

/** Of the same account; replicas may be controlled in another region. */
function primaryOf(context: Context, { account }: Region, id: string, now: number): Meeting {
  const found = context.state.all().filter(region => region.account === account)
    .flatMap(region => livingMeetings(context, region, now)).find(meeting => meeting.id === id.toLowerCase());
  if (!found) throw badRequest(`The primary meeting ${id} does not exist`);
  if (found.primaryId !== undefined) throw badRequest(`Meeting ${id} is a replica and cannot be a primary meeting`);
  return found;
}

function assertPlace(context: Context, region: Region, { primaryId }: Meeting, now: number): void {
  const { meetings, replicas } = { ...defaultQuotas, ...context.options.quotas };
  if (livingMeetings(context, region, now).length >= meetings) {
    throw new ServiceError(context.namespace.limitExceeded, `The account has ${meetings} meetings in ${region.region}, which is its quota of concurrent meetings`);
  }
  if (primaryId === undefined) return;
  const others = context.state.all().flatMap(each => livingMeetings(context, each, now)).filter(meeting => meeting.primaryId === primaryId);
  if (others.length >= replicas) throw new ServiceError(context.namespace.limitExceeded, `The primary meeting has ${replicas} replicas, which is the quota`);
}

export function getMeeting(context: Context, input: Input, call: CallContext): Output {
  return { Meeting: shownMeeting(context, meetingById(context, call, input.MeetingId, call.readAt)) };
}

export function deleteMeeting(context: Context, input: Input, call: CallContext): Output {
  removeMeeting(context, meetingById(context, call, input.MeetingId, call.now), call.now);
  return {};
}

/** The legacy namespace only. */
export function listMeetings(context: Context, input: Input, call: CallContext): Output {
  const { page, NextToken } = pageOf(context, livingMeetings(context, regionOf(context, call), call.readAt), input);
  return { Meetings: page.map(meeting => shownMeeting(context, meeting)), ...NextToken !== undefined && { NextToken } };
}

/** A namespace shows what it knows. */
function shownMeeting(context: Context, meeting: Meeting): unknown {
  const { id, arn, externalMeetingId, hostId, mediaRegion, features, tenantIds, primaryId } = meeting;
  return knownMembers(context.model, 'Meeting', {
    MeetingId: id,
    MeetingHostId: hostId,
    ExternalMeetingId: externalMeetingId,
    MediaRegion: mediaRegion,
    MediaPlacement: mediaPlacement(meeting),
    MeetingFeatures: context.options.meetingFeatures === 'as-given' ? givenFeatures(features) : completeFeatures(context, features),
    PrimaryMeetingId: primaryId,
    TenantIds: tenantIds,
    MeetingArn: arn,
  });
}

function givenFeatures(features: Meeting['features']): Meeting['features'] | undefined {
  return Object.keys(features).length > 0 ? features : undefined;
}

import {
  chime, ChimeOptions, chimeSdkMeetings, ChimeSdkMeetingsOptions, Emulator, EmulatorOptions, MeetingEdit, VirtualClock,
} from '../../../local/emulator';

export const region = 'us-east-1';
/** Of the right form, and of nothing. */
export const unknownId = '00000000-0000-4000-8000-000000000000';
export const minute = 60_000;

export interface MeetingsOptions extends EmulatorOptions {
  readonly meetings?: ChimeSdkMeetingsOptions;
  readonly legacy?: ChimeOptions;
}

export interface Answer {
  readonly status: number;
  /** The name of the error, if it is one. */
  readonly error?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface Caller {
  readonly accessKeyId?: string;
  readonly region?: string;
}

/** What a client of one namespace can do; there is no SDK client of either among this project's dependencies. */
export interface Api {
  readonly service: string;
  call(request: string, body?: unknown, caller?: Caller): Promise<Answer>;
  /** A meeting with a token of its own. */
  create(more?: Record<string, unknown>, caller?: Caller): Promise<Answer>;
  createWith(attendees: unknown[], more?: Record<string, unknown>): Promise<Answer>;
  /** The id of a new meeting. */
  meeting(more?: Record<string, unknown>): Promise<string>;
  /** The body of the new attendee. */
  attendee(meetingId: string, externalUserId: string, more?: Record<string, unknown>): Promise<Answer['body']>;
  batch(meetingId: string, ...attendees: (string | object)[]): Promise<Answer>;
  statusOf(meetingId: string, caller?: Caller): Promise<number>;
  edit(resource: string, changes: Omit<MeetingEdit, 'resource'>): void;
}

export interface MeetingsHarness {
  readonly emulator: Emulator;
  readonly clock: VirtualClock;
  readonly sdk: Api;
  readonly legacy: Api;
}

/** Time stands still until a test advances it; limits are off unless asked for. */
export function startMeetings({ meetings, legacy, ...options }: MeetingsOptions = {}): MeetingsHarness {
  const clock = new VirtualClock();
  const emulator = new Emulator({ clock, rates: 'off', services: [chimeSdkMeetings(meetings), chime(legacy)], ...options });
  return { emulator, clock, sdk: apiOf(emulator, 'chime-sdk-meetings'), legacy: apiOf(emulator, 'chime') };
}

export const namespaces = ['sdk', 'legacy'] as const;

function apiOf(emulator: Emulator, service: string): Api {
  let tokens = 0;
  const call: Api['call'] = async (request, body, { accessKeyId = 'AKIATEST', region: signedFor = region } = {}) => {
    const [method, path] = request.split(' ');
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${signedFor}/chime/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    const response = await emulator.handle({
      method, path: `/${service}${path}`, headers: { authorization }, body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, error: response.headers['x-amzn-errortype'], body: response.body && JSON.parse(response.body) };
  };
  const given = (more: Record<string, unknown>) => ({
    ClientRequestToken: `token-${++tokens}`, MediaRegion: 'eu-central-1', ExternalMeetingId: `room ${tokens}`, ...more,
  });
  const create: Api['create'] = async (more = {}, caller) => call('POST /meetings', given(more), caller);
  return {
    service,
    call,
    create,
    createWith: async (attendees, more = {}) => call('POST /meetings?operation=create-attendees', given({ Attendees: attendees, ...more })),
    meeting: async more => (await create(more)).body.Meeting.MeetingId,
    attendee: async (id, externalUserId, more = {}) =>
      (await call(`POST /meetings/${id}/attendees`, { ExternalUserId: externalUserId, ...more })).body.Attendee,
    batch: async (id, ...attendees) => call(`POST /meetings/${id}/attendees?operation=batch-create`, {
      Attendees: attendees.map(attendee => typeof attendee === 'string' ? { ExternalUserId: attendee } : attendee),
    }),
    statusOf: async (id, caller) => (await call(`GET /meetings/${id}`, undefined, caller)).status,
    edit: (resource, changes) => emulator.edit({ service, resource, ...changes }),
  };
}

export const users = (count: number, prefix = 'user') => Array.from({ length: count }, (_, i) => ({ ExternalUserId: `${prefix}-${i}` }));

/** Each operation of both namespaces by its name, as request and body. */
export const commonRequests: [string, (meeting: string, attendee: string, arn: string) => [string, unknown?]][] = [
  ['CreateMeeting', () => ['POST /meetings', { ClientRequestToken: 'one', MediaRegion: 'us-east-1', ExternalMeetingId: 'room' }]],
  ['CreateMeetingWithAttendees', () => ['POST /meetings?operation=create-attendees', {
    ClientRequestToken: 'two', MediaRegion: 'us-east-1', ExternalMeetingId: 'room', Attendees: users(1),
  }]],
  ['GetMeeting', meeting => [`GET /meetings/${meeting}`]],
  ['CreateAttendee', meeting => [`POST /meetings/${meeting}/attendees`, { ExternalUserId: 'eve' }]],
  ['BatchCreateAttendee', meeting => [`POST /meetings/${meeting}/attendees?operation=batch-create`, { Attendees: users(1) }]],
  ['GetAttendee', (meeting, attendee) => [`GET /meetings/${meeting}/attendees/${attendee}`]],
  ['ListAttendees', meeting => [`GET /meetings/${meeting}/attendees`]],
  ['TagResource', (_, __, arn) => ['POST /tags?operation=tag-resource', { ResourceARN: arn, Tags: [{ Key: 'a', Value: '1' }] }]],
  ['UntagResource', (_, __, arn) => ['POST /tags?operation=untag-resource', { ResourceARN: arn, TagKeys: ['a'] }]],
  ['ListTagsForResource', (_, __, arn) => [`GET /tags?arn=${encodeURIComponent(arn)}`]],
  ['DeleteAttendee', (meeting, attendee) => [`DELETE /meetings/${meeting}/attendees/${attendee}`]],
  ['DeleteMeeting', meeting => [`DELETE /meetings/${meeting}`]],
];

export const capabilities = (Audio: string, Video: string, Content: string) => ({ Audio, Video, Content });

export const sdkRequests: typeof commonRequests = [
  ['UpdateAttendeeCapabilities', (meeting, attendee) => [`PUT /meetings/${meeting}/attendees/${attendee}/capabilities`, {
    Capabilities: capabilities('None', 'None', 'None'),
  }]],
  ['BatchUpdateAttendeeCapabilitiesExcept', (meeting, attendee) => [`PUT /meetings/${meeting}/attendees/capabilities?operation=batch-update-except`, {
    ExcludedAttendeeIds: [{ AttendeeId: attendee }], Capabilities: capabilities('None', 'None', 'None'),
  }]],
  ...commonRequests,
];

const tag = { Tags: [{ Key: 'a', Value: '1' }] };

export const legacyRequests: typeof commonRequests = [
  ['ListMeetings', () => ['GET /meetings']],
  ['TagMeeting', meeting => [`POST /meetings/${meeting}/tags?operation=add`, tag]],
  ['UntagMeeting', meeting => [`POST /meetings/${meeting}/tags?operation=delete`, { TagKeys: ['a'] }]],
  ['ListMeetingTags', meeting => [`GET /meetings/${meeting}/tags`]],
  ['TagAttendee', (meeting, attendee) => [`POST /meetings/${meeting}/attendees/${attendee}/tags?operation=add`, tag]],
  ['UntagAttendee', (meeting, attendee) => [`POST /meetings/${meeting}/attendees/${attendee}/tags?operation=delete`, { TagKeys: ['a'] }]],
  ['ListAttendeeTags', (meeting, attendee) => [`GET /meetings/${meeting}/attendees/${attendee}/tags`]],
  ...commonRequests,
];

export const everyRequest = [
  ...sdkRequests.map(([name, request]) => ['sdk', name, request] as const),
  ...legacyRequests.map(([name, request]) => ['legacy', name, request] as const),
];

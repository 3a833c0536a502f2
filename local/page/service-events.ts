import type { ServiceEvent } from '../launcher/local-cloud';

/** The services emit these events when media flows or meetings end, which doesn't happen on the local cloud. */
export const EVENT_TITLES = {
  streamingStarted: 'Voice connector: streaming STARTED',
  streamingEnded: 'Voice connector: streaming ENDED',
  streamingFailed: 'Voice connector: streaming FAILED',
  meetingStarted: 'Meeting: started',
  meetingEnded: 'Meeting: ended',
  attendeeLeft: 'Meeting: an attendee left',
  stagePublished: 'Stage: a participant published',
  stageUnpublished: 'Stage: a participant stopped publishing',
  ingestPublished: 'Ingest configuration: the encoder published',
  ingestUnpublished: 'Ingest configuration: the encoder stopped publishing',
} as const;
export type KindOfEvent = keyof typeof EVENT_TITLES;

/** A kind of event and the resources that it can be about. */
export interface EventChoice {
  readonly kind: KindOfEvent;
  readonly title: string;
  readonly resources: { readonly arn: string; readonly name: string }[];
}

interface EventForm {
  readonly service: string;
  readonly kindOfResource: string;
  /** The fields of the examples in the AWS documentation that rules match. */
  event(resource: Resource, now: Date): Omit<ServiceEvent, 'source'> & { readonly source: string };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Resource = any;

const PARTICIPANT = 'aBcDeFgHiJkL';
const SESSION = 'st-AbCdEfGhIjK';

/** https://docs.aws.amazon.com/chime-sdk/latest/ag/automating-chime-with-cloudwatch-events.html */
const streaming = (streamingStatus: string): EventForm => ({
  service: 'chime-sdk-voice',
  kindOfResource: 'voiceConnectors',
  event: ({ id, arn }, now) => ({
    source: 'aws.chime',
    detailType: 'Chime VoiceConnector Streaming Status',
    detail: {
      streamingStatus,
      voiceConnectorId: id,
      transactionId: '12345678-1234-1234',
      callId: '1112-2222-4333',
      direction: 'Inbound',
      version: '0',
      ...streamingStatus === 'FAILED' ? { failTime: now.toISOString() } : {
        mediaType: 'audio/L16',
        startFragmentNumber: '1234567899444',
        startTime: now.toISOString(),
        ...streamingStatus === 'ENDED' && { endTime: now.toISOString(), endFragmentNumber: '1234567899555' },
        streamArn: `arn:aws:kinesisvideo:${arn.split(':')[3]}:${arn.split(':')[4]}:stream/ChimeVoiceConnector-${id}-111aaa-22bb-33cc-44dd-111222/1111222233334`,
      },
    },
  }),
});

/** https://docs.aws.amazon.com/chime-sdk/latest/dg/using-events.html */
const meeting = (eventType: string): EventForm => ({
  service: 'chime-sdk-meetings',
  kindOfResource: 'meetings',
  event: ({ id, externalMeetingId, mediaRegion, attendees }, now) => ({
    source: 'aws.chime',
    detailType: 'Chime Meeting State Change',
    detail: {
      version: '0',
      eventType,
      timestamp: now.getTime(),
      meetingId: id,
      externalMeetingId,
      mediaRegion,
      ...eventType.startsWith('chime:Attendee') && { attendeeId: attendees[0]?.id, externalUserId: attendees[0]?.externalUserId },
    },
  }),
});

/** https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html */
const stageUpdate = (kindOfResource: string, eventName: string): EventForm => ({
  service: 'ivs-realtime',
  kindOfResource,
  event: ({ arn, stageArn = arn, participantId = PARTICIPANT, userId = 'user' }) => ({
    source: 'aws.ivs',
    detailType: 'IVS Stage Update',
    detail: { session_id: SESSION, event_name: eventName, user_id: userId, participant_id: participantId },
    resources: [stageArn],
  }),
});

const FORMS: Record<KindOfEvent, EventForm> = {
  streamingStarted: streaming('STARTED'),
  streamingEnded: streaming('ENDED'),
  streamingFailed: streaming('FAILED'),
  meetingStarted: meeting('chime:MeetingStarted'),
  meetingEnded: meeting('chime:MeetingEnded'),
  attendeeLeft: meeting('chime:AttendeeLeft'),
  stagePublished: stageUpdate('stages', 'Participant Published'),
  stageUnpublished: stageUpdate('stages', 'Participant Unpublished'),
  ingestPublished: stageUpdate('ingestConfigurations', 'Participant Published'),
  ingestUnpublished: stageUpdate('ingestConfigurations', 'Participant Unpublished'),
};

type State = Record<string, unknown>;

/** Pure: the kinds of events for which there is a resource. */
export function eventChoices(state: State): EventChoice[] {
  return (Object.keys(FORMS) as KindOfEvent[]).map((kind) => ({
    kind,
    title: EVENT_TITLES[kind],
    resources: resourcesOf(state, kind).map(({ arn, name, id }) => ({ arn, name: name || id || arn.split('/').at(-1) })),
  })).filter(({ resources }) => resources.length > 0);
}

/** Pure: the event that the page has requested. Throws the reason why there is no such event. */
export function serviceEventOf(sent: unknown, state: State, now: Date): ServiceEvent {
  const { kind, resource } = (sent ?? {}) as { readonly kind?: unknown; readonly resource?: unknown };
  if (!Object.hasOwn(FORMS, String(kind))) throw new Error(`kind: must be one of ${Object.keys(FORMS).join(', ')}.`);
  const found = resourcesOf(state, kind as KindOfEvent).find(({ arn }) => arn === resource);
  if (!found) throw new Error('resource: there is no such resource.');
  const event = FORMS[kind as KindOfEvent].event(found, now);
  if (event.resources?.includes('')) throw new Error('resource: the ingest configuration has no stage.');
  return event;
}

function resourcesOf(state: State, kind: KindOfEvent): Resource[] {
  const { service, kindOfResource } = FORMS[kind];
  return ((state[service] ?? []) as Record<string, Resource[]>[]).flatMap((region) => region[kindOfResource] ?? []);
}

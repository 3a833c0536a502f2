import {
  CHIME_MEETING_POOL_LIMITS as LIMITS, CHIME_MEETING_POOL_RESOURCE_TYPE, type ChimeMeetingPoolProperties, type MeetingNotificationsProperty,
  RESERVED_USER_PREFIX,
} from './meeting-pool-contract';
import { CHIME, CHIME_SDK, LEGACY_REGION } from '../../private/chime-namespaces';
import type { TagProperty } from '../../private/contract';
import { type Known, type KnownEnvironment, type KnownPaths, knownValues } from '../../private/known';
import { validateRegion } from '../../private/region-validation';
import { validateTags } from '../../private/tags-validation';

export const VIDEO_RESOLUTIONS = ['None', 'HD', 'FHD'];
export const CONTENT_RESOLUTIONS = ['None', 'FHD', 'UHD'];
export const CAPABILITIES = ['SendReceive', 'Send', 'Receive', 'None'];

/** https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_CreateMeeting.html */
const TENANT_ID = /^(?!.*?(.)\1{3})[-_!@#$a-zA-Z0-9]*$/;
const EXTERNAL_USER_ID = /^[-_&@+=,(){}[\]/«».:|'"#a-zA-Z0-9À-ÿ\s]*$/;
const NOTIFICATION_ARN = /^arn[/:\-_.a-zA-Z0-9]{1,1021}$/;

type Properties = Omit<ChimeMeetingPoolProperties, 'TableName'>;
type KnownProperties = Known<Properties>;
type Features = KnownProperties['MeetingFeatures'];
type Capabilities = { readonly Audio?: string; readonly Video?: string; readonly Content?: string };

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validateMeetingPool(properties: Properties, environment: KnownEnvironment, known?: KnownPaths): string[] {
  const values = knownValues(properties, known);
  return [
    ...validateSize(values.Size),
    ...validateMinimumRemainingLifetime(values.MinimumRemainingLifetimeSeconds),
    ...validateRegion('mediaRegion', values.MediaRegion),
    ...validateFeatures(values.MeetingFeatures),
    ...validateAttendees(values),
    ...validateReservedAttendees(values),
    ...validateTenantIds(values.TenantIds),
    ...validateNotifications(values.Notifications, environment.region),
    ...validateNamespace(values.Namespace, environment.region, properties),
  ];
}

/** Accepts only names that the handler can generate. With other names, grants and rules would match no meetings, or with a wildcard those of other pools. */
export function validatePoolName(name: string | undefined): string[] {
  const { max } = LIMITS.poolName;
  if (name === undefined || (/^[a-zA-Z0-9-]+$/.test(name) && name.length <= max)) return [];
  return [`poolName: must have 1 to ${max} letters, digits or -, got ${JSON.stringify(name.slice(0, 80))}; it is the attribute poolName of the pool`];
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export function validateFunctionName(property: string, name: string | undefined): string[] {
  if (name === undefined || /^[a-zA-Z0-9_-]{1,64}$/.test(name)) return [];
  return [`${property}: must have 1 to 64 letters, digits, - or _, got ${JSON.stringify(name.slice(0, 80))}; choose another, or leave it out for a generated one`];
}

export function validateMeetingPoolTags(tags: readonly TagProperty[], namespace?: string): string[] {
  const findings = validateTags(tags, { count: LIMITS.userTags, pattern: /^[\s\w+-=.:/@]*$/, resourceType: CHIME_MEETING_POOL_RESOURCE_TYPE });
  for (const { Key: key, Value: value } of tags) {
    if (/[\s@]/.test(key)) findings.push(`tags: the key ${JSON.stringify(key)} has a blank or an @, which meetings take in values only; choose another key`);
    if (namespace === CHIME && value === '') findings.push(`tags: the value of ${JSON.stringify(key)} is empty, which the legacy namespace refuses; give one`);
  }
  return findings;
}

/** The IDs of the attendees of one meeting. The service compares them without regard to case. `path` names each ID in a finding. */
export function validateExternalUserIds(ids: readonly (string | undefined)[], path: (index: number) => string): string[] {
  const keys = ids.map((id) => id?.toLowerCase());
  return ids.flatMap((id, index) => {
    if (id === undefined) return [];
    const problem = externalUserIdProblem(id) ?? (keys.indexOf(keys[index]) < index ? `${JSON.stringify(id)} is given twice; give it once` : undefined);
    return problem === undefined ? [] : [`${path(index)}: ${problem}`];
  });
}

/** The maximum number of attendees of a meeting. */
export function attendeeLimit(features: Features): number {
  return features?.Attendee?.MaxCount ?? (isHighDefinition(features) ? LIMITS.attendees.highDefinitionDefault : LIMITS.attendees.max);
}

function externalUserIdProblem(id: string): string | undefined {
  const { min, max } = LIMITS.externalUserId;
  if (id.length < min || id.length > max) return `must have ${min} to ${max} characters, got ${id.length} (${JSON.stringify(id.slice(0, 40))})`;
  const reserved = ['aws:', RESERVED_USER_PREFIX].find((prefix) => id.toLowerCase().startsWith(prefix));
  if (reserved !== undefined) return `must not start with ${reserved}, got ${JSON.stringify(id)}; choose another`;
  if (!EXTERNAL_USER_ID.test(id)) return `may hold only letters, digits, blanks, and -_&@+=,(){}[]/«».:|'"#, got ${JSON.stringify(id)}`;
  return undefined;
}

function validateSize(size: number | undefined): string[] {
  const { min, max } = LIMITS.size;
  if (size === undefined || (Number.isInteger(size) && size >= min && size <= max)) return [];
  return [`size: must be a whole number of meetings from ${min} to ${max}, got ${size}; an account can have ${LIMITS.concurrentMeetings} at the same time, including leased and replaced meetings`];
}

function validateMinimumRemainingLifetime(seconds: number | undefined): string[] {
  const { min, max, default: usual } = LIMITS.minimumRemainingLifetimeSeconds;
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= min && seconds <= max)) return [];
  return [`minimumRemainingLifetime: must be a whole number of seconds from ${min} to ${max}, got ${seconds} s; leave it out for ${usual} s`];
}

function validateFeatures(features: Features): string[] {
  const findings: string[] = [];
  const oneOf = (path: string, value: string | undefined, known: string[]) => {
    if (value !== undefined && !known.includes(value)) findings.push(`meetingFeatures.${path}: must be one of ${known.join(', ')}, got ${JSON.stringify(value)}`);
  };
  oneOf('videoMaxResolution', features?.Video?.MaxResolution, VIDEO_RESOLUTIONS);
  oneOf('contentMaxResolution', features?.Content?.MaxResolution, CONTENT_RESOLUTIONS);
  const count = features?.Attendee?.MaxCount;
  const { max, highDefinitionDefault } = LIMITS.attendees;
  if (count !== undefined && (!Number.isInteger(count) || count < 1 || count > max)) {
    findings.push(`meetingFeatures.attendeeMaxCount: must be a whole number of attendees from 1 to ${max}, got ${count}; leave it out for ${max}`);
  } else if (count !== undefined && count > highDefinitionDefault && isHighDefinition(features)) {
    findings.push(`meetingFeatures.attendeeMaxCount: must be at most ${highDefinitionDefault} with FHD video or UHD content, got ${count}; lower it, or use HD video and FHD content`);
  }
  if (isHighDefinition(features) && features?.Attendee === undefined) {
    findings.push(`meetingFeatures.attendeeMaxCount: must be given with FHD video or UHD content, got none; give 1 to ${highDefinitionDefault}`);
  }
  return findings;
}

function isHighDefinition(features: Features): boolean {
  return features?.Video?.MaxResolution === 'FHD' || features?.Content?.MaxResolution === 'UHD';
}

function validateAttendees({ Attendees: attendees, MeetingFeatures: meetingFeatures }: KnownProperties): string[] {
  if (attendees === undefined) return [];
  const findings = validateExternalUserIds(attendees.map((attendee) => attendee?.ExternalUserId), (index) => `attendees[${index}].externalUserId`);
  const limit = attendeeLimit(meetingFeatures);
  if (attendees.length > limit) {
    findings.push(`attendees: at most ${limit} can be in one meeting with these features, got ${attendees.length}; invite fewer`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(attendees));
  if (bytes > LIMITS.attendees.bytes) {
    findings.push(`attendees: must take at most ${LIMITS.attendees.bytes} bytes as JSON, got ${bytes}; invite fewer, or shorten their ids, and add the others at checkout`);
  }
  attendees.forEach((attendee, index) => {
    findings.push(...validateCapabilities(attendee?.Capabilities, meetingFeatures).map((finding) => `attendees[${index}].capabilities.${finding}`));
  });
  return findings;
}

/** One call creates a meeting with its reserved attendees and with the pool's own attendees. */
function validateReservedAttendees(properties: KnownProperties): string[] {
  const { ReservedAttendees: reserved, Attendees: attendees = [], MeetingFeatures: features, Namespace: namespace } = properties;
  if (reserved === undefined) return [];
  const { min, max } = LIMITS.reservedAttendees;
  if (!Number.isInteger(reserved) || reserved < min || reserved > max) {
    return [`reservedAttendees: must be a whole number of attendees from ${min} to ${max}, got ${reserved}; checkout adds further users`];
  }
  if (reserved === 0) return [];
  const atCreation = LIMITS.attendeesAtCreation[namespace === CHIME ? CHIME : CHIME_SDK];
  const limit = Math.min(atCreation, attendeeLimit(features));
  if (reserved + attendees.length > limit) {
    const reason = limit < atCreation ? 'a meeting with these features has no more' : 'one call creates no more';
    return [`reservedAttendees: must be at most ${limit} together with attendees, because ${reason}, got ${reserved} and ${attendees.length}; reserve fewer`];
  }
  return [];
}

/** https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_AttendeeCapabilities.html */
function validateCapabilities(capabilities: Capabilities | undefined, features: Features): string[] {
  if (capabilities === undefined) return [];
  const { Audio: audio, Video: video, Content: content } = capabilities;
  const findings = Object.entries({ audio, video, content })
    .filter(([, value]) => value !== undefined && !CAPABILITIES.includes(value))
    .map(([name, value]) => `${name}: must be one of ${CAPABILITIES.join(', ')}, got ${JSON.stringify(value)}`);
  const excluded = (name: string, value: string | undefined, resolution: string | undefined) => {
    if (resolution === 'None' && value !== undefined && value !== 'None') findings.push(`${name}: must be None in a meeting without ${name}, got ${value}`);
  };
  excluded('video', video, features?.Video?.MaxResolution);
  excluded('content', content, features?.Content?.MaxResolution);
  if (content !== undefined && video !== undefined && receives(content) && !receives(video)) {
    findings.push(`video: must include Receive where content does (${content}), got ${video}`);
  }
  return findings;
}

function receives(capability: string): boolean {
  return capability === 'SendReceive' || capability === 'Receive';
}

function validateTenantIds(tenantIds: readonly (string | undefined)[] | undefined): string[] {
  if (tenantIds === undefined) return [];
  const { max, minLength, maxLength } = LIMITS.tenantIds;
  const findings: string[] = [];
  if (tenantIds.length > max) findings.push(`tenantIds: at most ${max} are possible, got ${tenantIds.length}`);
  tenantIds.forEach((id, index) => {
    if (id === undefined) return;
    if (id.length < minLength || id.length > maxLength) {
      findings.push(`tenantIds[${index}]: must have ${minLength} to ${maxLength} characters, got ${id.length} (${JSON.stringify(id.slice(0, 40))})`);
    } else if (!TENANT_ID.test(id)) {
      findings.push(`tenantIds[${index}]: may hold only letters, digits, and -_!@#$, and no character four times in a row, got ${JSON.stringify(id)}`);
    } else if (tenantIds.indexOf(id) < index) {
      findings.push(`tenantIds[${index}]: ${JSON.stringify(id)} is given twice; give it once`);
    }
  });
  return findings;
}

/** For each target: the property of the construct, the service in the ARN, and whether the documentation requires the target in the control region. */
export const NOTIFICATION_TARGETS_OF_MEETINGS = {
  LambdaFunctionArn: { property: 'lambdaFunction', service: 'lambda', inControlRegion: false },
  SnsTopicArn: { property: 'snsTopic', service: 'sns', inControlRegion: true },
  SqsQueueArn: { property: 'sqsQueue', service: 'sqs', inControlRegion: true },
} as const;

function validateNotifications(notifications: KnownProperties['Notifications'] = {}, region?: string): string[] {
  return (Object.keys(NOTIFICATION_TARGETS_OF_MEETINGS) as (keyof MeetingNotificationsProperty)[]).flatMap((name) => {
    const arn = notifications[name];
    if (arn === undefined) return [];
    const { property, service, inControlRegion } = NOTIFICATION_TARGETS_OF_MEETINGS[name];
    const [, , ofService, ofRegion] = arn.split(':');
    if (!NOTIFICATION_ARN.test(arn) || ofService !== service) {
      return [`notifications.${property}: must be an ARN of ${service}, at most 1024 characters, got ${JSON.stringify(arn.slice(0, 80))}`];
    }
    return inControlRegion ? validateNotificationRegion(property, ofRegion, region) : [];
  });
}

export function validateNotificationRegion(property: string, region: string, poolRegion: string | undefined): string[] {
  if (poolRegion === undefined || region === poolRegion) return [];
  return [`notifications.${property}: must be in the region of the pool, ${poolRegion}, got one in ${region}; use one there`];
}

function validateNamespace(namespace: string | undefined, region: string | undefined, properties: Properties): string[] {
  if (namespace === undefined || namespace === CHIME_SDK) return [];
  if (namespace !== CHIME) return [`namespace: must be ${CHIME_SDK} or ${CHIME}, got ${JSON.stringify(namespace)}; leave it out for ${CHIME_SDK}`];
  const findings: string[] = [];
  if (region !== undefined && region !== LEGACY_REGION) {
    findings.push(`namespace: ${CHIME} has an endpoint in ${LEGACY_REGION} only, got a pool in ${region}; give region: '${LEGACY_REGION}', or leave the namespace out for ${CHIME_SDK}`);
  }
  const unknown = {
    'meetingFeatures': properties.MeetingFeatures !== undefined,
    'tenantIds': properties.TenantIds !== undefined,
    'notifications.lambdaFunction': properties.Notifications?.LambdaFunctionArn !== undefined,
    'attendees[].capabilities': properties.Attendees?.some(({ Capabilities }) => Capabilities !== undefined),
  };
  for (const [property, given] of Object.entries(unknown)) {
    if (given) findings.push(`${property}: the legacy namespace does not know them, got them with namespace ${CHIME}; leave them out, or leave the namespace out for ${CHIME_SDK}`);
  }
  return findings;
}

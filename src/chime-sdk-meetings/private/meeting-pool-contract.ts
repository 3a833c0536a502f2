import { CHIME, CHIME_SDK } from '../../private/chime-namespaces';
import { OWNER_TAG_COUNT, type TagProperty } from '../../private/contract';

/** Public contract: the handlers of deployed stacks are found by this type. */
export const CHIME_MEETING_POOL_RESOURCE_TYPE = 'Custom::RtcChimeMeetingPool';

/** A tag of every meeting, with the name of its pool. Grants are restricted by this tag. */
export const POOL_TAG = 'cdk-rtc:pool';

/** The properties of the custom resource; CloudFormation delivers every leaf as a string. */
export interface ChimeMeetingPoolProperties {
  readonly TableName: string;
  readonly Size: number;
  readonly MediaRegion?: string;
  readonly MeetingFeatures?: MeetingFeaturesProperty;
  readonly Notifications?: MeetingNotificationsProperty;
  readonly TenantIds?: string[];
  /** Rendered as JSON in one string: old and new properties together must stay far below the length that Step Functions keeps of an error. */
  readonly Attendees?: readonly PoolAttendeeProperty[];
  readonly ReservedAttendees?: number;
  readonly MinimumRemainingLifetimeSeconds?: number;
  /** Rendered only if false. */
  readonly EndLeasedMeetings?: boolean;
  readonly Namespace?: string;
  readonly Region?: string;
  /** A change makes CloudFormation send an update. The handlers ignore the value. */
  readonly ForceUpdateNonce?: string;
  /** Rendered from the deletion policy. */
  readonly Retain?: boolean;
  readonly Tags?: TagProperty[];
}

/** In the shape of the API. */
export interface MeetingFeaturesProperty {
  readonly Audio?: { readonly EchoReduction?: string };
  readonly Video?: { readonly MaxResolution?: string };
  readonly Content?: { readonly MaxResolution?: string };
  readonly Attendee?: { readonly MaxCount?: number };
}

export interface MeetingNotificationsProperty {
  readonly LambdaFunctionArn?: string;
  readonly SnsTopicArn?: string;
  readonly SqsQueueArn?: string;
}

export interface PoolAttendeeProperty {
  readonly ExternalUserId: string;
  readonly Capabilities?: { readonly Audio: string; readonly Video: string; readonly Content: string };
}

/** The member names of the properties that are objects, by path. */
export const POOL_MEMBERS = {
  'MeetingFeatures': ['Audio', 'Video', 'Content', 'Attendee'],
  'MeetingFeatures.Audio': ['EchoReduction'],
  'MeetingFeatures.Video': ['MaxResolution'],
  'MeetingFeatures.Content': ['MaxResolution'],
  'MeetingFeatures.Attendee': ['MaxCount'],
  'Notifications': ['LambdaFunctionArn', 'SnsTopicArn', 'SqsQueueArn'],
};

/** The attributes for `Fn::GetAtt`. */
export interface ChimeMeetingPoolAttributes {
  readonly PoolName: string;
}

/** The environment variables of the functions of a pool. */
export const POOL_ENVIRONMENT = {
  tableName: 'TABLE_NAME',
  poolName: 'POOL_NAME',
  maintainerFunctionName: 'MAINTAINER_FUNCTION_NAME',
} as const;

/** The external user IDs of reserved attendees start with this prefix. No user may have such an ID. */
export const RESERVED_USER_PREFIX = 'cdk-rtc-reserved-';

/** The keys and the index of a pool's table, for the construct and the functions. */
export const POOL_TABLE = {
  partitionKey: 'pool',
  sortKey: 'item',
  timeToLive: 'expiresAt',
  readyIndex: { name: 'ReadyMeetings', partitionKey: 'readyIn', sortKey: 'endsAt' },
} as const;

export const POOL_METRICS = {
  namespace: 'CdkRtc',
  dimension: 'PoolName',
  readyMeetings: 'ReadyMeetings',
  leasedMeetings: 'LeasedMeetings',
  endedMeetings: 'EndedMeetings',
  refillErrors: 'RefillErrors',
  checkouts: 'Checkouts',
  emptyPoolCheckouts: 'EmptyPoolCheckouts',
  checkoutLatency: 'CheckoutLatency',
  remainingMeetingQuota: 'RemainingMeetingQuota',
  reservedAttendees: 'ReservedAttendees',
  createdAttendees: 'CreatedAttendees',
} as const;

/** https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_CreateMeeting.html */
export const CHIME_MEETING_POOL_LIMITS = {
  /** ExternalMeetingId has 64 characters: the name, by which events are filtered, a slash, and 16 characters that distinguish the meetings. */
  poolName: {
    max: 47,
    /** The prefix with the stack's name and the logical ID. Two hashes and their hyphens take the rest. */
    readable: 21,
  },
  size: { min: 1, max: 200, warnAbove: 100 },
  attendees: { max: 250, bytes: 10 * 1024, highDefinitionDefault: 25 },
  reservedAttendees: { min: 0, max: 20 },
  /** The most attendees that the call that creates a meeting takes, in each namespace. */
  attendeesAtCreation: { [CHIME_SDK]: 20, [CHIME]: 10 },
  externalUserId: { min: 2, max: 64 },
  tenantIds: { max: 5, minLength: 2, maxLength: 256 },
  minimumRemainingLifetimeSeconds: { min: 60, max: 240, default: 120 },
  /** Milliseconds after which a meeting without an audio connection ends. */
  emptyMeetingLifetime: 300_000,
  meetingLifetime: 24 * 3600_000,
  concurrentMeetings: 250,
  /** In addition to the owner tags and the pool's tag. */
  userTags: 50 - OWNER_TAG_COUNT - 1,
} as const;

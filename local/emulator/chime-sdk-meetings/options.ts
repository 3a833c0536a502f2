import { Rate } from '../service';

/** Of the meetings of one namespace. What is known of the service, and what is not: the default is then the stricter reading. */
export interface MeetingOptions {
  /** Milliseconds after which a meeting ends. A replica ends with its primary and not before. */
  readonly lifetime?: {
    /** In all. Default: 24 hours. */
    readonly total?: number;
    /** Without anybody connected (unverified: F-45). Default: 5 minutes. */
    readonly empty?: number;
    /** With fewer than two connected; the legacy namespace only. Default: 30 minutes. */
    readonly lone?: number;
  };
  /** What a ClientRequestToken that was used before means. */
  readonly requestToken?: {
    /** Milliseconds for which it is remembered (unverified: F-42). Default: for ever. */
    readonly window?: number;
    /** The answer when the meeting has ended since; 'ended-meeting' describes it although nothing finds it any more (unverified: F-42). Default: 'new-meeting'. */
    readonly ended?: 'new-meeting' | 'ended-meeting' | 'conflict';
    /** The answer to other parameters while the meeting lives; a conflict is a BadRequestException in the legacy namespace (unverified: F-46). Default: 'conflict'. */
    readonly otherParameters?: 'conflict' | 'same-meeting';
  };
  /** What becomes of an ExternalUserId that the meeting already has (unverified: F-44). Default: 'same-attendee', as it was made. */
  readonly repeatedUser?: 'same-attendee' | 'new-attendee';
  /** Attendees of a batch beyond the maximum: they are among the errors, or the whole batch is refused (unverified: F-47). Default: 'errors'. */
  readonly batchOverflow?: 'errors' | 'refuse';
  /** A media region that is not documented. Default: 'accept'. */
  readonly unknownMediaRegion?: 'accept' | 'refuse';
  /** Whether lists of attendees show join tokens (unverified: F-48). Default: true. */
  readonly joinTokensInLists?: boolean;
  /** Meeting features are answered with the service's defaults, or as they were given. Default: 'complete'. */
  readonly meetingFeatures?: 'complete' | 'as-given';
  /** Whether creating with tags also needs chime:TagResource. Default: false. */
  readonly tagOnCreateNeedsTagResource?: boolean;
  readonly quotas?: {
    /** At the same time, in an account and control region. Default: 250. */
    readonly meetings?: number;
    /** Of one meeting, whatever its own maximum. Default: 250. */
    readonly attendees?: number;
    /** Of one meeting with FHD video or UHD content. Default: 25. */
    readonly highDefinitionAttendees?: number;
    /** Of one primary meeting. Default: 4. */
    readonly replicas?: number;
  };
}

export interface ChimeSdkMeetingsOptions extends MeetingOptions {
  /** The operations that IAM evaluates against `meeting/*` (unverified: F-02, F-04). The other operations that create meetings are evaluated against `*`. Default: CreateMeeting. */
  readonly createsOnMeetings?: readonly ('CreateMeeting' | 'CreateMeetingWithAttendees')[];
  /**
   * What IAM's refusal is called. The model has the latter two, but the endpoint has been seen to answer AccessDeniedException (403).
   * Default: 'AccessDeniedException'.
   */
  readonly accessDenied?: 'AccessDeniedException' | 'ForbiddenException' | 'UnauthorizedException';
  /** What becomes of members that the model does not know. Default: 'refuse'. */
  readonly unknownMembers?: 'refuse' | 'ignore';
  /** Calls per second of each operation, instead of the documented ones. */
  readonly rates?: Record<string, Rate>;
}

const minute = 60_000;

export const defaultLifetime = { total: 24 * 60 * minute, empty: 5 * minute, lone: 30 * minute };
export const defaultQuotas = { meetings: 250, attendees: 250, highDefinitionAttendees: 25, replicas: 4 };

/** Each operation, and all of a namespace together. */
export function documentedRates(operations: readonly string[]): Record<string, Rate> {
  const limit = { perAccount: 10, burst: 20 };
  return Object.fromEntries(operations.map(name => [name, { ...limit, shared: { name: 'meeting management', ...limit } }]));
}

/** Regions with an endpoint of the control plane. */
export const regions = [
  'af-south-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1',
  'eu-west-2', 'il-central-1', 'us-east-1', 'us-west-2', 'us-gov-east-1', 'us-gov-west-1',
];

export const mediaRegions = [
  'af-south-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1',
  'eu-north-1', 'eu-south-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'sa-east-1', 'us-east-1', 'us-east-2', 'us-west-1', 'us-west-2',
  'us-gov-east-1', 'us-gov-west-1',
];

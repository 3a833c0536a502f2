import { Rate } from '../service';
import { StreamingConfiguration, Termination } from './wire';

/** What is known of the service, and what is not: the default is then the stricter reading. Holds for the legacy namespace too, unless said otherwise. */
export interface ChimeSdkVoiceOptions {
  /** Milliseconds for which a voice connector that was just created is not found. Default: 1000. */
  readonly propagation?: number;
  readonly quotas?: {
    /** Voice connectors in an account and region. Default: 3. */
    readonly voiceConnectors?: number;
    /** The highest CpsLimit of a voice connector. Default: 1. */
    readonly callsPerSecond?: number;
    /** Phone numbers in an account and region, apart from the deletion queue. Default: 5. */
    readonly phoneNumbers?: number;
  };
  /** What becomes of the members that Put does not name: it replaces the whole configuration, or leaves them (unverified: F-30, F-80). Default: 'clear'. */
  readonly omittedMembers?: 'clear' | 'keep';
  /** What the service fills in for members that a Put does not name (unverified: F-31). Default: nothing. */
  readonly memberDefaults?: Partial<Pick<StreamingConfiguration, 'StreamingNotificationTargets' | 'MediaInsightsConfiguration'>>;
  /** What Get answers for a voice connector without a streaming configuration: NotFoundException, or one that is disabled and keeps nothing (unverified: F-32). Default: 'not-found'. */
  readonly unconfigured?: 'not-found' | 'disabled';
  /** Members that Put takes, and answers, but does not store: only a read tells. Default: none. */
  readonly putDrops?: readonly ('StreamingNotificationTargets' | 'MediaInsightsConfiguration' | 'DefaultPhoneNumber' | 'Routes')[];
  /** What the service fills in for members of termination that a Put does not name. Default: nothing but CpsLimit 1. */
  readonly terminationDefaults?: Pick<Termination, 'DefaultPhoneNumber'>;
  /** The numbers of the inventory, which a default phone number must be in. Default: every number. */
  readonly phoneNumbers?: readonly string[];
  readonly numbers?: NumberOptions;
  /** Whether the allowed hosts may be IPv6 blocks (unverified: F-81). Default: 'refuse'. */
  readonly ipv6Cidrs?: 'refuse' | 'accept';
  /** Whether a Put of credentials deletes the users that it does not name (unverified: F-82). Default: 'merge'. */
  readonly credentialsPut?: 'merge' | 'replace';
  /** Whether a refusal of credentials repeats them in its words. Default: 'silent'. */
  readonly credentialErrors?: 'silent' | 'repeat';
  /** What becomes of the credentials when termination is deleted: they come back with the next Put of termination, or not (unverified: F-97). Default: 'keeps-credentials'. */
  readonly terminationDelete?: 'keeps-credentials' | 'deletes-credentials';
  /** What Get answers for a logging configuration that was never set: no LoggingConfiguration, or one that logs nothing (unverified: F-98). Default: 'absent'. */
  readonly unconfiguredLogging?: 'absent' | 'disabled';
  /** Whether a Put of the logging configuration needs the permissions of vended logs. Default: true. */
  readonly loggingNeedsPermission?: boolean;
  /** What becomes of a notification target that is given twice. Default: 'refuse'. */
  readonly duplicateTargets?: 'refuse' | 'keep' | 'merge';
  /**
   * Whether each account has the role AWSServiceRoleForAmazonChimeVoiceConnector already. If not, the first Put of a configuration that
   * is not disabled makes it, and its caller needs iam:CreateServiceLinkedRole. Default: 'missing'.
   */
  readonly serviceLinkedRole?: 'missing' | 'exists';
  /** Whether SNS and SQS targets need permission to create and look up their topic or queue (unverified: F-36, inferred from a managed policy). Default: true. */
  readonly targetsNeedPermission?: boolean;
  /** Whether aws:ResourceTag is known of voice connectors; never in the legacy namespace. Default: false. */
  readonly resourceTagConditions?: boolean;
  /**
   * What IAM's refusal is called. The model has the latter two, but the meetings endpoint has been seen to answer AccessDeniedException
   * (403), which no model has. This namespace only. Default: 'AccessDeniedException'.
   */
  readonly accessDenied?: 'AccessDeniedException' | 'ForbiddenException' | 'UnauthorizedClientException';
  /** What becomes of members that the model does not know. This namespace only. Default: 'refuse'. */
  readonly unknownMembers?: 'refuse' | 'ignore';
  /** Calls per second of each operation: none are published (unverified: F-37). This namespace only. Default: unlimited. */
  readonly rates?: Record<string, Rate>;
}

/** A number that an account can order. */
export interface NumberForSale {
  readonly number: string;
  /** Of a local number. */
  readonly state?: string;
  readonly city?: string;
}

/** Phone numbers and their orders. */
export interface NumberOptions {
  /** Default: ten numbers with the area code 206 (Seattle, WA), ten with 415 (San Francisco, CA), and five toll-free numbers each with 800 and 833. */
  readonly forSale?: readonly NumberForSale[];
  /** Milliseconds until the numbers of an order are acquired. Default: 3000. */
  readonly ordering?: number;
  /** Numbers that can be ordered, and whose acquisition fails. The order is then Failed, or Partial. Default: none. */
  readonly notAcquired?: readonly string[];
  /** Whether the inventory shows a number whose acquisition failed. Default: 'hidden'. */
  readonly failedNumbers?: 'hidden' | 'shown';
  /** Whether a number shows its name while it is acquired (unverified: F-87). Default: 'shown'. */
  readonly nameWhileAcquired?: 'shown' | 'hidden';
  /** Whether the deletion queue is shown, or its numbers are not found (unverified: F-88). Default: 'shown'. */
  readonly deletionQueue?: 'shown' | 'hidden';
  /** Whether the service refuses an order for a number that the account has (unverified: F-86). Default: 'refuse'. */
  readonly repeatedOrder?: 'refuse' | 'accept';
  /** Milliseconds for which a released number can be restored. Default: seven days. */
  readonly queueTime?: number;
  /** Milliseconds for which a number that was just acquired, restored, or disassociated is refused with few words. Default: 1000. */
  readonly unready?: number;
  /** Milliseconds until a calling name takes effect. Default: 72 hours. */
  readonly callingName?: number;
}

/** Regions with phone numbers: in the other regions, the service sells none. */
export const numberRegions = ['us-east-1', 'us-west-2'];

/** Regions with an endpoint of the control plane. */
export const regions = [
  'ap-northeast-1', 'ap-northeast-2', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1', 'eu-west-1', 'eu-west-2',
  'us-east-1', 'us-west-2',
];

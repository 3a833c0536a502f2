import { Rate } from '../service';

/** As the API has it. */
export interface StreamingConfiguration {
  readonly DataRetentionInHours: number;
  readonly Disabled: boolean;
  readonly StreamingNotificationTargets?: readonly { readonly NotificationTarget?: string }[];
  readonly MediaInsightsConfiguration?: { readonly Disabled?: boolean; readonly ConfigurationArn?: string };
}

/** What is known of the service, and what is not: the default is then the stricter reading. Holds for the legacy namespace too, unless said otherwise. */
export interface ChimeSdkVoiceOptions {
  /** Milliseconds for which a voice connector that was just created is not found. Default: 1000. */
  readonly propagation?: number;
  readonly quotas?: {
    /** Voice connectors in an account and region. Default: 3. */
    readonly voiceConnectors?: number;
  };
  /** What becomes of the members that Put does not name: it replaces the whole configuration, or leaves them. Default: 'clear'. */
  readonly omittedMembers?: 'clear' | 'keep';
  /** What the service fills in for members that a Put does not name. Default: nothing. */
  readonly memberDefaults?: Partial<Pick<StreamingConfiguration, 'StreamingNotificationTargets' | 'MediaInsightsConfiguration'>>;
  /** What Get answers for a voice connector without a streaming configuration: NotFoundException, or one that is disabled and keeps nothing. Default: 'not-found'. */
  readonly unconfigured?: 'not-found' | 'disabled';
  /** Members that Put takes, and answers, but does not store: only a read tells. Default: none. */
  readonly putDrops?: readonly ('StreamingNotificationTargets' | 'MediaInsightsConfiguration')[];
  /** What becomes of a notification target that is given twice. Default: 'refuse'. */
  readonly duplicateTargets?: 'refuse' | 'keep' | 'merge';
  /**
   * Whether each account has the role AWSServiceRoleForAmazonChimeVoiceConnector already. If not, the first Put of a configuration that
   * is not disabled makes it, and its caller needs iam:CreateServiceLinkedRole. Default: 'missing'.
   */
  readonly serviceLinkedRole?: 'missing' | 'exists';
  /** Whether SNS and SQS targets need permission to create and look up their topic or queue (inferred from a managed policy). Default: true. */
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
  /** Calls per second of each operation: none are published. This namespace only. Default: unlimited. */
  readonly rates?: Record<string, Rate>;
}

/** Regions with an endpoint of the control plane. */
export const regions = [
  'ap-northeast-1', 'ap-northeast-2', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1', 'eu-west-1', 'eu-west-2',
  'us-east-1', 'us-west-2',
];

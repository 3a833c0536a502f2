/** Public contract: a deployed stack finds its handler by it. */
export const VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE = 'Custom::RtcVoiceConnectorStreaming';

/** On the voice connector: who owns its streaming configuration, as `<stack id>/<resource hash>`, and `/retained` where it is to stay. */
export const STREAMING_TAG = 'cdk-rtc:streaming';

/** On the voice connector, while a renamed construct takes over: who had it and what it was, until the old self is deleted. */
export const STREAMING_BEFORE_TAG = 'cdk-rtc:streaming-before';

/** The properties of the custom resource; CloudFormation delivers every leaf as a string. */
export interface VoiceConnectorStreamingProperties {
  readonly VoiceConnectorArn: string;
  /** Absent: true. */
  readonly Enabled?: boolean;
  /** Absent: 24. */
  readonly DataRetentionInHours?: number;
  readonly NotificationTargets?: string[];
  readonly MediaInsights?: {
    readonly ConfigurationArn: string;
    /** Absent: true. */
    readonly Enabled?: boolean;
  };
  /** Absent: FAIL. */
  readonly ExistingConfiguration?: string;
  /** Absent: CHIME_SDK. */
  readonly Namespace?: string;
  /** A change makes CloudFormation send an update; the handlers leave it out. */
  readonly ForceUpdateNonce?: string;
  /** Absent: false. */
  readonly Retain?: boolean;
}

export interface VoiceConnectorStreamingAttributes {
  readonly VoiceConnectorId: string;
}

export const DEFAULT_DATA_RETENTION_HOURS = 24;

/** The API's integer has 32 bits; its documentation names no other maximum. */
export const MAX_DATA_RETENTION_HOURS = 2 ** 31 - 1;

export const NOTIFICATION_TARGETS = ['EventBridge', 'SNS', 'SQS'];

export const FAIL = 'FAIL';
export const OVERWRITE = 'OVERWRITE';

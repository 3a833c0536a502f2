import { OWNER_TAG_COUNT, type TagProperty } from '../../private/contract';

/** Public contract: a deployed stack finds its handler by it. */
export const INGEST_CONFIGURATION_RESOURCE_TYPE = 'Custom::RtcIngestConfiguration';

/** The properties of the custom resource; CloudFormation delivers every leaf as a string. */
export interface IngestConfigurationProperties {
  readonly Name?: string;
  readonly StageArn?: string;
  /** Absent: RTMPS. */
  readonly IngestProtocol?: string;
  /** Absent: false. */
  readonly InsecureIngest?: boolean;
  /** Absent: false. */
  readonly RedundantIngest?: boolean;
  readonly UserId?: string;
  readonly Attributes?: { readonly [key: string]: string };
  /** Where the stream key goes. */
  readonly SecretArn: string;
  /** Absent: WAIT. */
  readonly OnLivePublisher?: string;
  readonly Region?: string;
  /** A change makes CloudFormation send an update; the handlers leave it out. */
  readonly ForceUpdateNonce?: string;
  /** Rendered from the deletion policy. */
  readonly Retain?: boolean;
  readonly Tags?: TagProperty[];
}

/** The attributes that `Fn::GetAtt` finds. No stream key is among them. */
export interface IngestConfigurationAttributes {
  readonly Name: string;
  readonly ParticipantId: string;
}

/** What the secret holds, as JSON. Public contract: applications read it. */
export interface StreamKeySecretValue {
  readonly ingestConfigurationArn: string;
  readonly participantId: string;
  readonly streamKey: string;
  /** One for each encoder; present with redundant ingest only. */
  readonly redundantIngestCredentials?: readonly { readonly participantId: string; readonly streamKey: string }[];
}

export const RTMPS = 'RTMPS';
export const RTMP = 'RTMP';

export const WAIT = 'WAIT';
export const DISCONNECT = 'DISCONNECT';
export const FAIL = 'FAIL';

/** https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_CreateIngestConfiguration.html */
export const INGEST_CONFIGURATION_LIMITS = {
  name: { min: 1, max: 128, pattern: /^[a-zA-Z0-9_-]+$/ },
  userId: { min: 1, max: 128 },
  attributes: { bytes: 1024 },
  userTags: 50 - OWNER_TAG_COUNT,
} as const;

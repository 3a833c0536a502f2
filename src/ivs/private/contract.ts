import { OWNER_TAG_COUNT, type TagProperty } from '../../private/contract';

/** The properties of the custom resource. CloudFormation delivers every leaf as a string. */
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
  /** The secret that holds the stream key. */
  readonly SecretArn: string;
  /** Absent: WAIT. */
  readonly OnLivePublisher?: string;
  readonly Region?: string;
  /** A change makes CloudFormation send an update. The handlers ignore the value. */
  readonly ForceUpdateNonce?: string;
  /** Rendered from the deletion policy. */
  readonly Retain?: boolean;
  readonly Tags?: TagProperty[];
}

/** The attributes for `Fn::GetAtt`. The stream key isn't an attribute. */
export interface IngestConfigurationAttributes {
  readonly Name: string;
  readonly ParticipantId: string;
}

/** The JSON value of the secret. Part of the public contract: applications read it. */
export interface StreamKeySecretValue {
  readonly ingestConfigurationArn: string;
  readonly participantId: string;
  readonly streamKey: string;
  /** The server URL of the encoder, `rtmps://HOST:443/app/`. Absent without a stage, and with the protocol RTMP. */
  readonly rtmpsEndpoint?: string;
  /** The server URL of the encoder, with the protocol RTMP and a stage. */
  readonly rtmpEndpoint?: string;
  /** The credentials of each encoder. Present with redundant ingest only. */
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

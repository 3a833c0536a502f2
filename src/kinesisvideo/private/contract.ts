import { OWNER_TAG_COUNT, type TagProperty } from '../../private/contract';

/** The properties of the custom resource. CloudFormation delivers every leaf as a string. */
export interface SignalingChannelProperties {
  readonly ChannelName?: string;
  readonly ChannelType?: string;
  readonly MessageTtlSeconds?: number;
  readonly MediaStorageStreamArn?: string;
  readonly AdoptExisting?: boolean;
  readonly Region?: string;
  /** A change makes CloudFormation send an update. The handlers ignore the value. */
  readonly ForceUpdateNonce?: string;
  /** Rendered from the deletion policy. */
  readonly Retain?: boolean;
  readonly Tags?: TagProperty[];
}

/** The attributes for `Fn::GetAtt`. Each attribute is always present, and empty if the service has no value. */
export interface SignalingChannelAttributes {
  readonly ChannelName: string;
  readonly MasterWssEndpoint: string;
  readonly MasterHttpsEndpoint: string;
  readonly MasterWebrtcEndpoint: string;
  readonly ViewerWssEndpoint: string;
  readonly ViewerHttpsEndpoint: string;
  readonly ViewerWebrtcEndpoint: string;
}

/** On a channel whose stream recorded another channel of the stack before: the name of that channel. A rollback restores its recording. */
export const REPLACED_TAG = 'cdk-rtc:replaced';

/** On a channel whose stream was moved to another resource of the stack: the name of the stream. The next update of the channel deletes the tag. */
export const TAKEN_TAG = 'cdk-rtc:taken';

/** The ARN of a channel, with its region and its account. */
export const CHANNEL_ARN = /^arn:[a-z\d-]+:kinesisvideo:([a-z0-9-]+):([0-9]+):channel\/[a-zA-Z0-9_.-]+\/[0-9]+$/;

export const SINGLE_MASTER = 'SINGLE_MASTER';
export const FULL_MESH = 'FULL_MESH';

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_CreateSignalingChannel.html */
export const SIGNALING_CHANNEL_LIMITS = {
  name: { min: 1, max: 256, pattern: /^[a-zA-Z0-9_.-]+$/ },
  messageTtlSeconds: { min: 5, max: 120, default: 60 },
  /** The service's limit of 50, minus the owner tags, `REPLACED_TAG`, and `TAKEN_TAG`. */
  userTags: 50 - OWNER_TAG_COUNT - 2,
  /**
   * The limit of the handler. A channel that an earlier version deployed can have one tag more, and a rollback must accept it. A channel rarely has both
   * `REPLACED_TAG` and `TAKEN_TAG`.
   */
  deployedUserTags: 50 - OWNER_TAG_COUNT - 1,
} as const;

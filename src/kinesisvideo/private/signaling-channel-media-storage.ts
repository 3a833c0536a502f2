import { CHANNEL_ARN } from './contract';
import { validateStreamArn } from './validation';
import { type KnownEnvironment, type KnownPaths, knownValues } from '../../private/known';

/** On the channel: the owner of its media storage. */
export const MEDIA_STORAGE_TAG = 'cdk-rtc:media-storage';

/** On the channel, during a rename: the former owner and the former stream. */
export const MEDIA_STORAGE_BEFORE_TAG = 'cdk-rtc:media-storage-before';

/** On a channel whose stream recorded another channel of the stack before: the name of that channel, and a hash of the stream. A rollback restores its recording. */
export const MEDIA_STORAGE_SOURCE_TAG = 'cdk-rtc:media-storage-source';

/** The properties of the custom resource. CloudFormation delivers every leaf as a string. */
export interface SignalingChannelMediaStorageProperties {
  readonly ChannelArn: string;
  readonly StreamArn: string;
  /** Absent: false. */
  readonly AdoptExisting?: boolean;
  /** A change makes CloudFormation send an update. The handlers ignore the value. */
  readonly ForceUpdateNonce?: string;
  /** Rendered from the deletion policy. */
  readonly Retain?: boolean;
}

/** Returns findings. The mixin calls it at synth, and the handler again for the values that were tokens then. */
export function validateSignalingChannelMediaStorage(
  properties: SignalingChannelMediaStorageProperties, environment: KnownEnvironment, known?: KnownPaths,
): string[] {
  const { ChannelArn, StreamArn } = knownValues(properties, known);
  if (ChannelArn === undefined) return validateStreamArn(StreamArn, environment);
  const [, region, account] = CHANNEL_ARN.exec(ChannelArn) ?? [];
  if (region === undefined) return [`channelArn: must be arn:…:kinesisvideo:REGION:ACCOUNT:channel/NAME/TIME, got ${JSON.stringify(ChannelArn)}`];
  if (environment.account !== undefined && account !== environment.account) {
    return [`channelArn: must be in the stack's own account (${environment.account}), got ${ChannelArn}; create the stack there`];
  }
  return validateStreamArn(StreamArn, { account, region });
}

import { Mixin, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import type { IConstruct } from 'constructs';
import { SINGLE_MASTER } from '../kinesisvideo/private/contract';
import { SIGNALING_CHANNEL_POLICY } from '../kinesisvideo/private/handler-policy';
import { claimStream, validateRecordedStream, validateStreamReference } from '../kinesisvideo/private/recorded-stream';
import { RECORDING_REGIONS } from '../kinesisvideo/private/regions';
import { SIGNALING_CHANNEL_MEDIA_STORAGE_RESOURCE_TYPE } from '../kinesisvideo/private/resource-types';
import {
  type SignalingChannelMediaStorageProperties, validateSignalingChannelMediaStorage,
} from '../kinesisvideo/private/signaling-channel-media-storage';
import { validateStreamArn } from '../kinesisvideo/private/validation';
import { validateAdoptExisting } from '../private/adopt-existing';
import { concrete, knownPaths } from '../private/concrete';
import { RtcCustomResource } from '../private/custom-resource';
import { throwFindings, throwIfInvalid } from '../private/errors';

/** The ID of the custom resource below the channel. */
const RESOURCE_ID = 'MediaStorage';

/**
 * Properties of the mixin `SignalingChannelMediaStorage`.
 */
export interface SignalingChannelMediaStorageProps {
  /**
   * The stream into which sessions are recorded. The stream must be in the channel's account and region, retain data for more than 0 hours, and belong to
   * no other channel. Updated in place: the channel records nothing for a moment, and peers must join again.
   *
   * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/webrtc-ingestion.html
   */
  readonly mediaStorageStream: kinesisvideo.IStreamRef;

  /**
   * Whether to adopt the recording if the channel already records into a stream, and no owner tag says for whom. The channel then records into
   * `mediaStorageStream`. Neither a rollback nor a deletion restores the previous stream. A recording that another stack owns by tag is never adopted.
   *
   * @default false - a deployment that meets an existing recording fails and doesn't change the recording
   */
  readonly adoptExisting?: boolean;

  /**
   * A value whose change forces an update, such as a timestamp or the number of a build. CloudFormation otherwise sends no update if no property has
   * changed. Every update compares the recording with these properties and corrects the differences, for example after an out-of-band change.
   *
   * @default - no forced update
   */
  readonly forceUpdateNonce?: string;

  /**
   * What happens to the recording when the mixin leaves the stack. With RETAIN, the channel goes on recording, with the owner tag on the channel. Use it
   * only if the channel is retained, too: the service doesn't delete a channel that records.
   *
   * @default RemovalPolicy.DESTROY - the channel stops recording
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Records the sessions of a `CfnSignalingChannel` into a stream. CloudFormation's own type of a signaling channel can't record.
 *
 * With the mixin, an existing channel records without a replacement. `SignalingChannel` of this library needs no mixin: it has the property
 * `mediaStorageStream`.
 *
 * `with()` applies a mixin to the channels in a construct, and does nothing if there is none. A `SignalingChannel` of this library has no
 * `CfnSignalingChannel`. To get an error in this case, use `Mixins.of(construct).requireAny().apply(mixin)`.
 *
 * The mixin adds the resource that records to the scope of the channel. Don't let the stream depend on the channel, as in
 * `stream.node.addDependency(channel)`: the dependency would be a cycle.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/mixins.html
 * @example
 *
 * const stream = new kinesisvideo.CfnStream(this, 'Recordings', { dataRetentionInHours: 24 });
 * const doorbell = new kinesisvideo.CfnSignalingChannel(this, 'Doorbell');
 * doorbell.with(new rtc.mixins.SignalingChannelMediaStorage({ mediaStorageStream: stream }));
 */
export class SignalingChannelMediaStorage extends Mixin {
  /**
   * @param props The properties of the mixin.
   * @throws one error for all properties that are wrong whatever the channel is
   */
  constructor(private readonly props: SignalingChannelMediaStorageProps) {
    super();
    throwFindings('mixins.SignalingChannelMediaStorage', [
      ...validateStreamArn(concrete(props.mediaStorageStream.streamRef.streamArn), {}),
      ...validateAdoptExisting(props.adoptExisting),
    ]);
  }

  /**
   * Returns whether the mixin applies to a construct: to a `CfnSignalingChannel` only.
   *
   * @param construct The construct to test.
   */
  public supports(construct: IConstruct): construct is kinesisvideo.CfnSignalingChannel {
    return kinesisvideo.CfnSignalingChannel.isCfnSignalingChannel(construct);
  }

  /**
   * Lets a channel record. Does nothing if the construct isn't a `CfnSignalingChannel`.
   *
   * @param construct The channel.
   * @throws one error for all properties that don't fit this channel: the environment of the stream, the type of the channel, a stream that records another
   * channel of the app, or a channel that has the mixin already. Properties that can change after the call are checked at synth. Values that are known only
   * at deployment are checked then.
   */
  public applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    const { mediaStorageStream, adoptExisting, forceUpdateNonce, removalPolicy } = this.props;
    const properties: SignalingChannelMediaStorageProperties = {
      ChannelArn: construct.attrArn,
      StreamArn: mediaStorageStream.streamRef.streamArn,
      AdoptExisting: adoptExisting || undefined,
      ForceUpdateNonce: forceUpdateNonce,
    };
    const region = concrete(construct.stack.region);
    const environment = { account: concrete(construct.stack.account), region };
    throwIfInvalid(construct, construct.node.tryFindChild(RESOURCE_ID)
      ? ['mediaStorageStream: the mixin SignalingChannelMediaStorage is applied to this channel already, and a channel records into one stream; apply it once']
      : [
        ...validateSignalingChannelMediaStorage(properties, environment, knownPaths(properties)),
        ...validateType(construct),
        ...validateStreamReference(construct, mediaStorageStream),
        ...claimStream(construct, mediaStorageStream),
      ]);
    construct.node.addValidation({ validate: () => [...validateType(construct), ...validateRecordedStream(mediaStorageStream)] });
    if (region !== undefined && !RECORDING_REGIONS.includes(region)) {
      Validations.of(construct).addWarning('cdk-rtc:SignalingChannelMediaStorage.region',
        `mediaStorageStream: channels are not known to record in ${region}; they do in ${RECORDING_REGIONS.join(', ')}`);
    }
    new RtcCustomResource(construct, RESOURCE_ID, {
      handlerPolicies: [SIGNALING_CHANNEL_POLICY],
      resourceType: SIGNALING_CHANNEL_MEDIA_STORAGE_RESOURCE_TYPE,
      properties: { ...properties },
      removalPolicy,
    });
  }
}

function validateType({ type }: kinesisvideo.CfnSignalingChannel): string[] {
  const known = concrete(type);
  if (known === undefined || known === SINGLE_MASTER) return [];
  return [`type: sessions are recorded for ${SINGLE_MASTER} channels only, got ${JSON.stringify(known)}; leave it out, or use ${SINGLE_MASTER}`];
}

import { type Duration, type IResource, type RemovalPolicy, Resource, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { isNamePattern, nameFromArn, validateNamePattern, validateSingleName } from './private/arn';
import type { SignalingChannelAttributes as Attributes, SignalingChannelProperties } from './private/contract';
import { SIGNALING_CHANNEL_POLICY } from './private/handler-policy';
import { claimStream, validateRecordedStream, validateStreamReference } from './private/recorded-stream';
import { KINESIS_VIDEO_STREAMS } from './private/regions';
import { SIGNALING_CHANNEL_RESOURCE_TYPE } from './private/resource-types';
import { validateSignalingChannel, validateSignalingChannelName, validateSignalingChannelTags } from './private/validation';
import { SignalingChannelGrants } from './signaling-channel-grants';
import { alarm } from '../private/alarm';
import { brand, isBranded } from '../private/brand';
import { amountOf, concrete, knownPaths, opaque, validateTokenUnit } from '../private/concrete';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { validateRegion } from '../private/region-validation';
import { warnAboutRegion } from '../private/region-warning';
import { resourceMetric } from '../private/resource-metric';
import type { RtcAlarmOptions } from '../rtc-alarm-options';

/**
 * How the peers of a signaling channel connect.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_CreateSignalingChannel.html
 */
export enum ChannelType {
  /** One master and many viewers, for example a camera and its viewers. */
  SINGLE_MASTER = 'SINGLE_MASTER',

  /** Every peer connects to every other peer. The API has this value, but its documentation says that only SINGLE_MASTER is supported (unverified: F-64). */
  FULL_MESH = 'FULL_MESH',
}

/**
 * The operations of the signaling service that have their own metrics.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-monitoring-cw.html
 */
export enum SignalingOperation {
  /** A master opens its connection. */
  CONNECT_AS_MASTER = 'ConnectAsMaster',
  /** A viewer opens its connection. */
  CONNECT_AS_VIEWER = 'ConnectAsViewer',
  /** A viewer offers a session. */
  SEND_SDP_OFFER = 'SendSdpOffer',
  /** A master answers an offer. */
  SEND_SDP_ANSWER = 'SendSdpAnswer',
  /** A peer sends an ICE candidate. */
  SEND_CANDIDATE = 'SendCandidate',
  /** An Alexa device offers a session. */
  SEND_ALEXA_OFFER_TO_MASTER = 'SendAlexaOfferToMaster',
  /** A peer asks for TURN servers. */
  GET_ICE_SERVER_CONFIG = 'GetIceServerConfig',
  /** A connection ends. */
  DISCONNECT = 'Disconnect',
  /** A master joins the recorded session. */
  JOIN_STORAGE_SESSION = 'JoinStorageSession',
  /** A viewer joins the recorded session. */
  JOIN_STORAGE_SESSION_AS_VIEWER = 'JoinStorageSessionAsViewer',
}

/**
 * A Kinesis Video Streams WebRTC signaling channel.
 */
export interface ISignalingChannel extends IResource, kinesisvideo.ISignalingChannelRef {
  /**
   * The name of the channel.
   *
   * @attribute
   */
  readonly signalingChannelName: string;

  /**
   * The ARN of the channel. Its last part is the time of creation, so a channel that is created later with the same name has a different ARN.
   *
   * @attribute
   */
  readonly signalingChannelArn: string;

  /**
   * The endpoint (`wss://…`) to which a master connects. It doesn't change until the channel is deleted.
   *
   * @attribute
   */
  readonly masterWssEndpoint: string;

  /**
   * The endpoint (`https://…`) from which a master requests ICE servers.
   *
   * @attribute
   */
  readonly masterHttpsEndpoint: string;

  /**
   * The endpoint (`wss://…`) to which a viewer connects.
   *
   * @attribute
   */
  readonly viewerWssEndpoint: string;

  /**
   * The endpoint (`https://…`) from which a viewer requests ICE servers.
   *
   * @attribute
   */
  readonly viewerHttpsEndpoint: string;

  /**
   * Grants of permissions on this channel.
   */
  readonly grants: SignalingChannelGrants;

  /**
   * Returns a metric of this channel, in the namespace `AWS/KinesisVideo`. The service documents no metric of all channels together.
   *
   * @param metricName The name of the metric.
   * @param props The statistic (the average by default), the period (5 minutes by default), and additional dimensions.
   */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the messages sent and received in the channel: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricMessagesTransferred(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the failed calls of one operation: the sum over 5 minutes.
   *
   * @param operation The operation.
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricFailures(operation: SignalingOperation, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the latency of one operation, in milliseconds: the average over 5 minutes.
   *
   * @param operation The operation.
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricLatency(operation: SignalingOperation, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the minutes of media that TURN servers relay, which are billed: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricTurnConnectedMinutes(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Creates an alarm for failed calls of one operation: 1 or more in 5 minutes by default.
   *
   * @param id The ID of the alarm.
   * @param operation The operation whose failures trigger the alarm.
   * @param options The threshold, the period, or the name, if they differ from the defaults.
   */
  alarmOnFailures(id: string, operation: SignalingOperation, options?: RtcAlarmOptions): cloudwatch.Alarm;
}

/**
 * Properties of a signaling channel.
 */
export interface SignalingChannelProps {
  /**
   * The name of the channel: 1 to 256 letters, digits, `_`, `.`, or `-`, unique in the account and region.
   *
   * A change replaces the channel, so peers must look up the new endpoints.
   *
   * @default - generated from the stack name and the construct ID, so that a replacement can be created before the old channel is deleted
   */
  readonly signalingChannelName?: string;

  /**
   * The type of the channel. A change replaces the channel. It fails if `signalingChannelName` stays the same, because two channels can't have the same name.
   *
   * @default ChannelType.SINGLE_MASTER
   */
  readonly channelType?: ChannelType;

  /**
   * How long the service keeps a message that it can't deliver: 5 to 120 whole seconds. SINGLE_MASTER only. Updated in place.
   *
   * @default Duration.seconds(60)
   */
  readonly messageTtl?: Duration;

  /**
   * The stream into which sessions are recorded: a `VideoStream`, an imported one, or a `CfnStream`. SINGLE_MASTER only. The stream must be in the
   * channel's account and region, retain data for more than 0 hours, have neither image generation nor a notification, and belong to no other channel. Updated in place. Peers must join again after the update, because with a stream they
   * connect to the service instead of to each other.
   *
   * An account may have 100 channels with a stream per region.
   *
   * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/webrtc-ingestion.html
   * @default - sessions aren't recorded
   */
  readonly mediaStorageStream?: kinesisvideo.IStreamRef;

  /**
   * Whether to adopt an existing channel with the given name and no owner tag, and update it to these properties. The channel must have the desired
   * type. The stack owns an adopted channel and deletes it. To prevent the deletion, also by a failed first deployment, use `RemovalPolicy.RETAIN`.
   *
   * @default false - if a channel with this name exists, the deployment fails and doesn't change the channel
   */
  readonly adoptExisting?: boolean;

  /**
   * The region of the channel. A change replaces the channel.
   *
   * @default - the region of the stack
   */
  readonly region?: string;

  /**
   * A value whose change forces an update, such as a timestamp or a build number. Otherwise CloudFormation sends no update if no property has
   * changed. Every update compares the channel with these properties and corrects differences, for example after an out-of-band change.
   *
   * @default - no forced update
   */
  readonly forceUpdateNonce?: string;

  /**
   * What happens to the channel when it is removed from the stack. RETAIN keeps the channel and its owner tags. Another stack can adopt the channel
   * with `adoptExisting` after the tags are removed. The error of that deployment contains the command.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Attributes of an existing signaling channel.
 */
export interface SignalingChannelAttributes {
  /**
   * The ARN of the channel.
   */
  readonly signalingChannelArn: string;

  /**
   * The endpoint (`wss://…`) to which a master connects.
   *
   * @default - reading `masterWssEndpoint` throws
   */
  readonly masterWssEndpoint?: string;

  /**
   * The endpoint (`https://…`) from which a master requests ICE servers.
   *
   * @default - reading `masterHttpsEndpoint` throws
   */
  readonly masterHttpsEndpoint?: string;

  /**
   * The endpoint (`wss://…`) to which a viewer connects.
   *
   * @default - reading `viewerWssEndpoint` throws
   */
  readonly viewerWssEndpoint?: string;

  /**
   * The endpoint (`https://…`) from which a viewer requests ICE servers.
   *
   * @default - reading `viewerHttpsEndpoint` throws
   */
  readonly viewerHttpsEndpoint?: string;

  /**
   * The stream into which sessions are recorded.
   *
   * @default - no stream, and `grants.joinStorage` grants no permissions on a stream
   */
  readonly mediaStorageStream?: kinesisvideo.IStreamRef;
}

abstract class SignalingChannelBase extends Resource implements ISignalingChannel {
  public abstract readonly signalingChannelName: string;
  public abstract readonly signalingChannelArn: string;
  public abstract readonly masterWssEndpoint: string;
  public abstract readonly masterHttpsEndpoint: string;
  public abstract readonly viewerWssEndpoint: string;
  public abstract readonly viewerHttpsEndpoint: string;
  public abstract readonly grants: SignalingChannelGrants;

  public get signalingChannelRef(): kinesisvideo.SignalingChannelReference {
    return { signalingChannelName: this.signalingChannelName, signalingChannelArn: this.signalingChannelArn };
  }

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    throwIfInvalid(this, validateSingleName('metric', this.signalingChannelName, 'import the channel by its own name'));
    return resourceMetric(this, 'AWS/KinesisVideo', metricName, { SignalingChannelName: this.signalingChannelName }, props);
  }

  public metricMessagesTransferred(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('MessagesTransferred.Count', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricFailures(operation: SignalingOperation, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Failure', { statistic: cloudwatch.Stats.SUM, ...props, dimensionsMap: { Operation: operation, ...props?.dimensionsMap } });
  }

  public metricLatency(operation: SignalingOperation, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Latency', { ...props, dimensionsMap: { Operation: operation, ...props?.dimensionsMap } });
  }

  public metricTurnConnectedMinutes(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('TURNConnectedMinutes', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public alarmOnFailures(id: string, operation: SignalingOperation, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricFailures(operation, props), {
      threshold: 1,
      alarmDescription: `Peers of the signaling channel fail to ${operation}: check their permissions, their requests, and the service.`,
    }, options);
  }
}

class ImportedSignalingChannel extends SignalingChannelBase {
  public readonly signalingChannelArn: string;
  public readonly grants: SignalingChannelGrants;

  constructor(scope: Construct, id: string, public readonly signalingChannelName: string, private readonly attributes: SignalingChannelAttributes) {
    const signalingChannelArn = opaque(attributes.signalingChannelArn);
    super(scope, id, { environmentFromArn: signalingChannelArn });
    this.signalingChannelArn = signalingChannelArn;
    this.grants = SignalingChannelGrants.fromSignalingChannel(this, attributes.mediaStorageStream);
  }

  public get masterWssEndpoint() { return this.given('masterWssEndpoint'); }
  public get masterHttpsEndpoint() { return this.given('masterHttpsEndpoint'); }
  public get viewerWssEndpoint() { return this.given('viewerWssEndpoint'); }
  public get viewerHttpsEndpoint() { return this.given('viewerHttpsEndpoint'); }

  private given(attribute: 'masterWssEndpoint' | 'masterHttpsEndpoint' | 'viewerWssEndpoint' | 'viewerHttpsEndpoint'): string {
    const value = this.attributes[attribute];
    if (value === undefined) {
      throwIfInvalid(this, validateSingleName(attribute, this.signalingChannelName, 'import one channel with SignalingChannel.fromSignalingChannelAttributes'));
      throwIfInvalid(this, [`${attribute}: is not known of this imported channel; pass it to SignalingChannel.fromSignalingChannelAttributes`]);
    }
    return value!;
  }
}

/**
 * A Kinesis Video Streams WebRTC signaling channel.
 *
 * A deployment completes when the channel is active. If the service supports it, the channel is updated in place. The channel is deleted only if this
 * stack owns it. Its endpoints are attributes, so that a device or a page can connect without looking them up.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/what-is-kvswebrtc.html
 * @example
 *
 * const channel = new rtc.SignalingChannel(this, 'Doorbell', {
 *   messageTtl: Duration.seconds(30),
 * });
 * channel.grants.master(deviceRole);
 * channel.grants.viewer(viewerRole);
 */
@propertyInjectable
export class SignalingChannel extends SignalingChannelBase {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.SignalingChannel';

  /**
   * Returns whether a value is a `SignalingChannel`, also if another copy of this library in the app created it.
   *
   * For an imported resource it returns false: the result of a `from…` method has fewer members.
   *
   * @param x The value to test.
   */
  public static isSignalingChannel(x: any): x is SignalingChannel {
    return isBranded(x, 'SignalingChannel');
  }

  /**
   * Imports an existing channel by its ARN.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param signalingChannelArn The ARN of the channel.
   * @throws if the ARN is known at synth and isn't the ARN of a signaling channel
   */
  public static fromSignalingChannelArn(scope: Construct, id: string, signalingChannelArn: string): ISignalingChannel {
    return this.fromSignalingChannelAttributes(scope, id, { signalingChannelArn });
  }

  /**
   * Imports an existing channel of the stack's account and region by its name. The ARN of the construct has a wildcard in place of the time of creation:
   * use it for grants and metrics, but don't pass it to an API.
   *
   * To grant permissions to a fleet, the name can contain wildcards and policy variables, such as `${credentials-iot:ThingName}`. Use such a channel
   * for grants only. Reading its endpoints and its metrics throws, because each channel has its own.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param signalingChannelName The name of the channel.
   * @throws if the name is known at synth and is neither a name nor a pattern
   */
  public static fromSignalingChannelName(scope: Construct, id: string, signalingChannelName: string): ISignalingChannel {
    throwIfInvalid(scope, isNamePattern(signalingChannelName)
      ? validateNamePattern('signalingChannelName', signalingChannelName)
      : validateSignalingChannelName(concrete(signalingChannelName)), id);
    const signalingChannelArn = Stack.of(scope).formatArn({ service: 'kinesisvideo', resource: 'channel', resourceName: `${signalingChannelName}/*` });
    return new ImportedSignalingChannel(scope, id, signalingChannelName, { signalingChannelArn });
  }

  /**
   * Imports an existing channel by its attributes.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param attributes The attributes of the channel.
   * @throws if the ARN is known at synth and isn't the ARN of a signaling channel
   */
  public static fromSignalingChannelAttributes(scope: Construct, id: string, attributes: SignalingChannelAttributes): ISignalingChannel {
    const name = nameFromArn(scope, id, 'signalingChannelArn', attributes.signalingChannelArn, 'channel');
    return new ImportedSignalingChannel(scope, id, name, attributes);
  }

  public readonly grants: SignalingChannelGrants;

  private readonly resource: RtcCustomResource;
  private readonly mediaStorageStream?: kinesisvideo.IStreamRef;
  private nameAttribute?: string;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties of the construct.
   * @throws one error for all properties that are outside of their limits. The deployment checks values that are known only then.
   */
  constructor(scope: Construct, id: string, props: SignalingChannelProps = {}) {
    super(scope, id, { physicalName: props.signalingChannelName, region: props.region });
    brand(this, 'SignalingChannel');
    this.mediaStorageStream = props.mediaStorageStream;
    const properties: SignalingChannelProperties = {
      // Not the property, because only `physicalName` resolves PhysicalName.GENERATE_IF_NEEDED.
      ChannelName: props.signalingChannelName === undefined ? undefined : this.physicalName,
      ChannelType: props.channelType,
      MessageTtlSeconds: amountOf(props.messageTtl, 'seconds'),
      MediaStorageStreamArn: props.mediaStorageStream?.streamRef.streamArn,
      AdoptExisting: props.adoptExisting || undefined,
      Region: props.region,
      ForceUpdateNonce: props.forceUpdateNonce,
    };
    this.validate(props, properties);
    this.resource = new RtcCustomResource(this, 'Resource', {
      handlerPolicies: [SIGNALING_CHANNEL_POLICY],
      resourceType: SIGNALING_CHANNEL_RESOURCE_TYPE,
      properties: { ...properties },
      removalPolicy: props.removalPolicy,
      validateTags: validateSignalingChannelTags,
    });

    this.grants = SignalingChannelGrants.fromSignalingChannel(this, props.mediaStorageStream);
  }

  // Each attribute is a reference. It is created only if a stack uses it.
  public get signalingChannelName() { return this.nameAttribute ??= this.getResourceNameAttribute(this.attribute('ChannelName')); }
  public get signalingChannelArn() { return this.resource.ref; }
  public get masterWssEndpoint() { return this.attribute('MasterWssEndpoint'); }
  public get masterHttpsEndpoint() { return this.attribute('MasterHttpsEndpoint'); }
  public get viewerWssEndpoint() { return this.attribute('ViewerWssEndpoint'); }
  public get viewerHttpsEndpoint() { return this.attribute('ViewerHttpsEndpoint'); }

  /**
   * The endpoint at which a master calls `JoinStorageSession`.
   *
   * @throws if the channel has no `mediaStorageStream`: the service has this endpoint only for a channel with a stream
   * @attribute
   */
  public get masterWebrtcEndpoint(): string {
    return this.storageAttribute('masterWebrtcEndpoint', 'MasterWebrtcEndpoint');
  }

  /**
   * The endpoint at which a viewer calls `JoinStorageSessionAsViewer`.
   *
   * @throws if the channel has no `mediaStorageStream`: the service has this endpoint only for a channel with a stream
   * @attribute
   */
  public get viewerWebrtcEndpoint(): string {
    return this.storageAttribute('viewerWebrtcEndpoint', 'ViewerWebrtcEndpoint');
  }

  private storageAttribute(property: string, attribute: keyof Attributes): string {
    if (!this.mediaStorageStream) throwIfInvalid(this, [`${property}: exists only for a channel with a mediaStorageStream; give one`]);
    return this.attribute(attribute);
  }

  private attribute(name: keyof Attributes): string {
    return this.resource.getAtt(name).toString();
  }

  private validate(props: SignalingChannelProps, properties: SignalingChannelProperties): void {
    const region = concrete(this.env.region);
    const stream = props.mediaStorageStream;
    throwIfInvalid(this, [
      ...validateSignalingChannel(properties, { account: concrete(this.env.account), region }, knownPaths(properties)),
      ...validateTokenUnit('messageTtl', props.messageTtl, 'seconds'),
      ...validateRegion('region', concrete(props.region)),
      ...stream ? [...validateStreamReference(this, stream), ...claimStream(this, stream)] : [],
      ...props.adoptExisting && props.signalingChannelName === undefined
        ? ['adoptExisting: needs signalingChannelName, the name of the channel to adopt; give it, or leave adoptExisting out'] : [],
    ]);
    warnAboutRegion(this, 'SignalingChannel', KINESIS_VIDEO_STREAMS);
    if (stream) this.node.addValidation({ validate: () => validateRecordedStream(stream) });
  }
}

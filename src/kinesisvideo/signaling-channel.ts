import { Annotations, type Duration, type IResource, type RemovalPolicy, Resource, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { isNamePattern, nameFromArn, validateNamePattern } from './private/arn';
import { SIGNALING_CHANNEL_RESOURCE_TYPE, type SignalingChannelAttributes as Attributes, type SignalingChannelProperties } from './private/contract';
import { SIGNALING_CHANNEL_POLICY } from './private/handler-policy';
import { hasSignaling, SIGNALING_REGIONS } from './private/regions';
import { validateSignalingChannel, validateSignalingChannelName, validateSignalingChannelTags } from './private/validation';
import { SignalingChannelGrants } from './signaling-channel-grants';
import { alarm } from '../private/alarm';
import { brand, isBranded } from '../private/brand';
import { amountOf, concrete, differ, knownKeys, opaque, validateTokenUnit } from '../private/concrete';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { claim, referenceKey } from '../private/exclusive';
import { validateRegion } from '../private/region-validation';
import type { RtcAlarmOptions } from '../rtc-alarm-options';

/**
 * How the peers of a signaling channel meet.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_CreateSignalingChannel.html
 */
export enum ChannelType {
  /** One master and many viewers: a camera and the people who watch it. */
  SINGLE_MASTER = 'SINGLE_MASTER',

  /** Every peer with every other. The API has the value; its documentation says that only SINGLE_MASTER is supported today. */
  FULL_MESH = 'FULL_MESH',
}

/**
 * The operations of the signaling service that have metrics of their own.
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
   * The ARN of the channel; its last part is the time of creation, so a namesake created later has another.
   *
   * @attribute
   */
  readonly signalingChannelArn: string;

  /**
   * The endpoint (`wss://…`) at which a master connects. It does not change during the life of the channel.
   *
   * @attribute
   */
  readonly masterWssEndpoint: string;

  /**
   * The endpoint (`https://…`) at which a master asks for ICE servers.
   *
   * @attribute
   */
  readonly masterHttpsEndpoint: string;

  /**
   * The endpoint (`wss://…`) at which a viewer connects.
   *
   * @attribute
   */
  readonly viewerWssEndpoint: string;

  /**
   * The endpoint (`https://…`) at which a viewer asks for ICE servers.
   *
   * @attribute
   */
  readonly viewerHttpsEndpoint: string;

  /**
   * What applications may do with this channel.
   */
  readonly grants: SignalingChannelGrants;

  /**
   * A metric of this channel, in the namespace `AWS/KinesisVideo`. The service documents no metric of all channels together.
   *
   * @param metricName the name of the metric
   * @param props statistic (average unless given), period (5 minutes unless given), further dimensions
   */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Messages sent and received in the channel: sum over 5 minutes.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricMessagesTransferred(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Failed calls of one operation: sum over 5 minutes.
   *
   * @param operation the operation
   * @param props statistic, period or dimensions that differ from these
   */
  metricFailures(operation: SignalingOperation, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * The time that the service takes for one operation, in milliseconds: average over 5 minutes.
   *
   * @param operation the operation
   * @param props statistic, period or dimensions that differ from these
   */
  metricLatency(operation: SignalingOperation, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Minutes of media relayed by TURN servers, which are billed: sum over 5 minutes.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricTurnConnectedMinutes(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * An alarm for 1 failed call or more of one operation in 5 minutes, unless another `threshold` is given.
   *
   * @param id the id of the alarm
   * @param operation whose failures
   * @param options threshold, period, name
   */
  alarmOnFailures(id: string, operation: SignalingOperation, options?: RtcAlarmOptions): cloudwatch.Alarm;
}

/**
 * Properties of a signaling channel.
 */
export interface SignalingChannelProps {
  /**
   * The name: 1 to 256 letters, digits, or `_` `.` `-`, unique in account and region.
   *
   * A change replaces the channel, so peers must look up the new endpoints.
   *
   * @default - generated from stack and construct id; a generated name lets a replacement be made beside the old channel
   */
  readonly signalingChannelName?: string;

  /**
   * The type. A change replaces the channel, which is refused while `signalingChannelName` stays the same: two channels cannot have one name.
   *
   * @default ChannelType.SINGLE_MASTER
   */
  readonly channelType?: ChannelType;

  /**
   * How long the service keeps a message that it cannot deliver: 5 to 120 whole seconds. SINGLE_MASTER only. Changed in place.
   *
   * @default Duration.seconds(60)
   */
  readonly messageTtl?: Duration;

  /**
   * The stream into which sessions are recorded. SINGLE_MASTER only. It must be in the channel's account and region, keep data for
   * more than 0 hours, and belong to no other channel. Changed in place; peers then have to join again, because with a stream they
   * connect to the service instead of to each other.
   *
   * An account may have 100 channels with a stream per region.
   *
   * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/webrtc-ingestion.html
   * @default - sessions are not recorded
   */
  readonly mediaStorageStream?: kinesisvideo.IStreamRef;

  /**
   * Take over a channel of the given name that exists already and carries no owner tag, and make it equal to these properties. Its type
   * must be the wished one. From then on it belongs to the stack, and is deleted with it: use `RemovalPolicy.RETAIN` to prevent that, a
   * failed first deployment included.
   *
   * @default false - a deployment that meets an existing channel of this name fails and leaves it as it is
   */
  readonly adoptExisting?: boolean;

  /**
   * The region of the channel. A change replaces the channel.
   *
   * @default - the region of the stack
   */
  readonly region?: string;

  /**
   * A value whose change forces an update, such as a timestamp or the number of a build. CloudFormation otherwise sends no update if no property has
   * changed. Every update compares the channel with these properties and corrects what differs, for example after an out-of-band change.
   *
   * @default - no forced update
   */
  readonly forceUpdateNonce?: string;

  /**
   * What happens to the channel when it leaves the stack. With RETAIN it stays, with its owner tags; another stack takes it over with
   * `adoptExisting` after these tags were removed (the error of that deployment has the command).
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * What is known of an existing signaling channel.
 */
export interface SignalingChannelAttributes {
  /**
   * The ARN of the channel.
   */
  readonly signalingChannelArn: string;

  /**
   * Where a master connects (`wss://…`).
   *
   * @default - reading `masterWssEndpoint` throws
   */
  readonly masterWssEndpoint?: string;

  /**
   * Where a master asks for ICE servers (`https://…`).
   *
   * @default - reading `masterHttpsEndpoint` throws
   */
  readonly masterHttpsEndpoint?: string;

  /**
   * Where a viewer connects (`wss://…`).
   *
   * @default - reading `viewerWssEndpoint` throws
   */
  readonly viewerWssEndpoint?: string;

  /**
   * Where a viewer asks for ICE servers (`https://…`).
   *
   * @default - reading `viewerHttpsEndpoint` throws
   */
  readonly viewerHttpsEndpoint?: string;

  /**
   * The stream into which sessions are recorded.
   *
   * @default - none is known, and `grants.joinStorage` grants nothing on a stream
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
    if (isNamePattern(this.signalingChannelName)) {
      throwIfInvalid(this, [`metric: CloudWatch has metrics of single channels, and ${this.signalingChannelName} stands for many; import the channel by its own name`]);
    }
    return new cloudwatch.Metric({
      namespace: 'AWS/KinesisVideo',
      metricName,
      region: this.env.region === this.stack.region ? undefined : this.env.region,
      ...props,
      dimensionsMap: { SignalingChannelName: this.signalingChannelName, ...props?.dimensionsMap },
    }).attachTo(this);
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
      alarmDescription: `Peers of the signaling channel fail to ${operation}: their rights, their requests, or the service.`,
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
      throwIfInvalid(this, [`${attribute}: is not known of this imported channel; pass it to SignalingChannel.fromSignalingChannelAttributes`]);
    }
    return value!;
  }
}

/**
 * A Kinesis Video Streams WebRTC signaling channel: created, waited for until it is active, updated in place where the service can,
 * and deleted only when it is this stack's own.
 *
 * Its endpoints are attributes, so that a device or page can connect without looking them up.
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
  /** The id under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.SignalingChannel';

  /**
   * Returns whether a value is a `SignalingChannel`, also if another copy of this library in the app created it.
   *
   * An imported resource is not one: the result of a `from…` method has fewer members.
   *
   * @param x The value to test.
   */
  public static isSignalingChannel(x: any): x is SignalingChannel {
    return isBranded(x, 'SignalingChannel');
  }

  /**
   * An existing channel, by its ARN.
   *
   * @param scope the scope of the construct
   * @param id the id of the construct in its scope
   * @param signalingChannelArn the ARN of the channel
   * @throws if the ARN is known at synth and is not one of a signaling channel
   */
  public static fromSignalingChannelArn(scope: Construct, id: string, signalingChannelArn: string): ISignalingChannel {
    return this.fromSignalingChannelAttributes(scope, id, { signalingChannelArn });
  }

  /**
   * An existing channel of the stack's account and region, by its name. Its ARN has a wildcard where the time of creation stands:
   * right for grants and metrics, but not an ARN to hand to an API.
   *
   * For the grants of a fleet the name may hold wildcards and policy variables, such as `${credentials-iot:ThingName}`. Such a channel has no metrics.
   *
   * @param scope the scope of the construct
   * @param id the id of the construct in its scope
   * @param signalingChannelName the name of the channel
   */
  public static fromSignalingChannelName(scope: Construct, id: string, signalingChannelName: string): ISignalingChannel {
    throwIfInvalid(scope, isNamePattern(signalingChannelName)
      ? validateNamePattern('signalingChannelName', signalingChannelName)
      : validateSignalingChannelName(concrete(signalingChannelName)), id);
    const signalingChannelArn = Stack.of(scope).formatArn({ service: 'kinesisvideo', resource: 'channel', resourceName: `${signalingChannelName}/*` });
    return new ImportedSignalingChannel(scope, id, signalingChannelName, { signalingChannelArn });
  }

  /**
   * An existing channel, with as much as is known of it.
   *
   * @param scope the scope of the construct
   * @param id the id of the construct in its scope
   * @param attributes what is known of it
   * @throws if the ARN is known at synth and is not one of a signaling channel
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
   * @param scope the scope of the construct
   * @param id the id of the construct in its scope
   * @param props the properties
   * @throws if a property is outside of its limits: one error that lists all of them. What is known only at deployment is checked then.
   */
  constructor(scope: Construct, id: string, props: SignalingChannelProps = {}) {
    super(scope, id, { physicalName: props.signalingChannelName, region: props.region });
    brand(this, 'SignalingChannel');
    this.mediaStorageStream = props.mediaStorageStream;
    const properties: SignalingChannelProperties = {
      // Not the property: PhysicalName.GENERATE_IF_NEEDED is known only there.
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

  // Each is a reference, made only where a stack has a use for it.
  public get signalingChannelName() { return this.nameAttribute ??= this.getResourceNameAttribute(this.attribute('ChannelName')); }
  public get signalingChannelArn() { return this.resource.ref; }
  public get masterWssEndpoint() { return this.attribute('MasterWssEndpoint'); }
  public get masterHttpsEndpoint() { return this.attribute('MasterHttpsEndpoint'); }
  public get viewerWssEndpoint() { return this.attribute('ViewerWssEndpoint'); }
  public get viewerHttpsEndpoint() { return this.attribute('ViewerHttpsEndpoint'); }

  /**
   * The endpoint at which a master calls `JoinStorageSession`.
   *
   * @throws if the channel has no `mediaStorageStream`: the service has this endpoint only with one
   * @attribute
   */
  public get masterWebrtcEndpoint(): string {
    return this.storageAttribute('masterWebrtcEndpoint', 'MasterWebrtcEndpoint');
  }

  /**
   * The endpoint at which a viewer calls `JoinStorageSessionAsViewer`.
   *
   * @throws if the channel has no `mediaStorageStream`: the service has this endpoint only with one
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
      ...validateSignalingChannel(properties, { account: concrete(this.env.account), region }, knownKeys(properties)),
      ...validateTokenUnit('messageTtl', props.messageTtl, 'seconds'),
      ...validateRegion('region', concrete(props.region)),
      ...validateStreamEnvironment(this, props.mediaStorageStream),
      ...stream ? claim(this, 'mediaStorageStream', referenceKey(this, stream.streamRef.streamArn), 'records into this stream', 'a stream can record only one channel; use another stream') : [],
      ...props.adoptExisting && props.signalingChannelName === undefined
        ? ['adoptExisting: needs signalingChannelName, the name of the channel to take over; give it, or leave adoptExisting out'] : [],
    ]);
    if (region !== undefined && !hasSignaling(region)) {
      Annotations.of(this).addWarningV2('cdk-rtc:SignalingChannel.region',
        `region: Kinesis Video Streams is not known to be in ${region}; it is in ${SIGNALING_REGIONS.join(', ')}`);
    }
    if (kinesisvideo.CfnStream.isCfnStream(stream)) {
      this.node.addValidation({ validate: () => validateRetention(stream) });
    }
  }
}

/** The environment tells where the ARN is a token. */
function validateStreamEnvironment(channel: Resource, stream: kinesisvideo.IStreamRef | undefined): string[] {
  if (!stream || !Token.isUnresolved(stream.streamRef.streamArn)) return [];
  if (!differ(stream.env.region, channel.env.region) && !differ(stream.env.account, channel.env.account)) return [];
  return [`mediaStorageStream: must be in the channel's own account and region (${channel.env.account}, ${channel.env.region}), got ${stream.node.path} in ${stream.env.account}, ${stream.env.region}; use a stream there`];
}

function validateRetention(stream: kinesisvideo.CfnStream): string[] {
  const hours = stream.dataRetentionInHours;
  if (Token.isUnresolved(hours) || (hours ?? 0) > 0) return [];
  return [`mediaStorageStream: ${stream.node.path} keeps no data (dataRetentionInHours ${hours ?? 0}), so nothing could be recorded; give it 1 hour or more`];
}

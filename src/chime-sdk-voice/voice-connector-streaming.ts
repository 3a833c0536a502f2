import { Annotations, type Duration, type IResource, type RemovalPolicy, Resource, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as events from 'aws-cdk-lib/aws-events';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { ChimeNamespace } from '../chime-namespace';
import {
  OVERWRITE, VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE, type VoiceConnectorStreamingProperties, validateVoiceConnectorStreaming,
} from './private/voice-connector-streaming';
import { STREAMING_INSIGHTS_KIND, STREAMING_TARGETS_KIND, VOICE_CONNECTOR_STREAMING_KIND } from './private/handler-policy';
import { VOICE_REGIONS } from './private/regions';
import type { VoiceConnectorSettingAttributes as Attributes } from './private/voice-connector';
import { type IVoiceConnector, VoiceConnector } from './voice-connector';
import { voiceConnectorIdOf, VoiceConnectorStreamingGrants } from './voice-connector-streaming-grants';
import { alarm } from '../private/alarm';
import { brand, isBranded } from '../private/brand';
import { amountOf, concrete, isUnknown, knownKeys, opaque, validateTokenUnit } from '../private/concrete';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { eventRule } from '../private/event-rule';
import { claim, referenceKey } from '../private/exclusive';
import type { RtcAlarmOptions } from '../rtc-alarm-options';

/**
 * Whom the service tells when streaming starts, ends or fails.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_StreamingNotificationTarget.html
 */
export enum NotificationTarget {
  /** The default event bus, best effort. `onStreamingStatus` and `onEvent` add this target. That events arrive without it is unverified. */
  EVENT_BRIDGE = 'EventBridge',

  /** A topic whose name starts with `ChimeVoiceConnector-Streaming`. The service makes or finds it; another cannot be chosen. */
  SNS = 'SNS',

  /** A queue whose name starts with `ChimeVoiceConnector-Streaming`. The service makes or finds it; another cannot be chosen. */
  SQS = 'SQS',
}

/**
 * What happened to a stream.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/automating-chime-with-cloudwatch-events.html
 */
export enum StreamingStatus {
  /** Media of a call began to flow. */
  STARTED = 'STARTED',
  /** Media of a call ended. */
  ENDED = 'ENDED',
  /** Media could not be streamed. */
  FAILED = 'FAILED',
  /** A SIPREC session was updated. */
  UPDATED = 'UPDATED',
}

/**
 * Analysis of the calls.
 */
export interface StreamingMediaInsights {
  /**
   * The ARN of the media insights pipeline configuration, 1 to 1024 characters.
   */
  readonly configurationArn: string;

  /**
   * Whether calls are analysed.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/**
 * Options of a rule for streaming events.
 */
export interface OnStreamingStatusOptions extends events.OnEventOptions {
  /**
   * Which events.
   *
   * @default - all
   */
  readonly status?: StreamingStatus[];
}

/**
 * The streaming configuration of a voice connector.
 */
export interface IVoiceConnectorStreaming extends IResource {
  /**
   * The id of the voice connector.
   *
   * @attribute
   */
  readonly voiceConnectorId: string;

  /**
   * What applications may do with what is streamed.
   */
  readonly grants: VoiceConnectorStreamingGrants;

  /**
   * Creates a rule for every event that names this voice connector, of any detail type. An event pattern in `options` narrows the events.
   *
   * The construct adds `NotificationTarget.EVENT_BRIDGE` to its notification targets, as `onStreamingStatus` does.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and an event pattern that narrows the events.
   * @throws if the stack, or that of `crossStackScope`, is in another region than the voice connector: its events come there
   * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/automating-chime-with-cloudwatch-events.html
   */
  onEvent(id: string, options?: events.OnEventOptions): events.Rule;

  /**
   * A rule for the events of this voice connector's streams. Their detail has `streamArn`, `startFragmentNumber`, `callId`, `direction`, and more.
   *
   * The construct adds `NotificationTarget.EVENT_BRIDGE` to its notification targets. An imported configuration isn't changed: its targets must
   * include EventBridge.
   *
   * @param id the id of the rule
   * @param options the target, and which events
   * @throws if the stack, or that of `crossStackScope`, is in another region than the voice connector: its events come there
   */
  onStreamingStatus(id: string, options?: OnStreamingStatusOptions): events.Rule;

  /**
   * A metric of the voice connector, in the namespace `AWS/ChimeVoiceConnector`. The service documents no metric of all voice connectors together.
   *
   * @param metricName the name of the metric
   * @param props statistic (average unless given), period (5 minutes unless given), further dimensions
   * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/monitoring-cloudwatch.html
   */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Inbound calls that are active: maximum over 5 minutes.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricInboundCallsActive(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Outbound calls that are active: maximum over 5 minutes.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricOutboundCallsActive(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Inbound calls that failed: sum over 5 minutes.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricInboundCallFailures(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Outbound calls that failed: sum over 5 minutes.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricOutboundCallFailures(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Calls that were refused because the account made too many: sum over 5 minutes.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricThrottles(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * An alarm for 1 failed call or more in 5 minutes, inbound and outbound together, unless another `threshold` is given.
   *
   * @param id the id of the alarm
   * @param options threshold, period, name
   */
  alarmOnCallFailures(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;

  /**
   * An alarm for 1 call or more in 5 minutes that was refused because the account made too many, unless another `threshold` is given.
   *
   * @param id the id of the alarm
   * @param options threshold, period, name
   */
  alarmOnThrottles(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;
}

/**
 * Properties of the streaming configuration of a voice connector.
 */
export interface VoiceConnectorStreamingProps {
  /**
   * The voice connector: `VoiceConnector.fromVoiceConnectorId`, `VoiceConnector.fromVoiceConnectorArn`, or in TypeScript a `CfnVoiceConnector`.
   * It has one streaming configuration, so it can have one such construct. Changed: the new voice connector is configured first, then the
   * configuration of the old one is removed.
   */
  readonly voiceConnector: IVoiceConnector;

  /**
   * Whether calls are streamed. A configuration that is not enabled stays, with all its settings. Changed in place.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * How long the streams keep media: whole hours, 0 or more. Changed in place, for streams that are made from then on.
   *
   * @default Duration.hours(24)
   */
  readonly dataRetention?: Duration;

  /**
   * Whom the service notifies, each at most once. Changed in place.
   *
   * @default - EVENT_BRIDGE if `onStreamingStatus` or `onEvent` is called, otherwise none
   */
  readonly notificationTargets?: NotificationTarget[];

  /**
   * Analysis of the calls. Changed in place. Not in the legacy namespace.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/call-analytics.html
   * @default - none
   */
  readonly mediaInsights?: StreamingMediaInsights;

  /**
   * Take over a streaming configuration that the voice connector has already and that carries no owner tag, and make it equal to these properties.
   * Its previous settings are lost: neither a rollback nor a delete restores them. From then on the configuration belongs to the stack, and is
   * deleted with it: use `RemovalPolicy.RETAIN` to prevent that, a failed first deployment included. A configuration that another stack owns by tag
   * is never taken over.
   *
   * @default false - a deployment that meets an existing configuration fails and leaves it as it is
   */
  readonly adoptExisting?: boolean;

  /**
   * The API. Changed in place: both have the same voice connectors.
   *
   * @default ChimeNamespace.CHIME_SDK
   */
  readonly namespace?: ChimeNamespace;

  /**
   * A value whose change forces an update, such as a timestamp or the number of a build. CloudFormation otherwise sends no update if no property has
   * changed. Every update compares the streaming configuration with these properties and corrects what differs, for example after an out-of-band change.
   *
   * @default - no forced update
   */
  readonly forceUpdateNonce?: string;

  /**
   * What happens to the configuration when it leaves the stack. With RETAIN it stays, with its owner tag on the voice connector. The same
   * construct in the same stack takes it up again by itself; another stack after the tag was removed (the error of its deployment has the
   * command) with `adoptExisting`.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

abstract class VoiceConnectorStreamingBase extends Resource implements IVoiceConnectorStreaming {
  public abstract readonly voiceConnectorId: string;
  public abstract readonly grants: VoiceConnectorStreamingGrants;

  public onEvent(id: string, options: events.OnEventOptions = {}): events.Rule {
    const made = eventRule(this, id, options, {
      source: ['aws.chime'],
      detail: { voiceConnectorId: [this.voiceConnectorId] },
    }, (there, here) => `onEvent: the events come in ${there}, the rule ${id} would be in ${here}; give crossStackScope a stack of ${there}`);
    this._notifyEventBridge('onEvent');
    return made;
  }

  public onStreamingStatus(id: string, options: OnStreamingStatusOptions = {}): events.Rule {
    const { status, ...rule } = options;
    const made = eventRule(this, id, rule, {
      source: ['aws.chime'],
      detailType: ['Chime VoiceConnector Streaming Status'],
      detail: { voiceConnectorId: [this.voiceConnectorId], ...status ? { streamingStatus: status } : {} },
    }, (there, here) => `onStreamingStatus: the events come in ${there}, the rule ${id} would be in ${here}; give crossStackScope a stack of ${there}`);
    this._notifyEventBridge('onStreamingStatus');
    return made;
  }

  /**
   * Adds the target that the events of a rule need, or says that it can't.
   *
   * @internal
   */
  protected abstract _notifyEventBridge(method: string): void;

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/ChimeVoiceConnector',
      metricName,
      region: this.env.region === this.stack.region ? undefined : this.env.region,
      ...props,
      dimensionsMap: { VoiceConnectorId: this.voiceConnectorId, ...props?.dimensionsMap },
    }).attachTo(this);
  }

  public metricInboundCallsActive(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('InboundCallsActive', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  public metricOutboundCallsActive(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('OutboundCallsActive', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  public metricInboundCallFailures(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('InboundCallFailures', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricOutboundCallFailures(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('OutboundCallFailures', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricThrottles(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Throttles', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public alarmOnCallFailures(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => new cloudwatch.MathExpression({
      expression: 'FILL(inbound, 0) + FILL(outbound, 0)',
      usingMetrics: { inbound: this.metricInboundCallFailures(props), outbound: this.metricOutboundCallFailures(props) },
      label: 'Failed calls',
      ...props,
    }), {
      threshold: 1,
      alarmDescription: 'Calls through the voice connector fail: the other side, the network in between, or the service.',
    }, options);
  }

  public alarmOnThrottles(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricThrottles(props), {
      threshold: 1,
      alarmDescription: 'Calls are refused because there are too many a second. Ask AWS for a higher quota, or spread them.',
    }, options);
  }
}

class ImportedVoiceConnectorStreaming extends VoiceConnectorStreamingBase {
  public readonly voiceConnectorId: string;
  public readonly grants: VoiceConnectorStreamingGrants;

  constructor(scope: Construct, id: string, voiceConnector: IVoiceConnector) {
    super(scope, id, { environmentFromArn: opaque(voiceConnector.voiceConnectorRef.voiceConnectorArn) });
    this.voiceConnectorId = voiceConnectorIdOf(voiceConnector.voiceConnectorRef.voiceConnectorArn);
    this.grants = VoiceConnectorStreamingGrants.fromVoiceConnector(voiceConnector);
  }

  /** @internal */
  protected override _notifyEventBridge(method: string): void {
    Annotations.of(this).addInfoV2('cdk-rtc:VoiceConnectorStreaming.importedEvents',
      `${method}: the imported streaming configuration is not changed; for its events to arrive, its notification targets must include EventBridge`);
  }
}

/**
 * The streaming configuration of an Amazon Chime SDK voice connector: its calls as Kinesis video streams, for transcription, analysis and recording.
 *
 * It works with any voice connector: of this stack, of another, or one that exists already.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/start-kinesis-vc.html
 * @example
 *
 * const streaming = new rtc.VoiceConnectorStreaming(this, 'Streaming', {
 *   voiceConnector: rtc.VoiceConnector.fromVoiceConnectorId(this, 'Connector', 'abcdefghijklmnopqrstuv'),
 *   dataRetention: Duration.hours(2),
 *   notificationTargets: [rtc.NotificationTarget.EVENT_BRIDGE],
 * });
 * streaming.grants.readMedia(viewerRole);
 */
@propertyInjectable
export class VoiceConnectorStreaming extends VoiceConnectorStreamingBase {
  /** The id under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.VoiceConnectorStreaming';

  /**
   * Returns whether a value is a `VoiceConnectorStreaming`, also if another copy of this library in the app created it.
   *
   * An imported resource is not one: the result of a `from…` method has fewer members.
   *
   * @param x The value to test.
   */
  public static isVoiceConnectorStreaming(x: any): x is VoiceConnectorStreaming {
    return isBranded(x, 'VoiceConnectorStreaming');
  }

  /**
   * The existing streaming configuration of a voice connector, by the voice connector's ARN.
   *
   * @param scope the scope of the construct
   * @param id the id of the construct in its scope
   * @param voiceConnectorArn the ARN of the voice connector
   * @throws if the ARN is known at synth and is not one of a voice connector
   */
  public static fromVoiceConnectorArn(scope: Construct, id: string, voiceConnectorArn: string): IVoiceConnectorStreaming {
    return new ImportedVoiceConnectorStreaming(scope, id, VoiceConnector.fromVoiceConnectorArn(scope, `${id}Connector`, voiceConnectorArn));
  }

  public readonly voiceConnectorId: string;
  public readonly grants: VoiceConnectorStreamingGrants;

  private readonly resource: RtcCustomResource;
  private readonly notificationTargets: readonly NotificationTarget[];

  /**
   * @param scope the scope of the construct
   * @param id the id of the construct in its scope
   * @param props the properties
   * @throws if a property is outside of its limits, or if another construct in this app configures the same voice connector: one error that
   * lists all findings. What is known only at deployment is checked then.
   */
  constructor(scope: Construct, id: string, props: VoiceConnectorStreamingProps) {
    super(scope, id, { region: props.voiceConnector.env.region });
    brand(this, 'VoiceConnectorStreaming');
    const { voiceConnectorArn } = props.voiceConnector.voiceConnectorRef;
    const properties: VoiceConnectorStreamingProperties = {
      VoiceConnectorArn: voiceConnectorArn,
      Enabled: props.enabled === false ? false : undefined,
      DataRetentionInHours: amountOf(props.dataRetention, 'hours'),
      NotificationTargets: props.notificationTargets?.length ? props.notificationTargets : undefined,
      MediaInsights: props.mediaInsights && {
        ConfigurationArn: props.mediaInsights.configurationArn,
        Enabled: props.mediaInsights.enabled === false ? false : undefined,
      },
      ExistingConfiguration: props.adoptExisting ? OVERWRITE : undefined,
      Namespace: props.namespace === ChimeNamespace.CHIME_SDK ? undefined : props.namespace,
      ForceUpdateNonce: props.forceUpdateNonce,
    };
    this.validate(props, properties);
    this.notificationTargets = props.notificationTargets ?? [];
    this.resource = new RtcCustomResource(this, 'Resource', {
      kinds: [
        VOICE_CONNECTOR_STREAMING_KIND,
        ...props.notificationTargets?.some((target) => target !== NotificationTarget.EVENT_BRIDGE) ? [STREAMING_TARGETS_KIND] : [],
        ...props.mediaInsights ? [STREAMING_INSIGHTS_KIND] : [],
      ],
      resourceType: VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE,
      properties: { ...properties },
      members: { MediaInsights: ['ConfigurationArn', 'Enabled'] },
      removalPolicy: props.removalPolicy,
    });

    const voiceConnectorId: keyof Attributes = 'VoiceConnectorId';
    this.voiceConnectorId = this.resource.getAtt(voiceConnectorId).toString();
    this.grants = VoiceConnectorStreamingGrants.fromVoiceConnector(props.voiceConnector);
  }

  /** @internal */
  protected override _notifyEventBridge(method: string): void {
    const targets = this.notificationTargets;
    if (!Token.isUnresolved(targets) && targets.includes(NotificationTarget.EVENT_BRIDGE)) return;
    const annotations = Annotations.of(this);
    // A target that only the deployment knows may be EventBridge, and each target may be named once.
    if (Token.isUnresolved(targets) || targets.some((target) => Token.isUnresolved(target))) {
      annotations.addInfoV2('cdk-rtc:VoiceConnectorStreaming.unknownTargets',
        `${method}: notificationTargets are known only at deployment, so EventBridge is not added to them; for the events to arrive, they must include EventBridge`);
      return;
    }
    const notificationTargets: keyof VoiceConnectorStreamingProperties = 'NotificationTargets';
    this.resource.setProperty(notificationTargets, [...targets, NotificationTarget.EVENT_BRIDGE]);
    annotations.addInfoV2('cdk-rtc:VoiceConnectorStreaming.eventBridge',
      `notificationTargets: EventBridge is added because ${method} was called`);
  }

  private validate(props: VoiceConnectorStreamingProps, properties: VoiceConnectorStreamingProperties): void {
    const region = concrete(this.env.region);
    throwIfInvalid(this, [
      // An ARN that is made from an id holds pseudo parameters; the id in it was checked where it was given.
      ...validateVoiceConnectorStreaming(properties, { account: concrete(this.stack.account), region }, knownKeys(properties)),
      ...validateTokenUnit('dataRetention', props.dataRetention, 'hours'),
      ...Token.isUnresolved(props.adoptExisting) ? ['adoptExisting: must be known at synth, got a token; give true or false'] : [],
      ...claim(this, 'voiceConnector', connectorKey(this, props.voiceConnector), 'configures this voice connector',
        'it can have only one streaming configuration; remove one of the two'),
    ]);
    if (region !== undefined && !VOICE_REGIONS.includes(region)) {
      Annotations.of(this).addWarningV2('cdk-rtc:VoiceConnectorStreaming.region',
        `voiceConnector: Amazon Chime SDK voice is not known to be in ${region}; it is in ${VOICE_REGIONS.join(', ')}`);
    }
  }
}

/** By id where it is known, so that it does not matter how it was given. */
function connectorKey(construct: Resource, voiceConnector: IVoiceConnector): string {
  const { voiceConnectorArn } = voiceConnector.voiceConnectorRef;
  const { account, region } = construct.env;
  const id = /:vc\/([a-z0-9-]+)$/.exec(voiceConnectorArn)?.[1];
  if (id === undefined || isUnknown(account) || isUnknown(region)) return referenceKey(construct, voiceConnectorArn);
  return [account, region, id].join(' ');
}

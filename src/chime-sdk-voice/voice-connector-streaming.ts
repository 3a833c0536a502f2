import { Annotations, type Duration, type IResource, Token } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { ChimeNamespace } from '../chime-namespace';
import { STREAMING_INSIGHTS_POLICY, STREAMING_TARGETS_POLICY, VOICE_CONNECTOR_STREAMING_POLICY } from './private/handler-policy';
import { CHIME_SDK_VOICE } from './private/regions';
import { VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE } from './private/resource-types';
import type { VoiceConnectorSettingAttributes as Attributes } from './private/setting-contract';
import { voiceConnectorIdOf } from './private/voice-connector-id';
import { chainSetting, validateSetting } from './private/voice-connector-setting';
import { OVERWRITE, validateVoiceConnectorStreaming, type VoiceConnectorStreamingProperties } from './private/voice-connector-streaming';
import { ImportedVoiceConnector } from './voice-connector-base';
import { type IVoiceConnectorMetrics, VoiceConnectorMetrics } from './voice-connector-metrics';
import type { IVoiceConnectorRef } from './voice-connector-ref';
import type { VoiceConnectorSettingOptions } from './voice-connector-setting';
import { VoiceConnectorStreamingGrants } from './voice-connector-streaming-grants';
import { brand, isBranded } from '../private/brand';
import { amountOf, concrete, knownPaths, opaque, validateTokenUnit } from '../private/concrete';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { eventRule } from '../private/event-rule';
import { warnAboutRegion } from '../private/region-warning';

/**
 * The targets that the service notifies when streaming starts, ends, or fails.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_StreamingNotificationTarget.html
 */
export enum NotificationTarget {
  /** The default event bus, best effort. `onStreamingStatus` and `onEvent` add this target. Whether events arrive without this target is unverified (F-35). */
  EVENT_BRIDGE = 'EventBridge',

  /** A topic whose name starts with `ChimeVoiceConnector-Streaming`. The service creates the topic or finds it. You can't choose another topic. */
  SNS = 'SNS',

  /** A queue whose name starts with `ChimeVoiceConnector-Streaming`. The service creates the queue or finds it. You can't choose another queue. */
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
   * Whether calls are analyzed.
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
export interface IVoiceConnectorStreaming extends IResource, IVoiceConnectorMetrics {
  /**
   * The id of the voice connector.
   *
   * @attribute
   */
  readonly voiceConnectorId: string;

  /**
   * Grants on the media that is streamed.
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
}

/**
 * Options of the streaming configuration of a voice connector.
 */
export interface VoiceConnectorStreamingOptions extends VoiceConnectorSettingOptions {
  /**
   * Whether calls are streamed. A configuration that is not enabled stays, with all its settings. Changed in place.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * How long the streams keep media: whole hours, 0 or more. Changed in place, for streams that the service creates from then on.
   *
   * @default Duration.hours(24)
   */
  readonly dataRetention?: Duration;

  /**
   * The targets that the service notifies, each at most once. Changed in place.
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
   * The API that the handlers call. Changed in place: both APIs have the same voice connectors.
   *
   * @default ChimeNamespace.CHIME_SDK
   */
  readonly namespace?: ChimeNamespace;
}

/**
 * Properties of the streaming configuration of a voice connector.
 */
export interface VoiceConnectorStreamingProps extends VoiceConnectorStreamingOptions {
  /**
   * The voice connector: a `VoiceConnector`, an import by `VoiceConnector.fromVoiceConnectorId` or `VoiceConnector.fromVoiceConnectorArn`, or in
   * TypeScript a `CfnVoiceConnector`. A voice connector has one streaming configuration, so it can have one such construct. A change configures the new
   * voice connector first, then deletes the configuration of the old one.
   */
  readonly voiceConnector: IVoiceConnectorRef;
}

abstract class VoiceConnectorStreamingBase extends VoiceConnectorMetrics implements IVoiceConnectorStreaming {
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
}

class ImportedVoiceConnectorStreaming extends VoiceConnectorStreamingBase {
  public readonly voiceConnectorId: string;
  public readonly grants: VoiceConnectorStreamingGrants;

  constructor(scope: Construct, id: string, voiceConnector: IVoiceConnectorRef) {
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
 * It works with any voice connector of the account: of this stack, of another stack, or created by another tool.
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
    return new ImportedVoiceConnectorStreaming(scope, id, ImportedVoiceConnector.fromArn(scope, `${id}Connector`, voiceConnectorArn));
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
      handlerPolicies: [
        VOICE_CONNECTOR_STREAMING_POLICY,
        ...props.notificationTargets?.some((target) => target !== NotificationTarget.EVENT_BRIDGE) ? [STREAMING_TARGETS_POLICY] : [],
        ...props.mediaInsights ? [STREAMING_INSIGHTS_POLICY] : [],
      ],
      resourceType: VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE,
      properties: { ...properties },
      members: { MediaInsights: ['ConfigurationArn', 'Enabled'] },
      removalPolicy: props.removalPolicy,
    });
    chainSetting(this, props.voiceConnector, this.resource);

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
      ...validateVoiceConnectorStreaming(properties, { account: concrete(this.stack.account), region }, knownPaths(properties)),
      ...validateTokenUnit('dataRetention', props.dataRetention, 'hours'),
      ...validateSetting(this, props.voiceConnector, 'streaming configuration', props),
    ]);
    warnAboutRegion(this, 'VoiceConnectorStreaming', CHIME_SDK_VOICE);
  }
}

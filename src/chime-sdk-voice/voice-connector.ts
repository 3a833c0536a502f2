import { type CfnResource, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as chime from 'aws-cdk-lib/aws-chime';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { CHIME_SDK_VOICE } from './private/regions';
import {
  validateVoiceConnector, validateVoiceConnectorTags, VOICE_CONNECTOR_NAME_LENGTH, VOICE_CONNECTOR_RESOURCE_TYPE,
  type VoiceConnectorProperties, voiceConnectorWarnings,
} from './private/voice-connector-properties';
import { type IVoiceConnector, ImportedVoiceConnector, VoiceConnectorBase } from './voice-connector-base';
import { VoiceConnectorLogging, type VoiceConnectorLoggingOptions } from './voice-connector-logging';
import { VoiceConnectorOrigination, type VoiceConnectorOriginationOptions } from './voice-connector-origination';
import type { VoiceConnectorSettingOptions } from './voice-connector-setting';
import { VoiceConnectorStreaming, type VoiceConnectorStreamingOptions } from './voice-connector-streaming';
import { VoiceConnectorTermination, type VoiceConnectorTerminationOptions } from './voice-connector-termination';
import { brand, isBranded } from '../private/brand';
import { knownPaths } from '../private/concrete';
import { followCondition } from '../private/condition';
import { throwIfInvalid } from '../private/errors';
import { nameOrGenerated, NativeResource } from '../private/native-resource';
import { warnAboutRegion } from '../private/region-warning';
import { validateRemovalPolicy } from '../private/removal-policy';

/**
 * The IP versions of a voice connector.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_CreateVoiceConnector.html
 */
export enum VoiceConnectorNetworkType {
  /** IPv4 only. */
  IPV4_ONLY = 'IPV4_ONLY',

  /** IPv4 and IPv6. */
  DUAL_STACK = 'DUAL_STACK',
}

/**
 * Properties of a voice connector.
 */
export interface VoiceConnectorProps {
  /**
   * The name: 1 to 256 letters, digits, blanks, `_`, `.`, and `-`. The name need not be unique. Changed in place.
   *
   * @default - generated from the path of the construct
   */
  readonly voiceConnectorName?: string;

  /**
   * Whether calls must be encrypted: TLS for SIP messages and SRTP for media. The service then blocks outbound calls that aren't encrypted. Changed in
   * place.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/create-voicecon.html
   * @default true
   */
  readonly requireEncryption?: boolean;

  /**
   * The IP versions. A change replaces the voice connector, with a new ID and a new outbound host name.
   *
   * @default VoiceConnectorNetworkType.IPV4_ONLY
   */
  readonly networkType?: VoiceConnectorNetworkType;

  /**
   * The region in which the service processes the media of calls. The voice connector itself is in the region of the stack. A change replaces the voice
   * connector, with a new ID and a new outbound host name.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_CreateVoiceConnector.html
   * @default - the region of the stack
   */
  readonly mediaRegion?: string;

  /**
   * Streams the media of calls to Kinesis Video Streams: creates a `VoiceConnectorStreaming`.
   *
   * @default - no streaming
   */
  readonly streaming?: VoiceConnectorStreamingOptions;

  /**
   * Allows outbound calls, from your SIP hosts to the telephone network: creates a `VoiceConnectorTermination`.
   *
   * @default - no outbound calls
   */
  readonly termination?: VoiceConnectorTerminationOptions;

  /**
   * Delivers inbound calls, from the telephone network to your SIP hosts: creates a `VoiceConnectorOrigination`.
   *
   * @default - no inbound calls
   */
  readonly origination?: VoiceConnectorOriginationOptions;

  /**
   * Logs SIP messages or the quality of media to CloudWatch Logs: creates a `VoiceConnectorLogging`.
   *
   * @default - no logs
   */
  readonly logging?: VoiceConnectorLoggingOptions;

  /**
   * What happens to the voice connector when it leaves the stack. The policy also holds for `streaming`, `termination`, `origination`, and `logging`,
   * unless they have a policy of their own. A voice connector can be deleted only if no phone number is associated with it.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * An Amazon Chime SDK voice connector: a SIP trunk between your SIP hosts and the telephone network.
 *
 * The properties `termination`, `origination`, `logging`, and `streaming` create the constructs of these settings, which CloudFormation doesn't support.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/voice-connectors.html
 * @example
 *
 * const trunk = new rtc.VoiceConnector(this, 'Trunk', {
 *   termination: { allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'] },
 *   origination: { routes: [{ host: 'sip.example.com' }] },
 * });
 * trunk.alarmOnOutboundCallVolume('CallVolume', { threshold: 50 });
 */
@propertyInjectable
export class VoiceConnector extends VoiceConnectorBase {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.VoiceConnector';

  /**
   * Returns whether a value is a `VoiceConnector`, also if another copy of this library in the app created it.
   *
   * An imported voice connector is not one: the result of a `from…` method has fewer members.
   *
   * @param x The value to test.
   */
  public static isVoiceConnector(x: any): x is VoiceConnector {
    return isBranded(x, 'VoiceConnector');
  }

  /**
   * Imports a voice connector of the stack's account, by its ID.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param voiceConnectorId 21 or 22 letters and digits in lower case, or a UUID.
   * @param region The region of the voice connector. The default is the region of the stack.
   * @throws if the ID is known at synth and isn't the ID of a voice connector
   */
  public static fromVoiceConnectorId(scope: Construct, id: string, voiceConnectorId: string, region?: string): IVoiceConnector {
    return ImportedVoiceConnector.fromId(scope, id, voiceConnectorId, region);
  }

  /**
   * Imports a voice connector, by its ARN.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param voiceConnectorArn The ARN of the voice connector.
   * @throws if the ARN is known at synth and isn't the ARN of a voice connector
   */
  public static fromVoiceConnectorArn(scope: Construct, id: string, voiceConnectorArn: string): IVoiceConnector {
    return ImportedVoiceConnector.fromArn(scope, id, voiceConnectorArn);
  }

  /**
   * Whether calls must be encrypted.
   */
  public readonly requireEncryption: boolean;

  /**
   * The streaming configuration, if `streaming` is given.
   */
  public readonly streaming?: VoiceConnectorStreaming;

  /**
   * The termination, if `termination` is given.
   */
  public readonly termination?: VoiceConnectorTermination;

  /**
   * The origination, if `origination` is given.
   */
  public readonly origination?: VoiceConnectorOrigination;

  /**
   * The logging configuration, if `logging` is given.
   */
  public readonly logging?: VoiceConnectorLogging;

  private readonly resource: NativeResource;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties.
   * @throws if a property is outside of its limits: one error that lists all findings
   */
  constructor(scope: Construct, id: string, props: VoiceConnectorProps = {}) {
    super(scope, id);
    brand(this, 'VoiceConnector');
    this.requireEncryption = props.requireEncryption ?? true;
    const properties: VoiceConnectorProperties = {
      Name: nameOrGenerated(this, props.voiceConnectorName, { maxLength: VOICE_CONNECTOR_NAME_LENGTH, allowedSpecialCharacters: '_.-' }),
      RequireEncryption: this.requireEncryption,
      AwsRegion: props.mediaRegion ?? this.stack.region,
      NetworkType: props.networkType,
    };
    this.validate(props, properties);
    this.resource = new NativeResource(this, 'Resource', {
      resourceType: VOICE_CONNECTOR_RESOURCE_TYPE,
      properties: { ...properties },
      removalPolicy: props.removalPolicy,
      validateTags: validateVoiceConnectorTags,
    });
    // aws-cdk-lib suppresses a finding in the whole app, so not if the version knows the type.
    if (!('CfnVoiceConnector' in chime)) {
      Validations.of(this.resource).acknowledge({ id: 'CloudFormation-Validate::F3006', reason: 'The type is newer than this version of aws-cdk-lib.' });
    }

    const { streaming, termination, origination, logging } = props;
    const setting = <Options extends VoiceConnectorSettingOptions>(options: Options) => ({
      ...options, voiceConnector: this, removalPolicy: options.removalPolicy ?? props.removalPolicy,
    });
    if (termination) this.termination = new VoiceConnectorTermination(this, 'Termination', setting(termination));
    if (origination) this.origination = new VoiceConnectorOrigination(this, 'Origination', setting(origination));
    if (logging) this.logging = new VoiceConnectorLogging(this, 'Logging', setting(logging));
    if (streaming) this.streaming = new VoiceConnectorStreaming(this, 'Streaming', setting(streaming));
    // At once, because the input of a drift monitor is rendered before the condition is shared.
    for (const made of [this.termination, this.origination, this.logging, this.streaming]) {
      if (made) followCondition(made.node.defaultChild as CfnResource, this.resource);
    }
  }

  // Each is a reference, made only where a stack has a use for it.
  public get voiceConnectorArn() { return this.resource.ref; }
  public get voiceConnectorId() { return this.resource.getAtt('VoiceConnectorId').toString(); }

  /**
   * The host name to which your SIP hosts send outbound calls.
   *
   * @attribute
   */
  public get outboundHostName(): string {
    return this.resource.getAtt('OutboundHostName').toString();
  }

  private validate(props: VoiceConnectorProps, properties: VoiceConnectorProperties): void {
    const known = knownPaths(properties);
    throwIfInvalid(this, [
      ...validateVoiceConnector(properties, known),
      ...validateRemovalPolicy(props.removalPolicy),
    ]);
    warnAboutRegion(this, 'VoiceConnector', CHIME_SDK_VOICE);
    for (const warning of props.mediaRegion === undefined ? [] : voiceConnectorWarnings(properties, known)) Validations.of(this).addWarning('cdk-rtc:VoiceConnector.mediaRegion', warning);
  }
}

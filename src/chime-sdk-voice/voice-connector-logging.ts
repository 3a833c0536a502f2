import { ArnFormat, type IResource, Resource } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { LOG_DELIVERY_POLICY, VOICE_CONNECTOR_SETTINGS_POLICY } from './private/handler-policy';
import { CHIME_SDK_VOICE } from './private/regions';
import { VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE } from './private/resource-types';
import { validateVoiceConnectorArn, type VoiceConnectorSettingAttributes as Attributes } from './private/setting-contract';
import { voiceConnectorIdOf } from './private/voice-connector-id';
import {
  MEDIA_METRIC_LOG_GROUP_PREFIX, SIP_MESSAGE_LOG_GROUP_PREFIX, validateVoiceConnectorLogging, type VoiceConnectorLoggingProperties,
} from './private/voice-connector-logging';
import { chainSetting, validateSetting } from './private/voice-connector-setting';
import type { IVoiceConnectorRef } from './voice-connector-ref';
import type { VoiceConnectorSettingOptions } from './voice-connector-setting';
import { brand, isBranded } from '../private/brand';
import { concrete, knownPaths, opaque } from '../private/concrete';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { warnAboutRegion } from '../private/region-warning';

/**
 * The logging configuration of a voice connector.
 */
export interface IVoiceConnectorLogging extends IResource {
  /**
   * The ID of the voice connector.
   *
   * @attribute
   */
  readonly voiceConnectorId: string;

  /**
   * The log group of SIP messages, `/aws/ChimeVoiceConnectorSipMessages/<voice connector ID>`, in the region of the voice connector. The service creates
   * the log group. Neither the stack nor the service deletes it.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/monitoring-cloudwatch.html
   */
  readonly sipMessageLogGroup: logs.ILogGroup;

  /**
   * The log group of media metrics, `/aws/ChimeVoiceConnectorLogs/<voice connector ID>`, in the region of the voice connector. The service creates the log
   * group. Neither the stack nor the service deletes it.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/monitoring-cloudwatch.html
   */
  readonly mediaMetricLogGroup: logs.ILogGroup;
}

/**
 * Options of the logging configuration of a voice connector.
 */
export interface VoiceConnectorLoggingOptions extends VoiceConnectorSettingOptions {
  /**
   * Whether complete SIP messages are logged. They contain telephone numbers, which are personal data. Changed in place.
   *
   * @default false
   */
  readonly sipMessages?: boolean;

  /**
   * Whether the quality of media is logged, once per minute and call. Changed in place.
   *
   * @default true
   */
  readonly mediaMetrics?: boolean;
}

/**
 * Properties of the logging configuration of a voice connector.
 */
export interface VoiceConnectorLoggingProps extends VoiceConnectorLoggingOptions {
  /**
   * The voice connector: a `VoiceConnector`, an import by `VoiceConnector.fromVoiceConnectorId` or `VoiceConnector.fromVoiceConnectorArn`, or in
   * TypeScript a `CfnVoiceConnector`. A voice connector has one logging configuration, so it can have one such construct. A change configures the new voice
   * connector first, then turns off the logging of the old one.
   */
  readonly voiceConnector: IVoiceConnectorRef;
}

abstract class VoiceConnectorLoggingBase extends Resource implements IVoiceConnectorLogging {
  public abstract readonly voiceConnectorId: string;
  private sipMessages?: logs.ILogGroup;
  private mediaMetrics?: logs.ILogGroup;

  public get sipMessageLogGroup(): logs.ILogGroup {
    return this.sipMessages ??= this.logGroup('SipMessageLogGroup', SIP_MESSAGE_LOG_GROUP_PREFIX);
  }

  public get mediaMetricLogGroup(): logs.ILogGroup {
    return this.mediaMetrics ??= this.logGroup('MediaMetricLogGroup', MEDIA_METRIC_LOG_GROUP_PREFIX);
  }

  private logGroup(id: string, prefix: string): logs.ILogGroup {
    const name = `${prefix}${this.voiceConnectorId}`;
    const { region, account } = this.env;
    if (region === this.stack.region && account === this.stack.account) return logs.LogGroup.fromLogGroupName(this, id, name);
    return logs.LogGroup.fromLogGroupArn(this, id, this.stack.formatArn({
      service: 'logs', region, account, resource: 'log-group', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }));
  }
}

class ImportedVoiceConnectorLogging extends VoiceConnectorLoggingBase {
  public readonly voiceConnectorId: string;

  constructor(scope: Construct, id: string, voiceConnectorArn: string) {
    super(scope, id, { environmentFromArn: opaque(voiceConnectorArn) });
    this.voiceConnectorId = voiceConnectorIdOf(voiceConnectorArn);
  }
}

/**
 * The logging configuration of an Amazon Chime SDK voice connector: SIP messages and the quality of media in CloudWatch Logs.
 *
 * The service creates the log groups. To limit how long they keep logs, use `logs.LogRetention` with the name of a log group: it doesn't own the log
 * group, so a log group that the service creates later is no conflict.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_PutVoiceConnectorLoggingConfiguration.html
 * @example
 *
 * const logging = new rtc.VoiceConnectorLogging(this, 'Logging', {
 *   voiceConnector: rtc.VoiceConnector.fromVoiceConnectorId(this, 'Connector', 'abcdefghijklmnopqrstuv'),
 *   sipMessages: true,
 * });
 * logging.sipMessageLogGroup.grantRead(viewerRole);
 */
@propertyInjectable
export class VoiceConnectorLogging extends VoiceConnectorLoggingBase {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.VoiceConnectorLogging';

  /**
   * Returns whether a value is a `VoiceConnectorLogging`, also if another copy of this library in the app created it.
   *
   * An imported resource is not one: the result of a `from…` method has fewer members.
   *
   * @param x The value to test.
   */
  public static isVoiceConnectorLogging(x: any): x is VoiceConnectorLogging {
    return isBranded(x, 'VoiceConnectorLogging');
  }

  /**
   * Imports the logging configuration of a voice connector, by the ARN of the voice connector.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param voiceConnectorArn The ARN of the voice connector.
   * @throws if the ARN is known at synth and isn't the ARN of a voice connector
   */
  public static fromVoiceConnectorArn(scope: Construct, id: string, voiceConnectorArn: string): IVoiceConnectorLogging {
    throwIfInvalid(scope, validateVoiceConnectorArn(concrete(voiceConnectorArn)), id);
    return new ImportedVoiceConnectorLogging(scope, id, voiceConnectorArn);
  }

  public readonly voiceConnectorId: string;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties.
   * @throws if a property is outside of its limits, or if another construct in this app configures the logging of the same voice connector: one error that
   * lists all findings. A value that is known only at deployment is checked then.
   */
  constructor(scope: Construct, id: string, props: VoiceConnectorLoggingProps) {
    super(scope, id, { region: props.voiceConnector.env.region });
    brand(this, 'VoiceConnectorLogging');
    const properties: VoiceConnectorLoggingProperties = {
      VoiceConnectorArn: props.voiceConnector.voiceConnectorRef.voiceConnectorArn,
      SipMessages: props.sipMessages || undefined,
      MediaMetrics: props.mediaMetrics === false ? false : undefined,
      AdoptExisting: props.adoptExisting || undefined,
      ForceUpdateNonce: props.forceUpdateNonce,
    };
    this.validate(props, properties);
    const resource = new RtcCustomResource(this, 'Resource', {
      handlerPolicies: [VOICE_CONNECTOR_SETTINGS_POLICY, LOG_DELIVERY_POLICY],
      resourceType: VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE,
      properties: { ...properties },
      removalPolicy: props.removalPolicy,
    });
    chainSetting(this, props.voiceConnector, resource);
    const voiceConnectorId: keyof Attributes = 'VoiceConnectorId';
    this.voiceConnectorId = resource.getAtt(voiceConnectorId).toString();
  }

  private validate(props: VoiceConnectorLoggingProps, properties: VoiceConnectorLoggingProperties): void {
    const environment = { account: concrete(this.stack.account), region: concrete(this.stack.region) };
    throwIfInvalid(this, [
      ...validateVoiceConnectorLogging(properties, environment, knownPaths(properties)),
      ...validateSetting(this, props.voiceConnector, 'logging configuration', props),
    ]);
    warnAboutRegion(this, 'VoiceConnectorLogging', CHIME_SDK_VOICE);
  }
}

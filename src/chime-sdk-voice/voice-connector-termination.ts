import { type CfnResource, Resource, Validations } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import type { IPhoneNumber } from './phone-number-base';
import { readCredentials, VOICE_CONNECTOR_SETTINGS_POLICY } from './private/handler-policy';
import { CHIME_SDK_VOICE } from './private/regions';
import { VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE } from './private/resource-types';
import type { VoiceConnectorSettingAttributes as Attributes } from './private/setting-contract';
import { chainSetting, validateSetting } from './private/voice-connector-setting';
import {
  terminationWarnings, validateVoiceConnectorTermination, type VoiceConnectorTerminationProperties,
} from './private/voice-connector-termination';
import type { IVoiceConnectorRef } from './voice-connector-ref';
import type { VoiceConnectorSettingOptions } from './voice-connector-setting';
import { brand, isBranded } from '../private/brand';
import { concrete, knownPaths } from '../private/concrete';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { warnAboutRegion } from '../private/region-warning';
import { StackProvider } from '../provider/private/stack-provider';

/**
 * Options of the termination of a voice connector.
 */
export interface VoiceConnectorTerminationOptions extends VoiceConnectorSettingOptions {
  /**
   * The SIP hosts that may make calls: blocks of public IPv4 addresses from /27 to /32, such as `203.0.113.10/32`, at least one. Changed in place.
   */
  readonly allowedCidrs: string[];

  /**
   * The countries that may be called, as ISO 3166-1 alpha-2 codes such as `US`, at least one. Changed in place.
   */
  readonly callingRegions: string[];

  /**
   * The most calls per second: a whole number, 1 or more, up to the quota of the account, which is 1 unless AWS has raised it. Changed in place.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_Termination.html
   * @default 1
   */
  readonly callsPerSecond?: number;

  /**
   * The caller ID of calls that have none: a `PhoneNumber`, or an import by `PhoneNumber.fromE164PhoneNumber`. The number must be in the inventory of the
   * account. Changed in place.
   *
   * @default - calls without a caller ID stay without one
   */
  readonly defaultPhoneNumber?: IPhoneNumber;

  /**
   * The SIP users that may make calls: up to 20 secrets, each with the JSON fields `username` and `password`. Each user name must be in one secret only. Only
   * the handlers read the secrets, during a deployment: no user name and no password is in the template, in an event, or in a log. Changed in place: the
   * users of secrets that leave the list are deleted.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_PutVoiceConnectorTerminationCredentials.html
   * @default - no SIP authentication: `allowedCidrs` alone decides which hosts may make calls
   */
  readonly credentials?: secretsmanager.ISecret[];

  /**
   * Any text, such as the date of a rotation. A change makes the next deployment read the secrets in `credentials` again. Without a change, CloudFormation
   * sends no update, and the SIP users keep their old passwords. Changed in place.
   *
   * @default - none
   */
  readonly credentialsVersion?: string;

  /**
   * Whether outbound calls are possible. The other settings stay as they are while the termination is disabled. Changed in place.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/**
 * Properties of the termination of a voice connector.
 */
export interface VoiceConnectorTerminationProps extends VoiceConnectorTerminationOptions {
  /**
   * The voice connector: a `VoiceConnector`, an import by `VoiceConnector.fromVoiceConnectorId` or `VoiceConnector.fromVoiceConnectorArn`, or in
   * TypeScript a `CfnVoiceConnector`. A voice connector has one termination, so it can have one such construct. A change configures the new voice connector
   * first, then deletes the termination of the old one.
   */
  readonly voiceConnector: IVoiceConnectorRef;
}

/**
 * The termination of an Amazon Chime SDK voice connector: outbound calls, from your SIP hosts to the telephone network.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_PutVoiceConnectorTermination.html
 * @example
 *
 * const sipUser = new secretsmanager.Secret(this, 'SipUser', {
 *   generateSecretString: { secretStringTemplate: '{"username":"front-desk"}', generateStringKey: 'password', excludePunctuation: true },
 * });
 * new rtc.VoiceConnectorTermination(this, 'Termination', {
 *   voiceConnector: rtc.VoiceConnector.fromVoiceConnectorId(this, 'Connector', 'abcdefghijklmnopqrstuv'),
 *   allowedCidrs: ['203.0.113.10/32'],
 *   callingRegions: ['US', 'CA'],
 *   credentials: [sipUser],
 * });
 */
@propertyInjectable
export class VoiceConnectorTermination extends Resource {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.VoiceConnectorTermination';

  /**
   * Returns whether a value is a `VoiceConnectorTermination`, also if another copy of this library in the app created it.
   *
   * @param x The value to test.
   */
  public static isVoiceConnectorTermination(x: any): x is VoiceConnectorTermination {
    return isBranded(x, 'VoiceConnectorTermination');
  }

  /**
   * The ID of the voice connector. A resource that refers to the ID is created after the termination.
   *
   * @attribute
   */
  public readonly voiceConnectorId: string;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties.
   * @throws if a property is outside of its limits, or if another construct in this app configures the termination of the same voice connector: one error
   * that lists all findings. A value that is known only at deployment is checked then.
   */
  constructor(scope: Construct, id: string, props: VoiceConnectorTerminationProps) {
    super(scope, id, { region: props.voiceConnector.env.region });
    brand(this, 'VoiceConnectorTermination');
    const { credentials = [] } = props;
    const properties: VoiceConnectorTerminationProperties = {
      VoiceConnectorArn: props.voiceConnector.voiceConnectorRef.voiceConnectorArn,
      AllowedCidrs: props.allowedCidrs,
      CallingRegions: props.callingRegions,
      CallsPerSecond: props.callsPerSecond,
      DefaultPhoneNumber: props.defaultPhoneNumber?.e164PhoneNumber,
      CredentialSecretArns: credentials.length > 0 ? credentials.map(({ secretArn }) => secretArn) : undefined,
      CredentialsVersion: props.credentialsVersion,
      Enabled: props.enabled === false ? false : undefined,
      AdoptExisting: props.adoptExisting || undefined,
      ForceUpdateNonce: props.forceUpdateNonce,
    };
    this.validate(props, properties);
    const resource = new RtcCustomResource(this, 'Resource', {
      handlerPolicies: [VOICE_CONNECTOR_SETTINGS_POLICY],
      resourceType: VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE,
      properties: { ...properties },
      removalPolicy: props.removalPolicy,
    });
    if (credentials.length > 0) {
      const policy = StackProvider.getOrCreate(this).policies.add(this, 'CredentialsPolicy', readCredentials(credentials));
      resource.addResourceDependency(policy.node.defaultChild as CfnResource);
    }
    chainSetting(this, props.voiceConnector, resource);
    const voiceConnectorId: keyof Attributes = 'VoiceConnectorId';
    this.voiceConnectorId = resource.getAtt(voiceConnectorId).toString();
  }

  private validate(props: VoiceConnectorTerminationProps, properties: VoiceConnectorTerminationProperties): void {
    const environment = { account: concrete(this.stack.account), region: concrete(this.stack.region) };
    const known = knownPaths(properties);
    throwIfInvalid(this, [
      ...validateVoiceConnectorTermination(properties, environment, known),
      ...validateSetting(this, props.voiceConnector, 'termination', props),
    ]);
    warnAboutRegion(this, 'VoiceConnectorTermination', CHIME_SDK_VOICE);
    for (const warning of terminationWarnings(properties, environment, known)) {
      Validations.of(this).addWarning(`cdk-rtc:VoiceConnectorTermination.${warning.split(/[:[]/)[0]}`, warning);
    }
  }
}

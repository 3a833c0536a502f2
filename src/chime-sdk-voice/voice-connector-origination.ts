import { Resource, Validations } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { VOICE_CONNECTOR_SETTINGS_POLICY } from './private/handler-policy';
import { CHIME_SDK_VOICE } from './private/regions';
import { VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE } from './private/resource-types';
import type { VoiceConnectorSettingAttributes as Attributes } from './private/setting-contract';
import {
  ENCRYPTED_SIP_PORT, originationWarnings, validateVoiceConnectorOrigination, type VoiceConnectorOriginationProperties,
} from './private/voice-connector-origination';
import { chainSetting, validateSetting } from './private/voice-connector-setting';
import type { IVoiceConnectorRef } from './voice-connector-ref';
import type { VoiceConnectorSettingOptions } from './voice-connector-setting';
import { brand, isBranded } from '../private/brand';
import { concrete, knownPaths } from '../private/concrete';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { warnAboutRegion } from '../private/region-warning';

/**
 * The protocol in which a SIP host receives calls.
 */
export enum OriginationProtocol {
  /** TCP, or TLS if the voice connector requires encryption. */
  TCP = 'TCP',

  /** UDP. A voice connector that requires encryption doesn't use such a route. */
  UDP = 'UDP',
}

/**
 * A SIP host that receives inbound calls.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_OriginationRoute.html
 */
export interface OriginationRoute {
  /**
   * The fully qualified domain name of the host, such as `sip.example.com`, or its public IPv4 address. Without a scheme and without a port.
   */
  readonly host: string;

  /**
   * The port, 1 to 65535.
   *
   * @default 5060, or 5061 if the voice connector is known to require encryption
   */
  readonly port?: number;

  /**
   * The protocol.
   *
   * @default OriginationProtocol.TCP
   */
  readonly protocol?: OriginationProtocol;

  /**
   * The priority, 1 to 100. The service tries the hosts with the lowest number first.
   *
   * @default 1
   */
  readonly priority?: number;

  /**
   * The share of calls that the host receives among hosts of the same priority, 1 to 100.
   *
   * @default 1
   */
  readonly weight?: number;
}

/**
 * Options of the origination of a voice connector.
 */
export interface VoiceConnectorOriginationOptions extends VoiceConnectorSettingOptions {
  /**
   * The SIP hosts that receive calls, 1 to 20. The order doesn't matter: `priority` and `weight` decide. Changed in place.
   */
  readonly routes: OriginationRoute[];

  /**
   * Whether inbound calls are delivered. The routes stay as they are while the origination is disabled. Changed in place.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/**
 * Properties of the origination of a voice connector.
 */
export interface VoiceConnectorOriginationProps extends VoiceConnectorOriginationOptions {
  /**
   * The voice connector: a `VoiceConnector`, an import by `VoiceConnector.fromVoiceConnectorId` or `VoiceConnector.fromVoiceConnectorArn`, or in
   * TypeScript a `CfnVoiceConnector`. A voice connector has one origination, so it can have one such construct. A change configures the new voice connector
   * first, then deletes the origination of the old one.
   */
  readonly voiceConnector: IVoiceConnectorRef;
}

/**
 * The origination of an Amazon Chime SDK voice connector: inbound calls, from the telephone network to your SIP hosts.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_PutVoiceConnectorOrigination.html
 * @example
 *
 * new rtc.VoiceConnectorOrigination(this, 'Origination', {
 *   voiceConnector: rtc.VoiceConnector.fromVoiceConnectorId(this, 'Connector', 'abcdefghijklmnopqrstuv'),
 *   routes: [
 *     { host: 'sip-1.example.com' },
 *     { host: 'sip-2.example.com', priority: 2 },
 *   ],
 * });
 */
@propertyInjectable
export class VoiceConnectorOrigination extends Resource {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.VoiceConnectorOrigination';

  /**
   * Returns whether a value is a `VoiceConnectorOrigination`, also if another copy of this library in the app created it.
   *
   * @param x The value to test.
   */
  public static isVoiceConnectorOrigination(x: any): x is VoiceConnectorOrigination {
    return isBranded(x, 'VoiceConnectorOrigination');
  }

  /**
   * The ID of the voice connector. A resource that refers to the ID is created after the origination.
   *
   * @attribute
   */
  public readonly voiceConnectorId: string;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties.
   * @throws if a property is outside of its limits, or if another construct in this app configures the origination of the same voice connector: one error
   * that lists all findings. A value that is known only at deployment is checked then.
   */
  constructor(scope: Construct, id: string, props: VoiceConnectorOriginationProps) {
    super(scope, id, { region: props.voiceConnector.env.region });
    brand(this, 'VoiceConnectorOrigination');
    const isEncrypted = requiresEncryption(props.voiceConnector);
    const properties: VoiceConnectorOriginationProperties = {
      VoiceConnectorArn: props.voiceConnector.voiceConnectorRef.voiceConnectorArn,
      Routes: props.routes.map(({ host, port = isEncrypted ? ENCRYPTED_SIP_PORT : undefined, protocol, priority, weight }) => ({
        Host: host, Port: port, Protocol: protocol, Priority: priority, Weight: weight,
      })),
      Enabled: props.enabled === false ? false : undefined,
      AdoptExisting: props.adoptExisting || undefined,
      ForceUpdateNonce: props.forceUpdateNonce,
    };
    this.validate(props, properties, isEncrypted);
    const resource = new RtcCustomResource(this, 'Resource', {
      handlerPolicies: [VOICE_CONNECTOR_SETTINGS_POLICY],
      resourceType: VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE,
      properties: { ...properties },
      removalPolicy: props.removalPolicy,
    });
    chainSetting(this, props.voiceConnector, resource);
    const voiceConnectorId: keyof Attributes = 'VoiceConnectorId';
    this.voiceConnectorId = resource.getAtt(voiceConnectorId).toString();
  }

  private validate(props: VoiceConnectorOriginationProps, properties: VoiceConnectorOriginationProperties, isEncrypted: boolean): void {
    const environment = { account: concrete(this.stack.account), region: concrete(this.stack.region) };
    const known = knownPaths(properties);
    throwIfInvalid(this, [
      ...validateVoiceConnectorOrigination(properties, environment, known),
      ...validateSetting(this, props.voiceConnector, 'origination', props),
    ]);
    warnAboutRegion(this, 'VoiceConnectorOrigination', CHIME_SDK_VOICE);
    for (const warning of isEncrypted ? originationWarnings(properties, known) : []) {
      Validations.of(this).addWarning('cdk-rtc:VoiceConnectorOrigination.encryption', warning);
    }
  }
}

/** Whether it is known at synth: of a `VoiceConnector` and of a `CfnVoiceConnector`, not of an import. */
function requiresEncryption(voiceConnector: IVoiceConnectorRef): boolean {
  return (voiceConnector as IVoiceConnectorRef & { readonly requireEncryption?: unknown }).requireEncryption === true;
}

import { Resource, Token, Validations } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import type { IPhoneNumber } from './phone-number-base';
import { PHONE_NUMBER_ASSOCIATION_POLICY } from './private/handler-policy';
import { type PhoneNumberAssociationProperties, validatePhoneNumberAssociation } from './private/phone-number-association';
import { CHIME_SDK_VOICE } from './private/regions';
import { PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE } from './private/resource-types';
import { chainSetting, validateConnectorAccount } from './private/voice-connector-setting';
import type { IVoiceConnectorRef } from './voice-connector-ref';
import { brand, isBranded } from '../private/brand';
import { concrete, differ, knownPaths } from '../private/concrete';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { referenceKey, validateExclusiveUse } from '../private/exclusive';
import { warnAboutRegion } from '../private/region-warning';

/**
 * Properties of the association of a phone number with a voice connector.
 */
export interface PhoneNumberAssociationProps {
  /**
   * The voice connector: a `VoiceConnector`, an import by `VoiceConnector.fromVoiceConnectorId` or `VoiceConnector.fromVoiceConnectorArn`, or in TypeScript a
   * `CfnVoiceConnector`. A change replaces the association: the number moves to the new voice connector, without a time in which it has none.
   */
  readonly voiceConnector: IVoiceConnectorRef;

  /**
   * The number: a `PhoneNumber`, or an import by `PhoneNumber.fromE164PhoneNumber`. A number can be associated with one voice connector. A change replaces
   * the association: the new number is associated first, then the old one is disassociated.
   */
  readonly phoneNumber: IPhoneNumber;

  /**
   * Whether to take the number from another voice connector that holds it. Calls to the number are then delivered to this voice connector. The deletion of
   * the association returns the number only until the first update of the association, because CloudFormation sends the same request for a rollback.
   *
   * @default false - the deployment fails, and the error names the voice connector that holds the number
   */
  readonly reassign?: boolean;

  /**
   * A value whose change forces an update, such as a timestamp or the number of a build. Every update compares the association with these properties and
   * corrects the differences, for example after an out-of-band change.
   *
   * @default - no forced update
   */
  readonly forceUpdateNonce?: string;
}

/**
 * The association of a phone number with an Amazon Chime SDK voice connector. Calls to the number are delivered to the hosts of the origination, and your SIP
 * hosts can use the number as their caller ID.
 *
 * A voice connector can be deleted only if no number is associated with it. CloudFormation deletes the association before the voice connector and before the
 * number, also if `RemovalPolicy.RETAIN` keeps the number.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_AssociatePhoneNumbersWithVoiceConnector.html
 * @example
 *
 * new rtc.PhoneNumberAssociation(this, 'ReceptionCalls', {
 *   voiceConnector: rtc.VoiceConnector.fromVoiceConnectorId(this, 'Connector', 'abcdefghijklmnopqrstuv'),
 *   phoneNumber: rtc.PhoneNumber.fromE164PhoneNumber(this, 'Reception', '+12065550100'),
 * });
 */
@propertyInjectable
export class PhoneNumberAssociation extends Resource {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.PhoneNumberAssociation';

  /**
   * Returns whether a value is a `PhoneNumberAssociation`, also if another copy of this library in the app created it.
   *
   * @param x The value to test.
   */
  public static isPhoneNumberAssociation(x: any): x is PhoneNumberAssociation {
    return isBranded(x, 'PhoneNumberAssociation');
  }

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties.
   * @throws if a property is outside of its limits, or if another construct in this app associates the same number: one error that lists all findings. A
   * value that is known only at deployment is checked then.
   */
  constructor(scope: Construct, id: string, props: PhoneNumberAssociationProps) {
    super(scope, id, { region: props.voiceConnector.env.region });
    brand(this, 'PhoneNumberAssociation');
    const properties: PhoneNumberAssociationProperties = {
      VoiceConnectorArn: props.voiceConnector.voiceConnectorRef.voiceConnectorArn,
      E164PhoneNumber: props.phoneNumber.e164PhoneNumber,
      Reassign: props.reassign || undefined,
      ForceUpdateNonce: props.forceUpdateNonce,
    };
    this.validate(props, properties);
    const resource = new RtcCustomResource(this, 'Resource', {
      handlerPolicies: [PHONE_NUMBER_ASSOCIATION_POLICY],
      resourceType: PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE,
      properties: { ...properties },
    });
    chainSetting(this, props.voiceConnector, resource);
  }

  private validate({ phoneNumber, voiceConnector, reassign }: PhoneNumberAssociationProps, properties: PhoneNumberAssociationProperties): void {
    throwIfInvalid(this, [
      ...validatePhoneNumberAssociation(properties, { account: concrete(this.stack.account) }, knownPaths(properties)),
      ...validateReassign(reassign),
      ...validateConnectorAccount(this, voiceConnector),
      ...validateExclusiveUse(this, 'phoneNumber', referenceKey(this, phoneNumber.e164PhoneNumber), 'associates this number',
        'it can be associated with only one voice connector; remove one of the two'),
    ]);
    warnAboutRegion(this, 'PhoneNumberAssociation', CHIME_SDK_VOICE);
    if (!differ(phoneNumber.env.region, this.env.region)) return;
    Validations.of(this).addWarning('cdk-rtc:PhoneNumberAssociation.phoneNumber',
      `phoneNumber: the number is in ${phoneNumber.env.region}, the voice connector in ${this.env.region}; that the service associates them is unverified (F-90), so use one region`);
  }
}

function validateReassign(reassign: boolean | undefined): string[] {
  return Token.isUnresolved(reassign) ? ['reassign: must be known at synth, got a token; give true or false'] : [];
}

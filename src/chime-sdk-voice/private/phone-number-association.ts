import { validateE164PhoneNumber } from './e164-phone-number';
import { validateSettingParent } from './setting-contract';
import { type KnownEnvironment, type KnownPaths, knownValues } from '../../private/known';

/**
 * The tags on the voice connector that name the owner of the association with one number, and the state before a change that can be rolled back. A key
 * holds a hash of the number, because a phone number is personal data.
 */
export function associationTagKeys(hash: string) {
  const owner = `cdk-rtc:phone-number-${hash}`;
  return { owner, former: `${owner}-before` };
}

/** The properties of the custom resource. CloudFormation delivers every leaf as a string. */
export interface PhoneNumberAssociationProperties {
  readonly VoiceConnectorArn: string;
  readonly E164PhoneNumber: string;
  /** Absent: false. */
  readonly Reassign?: boolean;
  /** A change makes CloudFormation send an update. The handlers ignore the value. */
  readonly ForceUpdateNonce?: string;
}

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validatePhoneNumberAssociation(
  properties: PhoneNumberAssociationProperties, { account }: KnownEnvironment, known?: KnownPaths,
): string[] {
  const { VoiceConnectorArn, E164PhoneNumber } = knownValues(properties, known);
  return [
    ...validateSettingParent(VoiceConnectorArn, account),
    ...validateE164PhoneNumber('phoneNumber', E164PhoneNumber),
  ];
}

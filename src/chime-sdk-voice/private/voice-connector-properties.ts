import { VOICE_REGIONS } from './regions';
import type { TagProperty } from '../../private/contract';
import { type KnownPaths, knownValues } from '../../private/known';
import { validateRegion } from '../../private/region-validation';
import { validateTags } from '../../private/tags-validation';

/** The properties of AWS::Chime::VoiceConnector. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-chime-voiceconnector.html */
export interface VoiceConnectorProperties {
  readonly Name: string;
  readonly RequireEncryption: boolean;
  /** The service's default is us-east-1, wherever the voice connector is. */
  readonly AwsRegion: string;
  /** Absent: IPV4_ONLY. */
  readonly NetworkType?: string;
}

export const VOICE_CONNECTOR_RESOURCE_TYPE = 'AWS::Chime::VoiceConnector';

export const IPV4_ONLY = 'IPV4_ONLY';
export const DUAL_STACK = 'DUAL_STACK';

export const VOICE_CONNECTOR_NAME_LENGTH = 256;

/** Each of the four settings has an owner tag, and during a rename a second one. Termination has one more for its SIP users. */
const SETTING_TAG_COUNT = 9;

const NAME = /^[a-zA-Z0-9 _.-]+$/;

/** Returns findings. */
export function validateVoiceConnector(properties: VoiceConnectorProperties, known: KnownPaths): string[] {
  const { Name, AwsRegion, NetworkType } = knownValues(properties, known);
  return [
    ...validateName(Name),
    ...validateRegion('mediaRegion', AwsRegion),
    ...NetworkType === undefined || [IPV4_ONLY, DUAL_STACK].includes(NetworkType) ? []
      : [`networkType: must be ${IPV4_ONLY} or ${DUAL_STACK}, got ${JSON.stringify(NetworkType)}; leave it out for ${IPV4_ONLY}`],
  ];
}

function validateName(name: string | undefined): string[] {
  if (name === undefined || (NAME.test(name) && name.length <= VOICE_CONNECTOR_NAME_LENGTH)) return [];
  return [`voiceConnectorName: must be 1 to ${VOICE_CONNECTOR_NAME_LENGTH} letters, digits, blanks, and _.-, got ${JSON.stringify(name.slice(0, 80))}; leave it out for a generated name`];
}

/** Returns warnings. */
export function voiceConnectorWarnings(properties: VoiceConnectorProperties, known: KnownPaths): string[] {
  const { AwsRegion } = knownValues(properties, known);
  if (AwsRegion === undefined || VOICE_REGIONS.includes(AwsRegion)) return [];
  return [`mediaRegion: Amazon Chime SDK voice is not known to process media in ${AwsRegion}; it does in ${VOICE_REGIONS.join(', ')}`];
}

/** Returns findings. */
export function validateVoiceConnectorTags(tags: readonly TagProperty[]): string[] {
  return validateTags(tags, { count: 50 - SETTING_TAG_COUNT, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, resourceType: VOICE_CONNECTOR_RESOURCE_TYPE });
}

import type { ServiceRegions } from '../../private/region-warning';

/** The regions of Amazon Chime SDK voice in botocore 1.44.5. */
export const VOICE_REGIONS = [
  'ap-northeast-1', 'ap-northeast-2', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1', 'eu-west-1', 'eu-west-2', 'us-east-1', 'us-west-2',
];

export const CHIME_SDK_VOICE: ServiceRegions = { property: 'voiceConnector', service: 'Amazon Chime SDK voice', regions: VOICE_REGIONS };

/** https://docs.aws.amazon.com/chime-sdk/latest/dg/sdk-available-regions.html */
export const PHONE_NUMBERS: ServiceRegions = { property: 'region', service: 'the inventory of phone numbers of Amazon Chime SDK', regions: ['us-east-1', 'us-west-2'] };

/** Where Amazon Chime SDK voice has an endpoint, as of botocore 1.44.5; a region that is missing here only warns. */
export const VOICE_REGIONS = [
  'ap-northeast-1', 'ap-northeast-2', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1', 'eu-west-1', 'eu-west-2', 'us-east-1', 'us-west-2',
];

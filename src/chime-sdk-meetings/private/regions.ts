/** The regions with an endpoint of Amazon Chime SDK meetings, as of botocore 1.44.5. Another region only adds a warning. */
export const MEETING_REGIONS = [
  'af-south-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1',
  'eu-west-2', 'il-central-1', 'us-east-1', 'us-gov-east-1', 'us-gov-west-1', 'us-west-2',
];

/** The media regions of meetings. https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_CreateMeeting.html */
export const MEDIA_REGIONS = [
  'af-south-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1',
  'eu-north-1', 'eu-south-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'sa-east-1', 'us-east-1', 'us-east-2', 'us-gov-east-1', 'us-gov-west-1',
  'us-west-1', 'us-west-2',
];

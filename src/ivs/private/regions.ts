/** Where IVS real-time answers, as of botocore 1.44.5; a region that is missing here only warns. */
export const IVS_REGIONS = ['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'eu-central-1', 'eu-west-1', 'us-east-1', 'us-west-2'];

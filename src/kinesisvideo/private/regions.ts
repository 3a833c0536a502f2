import type { ServiceRegions } from '../../private/region-warning';

/** The regions of Kinesis Video Streams in botocore 1.44.5. Any other region causes a warning, not an error. */
const SIGNALING_REGIONS = [
  'af-south-1', 'ap-east-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-5', 'ca-central-1',
  'cn-north-1', 'eu-central-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'il-central-1', 'me-south-1', 'sa-east-1',
  'us-east-1', 'us-east-2', 'us-gov-east-1', 'us-gov-west-1', 'us-west-2',
];

export const KINESIS_VIDEO_STREAMS: ServiceRegions = { property: 'region', service: 'Kinesis Video Streams', regions: SIGNALING_REGIONS };

/** China has no recording. https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/webrtc-ingestion.html */
export const RECORDING_REGIONS = SIGNALING_REGIONS.filter((region) => !region.startsWith('cn-'));

import type { ServiceRegions } from '../../private/region-warning';

/** The regions of IVS real-time in botocore 1.44.5. */
export const IVS_REAL_TIME: ServiceRegions = {
  property: 'region',
  service: 'IVS real-time',
  regions: ['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'eu-central-1', 'eu-west-1', 'us-east-1', 'us-west-2'],
};

import { type Resource, Validations } from 'aws-cdk-lib';
import { concrete } from '../../private/concrete';

/** Where IVS real-time answers, as of botocore 1.44.5; a region that is missing here only warns. */
const IVS_REGIONS = ['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'eu-central-1', 'eu-west-1', 'us-east-1', 'us-west-2'];

/** A region without the service causes only a warning, because services add regions. */
export function warnAboutRegion(construct: Resource, className: string): void {
  const region = concrete(construct.env.region);
  if (region === undefined || IVS_REGIONS.includes(region)) return;
  Validations.of(construct).addWarning(`cdk-rtc:${className}.region`, `region: IVS real-time is not known to be in ${region}; it is in ${IVS_REGIONS.join(', ')}`);
}

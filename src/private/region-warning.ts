import { type Resource, Validations } from 'aws-cdk-lib';
import { concrete } from './concrete';

export interface ServiceRegions {
  /** The property that the warning names. */
  readonly property: string;
  readonly service: string;
  readonly regions: readonly string[];
}

/** Warns if the service isn't known to be in the region of a construct. Not an error, because services add regions. */
export function warnAboutRegion(construct: Resource, className: string, { property, service, regions }: ServiceRegions): void {
  const region = concrete(construct.env.region);
  if (region === undefined || regions.includes(region)) return;
  Validations.of(construct).addWarning(`cdk-rtc:${className}.region`, `${property}: ${service} is not known to be in ${region}; it is in ${regions.join(', ')}`);
}

import { type Resource, Validations } from 'aws-cdk-lib';
import { sharedState } from '../../private/shared-state';

/** https://docs.aws.amazon.com/general/latest/gr/chime-sdk.html */
const NUMBERS_PER_REGION = 5;

/** Warns at each number of a stack that is above the default quota of an account and region. */
export function warnAboutQuota(construct: Resource): void {
  const numbers = sharedState<Resource[]>(construct.stack, 'phoneNumbers', () => []);
  numbers.push(construct);
  const count = numbers.filter(({ env }) => env.region === construct.env.region).length;
  if (count <= NUMBERS_PER_REGION) return;
  Validations.of(construct).addWarning('cdk-rtc:PhoneNumber.quota',
    `PhoneNumber: this stack has ${count} phone numbers, and the default quota of an account and region is ${NUMBERS_PER_REGION}; request a higher quota from AWS before you deploy`);
}

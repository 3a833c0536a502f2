import { Arn, ArnFormat, Fn, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { throwIfInvalid } from '../../private/errors';

/** The name in arn:…:kinesisvideo:REGION:ACCOUNT:RESOURCE/NAME/TIME. */
export function nameFromArn(scope: Construct, property: string, arn: string, expected: 'channel' | 'stream'): string {
  if (Token.isUnresolved(arn)) return Fn.select(1, Fn.split('/', arn));
  const { service, resource, resourceName } = Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME);
  const name = resourceName?.split('/')[0];
  if (service !== 'kinesisvideo' || resource !== expected || !name) {
    throwIfInvalid(scope, [`${property}: must be arn:…:kinesisvideo:REGION:ACCOUNT:${expected}/NAME/TIME, got ${arn}`]);
  }
  return name!;
}

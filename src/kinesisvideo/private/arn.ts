import { Fn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { isUnknown, opaque } from '../../private/concrete';
import { throwIfInvalid } from '../../private/errors';

/** The name in arn:…:kinesisvideo:REGION:ACCOUNT:RESOURCE/NAME/TIME. To be called before core parses the ARN, whose errors name no property. */
export function nameFromArn(scope: Construct, id: string, property: string, arn: string, expected: 'channel' | 'stream'): string {
  if (isUnknown(arn)) return Fn.select(1, Fn.split('/', opaque(arn)));
  const [, resource, name] = /^arn:[a-z\d-]+:kinesisvideo:[a-z0-9-]+:[0-9]+:([a-z]+)\/([a-zA-Z0-9_.-]+)\/[0-9*]+$/.exec(arn) ?? [];
  if (resource !== expected) {
    throwIfInvalid(scope, [`${property}: must be arn:…:kinesisvideo:REGION:ACCOUNT:${expected}/NAME/TIME, got ${JSON.stringify(arn)}`], id);
  }
  return name;
}

import { Fn, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { throwIfInvalid } from '../../private/errors';

/** The name in arn:…:kinesisvideo:REGION:ACCOUNT:RESOURCE/NAME/TIME. To be called before core parses the ARN, whose errors name no property. */
export function nameFromArn(scope: Construct, property: string, arn: string, expected: 'channel' | 'stream'): string {
  if (Token.isUnresolved(arn)) return Fn.select(1, Fn.split('/', arn));
  const [, resource, name] = /^arn:[^:]+:kinesisvideo:[^:]+:[^:]+:([a-z]+)\/([^/]+)\/[^/]+$/.exec(arn) ?? [];
  if (resource !== expected) {
    throwIfInvalid(scope, [`${property}: must be arn:…:kinesisvideo:REGION:ACCOUNT:${expected}/NAME/TIME, got ${arn}`]);
  }
  return name;
}

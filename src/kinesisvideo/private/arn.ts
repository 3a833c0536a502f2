import { Fn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { isUnknown, opaque } from '../../private/concrete';
import { throwIfInvalid } from '../../private/errors';

/** A name in a policy, which can have wildcards and policy variables. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
const NAME_PATTERN = /(?:[a-zA-Z0-9_.*?-]|\$\{[^{}]+\})+/.source;

const ARN = new RegExp(`^arn:[a-z\\d-]+:kinesisvideo:[a-z0-9-]+:[0-9]+:([a-z]+)/(${NAME_PATTERN})/[0-9*?]+$`);

/** Whether a name matches many channels. A token is taken for a single name. */
export function isNamePattern(name: string): boolean {
  return !isUnknown(name) && /[*?$]/.test(name);
}

/** Whether the only wildcard of an ARN stands for the time of creation. */
export function isArnByName(arn: string): boolean {
  return /^[^*?]+\/\*$/.test(arn);
}

/** The finding for a member that exists per channel, such as a metric or an endpoint. */
export function validateSingleName(member: string, name: string, advice: string): string[] {
  return isNamePattern(name) ? [`${member}: belongs to a single channel, and ${name} matches many channels; ${advice}`] : [];
}

export function validateNamePattern(property: string, pattern: string): string[] {
  if (new RegExp(`^${NAME_PATTERN}$`).test(pattern)) return [];
  return [`${property}: may hold only letters, digits, and _.-, the wildcards * and ?, and policy variables as \${credentials-iot:ThingName}, got ${JSON.stringify(pattern)}`];
}

/** The name in arn:…:kinesisvideo:REGION:ACCOUNT:RESOURCE/NAME/TIME. Call it before the AWS CDK parses the ARN, because the errors of the AWS CDK name no property. */
export function nameFromArn(scope: Construct, id: string, property: string, arn: string, expected: 'channel' | 'stream'): string {
  if (isUnknown(arn)) return Fn.select(1, Fn.split('/', opaque(arn)));
  const [, resource, name] = ARN.exec(arn) ?? [];
  if (resource !== expected) {
    throwIfInvalid(scope, [`${property}: must be arn:…:kinesisvideo:REGION:ACCOUNT:${expected}/NAME/TIME, got ${JSON.stringify(arn)}`], id);
  }
  return name;
}

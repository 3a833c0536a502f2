import * as iam from 'aws-cdk-lib/aws-iam';
import { isArnByName } from './arn';
import { suppressGrant } from '../../private/suppressions';

/** Grants actions on a channel or a stream. If the resource is imported by its name, the grant suppresses the finding about the wildcard in its ARN. */
export function grantOnArn(noun: 'channel' | 'stream', arn: string, grantee: iam.IGrantable, actions: string[]): iam.Grant {
  const grant = iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [arn] });
  return isArnByName(arn)
    ? suppressGrant(grant, grantee, `The ${noun} is known by its name. The wildcard stands for its time of creation, the last part of its ARN.`)
    : grant;
}

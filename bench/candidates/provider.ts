import * as path from 'node:path';
import { type Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Provider } from 'aws-cdk-lib/custom-resources';

/** The provider framework as its documentation shows it, around the very bundle that our handlers are. */
export function bareProvider(stack: Stack, id: string): Provider {
  const handler = (name: string) => new lambda.Function(stack, `${id}${name}`, {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: `index.${name}`,
    code: lambda.Code.fromAsset(path.join(process.cwd(), 'lib', 'lambda')),
    initialPolicy: [new iam.PolicyStatement({ actions: ['kinesisvideo:*'], resources: ['*'] })],
  });
  return new Provider(stack, id, { onEventHandler: handler('onEvent'), isCompleteHandler: handler('isComplete') });
}

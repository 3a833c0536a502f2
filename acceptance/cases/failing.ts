import { CfnResource, type Stack } from 'aws-cdk-lib';
import { StackProvider } from '../../src/provider/private/stack-provider';

/** A resource whose creation fails, after the resources that it depends on are ready. */
export function failsAfter(stack: Stack, ...dependencies: Stack['node']['children']): void {
  const failing = new CfnResource(stack, 'Failing', { type: 'Custom::RtcNothing', properties: { ServiceToken: StackProvider.getOrCreate(stack).serviceToken } });
  failing.node.addDependency(...dependencies);
}

/** The reason of that failure. */
export const EXPECTED_FAILURE = 'Custom::RtcNothing is not a resource type of this version of cdk-rtc';

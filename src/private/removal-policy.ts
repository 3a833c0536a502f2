import { RemovalPolicy } from 'aws-cdk-lib';

/** Returns findings. */
export function validateRemovalPolicy(removalPolicy: RemovalPolicy | undefined, property = 'removalPolicy'): string[] {
  if (removalPolicy !== RemovalPolicy.SNAPSHOT) return [];
  return [`${property}: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN`];
}

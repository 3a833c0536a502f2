import { RemovalPolicy } from 'aws-cdk-lib';

/** Returns findings. */
export function validateRemovalPolicy(removalPolicy: RemovalPolicy | undefined): string[] {
  if (removalPolicy !== RemovalPolicy.SNAPSHOT) return [];
  return ['removalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN'];
}

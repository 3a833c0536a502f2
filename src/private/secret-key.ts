import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { targetOf } from './key-target';

/**
 * The key of a secret in a statement, for use through Secrets Manager only. IAM grants access to keys, not to aliases, and the key of an alias that is
 * imported by its name isn't known.
 */
export function keyOfSecret({ stack, env }: secretsmanager.ISecret, key: kms.IKey): Required<Pick<iam.PolicyStatementProps, 'conditions' | 'resources'>> {
  const throughSecretsManager = { 'kms:ViaService': `secretsmanager.${env.region}.amazonaws.com` };
  const target = targetOf(key);
  if (target) return { resources: [target.keyArn], conditions: { StringEquals: throughSecretsManager } };
  return {
    resources: [stack.formatArn({ service: 'kms', region: env.region, account: env.account, resource: 'key', resourceName: '*' })],
    conditions: { 'StringEquals': throughSecretsManager, 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': (key as kms.IAlias).aliasName } },
  };
}

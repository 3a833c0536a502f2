import { ArnFormat, Resource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { isAlias, targetOf } from '../../private/key-target';
import { suppressGrant } from '../../private/suppressions';

/**
 * Grants decrypting a secret whose key is imported. The AWS CDK allows the decryption in the policy of the key, and can't change the policy of an imported key.
 * Undefined if the principal needs no grant.
 */
export function grantDecryptionOfSecret(secret: secretsmanager.ISecret, grantee: iam.IGrantable): iam.Grant | undefined {
  const { encryptionKey } = secret;
  const target = encryptionKey && targetOf(encryptionKey);
  if (!encryptionKey || (target && Resource.isOwnedResource(target))) return undefined;
  const stack = Stack.of(secret);
  const throughSecretsManager = { StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com` } };
  const grantOn = (arn: string, conditions: iam.Conditions) => (
    iam.Grant.addToPrincipal({ grantee, actions: ['kms:Decrypt'], resourceArns: [arn], conditions: { ...throughSecretsManager, ...conditions } })
  );
  if (target) return grantOn(target.keyArn, {});
  // A policy can't name a key by its alias as the resource. The policy of an AWS managed key allows every principal of the account.
  const alias = isAlias(encryptionKey) ? encryptionKey.aliasName : '';
  if (alias.startsWith('alias/aws/')) return undefined;
  const { region, account } = encryptionKey.env;
  const everyKey = stack.formatArn({ region, account, service: 'kms', resource: 'key', resourceName: '*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
  const grant = grantOn(everyKey, { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } });
  return suppressGrant(grant, grantee, 'The secret names its key by an alias, to which the condition narrows the grant.');
}

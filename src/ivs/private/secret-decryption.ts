import { Resource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { isAlias, targetOf } from '../../private/key-target';
import { keyOfSecret } from '../../private/secret-key';
import { suppressGrant } from '../../private/suppressions';

/**
 * Grants decrypting a secret whose key is imported. The AWS CDK allows the decryption in the policy of the key, and can't change the policy of an imported key.
 * Undefined if the principal needs no grant.
 */
export function grantDecryptionOfSecret(secret: secretsmanager.ISecret, grantee: iam.IGrantable): iam.Grant | undefined {
  const { encryptionKey } = secret;
  if (!encryptionKey) return undefined;
  const target = targetOf(encryptionKey);
  if (target && Resource.isOwnedResource(target)) return undefined;
  // The policy of an AWS managed key allows every principal of the account.
  if (!target && isAlias(encryptionKey) && encryptionKey.aliasName.startsWith('alias/aws/')) return undefined;
  const { resources, conditions } = keyOfSecret(secret, encryptionKey);
  const grant = iam.Grant.addToPrincipal({ grantee, actions: ['kms:Decrypt'], resourceArns: resources, conditions });
  return target ? grant : suppressGrant(grant, grantee, 'The secret names its key by an alias, to which the condition narrows the grant.');
}

import { ArnFormat, Reference, Stack, Tokenization, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import { cfnStreamOf } from './cfn-stream';
import { isAlias, targetOf } from '../../private/key-target';
import { suppressGrant } from '../../private/suppressions';

/** Grants the use of a given key, also in the key's policy if the principal's policy isn't enough. Undefined if the key needs no grant. */
export function grantKey(key: kms.IKeyRef, grantee: iam.IGrantable, actions: string[]): iam.Grant | undefined {
  const target = targetOf(key);
  if (target) return 'grant' in target ? (target as kms.IKey).grant(grantee, ...actions) : kms.KeyGrants.fromKey(target).actions(grantee, ...actions);
  const { env: { region, account } } = key;
  return isAlias(key) ? grantByAlias(grantee, actions, keyArn(Stack.of(key), '*', { region, account }), key.aliasName) : undefined;
}

/** Grants the use of the key that encrypts a stream. Undefined if no customer-managed key is known. */
export function grantKeyOfStream(stream: kinesisvideo.IStreamRef, grantee: iam.IGrantable, actions: string[]): iam.Grant | undefined {
  const { encryptionKey } = stream as { readonly encryptionKey?: kms.IKeyRef };
  if (encryptionKey) return grantKey(encryptionKey, grantee, actions);
  const resource = cfnStreamOf(stream);
  const keyId = resource?.kmsKeyId;
  if (!resource || keyId === undefined) return undefined;

  const stack = Stack.of(resource);
  const reference = referenceIn(keyId);
  if (reference && kms.CfnKey.isCfnKey(reference.target)) {
    const { scope } = reference.target.node;
    return scope instanceof kms.Key ? grantKey(scope, grantee, actions) : grantOn(grantee, actions, reference.target.attrArn);
  }
  if (reference && kms.CfnAlias.isCfnAlias(reference.target)) return grantByAlias(grantee, actions, keyArn(stack, '*'), keyId);

  // Without a feature flag, the name of an alias in aws-cdk-lib is a token. A value that CloudFormation resolves stays an object.
  const known: unknown = /^arn:/.test(keyId) ? keyId : stack.resolve(keyId);
  if (typeof known !== 'string') {
    Validations.of(resource).addWarning('cdk-rtc:SignalingChannel.streamKey',
      'kmsKeyId: is known only at deployment, so a grant doesn\'t include the use of the key; '
      + 'pass the key, as joinStorage(grantee, key) or VideoStreamGrants.fromStream(stream, key)');
    return undefined;
  }
  const [, arnOfKeys, alias] = /^(.*:)?(alias\/.*)$/.exec(known) ?? [];
  if (alias === undefined) return grantOn(grantee, actions, /^arn:/.test(known) ? known : keyArn(stack, known));
  return grantByAlias(grantee, actions, arnOfKeys ? `${arnOfKeys}key/*` : keyArn(stack, '*'), alias);
}

function referenceIn(value: string): Reference | undefined {
  const fragments = Tokenization.reverseString(value);
  return fragments.length === 1 && Reference.isReference(fragments.firstToken) ? fragments.firstToken : undefined;
}

function keyArn(stack: Stack, resourceName: string, environment: { readonly region?: string; readonly account?: string } = {}): string {
  return stack.formatArn({ ...environment, service: 'kms', resource: 'key', resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
}

function grantOn(grantee: iam.IGrantable, actions: string[], arn: string): iam.Grant {
  return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [arn] });
}

/** A policy can't name a key by its alias as the resource. The policy of an AWS managed key allows every principal of the account that may use the service. */
function grantByAlias(grantee: iam.IGrantable, actions: string[], arn: string, alias: string): iam.Grant | undefined {
  if (alias.startsWith('alias/aws/')) return undefined;
  const grant = iam.Grant.addToPrincipal({
    grantee, actions, resourceArns: [arn], conditions: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } },
  });
  return suppressGrant(grant, grantee, 'The stream names its key by an alias, to which the condition narrows the grant.');
}

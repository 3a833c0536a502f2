import { ArnFormat, Reference, Stack, Tokenization, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import { USE_STREAM_KEY } from './iam-actions';
import { suppressGrant } from '../../private/suppressions';

/** Grants the use of a given key, also in the key's policy if the principal's policy isn't enough. */
export function grantKey(key: kms.IKeyRef, grantee: iam.IGrantable): iam.Grant {
  return 'grant' in key ? (key as kms.IKey).grant(grantee, ...USE_STREAM_KEY) : kms.KeyGrants.fromKey(key).actions(grantee, ...USE_STREAM_KEY);
}

/** Grants the use of the key that encrypts a stream. Undefined if no customer-managed key is known. */
export function grantKeyOfStream(stream: kinesisvideo.IStreamRef, grantee: iam.IGrantable): iam.Grant | undefined {
  const { CfnStream } = kinesisvideo;
  const resource = [stream, stream.node.defaultChild].find((construct): construct is kinesisvideo.CfnStream => CfnStream.isCfnStream(construct));
  const keyId = resource?.kmsKeyId;
  if (!resource || keyId === undefined) return undefined;

  const stack = Stack.of(resource);
  const reference = referenceIn(keyId);
  if (reference && kms.CfnKey.isCfnKey(reference.target)) {
    const { scope } = reference.target.node;
    return scope instanceof kms.Key ? grantKey(scope, grantee) : grantOn(grantee, reference.target.attrArn);
  }
  if (reference && kms.CfnAlias.isCfnAlias(reference.target)) return grantByAlias(grantee, keyArn(stack, '*'), keyId);

  // Without a feature flag, the name of an alias in aws-cdk-lib is a token. A value that CloudFormation resolves stays an object.
  const known: unknown = /^arn:/.test(keyId) ? keyId : stack.resolve(keyId);
  if (typeof known !== 'string') {
    Validations.of(resource).addWarning('cdk-rtc:SignalingChannel.streamKey',
      'kmsKeyId: is known only at deployment, so joining a storage session is not granted the use of the key; pass the key to the grant, as joinStorage(grantee, key)');
    return undefined;
  }
  const [, arnOfKeys, alias] = /^(.*:)?(alias\/.*)$/.exec(known) ?? [];
  if (alias === undefined) return grantOn(grantee, /^arn:/.test(known) ? known : keyArn(stack, known));
  // The policy of an AWS managed key allows every principal of the account that may use the service.
  if (alias.startsWith('alias/aws/')) return undefined;
  return grantByAlias(grantee, arnOfKeys ? `${arnOfKeys}key/*` : keyArn(stack, '*'), alias);
}

function referenceIn(value: string): Reference | undefined {
  const fragments = Tokenization.reverseString(value);
  return fragments.length === 1 && Reference.isReference(fragments.firstToken) ? fragments.firstToken : undefined;
}

function keyArn(stack: Stack, resourceName: string): string {
  return stack.formatArn({ service: 'kms', resource: 'key', resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
}

function grantOn(grantee: iam.IGrantable, arn: string): iam.Grant {
  return iam.Grant.addToPrincipal({ grantee, actions: USE_STREAM_KEY, resourceArns: [arn] });
}

/** A policy can't name a key by its alias as the resource. */
function grantByAlias(grantee: iam.IGrantable, arn: string, alias: string): iam.Grant {
  const grant = iam.Grant.addToPrincipal({
    grantee, actions: USE_STREAM_KEY, resourceArns: [arn], conditions: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } },
  });
  return suppressGrant(grant, grantee, 'The stream names its key by an alias, to which the condition narrows the grant.');
}

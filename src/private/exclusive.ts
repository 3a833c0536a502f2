import { CfnElement, Reference, type Resource, Stack, Token, Tokenization } from 'aws-cdk-lib';
import { sharedState } from './shared-state';

/**
 * Claims a resource for one construct. Returns no findings for the first construct, and a finding for any other, because in each deployment one would undo
 * the configuration of the other.
 */
export function claim(construct: Resource, property: string, key: string, does: string, wayOut: string): string[] {
  const { root, path } = construct.node;
  const claims = sharedState(root, 'claims', () => new Map<string, string>());
  const other = claims.get(`${property} ${key}`);
  if (other !== undefined) return [`${property}: ${other} ${does} already, and ${wayOut}`];
  claims.set(`${property} ${key}`, path);
  return [];
}

/**
 * A key of the resource that an ARN names. The key is equal in all stacks if the ARN is a text or a reference to a construct. For any other token, it is
 * equal in one stack only.
 */
export function referenceKey(construct: Resource, arn: string): string {
  if (!Token.isUnresolved(arn)) return arn;
  const reference = Tokenization.reverseString(arn).tokens.find((token) => Reference.isReference(token) && CfnElement.isCfnElement(token.target));
  if (Reference.isReference(reference)) return `${reference.target.node.path} ${reference.displayName}`;
  return `${construct.stack.node.path} ${JSON.stringify(Stack.of(construct).resolve(arn))}`;
}

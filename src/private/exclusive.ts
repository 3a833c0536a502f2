import { CfnElement, CfnResource, type IResolvable, Reference, type Resource, Stack, Token, Tokenization } from 'aws-cdk-lib';
import { sharedState } from './shared-state';

/**
 * Claims a resource for one construct. Returns no findings for the first construct, and a finding for any other, because in each deployment one would undo
 * the configuration of the other.
 */
export function claim(construct: Resource | CfnResource, property: string, key: string, does: string, wayOut: string): string[] {
  const { root, path } = construct.node;
  const claims = sharedState(root, 'claims', () => new Map<string, string>());
  const other = claims.get(`${property} ${key}`);
  if (other !== undefined) return [`${property}: ${other} ${does} already, and ${wayOut}`];
  claims.set(`${property} ${key}`, path);
  return [];
}

/**
 * A key of the resource that an ARN names. The key is equal in all stacks if the ARN is a text or has a reference to a construct. For any other token, it is
 * equal in one stack only.
 */
export function referenceKey(construct: Resource | CfnResource, arn: string): string {
  if (!Token.isUnresolved(arn)) return arn;
  const parts = Tokenization.reverseString(arn);
  const resolved = (value: unknown) => JSON.stringify(Stack.of(construct).resolve(value));
  if (!parts.tokens.some(isElementReference)) return `${construct.stack.node.path} ${resolved(arn)}`;
  // All parts: ARNs of different resources can share a reference, such as a parameter for the region.
  return parts.mapTokens({ mapToken: (token) => isElementReference(token) ? `${token.target.node.path} ${token.displayName}` : resolved(token) })
    .join({ join: (left, right) => `${left}${right}` }) as string;
}

/** The resource of a type in this app to which a text refers. */
export function referencedResource(text: string, resourceType: string): CfnResource | undefined {
  return Tokenization.reverseString(text).tokens.map((token) => isElementReference(token) ? token.target : undefined)
    .find((target): target is CfnResource => CfnResource.isCfnResource(target) && target.cfnResourceType === resourceType);
}

function isElementReference(token: IResolvable): token is Reference {
  return Reference.isReference(token) && CfnElement.isCfnElement(token.target);
}

import { CfnElement, Reference, type Resource, Stack, Token, Tokenization } from 'aws-cdk-lib';
import { sharedState } from './shared-state';

/** Two constructs would take it from each other, deployment by deployment. Findings out, none for the first. */
export function claim(construct: Resource, property: string, key: string, does: string, wayOut: string): string[] {
  const { root, path } = construct.node;
  const taken = sharedState(root, 'claims', () => new Map<string, string>());
  const other = taken.get(`${property} ${key}`);
  if (other !== undefined) return [`${property}: ${other} ${does} already, and ${wayOut}`];
  taken.set(`${property} ${key}`, path);
  return [];
}

/** The same for the same thing, in whatever stack it is referred to: a construct's path, or the text; what is a token otherwise counts in its stack only. */
export function referenceKey(construct: Resource, arn: string): string {
  if (!Token.isUnresolved(arn)) return arn;
  const reference = Tokenization.reverseString(arn).tokens.find((token) => Reference.isReference(token) && CfnElement.isCfnElement(token.target));
  if (Reference.isReference(reference)) return `${reference.target.node.path} ${reference.displayName}`;
  return `${construct.stack.node.path} ${JSON.stringify(Stack.of(construct).resolve(arn))}`;
}

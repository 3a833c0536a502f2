import type { IConstruct } from 'constructs';

/**
 * One error for all findings, with the path of the construct.
 *
 * A plain error: aws-cdk-lib's own ValidationError is internal, and its constructor has changed inside version 2.
 */
export function throwIfInvalid(scope: IConstruct, findings: readonly string[]): void {
  if (findings.length > 0) throw new Error(`[${scope.node.path}] ${findings.join('\n  ')}`);
}

import type { IConstruct } from 'constructs';

/**
 * One error for all findings, with the path of the construct; `id` where the construct is not made yet.
 *
 * A plain error: aws-cdk-lib's own ValidationError is internal, and its constructor has changed inside version 2.
 */
export function throwIfInvalid(scope: IConstruct, findings: readonly string[], id?: string): void {
  if (findings.length === 0) return;
  const path = id === undefined ? scope.node.path : [scope.node.path, id].filter((part) => part !== '').join('/');
  throw new Error(`[${path}] ${findings.join('\n  ')}`);
}

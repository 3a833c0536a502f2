import type { IConstruct } from 'constructs';

/**
 * Throws one error for all findings, with the path of the construct. Pass `id` if the construct doesn't exist yet.
 *
 * A plain error, because aws-cdk-lib's own ValidationError is internal, and its constructor has changed within version 2.
 */
export function throwIfInvalid(scope: IConstruct, findings: readonly string[], id?: string): void {
  if (findings.length === 0) return;
  throwFindings(id === undefined ? scope.node.path : [scope.node.path, id].filter((part) => part !== '').join('/'), findings);
}

/** Throws one error for all findings about an object that has no path, under its name. */
export function throwFindings(name: string, findings: readonly string[]): void {
  if (findings.length > 0) throw new Error(`[${name}] ${findings.join('\n  ')}`);
}

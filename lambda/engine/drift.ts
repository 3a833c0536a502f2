import type { Owner } from './ownership';
import { RESOURCE_TAG, STACK_TAG } from '../../src/private/contract';

/** A property that is not as desired, in the words of CloudFormation's own drift detection. Never a secret. */
export interface PropertyDifference {
  readonly propertyPath: string;
  readonly expectedValue: string;
  readonly actualValue: string;
  /** Operations of the service that have this difference as a side effect. */
  readonly possibleCause?: string;
}

const LONGEST_VALUE = 500;

export function propertyDifference(name: string, desired: unknown, found: unknown): PropertyDifference {
  return { propertyPath: `/${name}`, expectedValue: show(desired), actualValue: show(found) };
}

/** Pure: by name, the members in which something found is not as desired. */
export function memberDifferences(desired: Record<string, unknown>, found: Record<string, unknown>): PropertyDifference[] {
  const differs = (name: string) => JSON.stringify(desired[name]) !== JSON.stringify(found[name]);
  return Object.keys({ ...desired, ...found }).filter(differs).map((name) => propertyDifference(name, desired[name], found[name]));
}

export function tagDifferences(keys: string[], desired: Record<string, string>, found: Record<string, string>): PropertyDifference[] {
  return keys.map((key) => propertyDifference(`Tags/${key}`, desired[key], found[key]));
}

/** Of something that does not carry the owner's tags. */
export function ownerDifference({ stackId, resource }: Owner, tags: Record<string, string>): PropertyDifference {
  const key = tags[STACK_TAG] === stackId ? RESOURCE_TAG : STACK_TAG;
  return tagDifferences([key], { [STACK_TAG]: stackId, [RESOURCE_TAG]: resource }, tags)[0]!;
}

/** An event takes 256 KB with all its differences. */
function show(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value) ?? 'none';
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

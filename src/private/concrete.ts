import { type Duration, Lazy, Token } from 'aws-cdk-lib';

/**
 * What `ssm.StringParameter.valueFromLookup` returns, alone or as a part of a text, until the CDK CLI has looked the value up. The CLI does so
 * only if the first synthesis succeeds. https://docs.aws.amazon.com/cdk/v2/guide/get-context-var.html
 */
const LOOKUP_DUMMY = 'dummy-value-for-';

/** Whether the value is a token, which is known at deployment, or a placeholder, which is known in the next synthesis. */
export function isUnknown(value: unknown): boolean {
  return Token.isUnresolved(value) || isLookupDummy(value);
}

/** The value if it is known at synth. The handler checks the others at deployment. */
export function concrete<T>(value: T | undefined): T | undefined {
  return isUnknown(value) ? undefined : value;
}

/** A placeholder as a token, because aws-cdk-lib parses ARNs that are not tokens. */
export function opaque(value: string): string {
  return isLookupDummy(value) ? Lazy.string({ produce: () => value }) : value;
}

/** Whether two accounts or regions are known to be different. */
export function differ(one: string, other: string): boolean {
  return !isUnknown(one) && !isUnknown(other) && one !== other;
}

function isLookupDummy(value: unknown): value is string {
  return typeof value === 'string' && value.includes(LOOKUP_DUMMY);
}

/** The same for a duration, in seconds. */
export function concreteSeconds(duration: Duration | undefined): number | undefined {
  return duration === undefined || duration.isUnresolved() ? undefined : duration.toSeconds({ integral: false });
}

/** Core cannot convert what is known only at deployment, and its error names no property. Findings out. */
export function validateTokenUnit(property: string, duration: Duration | undefined, unit: 'seconds' | 'hours'): string[] {
  if (!duration?.isUnresolved() || duration.unitLabel() === unit) return [];
  return [`${property}: is known only at deployment, so it must be given in ${unit}, got it in ${duration.unitLabel()}; use Duration.${unit}(…)`];
}

/** The same for every item of a list; a list that is itself a token is known only at deployment. */
export function concreteItems<T>(values: readonly T[] | undefined): readonly (T | undefined)[] | undefined {
  return Token.isUnresolved(values) ? undefined : values?.map(concrete);
}

/** The same for every leaf of something. */
export function concreteLeaves<T>(value: T): T {
  if (Array.isArray(value)) return value.map(concreteLeaves) as T;
  if (typeof value !== 'object' || value === null) return concrete(value) as T;
  return Object.fromEntries(Object.entries(value).map(([key, leaf]) => [key, concreteLeaves(leaf)])) as T;
}

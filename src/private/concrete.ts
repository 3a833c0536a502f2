import { type Duration, Token } from 'aws-cdk-lib';

/** The value where it is known at synth; undefined for a token, which the handler checks at deployment. */
export function concrete<T>(value: T | undefined): T | undefined {
  return Token.isUnresolved(value) ? undefined : value;
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

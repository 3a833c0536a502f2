import { type Duration, Token } from 'aws-cdk-lib';

/** The value where it is known at synth; undefined for a token, which the handler checks at deployment. */
export function concrete<T>(value: T | undefined): T | undefined {
  return Token.isUnresolved(value) ? undefined : value;
}

/** The same for a duration, in seconds. */
export function concreteSeconds(duration: Duration | undefined): number | undefined {
  return duration === undefined || duration.isUnresolved() ? undefined : duration.toSeconds({ integral: false });
}

/** The same for every leaf of something. */
export function concreteLeaves<T>(value: T): T {
  if (Array.isArray(value)) return value.map(concreteLeaves) as T;
  if (typeof value !== 'object' || value === null) return concrete(value) as T;
  return Object.fromEntries(Object.entries(value).map(([key, leaf]) => [key, concreteLeaves(leaf)])) as T;
}

import { type Duration, Lazy, Token } from 'aws-cdk-lib';
import type { KnownKeys } from './known';

/**
 * What `ssm.StringParameter.valueFromLookup` returns, alone or as a part of a text, until the CDK CLI has looked the value up. The CLI does so
 * only if the first synthesis succeeds. https://docs.aws.amazon.com/cdk/v2/guide/get-context-var.html
 */
const LOOKUP_DUMMY = 'dummy-value-for-';

/** Whether the value is a token, which is known at deployment, or a placeholder, which is known in the next synthesis. */
export function isUnknown(value: unknown): boolean {
  return Token.isUnresolved(value) || isLookupDummy(value);
}

/** The value if it is known at synth. The handler validates other values at deployment. */
export function concrete<T>(value: T | undefined): T | undefined {
  return isUnknown(value) ? undefined : value;
}

/** The value, with a placeholder as a token, because aws-cdk-lib parses ARNs that aren't tokens. */
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

/** The name of a unit in `Duration`. */
type DurationUnit = 'millis' | 'seconds' | 'hours';

/**
 * The number of units. The number may be fractional, because validation reports it. A token has a number only in its own unit, and `validateTokenUnit`
 * reports a token in another unit.
 */
export function amountOf(duration: Duration | undefined, unit: DurationUnit): number | undefined {
  if (duration === undefined || (duration.isUnresolved() && duration.unitLabel() !== unit)) return undefined;
  if (unit === 'hours') return duration.toHours({ integral: false });
  return unit === 'seconds' ? duration.toSeconds({ integral: false }) : duration.toMilliseconds({ integral: false });
}

/** The AWS CDK can't convert a duration that is known only at deployment, and its error names no property. */
export function validateTokenUnit(property: string, duration: Duration | undefined, unit: DurationUnit): string[] {
  if (!duration?.isUnresolved() || duration.unitLabel() === unit) return [];
  return [`${property}: is known only at deployment, so it must be given in ${unit}, got it in ${duration.unitLabel()}; use Duration.${unit}(…)`];
}

/** The paths of the values that are known at synth. An object with a key that isn't known isn't known either. */
export function knownKeys(properties: object): KnownKeys {
  return new Set(knownPaths(properties));
}

function knownPaths(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, item]) => {
    if (isUnknown(item)) return [];
    const path = `${prefix}${key}`;
    if (typeof item !== 'object' || item === null) return [path];
    return Object.keys(item).some(isUnknown) ? [] : [path, ...knownPaths(item, `${path}.`)];
  });
}

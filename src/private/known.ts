/**
 * The paths of the property values that are known at synth, such as `MediaInsights.ConfigurationArn` or `NotificationTargets.0`. A value that is known
 * only at deployment has no path in the set. A handler passes no set, because it knows all values.
 */
export type KnownPaths = ReadonlySet<string>;

/** Properties in which any value can be missing. */
export type Known<T> =
  T extends readonly (infer Item)[] ? readonly (Known<Item> | undefined)[]
    : T extends object ? { readonly [Key in keyof T]?: Known<T[Key]> }
      : T;

/** The environment of a resource. An undefined field isn't known. */
export interface KnownEnvironment {
  readonly account?: string;
  readonly region?: string;
}

/** Returns the properties without the values that aren't known. */
export function knownValues<T extends object>(properties: T, known?: KnownPaths): Known<T> {
  return (known ? restrict(properties, known) : properties) as Known<T>;
}

function restrict(value: object, known: KnownPaths, prefix = ''): unknown {
  const entries = Object.entries(value).map(([key, item]) => {
    const path = `${prefix}${key}`;
    if (!known.has(path)) return [key, undefined];
    return [key, typeof item === 'object' && item !== null ? restrict(item, known, `${path}.`) : item];
  });
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

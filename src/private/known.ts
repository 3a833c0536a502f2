/**
 * The paths of the property values that are known, such as `MediaInsights.ConfigurationArn` or `NotificationTargets.0`. A value that only the
 * deployment knows isn't among them. For a handler, which knows all values, there is no such set.
 */
export type KnownKeys = ReadonlySet<string>;

/** Properties in which any value can be missing. */
export type Known<T> =
  T extends readonly (infer Item)[] ? readonly (Known<Item> | undefined)[]
    : T extends object ? { readonly [Key in keyof T]?: Known<T[Key]> }
      : T;

/** Where a resource is, as far as that is known. */
export interface KnownEnvironment {
  readonly account?: string;
  readonly region?: string;
}

/** Returns the properties without the values that aren't known. */
export function knownValues<T extends object>(properties: T, known?: KnownKeys): Known<T> {
  return (known ? restrict(properties, known) : properties) as Known<T>;
}

function restrict(value: object, known: KnownKeys, prefix = ''): unknown {
  const entries = Object.entries(value).map(([key, item]) => {
    const path = `${prefix}${key}`;
    if (!known.has(path)) return [key, undefined];
    return [key, typeof item === 'object' && item !== null ? restrict(item, known, `${path}.`) : item];
  });
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

import { memberDifferences, type PropertyDifference } from './drift';

/** Pure: the members in which the observed document differs from the desired one, but for tolerated ones. Undefined: none. */
export function differenceBetween<Document extends object>(
  observed: Document | undefined, desired: Document, noun: string, tolerated: readonly string[] = [],
): string | undefined {
  if (!observed) return `there is no ${noun}`;
  const [before, after] = [observed, desired] as Record<string, unknown>[];
  const show = (value: unknown) => value === undefined ? 'none' : JSON.stringify(value);
  const differences = Object.keys({ ...before, ...after })
    .filter((member) => JSON.stringify(before![member]) !== JSON.stringify(after![member]) && !tolerated.includes(member))
    .map((member) => `${member} is ${show(before![member])}, desired ${show(after![member])}`);
  return differences.length > 0 ? differences.join('; ') : undefined;
}

/** Pure: the same differences by the names of the resource properties. */
export function propertiesBetween<Document>(
  observed: Document, desired: Document, toProperties: (document: Document) => object,
): PropertyDifference[] {
  return memberDifferences(toProperties(desired) as Record<string, unknown>, toProperties(observed) as Record<string, unknown>);
}

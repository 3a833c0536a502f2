import type { IConstruct } from 'constructs';

/**
 * Marks a construct as an instance of a class of this library.
 *
 * An app can load several copies of the library, each with a class of its own, so `instanceof` is false for the construct of another copy. The
 * global symbol registry is shared by all copies.
 */
export function brand(construct: IConstruct, className: string): void {
  // Not enumerable, so that code that iterates over the properties of a construct doesn't find the mark.
  Object.defineProperty(construct, brandOf(className), { value: true });
}

/** Whether a value is a construct that a copy of this library has marked. */
export function isBranded(value: any, className: string): boolean {
  return value !== null && typeof value === 'object' && brandOf(className) in value;
}

function brandOf(className: string): symbol {
  return Symbol.for(`cdk-rtc.${className}`);
}

import * as fc from 'fast-check';

/** One of so many draws has a value. The others are undefined, to which it also shrinks. */
export function rarely<T>(arbitrary: fc.Arbitrary<T>, draws: number): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: draws - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

export function halfTheTime<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return rarely(arbitrary, 2);
}

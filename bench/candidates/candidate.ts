import type { Stack } from 'aws-cdk-lib';

/** One way to get so many of the same thing into a stack. Each is in a file of its own, so that a process loads what that way needs and no more. */
export interface Candidate {
  readonly name: string;
  add(stack: Stack, count: number): void;
}

/** For each in turn. */
export function each(count: number, add: (index: number) => void): void {
  for (let index = 0; index < count; index += 1) add(index);
}

/** The whole message of the error that the work throws. */
export function problem(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('did not throw');
}

import { setTimeout as sleep } from 'node:timers/promises';

/** The limit of the suite (testTimeout in package.json). A test has no shorter one: the machine may be busy with other work. */
export const SUITE_TIMEOUT_MS = 1_800_000;

/** Looks until the look finds something; a look that throws is repeated as well. */
export async function eventually<T>(look: () => T | undefined | false | Promise<T | undefined | false>, everyMs = 25): Promise<T> {
  for (const deadline = performance.now() + SUITE_TIMEOUT_MS; ; await sleep(everyMs)) {
    let problem: unknown = new Error('It did not come about in time.');
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > deadline) throw problem;
  }
}

import { TABLE_ERROR_CLASSES } from './table';
import { classify } from '../../engine/error-classes';
import type { TimeBudget } from '../../engine/time-budget';

/** Attempts of one write, with about 1.5 seconds of pauses between them. */
const ATTEMPTS = 6;

/** The longest first pause, in seconds. Each further pause is up to twice as long. */
const FIRST_PAUSE = 0.1;

/**
 * Repeats a write while another transaction writes to the same item, which the SDK doesn't retry, or while the table throttles the write longer than the
 * SDK retries. If many checkouts arrive at once, their writes can use up the capacity of the partition.
 */
export async function retryingConflicts<T>(budget: Pick<TimeBudget, 'pause'>, write: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      const isLast = attempt === ATTEMPTS - 1;
      if (isLast || !isRetryable(error) || !await budget.pause(FIRST_PAUSE * 2 ** attempt * Math.random())) throw error;
    }
  }
}

function isRetryable(error: unknown): boolean {
  return ['conflict', 'throttled'].includes(classify(error, TABLE_ERROR_CLASSES));
}

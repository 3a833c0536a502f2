import type { RetryThrottled } from './meetings';
import { POOL_ERROR_CLASSES } from './pool-reconciler';
import { classify, isOutcomeUnknown } from '../../engine/error-classes';
import type { TimeBudget } from '../../engine/time-budget';

/** Seconds between two attempts. Jitter adds up to one second. */
const RETRY_INTERVAL = 0.5;

/** Retries within the time budget. If the outcome of any attempt is unknown, the last error says so. */
export function retryingThrottled(budget: Pick<TimeBudget, 'pause'>): RetryThrottled {
  return async (call) => {
    let outcomeUnknown = false;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        outcomeUnknown ||= isOutcomeUnknown(error);
        if (classify(error, POOL_ERROR_CLASSES) !== 'throttled' || !await budget.pause(RETRY_INTERVAL + Math.random())) {
          throw outcomeUnknown ? Object.assign(error as Error, { isOutcomeUnknown: true }) : error;
        }
      }
    }
  };
}

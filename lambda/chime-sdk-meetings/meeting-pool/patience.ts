import type { Patience } from './meetings';
import { POOL_ERROR_CLASSES } from './pool-reconciler';
import { classify, isOutcomeUnknown } from '../../engine/error-classes';
import type { TimeBudget } from '../../engine/time-budget';

/** Seconds between two attempts, and up to one more, so that not all come again at once. */
const TRY_AGAIN = 0.5;

/** While there is time. What one attempt may have made, the last one's error tells too. */
export function patienceOf(budget: Pick<TimeBudget, 'pause'>): Patience {
  return async (call) => {
    let mayExist = false;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        mayExist ||= isOutcomeUnknown(error);
        if (classify(error, POOL_ERROR_CLASSES) !== 'throttled' || !await budget.pause(TRY_AGAIN + Math.random())) {
          throw mayExist ? Object.assign(error as Error, { isOutcomeUnknown: true }) : error;
        }
      }
    }
  };
}

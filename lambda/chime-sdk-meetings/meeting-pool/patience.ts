import { POOL_DECISIONS } from './keeper';
import type { Patience } from './meetings';
import { decide, mayHaveMade } from '../../common/errors';
import type { Step } from '../../common/step';

/** Seconds between two attempts, and up to one more, so that not all come again at once. */
const TRY_AGAIN = 0.5;

/** While there is time. What one attempt may have made, the last one's error tells too. */
export function patienceOf(step: Pick<Step, 'pause'>): Patience {
  return async (call) => {
    let mayExist = false;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        mayExist ||= mayHaveMade(error);
        if (decide(error, POOL_DECISIONS) !== 'throttled' || !await step.pause(TRY_AGAIN + Math.random())) {
          throw mayExist ? Object.assign(error as Error, { mayHaveMade: true }) : error;
        }
      }
    }
  };
}

import type { Request } from '../../lambda/engine/lifecycle';
import type { Log } from '../../lambda/engine/log';
import { type Owner, ownerOf } from '../../lambda/engine/ownership';
import { TimeBudget } from '../../lambda/engine/time-budget';
import { VirtualClock } from '../../local/emulator';

const STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Home/1';
export const OTHER_STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Neighbor/1';

/** The resource that the requests are for, another resource of its stack, and a resource of another stack. */
export const OWNER = ownerFor('Toy');
export const SAME_STACK = ownerFor('Other');
export const OTHER = ownerFor('Toy', OTHER_STACK);

export function ownerFor(LogicalResourceId: string, StackId = STACK, RequestId = 'request'): Owner {
  return ownerOf({ StackId, LogicalResourceId, RequestId });
}

/** One invocation of a handler, without the lifecycle around it. */
export class Invocation {
  readonly clock = new VirtualClock({ auto: true });
  private readonly start = this.clock.now();
  private readonly log: Log = { info: () => undefined, error: () => undefined, child: () => this.log };

  request(more: Partial<Request>): Request {
    return { owner: OWNER, physicalId: '', properties: {}, oldProperties: {}, account: '123456789012', log: this.log, ...more };
  }

  /** @param elapsed seconds since onEvent returned */
  budget(elapsed = 0, seconds?: number): TimeBudget {
    return new TimeBudget(this.clock, this.clock.now() - elapsed * 1000, seconds);
  }

  /** Seconds that the test has waited. */
  get waited(): number {
    return (this.clock.now() - this.start) / 1000;
  }

  /** Runs the work as soon as the handler waits. */
  whileWaiting(work: () => void): void {
    const sleep = this.clock.sleep.bind(this.clock);
    this.clock.sleep = (milliseconds) => {
      this.clock.sleep = sleep;
      work();
      return sleep(milliseconds);
    };
  }
}

/** The error that the work fails with. */
export function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(() => { throw new Error('it succeeded'); }, (error: Error) => error);
}

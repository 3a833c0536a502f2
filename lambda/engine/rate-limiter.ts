import type { Clock } from './clock';

/** Spreads calls over time. */
export class RateLimiter {
  private next = 0;

  /** @param saved seconds of which the calls that were not made can be made up for at once */
  constructor(private readonly clock: Clock, private readonly perSecond: number, private readonly saved = 0) {}

  public async acquire(): Promise<void> {
    const now = this.clock.now();
    const at = Math.max(now - this.saved * 1000, this.next);
    this.next = at + 1000 / this.perSecond;
    if (at > now) await this.clock.sleep(Math.ceil(at - now));
  }
}

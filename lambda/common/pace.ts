import type { Clock } from './clock';

/** Spreads calls over time. */
export class Pace {
  private next = 0;

  constructor(private readonly clock: Clock, private readonly perSecond: number) {}

  public async turn(): Promise<void> {
    const now = this.clock.now();
    const at = Math.max(now, this.next);
    this.next = at + 1000 / this.perSecond;
    if (at > now) await this.clock.sleep(Math.ceil(at - now));
  }
}

import type { Clock } from './clock';
import { TIMING } from '../../src/private/contract';

/** Seconds at the end of a budget that a last read takes. */
const LAST_READ = 2;

/** Seconds after which a repetition of a call of unknown outcome has come: less is no rest. */
const REPETITION = 3;

/**
 * One bounded piece of work: what is not done at its end goes on in the next poll.
 */
export class TimeBudget {
  /** Aborts every request that would exceed the budget. */
  public readonly signal: AbortSignal;
  private readonly endsAt: number;
  private readonly controller = new AbortController();

  /**
   * @param stampedAt when onEvent answered, which is when the operation's time began to run
   */
  constructor(private readonly clock: Clock, private readonly stampedAt: number, seconds: number = TIMING.step) {
    this.signal = this.controller.signal;
    this.endsAt = clock.now() + seconds * 1000;
  }

  /** Seconds since onEvent answered. */
  public get elapsed(): number {
    return (this.clock.now() - this.stampedAt) / 1000;
  }

  /** Seconds until it is over. */
  public get remaining(): number {
    return (this.endsAt - this.clock.now()) / 1000;
  }

  /** Waits, unless that would outlast the budget: then false, at once. */
  public async pause(seconds: number): Promise<boolean> {
    const milliseconds = Math.round(seconds * 1000);
    if (this.clock.now() + milliseconds > this.endsAt) return false;
    await this.clock.sleep(milliseconds);
    return true;
  }

  /** Waits until just before the end of the budget, so that a last read shows late changes. False, at once, if too little time remains. */
  public async pauseUntilLastRead(): Promise<boolean> {
    return this.remaining >= REPETITION + LAST_READ && this.pause(this.remaining - LAST_READ);
  }

  /** Runs the work, and aborts its requests at the end of the budget. */
  public async run<T>(work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.controller.abort(), this.endsAt - this.clock.now());
    // A request under way keeps the process alive; with none there is nothing to abort.
    timer.unref();
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }
}

import type { Clock } from './clock';
import { TIMING } from '../../src/private/contract';

/** Seconds at the end of a budget that a last read takes. */
const LAST_READ = 2;

/** Seconds within which a call with an unknown outcome is repeated. A shorter wait would not show the repetition. */
const REPETITION = 3;

/** The time of one invocation. Work that isn't done at its end continues in the next poll. */
export class TimeBudget {
  /** Aborts every request that would exceed the budget. */
  public readonly signal: AbortSignal;
  private readonly endsAt: number;
  private readonly controller = new AbortController();

  /**
   * @param startedAt when onEvent returned; within onEvent, when the invocation began
   */
  constructor(private readonly clock: Clock, private readonly startedAt: number, seconds: number = TIMING.step) {
    this.signal = this.controller.signal;
    this.endsAt = clock.now() + seconds * 1000;
  }

  /** Seconds since onEvent returned. Within onEvent, seconds since the invocation began. */
  public get elapsed(): number {
    return (this.clock.now() - this.startedAt) / 1000;
  }

  /** Seconds until the end of the budget. */
  public get remaining(): number {
    return (this.endsAt - this.clock.now()) / 1000;
  }

  /** Waits. Returns false at once, without a wait, if the wait would exceed the budget. */
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
    // A request under way keeps the process alive. Without a request there is nothing to abort.
    timer.unref();
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }
}

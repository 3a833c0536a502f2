/** Where the emulator takes its time from. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds) => new Promise(resolve => setTimeout(resolve, milliseconds)),
};

export interface VirtualClockOptions {
  /** Where time begins. Default: 2026-01-01T00:00:00Z. */
  readonly start?: number;
  /** Time jumps to the earliest sleeper as soon as nothing else can run. Default: false, time moves by `advance` only. */
  readonly auto?: boolean;
}

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** Time that passes only on request, or (auto) whenever all callers sleep. */
export class VirtualClock implements Clock {
  private time: number;
  private readonly auto: boolean;
  private sleepers: Sleeper[] = [];
  private jumpPending = false;

  constructor(options: VirtualClockOptions = {}) {
    this.time = options.start ?? Date.UTC(2026, 0, 1);
    this.auto = options.auto ?? false;
  }

  now(): number {
    return this.time;
  }

  async sleep(milliseconds: number): Promise<void> {
    return new Promise(wake => {
      this.sleepers.push({ wakeAt: this.time + Math.max(0, milliseconds), wake });
      this.jumpSoon();
    });
  }

  /** Advances the time, and wakes the callers whose time has come, in order. */
  async advance(milliseconds: number): Promise<void> {
    const target = this.time + milliseconds;
    for (let next = this.earliest(); next && next.wakeAt <= target; next = this.earliest()) {
      this.wake(next);
      await idle();
    }
    this.time = target;
  }

  private jumpSoon(): void {
    if (!this.auto || this.jumpPending) return;
    this.jumpPending = true;
    // After all work that can run now: concurrent sleepers then wake in the order of their times.
    setImmediate(() => {
      this.jumpPending = false;
      const next = this.earliest();
      if (!next) return;
      this.wake(next);
      if (this.sleepers.length > 0) this.jumpSoon();
    });
  }

  private wake(sleeper: Sleeper): void {
    this.sleepers = this.sleepers.filter(other => other !== sleeper);
    this.time = Math.max(this.time, sleeper.wakeAt);
    sleeper.wake();
  }

  private earliest(): Sleeper | undefined {
    return this.sleepers.reduce<Sleeper | undefined>(
      (first, sleeper) => first && first.wakeAt <= sleeper.wakeAt ? first : sleeper, undefined);
  }
}

async function idle(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

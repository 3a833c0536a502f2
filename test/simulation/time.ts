import * as FakeTimers from '@sinonjs/fake-timers';

const turn = setImmediate;
const START = Date.UTC(2026, 0, 1);

const REPLACED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] as const;

/**
 * Virtual time for the whole process: all pauses of the SDK, the handlers, and the services are timers, and the clock jumps to the next timer as soon as
 * nothing else can run. Streams and promises use the real event loop.
 */
export class Time {
  private readonly original = Object.fromEntries(REPLACED.map((name) => [name, globalThis[name]]));
  // The modules of Node.js outlive a test file in its worker, so they keep their timers.
  private readonly replaced = { ...this.original };
  private readonly clock = FakeTimers.withGlobal(this.replaced as never).install({ now: START, toFake: [...REPLACED] });
  /** Consecutive jumps without progress. */
  private standing = 0;
  private jumpPending = false;

  constructor() {
    Object.assign(globalThis, this.replaced);
  }

  now(): number {
    return this.clock.now;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => { setTimeout(wake, milliseconds); });
  }

  /** Lets time pass until the work has ended. */
  async run<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = () => { ended = true; };
    work.then(end, end);
    for (;;) {
      await settle();
      if (ended) return work;
      if (this.clock.countTimers() === 0) throw new Error('no timer is left, and the work has not ended');
      this.jump();
    }
  }

  /** From now on time passes by itself, for work that other code waits for. */
  flow(): void {
    const { setTimeout: wait } = globalThis;
    const waitAndFlow = (...timer: Parameters<typeof wait>) => {
      this.jumpSoon();
      return wait(...timer);
    };
    globalThis.setTimeout = Object.assign(waitAndFlow, wait);
  }

  private jumpSoon(): void {
    if (this.jumpPending) return;
    this.jumpPending = true;
    void settle().then(() => {
      this.jumpPending = false;
      if (this.clock.countTimers() === 0) return;
      this.jump();
      this.jumpSoon();
    });
  }

  private jump(): void {
    const before = this.clock.now;
    this.clock.next();
    this.standing = this.clock.now === before ? this.standing + 1 : 0;
    // The SDK's limiter pauses for fractions of a millisecond, which must end, too.
    if (this.standing > 20) this.clock.tick(1);
  }

  /** Removes all timers. Every history starts at the same time, so that a replay is identical. */
  startAgain(): void {
    this.clock.reset();
    this.clock.setSystemTime(START);
  }

  uninstall(): void {
    Object.assign(globalThis, this.original);
    this.clock.uninstall();
  }
}

/** A read of a file, and its close. */
const FILE_REQUEST = /^FSReq|^CloseReq$/;

/** Waits until nothing else can run. A promise needs no turn of the event loop, a stream of the SDK needs one, and a file that is being read is work, too. */
async function settle(): Promise<void> {
  do {
    for (let turns = 0; turns < 2; turns += 1) await new Promise<void>((next) => { turn(next); });
  } while (process.getActiveResourcesInfo().some((resource) => FILE_REQUEST.test(resource)));
}

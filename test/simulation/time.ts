import * as FakeTimers from '@sinonjs/fake-timers';

const turn = setImmediate;
const START = Date.UTC(2026, 0, 1);

const REPLACED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] as const;

/**
 * Time for the whole process, in which nobody waits: the SDK's pauses, the handlers' and the services' are all timers, and the clock jumps to
 * the next of them as soon as nothing else can run. What runs on its own (streams, promises) keeps to the real event loop.
 */
export class Time {
  private readonly original = Object.fromEntries(REPLACED.map((name) => [name, globalThis[name]]));
  // Not in the modules of Node.js, which outlive a test file in its worker.
  private readonly replaced = { ...this.original };
  private readonly clock = FakeTimers.withGlobal(this.replaced as never).install({ now: START, toFake: [...REPLACED] });
  /** Jumps in a row that have come no further. */
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

  /** Lets time run until the work has ended. */
  async run<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = () => { ended = true; };
    work.then(end, end);
    for (;;) {
      await settle();
      if (ended) return work;
      if (this.clock.countTimers() === 0) throw new Error('nothing will ever happen again, and the work has not ended');
      this.jump();
    }
  }

  /** From now on time runs by itself, for work that others wait for. */
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
    // Who pauses for fractions of a millisecond, as the SDK's limiter does, must see time pass all the same.
    if (this.standing > 20) this.clock.tick(1);
  }

  /** Forgets what still waits, as when a history is over; each begins at the same moment, so that it is the same wherever it is played. */
  startAgain(): void {
    this.clock.reset();
    this.clock.setSystemTime(START);
  }

  uninstall(): void {
    Object.assign(globalThis, this.original);
    this.clock.uninstall();
  }
}

/** A read, and the close that comes after it. */
const FILE_REQUEST = /^FSReq|^CloseReq$/;

/** Until all has run that can: a promise needs no turn of its own, a stream of the SDK one; and a file that is being read is work, too. */
async function settle(): Promise<void> {
  do {
    for (let turns = 0; turns < 2; turns += 1) await new Promise<void>((next) => { turn(next); });
  } while (process.getActiveResourcesInfo().some((resource) => FILE_REQUEST.test(resource)));
}

import * as FakeTimers from '@sinonjs/fake-timers';

const turn = setImmediate;
const START = Date.UTC(2026, 0, 1);

/**
 * Time for the whole process, in which nobody waits: the SDK's pauses, the handlers' and the services' are all timers, and the clock jumps to
 * the next of them as soon as nothing else can run. What runs on its own (streams, promises) keeps to the real event loop.
 */
export class Time {
  private readonly clock = FakeTimers.install({
    now: START,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  });

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
    for (let moments = 0; ; moments += 1) {
      await settle();
      if (ended) return work;
      if (this.clock.countTimers() === 0) throw new Error('nothing will ever happen again, and the work has not ended');
      const before = this.clock.now;
      this.clock.next();
      if (this.clock.now !== before) moments = 0;
      // Who pauses for fractions of a millisecond, as the SDK's limiter does, must see time pass all the same.
      if (moments > 20) this.clock.tick(1);
    }
  }

  /** Forgets what still waits, as when a history is over; each begins at the same moment, so that it is the same wherever it is played. */
  startAgain(): void {
    this.clock.reset();
    this.clock.setSystemTime(START);
  }

  uninstall(): void {
    this.clock.uninstall();
  }
}

/** Until all has run that can: promises do within one turn; and a file that is being read is work, too. */
async function settle(): Promise<void> {
  do {
    await new Promise<void>((next) => { turn(next); });
  } while (process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq')));
}

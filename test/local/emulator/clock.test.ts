import { realClock, VirtualClock } from '../../../local/emulator';

const turn = async () => new Promise(setImmediate);

describe('a virtual clock by hand', () => {
  test('does not advance by itself', async () => {
    const clock = new VirtualClock({ start: 1000 });
    await turn();
    expect(clock.now()).toBe(1000);
  });

  test('wakes sleepers in the order of their times, each at its own', async () => {
    const clock = new VirtualClock({ start: 0 });
    const woken: string[] = [];
    const sleeper = async (name: string, milliseconds: number) => clock.sleep(milliseconds).then(() => woken.push(`${name} ${clock.now()}`));
    const all = [sleeper('late', 20), sleeper('early', 10), sleeper('never', 100)];
    await clock.advance(50);
    await Promise.all(all.slice(0, 2));
    expect(woken).toEqual(['early 10', 'late 20']);
    expect(clock.now()).toBe(50);
  });

  test('lets a woken one sleep again within the same advance', async () => {
    const clock = new VirtualClock({ start: 0 });
    const woken: number[] = [];
    void (async () => {
      for (;;) {
        await clock.sleep(10);
        woken.push(clock.now());
      }
    })();
    await clock.advance(35);
    expect(woken).toEqual([10, 20, 30]);
  });
});

describe('a virtual clock that moves by itself', () => {
  test('jumps to the end of a sleep', async () => {
    const clock = new VirtualClock({ start: 0, auto: true });
    await clock.sleep(3_600_000);
    expect(clock.now()).toBe(3_600_000);
  });

  test('wakes concurrent sleepers in the order of their times', async () => {
    const clock = new VirtualClock({ start: 0, auto: true });
    const woken: string[] = [];
    const poller = async (name: string, interval: number) => {
      for (let i = 0; i < 2; i++) {
        await clock.sleep(interval);
        woken.push(`${name} ${clock.now()}`);
      }
    };
    await Promise.all([poller('slow', 30), poller('fast', 20)]);
    expect(woken).toEqual(['fast 20', 'slow 30', 'fast 40', 'slow 60']);
  });

  test('waits for work that can still run', async () => {
    const clock = new VirtualClock({ start: 0, auto: true });
    const slept = clock.sleep(1000);
    await Promise.resolve();
    expect(clock.now()).toBe(0);
    await slept;
  });
});

test('the real clock is the clock of the machine', async () => {
  const now = jest.spyOn(Date, 'now').mockReturnValue(1_234);
  expect(realClock.now()).toBe(1_234);
  now.mockRestore();
});

test('the real clock sleeps in real time', async () => {
  // The time of day can be set back meanwhile, this one can't. A timer may be early by less than a millisecond.
  const before = performance.now();
  await realClock.sleep(5);
  expect(performance.now() - before).toBeGreaterThanOrEqual(4);
});

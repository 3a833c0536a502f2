import { systemClock } from '../../lambda/engine/clock';
import { concurrently } from '../../lambda/engine/concurrently';
import { RateLimiter } from '../../lambda/engine/rate-limiter';
import { TimeBudget } from '../../lambda/engine/time-budget';
import { VirtualClock } from '../../local/emulator';

let clock: VirtualClock;
let start: number;
beforeEach(() => {
  clock = new VirtualClock({ auto: true });
  start = clock.now();
});
afterEach(() => { jest.restoreAllMocks(); });
const seconds = () => (clock.now() - start) / 1000;

describe('a pace', () => {
  test('lets the first through at once, then so many a second, also for those who come together', async () => {
    const rateLimiter = new RateLimiter(clock, 4);
    const turns: number[] = [];
    await Promise.all([1, 2, 3].map(async () => {
      await rateLimiter.acquire();
      turns.push(seconds());
    }));
    expect(turns).toEqual([0, 0.25, 0.5]);
  });

  test('gives nobody two turns for one that was not taken', async () => {
    const rateLimiter = new RateLimiter(clock, 1);
    await rateLimiter.acquire();
    await clock.sleep(10_000);
    await rateLimiter.acquire();
    expect(seconds()).toBe(10);
    await rateLimiter.acquire();
    expect(seconds()).toBe(11);
  });

  test('makes up for calls of the saved seconds at once', async () => {
    const rateLimiter = new RateLimiter(clock, 1, 2);
    await clock.sleep(10_000);
    const turns: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      await rateLimiter.acquire();
      turns.push(seconds());
    }
    expect(turns).toEqual([10, 10, 10, 11, 12]);
  });

  test('asks the clock for whole milliseconds, and for none where nobody has to wait', async () => {
    const sleep = jest.spyOn(clock, 'sleep');
    const rateLimiter = new RateLimiter(clock, 3);
    await rateLimiter.acquire();
    expect(sleep).not.toHaveBeenCalled();
    await rateLimiter.acquire();
    expect(sleep.mock.calls).toEqual([[334]]);
  });
});

describe('concurrently', () => {
  test('a few at a time, all of them, and what was thrown', async () => {
    let [running, most] = [0, 0];
    const done: number[] = [];
    const errors = await concurrently(2, [1, 2, 3, 4, 5], async (item) => {
      running += 1;
      most = Math.max(most, running);
      await clock.sleep(10);
      running -= 1;
      done.push(item);
      if (item % 2 === 0) throw new Error(`of ${item}`);
    });
    expect(most).toBe(2);
    expect(done.sort()).toEqual([1, 2, 3, 4, 5]);
    expect(errors).toEqual([new Error('of 2'), new Error('of 4')]);
  });

  test('nothing to do is done', async () => {
    expect(await concurrently(2, [], async () => { throw new Error('called'); })).toEqual([]);
  });
});

describe('a step', () => {
  test('tells its age and what is left, and pauses within its time only', async () => {
    const budget = new TimeBudget(clock, start - 5_000, 9);
    expect([budget.elapsed, budget.remaining]).toEqual([5, 9]);
    expect(await budget.pause(4)).toBe(true);
    expect([budget.elapsed, budget.remaining, seconds()]).toEqual([9, 5, 4]);
    expect(await budget.pause(5.001)).toBe(false);
    expect(seconds()).toBe(4);
    expect(await budget.pause(5)).toBe(true);
    expect(seconds()).toBe(9);
  });

  test('rests until its last look, unless too little of it is left', async () => {
    const budget = new TimeBudget(clock, start, 9);
    expect(await budget.pauseUntilLastRead()).toBe(true);
    expect([budget.remaining, seconds()]).toEqual([2, 7]);
    expect(await budget.pauseUntilLastRead()).toBe(false);
    expect(seconds()).toBe(7);
    expect(await new TimeBudget(clock, start, 4.999).pauseUntilLastRead()).toBe(false);
    expect(await new TimeBudget(clock, start, 5).pauseUntilLastRead()).toBe(true);
  });

  test('of a poll lasts nine seconds', () => {
    expect(new TimeBudget(clock, start).remaining).toBe(9);
  });

  test('aborts when its time is over', async () => {
    const late = new TimeBudget(clock, start, 0);
    await expect(late.run(() => new Promise((_, reject) => {
      late.signal.addEventListener('abort', () => reject(new Error('aborted')));
    }))).rejects.toThrow('aborted');
  });

  test('stops its timer when the work has ended before', async () => {
    const set = jest.spyOn(globalThis, 'setTimeout');
    const clear = jest.spyOn(globalThis, 'clearTimeout');
    const quick = new TimeBudget(clock, start, 9);
    expect(await quick.run(async () => 'done')).toBe('done');
    expect(set.mock.calls.map(([, milliseconds]) => milliseconds)).toEqual([9_000]);
    expect(clear.mock.calls).toEqual([[set.mock.results[0].value]]);
    expect(quick.signal.aborted).toBe(false);
  });
});

test('the clock of the functions is the machine\'s', async () => {
  jest.spyOn(Date, 'now').mockReturnValue(1_234);
  const set = jest.spyOn(globalThis, 'setTimeout').mockImplementation(((wake: () => void) => { wake(); }) as never);
  expect(systemClock.now()).toBe(1_234);
  await systemClock.sleep(20);
  expect(set.mock.calls.map(([, milliseconds]) => milliseconds)).toEqual([20]);
});

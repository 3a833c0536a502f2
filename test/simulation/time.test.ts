import * as timers from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Time } from './time';

test('virtual time replaces the global timers, and not those of the modules of Node.js, which other test files share', async () => {
  const { setTimeout: original } = timers;
  const { setTimeout: found } = globalThis;
  const time = new Time();
  try {
    expect(globalThis.setTimeout).not.toBe(found);
    expect(timers.setTimeout).toBe(original);
    await sleep(1);
    const before = time.now();
    await time.run(time.sleep(3_600_000));
    expect(time.now() - before).toBe(3_600_000);
  } finally {
    time.uninstall();
  }
  expect(globalThis.setTimeout).toBe(found);
});

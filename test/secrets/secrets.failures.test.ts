import { play } from './play';
import type { Outcome } from './taint';
import { places } from './written';

describe('stream keys, join tokens, and SIP passwords, whatever goes wrong', () => {
  let outcome: Outcome;
  beforeAll(async () => { outcome = await play(); });

  test('are written nowhere but where they belong', () => {
    expect(outcome.leaks).toEqual([]);
  });

  test('are where they belong', () => {
    expect(Object.keys(outcome.found).sort()).toEqual(['answers of checkout', 'secret', 'table']);
    for (const found of Object.values(outcome.found)) expect(found).toBeGreaterThan(0);
  });

  test('were looked for in every place', () => {
    expect(Object.keys(outcome.written).sort()).toEqual(Object.keys(places()).sort());
    expect(Object.entries(outcome.written).filter(([, texts]) => texts === 0)).toEqual([]);
  });
});

import { type Ceilings, type Exact, FILE, measureBundles, measureExact } from '../bench/exact';

/** If a figure changed on purpose, `npx tsx bench/exact.ts` writes the file again. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const pinned: Exact & { ceilings: Ceilings } = require(FILE);

let measured: Exact;

beforeAll(async () => {
  measured = await measureExact(pinned.capacity);
});

test('resources, bytes and policies of a stack are the pinned ones', () => {
  expect(measured.stacks).toEqual(pinned.stacks);
});

test('as many as pinned deploy in one stack', () => {
  expect(measured.capacity).toEqual(pinned.capacity);
});

test('each lifecycle costs the pinned calls and polls', () => {
  expect(measured.lifecycles).toEqual(pinned.lifecycles);
  expect(measured.secondsAfterActive).toEqual(pinned.secondsAfterActive);
});

test('the bundle, and what runs of it for a domain, stay below their ceilings', async () => {
  const { bundle, loaded } = await measureBundles();
  expect(bundle).toBeLessThanOrEqual(pinned.ceilings.bundle);
  expect(Object.keys(loaded)).toEqual(Object.keys(pinned.ceilings.loaded));
  expect(Object.keys(loaded).filter((domain) => loaded[domain] > pinned.ceilings.loaded[domain])).toEqual([]);
});

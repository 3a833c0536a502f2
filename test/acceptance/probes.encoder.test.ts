import { ProbeRun, type ProbeSettings } from './probe-run';
import { SETTINGS } from './settings';
import { FACTS } from '../../acceptance/facts';
import { verificationPage } from '../../acceptance/verification-page';
import { type Buckets, ivsRealtime } from '../../local/emulator';

/* Probes that publish to a stage. */
const PUBLISHING = FACTS.filter(({ needs }) => needs === 'FFmpeg').map(({ id }) => id);

test('two facts need FFmpeg, and the page says so', () => {
  expect(PUBLISHING).toEqual(['F-13', 'F-55']);
  expect(verificationPage().split('Each run, if FFmpeg is installed.')).toHaveLength(3);
});

async function afterCleanup(run: ProbeRun): Promise<string[]> {
  await run.cleanUp();
  return run.leftovers();
}

test.each(PUBLISHING)('%s: answers nothing without FFmpeg, and creates nothing', async (id) => {
  const run = new ProbeRun(id, { ...SETTINGS[id].assumed, encoder: 'missing' });
  expect(await run.find()).toEqual({ verdict: 'inconclusive', observed: expect.stringContaining('FFmpeg'), evidence: [] });
  expect(run.emulator.calls).toEqual([]);
});

describe.each(PUBLISHING)('%s', (id) => {
  test.each<[NonNullable<ProbeSettings['encoder']>, RegExp]>([
    ['fails', /^FFmpeg ended with 1: Server error$/],
    ['never-connects', /the ingest configuration wasn't active/],
  ])('fails if the encoder %s, and leaves nothing', async (encoder, message) => {
    const run = new ProbeRun(id, { ...SETTINGS[id].assumed, encoder });
    await expect(run.find()).rejects.toThrow(message);
    expect(await afterCleanup(run)).toEqual([]);
  });
});

test('F-55: answers nothing if no recording arrives with any policy', async () => {
  const storesNothing = (buckets: Buckets): Buckets => ({
    exists: () => true,
    policyOf: (name) => buckets.policyOf(name),
    putPolicy: (name, policy) => buckets.putPolicy(name, policy),
    putObject: () => undefined,
  });
  const run = new ProbeRun('F-55', { services: (buckets) => [ivsRealtime({ buckets: storesNothing(buckets) })] });
  expect(await run.find()).toMatchObject({ verdict: 'inconclusive', observed: expect.stringMatching(/^No recording arrived/) });
  expect(await afterCleanup(run)).toEqual([]);
});

test('F-56: answers nothing if IVS writes no statement', async () => {
  const run = new ProbeRun('F-56', { services: [ivsRealtime()] });
  expect(await run.find()).toMatchObject({ verdict: 'inconclusive', observed: expect.stringContaining('no statement of IVS') });
  expect(await afterCleanup(run)).toEqual([]);
});

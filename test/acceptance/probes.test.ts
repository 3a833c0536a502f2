import { ProbeRun } from './probe-run';
import { SETTINGS } from './settings';
import { FACTS } from '../../acceptance/facts';
import { PROBE_MINUTES } from '../../acceptance/plan';

const probed = FACTS.filter(({ probe }) => probe).map(({ id }) => id);
const otherwise = Object.entries(SETTINGS).flatMap(([id, settings]) => settings.otherwise.map((setting, index) => [id, index + 1, setting] as const));

test('every probe runs under settings for both answers', () => {
  expect(Object.keys(SETTINGS).sort()).toEqual([...probed].sort());
  expect(Object.entries(SETTINGS).filter(([, settings]) => settings.otherwise.length === 0)).toEqual([]);
});

/** The most resources of a kind that a service has during a call. */
function mostDuring(run: ProbeRun, service: string, kind: string): () => number {
  let most = 0;
  run.emulator.onCall(() => {
    const regions = (run.emulator.services.some(({ name }) => name === service) ? run.emulator.stateOf(service) : []) as Record<string, unknown[]>[];
    most = Math.max(most, ...regions.map((region) => region[kind].length));
  });
  return () => most;
}

test.each(Object.entries(SETTINGS))('%s: confirms the assumption, leaves nothing, and needs no more of the small quotas and no more minutes than its fact says', async (id, { assumed }) => {
  const run = new ProbeRun(id, assumed);
  const connectors = mostDuring(run, 'chime-sdk-voice', 'voiceConnectors');
  const storage = mostDuring(run, 'ivs-realtime', 'storageConfigurations');
  const start = run.now();
  const { verdict, observed, evidence } = await run.find();
  const { voiceConnectors = 0, storageConfigurations = 0, minutes = PROBE_MINUTES } = FACTS.find((fact) => fact.id === id)!;
  expect([connectors() <= voiceConnectors, storage() <= storageConfigurations]).toEqual([true, true]);
  expect((run.now() - start) / 60_000).toBeLessThanOrEqual(minutes);
  expect({ verdict, observed }).toEqual({ verdict: 'confirmed', observed: expect.stringMatching(/^[A-Z].*\.$/) });
  expect(evidence.length).toBeGreaterThan(0);
  await run.cleanUp();
  expect(run.leftovers()).toEqual([]);
});

test.each(otherwise)('%s: refutes the assumption (setting %i), and leaves nothing', async (id, _, settings) => {
  const run = new ProbeRun(id, settings);
  const { verdict, observed } = await run.find();
  expect({ verdict, observed }).toEqual({ verdict: 'refuted', observed: expect.stringMatching(/^[A-Z].*\.$/) });
  await run.cleanUp();
  expect(run.leftovers()).toEqual([]);
});

import { ProbeRun } from './probe-run';
import { SETTINGS } from './settings';
import type { Fault } from '../../local/emulator';
import { joinTokens, sipCredentials, streamKeys } from '../../local/emulator';

/** Longer than a meeting without attendees exists. */
const MEETING_TIME = 3600;

/** After a probe with 60 equal reads, more of them show nothing else. */
const MAX_CALLS = 25;

/** Each call is denied once, and each change loses its response, so that the SDK sends the request again. */
async function failuresOf(id: string): Promise<Fault[]> {
  const run = new ProbeRun(id, SETTINGS[id].assumed);
  await run.find();
  const calls = run.emulator.calls.slice(0, MAX_CALLS);
  return [
    ...calls.map((_, after): Fault => ({ kind: 'accessDenied', times: 1, after })),
    ...calls.flatMap(({ mutated }, after): Fault[] => (mutated ? [{ kind: 'lostResponse', times: 3, after }] : [])),
  ];
}

test.each(Object.keys(SETTINGS))('%s: leaves nothing, whichever call fails', async (id) => {
  const { services, faults = [], cloudFormation } = SETTINGS[id].assumed;
  const left: string[] = [];
  for (const failure of await failuresOf(id)) {
    const run = new ProbeRun(id, { services, cloudFormation, faults: [...faults, failure] });
    // The probe may fail, or find an answer in spite of the failure.
    await run.find().catch(() => undefined);
    await run.cleanUp();
    await run.wait(MEETING_TIME);
    left.push(...run.leftovers().map((name) => `${failure.kind} after ${failure.after} calls: ${name}`));
  }
  expect(left).toEqual([]);
});

test.each(Object.keys(SETTINGS))('%s: the finding contains no secret', async (id) => {
  for (const settings of [SETTINGS[id].assumed, ...SETTINGS[id].otherwise]) {
    const run = new ProbeRun(id, settings);
    const secrets = new Set<string>();
    run.emulator.onCall(() => secretsIn(run).forEach((secret) => secrets.add(secret)));
    const text = JSON.stringify(await run.find());
    expect([...secrets].filter((secret) => text.includes(secret))).toEqual([]);
  }
});

function secretsIn(run: ProbeRun): string[] {
  const { emulator } = run;
  const has = (name: string) => emulator.services.some((service) => service.name === name);
  return [
    ...has('chime-sdk-meetings') ? joinTokens(emulator) : [],
    ...has('ivs-realtime') ? streamKeys(emulator) : [],
    ...has('chime-sdk-voice') ? Object.values(sipCredentials(emulator, run.now())).flatMap((credentials) => Object.values(credentials)) : [],
  ];
}

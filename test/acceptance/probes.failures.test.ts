import { ProbeRun } from './probe-run';
import { SETTINGS } from './settings';
import type { Fault } from '../../local/emulator';
import { joinTokens, sipCredentials, streamKeys } from '../../local/emulator';

/** A lost response is sent again by the SDK, so that a creation may happen twice. */
const FAULTS: readonly (Fault & { readonly times: number })[] = [
  { kind: 'accessDenied', times: 1 },
  { kind: 'lostResponse', times: 3 },
];

/** Longer than a meeting without attendees exists. */
const MEETING_TIME = 3600;

const callsOf = async (id: string): Promise<number> => {
  const run = new ProbeRun(id, SETTINGS[id].assumed);
  await run.find();
  return run.emulator.calls.length;
};

/** After a probe with 60 equal reads, more of them show nothing else. */
const MAX_CALLS = 25;

test.each(Object.keys(SETTINGS))('%s: leaves nothing, whichever call fails', async (id) => {
  const count = Math.min(await callsOf(id), MAX_CALLS);
  const left: string[] = [];
  for (const fault of FAULTS) {
    for (let after = 0; after < count; after += 1) {
      const { services, faults = [], cloudFormation } = SETTINGS[id].assumed;
      const run = new ProbeRun(id, { services, cloudFormation, faults: [...faults, { ...fault, after }] });
      // The probe may fail, or find an answer in spite of the failure.
      await run.find().catch(() => undefined);
      await run.cleanUp();
      await run.wait(MEETING_TIME);
      left.push(...run.leftovers().map((name) => `${fault.kind} after ${after} calls: ${name}`));
    }
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

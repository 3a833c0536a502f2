import type { S3Failure } from './fake-s3';
import { ProbeRun, type ProbeSettings } from './probe-run';
import { SETTINGS } from './settings';
import type { Fault } from '../../local/emulator';
import { joinTokens, sipCredentials, streamKeys } from '../../local/emulator';

/** Longer than a meeting without attendees exists. */
const MEETING_TIME = 3600;

/** After a probe with 60 equal reads, more of them show nothing else. */
const MAX_CALLS = 25;

interface Failures {
  readonly faults: readonly Fault[];
  readonly s3: readonly S3Failure[];
}

/** Each call is denied once, and each change loses its response, so that the SDK sends the request again. */
async function failuresOf(id: string): Promise<Failures> {
  const run = new ProbeRun(id, SETTINGS[id].assumed);
  await run.find();
  const calls = run.emulator.calls.slice(0, MAX_CALLS);
  return {
    faults: [
      ...calls.map((_, after): Fault => ({ kind: 'accessDenied', times: 1, after })),
      ...calls.flatMap(({ mutated }, after): Fault[] => (mutated ? [{ kind: 'lostResponse', times: 3, after }] : [])),
    ],
    s3: Array.from({ length: run.s3.calls }, (_, call) => (['denied', 'lost'] as const).map((kind) => ({ kind, call }))).flat(),
  };
}

test.each(Object.keys(SETTINGS))('%s: leaves nothing, whichever call fails', async (id) => {
  const { assumed } = SETTINGS[id];
  const left: string[] = [];
  const assertNothingIsLeft = async (settings: ProbeSettings, failure: string) => {
    const run = new ProbeRun(id, { ...assumed, ...settings });
    // The probe may fail, or find an answer in spite of the failure.
    await run.find().catch(() => undefined);
    await run.cleanUp();
    await run.wait(MEETING_TIME);
    left.push(...run.leftovers().map((name) => `${failure}: ${name}`));
  };
  const failures = await failuresOf(id);
  for (const fault of failures.faults) await assertNothingIsLeft({ faults: [...assumed.faults ?? [], fault] }, `${fault.kind} after ${fault.after} calls`);
  for (const s3Failure of failures.s3) await assertNothingIsLeft({ s3Failure }, `${s3Failure.kind} in call ${s3Failure.call} of S3`);
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

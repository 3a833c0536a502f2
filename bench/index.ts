import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { CORE, OURS, PEERS } from './candidates';
import { capacityOf, sizeOf } from './capacity';
import { measureDeployments } from './deployments';
import { measureHandler } from './handler';
import { measureLag, measureLifecycles } from './lifecycles';
import { measureMeetingPool } from './meeting-pool';
import { installPeers } from './peers';
import { progress } from './samples';
import { measureSynthesis } from './synthesis';
import { table } from './table';
import { measureWarmCheckouts } from './warm-checkouts';

const SECTIONS = {
  synthesis: () => measureSynthesis({ runs }),
  stacks: measureStacks,
  handler: () => measureHandler({ runs }),
  lifecycles: showLifecycles,
  pool: measureMeetingPool,
  checkout: () => measureWarmCheckouts({ runs }),
  deployments: () => measureDeployments({ runs }),
};

const { values, positionals } = parseArgs({ options: { runs: { type: 'string', default: '7' } }, allowPositionals: true });
const runs = Number(values.runs);
const sections = (positionals.length > 0 ? positionals : Object.keys(SECTIONS)) as (keyof typeof SECTIONS)[];

function measureStacks() {
  installPeers();
  const rows = [...OURS, ...CORE, ...PEERS].map((candidate) => {
    progress(`how many ${candidate.name} deploy`);
    const [one, ten] = [sizeOf(candidate, 1), sizeOf(candidate, 10)];
    return { candidate: candidate.name, one, ten, ...capacityOf(candidate) };
  });
  progress('');
  console.log(table('Stacks: CloudFormation resources, bytes of the template, and how many deploy in one stack', rows.map(({ candidate, one, ten, most, limitedBy }) => ({
    candidate,
    'resources, first': one.resources,
    'each further': ((ten.resources - one.resources) / 9).toFixed(2).replace('.00', ''),
    'bytes, first': one.templateBytes,
    'each further (mean of 9)': Math.round((ten.templateBytes - one.templateBytes) / 9),
    'most in a stack': most,
    'limited by': limitedBy,
  }))));
  return rows;
}

async function showLifecycles() {
  const lifecycles = await measureLifecycles();
  const count = (names: string[]) => names.reduce<Record<string, number>>((counts, name) => ({ ...counts, [name]: (counts[name] ?? 0) + 1 }), {});
  const shown = (calls: Record<string, number>) => Object.entries(calls).map(([name, times]) => (times > 1 ? `${times} ${name}` : name)).join(', ');
  const sum = (calls: Record<string, number>) => Object.values(calls).reduce((a, b) => a + b);
  console.log(table('Calls to the service, in virtual time, 30 ms each', lifecycles.map(({ resource, operation, polls, calls, floor, seconds }) => ({
    resource,
    operation,
    'calls': sum(calls),
    'a script, at least': floor.length,
    polls,
    'seconds': seconds.toFixed(2),
    'which': shown(calls),
    'the script': shown(count(floor)),
  }))));
  const secondsAfterActive = await measureLag();
  const { mean, longest } = secondsAfterActive;
  console.log(`\nFrom a channel's ACTIVE to the end of its creation: ${mean.toFixed(2)} s in the mean, ${longest.toFixed(2)} s at most.`);
  return { lifecycles, secondsAfterActive };
}

function describeMachine() {
  return {
    date: new Date().toISOString(),
    commit: execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim(),
    node: process.version,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    cpu: os.cpus()[0]?.model,
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    /** Of other work too, one minute before the start: the figures in seconds are to be read with it. */
    load: os.loadavg()[0],
  };
}

async function main() {
  const unknown = sections.find((section) => !(section in SECTIONS));
  if (unknown) throw new Error(`${unknown} is no section; there are ${Object.keys(SECTIONS).join(', ')}`);
  const machine = describeMachine();
  console.log(JSON.stringify(machine));
  const results: Record<string, unknown> = { machine, runs };
  mkdirSync(path.join(__dirname, 'results'), { recursive: true });
  for (const section of sections) {
    results[section] = await SECTIONS[section]();
    // After each: the whole takes a while.
    writeFileSync(path.join(__dirname, 'results', 'latest.json'), JSON.stringify(results, undefined, 2));
  }
}

main().catch((error: Error) => {
  console.error(error);
  process.exitCode = 1;
});

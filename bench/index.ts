import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { measureMeetingPool } from './meeting-pool';
import { CANDIDATES, type Candidate } from './signaling-channels';

const RUNS = 5;
const COUNTS = [1, 100, 400];

interface Row {
  readonly candidate: Candidate;
  readonly count: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly resources: number;
  readonly templateBytes: number;
}

/** One synthesis in a process of its own, as `cdk synth` has it. */
function synthesise(candidate: Candidate, count: number): { cpuSeconds: number; wallSeconds: number } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [require.resolve('tsx/cli'), path.join(__dirname, 'synthesise.ts'), candidate, String(count)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function size(candidate: Candidate, count: number): { resources: number; templateBytes: number } {
  // Beyond CloudFormation's 500 as well: the count is the finding.
  const stack = new Stack(new App({ context: { '@aws-cdk/core:stackResourceLimit': 0 } }), 'Stack');
  CANDIDATES[candidate](stack, count);
  const template = Template.fromStack(stack).toJSON();
  return { resources: Object.keys(template.Resources).length, templateBytes: Buffer.byteLength(JSON.stringify(template, undefined, 1)) };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function measure(count: number): Row[] {
  const candidates = Object.keys(CANDIDATES) as Candidate[];
  const samples = new Map<Candidate, { cpuSeconds: number; wallSeconds: number }[]>(candidates.map((candidate) => [candidate, []]));
  // In turn, so that a slow moment of the machine hits all alike.
  for (let run = 0; run < RUNS; run += 1) {
    for (const candidate of candidates) {
      process.stderr.write(`\r${count} channels, run ${run + 1} of ${RUNS}, ${candidate}                    `);
      samples.get(candidate)!.push(synthesise(candidate, count));
    }
  }
  process.stderr.write('\r');
  return candidates.map((candidate) => ({
    candidate,
    count,
    cpuSeconds: median(samples.get(candidate)!.map(({ cpuSeconds }) => cpuSeconds)),
    wallSeconds: median(samples.get(candidate)!.map(({ wallSeconds }) => wallSeconds)),
    ...size(candidate, count),
  }));
}

const rows = COUNTS.flatMap((count) => {
  const measured = measure(count);
  const base = measured.find(({ candidate }) => candidate === 'CfnSignalingChannel')!;
  for (const { candidate, cpuSeconds, wallSeconds, resources, templateBytes } of measured) {
    console.log(`${String(count).padStart(4)} ${candidate.padEnd(20)} CPU ${cpuSeconds.toFixed(2)} s (${(cpuSeconds / base.cpuSeconds).toFixed(2)} x)  `
      + `wall ${wallSeconds.toFixed(2)} s  ${resources} resources  ${templateBytes} bytes`);
  }
  return measured;
});

const bundleBytes = statSync(path.join(__dirname, '..', 'lib', 'lambda', 'index.js')).size;
console.log(`handler bundle ${bundleBytes} bytes`);

measureMeetingPool().then((meetingPool) => {
  const machine = { node: process.version, cpu: os.cpus()[0]?.model, cores: os.cpus().length, memoryGiB: Math.round(os.totalmem() / 2 ** 30) };
  mkdirSync(path.join(__dirname, 'results'), { recursive: true });
  writeFileSync(path.join(__dirname, 'results', 'latest.json'), JSON.stringify({ machine, runs: RUNS, bundleBytes, rows, meetingPool }, undefined, 2));
}, (error: Error) => {
  console.error(error);
  process.exitCode = 1;
});

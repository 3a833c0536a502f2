import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { compiled } from './compiled';
import { installPeers } from './peers';
import { inTurn, type Spread, spread } from './samples';
import { table } from './table';

interface Sample {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

interface Synthesis {
  readonly candidate: string;
  readonly count: number;
  /** Whether aws-cdk-lib checked the template. */
  readonly validation: boolean;
  readonly runs: number;
  readonly cpuSeconds: Spread;
  readonly wallSeconds: Spread;
}

const COUNTS = [1, 10, 100, 400];

/** What the others of the group are measured against comes first. */
const GROUPS: Record<string, string[]> = {
  'signaling channels': ['cfn-signaling-channel', 'signaling-channel', 'aws-custom-resource', 'inline-function', 'shared-provider', 'provider-each', 'empty-stack'],
  'ingest configurations': ['cfn-ingest-configuration', 'ingest-configuration'],
  'voice connectors that stream': ['cdk-amazon-chime-resources', 'voice-connector-streaming'],
  'meeting pools; all four mixed': ['chime-meeting-pool', 'mixed'],
};

/** A pool is seven resources of its own: 400 of them are five times as much as any stack can hold. */
const LARGEST: Record<string, number> = { 'chime-meeting-pool': 100, 'provider-each': 100 };

export function measureSynthesis({ runs }: { runs: number }): Synthesis[] {
  installPeers();
  const script = compiled('synthesise.js');
  const measured: Synthesis[] = [];
  for (const [group, candidates] of Object.entries(GROUPS)) {
    for (const count of COUNTS) {
      const these = candidates.filter((candidate) => count <= (LARGEST[candidate] ?? count));
      measured.push(...measure(script, group, these, count, runs, false));
    }
  }
  // With the check of the template: what `cdk synth` takes as it comes.
  for (const count of [1, 400]) {
    measured.push(...measure(script, 'with template validation', ['cfn-signaling-channel', 'signaling-channel', 'aws-custom-resource'], count, Math.ceil(runs / 2), true));
  }
  return measured;
}

function measure(script: string, group: string, candidates: string[], count: number, runs: number, validation: boolean): Synthesis[] {
  const samples = inTurn(`${group}, ${count}`, candidates, runs, (candidate) => synthesise(script, candidate, count, validation));
  const measured = candidates.map((candidate): Synthesis => ({
    candidate,
    count,
    validation,
    runs,
    cpuSeconds: spread(samples[candidate].map(({ cpuSeconds }) => cpuSeconds)),
    wallSeconds: spread(samples[candidate].map(({ wallSeconds }) => wallSeconds)),
  }));
  const [base] = measured;
  console.log(table(`Synthesis of ${count} ${group}: seconds, median (from-to) of ${runs}`, measured.map(({ candidate, cpuSeconds, wallSeconds }) => ({
    candidate,
    CPU: shown(cpuSeconds),
    [`CPU / ${base.candidate}`]: (cpuSeconds.median / base.cpuSeconds.median).toFixed(2),
    wall: shown(wallSeconds),
  }))));
  return measured;
}

function synthesise(script: string, candidate: string, count: number, validation: boolean): Sample {
  return JSON.parse(execFileSync(process.execPath, [script, candidate, String(count), String(validation)], {
    encoding: 'utf8', cwd: path.join(__dirname, '..'), stdio: ['ignore', 'pipe', validation ? 'ignore' : 'inherit'],
  }));
}

function shown({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`;
}

import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { compiled } from './compiled';
import { installPeers } from './peers';
import { inTurn, shown, type Spread, spread } from './samples';
import { table } from './table';

interface Sample {
  readonly cpuSeconds: number;
  /** Of the app's whole process, the start of Node.js and of aws-cdk-lib's core with it. */
  readonly processSeconds: number;
  readonly wallSeconds: number;
}

interface Synthesis {
  readonly candidate: string;
  readonly count: number;
  /** Whether aws-cdk-lib checked the template. */
  readonly validation: boolean;
  readonly runs: number;
  readonly cpuSeconds: Spread;
  readonly processSeconds: Spread;
  readonly wallSeconds: Spread;
}

/** The environment that the CLI passes to an app by default. `cdk synth --app env` shows it. */
const CLI_CONTEXT = {
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:enable-asset-metadata': true,
  'aws:cdk:version-reporting': true,
  'aws:cdk:bundling-stacks': ['**'],
};

const COUNTS = [1, 10, 100, 400];

interface Group {
  readonly counts: number[];
  /** What the others are measured against comes first. */
  readonly candidates: string[];
}

const GROUPS: Record<string, Group> = {
  'signaling channels': {
    counts: COUNTS,
    candidates: ['cfn-signaling-channel', 'signaling-channel', 'aws-custom-resource', 'inline-function', 'shared-provider', 'provider-each', 'empty-stack'],
  },
  'video streams': { counts: COUNTS, candidates: ['cfn-stream', 'video-stream', 'video-stream-images', 'aws-custom-resource-images'] },
  'real-time stages': { counts: COUNTS, candidates: ['cfn-stage', 'real-time-stage', 'real-time-stage-endpoint', 'aws-custom-resource-endpoint'] },
  'ingest configurations': { counts: COUNTS, candidates: ['cfn-ingest-configuration', 'ingest-configuration'] },
  'voice connectors that stream': { counts: COUNTS, candidates: ['cdk-amazon-chime-resources', 'voice-connector-streaming'] },
  // The library refuses more pools than deploy in one stack.
  'meeting pools; all four mixed': { counts: [1, 10, 25, 50], candidates: ['chime-meeting-pool', 'mixed'] },
};

/** Where a candidate stops: at what fits one stack, or long after it has shown what it costs. */
const LARGEST: Record<string, number> = { 'chime-meeting-pool': 25, 'provider-each': 100 };

export function measureSynthesis({ runs }: { runs: number }): Synthesis[] {
  installPeers();
  const script = compiled('synthesise.js');
  const measured: Synthesis[] = [];
  for (const [group, { counts, candidates }] of Object.entries(GROUPS)) {
    for (const count of counts) {
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
    processSeconds: spread(samples[candidate].map(({ processSeconds }) => processSeconds)),
    wallSeconds: spread(samples[candidate].map(({ wallSeconds }) => wallSeconds)),
  }));
  const [base] = measured;
  console.log(table(`Synthesis of ${count} ${group}: seconds, median (from-to) of ${runs}`, measured.map(({ candidate, cpuSeconds, processSeconds, wallSeconds }) => ({
    candidate,
    'CPU': shown(cpuSeconds),
    [`CPU / ${base.candidate}`]: (cpuSeconds.median / base.cpuSeconds.median).toFixed(2),
    'whole process': shown(processSeconds),
    'of the process': (processSeconds.median / base.processSeconds.median).toFixed(2),
    'wall': shown(wallSeconds),
  }))));
  return measured;
}

function synthesise(script: string, candidate: string, count: number, validation: boolean): Sample {
  return JSON.parse(execFileSync(process.execPath, [script, candidate, String(count), String(validation)], {
    encoding: 'utf8',
    cwd: path.join(__dirname, '..'),
    stdio: ['ignore', 'pipe', validation ? 'ignore' : 'inherit'],
    env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(CLI_CONTEXT) },
  }));
}

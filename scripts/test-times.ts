/**
 * Profiles a run of jest, and prints how the CPU time of the suite splits by cause, as the Markdown tables of docs/development/test-times.md.
 *
 * tsx scripts/test-times.ts [ARGUMENTS OF JEST]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

interface Frame {
  readonly functionName: string;
  readonly url: string;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: Frame;
  readonly children?: readonly number[];
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** A cause claims a sample if one frame of its stack matches. Earlier causes win. */
const CAUSES: readonly { readonly name: string; readonly matches: (frame: Frame) => boolean }[] = [
  { name: 'TypeScript transform', matches: ({ url }) => /node_modules\/(@swc|typescript|ts-jest|esbuild|babel-|@babel)\b/.test(url) },
  { name: 'policy evaluation', matches: ({ url }) => url.includes('@cloud-copilot') },
  { name: 'template validation', matches: ({ url }) => /cloudformation-validate|cloudformation-include|cfn-?lint/i.test(url) },
  { name: 'AWS SDK clients', matches: ({ url }) => /node_modules\/(@aws-sdk|@smithy)\//.test(url) },
  { name: 'handlers', matches: ({ url }) => /\/lambda\/(?!.*node_modules)/.test(url) },
  { name: 'emulators', matches: ({ url }) => url.includes('/local/emulator/') },
  { name: 'virtual time', matches: ({ url }) => /fake-timers|simulation\/time\.ts/.test(url) },
];

const IDLE = new Set(['(idle)']);

/** The cause of a sample, from its stack, innermost frame first. */
function causeOf(stack: readonly Frame[]): string {
  for (const { name, matches } of CAUSES) if (stack.some(matches)) return name;
  const cdk = stack.findIndex(({ url }) => /node_modules\/(aws-cdk-lib|constructs|@aws-cdk)\//.test(url));
  const loading = stack.findIndex(({ url }) => /node_modules\/jest-(runtime|resolve|transform|haste-map)|@jest\/transform/.test(url));
  const isModuleLoaded = loading >= 0 && /^(requireModule|_loadModule|_execModule|requireModuleOrMock)$/.test(stack[loading].functionName);
  if (cdk >= 0) return loading >= 0 && (loading < cdk || (isModuleLoaded && isTopLevel(stack, cdk, loading))) ? 'loading aws-cdk-lib' : 'synthesis';
  if (loading >= 0 && (loading === 0 || isModuleLoaded)) return loading < 12 ? 'loading other modules' : 'tests';
  if (stack.some(({ url }) => url.includes('node_modules/jest') || url.includes('node_modules/@jest'))) return 'jest';
  if (stack[0].functionName === '(garbage collector)') return 'garbage collection';
  return 'Node.js and other code';
}

/** Whether aws-cdk-lib is evaluated as a module, and not called by a test. */
function isTopLevel(stack: readonly Frame[], first: number, loading: number): boolean {
  return stack.slice(first, loading).every(({ url }) => !/\/(src|test|bench)\//.test(url) || url.includes('node_modules'));
}

/** CPU milliseconds by cause. */
function causesIn({ nodes, samples, timeDeltas }: CpuProfile): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const known = new Map<number, string | undefined>();
  const causeOfNode = (id: number) => {
    if (known.has(id)) return known.get(id);
    const stack: Frame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) stack.push(byId.get(at)!.callFrame);
    const cause = IDLE.has(stack[0].functionName) ? undefined : causeOf(stack);
    known.set(id, cause);
    return cause;
  };
  const causes = new Map<string, number>();
  samples.forEach((id, index) => {
    const cause = causeOfNode(id);
    if (cause) causes.set(cause, (causes.get(cause) ?? 0) + timeDeltas[index] / 1000);
  });
  return causes;
}

function add(sums: Map<string, number>, name: string, value: number): void {
  sums.set(name, (sums.get(name) ?? 0) + value);
}

/** What the process of a profile did, from the files that it ran. */
function processOf({ nodes }: CpuProfile): string {
  const ran = (part: string) => nodes.some(({ callFrame: { url } }) => url.includes(part));
  if (ran('node_modules/jest-worker') || ran('node_modules/jest-cli')) return 'jest';
  if (ran('node_modules/aws-cdk/')) return 'real deployments: CDK CLI';
  return 'other Node.js processes (tsx, simulation, bundles)';
}

function table(title: string, sums: Map<string, number>): void {
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  console.log(`\n| ${title} | CPU seconds | share |\n|---|---:|---:|`);
  for (const [name, milliseconds] of [...sums].sort(([, one], [, other]) => other - one)) {
    console.log(`| ${name} | ${(milliseconds / 1000).toFixed(1)} | ${(100 * milliseconds / total).toFixed(0)} % |`);
  }
  console.log(`| all | ${(total / 1000).toFixed(1)} | 100 % |`);
}

interface Report {
  readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[];
}

function main(given: readonly string[]): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-test-times-'));
  try {
    const report = path.join(folder, 'report.json');
    // `times` prints the CPU of all processes that have ended, those of other languages too.
    const { status, stdout } = spawnSync('bash', ['-c', 'npx jest --ci --json --outputFile="$0" "$@"; status=$?; times; exit $status', report, ...given], {
      env: { ...process.env, NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` },
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: 1024 * 1024 * 1024,
    });
    const causes = new Map<string, number>();
    const processes = new Map<string, number>();
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
      const profile = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as CpuProfile;
      const name = processOf(profile);
      for (const [cause, milliseconds] of causesIn(profile)) {
        add(processes, name, milliseconds);
        if (name === 'jest') add(causes, cause, milliseconds);
      }
    }
    const [user, system] = stdout.trim().split('\n').at(-1)!.split(' ').map((time) => /(\d+)m([\d.]+)s/.exec(time)!).map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
    const profiled = [...processes.values()].reduce((sum, value) => sum + value, 0);
    add(processes, 'processes without a profile (functions, Python, npm)', Math.max(0, (user + system) * 1000 - profiled));
    const files = new Map((JSON.parse(readFileSync(report, 'utf8')) as Report).testResults.map(({ name, startTime, endTime }) => [path.relative(process.cwd(), name), endTime - startTime]));
    table('process', processes);
    table('cause, in the processes of jest', causes);
    table('test file (wall clock, not CPU), the slowest 20', new Map([...files].sort(([, one], [, other]) => other - one).slice(0, 20)));
    return status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = main(process.argv.slice(2));

/**
 * Profiles a run of Jest, and prints how its CPU time splits by cause, by folder, and by test file, as the Markdown tables of
 * docs/development/test-times.md.
 *
 * tsx scripts/test-times.ts [ARGUMENTS OF JEST]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { FileTimes } from './profiled-runner';

/** Of these files, the processes that they start are the CDK CLI, the local cloud, and its functions. */
const DEPLOYS = /^test\/(e2e|upgrade|local\/launcher)\//;

const MOST_EXPENSIVE = 10;

function main(given: readonly string[]): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-test-times-'));
  try {
    const { status, total } = runJest(folder, given);
    const files = readdirSync(folder).map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as FileTimes);
    print('Cause', byCause(files, total), total);
    print('Folder', sums(files.map((times) => [path.dirname(times.file), cpuOf(times)])), total);
    const expensive = sorted(sums(files.map((times) => [times.file, cpuOf(times)]))).slice(0, MOST_EXPENSIVE);
    print('Test file', new Map(expensive), total);
    return status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The total is the CPU time of all processes, in milliseconds. */
function runJest(folder: string, given: readonly string[]): { status: number; total: number } {
  const { status, stdout } = spawnSync('bash', ['-c', 'npx jest --ci --testRunner="$0" "$@" >&2; status=$?; times; exit $status', path.join(__dirname, 'profiled-runner.ts'), ...given], {
    env: { ...process.env, TEST_TIMES_FOLDER: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  // "1m2.345s 0m6.789s", user and system: first of the shell, then of what it ran.
  const [, ofJest] = stdout.trim().split('\n');
  const total = [...ofJest.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000, 0);
  return { status: status ?? 1, total };
}

function byCause(files: readonly FileTimes[], total: number): Map<string, number> {
  const causes = sums(files.flatMap(({ file, causes: ofFile, startedProcesses }) => [
    ...Object.entries(ofFile),
    [DEPLOYS.test(file) ? 'processes of real deployments' : 'other processes that tests start', startedProcesses] as const,
  ]));
  const inTests = [...causes.values()].reduce((sum, value) => sum + value, 0);
  return causes.set('Jest outside of test files: start of the workers, environments, reports', Math.max(0, total - inTests));
}

function cpuOf({ causes, startedProcesses }: FileTimes): number {
  return Object.values(causes).reduce((sum, value) => sum + value, startedProcesses);
}

function sums(parts: readonly (readonly [name: string, value: number])[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const [name, value] of parts) all.set(name, (all.get(name) ?? 0) + value);
  return all;
}

function sorted(values: Map<string, number>): [string, number][] {
  return [...values].sort(([, one], [, other]) => other - one);
}

function print(title: string, values: Map<string, number>, total: number): void {
  const row = (name: string, value: number) => console.log(`| ${name} | ${(value / 1000).toFixed(1)} | ${(100 * value / total).toFixed(0)} % |`);
  console.log(`\n| ${title} | CPU seconds | Share |\n|---|---:|---:|`);
  for (const [name, value] of sorted(values)) row(name, value);
  row('**All processes**', total);
}

process.exitCode = main(process.argv.slice(2));

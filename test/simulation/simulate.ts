import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { type Example, expected, split, targeted } from './coverage';
import { DEFECTS } from './defects';
import type { Assignment, Failure, Report } from './player';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    /** The path of one history, as printed for an invariant violation. Only that history is played. */
    path: { type: 'string' },
    /** No history begins after so many minutes. */
    minutes: { type: 'string', default: '1000000' },
    /** Plays each deliberate defect of the handlers in its history. */
    defects: { type: 'boolean', default: false },
    processes: { type: 'string', default: String(availableParallelism()) },
  },
});

const BATCH = 25;
const ROUNDS = 4;
/** The share of the time for random histories. The rest is for targeted histories. */
const RANDOM_SHARE = 0.85;

/** The reports of all processes. */
class Summary {
  played = 0;
  readonly failures: Failure[] = [];
  readonly reached = new Map<string, number>();
  readonly examples = new Map<string, Example>();

  add({ played, failures, reached, examples }: Report): void {
    this.played += played;
    this.failures.push(...failures);
    for (const [key, times] of reached) this.reached.set(key, (this.reached.get(key) ?? 0) + times);
    for (const [key, example] of examples) {
      const known = this.examples.get(key);
      if (!known || example.size < known.size) this.examples.set(key, example);
    }
  }

  /** Expected triples of state, event, and fault that were not reached. */
  missing(): string[] {
    return expected(this.examples.keys()).filter((key) => !this.reached.has(key));
  }
}

const began = Date.now();
const summary = new Summary();

async function main(): Promise<void> {
  const wanted = Number(values.histories);
  if (values.defects) return playDefects();
  if (values.path) {
    await distribute([{ seed: Number(values.seed), count: 1, path: values.path }], 1);
  } else {
    const random = Array.from({ length: Math.ceil(wanted / BATCH) }, (_, index) => (
      { seed: Number(values.seed) + index, count: Math.min(BATCH, wanted - index * BATCH) }
    ));
    // Targets the faults that random histories didn't reach: once early, in case the time is short, and again for the pairs that were reached since.
    const early = Math.ceil(random.length / 2);
    await distribute(random.slice(0, early), wanted, RANDOM_SHARE);
    await target(wanted);
    await distribute(random.slice(early), wanted, RANDOM_SHARE);
    await target(wanted);
  }
  printSummary();
}

/** Repeats, because targeted histories reach new pairs of state and event, and may miss some of their faults. */
async function target(wanted: number): Promise<void> {
  for (let round = 0; round < ROUNDS && summary.missing().length > 0 && !isLate(); round += 1) {
    const missing = summary.missing();
    const histories = round + 1 < ROUNDS ? targeted(summary.examples, missing) : missing.flatMap((triple) => targeted(summary.examples, [triple]));
    await distribute(batches(histories), wanted + histories.length);
  }
}

/** Each defect must be detected. */
async function playDefects(): Promise<void> {
  await distribute(DEFECTS.map((defect) => ({ defect })), DEFECTS.length);
  const detected = new Map(summary.failures.map((failure) => [failure.defect, failure]));
  for (const { name } of DEFECTS) print(`${detected.has(name) ? 'detected    ' : 'NOT DETECTED'}  ${name}: ${detected.get(name)?.transcript.split('\n')[0] ?? ''}`);
  print(`${summary.played} histories, ${detected.size} of ${DEFECTS.length} defects detected`);
  process.exitCode = detected.size < DEFECTS.length ? 1 : 0;
}

function batches<T>(histories: T[]): { histories: T[] }[] {
  return Array.from({ length: Math.ceil(histories.length / BATCH) }, (_, index) => (
    { histories: histories.slice(index * BATCH, (index + 1) * BATCH) }
  ));
}

const isLate = (share = 1) => Date.now() - began > Number(values.minutes) * 60_000 * share;

/** A process is started when it is first needed. */
const players: ChildProcess[] = [];

async function start(): Promise<ChildProcess> {
  // The objects of a history are garbage after it. If they fit into the new space, the simulation takes an eighth less time.
  const player = fork(path.join(__dirname, 'player.ts'), { execArgv: [...process.execArgv, '--max-semi-space-size=32'] });
  player.on('exit', (code, signal) => {
    if (signal !== 'SIGTERM') throw new Error(`a process ended with ${code ?? signal}`);
  });
  await once(player, 'message');
  players.push(player);
  return player;
}

/** Each process takes the next assignment as soon as it completes one. */
async function distribute(assignments: readonly Assignment[], total: number, share?: number): Promise<void> {
  const left = [...assignments];
  await Promise.all(Array.from({ length: Math.min(Number(values.processes), left.length) }, async (_, index) => {
    const player = players[index] ?? await start();
    while (left.length > 0 && !isLate(share)) {
      player.send(left.shift()!);
      const [report]: Report[] = await once(player, 'message');
      summary.add(report);
      if (!values.defects) report.failures.forEach(show);
      progress(total);
    }
  }));
  if (process.stdout.isTTY) process.stdout.write('\n');
}

const rate = () => summary.played / ((Date.now() - began) / 1000);

function progress(total: number): void {
  if (!process.stdout.isTTY) return;
  const done = Math.min(1, summary.played / total);
  const bar = '#'.repeat(Math.round(done * 30)).padEnd(30, '.');
  process.stdout.write(`\r[${bar}] ${summary.played} of ${total}, ${rate().toFixed(1)} per second, ${summary.failures.length} invariant violations `);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function show({ seed, path: at, history, transcript }: Failure): void {
  print(`\n${'-'.repeat(80)}\n${transcript}\n${JSON.stringify(history)}`);
  if (seed !== undefined) print(`replay: npm run simulate -- --seed ${seed} --path ${at}`);
}

function printSummary(): void {
  const by = (part: number) => {
    const times = new Map<string, number>();
    for (const [key, count] of summary.reached) times.set(split(key)[part], (times.get(split(key)[part]) ?? 0) + count);
    return [...times].sort(([a], [b]) => a.localeCompare(b));
  };
  print('\nfaults:');
  for (const [fault, times] of by(2)) if (fault !== 'nothing') print(`  ${String(times).padStart(8)} ${fault}`);
  print('states, with their calls and responses:');
  for (const [state, times] of by(0)) print(`  ${String(times).padStart(8)} ${state}`);
  const possible = expected(summary.examples.keys());
  const missing = summary.missing();
  print(`(state, event): ${summary.examples.size}; (state, event, fault): ${summary.reached.size}, of ${possible.length} expected ones ${possible.length - missing.length}`);
  for (const key of missing) print(`  not reached: ${key}`);
  print(`${((Date.now() - began) / 1000).toFixed(0)} s, ${rate().toFixed(1)} histories per second in ${values.processes} processes, seed ${values.seed}`);
  print(`${summary.played} histories, ${summary.failures.length} invariant violations`);
  process.exitCode = summary.failures.length > 0 ? 1 : 0;
}

void main().finally(() => players.forEach((player) => player.kill()));

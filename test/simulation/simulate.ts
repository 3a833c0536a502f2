import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { aimed, type Example, expected, split } from './coverage';
import { DEFECTS } from './defects';
import type { Assignment, Failure, Report } from './player';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    /** Of a history that broke an invariant, as it was printed: only that one is played. */
    path: { type: 'string' },
    /** No more are begun after so many. */
    minutes: { type: 'string', default: '1000000' },
    /** Plays each hand-made defect of the handlers in the history that was kept for it. */
    defects: { type: 'boolean', default: false },
    processes: { type: 'string', default: String(availableParallelism()) },
  },
});

const BATCH = 25;
const ROUNDS = 4;
/** Of the time, for those that are drawn: what is left is for those that are aimed. */
const DRAWN = 0.85;

/** All that the processes have reported. */
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

  /** (state, event, fault) that can be, and have not been. */
  missing(): string[] {
    return expected(this.examples.keys()).filter((key) => !this.reached.has(key));
  }
}

const began = Date.now();
const summary = new Summary();

async function main(): Promise<void> {
  const wanted = Number(values.histories);
  if (values.defects) return findDefects();
  if (values.path) {
    await distribute([{ seed: Number(values.seed), count: 1, path: values.path }], 1);
  } else {
    const random = Array.from({ length: Math.ceil(wanted / BATCH) }, (_, index) => (
      { seed: Number(values.seed) + index, count: Math.min(BATCH, wanted - index * BATCH) }
    ));
    // What chance has not reached is aimed at: once early, so that it is done where the time is short, and again for what chance has shown after that.
    const early = Math.ceil(random.length / 2);
    await distribute(random.slice(0, early), wanted, DRAWN);
    await aim(wanted);
    await distribute(random.slice(early), wanted, DRAWN);
    await aim(wanted);
  }
  tell();
}

/** As often as that makes new (state, event) pairs known, or shows that of several aims in one history some were not reached. */
async function aim(wanted: number): Promise<void> {
  for (let round = 0; round < ROUNDS && summary.missing().length > 0 && !isLate(); round += 1) {
    const missing = summary.missing();
    const histories = round + 1 < ROUNDS ? aimed(summary.examples, missing) : missing.flatMap((triple) => aimed(summary.examples, [triple]));
    await distribute(batches(histories), wanted + histories.length);
  }
}

/** Each must be found. */
async function findDefects(): Promise<void> {
  await distribute(DEFECTS.map((defect) => ({ defect })), DEFECTS.length);
  const found = new Map(summary.failures.map((failure) => [failure.defect, failure]));
  for (const { name } of DEFECTS) print(`${found.has(name) ? 'found    ' : 'NOT FOUND'}  ${name}: ${found.get(name)?.story.split('\n')[0] ?? ''}`);
  print(`${summary.played} histories, ${found.size} of ${DEFECTS.length} defects found`);
  process.exitCode = found.size < DEFECTS.length ? 1 : 0;
}

function batches<T>(histories: T[]): { histories: T[] }[] {
  return Array.from({ length: Math.ceil(histories.length / BATCH) }, (_, index) => (
    { histories: histories.slice(index * BATCH, (index + 1) * BATCH) }
  ));
}

const isLate = (share = 1) => Date.now() - began > Number(values.minutes) * 60_000 * share;

/** Started when they are first needed. */
const players: ChildProcess[] = [];

async function start(): Promise<ChildProcess> {
  // What a history makes is forgotten with it: where it fits among what is new, that takes an eighth less time.
  const player = fork(path.join(__dirname, 'player.ts'), { execArgv: [...process.execArgv, '--max-semi-space-size=32'] });
  player.on('exit', (code, signal) => {
    if (signal !== 'SIGTERM') throw new Error(`a process has ended with ${code ?? signal}`);
  });
  await once(player, 'message');
  players.push(player);
  return player;
}

/** Each process takes the next assignment as soon as it has done one. */
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
  process.stdout.write(`\r[${bar}] ${summary.played} of ${total}, ${rate().toFixed(1)} a second, ${summary.failures.length} broke an invariant `);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function show({ seed, path: at, history, story }: Failure): void {
  print(`\n${'-'.repeat(80)}\n${story}\n${JSON.stringify(history)}`);
  if (seed !== undefined) print(`again: npm run simulate -- --seed ${seed} --path ${at}`);
}

function tell(): void {
  const by = (part: number) => {
    const times = new Map<string, number>();
    for (const [key, count] of summary.reached) times.set(split(key)[part], (times.get(split(key)[part]) ?? 0) + count);
    return [...times].sort(([a], [b]) => a.localeCompare(b));
  };
  print('\nfaults:');
  for (const [fault, times] of by(2)) if (fault !== 'nothing') print(`  ${String(times).padStart(8)} ${fault}`);
  print('states, with the calls and answers in them:');
  for (const [state, times] of by(0)) print(`  ${String(times).padStart(8)} ${state}`);
  const possible = expected(summary.examples.keys());
  const missing = summary.missing();
  print(`(state, event): ${summary.examples.size}; (state, event, fault): ${summary.reached.size}, of ${possible.length} expected ones ${possible.length - missing.length}`);
  for (const key of missing) print(`  not reached: ${key}`);
  print(`${((Date.now() - began) / 1000).toFixed(0)} s, ${rate().toFixed(1)} histories a second in ${values.processes} processes, seed ${values.seed}`);
  print(`${summary.played} histories, ${summary.failures.length} broke an invariant`);
  process.exitCode = summary.failures.length > 0 ? 1 : 0;
}

void main().finally(() => players.forEach((player) => player.kill()));

/** Jest's test runner, with the CPU time of each test file. scripts/test-times.ts uses it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import * as path from 'node:path';
import { sharesIn } from './cpu-causes';

/** The CPU time of one test file, in milliseconds. */
export interface FileTimes {
  readonly file: string;
  /** Of the process of Jest that ran the file, by cause. */
  readonly causes: Record<string, number>;
  /** Of the processes that the tests started, and that have ended. */
  readonly startedProcesses: number;
}

type Runner = (
  globalConfig: unknown, config: { readonly rootDir: string }, environment: unknown, runtime: unknown, file: string, ...more: unknown[]
) => Promise<unknown>;

/** Linux counts the CPU time of processes in hundredths of a second. */
const TICK_MS = 10;

// Jest's own dependency, without types.
const run = require(require.resolve('jest-circus/runner', { paths: [require.resolve('jest')] })).default as Runner; // eslint-disable-line @typescript-eslint/no-require-imports

const profiled: Runner = async (globalConfig, config, environment, runtime, file, ...more) => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 2000 });
  await session.post('Profiler.start');
  const ownBefore = process.cpuUsage();
  const startedBefore = endedProcesses();
  try {
    return await run(globalConfig, config, environment, runtime, file, ...more);
  } finally {
    const { user, system } = process.cpuUsage(ownBefore);
    const startedProcesses = endedProcesses() - startedBefore;
    const shares = sharesIn((await session.post('Profiler.stop')).profile, config.rootDir);
    session.disconnect();
    const causes = Object.fromEntries([...shares].map(([cause, share]) => [cause, share * (user + system) / 1000]));
    const times: FileTimes = { file: path.relative(config.rootDir, file), causes, startedProcesses };
    writeFileSync(path.join(process.env.TEST_TIMES_FOLDER!, `${times.file.replaceAll(path.sep, '-')}.json`), JSON.stringify(times));
  }
};

/** CPU milliseconds of the ended child processes of this process and of their descendants. Only Linux reports them. */
function endedProcesses(): number {
  if (process.platform !== 'linux') return 0;
  // After the name, which may contain spaces: state, …, cutime, and cstime, the 16th and 17th field of the line.
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)!.split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

export default profiled;

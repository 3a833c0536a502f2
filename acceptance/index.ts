import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { SUBJECTS } from './cases';
import { awsCloud, type Cloud, localAccount } from './cloud';
import { FACTS } from './facts';
import { type Options, parseOptions, USAGE } from './options';
import { personPolicy } from './person-policy';
import { policiesOf } from './policies';
import { EXIT_CODES, runAcceptance } from './run';

const PROJECT = path.join(__dirname, '..');

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    console.log(USAGE);
    return EXIT_CODES.passed;
  }
  if (!existsSync(path.join(PROJECT, 'lib', 'lambda', 'index.js'))) throw new Error('The functions aren\'t bundled. Run: npx projen bundle');
  const interruption = new AbortController();
  const cloud = await start(options);
  process.on('SIGINT', () => {
    if (interruption.signal.aborted) {
      console.error('Stopped at once. To delete the resources that are left, run the command again with --clean-up.');
      process.exit(EXIT_CODES.interrupted);
    }
    // The local cloud ends with this process, with everything in it.
    if (options.local) process.exit(EXIT_CODES.interrupted);
    console.error('Interrupted. The run deletes its resources. To stop at once, press Ctrl-C again.');
    interruption.abort();
    void cloud.interrupt();
  });
  try {
    const { exitCode } = await runAcceptance({
      cloud,
      options,
      subjects: SUBJECTS,
      facts: FACTS,
      policiesOf,
      runId: randomBytes(3).toString('hex'),
      versions: versions(),
      args,
      // Only reports of AWS are published.
      reportsFolder: path.join(PROJECT, ...options.local ? ['.local-cloud', 'acceptance'] : ['acceptance', 'reports']),
      write: (line) => console.log(line),
      confirm,
      signal: interruption.signal,
    });
    return exitCode;
  } finally {
    await cloud.stop();
  }
}

async function start({ local, region, profile }: Options): Promise<Cloud> {
  if (!local) return awsCloud(region, profile);
  return localAccount({ region, policy: personPolicy('000000000000'), onProgress: (message) => console.log(message) });
}

/** Without a terminal, the answer is no. */
async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.error('The command asks before it creates resources, and there is no terminal. Pass --yes.');
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

function versions(): Record<string, string> {
  const versionOf = (name: string): string => JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version;
  return {
    'cdk-rtc': commit(),
    'aws-cdk-lib': versionOf('aws-cdk-lib'),
    'aws-cdk': versionOf('aws-cdk'),
    'Node.js': process.versions.node,
  };
}

/** The commit, and whether files differ from it. */
function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'}`;
  } catch {
    return 'not a git repository';
  }
}

main(process.argv.slice(2)).then((exitCode) => process.exit(exitCode), (error: Error) => {
  console.error(error.message);
  process.exit(EXIT_CODES.refused);
});

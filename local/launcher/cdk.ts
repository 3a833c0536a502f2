import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CloudFormation, type StackEvent } from '@aws-sdk/client-cloudformation';
import { disown, killGroup, own } from './owned-processes';

/** What a command needs to know of the local cloud. */
export interface CdkTarget {
  readonly url: string;
  readonly region: string;
  /** Environment of the CLI and of the app it runs. */
  readonly env: Record<string, string>;
  /** A folder that ends with the cloud. */
  readonly tempDir: string;
}

export interface CdkApp {
  /** The app's command, or the folder of a cloud assembly that is there already. */
  readonly app: string;
  /** Folder the app runs in. */
  readonly cwd: string;
  /** Stacks to select. Default: all. */
  readonly stacks?: string[];
  readonly context?: Record<string, string>;
  /** More environment variables for this command, above all for the app. */
  readonly env?: Record<string, string>;
}

export interface CdkRunOptions {
  /** Every line of the CLI's output as it comes, with the milliseconds since the start of the command. */
  readonly onOutput?: (line: string, atMs: number) => void;
  /** More arguments for the CLI. */
  readonly args?: string[];
}

export interface CdkRun {
  readonly exitCode: number;
  readonly output: string[];
  readonly durationMs: number;
}

export interface CdkStackRun extends CdkRun {
  /** Outputs by stack name and output key. */
  readonly outputs: Record<string, Record<string, string>>;
  /** What CloudFormation has reported during the command, oldest first. */
  readonly events: StackEvent[];
}

export async function bootstrap(cloud: CdkTarget, account: string, options: CdkRunOptions = {}): Promise<CdkRun> {
  // In a folder without an app: in one with an app the CLI would synthesize it first.
  return inNewFolder(cloud, async (cwd) =>
    runCdk(cloud, cwd, ['bootstrap', `aws://${account}/${cloud.region}`, ...options.args ?? []], {}, options));
}

/** Leaves the cloud assembly in `outputDir`, which can be the `app` of the other commands. */
export async function synth(cloud: CdkTarget, app: CdkApp, outputDir: string, options: CdkRunOptions = {}): Promise<CdkRun> {
  return runApp(cloud, app, 'synth', ['--quiet'], outputDir, options);
}

export async function diff(cloud: CdkTarget, app: CdkApp, options: CdkRunOptions = {}): Promise<CdkRun> {
  return inNewFolder(cloud, async (folder) => runApp(cloud, app, 'diff', [], path.join(folder, 'cdk.out'), options));
}

export async function deploy(cloud: CdkTarget, app: CdkApp, options: CdkRunOptions = {}): Promise<CdkStackRun> {
  return inNewFolder(cloud, async (folder) => {
    const outputsFile = path.join(folder, 'outputs.json');
    const args = ['--require-approval', 'never', '--progress', 'events', '--outputs-file', outputsFile];
    const deployed = await withEvents(cloud, async () => runApp(cloud, app, 'deploy', args, path.join(folder, 'cdk.out'), options));
    return { ...deployed, outputs: readJson(outputsFile) };
  });
}

export async function destroy(cloud: CdkTarget, app: CdkApp, options: CdkRunOptions = {}): Promise<CdkStackRun> {
  return inNewFolder(cloud, async (folder) => {
    const destroyed = await withEvents(cloud, async () => runApp(cloud, app, 'destroy', ['--force'], path.join(folder, 'cdk.out'), options));
    return { ...destroyed, outputs: {} };
  });
}

/** Compares what is deployed with its template, as CloudFormation's drift detection does. Fails if there is a difference. */
export async function drift(cloud: CdkTarget, app: CdkApp, options: CdkRunOptions = {}): Promise<CdkRun> {
  return inNewFolder(cloud, async (folder) => runApp(cloud, app, 'drift', ['--fail'], path.join(folder, 'cdk.out'), options));
}

/** The command of a TypeScript app, run by the project's own tsx. */
export function tsxApp(file: string): string {
  return `node "${require.resolve('tsx/cli')}" "${file}"`;
}

async function runApp(
  cloud: CdkTarget, app: CdkApp, command: string, args: string[], outputDir: string, options: CdkRunOptions,
): Promise<CdkRun> {
  const context = Object.entries(app.context ?? {}).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  const selected = app.stacks ?? (['synth', 'drift'].includes(command) ? [] : ['--all']);
  // Not into cdk.out of the app's folder: runs at the same time would lock one another out.
  const output = existsSync(path.resolve(app.cwd, app.app)) ? [] : ['--output', outputDir];
  const all = [command, ...selected, '--app', app.app, ...output, ...context, ...args, ...options.args ?? []];
  return runCdk(cloud, app.cwd, all, app.env ?? {}, options);
}

/**
 * Runs before the CLI in its process.
 *
 * Polling: the CLI asks every 5 s whether a stack is ready and every 2 s for its events; on a cloud beside it on the same
 * machine that is most of a deployment's time. Only these two timers are shortened: those whose callback is `waitFor`'s
 * bare promise resolver or the activity monitor's tick. What the CLI does stays the same.
 *
 * End: when we are killed the CLI would go on asking a cloud that is gone; it ends with its group (the app it runs).
 */
const CLI_PRELUDE = `data:text/javascript,${encodeURIComponent(`
  const wait = globalThis.setTimeout;
  const polls = (fn, ms) => (ms === 5000 && /^function \\(\\) \\{ \\[native code\\] \\}$/.test(String(fn)))
    || (ms === 2000 && String(fn).includes('this.tick()'));
  globalThis.setTimeout = Object.defineProperties(
    (fn, ms, ...args) => wait(fn, polls(fn, ms) ? 200 : ms, ...args), Object.getOwnPropertyDescriptors(wait));
  const parent = process.ppid;
  setInterval(() => { if (process.ppid !== parent) process.kill(-process.pid, 'SIGKILL'); }, 500).unref();
`)}`;

async function runCdk(
  cloud: CdkTarget, cwd: string, args: string[], env: Record<string, string>, options: CdkRunOptions,
): Promise<CdkRun> {
  const started = Date.now();
  const child = spawn(
    process.execPath,
    ['--import', CLI_PRELUDE, require.resolve('aws-cdk/bin/cdk'), ...args, '--no-notices', '--no-color'],
    { cwd, env: { ...cloud.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const owned = own(child);
  const output: string[] = [];
  const keep = (line: string) => {
    output.push(line);
    options.onOutput?.(line, Date.now() - started);
  };
  try {
    const exited = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    await Promise.all([eachLine(child.stdout, keep), eachLine(child.stderr, keep)]);
    return { exitCode: await exited, output, durationMs: Date.now() - started };
  } finally {
    killGroup(child);
    disown(owned);
  }
}

async function eachLine(stream: Readable, use: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    use(line);
  }
}

async function withEvents(cloud: CdkTarget, command: () => Promise<CdkRun>): Promise<CdkRun & { events: StackEvent[] }> {
  const since = new Date();
  const result = await command();
  return { ...result, events: await eventsSince(cloud, since) };
}

/** Events of all stacks, deleted ones included, oldest first. */
export async function eventsSince(cloud: CdkTarget, since: Date): Promise<StackEvent[]> {
  const client = cloudFormation(cloud);
  try {
    const { StackSummaries: summaries = [] } = await client.listStacks({});
    const events = await Promise.all(summaries.map(async ({ StackId }) => stackEvents(client, StackId!)));
    return events.flat()
      .filter((event) => event.Timestamp! >= since)
      .sort((a, b) => a.Timestamp!.getTime() - b.Timestamp!.getTime());
  } finally {
    client.destroy();
  }
}

export async function stackEvents(client: CloudFormation, stackName: string): Promise<StackEvent[]> {
  const events: StackEvent[] = [];
  let token: string | undefined;
  do {
    const page = await client.describeStackEvents({ StackName: stackName, NextToken: token });
    events.push(...page.StackEvents ?? []);
    token = page.NextToken;
  } while (token);
  return events.reverse();
}

export function cloudFormation(cloud: CdkTarget): CloudFormation {
  return new CloudFormation({
    endpoint: cloud.url,
    region: cloud.region,
    credentials: { accessKeyId: cloud.env.AWS_ACCESS_KEY_ID, secretAccessKey: cloud.env.AWS_SECRET_ACCESS_KEY },
  });
}

async function inNewFolder<T>(cloud: CdkTarget, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(cloud.tempDir, 'cdk-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readJson(file: string): Record<string, Record<string, string>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {}; // the deployment failed before it had outputs
  }
}

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CloudFormation, type StackEvent } from '@aws-sdk/client-cloudformation';
import { CliProcess } from './cli-process';
import { disown, killGroup, own } from './owned-processes';

/** What a command needs to know of the local cloud, or of AWS. */
export interface CdkTarget {
  /** The endpoint of CloudFormation. Default: the endpoint of AWS, with the credentials of this process. */
  readonly url?: string;
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
  return withEvents(cloud, async () => deployWithOutputs(cloud, app, options));
}

/** The same without the events, whose search looks at every stack of the account. */
export async function deployWithOutputs(cloud: CdkTarget, app: CdkApp, options: CdkRunOptions = {}): Promise<Omit<CdkStackRun, 'events'>> {
  return inNewFolder(cloud, async (folder) => {
    const outputsFile = path.join(folder, 'outputs.json');
    const args = ['--require-approval', 'never', '--progress', 'events', '--outputs-file', outputsFile];
    const deployed = await runApp(cloud, app, 'deploy', args, path.join(folder, 'cdk.out'), options);
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

/** The command of a TypeScript app, run by the project's own tsx: without the second process that tsx's own command is. */
export function tsxApp(file: string): string {
  return `node --import "${pathToFileURL(require.resolve('tsx')).href}" "${file}"`;
}

/**
 * Leaves the cloud assembly of an app in `outputDir` without the CLI, by the environment variables that the CLI gives an app. It needs
 * no cloud, so it can run while one starts.
 */
export async function runWithoutCli({ app, cwd, context = {}, env = {} }: CdkApp, outputDir: string): Promise<void> {
  const child = spawn(app, {
    cwd,
    shell: true,
    env: { ...process.env, CDK_OUTDIR: outputDir, CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:disable-stack-trace': true, ...context }), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const owned = own(child);
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk) => errors.push(chunk));
  try {
    const exitCode = await new Promise((resolve, reject) => { child.once('error', reject).once('close', resolve); });
    if (exitCode !== 0) throw new Error(`The app could not be synthesized:\n${Buffer.concat(errors).toString()}`);
  } finally {
    killGroup(child);
    disown(owned);
  }
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

/** Processes that have loaded the CLI, by the cloud that they end with. */
const processes = new WeakMap<CdkTarget, Set<CliProcess>>();

/** Gives a cloud a process of the CLI, above all one that was started before the cloud. */
export function keepCli(cloud: CdkTarget, cli: CliProcess): void {
  processes.set(cloud, (processes.get(cloud) ?? new Set()).add(cli));
}

export async function endClis(cloud: CdkTarget): Promise<void> {
  await Promise.all([...processes.get(cloud) ?? []].map(async (cli) => cli.end()));
  processes.delete(cloud);
}

async function runCdk(
  cloud: CdkTarget, cwd: string, args: string[], env: Record<string, string>, options: CdkRunOptions,
): Promise<CdkRun> {
  const started = performance.now();
  const cli = [...processes.get(cloud) ?? []].find(({ isIdle }) => isIdle) ?? new CliProcess();
  keepCli(cloud, cli);
  const output: string[] = [];
  const exitCode = await cli.run({ args: [...args, '--no-notices', '--no-color'], cwd, env: { ...cloud.env, ...env } }, (line) => {
    output.push(line);
    options.onOutput?.(line, performance.now() - started);
  });
  return { exitCode, output, durationMs: performance.now() - started };
}

async function withEvents<T extends CdkRun>(cloud: CdkTarget, command: () => Promise<T>): Promise<T & { events: StackEvent[] }> {
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
    credentials: cloud.url === undefined ? undefined : {
      accessKeyId: cloud.env.AWS_ACCESS_KEY_ID, secretAccessKey: cloud.env.AWS_SECRET_ACCESS_KEY, sessionToken: cloud.env.AWS_SESSION_TOKEN,
    },
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

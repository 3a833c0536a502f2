import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { Emulator, type RunningServer, startServer } from './emulator';
import { type CdkApp, type CdkStackRun, deploy, destroy, tsxApp } from './launcher/cdk';
import { type LocalCloud, startLocalCloud } from './launcher/local-cloud';

const FOLDER = path.join(__dirname, '..', 'examples', 'typescript', 'signaling');
const EXAMPLE: CdkApp = { app: tsxApp(path.join(FOLDER, 'app.ts')), cwd: FOLDER };

interface ChannelState {
  readonly name: string;
  readonly status: string;
  readonly messageTtlSeconds: number;
  readonly storageStreamArn?: string;
  readonly tags: Record<string, string>;
}

interface RegionState {
  readonly channels: ChannelState[];
  readonly streams: { readonly name: string }[];
}

const started = Date.now();

function say(text: string): void {
  console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

function heading(text: string): void {
  console.log();
  say(text);
}

async function main(keep: boolean): Promise<void> {
  heading('Starting a local cloud: no AWS account, nothing leaves this machine');
  let cloud: LocalCloud | undefined;
  const emulator = new Emulator({ principals: async (accessKeyId) => cloud?.principal(accessKeyId) as never });
  const server = await startServer(emulator);
  say(`signaling service on ${server.endpoint('kinesisvideo')}, IAM enforced`);
  try {
    cloud = await startLocalCloud({ emulatorUrl: server.url, onProgress: say });
    const ready = Date.now();

    heading('cdk deploy: two signaling channels, one records into a stream');
    await run(() => deploy(cloud!, EXAMPLE, { onOutput: showProgress }));
    showChannels(emulator);

    heading('cdk deploy -c messageTtl=30 -c team=doors: an update in place');
    await run(() => deploy(cloud!, { ...EXAMPLE, context: { messageTtl: '30', team: 'doors' } }, { onOutput: showProgress }));
    showChannels(emulator);

    if (keep) return await wait(cloud, server);

    heading('cdk destroy');
    await run(() => destroy(cloud!, EXAMPLE, { onOutput: showProgress }));
    proveThatNothingIsLeft(emulator);
    await report(cloud);
    heading(`Done: ${((Date.now() - started) / 1000).toFixed(1)} s in all, ${((Date.now() - ready) / 1000).toFixed(1)} s of it for deploy, update and destroy`);
  } finally {
    await cloud?.stop();
    await server.close();
  }
}

async function run(command: () => Promise<CdkStackRun>): Promise<void> {
  const { exitCode, output, outputs, durationMs } = await command();
  if (exitCode !== 0) throw new Error(`the command failed:\n${output.join('\n')}`);
  say(`took ${(durationMs / 1000).toFixed(1)} s`);
  for (const [stack, values] of Object.entries(outputs)) {
    for (const [key, value] of Object.entries(values)) say(`  ${stack}.${key} = ${value}`);
  }
}

/** Of the CLI's lines those that tell what happens to a resource. */
function showProgress(line: string): void {
  const event = /\| (\S+_(?:COMPLETE|FAILED)) +\| (\S+) +\| (.*)$/.exec(line);
  if (event) say(`  ${event[1].padEnd(36)} ${event[2].padEnd(32)} ${event[3].trim()}`);
}

function regions(emulator: Emulator): RegionState[] {
  return emulator.state().kinesisvideo as RegionState[];
}

function showChannels(emulator: Emulator): void {
  say('what the service holds now:');
  for (const { name, status, messageTtlSeconds, storageStreamArn, tags } of regions(emulator).flatMap(({ channels }) => channels)) {
    const own = Object.entries(tags).filter(([key]) => !key.startsWith('cdk-rtc:') && !key.startsWith('aws:')).map(([key, value]) => `${key}=${value}`);
    say(`  ${status}  ${name}  TTL ${messageTtlSeconds} s  ${storageStreamArn ? `records into ${storageStreamArn.split('/')[1]}` : 'no recording'}  tags: ${own.join(' ') || 'none'}`);
  }
}

function proveThatNothingIsLeft(emulator: Emulator): void {
  const left = regions(emulator).flatMap(({ channels, streams }) => [...channels, ...streams]);
  if (left.length > 0) throw new Error(`left behind: ${left.map(({ name }) => name).join(', ')}`);
  const calls = emulator.calls.filter(({ mutated }) => mutated).map(({ operation }) => operation);
  const denied = emulator.calls.filter(({ outcome }) => outcome === 'AccessDeniedException').length;
  say(`nothing is left: 0 channels, 0 streams, after ${emulator.calls.length} calls, ${calls.length} of which changed something, ${denied} denied`);
}

async function report(cloud: LocalCloud): Promise<void> {
  say('what CloudFormation asked of the handlers:');
  for (const { requestType, logicalId, sentAt, endedAt, outcome } of await cloud.customResources()) {
    const seconds = endedAt ? ((Date.parse(endedAt) - Date.parse(sentAt)) / 1000).toFixed(1) : '?';
    say(`  ${requestType.padEnd(6)} ${logicalId.padEnd(18)} ${outcome} after ${seconds} s`);
  }
}

/** --keep: everything stays until Ctrl-C. */
async function wait(cloud: LocalCloud, server: RunningServer): Promise<void> {
  const settings = Object.entries(cloud.env).filter(([name]) => name.startsWith('AWS_') && !name.includes('FILE')).map(([name, value]) => `export ${name}=${value}`);
  heading('Left running. In another shell:');
  console.log(`
${settings.join('\n')}
cd ${path.relative(process.cwd(), FOLDER) || '.'}
npx cdk diff -c messageTtl=45
npx cdk deploy -c messageTtl=45
aws kinesisvideo list-signaling-channels
curl ${server.url}/_cloud/state
npx cdk destroy

Ctrl-C here stops the cloud and forgets everything.`);
  await new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));
}

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
main(values.keep).then(() => process.exit(0), (error: Error) => {
  console.error(`\n${error.message}`);
  process.exit(1);
});

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import type { Emulator } from './emulator';
import { type CdkApp, type CdkStackRun, deploy, destroy, runWithoutCli, tsxApp } from './launcher/cdk';
import { callFunctionUrl, createCaller } from './launcher/function-url';
import type { LocalCloud } from './launcher/local-cloud';
import { endRequested, own as ownUntilExit } from './launcher/owned-processes';
import { callView, invocationView, requestView } from './page/feed';
import { reportOf } from './report';
import { type RunningParts, shellSettings, startParts } from './start';

const EXAMPLES = path.join(__dirname, '..', 'examples', 'typescript');

/** One example: deployed, updated with a context, destroyed. */
interface Demonstration {
  readonly folder: string;
  readonly title: string;
  readonly update?: Record<string, string>;
  /** The observed state, one line per resource. */
  readonly show: (emulator: Emulator) => string[];
  /** The actions of its users, between deployment and update. */
  readonly use?: (cloud: LocalCloud, emulator: Emulator, outputs: Record<string, string>) => Promise<void>;
}

interface Tagged {
  readonly tags: Record<string, string>;
}

interface ChannelState extends Tagged {
  readonly name: string;
  readonly status: string;
  readonly messageTtlSeconds: number;
  readonly storageStreamArn?: string;
}

interface IngestState extends Tagged {
  readonly name: string;
  readonly state: string;
  readonly stageArn: string;
  readonly redundantIngest: boolean;
  readonly userId: string;
}

interface ConnectorState extends Tagged {
  readonly id: string;
  readonly streaming?: object;
}

interface MeetingState extends Tagged {
  readonly id: string;
  readonly attendees: readonly object[];
}

interface Drift {
  readonly drifted: readonly {
    readonly logicalResourceId: string;
    readonly propertyDifferences: readonly { readonly propertyPath: string; readonly expectedValue: string; readonly actualValue: string }[];
  }[];
}

interface Answer {
  readonly Meeting: { readonly MeetingId: string };
  readonly Attendees: readonly { readonly ExternalUserId: string }[];
  readonly error?: { readonly message: string };
}

const channelsOf = (stack: string) => (emulator: Emulator) => resources<ChannelState>(emulator, 'kinesisvideo', 'channels')
  .filter(({ name }) => name.startsWith(`${stack}-`))
  .map(({ name, status, messageTtlSeconds, storageStreamArn, tags }) =>
    `${status}  ${name}  TTL ${messageTtlSeconds} s  ${storageStreamArn ? `records into ${storageStreamArn.split('/')[1]}` : 'no recording'}  ${showTags(tags)}`);

/** From the smallest stack to the whole: the first is to be there soon. */
const FIRST: Demonstration = {
  folder: 'one-channel',
  title: 'one signaling channel',
  show: channelsOf('Doorbell'),
};

const DEMONSTRATIONS: Demonstration[] = [
  FIRST,
  {
    folder: 'signaling',
    title: 'two signaling channels, one of them records into a stream',
    update: { messageTtl: '30', team: 'doors' },
    show: channelsOf('Signaling'),
    use: changeOutOfBand,
  },
  {
    folder: 'voice-agent',
    title: 'a voice agent that uses a channel for TURN servers only',
    show: channelsOf('VoiceAgent'),
  },
  {
    folder: 'voice-analytics',
    title: 'a voice connector, its streaming, and a function that is notified of calls',
    update: { retentionHours: '2' },
    show: (emulator) => resources<ConnectorState>(emulator, 'chime-sdk-voice', 'voiceConnectors').map(({ id, streaming, tags }) =>
      `voice connector ${id}  streaming ${JSON.stringify(streaming)}  ${showTags(tags)}`),
  },
  {
    folder: 'meeting-rooms',
    title: 'a pool that keeps 5 meetings ready, and an API that checks them out',
    update: { size: '8' },
    show: (emulator) => {
      const { ready, used } = meetings(emulator);
      return [`${ready.length} meetings ready, ${used.length} checked out`];
    },
    use: useMeetings,
  },
  {
    folder: 'live-ingest',
    title: 'an encoder that publishes to a stage, its stream key in a secret',
    update: { redundant: 'true' },
    show: (emulator) => resources<IngestState>(emulator, 'ivs-realtime', 'ingestConfigurations').map(({ name, state, stageArn, userId, redundantIngest, tags }) =>
      `${state}  ${name}  publishes as ${userId} to ${stageArn.split('/')[1]}${redundantIngest ? ', redundant ingest' : ''}  ${showTags(tags)}`),
    use: async (cloud, _, outputs) => {
      say(`an encoder starts and reads its stream key from the secret: ${JSON.stringify(await cloud.invoke(outputs.EncoderFunction, {}))}`);
    },
  },
];

/** The CLI prints nothing until the app is synthesized, which takes more than half a minute on a busy computer. */
const SILENCE_MS = 5_000;

const started = Date.now();

function say(text: string): void {
  console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

function heading(text: string): void {
  console.log();
  say(text);
}

async function main(keep: boolean): Promise<void> {
  heading('Starting a local cloud, without an AWS account. After the first installation nothing leaves this machine');
  const assembly = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-demo-'));
  ownUntilExit(undefined, [assembly]);
  const { app, cwd } = exampleApp(FIRST);
  const synthesized = runWithoutCli({ app, cwd }, assembly); // while the cloud starts
  synthesized.catch(() => undefined); // reported where it is awaited
  const parts = await startParts({ onProgress: say });
  const { cloud, emulator, page } = parts;
  try {
    say(`watch it: ${page.url}`);
    const ready = Date.now();
    await synthesized;
    for (const demonstration of DEMONSTRATIONS) {
      await deployAndUpdate(cloud, emulator, demonstration, demonstration === FIRST ? { app: assembly, cwd } : exampleApp(demonstration));
    }
    if (keep) return await showHowToUse(parts);
    for (const demonstration of DEMONSTRATIONS) {
      heading(`cdk destroy: ${demonstration.folder}`);
      await run((onOutput) => destroy(cloud, exampleApp(demonstration), { onOutput }));
    }
    proveThatNothingIsLeft(emulator);
    await report(cloud, emulator);
    heading(`Done: ${((Date.now() - started) / 1000).toFixed(1)} s in all, ${((Date.now() - ready) / 1000).toFixed(1)} s of it for deploy, update and destroy`);
  } finally {
    await parts.stop();
    await synthesized.catch(() => undefined);
  }
}

async function deployAndUpdate(cloud: LocalCloud, emulator: Emulator, demonstration: Demonstration, app: CdkApp): Promise<void> {
  heading(`cdk deploy: ${demonstration.title}`);
  const outputs = await run((onOutput) => deploy(cloud, app, { onOutput }));
  showResources(emulator, demonstration);
  await demonstration.use?.(cloud, emulator, outputs);
  if (!demonstration.update) return;

  const changes = Object.entries(demonstration.update).map(([key, value]) => `-c ${key}=${value}`).join(' ');
  heading(`cdk deploy ${changes}: an update in place`);
  await run((onOutput) => deploy(cloud, { ...app, context: demonstration.update }, { onOutput }));
  showResources(emulator, demonstration);
}

function exampleApp({ folder }: Demonstration): CdkApp {
  const cwd = path.join(EXAMPLES, folder);
  return { app: tsxApp(path.join(cwd, 'app.ts')), cwd };
}

/** Its outputs, which are printed as well. */
async function run(command: (onOutput: (line: string) => void) => Promise<CdkStackRun>): Promise<Record<string, string>> {
  say('synthesizing …');
  const begun = Date.now();
  const waiting = setInterval(() => say(`  still synthesizing, since ${((Date.now() - begun) / 1000).toFixed(0)} s`), SILENCE_MS);
  const { exitCode, output, outputs, durationMs } = await command((line) => {
    if (/Synthesis time|: destroying/.test(line)) clearInterval(waiting);
    showProgress(line);
  }).finally(() => clearInterval(waiting));
  if (exitCode !== 0) throw new Error(`the command failed:\n${output.join('\n')}`);
  say(`took ${(durationMs / 1000).toFixed(1)} s`);
  for (const [stack, values] of Object.entries(outputs)) {
    for (const [key, value] of Object.entries(values)) say(`  ${stack}.${key} = ${value}`);
  }
  return Object.assign({}, ...Object.values(outputs));
}

/** The next deployment corrects the change. */
async function changeOutOfBand(cloud: LocalCloud, emulator: Emulator, outputs: Record<string, string>): Promise<void> {
  heading('An out-of-band change of a channel. The drift monitor is called, as its schedule does once an hour');
  const look = async () => await cloud.invoke(outputs.DriftMonitorFunction, await scheduledInput(cloud)) as Drift;
  const before = await look();
  emulator.edit({ service: 'kinesisvideo', resource: outputs.DoorbellArn, messageTtlSeconds: 5 });
  const after = await look();
  for (const { logicalResourceId, propertyDifferences } of after.drifted) {
    for (const { propertyPath, expectedValue, actualValue } of propertyDifferences) {
      say(`  ${logicalResourceId}${propertyPath} is ${actualValue}, desired ${expectedValue}`);
    }
  }
  const paths = ({ drifted }: Drift) => drifted.flatMap(({ propertyDifferences }) => propertyDifferences.map(({ propertyPath }) => propertyPath));
  const found = [paths(before), paths(after)];
  if (JSON.stringify(found) !== '[[],["/MessageTtlSeconds"]]') throw new Error(`the monitor found ${JSON.stringify([before, after])}`);
}

/** The input that CloudFormation has written into the only schedule. */
async function scheduledInput(cloud: LocalCloud): Promise<unknown> {
  const get = async <T>(route: string): Promise<T> => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${cloud.env.AWS_ACCESS_KEY_ID}/20260101/${cloud.region}/scheduler/aws4_request, SignedHeaders=host, Signature=0`;
    const response = await fetch(`${cloud.url}${route}`, { headers: { authorization } });
    if (!response.ok) throw new Error(await response.text());
    return await response.json() as T;
  };
  const { Schedules: [{ Name }] } = await get<{ Schedules: { Name: string }[] }>('/schedules');
  return JSON.parse((await get<{ Target: { Input: string } }>(`/schedules/${Name}`)).Target.Input);
}

/** Meetings without attendees are ready. */
function meetings(emulator: Emulator): { ready: MeetingState[]; used: MeetingState[] } {
  const alive = resources<MeetingState>(emulator, 'chime-sdk-meetings', 'meetings');
  return { ready: alive.filter(({ attendees }) => attendees.length === 0), used: alive.filter(({ attendees }) => attendees.length > 0) };
}

async function useMeetings(cloud: LocalCloud, emulator: Emulator, outputs: Record<string, string>): Promise<void> {
  const checkOut = async (user: string) => await cloud.invoke(outputs.CheckoutFunction, { externalUserIds: [user] }) as Answer;
  const expected = meetings(emulator).ready.length;
  const calm = async () => {
    await until(() => meetings(emulator).ready.length >= expected);
    say(`  the maintainer has refilled the pool: ${meetings(emulator).ready.length} meetings are ready again`);
  };

  heading('20 callers check out a meeting at the same time');
  const begun = Date.now();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, caller) => checkOut(`person-${caller}`)));
  const given = new Set(answers.map(({ Meeting, error }) => error?.message ?? Meeting.MeetingId));
  if (given.size < 20 || answers.some(({ error }) => error)) throw new Error(`not 20 different meetings: ${[...given].join(', ')}`);
  say(`  ${given.size} different meetings in ${((Date.now() - begun) / 1000).toFixed(1)} s; when no ready meeting was left, checkout created one on demand`);
  await calm();

  heading('Two callers of the API name the same room');
  const rooms: Answer[] = [];
  for (const name of ['alice', 'bob']) {
    rooms.push(JSON.parse(await callFunctionUrl(cloud, outputs.Url, '/kitchen', await createCaller(cloud, name))));
  }
  for (const { Meeting } of rooms) say(`  meeting ${Meeting.MeetingId}`);
  if (rooms[0].Meeting.MeetingId !== rooms[1].Meeting.MeetingId) throw new Error('two meetings for one room');
  if (rooms[0].Attendees[0].ExternalUserId === rooms[1].Attendees[0].ExternalUserId) throw new Error('two users are one attendee');
  await calm();

  heading('All meetings end, because five minutes pass without an attendee');
  for (const { id } of [...meetings(emulator).ready, ...meetings(emulator).used]) emulator.edit({ service: 'chime-sdk-meetings', resource: id, end: true });
  const { Meeting } = await checkOut('late');
  say(`  the next caller gets a meeting that has not ended: ${Meeting.MeetingId}`);
  await calm();
  showResources(emulator, DEMONSTRATIONS.find(({ use }) => use === useMeetings)!);
}

async function until(condition: () => boolean): Promise<void> {
  // Only for a pool that is never refilled: on a busy machine this takes a while.
  for (const deadline = Date.now() + 600_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 100))) {
    if (Date.now() > deadline) throw new Error('the pool was not refilled');
  }
}

/** Prints the lines of the CLI that report the end of a resource's operation. */
function showProgress(line: string): void {
  const event = /\| (\S+_(?:COMPLETE|FAILED)) +\| (\S+) +\| (.*)$/.exec(line);
  if (event) say(`  ${event[1].padEnd(18)} ${event[2].padEnd(36)} ${event[3].trim()}`);
}

function resources<T>(emulator: Emulator, service: string, kind: string): T[] {
  return (emulator.state()[service] as Record<string, T[]>[]).flatMap((region) => region[kind] ?? []);
}

/** The user's tags, without the owner tags. */
function showTags(tags: Record<string, string>): string {
  const own = Object.entries(tags).filter(([key]) => !key.startsWith('cdk-rtc:') && !key.startsWith('aws:')).map(([key, value]) => `${key}=${value}`);
  return `tags: ${own.join(' ') || 'none'}`;
}

function showResources(emulator: Emulator, { show }: Demonstration): void {
  say('resources of the service now:');
  for (const line of show(emulator)) say(`  ${line}`);
}

function proveThatNothingIsLeft(emulator: Emulator): void {
  const regions = Object.values(emulator.state()).flat() as Record<string, unknown>[];
  const left = regions.flatMap((region) => Object.values(region).filter(Array.isArray).flat());
  if (left.length > 0) throw new Error(`left behind: ${JSON.stringify(left)}`);
  const changes = emulator.calls.filter(({ mutated }) => mutated).length;
  const denied = emulator.calls.filter(({ outcome }) => /AccessDenied|Forbidden/.test(outcome));
  // The permission depends on the tags of the meeting, which end with it. A read then shows that the meeting has ended.
  const onEndedMeetings = denied.filter(({ service }) => service === 'chime-sdk-meetings').length;
  say(`nothing is left in any service, after ${emulator.calls.length} calls, ${changes} of which changed a resource;`
    + ` denied: ${denied.length - onEndedMeetings}, and ${onEndedMeetings} on meetings that had ended`);
}

async function report(cloud: LocalCloud, emulator: Emulator): Promise<void> {
  const [invocations, requests] = await Promise.all([cloud.invocations(), cloud.customResources()]);
  say(`report of ${emulator.calls.length} recorded calls (a poll is a read; a read of a resource that doesn't exist is an error):`);
  for (const line of reportOf(emulator.calls.map(callView), invocations.map(invocationView), requests.map(requestView))) say(`  ${line}`);
}

/** --keep: everything stays until Ctrl-C. */
async function showHowToUse({ cloud, server, page }: RunningParts): Promise<void> {
  heading(`The local cloud keeps running. Its page: ${page.url} In another shell:`);
  console.log(`
${shellSettings(cloud.env).join('\n')}
cd ${path.relative(process.cwd(), path.join(EXAMPLES, 'signaling')) || '.'}
npx cdk diff -c messageTtl=45 -c team=doors
npx cdk deploy -c messageTtl=45 -c team=doors
aws kinesisvideo list-signaling-channels
curl ${server.url}/_cloud/state
npx cdk destroy
cd ../voice-analytics && npx cdk deploy -c retentionHours=5
cd ../meeting-rooms && npx cdk deploy -c size=3

The exports apply to that shell only. Ctrl-C here stops the local cloud and deletes everything in it.`);
  await new Promise(() => undefined);
}

void endRequested().then(() => {
  heading('Stopped');
  process.exit(values.keep ? 0 : 130); // the processes and folders of the local cloud end with this one
});
const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
main(values.keep).then(() => process.exit(0), (error: Error) => {
  console.error(`\n${error.message}`);
  process.exit(1);
});

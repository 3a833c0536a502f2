import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Stack, Tags } from 'aws-cdk-lib';
import { readReleased, releasedTemplates, unpack } from './released';
import { type CdkStackRun, cloudFormation, deploy } from '../../local/launcher/cdk';
import { appOf } from '../compliance/examples';
import { failsAfter, LocalDeployment } from '../e2e/local-deployment';

/* Stacks that an earlier version deployed, with that version's handlers, in the hands of this version. */

const released = readReleased();
/** What the examples read from the context: each changes a resource in place. */
const CHANGES = { messageTtl: 30, retentionHours: 2, redundant: 'true', size: 8 };

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
// Each test leaves nothing behind and meets no refusal.
afterEach(() => {
  const left = [...settings(), ...local.meetings()];
  const denied = local.denied();
  local.emulator.reset();
  expect({ left, denied }).toEqual({ left: [], denied: [] });
});

/** The resources of the services, with what a rollback must restore. Meetings come and go by themselves: their pool is in the stack. */
function settings(): { readonly arn: string }[] {
  return [
    ...local.channels().map(({ arn, name, type, status, messageTtlSeconds, storageStreamArn, tags }) =>
      ({ arn, name, type, status, messageTtlSeconds, storageStreamArn, tags })),
    ...local.connectors().map(({ arn, streaming, tags }) => ({ arn, streaming, tags })),
    ...local.ingestConfigurations().map(({ arn, name, participantId, stageArn, userId, redundantIngest, tags }) =>
      ({ arn, name, participantId, stageArn, userId, redundantIngest, tags })),
  ];
}

const identities = () => settings().map(({ arn }) => arn).sort();

/** What an example takes as given, which the local cloud names itself. */
function given(example: string): Record<string, string> {
  if (example !== 'rtc-platform') return {};
  const make = (type: string, properties: Record<string, unknown>) => {
    const { physicalId } = local.emulator.applyResource({ action: 'create', type, region: 'us-east-1', properties });
    return physicalId.split('/').at(-1)!;
  };
  return {
    abcdefghijklmnopqrstuv: make('AWS::Chime::VoiceConnector', { Name: 'trunk', RequireEncryption: true }),
    AbCdEfGhIjKl: make('AWS::IVS::Stage', { Name: 'stage' }),
  };
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-rtc-upgrade-'));
  try {
    return await use(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function deployFolder(folder: string, names: Record<string, string>): Promise<CdkStackRun> {
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.template.json'))) {
    const content = fs.readFileSync(path.join(folder, file), 'utf8');
    fs.writeFileSync(path.join(folder, file), Object.entries(names).reduce((text, [from, to]) => text.replaceAll(from, to), content));
  }
  return deploy(local.cloud, { app: folder, cwd: folder });
}

const deployReleased = async (example: string, names: Record<string, string>) => inFolder(async (folder) => {
  unpack(released, example, folder);
  return deployFolder(folder, names);
});

type Also = (stack: Stack) => void;

/** The same source, synthesized by this version. Changed properties and tags make CloudFormation ask the handlers for updates. */
const deployThisVersion = async (example: string, names: Record<string, string>, also: Also = () => {}) => inFolder(async (folder) => {
  const app = appOf(released.apps[example], { ...CHANGES, 'aws:cdk:disable-stack-trace': true });
  Tags.of(app).add('upgraded', 'yes');
  for (const stack of app.node.children.filter(Stack.isStack)) also(stack);
  const { directory } = app.synth();
  fs.cpSync(directory, folder, { recursive: true });
  fs.rmSync(directory, { recursive: true });
  return deployFolder(folder, names);
});

/** Physical ids by logical ids. */
async function physicalIds(stackName: string): Promise<Record<string, string>> {
  const client = cloudFormation(local.cloud);
  try {
    const { StackResources = [] } = await client.describeStackResources({ StackName: stackName });
    return Object.fromEntries(StackResources.map(({ LogicalResourceId, PhysicalResourceId }) => [LogicalResourceId!, PhysicalResourceId!]));
  } finally {
    client.destroy();
  }
}

async function statusOf(stackName: string): Promise<string> {
  const client = cloudFormation(local.cloud);
  try {
    return (await client.describeStacks({ StackName: stackName })).Stacks![0].StackStatus!;
  } finally {
    client.destroy();
  }
}

const succeeded = (run: CdkStackRun) => {
  if (run.exitCode !== 0) throw new Error(run.output.join('\n'));
};

test.each(Object.keys(released.apps))('%s is upgraded, rolled back and deleted without a replacement', async (example) => {
  const names = given(example);
  const [[stackName, template]] = Object.entries(releasedTemplates(released, example));
  succeeded(await deployReleased(example, names));
  const ids = await physicalIds(stackName);
  expect(Object.keys(ids).sort()).toEqual(Object.keys(template.Resources).sort());
  const before = settings();
  const resources = identities();
  expect(resources.length + local.meetings().length).toBeGreaterThan(0);

  // This version's handlers update, then the earlier version's handlers take everything back.
  const failed = await deployThisVersion(example, names, (stack) => failsAfter(stack, ...stack.node.children));
  expect(failed.exitCode).not.toBe(0);
  expect(failed.events.map(({ ResourceStatusReason }) => ResourceStatusReason).join('\n')).toContain('Custom::RtcNothing is not a resource type');
  expect(await statusOf(stackName)).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await physicalIds(stackName)).toEqual(ids);
  expect(settings()).toEqual(before);

  await local.cloud.forgetCustomResources();
  succeeded(await deployThisVersion(example, names));
  expect(await physicalIds(stackName)).toMatchObject(ids);
  expect(identities()).toEqual(resources);
  const requests = await local.cloud.customResources({ stackName });
  expect(requests).not.toEqual([]);
  expect(requests.map(({ requestType, outcome, reason }) => ({ requestType, outcome, reason })))
    .toEqual(requests.map(() => ({ requestType: 'Update', outcome: 'SUCCESS', reason: undefined })));

  await local.destroyed(stackName);
  // The connector that was there before the stack is there after it, without a streaming configuration.
  for (const { arn, streaming } of names.abcdefghijklmnopqrstuv ? local.connectors() : []) {
    expect(streaming).toBeUndefined();
    local.emulator.applyResource({ action: 'delete', type: 'AWS::Chime::VoiceConnector', region: 'us-east-1', physicalId: arn });
  }
});

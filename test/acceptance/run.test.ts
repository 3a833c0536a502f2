import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { CreateStorageConfigurationCommand, IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import { CreateSignalingChannelCommand, DeleteSignalingChannelCommand, DescribeSignalingChannelCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CfnWaitConditionHandle } from 'aws-cdk-lib';
import type { Subject } from '../../acceptance/cases/subject';
import { type LocalAccount, localAccount } from '../../acceptance/cloud';
import type { Fact, ProbeContext } from '../../acceptance/fact';
import { parseOptions } from '../../acceptance/options';
import { personPolicy } from '../../acceptance/person-policy';
import { EXIT_CODES, runAcceptance } from '../../acceptance/run';

/* Runs on the local cloud, with the policy of the person enforced. */

let cloud: LocalAccount;
let reportsFolder: string;
beforeAll(async () => {
  reportsFolder = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-acceptance-reports-'));
  cloud = await localAccount({ policy: personPolicy('000000000000') });
});
afterAll(async () => {
  await cloud?.stop();
  rmSync(reportsFolder, { recursive: true, force: true });
});
afterEach(() => { cloud.emulator.reset(); });

interface ChannelState {
  readonly name: string;
  readonly status: string;
}

/** The channels that aren't being deleted. */
const channels = () => (cloud.emulator.stateOf('kinesisvideo') as { channels: ChannelState[] }[])
  .flatMap((region) => region.channels.filter(({ status }) => status !== 'DELETING').map(({ name }) => name));

interface Given {
  readonly args?: string[];
  readonly probe?: (context: ProbeContext) => Promise<string>;
  readonly subjects?: Subject[];
  readonly signal?: AbortSignal;
  readonly confirm?: (question: string) => Promise<boolean>;
  /** Replaces the waits of the run. */
  readonly wait?: () => Promise<void>;
  /** The calls to the real-time services that the cloud reports. Default: those of its emulator. */
  readonly calls?: number;
}

let runs = 0;

async function run({ args = ['--yes'], probe, subjects = [], wait, calls, signal = new AbortController().signal, confirm = async () => { throw new Error('asked'); } }: Given) {
  const lines: string[] = [];
  const facts: Fact[] = probe ? [{
    id: 'F-900',
    section: 'Test',
    statement: 's',
    question: 'q',
    assumption: 'a',
    behavior: 'b',
    run: 'standard',
    probe: async (context) => ({ verdict: 'confirmed', observed: await probe(context), evidence: context.calls() }),
  }] : [];
  const result = await runAcceptance({
    cloud: { ...cloud, ...wait && { wait }, ...calls !== undefined && { callsSince: () => ({ calls, throttledCalls: 0 }) } },
    options: parseOptions(['--local', ...args]),
    subjects,
    facts,
    policiesOf: () => [],
    runId: `test${runs += 1}`,
    versions: {},
    args,
    reportsFolder,
    write: (line) => lines.push(line),
    confirm,
    signal,
  });
  return { ...result, text: lines.join('\n') };
}

const nameIn = ({ namePrefix }: ProbeContext) => `${namePrefix}-channel`;

/** A channel whose deletion is registered. */
async function createChannel(context: ProbeContext, { isRegistered = true } = {}): Promise<string> {
  const client = context.client(KinesisVideoClient);
  const { ChannelARN } = await client.send(new CreateSignalingChannelCommand({ ChannelName: nameIn(context) }));
  if (isRegistered) context.onCleanup('channel', async () => { await client.send(new DeleteSignalingChannelCommand({ ChannelARN })); });
  return ChannelARN!;
}

test('a run asks, prints what it will create before, and creates nothing without a yes', async () => {
  let asked = '';
  const { exitCode, text, report } = await run({ args: [], probe: async () => 'not reached', confirm: async (question) => { asked = question; return false; } });
  expect({ exitCode, report, asked }).toEqual({ exitCode: EXIT_CODES.refused, report: undefined, asked: 'Create these resources?' });
  for (const part of ['Account      000000000000', 'Region       us-east-1', 'F-900', 'US dollars', 'Nothing was created.']) expect(text).toContain(part);
});

test('a run writes its report, cleans up, and says that nothing is left', async () => {
  const { exitCode, report, folder, text } = await run({ probe: async (context) => `created ${await createChannel(context)}` });
  expect(exitCode).toBe(EXIT_CODES.passed);
  expect(text).toMatch(/Nothing is left: \d+ searches found no resource\./);
  expect(channels()).toEqual([]);
  expect(report).toMatchObject({ target: 'local', outcome: 'passed', account: '********0000', facts: [{ id: 'F-900', verdict: 'confirmed' }] });
  const [call] = report!.facts[0].evidence;
  expect(call).toEqual({ service: 'Kinesis Video', operation: 'CreateSignalingChannel', requestId: expect.stringMatching(/^emulator-/), status: 200, milliseconds: expect.any(Number) });
  const written = ['report.json', 'report.md'].map((file) => readFileSync(path.join(folder!, file), 'utf8')).join('\n');
  expect(written).toContain('created arn:aws:kinesisvideo:us-east-1:********0000:channel/CdkRtcAcceptance-');
  expect(written).not.toContain('000000000000');
});

test('a run that needs more calls than its estimate fails, and names both numbers', async () => {
  const { exitCode, report } = await run({ calls: 1_000_000, probe: async () => 'reached' });
  expect({ exitCode, cases: report!.cases.map(({ title, status, observed }) => ({ title, status, observed })) }).toEqual({
    exitCode: EXIT_CODES.failed,
    cases: [{ title: 'The run stays within its estimate', status: 'failed', observed: `The run needed 1000000 calls, and the estimate is ${report!.estimate.calls}.` }],
  });
});

test('a planted leftover is found, and the run fails', async () => {
  const { exitCode, report, text } = await run({ probe: async (context) => createChannel(context, { isRegistered: false }) });
  expect(exitCode).toBe(EXIT_CODES.failed);
  expect(report!.leftovers.left).toEqual([{ type: 'AWS::KinesisVideo::SignalingChannel', id: expect.stringContaining('CdkRtcAcceptance-'), region: 'us-east-1' }]);
  expect(text).toContain('1 resource left.');
});

test('a resource that a service still lists for some time after its deletion is not a leftover', async () => {
  let remove = async () => {};
  const { exitCode, report } = await run({
    probe: async (context) => {
      const ChannelARN = await createChannel(context, { isRegistered: false });
      remove = async () => { await context.client(KinesisVideoClient).send(new DeleteSignalingChannelCommand({ ChannelARN })); };
      return 'created';
    },
    wait: async () => {
      await cloud.wait(30);
      await remove();
    },
  });
  expect({ exitCode, left: report!.leftovers.left }).toEqual({ exitCode: EXIT_CODES.passed, left: [] });
});

test('Ctrl-C cleans up', async () => {
  const interruption = new AbortController();
  const { exitCode, report } = await run({
    signal: interruption.signal,
    probe: async (context) => {
      await createChannel(context);
      interruption.abort();
      await context.wait(60);
      return 'not reached';
    },
  });
  expect({ exitCode, outcome: report!.outcome, left: channels() }).toEqual({ exitCode: EXIT_CODES.interrupted, outcome: 'interrupted', left: [] });
});

test('after a run that stopped at once, the next run finds its resources and deletes them first', async () => {
  await run({ probe: async (context) => createChannel(context, { isRegistered: false }) });
  expect(channels()).toHaveLength(1);
  const { exitCode, text, report } = await run({ probe: async () => 'second' });
  expect(exitCode).toBe(EXIT_CODES.passed);
  expect(text).toMatch(/Left by an earlier run: AWS::KinesisVideo::SignalingChannel .*\n[^]*Deleted AWS::KinesisVideo::SignalingChannel/);
  expect({ left: channels(), facts: report!.facts.map(({ observed }) => observed) }).toEqual({ left: [], facts: ['second'] });
});

test('a bucket with objects and a storage configuration that a run left are found by their names, and deleted', async () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = cloud.local.env;
  const owner = new S3Client({ region: 'us-east-1', endpoint: cloud.local.url, credentials: { accessKeyId, secretAccessKey } });
  await run({
    probe: async (context) => {
      const Bucket = `${context.namePrefix}-recordings`.toLowerCase();
      await context.client(S3Client).send(new CreateBucketCommand({ Bucket }));
      for (const Key of ['a/1.ts', 'a/2.ts']) await owner.send(new PutObjectCommand({ Bucket, Key, Body: 'media' }));
      const command = new CreateStorageConfigurationCommand({ name: nameIn(context), s3: { bucketName: Bucket }, tags: context.tags });
      await context.client(IVSRealTimeClient).send(command);
      return 'left';
    },
  });
  const buckets = async () => (await owner.send(new ListBucketsCommand({}))).Buckets!.map(({ Name }) => Name!).filter((name) => name.startsWith('cdkrtcacceptance-'));
  expect(await buckets()).toEqual([expect.stringMatching(/^cdkrtcacceptance-test\d+-recordings$/)]);
  const { exitCode, text } = await run({ args: ['--clean-up', '--yes'] });
  expect(exitCode).toBe(EXIT_CODES.passed);
  expect(text).toMatch(/Deleted AWS::IVS::StorageConfiguration [^]*Deleted AWS::S3::Bucket /);
  expect(await buckets()).toEqual([]);
  expect((cloud.emulator.stateOf('ivs-realtime') as { storageConfigurations: object[] }[])[0].storageConfigurations).toEqual([]);
  owner.destroy();
});

test('a denied permission is reported as such, and the run cleans up', async () => {
  const { exitCode, report } = await run({
    probe: async (context) => {
      await createChannel(context);
      await context.client(KinesisVideoClient).send(new CreateSignalingChannelCommand({ ChannelName: 'production' }));
      return 'not reached';
    },
  });
  expect(exitCode).toBe(EXIT_CODES.failed);
  expect(report!.facts[0]).toMatchObject({ verdict: 'failed', observed: expect.stringMatching(/^denied permission: .*kinesisvideo:CreateSignalingChannel on resource/) });
  expect(channels()).toEqual([]);
});

test('a throttled account is reported as such, and the run cleans up', async () => {
  const { report } = await run({
    probe: async (context) => {
      const ChannelARN = await createChannel(context);
      const fault = cloud.emulator.addFault({ kind: 'throttle', operation: 'DescribeSignalingChannel' });
      return context.client(KinesisVideoClient).send(new DescribeSignalingChannelCommand({ ChannelARN })).then(() => 'not reached').finally(() => cloud.emulator.removeFaults(fault));
    },
  });
  expect(report!.facts[0]).toMatchObject({ verdict: 'failed', observed: expect.stringMatching(/^throttled account: /) });
  expect(channels()).toEqual([]);
});

test('an expired session is reported as such, nothing is claimed about leftovers, and a later run deletes them', async () => {
  const { exitCode, report, text } = await run({
    probe: async (context) => {
      const ChannelARN = await createChannel(context);
      cloud.emulator.addFault({ kind: 'error', service: 'kinesisvideo', error: 'ExpiredTokenException', status: 403, message: 'The security token included in the request is expired' });
      await context.client(KinesisVideoClient).send(new DescribeSignalingChannelCommand({ ChannelARN }));
      return 'not reached';
    },
  });
  expect(exitCode).toBe(EXIT_CODES.failed);
  expect(report!.facts[0]).toMatchObject({ verdict: 'failed', observed: 'expired session: The security token included in the request is expired' });
  expect(report!.cases).toContainEqual(expect.objectContaining({ title: 'Cleanup: channel', status: 'failed', observed: expect.stringContaining('expired session') }));
  expect(text).toContain('Unknown whether a resource is left: 2 searches failed (kinesisvideo, kinesisvideo).');
  cloud.emulator.removeFaults();
  expect((await run({ args: ['--clean-up', '--yes'] })).exitCode).toBe(EXIT_CODES.passed);
  expect(channels()).toEqual([]);
});

test('an account with resources that another stack owns is refused, and these resources are never changed', async () => {
  cloud.emulator.applyResource({
    action: 'create',
    type: 'AWS::KinesisVideo::SignalingChannel',
    region: 'us-east-1',
    properties: {
      Name: 'front-door', Tags: [{ Key: 'cdk-rtc:stack', Value: 'arn:aws:cloudformation:us-east-1:000000000000:stack/Production/1' }],
    },
  });
  const refused = await run({ probe: async () => 'not reached' });
  expect({ exitCode: refused.exitCode, report: refused.report }).toEqual({ exitCode: EXIT_CODES.refused, report: undefined });
  expect(refused.text).toMatch(/1 resource of cdk-rtc .*Production.*--allow-existing/);
  const allowed = await run({ args: ['--yes', '--allow-existing'], probe: async () => 'reached' });
  expect(allowed.exitCode).toBe(EXIT_CODES.passed);
  expect((await run({ args: ['--clean-up', '--yes', '--allow-existing'] })).exitCode).toBe(EXIT_CODES.passed);
  expect(channels()).toEqual(['front-door']);
});

test('--keep-on-failure keeps the stack of a failed case, and --clean-up deletes it. With a failed case, the estimate is no limit', async () => {
  let isFirst = true;
  const failing: Subject = {
    area: 'signaling',
    construct: 'Nothing',
    id: 'Nothing',
    type: 'AWS::CloudFormation::WaitConditionHandle',
    properties: [],
    expected: (variant) => (variant === 'created' ? { state: {} } : undefined),
    build: (scope) => new CfnWaitConditionHandle(scope, 'Handle').ref,
    observe: async () => {
      // After the creation that is rolled back, there is nothing.
      if (!isFirst) throw new Error('the state is wrong');
      isFirst = false;
      return undefined;
    },
  };
  const { exitCode, report, text } = await run({ args: ['--yes', '--keep-on-failure'], subjects: [failing], calls: 1_000_000 });
  expect(exitCode).toBe(EXIT_CODES.failed);
  expect(report!.cases.map(({ title }) => title)).not.toContain('The run stays within its estimate');
  expect(report!.cases.find(({ kind }) => kind === 'create')).toMatchObject({ status: 'failed', observed: 'the state is wrong' });
  expect(text).toContain('--keep-on-failure keeps the resources');
  expect(report!.leftovers.left).toContainEqual({ type: 'AWS::CloudFormation::Stack', id: expect.stringContaining('-Lifecycle'), region: 'us-east-1' });
  const cleaned = await run({ args: ['--clean-up', '--yes'] });
  expect(cleaned.exitCode).toBe(EXIT_CODES.passed);
});

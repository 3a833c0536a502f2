import { cpSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { Emulator, type RunningServer, startServer } from '../../local/emulator';
import { type CdkStackRun, deploy, destroy, tsxApp } from '../../local/launcher/cdk';
import { type LocalCloud, startLocalCloud } from '../../local/launcher/local-cloud';
import { eventChoices, type KindOfEvent, serviceEventOf } from '../../local/page/service-events';
import { eventually } from '../eventually';
import { Installation } from '../installation';

/*
 * Apps of users on the local cloud, without a change for it: each in a project of its own with the library as it is installed. The apps combine
 * the constructs with other services, such as AWS IoT, Amazon Cognito, HTTP APIs, and Amazon ECS.
 */
const PROJECT = path.join(__dirname, '..', '..');
const PRODUCTS = path.join(__dirname, '..', 'products');

let emulator: Emulator;
let server: RunningServer;
let cloud: LocalCloud;
let installation: Installation;
beforeAll(async () => {
  emulator = new Emulator({ principals: async (accessKeyId) => cloud.principal(accessKeyId) as never });
  server = await startServer(emulator);
  cloud = await startLocalCloud({ emulatorUrl: server.url });
  installation = new Installation();
  const library = installation.installCopy('1.2.3');
  cpSync(path.join(PROJECT, 'lib', 'lambda'), path.join(library, 'lib', 'lambda'), { recursive: true });
  installation.write(path.join(library, 'lib', 'lambda', 'cdk-rtc.json'), JSON.stringify({ name: 'cdk-rtc', version: '1.2.3' }));
  cpSync(PRODUCTS, installation.folder, { recursive: true });
});
afterAll(async () => {
  await cloud?.stop();
  await server?.close();
  installation?.remove();
});

const appOf = (product: string) => ({ app: tsxApp(path.join(installation.folder, `${product}.ts`)), cwd: installation.folder });

async function deployed(product: string): Promise<Record<string, string>> {
  const { exitCode, output, outputs } = await deploy(cloud, appOf(product));
  if (exitCode !== 0) throw new Error(output.join('\n'));
  return Object.values(outputs)[0];
}

async function destroyed(product: string): Promise<CdkStackRun> {
  const run = await destroy(cloud, appOf(product));
  if (run.exitCode !== 0) throw new Error(run.output.join('\n'));
  return run;
}

/** Emits an event about the only resource of its kind, and waits for the function that its rule invokes. */
async function emitted(kind: KindOfEvent, functionName: string): Promise<void> {
  const before = (await cloud.invocations()).at(-1)?.id ?? 0;
  const { resources: [{ arn }] } = eventChoices(emulator.state()).find((choice) => choice.kind === kind)!;
  expect(await cloud.emitEvent(serviceEventOf({ kind, resource: arn }, emulator.state(), new Date()))).toHaveLength(1);
  const invocation = await eventually(async () => (await cloud.invocations(before)).find((one) => one.functionName === functionName && one.endedAt));
  expect(invocation.outcome).toBe('SUCCESS');
}

function nothingIsLeft(): void {
  const regions = Object.values(emulator.state()).flat() as object[];
  expect(regions.flatMap((region) => Object.values(region).filter(Array.isArray).flat())).toEqual([]);
}

test('camera fleet: AWS IoT, Amazon Cognito, images in a bucket, and an alarm with metric math', async () => {
  const outputs = await deployed('camera-fleet');
  expect(outputs).toMatchObject({
    frontEndpoint: expect.stringMatching(/^wss:/), backEndpoint: expect.stringMatching(/^wss:/), RoleAlias: expect.stringContaining('CameraFleet-DeviceAlias'),
  });
  await destroyed('camera-fleet');
  nothingIsLeft();
});

test('contact center: a call starts a function that uses the AWS SDK of the runtime', async () => {
  const { AnalyzerName } = await deployed('contact-center');
  await emitted('streamingStarted', AnalyzerName);
  await destroyed('contact-center');
  nothingIsLeft();
});

test('video visits: an HTTP API with an authorizer checks out meetings, and the end of a meeting starts a function', async () => {
  const { ApiId, RecordName } = await deployed('video-visits');
  const post = async (authorization: string) => fetch(`${cloud.url}/_aws/execute-api/${ApiId}/$default/visits`, { method: 'POST', headers: { authorization } });
  expect((await post('another patient')).status).toBe(403);
  const answer = await post('patient-1');
  expect(await answer.json()).toMatchObject({ Meeting: { MeetingId: expect.any(String) }, Attendees: [{ ExternalUserId: 'patient-1' }] });
  await emitted('meetingEnded', RecordName);
  await destroyed('video-visits');
  nothingIsLeft();
});

test('live studio: a task of Amazon ECS in a VPC gets the stream key from its secret', async () => {
  const outputs = await deployed('live-studio');
  expect(outputs).toMatchObject({ ParticipantId: expect.any(String), TaskDefinition: expect.stringContaining(':task-definition/') });
  await destroyed('live-studio');
  nothingIsLeft();
});

test('each product has a test', () => {
  expect(readdirSync(PRODUCTS).sort()).toEqual(['camera-fleet.ts', 'contact-center.ts', 'live-studio.ts', 'video-visits.ts']);
});

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { isAlive } from './sandbox';
import { deploy, destroy, diff, synth, tsxApp } from '../../../local/launcher/cdk';
import { startLocalCloud, type LocalCloud } from '../../../local/launcher/local-cloud';
import { eventually } from '../../eventually';

let cloud: LocalCloud;
let folder: string;
const progress: string[] = [];
const app = { app: tsxApp('app.ts'), cwd: path.join(__dirname, 'fixtures') };

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'cdk-test-'));
  cloud = await startLocalCloud({ onProgress: (message) => progress.push(message) }); // IAM is enforced
});
afterAll(async () => {
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the cloud comes bootstrapped', () => {
  expect(progress.at(-1)).toBe('bootstrapped aws://000000000000/us-east-1');
});

test('a stack with the default synthesizer, from deploy to destroy', async () => {
  const lines: [string, number][] = [];
  const assembly = path.join(folder, 'first');
  expect((await synth(cloud, app, assembly)).exitCode).toBe(0);
  expect(existsSync(path.join(assembly, 'FixtureStack.template.json'))).toBe(true);

  const deployed = await deploy(cloud, { ...app, app: assembly }, { onOutput: (line, atMs) => lines.push([line, atMs]) });
  expect(deployed.exitCode).toBe(0);
  expect(deployed.outputs).toEqual({ FixtureStack: { Value: 'first' } });
  expect(deployed.events.map(({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`))
    .toEqual(expect.arrayContaining(['Thing CREATE_IN_PROGRESS', 'Thing CREATE_COMPLETE', 'FixtureStack CREATE_COMPLETE']));
  expect(lines.map(([line]) => line)).toEqual(deployed.output);
  expect(lines.at(-1)![1]).toBeLessThanOrEqual(deployed.durationMs);

  const refused = { ...app, context: { value: 'refused' } };
  const differences = await diff(cloud, refused);
  expect(differences.output.join('\n')).toContain('Custom::Thing');

  const failed = await deploy(cloud, refused);
  expect(failed.exitCode).toBe(1);
  expect(failed.output.join('\n')).toContain('Message returned: Error: The thing cannot have this value: choose another one.');
  expect(failed.events.map(({ ResourceStatus }) => ResourceStatus)).toContain('UPDATE_ROLLBACK_COMPLETE');
  expect(failed.events.map(({ ResourceStatus }) => ResourceStatus)).not.toContain('CREATE_COMPLETE');

  const destroyed = await destroy(cloud, { ...app, app: assembly });
  expect(destroyed.exitCode).toBe(0);
  expect(destroyed.events.at(-1)).toMatchObject({ LogicalResourceId: 'FixtureStack', ResourceStatus: 'DELETE_COMPLETE' });
  expect((await cloud.customResources()).map(({ requestType, outcome }) => `${requestType} ${outcome}`))
    .toEqual(['Create SUCCESS', 'Update FAILED', 'Update SUCCESS', 'Delete SUCCESS']);
});

test('a function without the grant is refused by IAM', async () => {
  const failed = await deploy(cloud, { ...app, context: { grant: 'no' } });
  expect(failed.exitCode).toBe(1);
  expect(failed.output.join('\n')).toMatch(/not authorized to perform: ssm:PutParameter/);
});

test('the CLI ends with a killed program', async () => {
  const marker = path.join(folder, 'started');
  const program = spawn(process.execPath, [require.resolve('tsx/cli'), path.join(__dirname, 'fixtures', 'deploying-program.ts'), marker]);
  const ended = new Promise((resolve) => program.once('close', resolve));
  const pids = await eventually(() => existsSync(marker) && readFileSync(marker, 'utf8').split(' ').filter(Boolean).map(Number));
  pids.slice(0, 1).forEach((pid) => process.kill(pid, 'SIGKILL'));
  await eventually(() => !pids.some(isAlive));
  program.kill();
  await ended;
});

test('the CLI leaves no trace of the cloud in the user\'s own cache', () => {
  expect(readFileSync(path.join(cloud.env.CDK_HOME, 'cache', 'accounts_partitions.json'), 'utf8')).toContain('000000000000');
});

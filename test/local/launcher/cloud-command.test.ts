import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { KinesisVideo } from '@aws-sdk/client-kinesis-video';
import { isAlive } from './sandbox';
import { killGroup } from '../../../local/launcher/owned-processes';
import { defaultCacheDir } from '../../../local/launcher/python-environment';
import { shellSettings } from '../../../local/start';
import { eventually } from '../../eventually';

const ROOT = path.join(__dirname, '..', '..', '..');
const READY = 'Ctrl-C here stops the local cloud';

let tempRoot: string;
beforeEach(() => { tempRoot = mkdtempSync(path.join(os.tmpdir(), 'cloud-command-')); });
const commands: Command[] = [];
afterEach(async () => {
  for (const { child } of commands.splice(0)) killGroup(child);
  await eventually(() => processesOfTempRoot().length === 0);
  rmSync(tempRoot, { recursive: true, force: true });
});

/** `npm run cloud`, as a terminal runs it: the leader of a process group. */
class Command {
  public readonly child: ChildProcess;
  public readonly lines: string[] = [];
  public readonly ended: Promise<number | null>;

  constructor(...args: string[]) {
    this.child = spawn('npm', ['run', '--silent', 'cloud', '--', ...args], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: tempRoot, TSX_DISABLE_CACHE: '1', NODE_DISABLE_COMPILE_CACHE: '1', CDK_RTC_LOCAL_CLOUD_CACHE: defaultCacheDir(), AWS_PROFILE: 'production' },
    });
    commands.push(this);
    for (const stream of [this.child.stdout!, this.child.stderr!]) createInterface({ input: stream }).on('line', (line) => this.lines.push(line));
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  public async printed(part: string): Promise<string> {
    let hasEnded = false;
    void this.ended.then(() => { hasEnded = true; });
    const line = await eventually(() => this.lines.find((one) => one.includes(part)) ?? hasEnded);
    if (line === true) throw new Error(`The command ended without "${part}":\n${this.lines.join('\n')}`);
    return line;
  }

  /** The environment of a shell that has run the printed lines. */
  public settings(): Record<string, string> {
    return Object.fromEntries(this.lines.flatMap((line) => { const match = /^export (\w+)=(.*)$/.exec(line); return match ? [[match[1], match[2]]] : []; }));
  }
}

/** The processes that were started with this temporary folder, or with a folder in it. */
function processesOfTempRoot(): number[] {
  const environment = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8');
    } catch {
      return ''; // the process has ended
    }
  };
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && environment(pid).includes(`=${tempRoot}`)).map(Number).filter(isAlive);
}

test('prints settings, with which any SDK client reaches the local cloud and its emulators', async () => {
  const command = new Command();
  await command.printed(READY);
  const settings = command.settings();
  expect(settings).toMatchObject({
    AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1', CDK_DEFAULT_ACCOUNT: '000000000000', CDK_DEFAULT_REGION: 'us-east-1',
  });
  expect(command.lines.find((line) => line.startsWith('unset '))).toContain('AWS_PROFILE');
  const cfn = new CloudFormation({ endpoint: settings.AWS_ENDPOINT_URL, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const { Stacks: [{ StackStatus }] = [] as never } = await cfn.describeStacks({ StackName: 'CDKToolkit' });
  expect(StackStatus).toBe('CREATE_COMPLETE');
  cfn.destroy();
  const video = new KinesisVideo({ endpoint: settings.AWS_ENDPOINT_URL_KINESIS_VIDEO, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  expect((await video.listSignalingChannels({})).ChannelInfoList).toEqual([]);
  video.destroy();
  const page = /http:\S+/.exec(await command.printed('The page of the local cloud'))![0];
  expect(await (await fetch(page)).text()).toContain('<title>');
});

test.each([
  ['Ctrl-C in the terminal', READY, (pid: number) => process.kill(-pid, 'SIGINT')],
  ['Ctrl-C twice', READY, (pid: number) => { process.kill(-pid, 'SIGINT'); process.kill(-pid, 'SIGINT'); }],
  ['Ctrl-C while the local cloud starts', 'ministack answers', (pid: number) => process.kill(-pid, 'SIGINT')],
  ['a closed terminal', READY, (pid: number) => process.kill(-pid, 'SIGHUP')],
  ['SIGINT to npm alone', READY, (pid: number) => process.kill(pid, 'SIGINT')],
  ['SIGTERM to npm alone', READY, (pid: number) => process.kill(pid, 'SIGTERM')],
  ['SIGKILL to npm alone', READY, (pid: number) => process.kill(pid, 'SIGKILL')],
])('%s stops all processes and deletes the folder', async (_, moment, end) => {
  const command = new Command();
  await command.printed(moment);
  expect(readdirSync(tempRoot)).toEqual([expect.stringMatching(/^cdk-rtc-local-cloud-/)]);
  end(command.child.pid!);
  await eventually(() => processesOfTempRoot().length === 0);
  expect(readdirSync(tempRoot)).toEqual([]);
});

test.each([[['--port', 'http']], [['--port', '0']], [['--ports', '80']]])('rejects %s before it starts anything', async (args) => {
  const command = new Command(...args);
  expect(await command.ended).toBe(1);
  expect(command.lines.join('\n')).toContain(args[0]);
  expect(readdirSync(tempRoot)).toEqual([]);
});

test('settings remove the variables of the user that lead to an account or through a proxy, and quote values', () => {
  expect(shellSettings(
    { AWS_REGION: 'us-east-1', CDK_HOME: "/tmp/it's here", HOME: '/home/me' },
    { AWS_PROFILE: 'production', AWS_REGION: 'eu-west-1', https_proxy: 'http://proxy', HOME: '/home/me' },
  )).toEqual(['unset AWS_PROFILE https_proxy', 'export AWS_REGION=us-east-1', "export CDK_HOME='/tmp/it'\\''s here'"]);
});

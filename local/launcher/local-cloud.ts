import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootstrap, endClis, keepCli } from './cdk';
import { CliProcess } from './cli-process';
import { disown, killGroup, own } from './owned-processes';
import { defaultCacheDir, preparePythonEnvironment, type PythonEnvironment } from './python-environment';

/** The services of the RTC emulator: the end of the SDK's AWS_ENDPOINT_URL_… variable, and the path below the emulator's URL. */
export const RTC_SERVICES = {
  CHIME: 'chime',
  CHIME_SDK_MEETINGS: 'chime-sdk-meetings',
  CHIME_SDK_VOICE: 'chime-sdk-voice',
  IVS_REALTIME: 'ivs-realtime',
  KINESIS_VIDEO: 'kinesisvideo',
  KINESIS_VIDEO_SIGNALING: 'kinesis-video-signaling',
} as const;
export type RtcService = keyof typeof RTC_SERVICES;

export interface LocalCloudOptions {
  /** Base URL of the RTC emulator: its services are below it (see RTC_SERVICES), and its control routes. */
  readonly emulatorUrl?: string;
  /** Endpoints of single services, where they are elsewhere. */
  readonly endpoints?: Partial<Record<RtcService, string>>;
  /** Where `/_cloud/resources` is asked for, when not at `emulatorUrl`. */
  readonly controlUrl?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default: us-east-1. */
  readonly region?: string;
  /** Enforce IAM. Default: true. */
  readonly auth?: boolean;
  /** Run `cdk bootstrap`. Default: true. */
  readonly bootstrap?: boolean;
  readonly settings?: Partial<LocalCloudSettings>;
  /** More environment variables for ministack, and so for every function. */
  readonly environment?: Record<string, string>;
  /** Cache of the Python packages. Default: see python-environment.ts. */
  readonly cacheDir?: string;
  /** The folder that the cloud creates its own folder in. Default: the temporary folder of the machine. */
  readonly tempRoot?: string;
  readonly onProgress?: (message: string, atMs: number) => void;
}

/** What can be changed while the cloud runs. */
export interface LocalCloudSettings {
  /** Custom resources of one stack operation under way at the same time. */
  readonly customResourceConcurrency: number;
  /** PhysicalResourceId of the Update that takes a replaced custom resource back (unverified: F-70). */
  readonly rollbackPhysicalId: 'new' | 'old';
  /** Seconds between the three attempts of a clean-up Delete. */
  readonly cleanupRetrySeconds: number;
  /** Seconds until a killed delivery is delivered again. */
  readonly redeliverySeconds: number;
  /** The account's quota of concurrent Lambda executions; 0: none. */
  readonly lambdaConcurrency: number;
}

/** How much of the quota of concurrent Lambda executions was used since it was set. */
export interface LambdaConcurrency {
  readonly quota: number;
  /** The most executions at once. */
  readonly peak: number;
  /** Invocations that were refused. */
  readonly throttled: number;
}

/** One request to a custom resource, as the journal has it. */
export interface CustomResourceRequest {
  readonly stackName: string;
  readonly stackId: string;
  readonly requestType: 'Create' | 'Update' | 'Delete';
  readonly resourceType: string;
  readonly logicalId: string;
  readonly physicalId: string | null;
  readonly requestId: string;
  readonly properties: Record<string, unknown>;
  readonly oldProperties: Record<string, unknown> | null;
  readonly sentAt: string;
  readonly endedAt?: string;
  /** The reason why a deletion can take minutes: the creation ended without a response. */
  readonly waitsFor?: string;
  /** How often the event went to the function. */
  readonly deliveries: number;
  readonly answer?: ReceivedAnswer;
  /** Responses that CloudFormation ignores: after the first response, after the timeout, or after a cancellation. */
  readonly ignoredAnswers?: ReceivedAnswer[];
  readonly outcome?: 'SUCCESS' | 'FAILED' | 'REFUSED' | 'TIMED_OUT' | 'CANCELLED';
  readonly reason?: string;
  readonly fault?: CustomResourceFault['fault'];
  /** Processes that the fault has killed. */
  readonly killed?: number;
}

export interface ReceivedAnswer {
  readonly at: string;
  readonly bytes: number;
  readonly body: string;
}

/** One invocation of a function. For an event of CloudFormation it has the request, but none of the properties. */
export interface Invocation {
  /** Counts up. */
  readonly id: number;
  readonly requestId: string;
  /** Root of the trace id that the SDKs send with each of its calls. */
  readonly traceId: string;
  readonly functionName: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly outcome?: 'SUCCESS' | 'FAILED';
  readonly stackId?: string;
  readonly logicalId?: string;
  readonly requestType?: 'Create' | 'Update' | 'Delete';
  readonly customResourceRequestId?: string;
}

/** A fault for the next matching custom-resource request. */
export interface CustomResourceFault {
  /** `duplicate`: the event comes twice. `kill`: the function's process is killed and the event is delivered again. `lose-answer`: the response never arrives. */
  readonly fault: 'duplicate' | 'kill' | 'lose-answer';
  readonly requestType?: 'Create' | 'Update' | 'Delete';
  readonly logicalId?: string;
  /** When the second delivery comes, or the kill. Default: at once. */
  readonly afterSeconds?: number;
  /** Kill the functions with this part in their name, instead of the one that the service token names. */
  readonly functionName?: string;
  /** Whether the killed event comes again. Default: true. */
  readonly redeliver?: boolean;
  /** How many requests it hits. Default: 1. */
  readonly times?: number;
}

export interface SupportedByLocalCloud {
  readonly resourceTypes: string[];
  /** By their names in signatures. */
  readonly services: string[];
}

/** An event that an AWS service emits. */
export interface ServiceEvent {
  /** For example `aws.chime`. */
  readonly source: string;
  readonly detailType: string;
  readonly detail: Record<string, unknown>;
  /** ARNs. Default: none. */
  readonly resources?: readonly string[];
}

/** A role session and what it may do at this moment. */
export interface Principal {
  readonly arn: string;
  readonly account: string;
  readonly roleName: string;
  readonly roleArn?: string;
  readonly policies: object[];
  readonly boundary?: object;
  /** Whether the role of the session was deleted. */
  readonly isRoleDeleted?: boolean;
}

export interface LocalCloud {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly account: string;
  readonly region: string;
  /** Environment for the CLI, apps, and SDK clients: points at this cloud and the emulator, and at nothing else. */
  readonly env: Record<string, string>;
  /** A folder that is removed with the cloud. */
  readonly tempDir: string;
  customResources(filter?: { stackName?: string }): Promise<CustomResourceRequest[]>;
  forgetCustomResources(): Promise<void>;
  /** The newest 5,000 of all functions, those of the provider framework too. `after`: an id. */
  invocations(after?: number): Promise<Invocation[]>;
  lambdaConcurrency(): Promise<LambdaConcurrency>;
  injectFault(fault: CustomResourceFault): Promise<void>;
  /** The resource types of CloudFormation and the services, in addition to those of the RTC emulator. */
  supported(): Promise<SupportedByLocalCloud>;
  /** Emits an event of an AWS service on the default event bus, which PutEvents refuses. Returns the names of the rules that match. */
  emitEvent(event: ServiceEvent): Promise<string[]>;
  configure(settings: Partial<LocalCloudSettings>): Promise<LocalCloudSettings>;
  /**
   * Who calls with this access key: a role session with the policies of this moment, the account itself (the key in
   * `env`), or undefined for a key that is neither. It fits the emulator's `principals`.
   */
  principal(accessKeyId: string): Promise<Principal | 'unrestricted' | undefined>;
  /** What a function answers to an event; throws what it throws. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** ministack's own log. */
  log(): string;
  stop(): Promise<void>;
}

const ACCOUNT = '000000000000';
/** ministack takes this key for the account's root user. */
const ROOT_KEY = 'test';
const HOST = '127.0.0.1';
/** Only for a process that neither answers nor ends: on a busy machine a start can take minutes. */
const START_TIMEOUT_MS = 600_000;
/** Then the process is killed; what depends on its own clean-up is done here as well. */
const STOP_TIMEOUT_MS = 3_000;

/** Starts ministack with the launcher's changes, bootstrapped for the CDK. It ends with stop(), and with this process. */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const started = performance.now();
  const progress = (message: string) => options.onProgress?.(message, performance.now() - started);
  if (options.port !== undefined) {
    await refuseTakenPort(options.port);
  }
  const python = await preparePythonEnvironment({ cacheDir: options.cacheDir, onProgress: progress });
  const folder = mkdtempSync(path.join(options.tempRoot ?? os.tmpdir(), 'cdk-rtc-local-cloud-'));
  const region = options.region ?? 'us-east-1';
  const logFile = path.join(folder, 'ministack.log');
  const portFile = path.join(folder, 'port');

  const child = spawnMinistack(python, folder, logFile, ministackEnvironment(options, python, folder, portFile, region));
  const owned = own(child, [folder]);
  // Loads while ministack starts.
  const cli = options.bootstrap ?? true ? new CliProcess() : undefined;
  let cloud: LocalCloud | undefined;
  const stop = async () => {
    await cli?.end();
    if (cloud) await endClis(cloud);
    await stopMinistack(child);
    disown(owned);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const port = await startedPort(child, portFile, logFile);
    const url = `http://${HOST}:${port}`;
    progress(`ministack answers on ${url}`);
    cloud = {
      url,
      port,
      pid: child.pid!,
      account: ACCOUNT,
      region,
      env: clientEnvironment(options, folder, url, region),
      tempDir: folder,
      customResources: async ({ stackName } = {}) => getJson(
        `${url}/_ministack/custom-resources${stackName ? `?stackName=${encodeURIComponent(stackName)}` : ''}`),
      forgetCustomResources: async () => sendJson('DELETE', `${url}/_ministack/custom-resources`),
      invocations: async (after = 0) => getJson(`${url}/_ministack/invocations?after=${after}`),
      lambdaConcurrency: async () => getJson(`${url}/_ministack/concurrency`),
      injectFault: async (fault) => sendJson('POST', `${url}/_ministack/custom-resources/faults`, fault),
      supported: async () => getJson(`${url}/_ministack/supported`),
      emitEvent: async (event) => (await sendJson<{ rules: string[] }>('POST', `${url}/_ministack/events`, event)).rules,
      configure: async (settings) => sendJson('PUT', `${url}/_ministack/settings`, settings),
      principal: async (accessKeyId) => accessKeyId === ROOT_KEY ? 'unrestricted' : getJson(`${url}/_ministack/principal?accessKeyId=${encodeURIComponent(accessKeyId)}`),
      invoke: async (functionName, event) => invoke(url, region, functionName, event),
      log: () => readFileSync(logFile, 'utf8'),
      stop,
    };
    if (cli) keepCli(cloud, cli);
    if (options.settings) {
      await cloud.configure(options.settings);
    }
    if (options.bootstrap ?? true) {
      await bootstrapOrThrow(cloud);
      progress(`bootstrapped aws://${ACCOUNT}/${region}`);
    }
    return cloud;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An early refusal, before anything is installed. What counts is the bind of ministack itself, which has the same sentence. */
async function refuseTakenPort(port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(port, HOST, () => server.close(() => resolve()));
    });
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new Error(taken
      ? `Port ${port} on ${HOST} is already in use; name another one, or none to get a free one.`
      : `Port ${port} on ${HOST} cannot be used: ${(error as Error).message}`);
  }
}

// ---- environments ----------------------------------------------------------------------------------------------------

function ministackEnvironment(
  options: LocalCloudOptions, python: PythonEnvironment, folder: string, portFile: string, region: string,
): Record<string, string> {
  const control = options.controlUrl ?? options.emulatorUrl;
  return {
    ...withoutAws(process.env),
    ...python.env,
    PYTHONDONTWRITEBYTECODE: '1',
    BIND_HOST: HOST, // ministack's own default is every interface
    MINISTACK_HOST: HOST,
    GATEWAY_PORT: String(options.port ?? 0), // 0: ministack takes a free port itself, and writes which
    LAUNCHER_PORT_FILE: portFile,
    // Listeners on fixed ports that nothing here needs: they cost seconds of each start, and two clouds would collide.
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    MINISTACK_REGION: region,
    AUTH: String(options.auth ?? true),
    TMPDIR: folder, // it leaves code copies of functions in its temporary folder
    LAUNCHER_REMOVES_TMPDIR: '1',
    LAUNCHER_STOPS_WITH_STDIN: '1',
    LAUNCHER_NODE_MODULES: path.join(__dirname, '..', '..', 'node_modules'),
    LAUNCHER_CACHE: options.cacheDir ?? defaultCacheDir(),
    LAUNCHER_NPM_ENVIRONMENT: JSON.stringify(proxySettings(process.env)),
    ...rtcEndpoints(options), // functions inherit them, and the deployed template stays the library's own
    ...(control ? { RTC_CONTROL_URL: control } : {}),
    ...options.environment,
  };
}

function clientEnvironment(options: LocalCloudOptions, folder: string, url: string, region: string): Record<string, string> {
  return {
    ...withoutAws(process.env),
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: ROOT_KEY,
    AWS_SECRET_ACCESS_KEY: ROOT_KEY,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    // The user's profiles must neither be used nor be in the way.
    AWS_CONFIG_FILE: path.join(folder, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'no-aws-credentials'),
    ...rtcEndpoints(options),
    CDK_HOME: path.join(folder, 'cdk-home'), // the CLI remembers accounts by access key
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DEFAULT_ACCOUNT: ACCOUNT,
    CDK_DEFAULT_REGION: region,
    JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: process.versions.node.split('.')[0],
  };
}

function rtcEndpoints(options: LocalCloudOptions): Record<string, string> {
  const services = Object.entries(RTC_SERVICES) as [RtcService, string][];
  return Object.fromEntries(services.flatMap(([service, servicePath]) => {
    const endpoint = options.endpoints?.[service] ?? (options.emulatorUrl && new URL(servicePath, withSlash(options.emulatorUrl)).href);
    return endpoint ? [[`AWS_ENDPOINT_URL_${service}`, endpoint]] : [];
  }));
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** Our environment without anything that could lead to a real account, or through a proxy to a cloud on this machine. */
function withoutAws(env: NodeJS.ProcessEnv): Record<string, string> {
  const foreign = /^(AWS_|CDK_|https?_proxy$|all_proxy$|NODE_OPTIONS$)/i;
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== undefined && !foreign.test(name))) as Record<string, string>;
}

/** npm installs packages of the Lambda runtimes through the user's proxy. */
function proxySettings(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== undefined && /^(https?_|all_|no_)proxy$/i.test(name))) as Record<string, string>;
}

// ---- the process -----------------------------------------------------------------------------------------------------

function spawnMinistack(python: PythonEnvironment, folder: string, logFile: string, env: Record<string, string>): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    return spawn(python.python, [path.join(__dirname, 'patched_ministack.py')], {
      cwd: folder,
      env,
      stdio: ['pipe', log, log], // stdin: it ends when this pipe closes, and so with us
      detached: true, // a group of its own, with all the functions it starts
    });
  } finally {
    closeSync(log);
  }
}

/** The port of a ministack that answers. */
async function startedPort(child: ChildProcess, portFile: string, logFile: string): Promise<number> {
  let failure: string | undefined;
  child.once('error', (error) => { failure = error.message; });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (failure !== undefined || child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`ministack did not start: ${failure ?? lastLine(logFile)}`);
    }
    const port = existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : undefined;
    if (port !== undefined && await isHealthy(port)) {
      return port;
    }
    await sleep(50);
  }
  throw new Error(`ministack did not answer within ${START_TIMEOUT_MS / 1000} s: ${lastLine(logFile)}`);
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://${HOST}:${port}/_ministack/health`)).ok;
  } catch {
    return false; // Not listening yet.
  }
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').filter((line) => line.trim()).at(-1) ?? 'no output';
}

async function stopMinistack(child: ChildProcess): Promise<void> {
  const ended = child.exitCode !== null || child.signalCode !== null || child.pid === undefined
    ? Promise.resolve()
    : new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.end();
  await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  killGroup(child);
  await ended;
}

async function bootstrapOrThrow(cloud: LocalCloud): Promise<void> {
  const { exitCode, output } = await bootstrap(cloud, cloud.account);
  if (exitCode !== 0) {
    throw new Error(`cdk bootstrap failed:\n${output.join('\n')}`);
  }
}

// ---- ministack's routes ----------------------------------------------------------------------------------------------

/** Signatures are read for their access key, and not verified. */
async function invoke(url: string, region: string, functionName: string, event: unknown): Promise<unknown> {
  const response = await fetch(`${url}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${ROOT_KEY}/20260101/${region}/lambda/aws4_request, SignedHeaders=host, Signature=0` },
    body: JSON.stringify(event),
  });
  const answer = await response.text();
  if (!response.ok || response.headers.has('x-amz-function-error')) throw new Error(answer);
  return JSON.parse(answer);
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (response.status === 404) {
    return undefined as T;
  }
  return readAnswer(response);
}

async function sendJson<T>(method: string, url: string, body?: object): Promise<T> {
  return readAnswer(await fetch(url, { method, body: body && JSON.stringify(body) }));
}

async function readAnswer<T>(response: Response): Promise<T> {
  const content = await response.json() as T & { message?: string };
  if (!response.ok) {
    throw new Error(content.message);
  }
  return content;
}

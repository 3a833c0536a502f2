import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { disown, killGroup, own } from './owned-processes';

const run = promisify(execFile);

/**
 * ministack and everything it depends on, as resolved on Python 3.11. The launcher changes ministack from outside by
 * the names of its functions, so its version is part of the launcher's code.
 */
const REQUIREMENTS = [
  'ministack==1.5.33',
  'boto3==1.43.106', // the Python runtimes of Lambda contain it
  'botocore==1.43.106',
  'defusedxml==0.7.1',
  'graphql-core==3.2.12',
  'h11==0.16.0',
  'h2==4.4.1',
  'hpack==4.2.0',
  'Hypercorn==0.18.0',
  'hyperframe==6.1.0',
  'jmespath==1.1.0',
  'jsonata-python==0.7.1',
  'priority==2.0.0',
  'python-dateutil==2.9.0.post0',
  'PyYAML==6.0.3',
  's3transfer==0.19.3',
  'six==1.17.0',
  'urllib3==2.8.0',
  'wsproto==1.3.2',
];

const CANDIDATES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const OLDEST = [3, 10] as const;

export interface PythonEnvironmentOptions {
  /** Where the packages are kept. Default: CDK_RTC_LOCAL_CLOUD_CACHE, or else `.local-cloud/` of the project. */
  readonly cacheDir?: string;
  /** Commands to look for Python under, in this order. */
  readonly candidates?: string[];
  readonly requirements?: string[];
  readonly onProgress?: (message: string) => void;
}

/** A Python that can import ministack. */
export interface PythonEnvironment {
  readonly python: string;
  /** Environment variables that it needs. */
  readonly env: Record<string, string>;
}

export function defaultCacheDir(): string {
  return process.env.CDK_RTC_LOCAL_CLOUD_CACHE ?? path.join(__dirname, '..', '..', '.local-cloud');
}

/** The cached environment, made now if it is missing (one pip install, about 15 s, the only step that needs a network). */
export async function preparePythonEnvironment(options: PythonEnvironmentOptions = {}): Promise<PythonEnvironment> {
  const python = await findPython(options.candidates ?? CANDIDATES);
  const requirements = options.requirements ?? REQUIREMENTS;
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  const folder = path.join(cacheDir, environmentName(python, requirements));
  if (!isUsable(folder)) {
    await withLock(python, cacheDir, async () => {
      if (isUsable(folder)) return; // another process has installed it meanwhile
      options.onProgress?.('installing ministack (only this first time)');
      rmSync(folder, { recursive: true, force: true });
      await makeWhole(folder, async (unfinished) => install(python, requirements, unfinished));
    });
  }
  return environmentIn(folder, python);
}

/** A lock of the kernel: it ends with the process that holds it, however that ends. A file system without locks is used without. */
const HOLD_LOCK = `
import fcntl, os, sys
try:
    fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
except OSError:
    pass
print("locked", flush=True)
sys.stdin.read()
`;

/** One process at a time works in a folder; a Python holds the lock, because Node.js has none. */
async function withLock(python: FoundPython, folder: string, work: () => Promise<void>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const holder = spawn(python.executable, ['-c', HOLD_LOCK, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  try {
    await new Promise<void>((resolve, reject) => {
      holder.once('error', reject);
      holder.stdout.once('data', () => resolve());
      void ended.then(() => reject(new Error(`${python.executable} could not lock ${folder}`)));
    });
    await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

interface FoundPython {
  readonly command: string;
  readonly version: string;
  /** The interpreter itself: the command may be a shim (pyenv, asdf) with side effects of its own. */
  readonly executable: string;
}

async function findPython(candidates: string[]): Promise<FoundPython> {
  let tooOld: FoundPython | undefined;
  for (const command of candidates) {
    const python = await askPython(command);
    if (python && isNewEnough(python.version)) {
      return python;
    }
    tooOld ??= python;
  }
  const found = tooOld ? `${tooOld.command} on PATH is ${tooOld.version}` : 'there is no python3 on PATH';
  throw new Error(`The local cloud runs on ministack, which needs Python ${OLDEST.join('.')} or newer; ${found}.`);
}

async function askPython(command: string): Promise<FoundPython | undefined> {
  try {
    const { stdout } = await run(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3]); print(sys.executable)']);
    const [version, executable] = stdout.trim().split('\n');
    return { command, version, executable };
  } catch {
    return undefined;
  }
}

function isNewEnough(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** Another set of packages or another Python is another folder, so nothing is ever changed in place. */
function environmentName(python: FoundPython, requirements: string[]): string {
  const digest = createHash('sha256').update([python.version, ...requirements].join('\n')).digest('hex');
  return `ministack-${digest.slice(0, 12)}`;
}

/**
 * Fill a folder under a name of our own and rename it when it is complete: an interrupted installation is never taken
 * for a whole one, and without a lock the first of two wins.
 */
async function makeWhole(folder: string, fill: (unfinished: string) => Promise<void>): Promise<void> {
  const unfinished = `${folder}.${process.pid}.${Date.now()}.unfinished`;
  mkdirSync(unfinished, { recursive: true });
  const owned = own(undefined, [unfinished]);
  try {
    await fill(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) {
      throw error;
    }
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    disown(owned);
  }
}

async function install(python: FoundPython, requirements: string[], folder: string): Promise<void> {
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--retries', '1'];
  const venv = path.join(folder, 'venv');
  if (await makesVenv(python.executable, venv)) {
    await runPip(venvPython(venv), [...pip, ...requirements]);
  } else {
    // Debian and its like ship venv as a package of its own.
    rmSync(venv, { recursive: true, force: true });
    await runPip(python.executable, [...pip, '--target', path.join(folder, 'packages'), ...requirements]);
  }
}

async function makesVenv(python: string, folder: string): Promise<boolean> {
  try {
    await runInstaller(python, ['-m', 'venv', folder]);
    return true;
  } catch {
    return false;
  }
}

async function runPip(python: string, args: string[]): Promise<void> {
  try {
    await runInstaller(python, args);
  } catch (error) {
    throw new Error(explainPip((error as Error).message));
  }
}

/** A process that ends with this program. The message of the error is its error output. */
async function runInstaller(command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, { env: process.env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const owned = own(child);
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  try {
    const exitCode = await new Promise((resolve, reject) => { child.once('error', reject).once('close', resolve); });
    if (exitCode !== 0) throw new Error(Buffer.concat(errors).toString());
  } finally {
    killGroup(child);
    disown(owned);
  }
}

const NO_NETWORK = /NewConnectionError|ConnectTimeoutError|ProxyError|Max retries exceeded|name resolution|Connection refused|Network is unreachable/;

/** One sentence for what pip says on many lines. */
export function explainPip(stderr: string): string {
  if (NO_NETWORK.test(stderr)) {
    return 'The packages of the local cloud could not be installed: pip reaches no package index. '
      + 'They are needed once; with a network (or PIP_INDEX_URL set to a reachable mirror) try again.';
  }
  if (/No module named pip/.test(stderr)) {
    return 'The packages of the local cloud could not be installed: this Python has neither venv nor pip '
      + '(on Debian and Ubuntu: apt-get install python3-venv).';
  }
  const lines = stderr.split('\n').map((line) => line.trim()).filter(Boolean);
  const said = lines.find((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? 'no output';
  return `The packages of the local cloud could not be installed; pip says: ${said.replace(/^ERROR:\s*/, '')}`;
}

/** A venv whose Python has gone from the machine is there, but of no use. */
function isUsable(folder: string): boolean {
  return existsSync(venvPython(path.join(folder, 'venv'))) || existsSync(path.join(folder, 'packages'));
}

function environmentIn(folder: string, python: FoundPython): PythonEnvironment {
  const venv = path.join(folder, 'venv');
  return existsSync(venv)
    ? { python: venvPython(venv), env: {} }
    : { python: python.executable, env: { PYTHONPATH: path.join(folder, 'packages') } };
}

function venvPython(venv: string): string {
  return path.join(venv, 'bin', 'python');
}

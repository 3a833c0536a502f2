import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { defaultCacheDir, explainPip, preparePythonEnvironment } from '../../../local/launcher/python-environment';

let folder: string;
let requirements: string[];
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'python-environment-'));
  requirements = [tinyWheel()];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => { jest.restoreAllMocks(); });

let count = 0;
const newCache = () => path.join(folder, `cache-${++count}`);

/** A package that pip installs without an index. */
function tinyWheel(): string {
  const wheel = path.join(folder, 'tiny-1.0-py3-none-any.whl');
  execFileSync('python3', ['-c', `
import zipfile
with zipfile.ZipFile(${JSON.stringify(wheel)}, 'w') as wheel:
    wheel.writestr('tiny.py', 'ANSWER = 42\\n')
    wheel.writestr('tiny-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n')
    wheel.writestr('tiny-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('tiny-1.0.dist-info/RECORD', '')
`]);
  return wheel;
}

/** A python3 that behaves as this shell script says. */
function fakePython(script: string): string {
  const command = path.join(folder, `python-${++count}`);
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o755);
  return command;
}

/** The quick way: most tests are not about venv, which takes some seconds. Each installation is a line of the file `installed`. */
function withoutVenv(installed = '/dev/null'): string[] {
  const real = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  return [fakePython(`case "$2" in
    venv) exit 1 ;;
    pip) echo installed >> "${installed}"; exec "${real}" "$@" ;;
    *version_info*) echo 3.11.0; echo "$0" ;;
    *) exec "${real}" "$@" ;;
  esac`)];
}

const imports = ({ python, env }: { python: string; env: Record<string, string> }) =>
  execFileSync(python, ['-c', 'import tiny; print(tiny.ANSWER)'], { env: { ...process.env, ...env }, encoding: 'utf8' }).trim();

test('creates a venv once, and reuses it', async () => {
  const cacheDir = newCache();
  const messages: string[] = [];
  const first = await preparePythonEnvironment({ cacheDir, requirements, onProgress: (message) => messages.push(message) });
  const again = await preparePythonEnvironment({ cacheDir, requirements, onProgress: (message) => messages.push(message) });
  expect(again).toEqual(first);
  expect(messages).toHaveLength(1);
  expect(imports(first)).toBe('42');
});

test('is not misled by one that was interrupted', async () => {
  const cacheDir = newCache();
  mkdirSync(path.join(cacheDir, 'ministack-000000000000.1.1.unfinished', 'venv'), { recursive: true });
  expect(imports(await preparePythonEnvironment({ cacheDir, requirements, candidates: withoutVenv() }))).toBe('42');
});

test('is created again if its Python was removed from the machine', async () => {
  const cacheDir = newCache();
  const candidates = withoutVenv();
  await preparePythonEnvironment({ cacheDir, requirements, candidates });
  const [name] = readdirSync(cacheDir);
  rmSync(path.join(cacheDir, name, 'packages'), { recursive: true });
  expect(imports(await preparePythonEnvironment({ cacheDir, requirements, candidates }))).toBe('42');
});

test('of several at once only one installs, and none removes the environment that another uses', async () => {
  const cacheDir = newCache();
  const installed = path.join(folder, `installed-${count}`);
  const candidates = withoutVenv(installed);
  const all = await Promise.all([1, 2, 3, 4].map(async () => {
    const environment = await preparePythonEnvironment({ cacheDir, requirements, candidates });
    return imports(environment); // while the others are still at work
  }));
  expect(all).toEqual(Array(4).fill('42'));
  expect(readFileSync(installed, 'utf8')).toBe('installed\n');
  expect(readdirSync(cacheDir)).toHaveLength(1);
});

test('does without venv', async () => {
  const candidates = withoutVenv();
  const environment = await preparePythonEnvironment({ cacheDir: newCache(), requirements, candidates });
  expect(environment.python).toBe(candidates[0]);
  expect(imports(environment)).toBe('42');
});

test('leaves nothing after a failed installation', async () => {
  const cacheDir = newCache();
  await expect(preparePythonEnvironment({ cacheDir, requirements: [path.join(folder, 'missing.whl')], candidates: withoutVenv() }))
    .rejects.toThrow(/^The packages of the local cloud could not be installed; pip says: .*missing\.whl/);
  expect(readdirSync(cacheDir)).toEqual([]);
});

test('looks for a newer Python when the first is too old', async () => {
  const old = fakePython('echo 3.9.2; echo "$0"');
  const environment = await preparePythonEnvironment({ cacheDir: newCache(), requirements, candidates: [old, ...withoutVenv()] });
  expect(imports(environment)).toBe('42');
});

describe('says in one sentence', () => {
  test('that there is no Python', async () => {
    await expect(preparePythonEnvironment({ cacheDir: newCache(), candidates: ['no-such-python'] })).rejects.toThrow(
      'The local cloud runs on ministack, which needs Python 3.10 or newer; there is no python3 on PATH.');
  });

  test('that Python is too old', async () => {
    const old = fakePython('echo 3.9.2; echo "$0"');
    await expect(preparePythonEnvironment({ cacheDir: newCache(), candidates: [old] })).rejects.toThrow(
      `The local cloud runs on ministack, which needs Python 3.10 or newer; ${old} on PATH is 3.9.2.`);
  });

  test('that there is no network', async () => {
    // Without the user's own settings, for example a proxy.
    const others = Object.entries(process.env).filter(([name]) => !/^PIP_|_proxy$/i.test(name));
    jest.replaceProperty(process, 'env', { ...Object.fromEntries(others), PIP_INDEX_URL: 'http://127.0.0.1:9/simple' });
    await expect(preparePythonEnvironment({ cacheDir: newCache(), requirements: ['not-there==1'], candidates: withoutVenv() })).rejects.toThrow(
      /pip reaches no package index/);
  });

  test('that there is neither venv nor pip', () => {
    expect(explainPip('/usr/bin/python3: No module named pip')).toContain('apt-get install python3-venv');
  });

  test('what pip says', () => {
    expect(explainPip('WARNING: x\nERROR: No matching distribution found for ministack==1.5.33\n')).toBe(
      'The packages of the local cloud could not be installed; pip says: No matching distribution found for ministack==1.5.33');
  });
});

test('the cache is in the project, or where the environment says', () => {
  const { CDK_RTC_LOCAL_CLOUD_CACHE: _, ...others } = process.env;
  jest.replaceProperty(process, 'env', others);
  expect(path.basename(defaultCacheDir())).toBe('.local-cloud');
  jest.replaceProperty(process, 'env', { ...others, CDK_RTC_LOCAL_CLOUD_CACHE: folder });
  expect(defaultCacheDir()).toBe(folder);
});

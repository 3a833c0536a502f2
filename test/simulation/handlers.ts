import * as path from 'node:path';
import { Script } from 'node:vm';
import { buildSync } from 'esbuild';

const ROOT = path.join(__dirname, '..', '..');
const LEGACY = './chime-legacy/index.js';

/** As the product's bundles, but for the transport. */
function compile(entry: string, resolveDir: string): Script {
  const { outputFiles: [file] } = buildSync({
    entryPoints: [path.join(ROOT, entry)],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    external: [LEGACY],
    // What is not bundled is required like the rest.
    supported: { 'dynamic-import': false },
    alias: {
      '@smithy/node-http-handler': path.join(ROOT, 'test', 'simulation', 'transport.ts'),
      '@smithy/signature-v4': path.join(ROOT, 'test', 'simulation', 'signature.ts'),
    },
    absWorkingDir: resolveDir,
    tsconfig: path.join(ROOT, 'lambda', 'tsconfig.json'),
  });
  return new Script(`(function (module, exports, require, __dirname, process, fetch) {${file.text}\n})`, { filename: entry });
}

const handlers = compile('lambda/index.ts', ROOT);
const legacy = compile('lambda/chime-legacy/index.ts', ROOT);

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-require-imports */

/** The entry points of the product's bundle. */
export interface Handlers {
  onEvent(event: any): Promise<unknown>;
  isComplete(event: any): Promise<unknown>;
  checkout(event: any, context: any): Promise<unknown>;
  maintain(event: any, context: any): Promise<unknown>;
}

/** What a function has besides: its environment, and who hears its calls to Lambda. */
export interface Surroundings {
  readonly environment: Record<string, string>;
  readonly fetch: (url: URL) => Promise<{ ok: boolean; text(): Promise<string> }>;
}

/** What the handlers' logger writes with. */
const consoleModule = {
  Console: class {
    readonly info = print;
    readonly error = print;
    readonly warn = print;
    readonly debug = print;
    readonly log = print;
  },
};

/** All that the functions have logged since it was last emptied. */
export const printed: string[] = [];

function print(line: unknown): void {
  printed.push(String(line));
}

/** Reading the true environment, as the logger does for every request, is slow. */
function processWith(more: Record<string, string>): NodeJS.Process {
  const env = { ...environment, ...more };
  return Object.create(process, { env: { get: () => env } });
}

const environment: Record<string, string> = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'replaced',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
};

function run(script: Script, surroundings?: Surroundings): any {
  const module = { exports: {} };
  const load = (name: string) => {
    if (name === LEGACY) return run(legacy);
    return name === 'node:console' ? consoleModule : require(name);
  };
  script.runInThisContext()(module, module.exports, load, ROOT, processWith(surroundings?.environment ?? {}), surroundings?.fetch);
  return module.exports;
}

/** New clients: they remember how they were throttled. */
export function freshHandlers(surroundings?: Surroundings): Handlers {
  return run(handlers, surroundings);
}

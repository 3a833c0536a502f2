import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Script } from 'node:vm';
import { build, type BuildOptions, type Plugin } from 'esbuild';

const ROOT = path.join(__dirname, '..', '..');
const LEGACY = './chime-legacy/index.js';

/** A change of one line of the source. */
export interface Change {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The packages that a bundle imports. They are evaluated once, so that V8 optimizes their code once. */
interface Packages {
  readonly folder: string;
  loaded?: Record<string, any>;
}

const PACKAGES: Packages = { folder: ROOT };
const LEGACY_PACKAGES: Packages = { folder: path.join(ROOT, 'lambda', 'chime-legacy') };

const options: BuildOptions & { write: false } = {
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'],
  // A script that is evaluated from its text can't import.
  supported: { 'dynamic-import': false },
  absWorkingDir: ROOT,
};

/** Like the published bundle, except for the transport, and with changes. */
async function compile(entry: string, packages: Packages, changes: readonly Change[] = []): Promise<Script> {
  const needed = new Set<string>();
  const { outputFiles: [file] } = await build({
    ...options,
    entryPoints: [path.join(ROOT, entry)],
    external: [LEGACY],
    plugins: [externalPackages(needed), changedSources(changes)],
    tsconfig: path.join(ROOT, 'lambda', 'tsconfig.json'),
  });
  packages.loaded ??= await loadPackages(packages.folder, [...needed]);
  return scriptOf(file.text, entry);
}

async function loadPackages(folder: string, names: readonly string[]): Promise<Record<string, unknown>> {
  const { outputFiles: [file] } = await build({
    ...options,
    stdin: { contents: `module.exports = { ${names.map((name) => `${JSON.stringify(name)}: require(${JSON.stringify(name)})`).join()} };`, resolveDir: folder },
    alias: {
      '@smithy/node-http-handler': path.join(ROOT, 'test', 'simulation', 'transport.ts'),
      '@smithy/signature-v4': path.join(ROOT, 'test', 'simulation', 'signature.ts'),
    },
  });
  return evaluate(scriptOf(file.text, `packages of ${folder}`, ['process']), loadModule);
}

function externalPackages(needed: Set<string>): Plugin {
  return {
    name: 'packages',
    setup: ({ onResolve }) => {
      onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) => {
        if (kind === 'entry-point' || name.startsWith('node:')) return undefined;
        needed.add(name);
        return { path: name, external: true };
      });
    },
  };
}

/** `globals`: those of an environment, in the order of `evaluate`. Packages are evaluated once, so their clock has no error. */
export function scriptOf(text: string, filename: string, globals = ['process', 'fetch', 'Date']): Script {
  return new Script(`(function (module, exports, require, __dirname, ${globals.join()}) {${text}\n})`, { filename });
}

function changedSources(changes: readonly Change[]): Plugin {
  return {
    name: 'changes',
    setup: ({ onLoad }) => {
      for (const file of new Set(changes.map((change) => change.file))) {
        const escaped = file.replace(/[.\\/]/g, '\\$&');
        onLoad({ filter: new RegExp(`${escaped}$`) }, ({ path: found }) => ({
          loader: 'ts', contents: changes.filter((change) => change.file === file).reduce(applied, readFileSync(found, 'utf8')),
        }));
      }
    },
  };
}

function applied(source: string, { file, find, replace }: Change): string {
  if (source.split(find).length !== 2) throw new Error(`${file} does not have exactly one ${find}`);
  return source.replace(find, () => replace);
}

let handlers: Script;
let legacy: Script;

/** Runs before everything else. The changes make defective handlers. */
export async function compileHandlers(changes: readonly Change[] = []): Promise<void> {
  [handlers, legacy] = await Promise.all([compile('lambda/index.ts', PACKAGES, changes), compile('lambda/chime-legacy/index.ts', LEGACY_PACKAGES)]);
}

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-require-imports */

/** The entry points of the published bundle. */
export interface Handlers {
  onEvent(event: any): Promise<unknown>;
  isComplete(event: any): Promise<unknown>;
  checkout(event: any, context: any): Promise<unknown>;
  maintain(event: any, context: any): Promise<unknown>;
}

/** Sends the requests of a function's clients. The client may abort the call in the meantime. */
export type Transport = (request: any, call: { readonly isAborted: boolean }) => Promise<any>;

/** The environment of a function. */
export interface Environment {
  readonly variables?: Record<string, string>;
  /** Receives the requests that no SDK client sends. */
  readonly fetch?: (url: URL) => Promise<{ ok: boolean; text(): Promise<string> }>;
  /** Milliseconds by which its clock is fast. */
  readonly clockError?: number;
}

/** The logger of the handlers writes with it. */
const consoleModule = {
  Console: class {
    readonly info = print;
    readonly error = print;
    readonly warn = print;
    readonly debug = print;
    readonly log = print;
  },
};

/** The log lines of all functions since it was last emptied. */
export const printed: string[] = [];

function print(line: unknown): void {
  printed.push(String(line));
}

/** The logger reads the environment for every request, and process.env is slow. */
export function processWith(variables?: Record<string, string>): NodeJS.Process {
  const env = { ...VARIABLES, ...variables };
  return Object.create(process, { env: { get: () => env } });
}

/** The class of a clock with an error. */
function dateWith(clockError = 0): DateConstructor {
  if (clockError === 0) return Date;
  return class extends Date {
    static now(): number {
      return Date.now() + clockError;
    }

    constructor(...given: []) {
      super(...given.length > 0 ? given : [Date.now() + clockError] as never);
    }
  } as DateConstructor;
}

const VARIABLES: Record<string, string> = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'replaced',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
};

export function loadModule(name: string): unknown {
  return name === 'node:console' ? consoleModule : require(name);
}

export function evaluate(
  script: Script, load: (name: string) => unknown, environment: Environment = {}, module: { exports: any } = { exports: {} },
): any {
  const { variables, fetch, clockError } = environment;
  script.runInThisContext()(module, module.exports, load, ROOT, processWith(variables), fetch, dateWith(clockError));
  return module.exports;
}

function run(script: Script, packages: Packages, transport: Transport, environment: Environment = {}): any {
  const load = (name: string) => {
    if (name === LEGACY) return run(legacy, LEGACY_PACKAGES, transport);
    const loaded = packages.loaded![name] ?? loadModule(name);
    // An importer doesn't copy inherited members.
    return Object.create(loaded as object, name.startsWith('@aws-sdk/client-') ? clientsWith(transport, loaded) : {});
  };
  return evaluate(script, load, environment);
}

/** The clients of a package, with this transport. */
function clientsWith(transport: Transport, loaded: any): PropertyDescriptorMap {
  const clients = Object.keys(loaded).filter((name) => /^[A-Z]\w*Client$/.test(name));
  return Object.fromEntries(clients.map((name) => [name, {
    value: function Client(config: any) { return new loaded[name]({ ...config, requestHandler: { ...config.requestHandler, transport } }); },
  }]));
}

/** Evaluated for each history, because clients remember that they were throttled. */
export function freshHandlers(transport: Transport, environment: Environment = {}): Handlers {
  return run(handlers, PACKAGES, transport, environment);
}

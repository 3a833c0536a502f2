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
    alias: { '@smithy/node-http-handler': path.join(ROOT, 'test', 'simulation', 'transport.ts') },
    absWorkingDir: resolveDir,
    tsconfig: path.join(ROOT, 'lambda', 'tsconfig.json'),
  });
  return new Script(`(function (module, exports, require, __dirname) {${file.text}\n})`, { filename: entry });
}

const handlers = compile('lambda/index.ts', ROOT);
const legacy = compile('lambda/chime-legacy/index.ts', ROOT);

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-require-imports */

/** The entry points of the product's bundle. */
export interface Handlers {
  onEvent(event: any): Promise<unknown>;
  isComplete(event: any): Promise<unknown>;
}

function run(script: Script): any {
  const module = { exports: {} };
  script.runInThisContext()(module, module.exports, (name: string) => (name === LEGACY ? run(legacy) : require(name)), ROOT);
  return module.exports;
}

/** New clients: they remember how they were throttled. */
export function freshHandlers(): Handlers {
  return run(handlers);
}

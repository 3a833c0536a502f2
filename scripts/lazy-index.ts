import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/**
 * Rewrites the compiled index so that each name loads its module only when it is asked for, as the indexes of aws-cdk-lib do: an app with one kind of
 * construct does not wait for the others. Types, assembly and what `import` and `require` find stay the same.
 */
export function makeLazy(index: string): void {
  const source = readFileSync(index, 'utf8');
  const all = load(index);
  const modules = [...source.matchAll(/require\("(\.[^"]+)"\)/g)].map(([, module]) => module);
  const names = Object.keys(all).sort();
  writeFileSync(index, lazyIndex(names.map((name) => [name, moduleOf(name)])));

  function moduleOf(name: string): string {
    const module = modules.find((candidate) => load(path.resolve(path.dirname(index), candidate))[name] === all[name]);
    if (module === undefined) throw new Error(`${index}: no module of it exports ${name}`);
    return module;
  }
}

/** Pure: the text of such an index. By the second statement Node.js knows the names for `import`, without running anything. */
function lazyIndex(names: [name: string, module: string][]): string {
  return [
    '"use strict";',
    'Object.defineProperty(exports, "__esModule", { value: true });',
    `${names.map(([name]) => `exports.${name} = `).join('')}void 0;`,
    'const lazily = (name, load) => Object.defineProperty(exports, name, {',
    '    enumerable: true,',
    '    configurable: true,',
    '    get() {',
    '        const value = load()[name];',
    '        Object.defineProperty(exports, name, { enumerable: true, configurable: true, value });',
    '        return value;',
    '    },',
    '});',
    ...names.map(([name, module]) => `lazily("${name}", () => require("${module}"));`),
    '',
  ].join('\n');
}

function load(file: string): Record<string, unknown> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(path.resolve(file));
}

if (require.main === module) makeLazy('lib/index.js');

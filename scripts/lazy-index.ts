import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/** The compiled indexes: of the package, and of the namespace, which the index of the package loads as one module. */
const INDEXES = ['mixins/index.js', 'index.js'];

/** Makes the indexes in the folder of the compiled package lazy. */
export function makePackageLazy(folder: string): void {
  for (const index of INDEXES) makeLazy(path.join(folder, index));
}

/**
 * Rewrites the compiled index so that each name loads its module only when it is asked for, as the indexes of aws-cdk-lib do: an app with one kind of
 * construct does not wait for the others. Types, assembly and what `import` and `require` find stay the same.
 */
export function makeLazy(index: string): void {
  const source = readFileSync(index, 'utf8');
  const all = load(index);
  const modules = [...source.matchAll(/require\("(\.[^"]+)"\)/g)].map(([, module]) => module);
  const names = Object.keys(all).sort();
  writeFileSync(index, lazyIndex(names.map((name) => [name, sourceOf(name)])));

  /** The expression that loads an object with the name: the module that exports the name, or the module that is the name. */
  function sourceOf(name: string): string {
    for (const module of modules) {
      const loaded = load(path.resolve(path.dirname(index), module));
      if (loaded[name] === all[name]) return `require("${module}")`;
      if (isNamespace(all[name], loaded)) return `({ ${name}: require("${module}") })`;
    }
    throw new Error(`${index}: no module of it exports ${name}`);
  }
}

/** Whether a value is the module, or a copy of it that a compiler makes. */
function isNamespace(value: unknown, module: Record<string, unknown>): boolean {
  const members = Object.entries(module);
  // A module with types only has no members.
  return typeof value === 'object' && value !== null && members.length > 0
    && members.every(([name, member]) => (value as Record<string, unknown>)[name] === member);
}

/** Pure: the text of such an index. By the second statement Node.js knows the names for `import`, without running anything. */
function lazyIndex(names: [name: string, source: string][]): string {
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
    ...names.map(([name, source]) => `lazily("${name}", () => ${source});`),
    '',
  ].join('\n');
}

function load(file: string): Record<string, unknown> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(path.resolve(file));
}

if (require.main === module) makePackageLazy('lib');

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { makeLazy, makePackageLazy } from '../../scripts/lazy-index';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lazy-index-'));
  writeFileSync(path.join(folder, 'one.js'), 'globalThis.loaded = [...globalThis.loaded ?? [], "one"]; exports.One = class One {}; exports.Colour = { RED: "red" };');
  writeFileSync(path.join(folder, 'two.js'), 'globalThis.loaded = [...globalThis.loaded ?? [], "two"]; exports.Two = class Two {}; exports.hidden = 1;');
  writeFileSync(path.join(folder, 'three.js'), 'globalThis.loaded = [...globalThis.loaded ?? [], "three"]; exports.__esModule = true; exports.Three = class Three {};');
  writeFileSync(path.join(folder, 'types.js'), 'Object.defineProperty(exports, "__esModule", { value: true });');
  // As jsii writes it: everything of one module, one name of another, and a namespace.
  writeFileSync(path.join(folder, 'index.js'), [
    '"use strict";',
    'Object.defineProperty(exports, "__esModule", { value: true });',
    'exports.Two = void 0;',
    'require("./types");',
    'const one = require("./one");',
    'for (const name of Object.keys(one)) Object.defineProperty(exports, name, { enumerable: true, get: () => one[name] });',
    'var two_1 = require("./two");',
    'Object.defineProperty(exports, "Two", { enumerable: true, get: function () { return two_1.Two; } });',
    'var importStar = (module) => module.__esModule ? module : { ...module, default: module };',
    'exports.threes = importStar(require("./three"));',
  ].join('\n'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What a process prints that has the index as `index`, by `require` or by `import`. */
function run(type: 'commonjs' | 'module', script: string): string {
  const start = type === 'module' ? '' : 'const index = require("./index.js");';
  return execFileSync(process.execPath, [`--input-type=${type}`, '-e', `${start}${script}`], { cwd: folder, encoding: 'utf8' }).trim();
}

test('a module is loaded when the first of its names is asked for, and once', () => {
  expect(run('commonjs', 'index.Two; console.log(globalThis.loaded)')).toBe("[ 'one', 'two', 'three' ]");
  makeLazy(path.join(folder, 'index.js'));
  expect(run('commonjs', 'console.log(globalThis.loaded)')).toBe('undefined');
  expect(run('commonjs', 'index.Two; index.Two; console.log(globalThis.loaded)')).toBe("[ 'two' ]");
  expect(run('commonjs', 'const { One, Colour } = index; console.log(One.name, Colour.RED, globalThis.loaded)')).toBe("One red [ 'one' ]");
});

test('the names are the same, for import too', () => {
  makeLazy(path.join(folder, 'index.js'));
  expect(run('commonjs', 'console.log(Object.keys(index).sort().join())')).toBe('Colour,One,Two,threes');
  expect(run('module', 'import { One, Two } from "./index.js"; console.log(One.name, Two.name)')).toBe('One Two');
});

test('a namespace is loaded when it is asked for, and is the module', () => {
  makeLazy(path.join(folder, 'index.js'));
  expect(run('commonjs', 'const { threes } = index; console.log(new threes.Three().constructor.name, threes === require("./three"), globalThis.loaded)')).toBe("Three true [ 'three' ]");
  expect(run('module', 'import { threes } from "./index.js"; console.log(threes.Three.name)')).toBe('Three');
});

test('the indexes of a package become lazy, that of the namespace too', () => {
  mkdirSync(path.join(folder, 'mixins'));
  writeFileSync(path.join(folder, 'mixins', 'four.js'), 'exports.Four = class Four {}; globalThis.four = true;');
  writeFileSync(path.join(folder, 'mixins', 'five.js'), 'exports.Five = class Five {};');
  writeFileSync(path.join(folder, 'mixins', 'index.js'), [
    'Object.defineProperty(exports, "__esModule", { value: true });',
    ...['four', 'five'].map((module) => `Object.assign(exports, require("./${module}"));`),
  ].join('\n'));
  const index = path.join(folder, 'index.js');
  writeFileSync(index, `${readFileSync(index, 'utf8')}\nexports.mixins = require("./mixins");`);
  makePackageLazy(folder);
  expect(run('commonjs', 'console.log(index.mixins.Five.name, globalThis.four, index.mixins.Four.name, globalThis.loaded)')).toBe('Five undefined Four undefined');
});

test('a lazy index stays as it is', () => {
  const index = path.join(folder, 'index.js');
  makeLazy(index);
  const once = readFileSync(index, 'utf8');
  jest.resetModules();
  makeLazy(index);
  expect(readFileSync(index, 'utf8')).toBe(once);
});

test('what no module exports is not dropped silently', () => {
  const index = path.join(folder, 'index.js');
  writeFileSync(index, `${readFileSync(index, 'utf8')}\nexports.own = 1;`);
  expect(() => makeLazy(index)).toThrow('no module of it exports own');
});

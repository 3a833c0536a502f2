import * as path from 'node:path';
import type { IConstruct } from 'constructs';
import { throwIfInvalid } from './errors';

// A literal, so that a bundler puts the library's own package.json into the bundle.
const { version }: { readonly version: string } = require('../../package.json'); // eslint-disable-line @typescript-eslint/no-require-imports

/** A copy of the library that an app has loaded. */
interface Copy {
  readonly version: string;
  readonly path: string;
}

/** The version of this copy of the library. */
export const LIBRARY_VERSION = version;

/** The folder of this copy of the library. */
export const LIBRARY_ROOT = path.join(__dirname, '..', '..');

const THIS_COPY: Copy = { version: LIBRARY_VERSION, path: LIBRARY_ROOT };

/**
 * State of the library that belongs to a construct, created on first use.
 *
 * An app can load several copies of the library, for example its own and the copy of a company library. A module variable exists once per copy, so
 * the construct holds the state under a key of the global symbol registry. All copies of one version read and write the same state.
 */
export function sharedState<T extends object>(construct: IConstruct, name: string, create: () => T): T {
  requireOneVersion(construct);
  return findState<T>(construct, name) ?? attach(construct, name, create());
}

/** The state that belongs to a construct, if it exists. */
export function findSharedState<T extends object>(construct: IConstruct, name: string): T | undefined {
  requireOneVersion(construct);
  return findState(construct, name);
}

/** Copies of different versions can't share state: each knows only the shape of its own. */
function requireOneVersion(construct: IConstruct): void {
  const { root } = construct.node;
  const first = findState<Copy>(root, 'copy') ?? attach(root, 'copy', THIS_COPY);
  if (first.version === THIS_COPY.version) return;
  throwIfInvalid(construct, [`cdk-rtc: this app loads two versions of the library, ${first.version} from ${first.path} and ${THIS_COPY.version} from ${THIS_COPY.path}; `
    + 'install one version, for example with cdk-rtc as a peer dependency of the library that brings its own']);
}

function findState<T extends object>(construct: IConstruct, name: string): T | undefined {
  return (construct as unknown as { readonly [key: symbol]: T | undefined })[keyOf(name)];
}

function attach<T extends object>(construct: IConstruct, name: string, value: T): T {
  // Not enumerable, so that code that iterates over the properties of a construct doesn't find it.
  Object.defineProperty(construct, keyOf(name), { value });
  return value;
}

function keyOf(name: string): symbol {
  return Symbol.for(`cdk-rtc.${name}`);
}

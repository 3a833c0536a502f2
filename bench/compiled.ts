import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { makePackageLazy } from '../scripts/lazy-index';

const ROOT = path.join(__dirname, '..');
const BUILD = path.join(ROOT, 'bench', 'results', 'build');

/** The sources as plain JavaScript, for processes that have no TypeScript loader in their figures. Returns a file of this folder there. */
export function compiled(file: string): string {
  rmSync(BUILD, { recursive: true, force: true });
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: ['src/**/*.ts', 'bench/application.ts', 'bench/synthesise.ts', 'bench/candidates/*.ts', 'test/template-validation.ts'],
    outbase: '.',
    outdir: BUILD,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  // The handlers and the version of the library, which the constructs look for next to their sources.
  mkdirSync(BUILD, { recursive: true });
  for (const name of ['lib', 'package.json']) {
    const link = path.join(BUILD, name);
    if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(path.join(ROOT, name), link);
  }
  // As in the package, which has no source maps either.
  makePackageLazy(path.join(BUILD, 'src'));
  return path.join(BUILD, 'bench', file);
}

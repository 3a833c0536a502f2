import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';
import { bundleHandlers, fromSources, type Sources, sourcesOf } from './handler-bundle';

/** For the notices. */
function writeContents(name: string, sources: Sources): void {
  writeFileSync(`.bundle-${name}.json`, JSON.stringify(Object.keys(sources).filter((file) => sources[file].bytes > 0).sort(), undefined, 1));
}

async function bundleLegacy(): Promise<Sources> {
  const { metafile } = await build({ ...fromSources, entryPoints: ['lambda/chime-legacy/index.ts'], format: 'cjs', outfile: 'lib/lambda/chime-legacy/index.js' });
  return sourcesOf(metafile, Object.values(metafile.outputs));
}

/** By it the constructs know that the folder has the handlers of their own version. */
function writeMarker(): void {
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
  writeFileSync('lib/lambda/cdk-rtc.json', JSON.stringify({ name, version }));
}

/** A file that no source produces any more must not be published. The folder itself stays: other processes may read it meanwhile. */
function removeFilesBefore(milliseconds: number): void {
  for (const entry of readdirSync('lib/lambda', { withFileTypes: true })) {
    const file = path.join('lib/lambda', entry.name);
    if (entry.isFile() && statSync(file).mtimeMs < milliseconds) rmSync(file);
  }
}

// Times of files have a coarser clock.
const began = Date.now() - 1000;
void Promise.all([
  bundleHandlers('lib/lambda').then((sources) => writeContents('handlers', sources)).then(writeMarker).then(() => removeFilesBefore(began)),
  bundleLegacy().then((sources) => writeContents('chime-legacy', sources)),
]);

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
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

// A file that no source produces any more must not be published.
rmSync('lib/lambda', { recursive: true, force: true });
void Promise.all([
  bundleHandlers('lib/lambda').then((sources) => writeContents('handlers', sources)).then(writeMarker),
  bundleLegacy().then((sources) => writeContents('chime-legacy', sources)),
]);

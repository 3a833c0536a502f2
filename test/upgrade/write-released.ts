/**
 * Writes the examples as this version synthesizes them, with this version's handlers, for the tests of later versions:
 *
 * npx projen bundle && npx tsx test/upgrade/write-released.ts
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Released, writeReleased } from './released';
import { EXAMPLES, exampleApp, exampleSource } from '../compliance/examples';

/** Every file below a folder, or a file itself, by its relative path. */
function filesIn(from: string, inside = ''): Record<string, string> {
  const at = path.join(from, inside);
  if (!fs.statSync(at).isDirectory()) return { [inside]: fs.readFileSync(at, 'utf8') };
  return Object.assign({}, ...fs.readdirSync(at).sort().map((name) => filesIn(from, path.join(inside, name))));
}

const released: Released = { apps: {}, assemblies: {}, assets: {} };
for (const name of EXAMPLES) {
  const { directory } = exampleApp(name, { 'aws:cdk:disable-stack-trace': true }).synth();
  const files = fs.readdirSync(directory);
  released.apps[name] = exampleSource(name);
  released.assemblies[name] = Object.assign({}, ...files
    .filter((file) => file === 'manifest.json' || file === 'cdk.out' || /\.(assets|metadata|template)\.json$/.test(file))
    .map((file) => ({ [file]: fs.readFileSync(path.join(directory, file), 'utf8') })));
  for (const asset of files.filter((file) => file.startsWith('asset.'))) released.assets[asset] = filesIn(path.join(directory, asset));
  fs.rmSync(directory, { recursive: true });
}
writeReleased(released);

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';

/**
 * Compiles every TypeScript snippet of the pages in docs, strictly. Needs the assembly, which `projen compile` writes.
 *
 * jsii-rosetta reads only the README and the docstrings of an assembly. The script therefore writes an assembly that has these pages as its README.
 */
const SNIPPET = /^```ts[^\n]*\n/gm;

const pages = readdirSync('docs').filter((name) => name.endsWith('.md')).map((name) => path.join('docs', name));
const markdown = pages.map((page) => readFileSync(page, 'utf8')).join('\n\n');

const folder = mkdtempSync(path.join(tmpdir(), 'docs-snippets-'));
try {
  for (const name of ['lib', 'node_modules', 'package.json', 'rosetta']) symlinkSync(path.resolve(name), path.join(folder, name));
  const assembly = JSON.parse(gunzipSync(readFileSync('.jsii.gz')).toString(), (key, value) => key === 'example' ? undefined : value);
  writeFileSync(path.join(folder, '.jsii'), JSON.stringify({ ...assembly, readme: { markdown } }));
  execFileSync('npx', ['jsii-rosetta', 'extract', '--strict', folder], { stdio: 'inherit' });
  console.log(`${markdown.match(SNIPPET)?.length ?? 0} snippets on ${pages.length} pages compile`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..');

/** The relative imports of a file, type imports included: import/no-cycle of ESLint ignores those. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?'(\.[^']*)'/g)]
    .map(([, target]) => path.join(path.dirname(file), target))
    .flatMap((target) => [`${target}.ts`, path.join(target, 'index.ts')].filter((candidate) => existsSync(candidate)));
}

function cycleFrom(file: string, finished: Set<string>, way: string[] = []): string[] | undefined {
  if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
  if (finished.has(file)) return undefined;
  for (const next of importsOf(file)) {
    const cycle = cycleFrom(next, finished, [...way, file]);
    if (cycle) return cycle;
  }
  finished.add(file);
  return undefined;
}

test.each(['src', 'lambda', 'local', 'test'])('%s has no import cycle, type imports included', (folder) => {
  const files = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.includes('node_modules'));
  const finished = new Set<string>();
  const cycles = files.map((name) => cycleFrom(path.join(ROOT, folder, name), finished)).filter((cycle) => cycle !== undefined);
  expect(files.length).toBeGreaterThan(10);
  expect(cycles.map((cycle) => cycle.map((file) => path.relative(ROOT, file)))).toEqual([]);
});

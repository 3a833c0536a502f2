import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';

const FOLDER = path.join(__dirname, 'regressions');
const names = readdirSync(FOLDER).map((file) => path.basename(file, '.json'));

/** A process of its own, because the modules of jest have another clock than those that Node.js loads. */
async function replay(): Promise<Map<string, string | undefined>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', path.join(__dirname, 'replay.ts'), FOLDER], { maxBuffer: 64 * 1024 * 1024 });
  return new Map(stdout.trim().split('\n').map((line) => JSON.parse(line)).map(({ name, violation }) => [name, violation]));
}

let outcomes: Map<string, string | undefined>;

beforeAll(async () => { outcomes = await replay(); });

test.each(names)('%s', (name) => {
  expect(outcomes.has(name)).toBe(true);
  expect(outcomes.get(name)).toBeUndefined();
});

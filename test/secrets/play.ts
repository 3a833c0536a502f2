import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { promisify } from 'node:util';
import type { Outcome } from './taint';

/** Plays lives of resources, see `main` in taint.ts. In a process of its own: jest's modules have another clock than those that are loaded by Node.js. */
export async function play(...given: string[]): Promise<Outcome> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', path.join(__dirname, 'taint.ts'), ...given], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

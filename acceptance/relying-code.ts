import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

const PROJECT = path.join(__dirname, '..');

/** The source files of the library that contain the ID of a fact, relative to the project, in alphabetical order. */
export function relyingCode(id: string): string[] {
  const mention = new RegExp(`\\b${id}\\b`);
  const sources = ['lambda', 'src'].flatMap((folder) => readdirSync(path.join(PROJECT, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)));
  return sources
    .filter((file) => file.endsWith('.ts') && !file.includes('node_modules') && mention.test(readFileSync(path.join(PROJECT, file), 'utf8')))
    .map((file) => file.replaceAll(path.sep, '/'))
    .sort();
}

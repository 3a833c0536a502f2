import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { compileHandlers } from './handlers';
import { World } from './world';

/** Plays the histories of a folder, and prints what became of each: its name, and what it broke. */
async function main([folder]: string[]): Promise<void> {
  const { write } = process.stdout;
  await compileHandlers();
  const world = new World();
  await world.warmUp();
  for (const file of readdirSync(folder).sort()) {
    const history = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    const broken = await world.play(history).then(() => undefined, (error: Error) => error.message);
    write.call(process.stdout, `${JSON.stringify({ name: path.basename(file, '.json'), broken })}\n`);
  }
}

void main(process.argv.slice(2)).then(() => process.exit());

import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Player } from './player';

/** Plays the histories of a folder. Prints the name of each, and its invariant violation. */
async function main([folder]: string[]): Promise<void> {
  const player = await Player.ready();
  for (const file of readdirSync(folder).sort()) {
    const history = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    const { failures: [failure] } = await player.play({ histories: [history] });
    process.stdout.write(`${JSON.stringify({ name: path.basename(file, '.json'), violation: failure?.transcript })}\n`);
  }
}

void main(process.argv.slice(2)).then(() => process.exit());

import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import * as path from 'node:path';
import { DEFECTS } from './defects';
import { histories } from './histories';
import { Player } from './player';

async function main(): Promise<void> {
  const player = await Player.ready();
  const folder = path.join(__dirname, 'regressions');
  for (const file of readdirSync(folder).filter((name) => name.startsWith('meeting-pool')).sort()) {
    const history = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    const { failures: [failure] } = await player.play({ histories: [history] });
    if (failure) process.stdout.write(`VIOLATION ${file} ${failure.transcript.slice(0, 300)}\n`);
  }
  process.stdout.write('regressions done\n');
  for (const defect of DEFECTS.filter((one) => one.file.includes('chime-sdk-meetings'))) {
    const { failures: [failure] } = await player.play({ defect });
    process.stdout.write(`${failure ? 'detected' : 'NOT DETECTED'} ${defect.name}: ${failure?.transcript.split('\n')[0] ?? ''}\n`);
  }
  const until = Date.now() + Number(process.argv[2]) * 1000;
  let played = 0;
  for (let seed = 7_000; Date.now() < until; seed += 1) {
    const some = fc.sample(histories, { seed, numRuns: 400 }).filter((one) => one.operations.some(({ resources }) => resources.some(({ kind }) => kind === 'chimeMeetingPool')));
    for (const history of some) {
      if (Date.now() > until) break;
      const { failures: [failure] } = await player.play({ histories: [history] });
      played += 1;
      if (failure) process.stdout.write(`VIOLATION seed ${seed} ${failure.transcript.slice(0, 6000)}\n${JSON.stringify(history)}\n`);
    }
  }
  process.stdout.write(`${played} random histories of pools\n`);
}

void main().then(() => process.exit());

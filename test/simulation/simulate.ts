import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { histories } from './histories';
import { World } from './world';

const { values } = parseArgs({
  options: { histories: { type: 'string', default: '100' }, seed: { type: 'string' }, path: { type: 'string' } },
});

async function main(): Promise<void> {
  const seed = Number(values.seed ?? 1);
  const { write } = process.stdout;
  const print = (text: string) => write.call(process.stdout, `${text}\n`);
  const world = new World();
  await world.warmUp();
  process.on('SIGTERM', () => { print(world.story()); print(process.getActiveResourcesInfo().join()); process.exit(2); });
  const from = process.hrtime.bigint();
  let played = 0;
  const result = await fc.check(fc.asyncProperty(histories, async (history) => {
    const at = process.hrtime.bigint();
    await world.play(history);
    if (process.env.TRACE) print(`${played} ${Number(process.hrtime.bigint() - at) / 1e6} ms`);
    played += 1;
  }), { numRuns: Number(values.histories), seed, path: values.path, endOnFailure: false });
  const seconds = Number(process.hrtime.bigint() - from) / 1e9;
  print(`${played} histories in ${seconds.toFixed(1)} s, ${(played / seconds).toFixed(1)} a second; faults: ${JSON.stringify(world.injected)}`);
  if (!result.failed) {
    print('none broke an invariant');
    return;
  }
  print(`seed ${result.seed}, path ${result.counterexamplePath}, shrunk ${result.numShrinks} times`);
  print(JSON.stringify(result.counterexample));
  print(String((result.errorInstance as Error)?.message));
  process.exitCode = 1;
}

void main().then(() => process.exit());

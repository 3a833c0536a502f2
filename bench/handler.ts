import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { bareBundle, type Bundle, type Domain, DOMAINS, handlerBundle, handlerBundleWith, loadedBytes } from './bundles';
import { KINDS } from './lifecycles';
import { inTurn, progress, shown, type Spread, spread } from './samples';
import { table } from './table';
import { Emulator, requestHandler } from '../local/emulator';
import { asStrings } from '../test/cloudformation';

interface Load {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
}

const EVENT = {
  RequestId: 'request', StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Bench/1', LogicalResourceId: 'Thing', PhysicalResourceId: 'thing',
};

/** Loads a bundle in a process of its own. Ours is asked for a domain: to a Delete, onEvent answers as soon as its domain is there. */
function load({ file }: Bundle, resourceType?: string): Load {
  const event = { ...EVENT, RequestType: 'Delete', ResourceType: resourceType, ResourceProperties: {} };
  const script = `
    const start = performance.now();
    const cpu = process.cpuUsage();
    const bundle = require(${JSON.stringify(file)});
    Promise.resolve(bundle.onEvent?.(${JSON.stringify(event)})).then(() => {
      const milliseconds = performance.now() - start;
      const { user, system } = process.cpuUsage(cpu);
      gc();
      const { rss, heapUsed } = process.memoryUsage();
      process.stdout.write(JSON.stringify({ milliseconds, cpuMilliseconds: (user + system) / 1e3, rssMiB: rss / 2 ** 20, heapMiB: heapUsed / 2 ** 20 }));
    });
  `;
  const env = { AWS_REGION: 'us-east-1', POWERTOOLS_LOG_LEVEL: 'SILENT', NODE_NO_WARNINGS: '1', AWS_LAMBDA_FUNCTION_NAME: 'bench' };
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', '-e', script], { encoding: 'utf8', env }));
}

export async function measureHandler({ runs }: { runs: number }) {
  progress('bundling');
  const handlers = await handlerBundle();
  const domains = [];
  for (const domain of DOMAINS) domains.push(await measureDomain(domain, handlers, runs));
  console.log(table(`The handlers' bundle: ${handlers.bytes} bytes; before any domain ${loadedBytes(handlers, ['lambda/index.ts'])} of them run. `
    + `Cold load, a process each, in turn, ${runs} runs: milliseconds, median (from-to)`, domains.map(({ domain, ours, bare, bytes, bareBytes }) => ({
    'domain': domain,
    'bytes that run': bytes,
    'bare clients': bareBytes,
    'CPU': milliseconds(ours.cpuMilliseconds),
    'CPU, bare': milliseconds(bare.cpuMilliseconds),
    'CPU ratio': (ours.cpuMilliseconds.median / bare.cpuMilliseconds.median).toFixed(2),
    'wall ratio': (ours.milliseconds.median / bare.milliseconds.median).toFixed(2),
    'RSS, MiB': `${ours.rssMiB.median.toFixed(0)} (bare ${bare.rssMiB.median.toFixed(0)})`,
    'heap, MiB': `${ours.heapMiB.median.toFixed(1)} (bare ${bare.heapMiB.median.toFixed(1)})`,
  }))));
  const warm = await measureWarm();
  console.log(table('A warm poll that finds everything done, its calls answered at once: CPU milliseconds', warm.map(({ domain, calls, cpuMilliseconds }) => ({
    domain, calls, 'CPU': milliseconds(cpuMilliseconds), 'CPU a call': (cpuMilliseconds.median / calls).toFixed(2),
  }))));
  return { bundleBytes: handlers.bytes, entryBytes: loadedBytes(handlers, ['lambda/index.ts']), domains, warm };
}

async function measureDomain(domain: Domain, handlers: Bundle, runs: number) {
  const bare = await bareBundle(domain);
  const samples = inTurn(`cold load of ${domain.name}`, ['ours', 'bare'] as const, runs, (which) => (which === 'ours' ? load(handlers, domain.resourceType) : load(bare)));
  const summary = (loads: Load[]) => Object.fromEntries(
    (Object.keys(loads[0]) as (keyof Load)[]).map((key) => [key, spread(loads.map((sample) => sample[key]))]),
  ) as Record<keyof Load, Spread>;
  return {
    domain: domain.name,
    bytes: loadedBytes(handlers, ['lambda/index.ts', ...domain.modules]),
    bareBytes: loadedBytes(bare, ['<stdin>']),
    ours: summary(samples.ours),
    bare: summary(samples.bare),
  };
}

/** What the service answers is recorded once and then answered at once, so that what is left is the handlers' own and the SDK's. */
async function measureWarm() {
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', POWERTOOLS_LOG_LEVEL: 'SILENT' });
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { isComplete, onEvent } = require((await handlerBundleWith('test/simulation/transport.ts')).file);
  const measured: { domain: string; calls: number; cpuMilliseconds: Spread }[] = [];
  // A pool's calls hold the time and new tokens: what is recorded would answer none of them.
  for (const { name, resourceType, services, properties, service } of KINDS.filter((kind) => kind.name !== 'ChimeMeetingPool')) {
    progress(`warm polls of ${name}`);
    const emulator = new Emulator({ account: '123456789012', services, timings: { creating: 0 }, rates: 'off' });
    const recorded = new Map<string, { statusCode: number; headers: object; body: Buffer }>();
    let recording = false;
    let calls = 0;
    Object.assign(globalThis, {
      simulatedTransport: async (request: any) => {
        calls += 1;
        const key = `${request.hostname} ${request.path} ${request.headers['x-amz-target']} ${Buffer.from(request.body ?? '').toString()}`;
        let answer = recording ? undefined : recorded.get(key);
        if (!answer) {
          const { response: { statusCode, headers, body } } = await requestHandler(emulator, service(request.hostname)).handle(request);
          answer = { statusCode, headers, body: Buffer.from(body) };
          recorded.set(key, answer);
        }
        return { response: { ...answer, body: Readable.from([answer.body]) } };
      },
    });
    recording = true;
    const event = { ...EVENT, PhysicalResourceId: undefined, RequestType: 'Create', ResourceType: resourceType, ResourceProperties: asStrings(properties(emulator)[0]) };
    const poll = { ...event, ...await onEvent(event) };
    while (!(await isComplete(poll)).IsComplete);
    await isComplete(poll);
    recording = false;
    calls = 0;
    await isComplete(poll);
    const callsOfOne = calls;
    const samples: number[] = [];
    for (let batch = 0; batch < 12; batch += 1) {
      const cpu = process.cpuUsage();
      for (let invocation = 0; invocation < 50; invocation += 1) await isComplete(poll);
      const { user, system } = process.cpuUsage(cpu);
      // The first ones are compiled while they run.
      if (batch >= 2) samples.push((user + system) / 1e3 / 50);
    }
    measured.push({ domain: name, calls: callsOfOne, cpuMilliseconds: spread(samples) });
  }
  progress('');
  return measured;
}

function milliseconds(spent: Spread): string {
  return shown(spent, spent.median < 10 ? 2 : 0);
}

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { handlerBundleWith } from './bundles';
import { DeployedPool, inVirtualTime, type Services } from './pool-in-virtual-time';
import { inTurn, progress, shown, spread } from './samples';
import { table } from './table';
import { PoolTable } from '../lambda/chime-sdk-meetings/meeting-pool/table';
import { POOL_ENVIRONMENT } from '../src/chime-sdk-meetings/private/meeting-pool-contract';

/** The responses of the table of a pool with 200 ready meetings, of which two pages contain all. */
interface Recording {
  readonly now: number;
  readonly pages: string[];
  /** By sort key. */
  readonly items: Record<string, string>;
}

interface Sample {
  /** CPU milliseconds until the function can be called. */
  readonly init: number;
  /** CPU milliseconds of the first checkout, which reads the pool and the ready meetings. */
  readonly first: number;
  /** CPU milliseconds of a checkout from memory. */
  readonly recent: number;
  /** CPU milliseconds of a checkout that also reads the ready meetings again. */
  readonly outdated: number;
  readonly rssMiB: number;
}

/** Each batch is one sample of the CPU time. The code of the first batches is compiled while they run. */
const BATCHES = 12;

/** AWS assigns one virtual CPU to a function with 1,769 MB. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEGABYTES_OF_ONE_CPU = 1_769;

const MEMORY_SIZES = [128, 256, 512, 1_024, 1_769];

/**
 * The CPU time of a checkout of a reserved attendee in the bundle of the package, in a process of its own. The responses of the table were recorded, so
 * that only the function and the SDK use CPU time. Encryption of the connections isn't included.
 */
export async function measureWarmCheckouts({ runs }: { runs: number }) {
  progress('bundling');
  const { file } = await handlerBundleWith('test/simulation/transport.ts');
  const recording = path.join(path.dirname(file), 'recording.json');
  writeFileSync(recording, JSON.stringify(await inVirtualTime(1, record)));
  const { samples } = inTurn('checkouts', ['samples'] as const, runs, () => runProcess(file, recording));
  const figures = {
    init: spread(samples.map(({ init }) => init)),
    first: spread(samples.map(({ first }) => first)),
    recent: spread(samples.map(({ recent }) => recent)),
    outdated: spread(samples.map(({ outdated }) => outdated)),
    rssMiB: spread(samples.map(({ rssMiB }) => rssMiB)),
  };
  console.log(table(`A checkout of a reserved attendee: CPU milliseconds, median (from-to) of ${runs} processes`, [{
    'init': shown(figures.init, 0),
    'first checkout': shown(figures.first, 0),
    'from memory': shown(figures.recent),
    'and the list is read again': shown(figures.outdated),
    'RSS, MiB': shown(figures.rssMiB, 0),
  }]));
  console.log(table('The same at the share of a CPU that a memory size has: milliseconds', MEMORY_SIZES.map((memory) => {
    const at = (cpu: number) => (cpu * Math.max(1, MEGABYTES_OF_ONE_CPU / memory)).toFixed(1);
    return { 'memory, MiB': memory, 'first checkout': at(figures.first.median), 'from memory': at(figures.recent.median), 'and the list is read again': at(figures.outdated.median) };
  })));
  return figures;
}

async function record(services: Services): Promise<Recording> {
  const { poolName } = await DeployedPool.deploy(services, 200, { properties: { ReservedAttendees: 1 } });
  const responses: string[] = [];
  const poolTable = new PoolTable({
    client: services.tableClient(undefined, (body) => responses.push(body)), tableName: DeployedPool.TABLE, abortSignal: new AbortController().signal,
  });
  const responseOf = async (read: Promise<unknown>) => {
    await read;
    return responses.at(-1)!;
  };
  const items: Record<string, string> = { pool: await responseOf(poolTable.pool(poolName)) };
  const pages = new Map<string, string>();
  // The page starts at a random end of the list.
  while (pages.size < 2) {
    const page = await poolTable.ready(poolName, 0);
    pages.set(page[0].token, responses.at(-1)!);
    for (const { token } of page) items[`attendees#${token}`] ??= await responseOf(poolTable.reservedAttendees(poolName, token));
  }
  return { now: services.clock.now(), pages: [...pages.values()], items };
}

function runProcess(bundle: string, recording: string): Sample {
  const script = `
    const { readFileSync } = require('node:fs');
    const { Readable } = require('node:stream');
    const { now, pages, items } = JSON.parse(readFileSync(${JSON.stringify(recording)}, 'utf8'));
    const responseTo = (operation, input) => {
      if (operation === 'TransactWriteItems') return '{}';
      if (operation === 'Query') return pages[(queries += 1) % 2];
      return items[input.Key.item.S];
    };
    let queries = 0;
    let idle = 0;
    Date.now = () => Math.floor(now + performance.now() + idle);
    globalThis.fetch = async () => ({ ok: true, text: async () => '' });
    globalThis.simulatedTransport = async ({ headers, body }) => {
      const response = responseTo(headers['x-amz-target'].split('.')[1], JSON.parse(Buffer.from(body).toString()));
      return { response: { statusCode: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Readable.from([Buffer.from(response)]) } };
    };
    const cpuOf = async (work) => {
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e3;
    };
    const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
    (async () => {
      let checkout;
      let calls = 0;
      const init = await cpuOf(async () => {
        ({ checkout } = require(${JSON.stringify(bundle)}));
        // The modules of the pool are loaded asynchronously.
        for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
      });
      const once = async () => {
        const { Attendees, error } = await checkout({ externalUserIds: ['alice'] }, { awsRequestId: 'request-' + (calls += 1) });
        if (!Attendees?.[0].JoinToken || Attendees[0].RequestedUserId !== 'alice') throw new Error(JSON.stringify(error));
      };
      const first = await cpuOf(once);
      const samplesOf = async (checkouts, pause) => {
        const samples = [];
        for (let batch = 0; batch < ${BATCHES}; batch += 1) {
          samples.push(await cpuOf(async () => {
            for (let n = 0; n < checkouts; n += 1) {
              idle += pause;
              await once();
            }
          }) / checkouts);
        }
        return median(samples.slice(2));
      };
      const recent = await samplesOf(50, 0);
      // Few enough that no meeting ends.
      const outdated = await samplesOf(10, 1_100);
      const rssMiB = process.memoryUsage().rss / 2 ** 20;
      process.stdout.write(JSON.stringify({ init, first, recent, outdated, rssMiB }));
    })();
  `;
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    NODE_NO_WARNINGS: '1',
    AWS_LAMBDA_FUNCTION_NAME: 'bench',
    [POOL_ENVIRONMENT.poolName]: 'pool',
    [POOL_ENVIRONMENT.tableName]: 'rooms',
    [POOL_ENVIRONMENT.maintainerFunctionName]: 'maintainer',
  };
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', env }));
}

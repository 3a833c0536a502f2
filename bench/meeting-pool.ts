import { CreateAttendeeCommand, CreateMeetingCommand } from '@aws-sdk/client-chime-sdk-meetings';
import { DeployedPool, LATENCY, Services } from './pool-in-virtual-time';

/** The number of concurrent callers, and the number of rounds. Between two rounds all attendees leave, and all rates recover. */
const ROUNDS: [concurrency: number, rounds: number][] = [[1, 30], [10, 10], [100, 3], [250, 1]];

/** Milliseconds between two rounds: all rates recover, and the largest pool is full again. */
const ROUND_PAUSE = 45_000;

interface Latencies {
  readonly way: string;
  readonly concurrency: number;
  /** A cold environment serves its first request. Its start isn't counted: Lambda and the bundle take this time, see `stacks` and `handler`. */
  readonly environments: 'cold' | 'warm';
  readonly p50: number;
  readonly p99: number;
  readonly tooManyRequests: number;
  /** Transactions and reads of the table that DynamoDB refused. */
  readonly conflicts?: number;
  readonly throttledTableCalls?: number;
}

/** In virtual time: the figures are the same on every machine, but for what is chosen by chance. */
export async function measureMeetingPool() {
  const latencies: Latencies[] = [];
  const measured = (one: Latencies) => {
    latencies.push(one);
    show(one);
  };
  for (const [concurrency, rounds] of ROUNDS) {
    for (const environments of ['cold', 'warm'] as const) {
      for (const reserved of [1, 0]) measured(await checkouts(concurrency, rounds, environments, reserved));
    }
    measured(await usualWay(concurrency, rounds));
  }
  const refills = [];
  for (const reserved of [1, 0]) {
    refills.push(await refillTime(100, reserved));
    const { seconds, tooManyRequests } = refills.at(-1)!;
    console.log(`after 100 leases at once, with ${reserved} reserved attendees: full again after ${seconds.toFixed(1)} s, ${tooManyRequests} x 429`);
  }
  const path = await callsInPath();
  console.log(`a checkout from a warm pool calls ${path.join(', ')}`);
  const crowd = await thousandCheckouts();
  console.log(`1,000 checkouts in 10 minutes, 20 at once: ${JSON.stringify(crowd)}`);
  const idle = [];
  for (const size of [1, 10, 100, 200]) {
    idle.push(await idleHour(size));
    const { calls, perMeeting } = idle.at(-1)!;
    console.log(`an idle hour with ${size} ready: ${calls} calls to Amazon Chime, ${perMeeting.toFixed(1)} for each`);
  }
  return { latencyOfEachCall: LATENCY, latencies, refills, callsInPath: path, thousandCheckouts: crowd, idleHour: idle };
}

function show({ way, concurrency, environments, p50, p99, tooManyRequests, conflicts = 0, throttledTableCalls = 0 }: Latencies): void {
  const table = conflicts + throttledTableCalls > 0 ? `, table: ${conflicts} conflicts, ${throttledTableCalls} throttled` : '';
  console.log(`${String(concurrency).padStart(4)} callers at once  ${way.padEnd(30)} ${environments}  p50 ${p50.toFixed(0)} ms  p99 ${p99.toFixed(0)} ms  ${tooManyRequests} x 429${table}`);
}

async function checkouts(concurrency: number, rounds: number, environments: Latencies['environments'], reserved: number): Promise<Latencies> {
  const pool = await DeployedPool.deploy(Math.min(200, 2 * concurrency), reserved > 0 ? { properties: { ReservedAttendees: reserved } } : {});
  const { services } = pool;
  pool.keep();
  const samples: number[] = [];
  // The first round warms the environments, and isn't counted.
  for (let round = environments === 'warm' ? -1 : 0; round < rounds; round += 1) {
    await pool.rest(ROUND_PAUSE / 60_000);
    if (environments === 'cold') pool.stopEnvironments();
    await Promise.all(Array.from({ length: concurrency }, async (_, caller) => {
      const { meetingId, milliseconds } = await timed(services, () => checkoutUntilGiven(pool, `round-${round}-caller-${caller}`));
      if (round >= 0) samples.push(milliseconds);
      services.end(meetingId);
    }));
  }
  await pool.destroy();
  const { conflicts, throttled } = services.partition;
  return {
    way: reserved > 0 ? 'pool with reserved attendees' : 'pool', concurrency, environments, ...percentiles(samples), tooManyRequests: throttledAnswers(services), conflicts, throttledTableCalls: throttled,
  };
}

/** The time until a pool has all its meetings again, after some of them were leased at once. */
async function refillTime(concurrency: number, reserved: number) {
  const pool = await DeployedPool.deploy(2 * concurrency, reserved > 0 ? { properties: { ReservedAttendees: reserved } } : {});
  const { services } = pool;
  pool.keep();
  await pool.rest();
  const startedAt = services.clock.now();
  await Promise.all(Array.from({ length: concurrency }, async (_, caller) => services.end(await checkoutUntilGiven(pool, `caller-${caller}`))));
  while (pool.readyMeetings() < 2 * concurrency) await services.clock.sleep(100);
  const seconds = (services.clock.now() - startedAt) / 1000;
  await pool.destroy();
  return { concurrency, reserved, seconds, tooManyRequests: throttledAnswers(services) };
}

/** As applications do it: two calls in the request path, tried again with the same token. */
async function usualWay(concurrency: number, rounds: number): Promise<Latencies> {
  const services = new Services();
  const client = services.meetingsClient();
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await services.clock.sleep(120_000);
    await Promise.all(Array.from({ length: concurrency }, async (_, caller) => {
      const id = `round-${round}-caller-${caller}`;
      const { meetingId, milliseconds } = await timed(services, async () => {
        const { Meeting } = await untilNotThrottled(services, () =>
          client.send(new CreateMeetingCommand({ ClientRequestToken: id, ExternalMeetingId: id, MediaRegion: 'us-east-1' })));
        const MeetingId = Meeting!.MeetingId!;
        await untilNotThrottled(services, () => client.send(new CreateAttendeeCommand({ MeetingId, ExternalUserId: 'alice' })));
        return MeetingId;
      });
      samples.push(milliseconds);
      services.end(meetingId);
    }));
  }
  return { way: 'create meeting, then attendee', concurrency, environments: 'warm', ...percentiles(samples), tooManyRequests: throttledAnswers(services) };
}

/** The calls of a function's second checkout. The first checkout also reads the settings of the pool. Calls of the concurrent refill don't count. */
async function callsInPath() {
  const pool = await DeployedPool.deploy(10, { refilled: false });
  await pool.checkout({ clientRequestToken: 'first', externalUserIds: ['alice'] });
  const before = pool.services.emulator.calls.length;
  await pool.checkout({ clientRequestToken: 'second', externalUserIds: ['alice', 'bob'] });
  return pool.services.emulator.calls.slice(before).map(({ operation }) => operation);
}

/** Groups of 20 at once; each uses its meeting for half a minute. */
async function thousandCheckouts() {
  const pool = await DeployedPool.deploy(50);
  const { services } = pool;
  const { clock } = services;
  pool.keep();
  await pool.rest();
  const given: string[] = [];
  const samples: number[] = [];
  const caller = async (name: string) => {
    const { meetingId, milliseconds } = await timed(services, () => checkoutUntilGiven(pool, name));
    given.push(meetingId);
    samples.push(milliseconds);
    await clock.sleep(30_000);
    services.end(meetingId);
  };
  const callers: Promise<void>[] = [];
  for (let group = 0; group < 50; group += 1) {
    for (let index = 0; index < 20; index += 1) callers.push(caller(`group-${group}-caller-${index}`));
    await clock.sleep(12_000);
  }
  await Promise.all(callers);
  await pool.destroy();
  const givenTwice = given.length - new Set(given).size;
  return { given: given.length, givenTwice, leftAfterDelete: services.meetings().length, ...percentiles(samples) };
}

async function idleHour(size: number) {
  const pool = await DeployedPool.deploy(size);
  pool.keep();
  // Until it runs evenly.
  await pool.rest(10);
  const before = pool.services.chimeCalls();
  await pool.rest(60);
  const calls = pool.services.chimeCalls() - before;
  await pool.destroy();
  return { size, calls, perMeeting: calls / size };
}

async function checkoutUntilGiven(pool: DeployedPool, clientRequestToken: string): Promise<string> {
  for (;;) {
    const answer = await pool.checkout({ clientRequestToken, externalUserIds: ['alice'] });
    if ('Meeting' in answer) return answer.Meeting.MeetingId;
    if (![429, 503].includes(answer.statusCode)) throw new Error(JSON.stringify(answer));
    await pool.services.clock.sleep(Math.random() * 1000);
  }
}

async function untilNotThrottled<T>({ clock }: Services, call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if ((error as Error).name !== 'ThrottlingException') throw error;
      await clock.sleep(Math.random() * 1000);
    }
  }
}

async function timed({ clock }: Services, work: () => Promise<string>): Promise<{ meetingId: string; milliseconds: number }> {
  const start = clock.now();
  const meetingId = await work();
  return { meetingId, milliseconds: clock.now() - start };
}

function throttledAnswers({ emulator }: Services): number {
  return emulator.calls.filter(({ service, outcome }) => service === 'chime-sdk-meetings' && /Throttl/.test(outcome)).length;
}

function percentiles(samples: number[]): { p50: number; p99: number } {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50: at(0.5), p99: at(0.99) };
}

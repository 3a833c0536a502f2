import { CreateAttendeeCommand, CreateMeetingCommand } from '@aws-sdk/client-chime-sdk-meetings';
import { DeployedPool, type DeployOptions, inVirtualTime, LATENCY, type Services } from './pool-in-virtual-time';

/**
 * The number of concurrent callers, of rounds, and of seeds. Between two rounds all attendees leave, and all rates recover. Each seed repeats the rounds
 * with other random numbers.
 */
const ROUNDS: [concurrency: number, rounds: number, seeds: number][] = [[1, 5, 3], [10, 5, 7], [100, 1, 3], [250, 1, 1]];

/** Milliseconds between two rounds: all rates recover, and the largest pool is full again. */
const ROUND_PAUSE = 45_000;

interface Refill {
  readonly size: number;
  readonly reserved: number;
  /** Minutes from the deployment to the checkouts. In the first minute, the scheduled runs replace no meeting. */
  readonly rest: number;
}

/** Replaced meetings count toward the quota until they end. In the last pool, they leave no room, so the maintainer must end them first. */
const REFILLS: Refill[] = [{ size: 140, reserved: 1, rest: 0.5 }, { size: 140, reserved: 0, rest: 0.5 }, { size: 200, reserved: 1, rest: 2.75 }];

const WAYS = ['pool with reserved attendees', 'pool', 'create meeting, then attendee'] as const;

interface Situation {
  readonly way: typeof WAYS[number];
  readonly concurrency: number;
  readonly rounds: number;
  readonly seeds: number;
  /** A cold environment serves its first request. Its start isn't counted: Lambda and the bundle take this time, see `stacks` and `handler`. */
  readonly environments: 'cold' | 'warm';
}

interface Sample {
  readonly milliseconds: number[];
  readonly tooManyRequests: number;
  /** Transactions that DynamoDB canceled because of other transactions, and calls that it throttled. */
  readonly conflicts?: number;
  readonly throttledTableCalls?: number;
  /** Runs of the maintainer that failed. */
  readonly failedRuns?: number;
}

/** The median of all seeds, and the worst seed. */
interface Figure {
  readonly median: number;
  readonly worst: number;
}

interface Latencies extends Situation {
  readonly p50: Figure;
  readonly p99: Figure;
  readonly tooManyRequests: Figure;
  readonly conflicts: Figure;
  readonly throttledTableCalls: Figure;
  readonly failedRuns: Figure;
}

/** In virtual time, with the random numbers of a seed: the figures are the same on every machine. */
export async function measureMeetingPool() {
  const latencies: Latencies[] = [];
  for (const situation of situations()) {
    latencies.push(await measureLatencies(situation));
    show(latencies.at(-1)!);
  }
  const refills = [];
  for (const refill of REFILLS) {
    refills.push(await inVirtualTime(1, (services) => refillTime(services, 100, refill)));
    const { size, reserved, seconds, reportedAfter, tooManyRequests } = refills.at(-1)!;
    console.log(`after 100 leases at once, with ${size} ready meetings and ${reserved} reserved attendees: full again after ${seconds.toFixed(1)} s, the metric after ${reportedAfter.toFixed(1)} s, ${tooManyRequests} x 429`);
  }
  const path = await inVirtualTime(1, callsInPath);
  console.log(`a checkout from a warm pool calls ${path.join(', ')}`);
  const crowd = await inVirtualTime(1, thousandCheckouts);
  console.log(`1,000 checkouts in 10 minutes, 20 at once: ${JSON.stringify(crowd)}`);
  const idle = [];
  for (const [size, reserved] of [[1, 0], [10, 0], [100, 0], [200, 0], [1, 1], [10, 20], [100, 1]]) {
    idle.push(await inVirtualTime(1, (services) => idleHour(services, size, reserved)));
    const { calls, perMeeting } = idle.at(-1)!;
    console.log(`an idle hour with ${size} ready and ${reserved} reserved attendees: ${calls} calls to Amazon Chime, ${perMeeting.toFixed(1)} for each`);
  }
  return { latencyOfEachCall: LATENCY, latencies, refills, callsInPath: path, thousandCheckouts: crowd, idleHour: idle };
}

function situations(): Situation[] {
  return ROUNDS.flatMap(([concurrency, rounds, seeds]) => WAYS.flatMap((way) => {
    const environments = way === 'create meeting, then attendee' ? ['warm'] as const : ['cold', 'warm'] as const;
    return environments.map((each) => ({ way, concurrency, rounds, seeds, environments: each }));
  }));
}

async function measureLatencies(situation: Situation): Promise<Latencies> {
  const samples: Sample[] = [];
  for (let seed = 1; seed <= situation.seeds; seed += 1) samples.push(await inVirtualTime(seed, (services) => measureOnce(services, situation)));
  const figure = (of: (sample: Sample) => number): Figure => {
    const values = samples.map(of).sort((a, b) => a - b);
    return { median: values[Math.floor(values.length / 2)], worst: values.at(-1)! };
  };
  return {
    ...situation,
    p50: figure(({ milliseconds }) => percentiles(milliseconds).p50),
    p99: figure(({ milliseconds }) => percentiles(milliseconds).p99),
    tooManyRequests: figure(({ tooManyRequests }) => tooManyRequests),
    conflicts: figure(({ conflicts = 0 }) => conflicts),
    throttledTableCalls: figure(({ throttledTableCalls = 0 }) => throttledTableCalls),
    failedRuns: figure(({ failedRuns = 0 }) => failedRuns),
  };
}

function measureOnce(services: Services, { way, concurrency, rounds, environments }: Situation): Promise<Sample> {
  if (way === 'create meeting, then attendee') return usualWay(services, concurrency, rounds);
  return checkouts(services, concurrency, rounds, environments, way === 'pool with reserved attendees' ? 1 : 0);
}

function show({ way, concurrency, environments, p50, p99, tooManyRequests, conflicts, throttledTableCalls, failedRuns }: Latencies): void {
  const shown = ({ median, worst }: Figure) => worst > median ? `${median.toFixed(0)} (worst ${worst.toFixed(0)})` : median.toFixed(0);
  const table = conflicts.worst + throttledTableCalls.worst > 0 ? `, table: ${shown(conflicts)} conflicts, ${shown(throttledTableCalls)} throttled` : '';
  const failed = failedRuns.worst > 0 ? `, ${shown(failedRuns)} runs of the maintainer failed` : '';
  console.log(`${String(concurrency).padStart(4)} callers at once  ${way.padEnd(30)} ${environments}  p50 ${shown(p50)} ms  p99 ${shown(p99)} ms  ${shown(tooManyRequests)} x 429${table}${failed}`);
}

function optionsOf(reserved: number): DeployOptions {
  return reserved > 0 ? { properties: { ReservedAttendees: reserved } } : {};
}

async function checkouts(
  services: Services, concurrency: number, rounds: number, environments: Situation['environments'], reserved: number,
): Promise<Sample> {
  const pool = await DeployedPool.deploy(services, Math.min(200, 2 * concurrency), optionsOf(reserved));
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
  const { conflicts, throttled: throttledTableCalls } = services.partition;
  return { milliseconds: samples, tooManyRequests: throttledAnswers(services), conflicts, throttledTableCalls, failedRuns: pool.failedRuns };
}

/** The time until a pool has all its meetings again, after some of them were leased at once. */
async function refillTime(services: Services, concurrency: number, { size, reserved, rest }: Refill) {
  const pool = await DeployedPool.deploy(services, size, optionsOf(reserved));
  pool.keep();
  await pool.rest(rest);
  const startedAt = services.clock.now();
  await Promise.all(Array.from({ length: concurrency }, async (_, caller) => services.end(await checkoutUntilGiven(pool, `caller-${caller}`))));
  const secondsUntil = async (isFull: () => boolean) => {
    while (!isFull()) await services.clock.sleep(100);
    return (services.clock.now() - startedAt) / 1000;
  };
  const seconds = await secondsUntil(() => pool.readyMeetings() === size);
  const reportedAfter = await secondsUntil(() => pool.reportedReady === size);
  await pool.destroy();
  return { size, concurrency, reserved, seconds, reportedAfter, tooManyRequests: throttledAnswers(services), failedRuns: pool.failedRuns };
}

/** As applications do it: two calls in the request path, tried again with the same token. */
async function usualWay(services: Services, concurrency: number, rounds: number): Promise<Sample> {
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
  return { milliseconds: samples, tooManyRequests: throttledAnswers(services) };
}

/** The calls of a function's second checkout. The first checkout also reads the settings of the pool. Calls of the concurrent refill don't count. */
async function callsInPath(services: Services) {
  const pool = await DeployedPool.deploy(services, 10, { refilled: false });
  await pool.checkout({ clientRequestToken: 'first', externalUserIds: ['alice'] });
  const before = services.emulator.calls.length;
  await pool.checkout({ clientRequestToken: 'second', externalUserIds: ['alice', 'bob'] });
  return services.emulator.calls.slice(before).map(({ operation }) => operation);
}

/** Groups of 20 at once; each uses its meeting for half a minute. */
async function thousandCheckouts(services: Services) {
  const pool = await DeployedPool.deploy(services, 50);
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

async function idleHour(services: Services, size: number, reserved: number) {
  const pool = await DeployedPool.deploy(services, size, optionsOf(reserved));
  pool.keep();
  // Until it runs evenly.
  await pool.rest(10);
  const before = services.chimeCalls();
  await pool.rest(60);
  const calls = services.chimeCalls() - before;
  await pool.destroy();
  return { size, reserved, calls, perMeeting: calls / size };
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

import type { PoolConnections } from './connections';
import type { PoolMetrics } from './metrics';
import { patienceOf } from './patience';
import { POOL_TIMING } from './plan';
import { CALLS_PER_SECOND, Keeper, pausesOf } from './pool-reconciler';
import type { PoolTable } from './table';
import type { Clock } from '../../engine/clock';
import { describeError } from '../../engine/error-classes';
import type { Log } from '../../engine/log';
import { Pace } from '../../engine/rate-limiter';
import { Step } from '../../engine/time-budget';

/** Seconds; less than the function's timeout, and than the lock holds. */
const RUN = 45;

export interface MaintainerOptions {
  readonly poolName: string;
  readonly table: (abortSignal: AbortSignal) => PoolTable;
  readonly meetings: PoolConnections['meetings'];
  readonly metrics: PoolMetrics;
  readonly clock: Clock;
  readonly log: Log;
}

/** Refills the pool, every minute and whenever something was leased. Two runs at once are safe, but one is enough. */
export async function maintain(options: MaintainerOptions, runId: string): Promise<void> {
  const { poolName, clock } = options;
  const log = options.log.child({ requestId: runId });
  const step = new Step(clock, clock.now(), RUN);
  await step.run(async () => {
    const table = options.table(step.signal);
    const now = clock.now();
    if (!await table.lock(poolName, runId, now, now + POOL_TIMING.tick)) return;
    try {
      await refill({ ...options, log }, table, step);
    } finally {
      await table.unlock(poolName, runId);
    }
  });
}

async function refill({ poolName, meetings, metrics, clock, log }: MaintainerOptions, table: PoolTable, step: Step): Promise<void> {
  const pool = await table.pool(poolName);
  if (pool?.state !== 'open') return;
  const pace = new Pace(clock, CALLS_PER_SECOND);
  const api = await meetings(pool, step.signal, () => pace.turn(), patienceOf(pausesOf(step)));
  const keeper = new Keeper({ table, meetings: api, clock, step, log });
  // Counted from here, however long this run takes: what it has made is good until then.
  const nextRun = clock.now() + POOL_TIMING.tick;
  let ended = 0;
  let refillErrors = 0;
  for (;;) {
    const tended = await keeper.tend(pool, { kind: 'maintain', nextRun });
    ended += tended.ended;
    refillErrors += tended.errors.length;
    for (const error of tended.errors) log.error('not refilled', { reason: describeError(error) });
    const { plan } = tended;
    // What was leased while this went on is refilled at once.
    const isDone = plan.fill.length === 0 && plan.end.length === 0;
    if (isDone || tended.errors.length > 0 || step.left < RUN / 3) {
      metrics.maintained({ ready: plan.count.ready, leased: plan.count.leased, quotaLeft: plan.count.quotaLeft, ended, refillErrors });
      return;
    }
  }
}

import type { PoolConnections } from './connections';
import type { PoolMetrics } from './metrics';
import { patienceOf } from './patience';
import { POOL_TIMING } from './plan';
import { CALLS_PER_SECOND, PoolReconciler, pausesOf } from './pool-reconciler';
import type { PoolTable } from './table';
import type { Clock } from '../../engine/clock';
import { describeError } from '../../engine/error-classes';
import type { Log } from '../../engine/log';
import { RateLimiter } from '../../engine/rate-limiter';
import { TimeBudget } from '../../engine/time-budget';

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
  const budget = new TimeBudget(clock, clock.now(), RUN);
  await budget.run(async () => {
    const table = options.table(budget.signal);
    const now = clock.now();
    if (!await table.lock(poolName, runId, now, now + POOL_TIMING.tick)) return;
    try {
      await refill({ ...options, log }, table, budget);
    } finally {
      await table.unlock(poolName, runId);
    }
  });
}

async function refill({ poolName, meetings, metrics, clock, log }: MaintainerOptions, table: PoolTable, budget: TimeBudget): Promise<void> {
  const pool = await table.pool(poolName);
  if (pool?.state !== 'open') return;
  const rateLimiter = new RateLimiter(clock, CALLS_PER_SECOND);
  const api = await meetings(pool, budget.signal, () => rateLimiter.acquire(), patienceOf(pausesOf(budget)));
  const reconciler = new PoolReconciler({ table, meetings: api, clock, budget, log });
  // Counted from here, however long this run takes: what it has made is good until then.
  const nextRun = clock.now() + POOL_TIMING.tick;
  let ended = 0;
  let refillErrors = 0;
  for (;;) {
    const reconciliation = await reconciler.reconcile(pool, { kind: 'maintain', nextRun });
    ended += reconciliation.ended;
    refillErrors += reconciliation.errors.length;
    for (const error of reconciliation.errors) log.error('not refilled', { reason: describeError(error) });
    const { plan } = reconciliation;
    // What was leased while this went on is refilled at once.
    const isDone = plan.fill.length === 0 && plan.end.length === 0;
    if (isDone || reconciliation.errors.length > 0 || budget.remaining < RUN / 3) {
      metrics.maintained({ ready: plan.count.ready, leased: plan.count.leased, quotaLeft: plan.count.quotaLeft, ended, refillErrors });
      return;
    }
  }
}

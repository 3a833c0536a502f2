import type { PoolConnections } from './connections';
import type { PoolMetrics } from './metrics';
import { POOL_TIMING } from './plan';
import { CALLS_PER_SECOND, PoolReconciler, retryPauses } from './pool-reconciler';
import { retryingConflicts } from './retry-conflicts';
import { retryingThrottled } from './retry-throttled';
import type { PoolTable } from './table';
import type { Clock } from '../../engine/clock';
import { describeError } from '../../engine/error-classes';
import type { Log } from '../../engine/log';
import { RateLimiter } from '../../engine/rate-limiter';
import { TimeBudget } from '../../engine/time-budget';

/** Seconds of one run: less than the timeout of the function and the duration of the lock. */
const RUN_TIME = 45;

/**
 * Seconds whose calls a run may make up for at once, if the checkouts don't need the burst of 20 calls: checkouts of reserved attendees rarely call the
 * service.
 */
const BURST_TIME = 2;

export interface MaintainerOptions {
  readonly poolName: string;
  readonly table: (abortSignal: AbortSignal) => PoolTable;
  readonly meetings: PoolConnections['meetings'];
  readonly metrics: PoolMetrics;
  readonly clock: Clock;
  readonly log: Log;
}

/** Refills the pool every minute and after each checkout. Concurrent runs would be safe, but the lock admits one, because one is enough. */
export async function maintain(options: MaintainerOptions, runId: string): Promise<void> {
  const { poolName, clock } = options;
  const log = options.log.child({ requestId: runId });
  const budget = new TimeBudget(clock, clock.now(), RUN_TIME);
  await budget.run(async () => {
    const table = options.table(budget.signal);
    const now = clock.now();
    const isLocked = await retryingConflicts(budget, () => table.lock(poolName, runId, now, now + POOL_TIMING.maintenanceInterval));
    if (!isLocked) return;
    try {
      await refill({ ...options, log }, table, budget);
    } finally {
      await retryingConflicts(budget, () => table.unlock(poolName, runId));
    }
  });
}

async function refill({ poolName, meetings, metrics, clock, log }: MaintainerOptions, table: PoolTable, budget: TimeBudget): Promise<void> {
  const pool = await table.pool(poolName);
  if (pool?.state !== 'open') return;
  const api = await meetings(pool, {
    abortSignal: budget.signal,
    rateLimiter: new RateLimiter(clock, CALLS_PER_SECOND, pool.settings.ReservedAttendees ? BURST_TIME : 0),
    retryThrottled: retryingThrottled(retryPauses(budget)),
  });
  const reconciler = new PoolReconciler({ table, meetings: api, clock, budget, log });
  // Counted from the start of this run, however long it takes.
  const nextRun = clock.now() + POOL_TIMING.maintenanceInterval;
  let ended = 0;
  let refillErrors = 0;
  for (;;) {
    const reconciliation = await reconciler.reconcile(pool, { kind: 'maintain', nextRun });
    ended += reconciliation.ended;
    refillErrors += reconciliation.errors.length;
    for (const error of reconciliation.errors) log.error('not refilled', { reason: describeError(error) });
    const { plan } = reconciliation;
    // Meetings that were leased during this reconciliation are replaced by the next one.
    const isDone = plan.fill.length === 0 && plan.end.length === 0;
    if (isDone || reconciliation.errors.length > 0 || budget.remaining < RUN_TIME / 3) {
      const { reserved, ...count } = plan.count;
      metrics.maintained({ ...count, ended, refillErrors, ...pool.settings.ReservedAttendees ? { reservedAttendees: reserved } : {} });
      return;
    }
  }
}

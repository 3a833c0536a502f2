import type { PoolItem } from './items';
import { leasableUntil, POOL_TIMING } from './plan';
import type { PoolTable, ReadyMeeting } from './table';
import { CHIME_MEETING_POOL_LIMITS } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';
import type { Clock } from '../../engine/clock';

/** Milliseconds for which the desired state of the pool stays in memory. */
const POOL_CACHE_TIME = 60_000;

/** Milliseconds after which a checkout reads the ready meetings again while it leases one of the known meetings. */
const READY_CACHE_TIME = 1_000;

/** The reads that a checkout started. Undefined: the copy in memory is recent enough. */
export interface Refresh {
  readonly pool?: Promise<PoolItem | undefined>;
  readonly ready?: Promise<void>;
}

/**
 * The pool and its ready meetings, in the memory of one execution environment. Lambda freezes the environment between two invocations, so both can
 * be outdated. Only the lease decides whether a meeting is ready.
 */
export class PoolCache {
  /** Undefined after a cold start, and after a failed checkout. */
  public pool?: PoolItem;
  private poolReadAt = -Infinity;
  private ready: ReadyMeeting[] = [];
  private readyReadAt = -Infinity;
  /** The tokens of leased meetings that the index may still show, because it lags. */
  private leased = new Set<string>();

  constructor(private readonly options: { readonly poolName: string; readonly clock: Clock }) {}

  /** Starts to read what is outdated. A cold start reads the pool and the ready meetings in one round trip. */
  public refresh(table: PoolTable): Refresh {
    const now = this.options.clock.now();
    return {
      pool: !this.pool || now - this.poolReadAt >= POOL_CACHE_TIME ? this.readPool(table) : undefined,
      ready: !this.pool || this.isReadyOutdated ? this.readReady(table) : undefined,
    };
  }

  /** The next checkout reads the pool again, which may have been closed since it was read. */
  public forget(): void {
    this.pool = undefined;
  }

  public async readReady(table: PoolTable): Promise<void> {
    const { poolName, clock } = this.options;
    const now = clock.now();
    // A cold start doesn't know the minimum lifetime of this pool yet.
    const minimumRemainingLifetime = this.pool?.minimumRemainingLifetime ?? CHIME_MEETING_POOL_LIMITS.minimumRemainingLifetimeSeconds.min * 1000;
    const ready = await table.ready(poolName, leasableUntil({ minimumRemainingLifetime }, now));
    this.leased = new Set(ready.map(({ token }) => token).filter((token) => this.leased.has(token)));
    this.ready = ready.filter(({ token }) => !this.leased.has(token));
    this.readyReadAt = now;
  }

  /** Chooses at random, because concurrent checkouts know the same meetings. */
  public choose(pool: PoolItem, except: ReadonlySet<string>): ReadyMeeting | undefined {
    const now = this.options.clock.now();
    const known = this.ready.filter(({ token, endsAt }) => !except.has(token) && endsAt >= leasableUntil(pool, now));
    // The maintainer may have replaced the other meetings since an outdated list was read.
    const kept = known.filter(({ endsAt }) => endsAt >= now + POOL_TIMING.maintenanceInterval + pool.minimumRemainingLifetime);
    const candidates = this.isReadyOutdated && kept.length > 0 ? kept : known;
    return candidates[Math.floor(Math.random() * candidates.length)];
  }

  public markLeased(leasedToken: string): void {
    this.leased.add(leasedToken);
    this.ready = this.ready.filter(({ token }) => token !== leasedToken);
  }

  private async readPool(table: PoolTable): Promise<PoolItem | undefined> {
    this.poolReadAt = this.options.clock.now();
    this.pool = await table.pool(this.options.poolName);
    return this.pool;
  }

  private get isReadyOutdated(): boolean {
    return this.options.clock.now() - this.readyReadAt >= READY_CACHE_TIME;
  }
}

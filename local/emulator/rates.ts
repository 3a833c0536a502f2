import { Burst, Rate } from './service';

/** 'documented': as AWS publishes them; a factor makes them larger or smaller. */
export type RateSetting = 'documented' | 'off' | { readonly factor: number };

/** The key by which calls are counted. The key of an operation includes the account. */
export interface RateKeys {
  readonly account: string;
  readonly operation: string;
  readonly resource?: string;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Token buckets that hold one second's worth of calls, or a burst. */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private setting: RateSetting) {}

  set(setting: RateSetting): void {
    this.setting = setting;
    this.buckets.clear();
  }

  reset(): void {
    this.buckets.clear();
  }

  /** Takes one call from each bucket that counts it; takes none and answers false when one of them is empty. */
  take(rate: Rate | undefined, { account, operation, resource }: RateKeys, now: number): boolean {
    if (!rate || this.setting === 'off') return true;
    const factor = this.setting === 'documented' ? 1 : this.setting.factor;
    const counted: [string, Burst][] = [];
    if (rate.perAccount !== undefined) counted.push([operation, { perAccount: rate.perAccount, burst: rate.burst }]);
    if (rate.perResource !== undefined && resource !== undefined) counted.push([`${operation} ${resource}`, { perAccount: rate.perResource }]);
    if (rate.shared) counted.push([`${account} shared ${rate.shared.name}`, rate.shared]);
    const buckets = counted.map(([key, { perAccount, burst = perAccount }]) => this.filled(key, perAccount * factor, burst * factor, now));
    if (buckets.some(bucket => bucket.tokens < 1)) return false;
    for (const bucket of buckets) bucket.tokens -= 1;
    return true;
  }

  private filled(key: string, perSecond: number, burst: number, now: number): Bucket {
    const capacity = Math.max(1, burst);
    const bucket = this.buckets.get(key) ?? { tokens: capacity, filledAt: now };
    bucket.tokens = Math.min(capacity, bucket.tokens + (now - bucket.filledAt) / 1000 * perSecond);
    bucket.filledAt = now;
    this.buckets.set(key, bucket);
    return bucket;
  }
}

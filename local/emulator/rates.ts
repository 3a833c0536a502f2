import { Rate } from './service';

/** 'documented': as AWS publishes them; a factor makes them larger or smaller. */
export type RateSetting = 'documented' | 'off' | { readonly factor: number };

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Token buckets that hold one second's worth of calls. */
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
  take(rate: Rate | undefined, accountKey: string, resourceKey: string | undefined, now: number): boolean {
    if (!rate || this.setting === 'off') return true;
    const factor = this.setting === 'documented' ? 1 : this.setting.factor;
    const counted: [string, number][] = [];
    if (rate.perAccount !== undefined) counted.push([accountKey, rate.perAccount * factor]);
    if (rate.perResource !== undefined && resourceKey !== undefined) counted.push([`${accountKey} ${resourceKey}`, rate.perResource * factor]);
    const buckets = counted.map(([key, perSecond]) => this.filled(key, perSecond, now));
    if (buckets.some(bucket => bucket.tokens < 1)) return false;
    for (const bucket of buckets) bucket.tokens -= 1;
    return true;
  }

  private filled(key: string, perSecond: number, now: number): Bucket {
    const capacity = Math.max(1, perSecond);
    const bucket = this.buckets.get(key) ?? { tokens: capacity, filledAt: now };
    bucket.tokens = Math.min(capacity, bucket.tokens + (now - bucket.filledAt) / 1000 * perSecond);
    bucket.filledAt = now;
    this.buckets.set(key, bucket);
    return bucket;
  }
}

/** What a service holds, by account and region. */
export class Regions<R> {
  /** Counts every change, so that the call log can identify a call that changed something. */
  changes = 0;
  private readonly regions = new Map<string, R>();

  constructor(private readonly create: (account: string, region: string, changed: () => void) => R) {}

  of(account: string, region: string): R {
    const key = `${account}/${region}`;
    const known = this.regions.get(key) ?? this.create(account, region, () => { this.changes += 1; });
    this.regions.set(key, known);
    return known;
  }

  all(): R[] {
    return [...this.regions.values()];
  }

  reset(): void {
    this.regions.clear();
  }
}

export function partitionOf(region: string): string {
  return region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

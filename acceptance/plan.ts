/** An upper bound, computed from the plan before anything is created. */
export interface Estimate {
  readonly minutes: number;
  readonly deployments: number;
  /** Calls to the real-time services. */
  readonly calls: number;
  /** US dollars, without taxes. */
  readonly cost: number;
  /** The date of the prices, for example 2026-09-01. */
  readonly pricesOf: string;
}

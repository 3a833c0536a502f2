import { READ_LAG, POLL_INTERVAL } from './consistency';
import type { PropertyDifference } from './drift';
import { TerminalError } from './error-classes';
import type { Pending, Request } from './lifecycle';
import type { TimeBudget } from './time-budget';

/** One request of CloudFormation within one invocation. */
export interface Operation {
  readonly request: Request;
  readonly budget: TimeBudget;
}

/** One difference between the observed and the desired state, and the call that removes it. */
export interface Change<Observed> {
  /** Tells the changes of one resource apart. */
  readonly kind: string;
  /** For example "message TTL is 30 s, desired 60 s". */
  readonly text: string;
  /** The elapsed time in seconds after which a change that was applied and doesn't show is one that the service doesn't keep. Undefined: not yet known. */
  readonly keptBy?: number;
  /** Why the change can't be applied now. Throws if the deployment must not wait for that. */
  blockedBy?(): string | undefined;
  /** @returns the observed state after the call, if the service returns it */
  apply(): Promise<Observed | void>;
}

/** A change with its differences by property, for the drift monitor. The handler of parent settings compares whole documents instead. */
export interface PropertyChange<Observed> extends Change<Observed> {
  readonly properties: readonly PropertyDifference[];
}

/** There is nothing yet that can be compared with the desired state. */
export interface Unready {
  readonly unready: string;
}

export interface Reconcilable<Observed> {
  read(): Promise<Observed | Unready>;
  /** Lazy: the changes after the first one cost no call. */
  changes(observed: Observed, applied: Change<Observed> | undefined): AsyncIterable<Change<Observed>>;
  /** Why the observed state may be a stale read that hides what a rolled-back operation wrote just before. */
  staleRead(observed: Observed, applied: Change<Observed> | undefined): string | undefined;
}

/** Reads, diffs, applies at most one change, and reads until the change shows. */
export async function reconcile<Observed extends object>(
  { read, changes, staleRead }: Reconcilable<Observed>, { request, budget }: Operation,
): Promise<{ readonly observed: Observed } | Pending> {
  let applied: Change<Observed> | undefined;
  let observed: Observed | Unready = await read();
  for (;;) {
    if ('unready' in observed) {
      if (!await budget.pause(POLL_INTERVAL)) return { pending: observed.unready };
      observed = await read();
      continue;
    }
    const change = await firstOf(changes(observed, applied));
    if (!change) {
      const stale = budget.elapsed < READ_LAG ? staleRead(observed, applied) : undefined;
      if (stale === undefined) return { observed };
      if (!await budget.pause(READ_LAG - budget.elapsed)) return { pending: stale };
      observed = await read();
      continue;
    }
    if (applied && applied.kind !== change.kind) return { pending: change.text };
    const blocked = change.blockedBy?.();
    if (blocked !== undefined) return { pending: blocked };
    let after: Observed | void = undefined;
    if (!applied) {
      request.log.info('apply change', { difference: change.text });
      after = await change.apply();
      applied = change;
    }
    if (!after && !await budget.pause(POLL_INTERVAL)) {
      if (change.keptBy !== undefined && budget.elapsed >= change.keptBy) throw new TerminalError(`the service does not keep what was put: ${change.text}`);
      return { pending: change.text };
    }
    observed = after ?? await read();
  }
}

/** Every difference, by property. */
export async function differencesIn<Observed>(changes: AsyncIterable<PropertyChange<Observed>>): Promise<PropertyDifference[]> {
  const differences: PropertyDifference[] = [];
  for await (const { properties } of changes) differences.push(...properties);
  return differences;
}

export async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}

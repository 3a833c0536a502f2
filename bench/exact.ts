import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { DOMAINS, handlerBundle, loadedBytes } from './bundles';
import { CORE, OURS } from './candidates';
import type { Candidate } from './candidates/candidate';
import { capacityOf, sizeOf } from './capacity';
import { measureLag, measureLifecycles } from './lifecycles';

/**
 * The figures that are the same on every machine. `exact.json` holds them, and a test compares them, so that a change shows up in the diff.
 * They are of the aws-cdk-lib that is installed here.
 */
export interface Exact {
  /** Resources, template bytes and characters of the largest role's inline policies, by candidate and count. */
  readonly stacks: Record<string, Record<string, ReturnType<typeof sizeOf>>>;
  /** The most that deploy in one stack, and what stops the next. */
  readonly capacity: Record<string, ReturnType<typeof capacityOf>>;
  /** Calls and polls by resource and operation. */
  readonly lifecycles: Record<string, Record<string, { readonly calls: Record<string, number>; readonly polls: number; readonly seconds: number }>>;
  /** Seconds from a channel's ACTIVE to its resource's completion. */
  readonly secondsAfterActive: { readonly mean: number; readonly longest: number };
}

/** What a bundle must stay below, in KiB: its exact size changes with every release of the SDK. */
export interface Ceilings {
  readonly bundle: number;
  /** What runs when a domain is loaded. */
  readonly loaded: Record<string, number>;
}

export const FILE = path.join(__dirname, 'exact.json');

const COUNTS = [1, 10];

/** @param pinned Where the search for the capacity begins. */
export async function measureExact(pinned?: Exact['capacity']): Promise<Exact> {
  const candidates = [...OURS, ...CORE];
  const lifecycles: Record<string, Exact['lifecycles'][string]> = {};
  for (const { resource, operation, calls, polls, seconds } of await measureLifecycles()) {
    lifecycles[resource] = { ...lifecycles[resource], [operation]: { calls, polls, seconds } };
  }
  const { mean, longest } = await measureLag();
  return {
    stacks: byName(candidates, (candidate) => Object.fromEntries(COUNTS.map((count) => [count, sizeOf(candidate, count)]))),
    // Of the others, `npm run bench` finds it: that takes minutes.
    capacity: byName(OURS, (candidate) => capacityOf(candidate, pinned?.[candidate.name]?.most)),
    lifecycles,
    secondsAfterActive: { mean: Math.round(mean * 1000) / 1000, longest },
  };
}

function byName<F>(candidates: Candidate[], figures: (candidate: Candidate) => F): Record<string, F> {
  return Object.fromEntries(candidates.map((candidate) => [candidate.name, figures(candidate)]));
}

export async function measureBundles(): Promise<Ceilings> {
  const bundle = await handlerBundle();
  return {
    bundle: bundle.bytes / 1024,
    loaded: Object.fromEntries(DOMAINS.map(({ name, modules }) => [name, loadedBytes(bundle, ['lambda/index.ts', ...modules]) / 1024])),
  };
}

/** One percent above what they are now. */
function ceilings({ bundle, loaded }: Ceilings): Ceilings {
  const above = (kibibytes: number) => Math.ceil(kibibytes * 1.01);
  return { bundle: above(bundle), loaded: Object.fromEntries(Object.entries(loaded).map(([name, size]) => [name, above(size)])) };
}

async function pin(): Promise<void> {
  writeFileSync(FILE, `${JSON.stringify({ ...await measureExact(), ceilings: ceilings(await measureBundles()) }, undefined, 2)}\n`);
}

if (require.main === module) {
  pin().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], min: sorted[0], max: sorted.at(-1)! };
}

/** Median and range, for a table. */
export function shown({ median, min, max }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}

/** The samples of each, taken in turn, so that a slow moment of the machine hits all alike. */
export function inTurn<K extends string, S>(what: string, keys: readonly K[], runs: number, sample: (key: K) => S): Record<K, S[]> {
  const samples = Object.fromEntries(keys.map((key) => [key, [] as S[]])) as Record<K, S[]>;
  for (let run = 1; run <= runs; run += 1) {
    for (const key of keys) {
      progress(`${what}, run ${run} of ${runs}, ${key}`);
      samples[key].push(sample(key));
    }
  }
  progress('');
  return samples;
}

export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text) process.stderr.write(`${text}\n`);
}

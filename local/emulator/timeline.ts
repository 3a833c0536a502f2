interface Entry<T> {
  readonly from: number;
  /** undefined: it does not exist (any more). */
  readonly value: T | undefined;
}

/**
 * What one resource was, is and will become. Asynchronous transitions are entries in the future, so no timers run; a read that
 * lags looks at an earlier time.
 */
export class Timeline<T> {
  private entries: Entry<T>[] = [];

  constructor(from: number, value: T) {
    this.entries.push({ from, value });
  }

  at(time: number): T | undefined {
    return this.entries.filter(entry => entry.from <= time).at(-1)?.value;
  }

  /** What it will be when all transitions under way are over. */
  final(): T | undefined {
    return this.entries.at(-1)?.value;
  }

  /** Changes the value from a time on, and in everything planned after it. Returns whether anything changed. */
  change(from: number, change: (value: T) => T | undefined): boolean {
    const apply = (value: T | undefined) => value === undefined ? undefined : change(value);
    const before = this.entries.filter(entry => entry.from <= from);
    const current = before.at(-1)?.value;
    const changed = apply(current);
    if (changed === current) return false;
    const later = this.entries.filter(entry => entry.from > from).map(entry => ({ ...entry, value: apply(entry.value) }));
    this.entries = [...before, { from, value: changed }, ...later];
    return true;
  }

  /** Sets the value from a time on, also if there was none, and forgets everything that was planned after it. */
  replace(from: number, value: T): void {
    this.entries = [...this.entries.filter(entry => entry.from <= from), { from, value }];
  }

  /** Forgets what was before a time: no read lags that far. */
  forgetBefore(time: number): void {
    const outdated = this.entries.filter(entry => entry.from <= time).length - 1;
    if (outdated > 0) this.entries = this.entries.slice(outdated);
  }

  /** It was nothing in all the time that is remembered, and will be nothing. */
  isEmpty(): boolean {
    return this.entries.every(entry => entry.value === undefined);
  }
}

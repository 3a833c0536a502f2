import type { History } from './world';

/** What a call to a service met, in words: a state is a kind of resource and the form of a request, an event the operation that was called. */
export interface Moment {
  readonly state: string;
  readonly event: string;
}

/** A history in which an event happened in a state: in which of its operations, and after how many calls of the same name in it. */
export interface Example {
  readonly history: History;
  /** Of the history, as a text; the shortest is kept. */
  readonly size: number;
  readonly operation: number;
  readonly after: number;
}

/** What has been reached: each (state, event) with an example, and each (state, event, fault) with how often. */
export class Coverage {
  readonly examples = new Map<string, Example>();
  readonly reached = new Map<string, number>();
  private history!: History;
  private size = 0;
  private operation = -1;
  private calls: Record<string, number> = {};

  clear(): void {
    this.examples.clear();
    this.reached.clear();
  }

  /** A history begins. */
  begin(history: History): void {
    this.history = history;
    this.size = sizeOf(history);
  }

  /** One of its operations begins. */
  enter(operation: number): void {
    this.operation = operation;
    this.calls = {};
  }

  called(state: string, event: string): void {
    const after = this.calls[event] ?? 0;
    this.calls[event] = after + 1;
    const key = join(state, event);
    const known = this.examples.get(key);
    if (this.operation >= 0 && (!known || this.size < known.size)) {
      this.examples.set(key, { history: this.history, size: this.size, operation: this.operation, after });
    }
    this.struck(state, event, 'nothing');
  }

  struck(state: string, event: string, fault: string): void {
    const key = join(state, event, fault);
    this.reached.set(key, (this.reached.get(key) ?? 0) + 1);
  }
}

const SEPARATOR = ' | ';

export function join(...words: string[]): string {
  return words.join(SEPARATOR);
}

export function split(key: string): string[] {
  return key.split(SEPARATOR);
}

/** What can happen to any call. */
const ANY_CALL = ['throttle', 'serverError', 'lostResponse', 'lostRequest', 'accessDenied', 'delay', 'killed before', 'killed after'];
const ANY_READ = ['laggingReads', 'reorderedReads'];
const READ = /^(Get|List|Describe|Query|BatchGet)/;

/** Its reads do not lag: DynamoDB is asked for consistent ones, and of meetings nobody has seen it. */
const POOL = /^chimeMeetingPool: /;

/** In these states a function that dies, or is denied for long, is the end: only somebody who continues the rollback helps. */
const ROLLBACK = /: update back /;
const ENDS_ROLLBACK = ['killed before', 'killed after', 'accessDenied'];

/** Pure: every (state, event, fault) that can be, given which events happen in which states. */
export function expected(moments: Iterable<string>): string[] {
  return [...moments].flatMap((moment) => {
    const [state, event] = split(moment);
    const faults = [...ANY_CALL, ...READ.test(event) && !POOL.test(state) ? ANY_READ : []]
      .filter((fault) => !(ROLLBACK.test(state) && ENDS_ROLLBACK.includes(fault)));
    return faults.map((fault) => join(state, event, fault));
  });
}

/** Pure: a history that was seen to come to a state and event, with the fault at that very call. */
export function aimed({ history, operation, after }: Example, event: string, fault: string): History {
  const [kind, when] = fault.split(' ');
  const details: Record<string, object> = {
    serverError: { status: 500, executed: true },
    delay: { milliseconds: 6000 },
    laggingReads: { milliseconds: 8000 },
    reorderedReads: { milliseconds: 8000 },
  };
  const operations = history.operations.map((one, index) => {
    if (index !== operation) return one;
    if (kind === 'killed') return { ...one, kills: [...one.kills, { operation: event, after, when: when as 'before' | 'after' }] };
    // Before the others: of two faults that end a call, the first does.
    return { ...one, faults: [{ kind, operation: event, after, times: 1, ...details[kind] } as never, ...one.faults] };
  });
  return { ...history, operations };
}

function sizeOf(history: History): number {
  return JSON.stringify(history).length;
}

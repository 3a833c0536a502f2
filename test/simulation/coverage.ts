import type { History, TargetedFault } from './history';
import type { Fault } from '../../local/emulator';

/** A history in which an event happened in a state: in which of its operations, and after how many events of the same kind. */
export interface Example {
  readonly history: History;
  /** The length of the history as text. The shortest history is kept. */
  readonly size: number;
  readonly operation: number;
  readonly after: number;
}

/**
 * Each pair of state and event with an example, and each triple of state, event, and fault with its count. A state is a kind of resource and the form of
 * a request, an event is a call.
 */
export class Coverage {
  readonly examples = new Map<string, Example>();
  readonly reached = new Map<string, number>();
  private history: History = { operations: [] };
  private size = 0;
  private operation = -1;
  private calls: Record<string, number> = {};

  clear(): void {
    this.examples.clear();
    this.reached.clear();
  }

  beginHistory(history: History): void {
    this.history = history;
    this.size = sizeOf(history);
  }

  beginOperation(operation: number): void {
    this.operation = operation;
    this.calls = {};
  }

  /** @returns the fault that the history targets at this call */
  called(state: string, event: string): string | undefined {
    const key = join(state, event);
    const after = this.calls[key] ?? 0;
    this.calls[key] = after + 1;
    const known = this.examples.get(key);
    if (this.operation >= 0 && (!known || this.size < known.size)) {
      this.examples.set(key, { history: this.history, size: this.size, operation: this.operation, after });
    }
    this.record(state, event, 'nothing');
    return this.history.targets?.find((target) => (
      target.operation === this.operation && target.state === state && target.event === event && target.after === after
    ))?.fault;
  }

  record(state: string, event: string, fault: string): void {
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

const ANY_CALL = ['throttle', 'serverError', 'lostResponse', 'lostRequest', 'accessDenied', 'delay', 'terminated before', 'terminated after'];
const ANY_READ = ['laggingReads', 'reorderedReads'];
const READ = /^(Get|List|Search|Describe|Query|BatchGet)/;

/** Reads of a pool are never stale: reads of DynamoDB are consistent, and a stale read of a meeting was never observed. */
const POOL = /^chimeMeetingPool: /;

/** A rollback fails if its function terminates or is denied for long. Only an operator can continue it. */
const ROLLBACK = /: update back /;
const FAILS_ROLLBACK = ['terminated before', 'terminated after', 'accessDenied'];

/** Pure: every possible triple of state, event, and fault for these pairs of state and event. */
export function expected(pairs: Iterable<string>): string[] {
  return [...pairs].flatMap((pair) => {
    const [state, event] = split(pair);
    const faults = [...ANY_CALL, ...READ.test(event) && !POOL.test(state) ? ANY_READ : []]
      .filter((fault) => !(ROLLBACK.test(state) && FAILS_ROLLBACK.includes(fault)));
    return faults.map((fault) => join(state, event, fault));
  });
}

/** Calls of one history that get a targeted fault. A fault may change the calls that follow. */
const TARGETS_PER_HISTORY = 4;

/** After one of these faults the operation is retried or fails, so the calls that follow are others. */
const DIVERTS = /^(terminated|accessDenied)/;

/**
 * Pure: the histories that reached these pairs of state and event, with the missing faults at those calls before any other targeted fault. A history that
 * reached several pairs gets several faults.
 */
export function targeted(examples: ReadonlyMap<string, Example>, triples: readonly string[]): History[] {
  const histories = new Map<string, { history: History; groups: TargetedFault[][] }>();
  for (const [state, event, fault] of triples.map(split)) {
    const { history, operation, after } = examples.get(join(state, event))!;
    const key = JSON.stringify(history);
    const known = histories.get(key) ?? { history, groups: [] };
    histories.set(key, known);
    const target: TargetedFault = { operation, state, event, after, fault };
    const group = known.groups.find((targets) => fits(target, targets));
    if (group) group.push(target);
    else known.groups.push([target]);
  }
  return [...histories.values()].flatMap(({ history, groups }) => (
    groups.map((targets) => ({ ...history, targets: [...targets, ...history.targets ?? []] }))
  ));
}

function fits({ state, event, fault }: TargetedFault, targets: readonly TargetedFault[]): boolean {
  return targets.length < TARGETS_PER_HISTORY && !targets.some((one) => one.state === state && one.event === event)
    && !(DIVERTS.test(fault) && targets.some((one) => DIVERTS.test(one.fault)));
}

/** Pure: the fault of the service. Undefined: a termination. */
export function faultOf({ event, fault }: Pick<TargetedFault, 'event' | 'fault'>): Fault | undefined {
  if (fault.startsWith('terminated')) return undefined;
  return { kind: fault, operation: event, times: 1, ...DETAILS[fault] } as Fault;
}

const DETAILS: Record<string, object> = {
  serverError: { status: 500, executed: true },
  delay: { milliseconds: 6000 },
  laggingReads: { milliseconds: 8000 },
  reorderedReads: { milliseconds: 8000 },
};

function sizeOf(history: History): number {
  return JSON.stringify(history).length;
}

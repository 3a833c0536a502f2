import type { History } from './world';
import type { Fault } from '../../local/emulator';

/** What a call to a service met, in words: a state is a kind of resource and the form of a request, an event the operation that was called. */
export interface Moment {
  readonly state: string;
  readonly event: string;
}

/** A fault at one call: the n-th in this state to this operation, while one operation of the history is played. */
export interface Aim extends Moment {
  readonly operation: number;
  readonly after: number;
  readonly fault: string;
}

/** A history in which an event happened in a state: in which of its operations, and after how many like it. */
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
  private history: History = { operations: [] };
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

  /** @returns the fault that the history aims at this very call */
  called(state: string, event: string): string | undefined {
    const key = join(state, event);
    const after = this.calls[key] ?? 0;
    this.calls[key] = after + 1;
    const known = this.examples.get(key);
    if (this.operation >= 0 && (!known || this.size < known.size)) {
      this.examples.set(key, { history: this.history, size: this.size, operation: this.operation, after });
    }
    this.struck(state, event, 'nothing');
    return this.history.aims?.find((aim) => (
      aim.operation === this.operation && aim.state === state && aim.event === event && aim.after === after
    ))?.fault;
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

/** How many calls of one history are aimed at: what one meets may lead away from the others. */
const AT_ONCE = 4;

/** After one of these the operation is another one: it is repeated, or fails. */
const DIVERTS = /^(killed|accessDenied)/;

/**
 * Pure: histories that were seen to come to states and events, perhaps by what they aim at already, with these faults at those very calls before any
 * other; several in one where they came there in the same one.
 */
export function aimed(examples: ReadonlyMap<string, Example>, triples: readonly string[]): History[] {
  const histories = new Map<string, { history: History; groups: Aim[][] }>();
  for (const [state, event, fault] of triples.map(split)) {
    const { history, operation, after } = examples.get(join(state, event))!;
    const key = JSON.stringify(history);
    const known = histories.get(key) ?? { history, groups: [] };
    histories.set(key, known);
    const aim: Aim = { operation, state, event, after, fault };
    const group = known.groups.find((aims) => fits(aim, aims));
    if (group) group.push(aim);
    else known.groups.push([aim]);
  }
  return [...histories.values()].flatMap(({ history, groups }) => groups.map((aims) => ({ ...history, aims: [...aims, ...history.aims ?? []] })));
}

function fits({ state, event, fault }: Aim, aims: readonly Aim[]): boolean {
  return aims.length < AT_ONCE && !aims.some((one) => one.state === state && one.event === event)
    && !(DIVERTS.test(fault) && aims.some((one) => DIVERTS.test(one.fault)));
}

/** Pure: the fault that an aim makes of one of the services; none: it is a death. */
export function faultOf({ event, fault }: Pick<Aim, 'event' | 'fault'>): Fault | undefined {
  if (fault.startsWith('killed')) return undefined;
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

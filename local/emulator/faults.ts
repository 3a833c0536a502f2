import { ServiceError } from './errors';
import { errorStatus } from './model';
import { ItemError, Service } from './service';

/** Which calls a fault hits, and how often. */
export interface FaultFilter {
  readonly service?: string;
  readonly operation?: string;
  /** Part of the name or ARN of what the call is about. */
  readonly resource?: string;
  /** Calls that match, but are let through before the first is hit. */
  readonly after?: number;
  /** How many calls are hit. Default: all. */
  readonly times?: number;
  /** Of each matching call, from the emulator's seed. Default: 1. */
  readonly probability?: number;
}

export type FaultKind =
  /** The service's own throttling error. */
  | { readonly kind: 'throttle' }
  /** `executed`: the operation is carried out all the same. */
  | { readonly kind: 'serverError'; readonly status?: 500 | 503; readonly executed?: boolean }
  /** The operation is carried out, then the connection breaks. */
  | { readonly kind: 'lostResponse' }
  /** The connection breaks before the operation is carried out. */
  | { readonly kind: 'lostRequest' }
  | { readonly kind: 'accessDenied' }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Any error of the model; one that the model does not know needs its status. */
  | { readonly kind: 'error'; readonly error: string; readonly message?: string; readonly status?: number }
  /** One item of a batch fails, for example an attendee by the ExternalUserId; the call itself succeeds. */
  | { readonly kind: 'itemError'; readonly item: string; readonly error: string; readonly message?: string }
  /** Reads show the state of so long ago. */
  | { readonly kind: 'laggingReads'; readonly milliseconds: number }
  /** Each read shows either the state of so long ago or the current one, by chance. */
  | { readonly kind: 'reorderedReads'; readonly milliseconds: number };

export type Fault = FaultFilter & FaultKind;

const kinds = ['throttle', 'serverError', 'lostResponse', 'lostRequest', 'accessDenied', 'delay', 'error', 'itemError', 'laggingReads', 'reorderedReads'];

/** What the faults make of one call. */
export interface FaultPlan {
  readonly kinds: string[];
  delay: number;
  lag: number;
  readonly itemErrors: Map<string, ItemError>;
  /** Answered instead of the outcome. */
  error?: ServiceError;
  /** No answer at all. */
  lost?: boolean;
  /** Whether the operation is carried out. */
  executed: boolean;
}

export interface FaultedCall {
  readonly service: Service;
  readonly operation: string;
  readonly access: 'read' | 'write';
  readonly resources: string[];
  readonly items?: string[];
}

interface Rule {
  readonly id: string;
  readonly fault: Fault;
  seen: number;
  hit: number;
}

export class FaultInjector {
  private rules: Rule[] = [];
  private lastId = 0;

  constructor(private readonly random: () => number) {}

  add(fault: Fault): string {
    if (!kinds.includes(fault.kind)) throw new Error(`unknown kind of fault: ${fault.kind}; known: ${kinds.join(', ')}`);
    const id = `fault-${++this.lastId}`;
    this.rules.push({ id, fault, seen: 0, hit: 0 });
    return id;
  }

  /** Without an id: all. */
  remove(id?: string): void {
    this.rules = id === undefined ? [] : this.rules.filter(rule => rule.id !== id);
  }

  list(): (Fault & { id: string; hit: number })[] {
    return this.rules.map(({ id, fault, hit }) => ({ id, ...fault, hit }));
  }

  plan(call: FaultedCall): FaultPlan {
    const plan: FaultPlan = { kinds: [], delay: 0, lag: 0, itemErrors: new Map(), executed: true };
    for (const rule of this.rules) {
      const decided = plan.error !== undefined || plan.lost === true;
      // One call has one end: a second rule keeps its hits for a later call.
      if (!concerns(rule.fault, call) || (decided && ends(rule.fault)) || !this.strikes(rule)) continue;
      apply(rule.fault, call.service, plan, this.random);
      plan.kinds.push(rule.fault.kind);
    }
    return plan;
  }

  private strikes(rule: Rule): boolean {
    const { after = 0, times = Infinity, probability = 1 } = rule.fault;
    rule.seen += 1;
    if (rule.seen <= after || rule.hit >= times) return false;
    if (probability < 1 && this.random() >= probability) return false;
    rule.hit += 1;
    return true;
  }
}

function concerns(fault: Fault, call: FaultedCall): boolean {
  const part = fault.resource;
  return (fault.service === undefined || fault.service === call.service.name)
    && (fault.operation === undefined || fault.operation === call.operation)
    && (part === undefined || call.resources.some(resource => resource.includes(part)))
    && (fault.kind !== 'itemError' || (call.items?.includes(fault.item) ?? false))
    && (call.access === 'read' || !(fault.kind === 'laggingReads' || fault.kind === 'reorderedReads'));
}

function ends(fault: Fault): boolean {
  return fault.kind !== 'delay' && fault.kind !== 'itemError' && fault.kind !== 'laggingReads' && fault.kind !== 'reorderedReads';
}

function apply(fault: Fault, service: Service, plan: FaultPlan, random: () => number): void {
  switch (fault.kind) {
    case 'delay': plan.delay += fault.milliseconds; return;
    case 'laggingReads': plan.lag = Math.max(plan.lag, fault.milliseconds); return;
    case 'reorderedReads': plan.lag = Math.max(plan.lag, random() < 0.5 ? fault.milliseconds : 0); return;
    case 'itemError': plan.itemErrors.set(fault.item, { code: fault.error, message: fault.message ?? `${fault.error} (injected)` }); return;
    case 'lostResponse': plan.lost = true; return;
    case 'lostRequest': plan.lost = true; plan.executed = false; return;
    case 'serverError': plan.error = serverError(service, fault.status ?? 500); plan.executed = fault.executed ?? false; return;
    case 'throttle': plan.error = new ServiceError(service.errors.throttled, 'Rate exceeded'); break;
    case 'accessDenied': plan.error = new ServiceError(service.errors.accessDenied, 'Access denied (injected)'); break;
    case 'error': plan.error = namedError(service, fault.error, fault.message, fault.status); break;
  }
  plan.executed = false;
}

function serverError(service: Service, status: 500 | 503): ServiceError {
  return status === 500
    ? new ServiceError(service.errors.internalFailure ?? 'InternalFailure', 'The request processing has failed because of an unknown error', 500)
    : new ServiceError(service.errors.unavailable ?? 'ServiceUnavailable', 'The service is temporarily unavailable', 503);
}

function namedError(service: Service, name: string, message?: string, status?: number): ServiceError {
  if (status === undefined && errorStatus(service.model, name) === undefined) {
    throw new Error(`${service.name} has no error ${name}: give a status with it`);
  }
  return new ServiceError(name, message ?? `${name} (injected)`, status);
}

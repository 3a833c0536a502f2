import { type Coverage, faultOf } from './coverage';
import { type Environment, freshHandlers, type Handlers, type Transport } from './handlers';
import type { PlannedTermination, Termination } from './history';
import { type CallEvent, type Emulator, requestHandler } from '../../local/emulator';

/** How a function runs. */
export interface Run {
  readonly stackId: string;
  /** For the coverage: the kind of resource and the form of the request. */
  readonly state: string;
  /** Whether the planned terminations of the operation apply. */
  readonly mayTerminate: boolean;
  /** The termination of this run. */
  readonly termination?: Termination;
}

interface Invocation extends Run {
  /** Its calls never return. */
  terminated?: boolean;
  calls: number;
  readonly terminate: () => void;
}

/** The services, by the first part of the host. */
const SERVICES: Record<string, string> = {
  'kinesisvideo': 'kinesisvideo',
  'ivsrealtime': 'ivs-realtime',
  'secretsmanager': 'secrets-manager',
  'voice-chime': 'chime-sdk-voice',
  'meetings-chime': 'chime-sdk-meetings',
  'dynamodb': 'dynamodb',
  'chime': 'chime',
};

/** The paths of requests that create another resource each time. */
const CREATION = /\/(meetings|createSignalingChannel|CreateIngestConfiguration)$/;

const never = (): Promise<never> => new Promise(() => {});

/** The resources that a service created after the caller had stopped waiting: the caller never learns their IDs. */
export const createdTooLate = new WeakMap<Emulator, Set<string>>();

/** The targeted fault of a call. An invocation may have several calls in progress. */
const targetOf = new WeakMap<CallEvent['call'], string>();

let emulator: Emulator;
let coverage: Coverage;
let terminations: { readonly planned: PlannedTermination; seen: number }[] = [];
/** By the number that an invocation puts into the trace ID of its calls. */
const invocations = new Map<string, Invocation>();
let invoked = 0;
/** Those of the history, in milliseconds. New execution environments take them in turn. */
let clockErrors: readonly number[] = [];
let started = 0;

/** Connects all functions to an emulator. */
export function playWith(played: Emulator, reached: Coverage, errors: readonly number[] = []): void {
  emulator = played;
  coverage = reached;
  clockErrors = errors;
  started = 0;
  terminations = [];
  invocations.clear();
  createdTooLate.set(played, new Set());
  played.onCall(watch);
}

/** Replaces the planned terminations, and starts to count calls. */
export function planTerminations(planned: readonly PlannedTermination[]): void {
  terminations = planned.map((one) => ({ planned: one, seen: 0 }));
}

/** Runs within the call, where its operation is known, so that a function can terminate before the service carries it out. */
function watch({ phase, call }: CallEvent): void | Promise<void> {
  const invocation = invocations.get(call.traceId!);
  if (!invocation) return;
  if (invocation.terminated) return never();
  if (phase === 'before') {
    invocation.calls += 1;
    const target = coverage.called(invocation.state, call.operation);
    if (target) targetOf.set(call, target);
    const fault = target && faultOf({ event: call.operation, fault: target });
    if (fault) {
      emulator.addFault(fault);
      // A delayed call may end after the history.
      coverage.record(invocation.state, call.operation, fault.kind);
    }
  } else {
    for (const fault of call.faults) if (fault !== targetOf.get(call)) coverage.record(invocation.state, call.operation, fault);
  }
  const { termination } = invocation;
  const isOwn = termination !== undefined && termination.when === phase && termination.after === invocation.calls;
  const isTargeted = targetOf.get(call) === `terminated ${phase}`;
  if (!isOwn && !isTargeted && !(invocation.mayTerminate && isPlanned(call.operation, phase))) return;
  coverage.record(invocation.state, call.operation, `terminated ${phase}`);
  invocation.terminated = true;
  invocation.terminate();
  return phase === 'before' ? never() : undefined;
}

function isPlanned(operation: string, phase: 'before' | 'after'): boolean {
  let isReached = false;
  for (const termination of terminations) {
    const { planned } = termination;
    if (planned.when !== phase || (planned.operation !== undefined && planned.operation !== operation)) continue;
    termination.seen += 1;
    isReached ||= termination.seen === planned.after + 1;
  }
  return isReached;
}

/** The execution environments of a Lambda function: each serves one invocation at a time, is reused when it is idle, and never after it terminated. */
export class ExecutionEnvironments {
  private readonly idle: ExecutionEnvironment[] = [];

  constructor(private readonly load: (transport: Transport, environment: Environment) => Handlers = freshHandlers) {}

  /** Invokes a function. If it terminates, the error is that of Lambda. */
  async invoke<T>(run: Run, work: (handlers: Handlers) => Promise<T>): Promise<T> {
    const environment = this.idle.pop() ?? new ExecutionEnvironment(this.load);
    try {
      return await environment.invoke(run, work);
    } finally {
      if (!environment.isTerminated) this.idle.push(environment);
    }
  }
}

/* eslint-disable @typescript-eslint/no-explicit-any */
class ExecutionEnvironment {
  private readonly handlers: Handlers;
  private invocation?: Invocation;
  private traceId = '';

  constructor(load: (transport: Transport, environment: Environment) => Handlers) {
    const clockError = clockErrors[started % clockErrors.length] ?? 0;
    started += 1;
    this.handlers = load((request, call) => this.send(request, call), { clockError });
  }

  get isTerminated(): boolean {
    return this.invocation?.terminated === true;
  }

  invoke<T>(run: Run, work: (handlers: Handlers) => Promise<T>): Promise<T> {
    let terminate!: () => void;
    const termination = new Promise<never>((_, reject) => { terminate = () => reject(new Terminated()); });
    this.invocation = { ...run, calls: 0, terminate };
    this.traceId = String(invoked += 1);
    invocations.set(this.traceId, this.invocation);
    return Promise.race([work(this.handlers), termination]);
  }

  /** The transport of the SDK calls the emulator directly, without a socket. */
  private async send(request: any, call: { readonly isAborted: boolean }): Promise<any> {
    if (this.isTerminated) return never();
    const service = SERVICES[String(request.hostname).split('.')[0]];
    if (!service) throw new Error(`no service is at ${request.hostname}`);
    const { stackId } = this.invocation!;
    // The functions of each stack have a role of their own.
    const authorization = String(request.headers.authorization).replace(/Credential=[^/]+/, `Credential=${Buffer.from(stackId).toString('hex')}`);
    const headers = { ...request.headers, authorization, 'x-amzn-trace-id': `Root=${this.traceId}` };
    const answer = await requestHandler(emulator, service).handle({ ...request, headers });
    if (call.isAborted && request.method !== 'GET' && CREATION.test(request.path)) {
      for (const [, id] of String(answer.response.body).matchAll(/"(?:MeetingId|ChannelARN|arn)":"([^"]+)"/g)) createdTooLate.get(emulator)?.add(id);
    }
    return this.isTerminated ? never() : answer;
  }
}

export class Terminated extends Error {
  constructor() {
    super('RequestId: 0 Error: Runtime exited with error: signal: killed');
  }
}

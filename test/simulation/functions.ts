import { type Coverage, faultOf } from './coverage';
import { freshHandlers, type Handlers, type Transport } from './handlers';
import { type CallEvent, type Emulator, requestHandler } from '../../local/emulator';

/** How a function is run. */
export interface Run {
  readonly stackId: string;
  /** What it is doing, for the coverage: the kind of resource and the form of the request. */
  readonly state: string;
  /** Whether it may be killed now. */
  readonly mortal: boolean;
  /** It dies by itself before or after so many calls. */
  readonly fate?: { readonly after: number; readonly when: 'before' | 'after' };
}

interface Invocation extends Run {
  /** Its calls are on their way for ever once it is dead. */
  dead?: boolean;
  calls: number;
  readonly die: () => void;
}

/** A function dies before or after a call to a service, counted from the beginning of the operation, of the named one or of all. */
export interface Kill {
  readonly operation?: string;
  readonly after: number;
  readonly when: 'before' | 'after';
}

/** By the first part of the host. */
const SERVICES: Record<string, string> = {
  'kinesisvideo': 'kinesisvideo',
  'ivsrealtime': 'ivs-realtime',
  'secretsmanager': 'secrets-manager',
  'voice-chime': 'chime-sdk-voice',
  'meetings-chime': 'chime-sdk-meetings',
  'dynamodb': 'dynamodb',
  'chime': 'chime',
};

/** Paths of requests that make something of which there may be several. */
const CREATION = /\/(meetings|createSignalingChannel|CreateIngestConfiguration)$/;

const never = (): Promise<never> => new Promise(() => {});

/** What was made by requests that were answered after their callers had given up. */
export const unheard = new WeakMap<Emulator, Set<string>>();

/** What a call is to meet; an invocation may have several under way. */
const aimedAt = new WeakMap<CallEvent['call'], string>();

let emulator: Emulator;
let coverage: Coverage;
let kills: { readonly kill: Kill; seen: number }[] = [];
/** Each traces its calls by its number. */
const invocations = new Map<string, Invocation>();
let invoked = 0;

/** What the functions call from now on. */
export function playWith(played: Emulator, reached: Coverage): void {
  emulator = played;
  coverage = reached;
  kills = [];
  invocations.clear();
  unheard.set(played, new Set());
  played.onCall(watch);
}

/** From now on. */
export function killAt(planned: readonly Kill[]): void {
  kills = planned.map((kill) => ({ kill, seen: 0 }));
}

/** Inside the call, where its operation is known: so that a function can die before it is carried out. */
function watch({ phase, call }: CallEvent): void | Promise<void> {
  const invocation = invocations.get(call.traceId!);
  if (!invocation) return;
  if (invocation.dead) return never();
  if (phase === 'before') {
    invocation.calls += 1;
    const aimed = coverage.called(invocation.state, call.operation);
    if (aimed) aimedAt.set(call, aimed);
    const fault = aimed && faultOf({ event: call.operation, fault: aimed });
    if (fault) {
      emulator.addFault(fault);
      // What comes late may come when all is over.
      coverage.struck(invocation.state, call.operation, fault.kind);
    }
  } else {
    for (const fault of call.faults) if (fault !== aimedAt.get(call)) coverage.struck(invocation.state, call.operation, fault);
  }
  const { fate } = invocation;
  const isFated = fate !== undefined && fate.when === phase && fate.after === invocation.calls;
  const isAimedAt = aimedAt.get(call) === `killed ${phase}`;
  if (!isFated && !isAimedAt && !(invocation.mortal && strikes(call.operation, phase))) return;
  coverage.struck(invocation.state, call.operation, `killed ${phase}`);
  invocation.dead = true;
  invocation.die();
  return phase === 'before' ? never() : undefined;
}

function strikes(operation: string, phase: 'before' | 'after'): boolean {
  let isStruck = false;
  for (const planned of kills) {
    const { kill } = planned;
    if (kill.when !== phase || (kill.operation !== undefined && kill.operation !== operation)) continue;
    planned.seen += 1;
    isStruck ||= planned.seen === kill.after + 1;
  }
  return isStruck;
}

/** As Lambda has them: each serves one caller at a time, is used again when it is free, and never after it has died. */
export class Containers {
  private readonly idle: Container[] = [];

  constructor(private readonly make: (transport: Transport) => Handlers = freshHandlers) {}

  /** Runs a function, which may be killed: then as Lambda reports it. */
  async invoke<T>(run: Run, work: (handlers: Handlers) => Promise<T>): Promise<T> {
    const container = this.idle.pop() ?? new Container(this.make);
    try {
      return await container.invoke(run, work);
    } finally {
      if (!container.isDead) this.idle.push(container);
    }
  }
}

/* eslint-disable @typescript-eslint/no-explicit-any */
class Container {
  private readonly handlers: Handlers;
  private invocation?: Invocation;
  private traceId = '';

  constructor(make: (transport: Transport) => Handlers) {
    this.handlers = make((request, fate) => this.send(request, fate));
  }

  get isDead(): boolean {
    return this.invocation?.dead === true;
  }

  invoke<T>(run: Run, work: (handlers: Handlers) => Promise<T>): Promise<T> {
    let die!: () => void;
    const death = new Promise<never>((_, reject) => { die = () => reject(new Killed()); });
    this.invocation = { ...run, calls: 0, die };
    this.traceId = String(invoked += 1);
    invocations.set(this.traceId, this.invocation);
    return Promise.race([work(this.handlers), death]);
  }

  /** The SDK's own transport leads straight into the emulator; no socket is opened. */
  private async send(request: any, fate: { readonly isGivenUp: boolean }): Promise<any> {
    if (this.isDead) return never();
    const service = SERVICES[String(request.hostname).split('.')[0]];
    if (!service) throw new Error(`no service is at ${request.hostname}`);
    const { stackId } = this.invocation!;
    // Each stack's functions have a role of their own.
    const authorization = String(request.headers.authorization).replace(/Credential=[^/]+/, `Credential=${Buffer.from(stackId).toString('hex')}`);
    const headers = { ...request.headers, authorization, 'x-amzn-trace-id': `Root=${this.traceId}` };
    const answer = await requestHandler(emulator, service).handle({ ...request, headers });
    // Nobody hears what it has made.
    if (fate.isGivenUp && request.method !== 'GET' && CREATION.test(request.path)) {
      for (const [, id] of String(answer.response.body).matchAll(/"(?:MeetingId|ChannelARN|arn)":"([^"]+)"/g)) unheard.get(emulator)?.add(id);
    }
    return this.isDead ? never() : answer;
  }
}

export class Killed extends Error {
  constructor() {
    super('RequestId: 0 Error: Runtime exited with error: signal: killed');
  }
}

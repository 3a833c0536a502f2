import { AsyncLocalStorage } from 'node:async_hooks';
import { type Emulator, requestHandler } from '../../local/emulator';

/** One run of a function: whose it is, and when it dies. */
export interface Invocation {
  readonly stackId: string;
  /** Calls that it may still make; at 0 it is killed, before the call or after it. Undefined: it lives. */
  readonly killed?: { callsLeft: number; readonly when: 'before' | 'after'; readonly dies: () => void };
}

const running = new AsyncLocalStorage<Invocation>();

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

const never = new Promise<never>(() => {});

/** The SDK's own transport leads straight into the emulator that is played with at the moment; no socket is opened. */
let emulator: Emulator;

export function playWith(played: Emulator): void {
  emulator = played;
}

/* eslint-disable @typescript-eslint/no-explicit-any */
async function transport(request: any): Promise<any> {
  const { stackId, killed } = running.getStore()!;
  if (killed && killed.callsLeft <= 0) return never;
  if (killed) killed.callsLeft -= 1;
  const dies = killed?.callsLeft === 0;
  if (dies && killed!.when === 'before') {
    killed!.dies();
    return never;
  }
  const service = SERVICES[String(request.hostname).split('.')[0]];
  if (!service) throw new Error(`no service is at ${request.hostname}`);
  // Each stack's functions have a role of their own.
  const authorization = String(request.headers.authorization).replace(/Credential=[^/]+/, `Credential=${Buffer.from(stackId).toString('hex')}`);
  const answer = await requestHandler(emulator, service).handle({ ...request, headers: { ...request.headers, authorization } });
  if (dies) {
    killed!.dies();
    return never;
  }
  return answer;
}

(globalThis as any).simulatedTransport = transport;

/** Runs a function, which may be killed: then as Lambda reports it. */
export async function invoke<T>(stackId: string, kill: { after: number; when: 'before' | 'after' } | undefined, work: () => Promise<T>): Promise<T> {
  if (!kill) return running.run({ stackId }, work);
  let dies!: () => void;
  const death = new Promise<never>((_, reject) => { dies = () => reject(new Killed()); });
  const killed = { callsLeft: kill.after, when: kill.when, dies };
  return Promise.race([running.run({ stackId, killed }, work), death]);
}

export class Killed extends Error {
  constructor() {
    super('RequestId: 0 Error: Runtime exited with error: signal: killed');
  }
}

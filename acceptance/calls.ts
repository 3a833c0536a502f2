import type { LoggedCall } from './fact';
import type { Redactor } from './redaction';
import type { CallCount } from './report';

/** A call with the number of its attempts. */
interface Entry extends LoggedCall {
  readonly attempts: number;
}

/** All calls of a run, with request ID, status, and latency. */
export class CallLog {
  private readonly entries: Entry[] = [];

  /** With a parent, the parent also contains each call. */
  constructor(private readonly parent?: CallLog) {}

  record(entry: Entry): void {
    this.entries.push(entry);
    this.parent?.record(entry);
  }

  get length(): number {
    return this.entries.length;
  }

  /** The calls after the first `start` calls. */
  since(start: number): LoggedCall[] {
    return this.entries.slice(start).map(({ attempts: _, ...call }) => call);
  }

  /** The number of calls of each operation. */
  counts(): CallCount[] {
    const counts = new Map<string, CallCount>();
    for (const { service, operation, attempts } of this.entries) {
      const key = `${service} ${operation}`;
      const { calls, repeated } = counts.get(key) ?? { calls: 0, repeated: 0 };
      counts.set(key, { service, operation, calls: calls + 1, repeated: repeated + attempts - 1 });
    }
    return [...counts.values()].sort((a, b) => `${a.service} ${a.operation}`.localeCompare(`${b.service} ${b.operation}`));
  }
}

/** What this file uses of an SDK client. */
interface SdkClient {
  readonly config: { readonly serviceId?: string };
  readonly middlewareStack: { add(middleware: any, options: { step: string; name: string; priority?: string }): void };
}

/** Logs each call of a client, and teaches the redactor each credential in a request or a response. */
export function logCalls<T>(client: T, log: CallLog, redactor: Redactor): T {
  const { config, middlewareStack } = client as SdkClient;
  const middleware = (next: (args: any) => Promise<any>, context: { commandName?: string }) => async (args: { input: unknown }) => {
    const started = performance.now();
    const record = (metadata: { requestId?: string; httpStatusCode?: number; attempts?: number }, error?: Error) => log.record({
      service: config.serviceId ?? 'unknown',
      operation: (context.commandName ?? 'unknown').replace(/Command$/, ''),
      requestId: metadata.requestId,
      status: error?.name ?? metadata.httpStatusCode ?? 'no response',
      milliseconds: Math.round(performance.now() - started),
      attempts: metadata.attempts ?? 1,
    });
    redactor.learn(args.input);
    try {
      const result = await next(args);
      redactor.learn(result.output);
      record(result.output.$metadata);
      return result;
    } catch (error) {
      record((error as { $metadata?: object }).$metadata ?? {}, error as Error);
      throw error;
    }
  };
  middlewareStack.add(middleware, { step: 'initialize', name: 'acceptanceCallLog', priority: 'high' });
  return client;
}

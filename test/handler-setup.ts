import { StackResource } from './cloudformation';
import { monitorPolicies } from './monitor-policies';
import { within } from './request-limits';
import { Time } from './simulation/time';
import type { PolicyDocument } from './synthesised-policies';
import { monitorDrift } from '../lambda/drift-monitor/monitor';
import type { DriftSummary } from '../lambda/drift-monitor/reports';
import type { Deployments } from '../lambda/drift-monitor/stack';
import { createLifecycle, type ResourceHandler } from '../lambda/engine/lifecycle';
import { createLog, type Log } from '../lambda/engine/log';
import { type CallRecord, Emulator, type EmulatorOptions, type Principals, requestHandler, type ServiceFactory } from '../local/emulator';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const OTHER_REGION = 'eu-west-1';
export const STACK_ID = stackId('Doorbells', '1');

export function stackId(name: string, uuid: string): string {
  return `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${name}/${uuid}`;
}

/** Marks the credentials of a stack's drift monitor. */
const MONITOR = '#drift';

export interface DriftRun {
  /** Other properties than those the resources were deployed with. */
  readonly overrides?: Record<string, unknown>;
  readonly deployments?: Deployments;
}

/** Of this test file: the SDK's pauses, too, take no time. */
const time = new Time();
time.flow();

interface Client {
  readonly config: { readonly requestHandler: unknown; credentials(): Promise<unknown> };
  destroy(): void;
}

/** The SDK makes a host name for any region. */
function unresolved<C extends Client>(client: C): C {
  Object.assign(client, {
    send: async (command: { constructor: { name: string } }) => {
      throw Object.assign(new Error(`getaddrinfo ENOTFOUND (${command.constructor.name})`), { code: 'ENOTFOUND' });
    },
  });
  return client;
}

export interface HandlerSetupOptions {
  readonly resourceType: string;
  readonly services: ServiceFactory[];
  /** The policies of a stack's handlers. */
  readonly policies: (stackId: string) => PolicyDocument[];
  readonly timings?: EmulatorOptions['timings'];
}

/**
 * The real handlers and SDK clients against the emulator, without sockets and in virtual time. Every call is checked against the policies that the
 * library synthesises for the calling stack.
 */
export abstract class HandlerSetup {
  readonly clock = time;
  readonly emulator: Emulator;
  readonly logged: string[] = [];
  readonly reported: DriftSummary[] = [];
  private readonly clients: Client[] = [];
  private readonly policies = new Map<string, PolicyDocument[]>();

  protected constructor(private readonly options: HandlerSetupOptions) {
    time.startAgain();
    const principals: Principals = async (accessKeyId) => {
      const id = Buffer.from(accessKeyId, 'hex').toString();
      const [, role = 'HandlerRole'] = id.split('#');
      return { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/function`, policies: this.policiesOf(id) as never };
    };
    // Without latency, time would stand still between calls, and the documented rates would be broken.
    const { services, timings } = options;
    this.emulator = new Emulator({ clock: this.clock, account: ACCOUNT, principals, latency: 30, services, timings });
  }

  async stop(): Promise<void> {
    this.clients.forEach((client) => client.destroy());
  }

  resource(logicalId: string, stack = STACK_ID): StackResource {
    // Each stack's functions have credentials of their own, and clients take them from the environment.
    process.env.AWS_ACCESS_KEY_ID = Buffer.from(stack).toString('hex');
    process.env.AWS_SECRET_ACCESS_KEY = 'secret';
    const handler = this.handler();
    const lifecycle = createLifecycle({ clock: this.clock, log: this.log(), load: async () => handler });
    return new StackResource(lifecycle, this.clock, this.options.resourceType, stack, logicalId);
  }

  /** One run of a drift monitor over resources of a stack, with no rights but its own. */
  async driftOf(resources: StackResource[], { overrides = {}, deployments }: DriftRun = {}): Promise<DriftSummary> {
    const [{ stackId: StackId }] = resources;
    process.env.AWS_ACCESS_KEY_ID = Buffer.from(`${StackId}${MONITOR}`).toString('hex');
    process.env.AWS_SECRET_ACCESS_KEY = 'secret';
    const handler = this.handler();
    const Resources = resources.map(({ logicalId, physicalId, resourceType, properties }) => ({
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId!,
      ResourceType: resourceType,
      ResourceProperties: { ServiceToken: 'arn', ...properties, ...overrides },
    }));
    return monitorDrift({ StackId, Resources }, 'run', {
      clock: this.clock,
      log: this.log(),
      load: async () => handler,
      deployments: deployments ?? { last: async () => ({ status: 'UPDATE_COMPLETE', isUnderWay: false, updatedAt: 'a' }) },
      reports: { publish: async (summary) => { this.reported.push(summary); } },
    });
  }

  calls(operation?: string): CallRecord[] {
    return this.emulator.calls.filter((call) => operation === undefined || call.operation === operation);
  }

  mutations(): string[] {
    return this.calls().filter(({ mutated }) => mutated).map(({ operation }) => operation);
  }

  /** What the work has called, by name. */
  async counting(work: () => Promise<unknown>): Promise<{ mutations: string[]; reads: Record<string, number> }> {
    const before = this.emulator.calls.length;
    await work();
    const calls = this.emulator.calls.slice(before);
    const reads: Record<string, number> = {};
    for (const { operation, mutated } of calls) if (!mutated) reads[operation] = (reads[operation] ?? 0) + 1;
    return { mutations: calls.filter(({ mutated }) => mutated).map(({ operation }) => operation), reads };
  }

  /** What a client sends goes into the emulator; its limits of time stay. */
  protected inProcess<C extends Pick<Client, 'config'>>(service: string, client: C): C {
    // Private there.
    const { configProvider } = client.config.requestHandler as { configProvider: Promise<{ requestTimeout?: number }> };
    const { metadata, handle } = requestHandler(this.emulator, service);
    Object.assign(client.config, {
      // The SDK's own logger discards every line, but only after it has looked for secrets in the input and the output of each call.
      logger: {},
      requestHandler: {
        metadata,
        handle: async (request: Parameters<typeof handle>[0], { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
          within({ ...await configProvider, abortSignal }, () => handle(request)),
        destroy: () => undefined,
      },
    });
    return client;
  }

  /** The clients of one handler, made at once: later the environment is another's. In other regions the host does not resolve. */
  protected clientsOf<C extends Client>(service: string, make: (region: string) => C): (region: string) => C {
    const clients = new Map([REGION, OTHER_REGION].map((region) => [region, this.inProcess(service, make(region))]));
    for (const client of clients.values()) {
      void client.config.credentials();
      this.clients.push(client);
    }
    return (region) => clients.get(region) ?? unresolved(make(region));
  }

  /** The texts of one kind of log line, each once. */
  said(message: 'pending' | 'apply change'): string[] {
    const lines = this.logged.map((line) => JSON.parse(line) as Record<string, string>).filter((line) => line.message === message);
    return [...new Set(lines.map(({ observed, difference }) => observed ?? difference))];
  }

  protected abstract handler(): ResourceHandler;

  private policiesOf(id: string): PolicyDocument[] {
    const policies = this.policies.get(id) ?? (id.endsWith(MONITOR) ? monitorPolicies(id.slice(0, -MONITOR.length)) : this.options.policies(id));
    this.policies.set(id, policies);
    return policies;
  }

  /** A change of the stack has changed them. */
  protected changePolicies(): void {
    this.policies.clear();
  }

  protected log(): Log {
    const write = (line: Record<string, unknown>) => { this.logged.push(JSON.stringify(line)); };
    const logger: any = {
      info: (message: string, fields: object) => write({ message, ...fields }),
      error: (message: string, fields: object) => write({ message, ...fields }),
    };
    return createLog(logger);
  }
}

import { createLifecycle } from '../../lambda/common/lifecycle';
import { createLog, type Log } from '../../lambda/common/log';
import { kinesisVideoClient } from '../../lambda/kinesisvideo/client';
import { SignalingChannelHandler } from '../../lambda/kinesisvideo/signaling-channel';
import { type CallRecord, Emulator, kinesisVideo, type KinesisVideoOptions, type Principals, type RunningServer, startServer, VirtualClock } from '../../local/emulator';
import { SignalingChannel } from '../../src';
import { SIGNALING_CHANNEL_RESOURCE_TYPE } from '../../src/kinesisvideo/private/contract';
import { StackResource } from '../cloudformation';
import { type PolicyDocument, synthesisedPolicies } from '../synthesised-policies';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const STACK_ID = stackId('Doorbells', '1');

export function stackId(name: string, uuid: string): string {
  return `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${name}/${uuid}`;
}

export interface ChannelState {
  readonly arn: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly messageTtlSeconds?: number;
  readonly storageStreamArn?: string;
  readonly tags: Record<string, string>;
  readonly version: string;
}

export const policiesOfStack = (id: string): PolicyDocument[] =>
  synthesisedPolicies((stack) => { new SignalingChannel(stack, 'Channel'); }, { stackId: id, account: ACCOUNT });

/**
 * The real handlers and SDK client against the emulator over HTTP, in virtual time. Every call is checked against the policies that the
 * library synthesises for the calling stack.
 */
export class HandlerSetup {
  static async start(options: { kinesisVideo?: KinesisVideoOptions; policies?: (stackId: string) => PolicyDocument[] } = {}): Promise<HandlerSetup> {
    const clock = new VirtualClock({ auto: true });
    const policies = new Map<string, PolicyDocument[]>();
    const principals: Principals = async (accessKeyId) => {
      const id = Buffer.from(accessKeyId, 'hex').toString();
      if (!policies.has(id)) policies.set(id, (options.policies ?? policiesOfStack)(id));
      return { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/HandlerRole/function`, policies: policies.get(id)! as never };
    };
    const emulator = new Emulator({
      // Without latency, time would stand still between calls, and the documented rates would be broken.
      clock, account: ACCOUNT, principals, latency: 30, services: [kinesisVideo(options.kinesisVideo)],
    });
    return new HandlerSetup(clock, emulator, await startServer(emulator));
  }

  readonly logged: string[] = [];
  private readonly clients: { destroy(): void }[] = [];

  private constructor(readonly clock: VirtualClock, readonly emulator: Emulator, private readonly server: RunningServer) {}

  async stop(): Promise<void> {
    this.clients.forEach((client) => client.destroy());
    await this.server.close();
  }

  resource(logicalId = 'Channel', stack = STACK_ID): StackResource {
    return new StackResource(this.lifecycle(stack), this.clock, SIGNALING_CHANNEL_RESOURCE_TYPE, stack, logicalId);
  }

  /** A stream to record into; returns its ARN. */
  stream(name: string, hours = 24): string {
    const { attributes } = this.emulator.applyResource({
      action: 'create', type: 'AWS::KinesisVideo::Stream', account: ACCOUNT, region: REGION, properties: { Name: name, DataRetentionInHours: hours },
    });
    return attributes.Arn as string;
  }

  /** A channel of somebody else's. */
  foreignChannel(name: string, tags: Record<string, string> = {}, properties: Record<string, unknown> = {}): string {
    const { attributes } = this.emulator.applyResource({
      action: 'create',
      type: 'AWS::KinesisVideo::SignalingChannel',
      account: ACCOUNT,
      region: REGION,
      properties: { Name: name, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })), ...properties },
    });
    return attributes.Arn as string;
  }

  channels(): ChannelState[] {
    const [...regions] = this.emulator.state().kinesisvideo as { channels: ChannelState[] }[];
    return regions.flatMap(({ channels }) => channels);
  }

  channel(arn?: string): ChannelState {
    const found = this.channels().filter((channel) => arn === undefined || channel.arn === arn);
    if (found.length !== 1) throw new Error(`${found.length} channels match ${arn ?? 'anything'}`);
    return found[0];
  }

  edit(resource: string, change: Record<string, unknown>): void {
    this.emulator.edit({ service: 'kinesisvideo', resource, ...change });
  }

  calls(operation?: string): CallRecord[] {
    return this.emulator.calls.filter((call) => operation === undefined || call.operation === operation);
  }

  mutations(): string[] {
    return this.calls().filter(({ mutated }) => mutated).map(({ operation }) => operation);
  }

  /** What has been called since, by name. */
  async counting(work: () => Promise<unknown>): Promise<{ mutations: string[]; reads: Record<string, number> }> {
    const before = this.emulator.calls.length;
    await work();
    const calls = this.emulator.calls.slice(before);
    const reads: Record<string, number> = {};
    for (const { operation, mutated } of calls) if (!mutated) reads[operation] = (reads[operation] ?? 0) + 1;
    return { mutations: calls.filter(({ mutated }) => mutated).map(({ operation }) => operation), reads };
  }

  /** Each stack's function has credentials of its own, and its own client. */
  private lifecycle(stack: string) {
    process.env.AWS_ENDPOINT_URL_KINESIS_VIDEO = this.server.endpoint('kinesisvideo');
    process.env.AWS_ACCESS_KEY_ID = Buffer.from(stack).toString('hex');
    process.env.AWS_SECRET_ACCESS_KEY = 'secret';
    const clients = new Map<string, ReturnType<typeof kinesisVideoClient>>();
    const client = (region: string) => {
      if (!clients.has(region)) {
        const made = kinesisVideoClient(region);
        // Resolved now: the environment is the process's, and each stack has its own.
        void made.config.credentials();
        clients.set(region, made);
        this.clients.push(made);
      }
      return clients.get(region)!;
    };
    for (const region of [REGION, 'eu-west-1']) client(region);
    const handler = new SignalingChannelHandler({ region: REGION, client });
    return createLifecycle({ clock: this.clock, log: this.log(), load: async () => handler });
  }

  private log(): Log {
    const write = (line: Record<string, unknown>) => { this.logged.push(JSON.stringify(line)); };
    const logger: any = {
      info: (message: string, fields: object) => write({ message, ...fields }),
      error: (message: string, fields: object) => write({ message, ...fields }),
      createChild: () => logger,
      appendKeys: () => undefined,
    };
    return createLog(logger);
  }
}

import {
  CreateIngestConfigurationCommand, CreateIngestConfigurationCommandInput, DeleteIngestConfigurationCommand, GetIngestConfigurationCommand,
  GetStageCommand, IngestConfiguration, IVSRealTimeClient, IVSRealTimeClientConfig, ListTagsForResourceCommand, Stage, TagResourceCommand,
  UntagResourceCommand, UpdateIngestConfigurationCommand, UpdateIngestConfigurationCommandInput,
} from '@aws-sdk/client-ivs-realtime';
import { region } from './harness';
import { Emulator, EmulatorOptions, ivsRealtime, IvsRealtimeOptions, RunningServer, startServer, VirtualClock } from '../../../local/emulator';

export interface IvsHarness {
  readonly emulator: Emulator;
  readonly server: RunningServer;
  readonly clock: VirtualClock;
  /** The real SDK client, over HTTP, without retries of its own. */
  readonly client: IVSRealTimeClient;
  clientOf(config: Partial<IVSRealTimeClientConfig>): IVSRealTimeClient;
  /** Makes a stage and answers its ARN. */
  stage(properties?: Record<string, unknown>): string;
  deleteStage(arn: string): void;
  edit(resource: string, changes: Record<string, unknown>): void;
}

const running: RunningServer[] = [];
const clients: IVSRealTimeClient[] = [];

/** Time stands still until a test advances it; limits are off unless asked for. */
export async function startIvs(options: IvsRealtimeOptions = {}, emulatorOptions: EmulatorOptions = {}): Promise<IvsHarness> {
  const clock = new VirtualClock();
  const emulator = new Emulator({ clock, rates: 'off', services: [ivsRealtime(options)], ...emulatorOptions });
  const server = await startServer(emulator);
  running.push(server);
  const clientOf = (config: Partial<IVSRealTimeClientConfig>) => {
    const client = new IVSRealTimeClient({
      endpoint: server.endpoint('ivs-realtime'),
      region,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
      maxAttempts: 1,
      ...config,
    });
    clients.push(client);
    return client;
  };
  const type = 'AWS::IVS::Stage';
  return {
    emulator,
    server,
    clock,
    client: clientOf({}),
    clientOf,
    stage: (properties = {}) => emulator.applyResource({ action: 'create', type, region, properties }).physicalId,
    deleteStage: arn => { emulator.applyResource({ action: 'delete', type, region, physicalId: arn }); },
    edit: (resource, changes) => emulator.edit({ service: 'ivs-realtime', resource, ...changes }),
  };
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(running.splice(0).map(async server => server.close()));
});

export async function create(client: IVSRealTimeClient, more: Partial<CreateIngestConfigurationCommandInput> = {}): Promise<IngestConfiguration> {
  return (await client.send(new CreateIngestConfigurationCommand({ ingestProtocol: 'RTMPS', ...more }))).ingestConfiguration!;
}

export async function get(client: IVSRealTimeClient, arn: string): Promise<IngestConfiguration> {
  return (await client.send(new GetIngestConfigurationCommand({ arn }))).ingestConfiguration!;
}

export async function getStage(client: IVSRealTimeClient, arn: string): Promise<Stage> {
  return (await client.send(new GetStageCommand({ arn }))).stage!;
}

export async function update(
  client: IVSRealTimeClient, arn: string, more: Partial<UpdateIngestConfigurationCommandInput> = {},
): Promise<IngestConfiguration> {
  return (await client.send(new UpdateIngestConfigurationCommand({ arn, ...more }))).ingestConfiguration!;
}

export async function remove(client: IVSRealTimeClient, arn: string, force?: boolean): Promise<unknown> {
  return client.send(new DeleteIngestConfigurationCommand({ arn, force }));
}

export async function tag(client: IVSRealTimeClient, arn: string, tags: Record<string, string>): Promise<unknown> {
  return client.send(new TagResourceCommand({ resourceArn: arn, tags }));
}

export async function untag(client: IVSRealTimeClient, arn: string, ...keys: string[]): Promise<unknown> {
  return client.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: keys }));
}

export async function tagsOf(client: IVSRealTimeClient, arn: string): Promise<Record<string, string> | undefined> {
  return (await client.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags;
}

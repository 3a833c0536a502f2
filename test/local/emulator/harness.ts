import { KinesisVideoClient, KinesisVideoClientConfig } from '@aws-sdk/client-kinesis-video';
import { Emulator, EmulatorOptions, RunningServer, startServer, VirtualClock } from '../../../local/emulator';

export const account = '000000000000';
export const region = 'eu-west-1';

export interface Harness {
  readonly emulator: Emulator;
  readonly server: RunningServer;
  readonly clock: VirtualClock;
  /** The real SDK client, over HTTP, without retries of its own. */
  readonly client: KinesisVideoClient;
  clientOf(config: Partial<KinesisVideoClientConfig>): KinesisVideoClient;
  /** Makes a stream that can be recorded into and answers its ARN. */
  stream(name: string, dataRetentionInHours?: number): string;
}

const running: RunningServer[] = [];
const clients: KinesisVideoClient[] = [];

/** Time stands still until a test advances it; limits are off unless asked for. */
export async function start(options: EmulatorOptions = {}): Promise<Harness> {
  const clock = new VirtualClock();
  const emulator = new Emulator({ clock, rates: 'off', ...options });
  const server = await startServer(emulator);
  running.push(server);
  const clientOf = (config: Partial<KinesisVideoClientConfig>) => {
    const client = new KinesisVideoClient({
      endpoint: server.endpoint('kinesisvideo'),
      region,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
      maxAttempts: 1,
      ...config,
    });
    clients.push(client);
    return client;
  };
  const stream = (name: string, dataRetentionInHours = 24) => emulator.applyResource({
    action: 'create', type: 'AWS::KinesisVideo::Stream', region, properties: { Name: name, DataRetentionInHours: dataRetentionInHours },
  }).attributes.Arn as string;
  return { emulator, server, clock, client: clientOf({}), clientOf, stream };
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(running.splice(0).map(async server => server.close()));
});

/** The name of the error that a call ends with; fails when it succeeds. */
export async function errorOf(call: Promise<unknown>): Promise<Error & { $metadata?: { httpStatusCode?: number }; Message?: string }> {
  const outcome = await call.then(() => undefined, error => error);
  if (!outcome) throw new Error('the call succeeded');
  return outcome;
}

export async function errorName(call: Promise<unknown>): Promise<string> {
  return (await errorOf(call)).name;
}

import {
  ChimeSDKVoiceClient, ChimeSDKVoiceClientConfig, DeleteVoiceConnectorStreamingConfigurationCommand, GetVoiceConnectorCommand,
  GetVoiceConnectorStreamingConfigurationCommand, ListTagsForResourceCommand, ListVoiceConnectorsCommand,
  PutVoiceConnectorStreamingConfigurationCommand, StreamingConfiguration, TagResourceCommand, UntagResourceCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import {
  chime, ChimeOptions, chimeSdkVoice, ChimeSdkVoiceOptions, Emulator, EmulatorOptions, PolicyDocument, Principal, ResourceResult, RunningServer,
  startServer, VirtualClock,
} from '../../../local/emulator';

export const region = 'us-east-1';
/** Of the right form, and of nothing. */
export const nobodysId = 'abcdefghij0123456789zz';

export interface VoiceOptions extends EmulatorOptions {
  readonly voice?: ChimeSdkVoiceOptions;
  readonly legacy?: ChimeOptions;
}

export interface LegacyAnswer {
  readonly status: number;
  /** The name of the error, if it is one. */
  readonly error?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface VoiceHarness {
  readonly emulator: Emulator;
  readonly server: RunningServer;
  readonly clock: VirtualClock;
  /** The real SDK client, over HTTP, without retries of its own. */
  readonly client: ChimeSDKVoiceClient;
  clientOf(config: Partial<ChimeSDKVoiceClientConfig>): ChimeSDKVoiceClient;
  /** As CloudFormation makes one. */
  connector(properties?: Record<string, unknown>, inRegion?: string): { id: string; arn: string } & ResourceResult;
  /** There is no client of the legacy namespace any more: signed requests. */
  legacy(method: string, path: string, body?: unknown, caller?: { accessKeyId?: string; region?: string }): Promise<LegacyAnswer>;
}

const running: RunningServer[] = [];
const clients: ChimeSDKVoiceClient[] = [];

/** Time stands still until a test advances it; connectors are found at once unless a test asks for the delay. */
export async function startVoice({ voice, legacy: legacyOptions, ...options }: VoiceOptions = {}): Promise<VoiceHarness> {
  const clock = new VirtualClock();
  const services = [chimeSdkVoice({ propagation: 0, ...voice }), chime(legacyOptions)];
  const emulator = new Emulator({ clock, rates: 'off', services, ...options });
  const server = await startServer(emulator);
  running.push(server);
  const clientOf = (config: Partial<ChimeSDKVoiceClientConfig>) => {
    const client = new ChimeSDKVoiceClient({
      endpoint: server.endpoint('chime-sdk-voice'),
      region,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
      maxAttempts: 1,
      ...config,
    });
    clients.push(client);
    return client;
  };
  const connector = (properties: Record<string, unknown> = {}, inRegion = region) => {
    const result = emulator.applyResource({
      action: 'create', type: 'AWS::Chime::VoiceConnector', region: inRegion, properties: { Name: 'trunk', RequireEncryption: true, ...properties },
    });
    return { ...result, id: result.attributes.VoiceConnectorId as string, arn: result.physicalId };
  };
  const legacy: VoiceHarness['legacy'] = async (method, path, body, { accessKeyId = 'AKIATEST', region: signedFor = region } = {}) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${signedFor}/chime/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    const response = await emulator.handle({
      method, path: `/chime${path}`, headers: { authorization }, body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, error: response.headers['x-amzn-errortype'], body: response.body && JSON.parse(response.body) };
  };
  return { emulator, server, clock, client: clientOf({}), clientOf, connector, legacy };
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(running.splice(0).map(async server => server.close()));
});

export const streaming: StreamingConfiguration = { DataRetentionInHours: 24, Disabled: false };

export const put = async (client: ChimeSDKVoiceClient, id: string, configuration: StreamingConfiguration = streaming) => {
  const input = { VoiceConnectorId: id, StreamingConfiguration: configuration };
  return (await client.send(new PutVoiceConnectorStreamingConfigurationCommand(input))).StreamingConfiguration;
};
export const get = async (client: ChimeSDKVoiceClient, id: string) =>
  (await client.send(new GetVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId: id }))).StreamingConfiguration;
export const remove = async (client: ChimeSDKVoiceClient, id: string) =>
  client.send(new DeleteVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId: id }));
export const describeConnector = async (client: ChimeSDKVoiceClient, id: string) =>
  (await client.send(new GetVoiceConnectorCommand({ VoiceConnectorId: id }))).VoiceConnector;
export const list = async (client: ChimeSDKVoiceClient, input: { MaxResults?: number; NextToken?: string } = {}) =>
  client.send(new ListVoiceConnectorsCommand(input));
export const tag = async (client: ChimeSDKVoiceClient, arn: string, tags: Record<string, string>) =>
  client.send(new TagResourceCommand({ ResourceARN: arn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }));
export const untag = async (client: ChimeSDKVoiceClient, arn: string, ...TagKeys: string[]) =>
  client.send(new UntagResourceCommand({ ResourceARN: arn, TagKeys }));
export const tags = async (client: ChimeSDKVoiceClient, arn: string) =>
  Object.fromEntries((await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }))).Tags!.map(({ Key, Value }) => [Key, Value]));

/** Each operation by its name, on one connector. */
export const everyOperation: [string, (client: ChimeSDKVoiceClient, connector: { id: string; arn: string }) => Promise<unknown>][] = [
  ['PutVoiceConnectorStreamingConfiguration', async (client, { id }) => put(client, id)],
  ['GetVoiceConnectorStreamingConfiguration', async (client, { id }) => get(client, id)],
  ['DeleteVoiceConnectorStreamingConfiguration', async (client, { id }) => remove(client, id)],
  ['GetVoiceConnector', async (client, { id }) => describeConnector(client, id)],
  ['ListVoiceConnectors', async client => list(client)],
  ['TagResource', async (client, { arn }) => tag(client, arn, { a: '1' })],
  ['UntagResource', async (client, { arn }) => untag(client, arn, 'a')],
  ['ListTagsForResource', async (client, { arn }) => tags(client, arn)],
];

/** What the legacy namespace has of them, as method, path and body. */
export const legacyOperations: [string, (id: string) => [string, string, unknown?]][] = [
  ['PutVoiceConnectorStreamingConfiguration', id => ['PUT', `/voice-connectors/${id}/streaming-configuration`, { StreamingConfiguration: streaming }]],
  ['GetVoiceConnectorStreamingConfiguration', id => ['GET', `/voice-connectors/${id}/streaming-configuration`]],
  ['DeleteVoiceConnectorStreamingConfiguration', id => ['DELETE', `/voice-connectors/${id}/streaming-configuration`]],
  ['GetVoiceConnector', id => ['GET', `/voice-connectors/${id}`]],
];

/** A principal with these policies and the access key AKIAROLE. AKIAROOT has full access. */
export function withRole(...policies: PolicyDocument[]): Pick<EmulatorOptions, 'principals'> {
  const principal: Principal = { arn: 'arn:aws:sts::000000000000:assumed-role/handler/function', policies };
  return { principals: async key => ({ AKIAROLE: principal, AKIAROOT: 'unrestricted' as const })[key] };
}

export function allow(action: string | string[], resource = '*', condition?: Record<string, unknown>): PolicyDocument {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource, ...condition && { Condition: condition } }] };
}

import { readdirSync, rmSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';
import { bundleHandlers, fromSources, type Sources, sourcesOf } from '../scripts/handler-bundle';

/** What one kind of resource needs of the bundle. */
export interface Domain {
  readonly name: string;
  /** What lambda/index.ts loads for it. */
  readonly modules: string[];
  /** The clients and commands that it uses, by package. */
  readonly bareClients: Record<string, string[]>;
  readonly resourceType: string;
}

export const DOMAINS: Domain[] = [{
  name: 'SignalingChannel',
  modules: ['lambda/kinesisvideo/signaling-channel.ts', 'lambda/kinesisvideo/client.ts'],
  resourceType: 'Custom::RtcSignalingChannel',
  bareClients: {
    '@aws-sdk/client-kinesis-video': [
      'KinesisVideoClient', 'CreateSignalingChannelCommand', 'DeleteSignalingChannelCommand', 'DescribeMappedResourceConfigurationCommand',
      'DescribeMediaStorageConfigurationCommand', 'DescribeSignalingChannelCommand', 'GetSignalingChannelEndpointCommand',
      'ListTagsForResourceCommand', 'TagResourceCommand', 'UntagResourceCommand', 'UpdateMediaStorageConfigurationCommand', 'UpdateSignalingChannelCommand',
    ],
  },
}, {
  name: 'VideoStream, image generation',
  modules: ['lambda/kinesisvideo/video-stream-image-generation.ts', 'lambda/kinesisvideo/client.ts'],
  resourceType: 'Custom::RtcVideoStreamImageGeneration',
  bareClients: {
    '@aws-sdk/client-kinesis-video': [
      'KinesisVideoClient', 'DescribeImageGenerationConfigurationCommand', 'DescribeStreamCommand', 'ListTagsForStreamCommand', 'TagStreamCommand',
      'UntagStreamCommand', 'UpdateImageGenerationConfigurationCommand',
    ],
  },
}, {
  name: 'RealTimeStage, endpoints',
  modules: ['lambda/ivs/real-time-stage-endpoints.ts', 'lambda/ivs/client.ts'],
  resourceType: 'Custom::RtcRealTimeStageEndpoints',
  bareClients: { '@aws-sdk/client-ivs-realtime': ['IVSRealTimeClient', 'GetStageCommand'] },
}, {
  name: 'IngestConfiguration',
  modules: ['lambda/ivs/ingest-configuration.ts', 'lambda/ivs/client.ts', 'lambda/secrets-manager/client.ts'],
  resourceType: 'Custom::RtcIngestConfiguration',
  bareClients: {
    '@aws-sdk/client-ivs-realtime': [
      'IVSRealTimeClient', 'CreateIngestConfigurationCommand', 'DeleteIngestConfigurationCommand', 'GetIngestConfigurationCommand',
      'GetStageCommand', 'ListTagsForResourceCommand', 'TagResourceCommand', 'UntagResourceCommand', 'UpdateIngestConfigurationCommand',
    ],
    '@aws-sdk/client-secrets-manager': ['SecretsManagerClient', 'GetSecretValueCommand', 'PutSecretValueCommand'],
  },
}, {
  name: 'VoiceConnectorStreaming',
  modules: ['lambda/chime-sdk-voice/voice-connector-streaming.ts', 'lambda/chime-sdk-voice/client.ts'],
  resourceType: 'Custom::RtcVoiceConnectorStreaming',
  bareClients: {
    '@aws-sdk/client-chime-sdk-voice': [
      'ChimeSDKVoiceClient', 'DeleteVoiceConnectorStreamingConfigurationCommand', 'GetVoiceConnectorStreamingConfigurationCommand',
      'ListTagsForResourceCommand', 'PutVoiceConnectorStreamingConfigurationCommand', 'TagResourceCommand', 'UntagResourceCommand',
    ],
  },
}, {
  name: 'ChimeMeetingPool',
  modules: ['lambda/chime-sdk-meetings/chime-meeting-pool.ts', 'lambda/chime-sdk-meetings/meeting-pool/connections.ts'],
  resourceType: 'Custom::RtcChimeMeetingPool',
  bareClients: {
    '@aws-sdk/client-chime-sdk-meetings': [
      'ChimeSDKMeetingsClient', 'BatchCreateAttendeeCommand', 'CreateAttendeeCommand', 'CreateMeetingCommand', 'CreateMeetingWithAttendeesCommand',
      'DeleteMeetingCommand', 'GetAttendeeCommand', 'GetMeetingCommand', 'ListAttendeesCommand',
    ],
    '@aws-sdk/client-dynamodb': ['DynamoDBClient'],
    '@aws-sdk/lib-dynamodb': [
      'DynamoDBDocumentClient', 'DeleteCommand', 'GetCommand', 'PutCommand', 'QueryCommand', 'ScanCommand', 'TransactWriteCommand', 'UpdateCommand',
    ],
  },
}];

export interface Bundle {
  /** What is loaded first. */
  readonly file: string;
  /** Of all its files. */
  readonly bytes: number;
  readonly sources: Sources;
}

const FOLDER = path.join(__dirname, 'results', 'bundles');

/** The handlers, as they are in the package. */
export function handlerBundle(): Promise<Bundle> {
  return bundled('handlers');
}

/** The same, with another transport for the SDK. */
export function handlerBundleWith(transport: string): Promise<Bundle> {
  return bundled('handlers-in-process', { '@smithy/node-http-handler': path.join(__dirname, '..', transport) });
}

async function bundled(name: string, alias?: Record<string, string>): Promise<Bundle> {
  const folder = path.join(FOLDER, name);
  rmSync(folder, { recursive: true, force: true });
  const sources = await bundleHandlers(folder, alias);
  const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
  return { file: path.join(folder, 'index.js'), bytes, sources };
}

/** Nothing but the clients of a domain and their commands, by the same settings. */
export async function bareBundle({ name, bareClients }: Domain): Promise<Bundle> {
  const file = path.join(FOLDER, `bare-${name}.js`);
  const contents = Object.entries(bareClients).map(([module, names]) => `export { ${names.join(', ')} } from '${module}';`).join('\n');
  const { metafile } = await build({ ...fromSources, stdin: { contents, resolveDir: path.join(__dirname, '..') }, format: 'cjs', outfile: file });
  return { file, bytes: statSync(file).size, sources: sourcesOf(metafile, Object.values(metafile.outputs)) };
}

/** Bytes that run when these modules of a bundle are loaded; what is imported only later is not among them. */
export function loadedBytes({ sources }: Bundle, modules: string[]): number {
  const loaded = new Set<string>();
  const load = (file: string) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { path: imported, kind } of sources[file]?.imports ?? []) if (kind !== 'dynamic-import') load(imported);
  };
  modules.forEach(load);
  return [...loaded].reduce((sum, file) => sum + (sources[file]?.bytes ?? 0), 0);
}

import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { buildSync, type BuildOptions, type Metafile } from 'esbuild';

const ROOT = path.join(__dirname, '..');

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
  name: 'IngestConfiguration',
  modules: ['lambda/ivs/ingest-configuration.ts', 'lambda/ivs/client.ts'],
  resourceType: 'Custom::RtcIngestConfiguration',
  bareClients: {
    '@aws-sdk/client-ivs-realtime': [
      'IVSRealTimeClient', 'CreateIngestConfigurationCommand', 'DeleteIngestConfigurationCommand', 'GetIngestConfigurationCommand',
      'ListTagsForResourceCommand', 'TagResourceCommand', 'UntagResourceCommand', 'UpdateIngestConfigurationCommand',
    ],
    '@aws-sdk/client-secrets-manager': ['SecretsManagerClient', 'GetSecretValueCommand', 'PutSecretValueCommand'],
  },
}, {
  name: 'VoiceConnectorStreaming',
  modules: ['lambda/chime/voice-connector-streaming.ts', 'lambda/chime/client.ts'],
  resourceType: 'Custom::RtcVoiceConnectorStreaming',
  bareClients: {
    '@aws-sdk/client-chime-sdk-voice': [
      'ChimeSDKVoiceClient', 'DeleteVoiceConnectorStreamingConfigurationCommand', 'GetVoiceConnectorStreamingConfigurationCommand',
      'ListTagsForResourceCommand', 'PutVoiceConnectorStreamingConfigurationCommand', 'TagResourceCommand', 'UntagResourceCommand',
    ],
  },
}, {
  name: 'ChimeMeetingPool',
  modules: ['lambda/chime/chime-meeting-pool.ts', 'lambda/chime/meeting-pool/connections.ts'],
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

/** The very options of the package's bundle. */
function bundleOptions(): BuildOptions {
  const { tasks } = JSON.parse(readFileSync(path.join(ROOT, '.projen', 'tasks.json'), 'utf8'));
  const args: string[] = tasks['bundle:lambda/index'].steps[0].execArgs;
  const option = (name: string) => args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1];
  return {
    absWorkingDir: ROOT,
    bundle: true,
    metafile: true,
    minify: args.includes('--minify'),
    target: option('target'),
    platform: option('platform') as BuildOptions['platform'],
    format: option('format') as BuildOptions['format'],
    mainFields: option('main-fields')?.split(','),
    legalComments: option('legal-comments') as BuildOptions['legalComments'],
    tsconfig: option('tsconfig'),
    external: args.filter((arg) => arg.startsWith('--external:')).map((arg) => arg.slice('--external:'.length)),
    outdir: 'bench/results/bundles',
    logLevel: 'error',
  };
}

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  readonly metafile: Metafile;
}

function bundle(name: string, input: BuildOptions): Bundle {
  const { metafile } = buildSync({ ...bundleOptions(), ...input, entryNames: name });
  const [[output, { bytes }]] = Object.entries(metafile!.outputs);
  return { file: path.join(ROOT, output), bytes, metafile: metafile! };
}

/** The handlers, as they are in the package. */
export function handlerBundle(): Bundle {
  return bundle('handlers', { entryPoints: ['lambda/index.ts'] });
}

/** The same, with another transport for the SDK. */
export function handlerBundleWith(transport: string): Bundle {
  return bundle('handlers-in-process', { entryPoints: ['lambda/index.ts'], alias: { '@smithy/node-http-handler': path.join(ROOT, transport) } });
}

/** Nothing but the clients of a domain and their commands. */
export function bareBundle({ name, bareClients }: Domain): Bundle {
  const contents = Object.entries(bareClients).map(([module, names]) => `export { ${names.join(', ')} } from '${module}';`).join('\n');
  return bundle(`bare-${name}`, { stdin: { contents, resolveDir: ROOT } });
}

/** Bytes that run when these modules of a bundle are loaded; what is imported only later (providers of credentials above all) is not among them. */
export function loadedBytes({ metafile }: Bundle, modules: string[]): number {
  const [{ inputs: sizes }] = Object.values(metafile.outputs);
  const loaded = new Set<string>();
  const load = (file: string) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { path: imported, kind } of metafile.inputs[file]?.imports ?? []) if (kind !== 'dynamic-import') load(imported);
  };
  modules.forEach(load);
  return [...loaded].reduce((sum, file) => sum + (sizes[file]?.bytesInOutput ?? 0), 0);
}

import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { createLegacyMeetings, createLegacyStreaming } from '../lambda/chime-legacy';
import { ChimeMeetingPoolHandler } from '../lambda/chime-sdk-meetings/chime-meeting-pool';
import { chimeMeetingsClient } from '../lambda/chime-sdk-meetings/meeting-pool/client';
import { connectPools } from '../lambda/chime-sdk-meetings/meeting-pool/connections';
import { tableClient } from '../lambda/chime-sdk-meetings/meeting-pool/table';
import { chimeVoiceClient } from '../lambda/chime-sdk-voice/client';
import { voiceConnectorStreamingHandler } from '../lambda/chime-sdk-voice/voice-connector-streaming';
import type { Clock } from '../lambda/engine/clock';
import { createLifecycle, type ResourceHandler } from '../lambda/engine/lifecycle';
import type { Log } from '../lambda/engine/log';
import { ivsRealtimeClient } from '../lambda/ivs/client';
import { ingestConfigurationHandler } from '../lambda/ivs/ingest-configuration';
import { realTimeStageEndpointsHandler } from '../lambda/ivs/real-time-stage-endpoints';
import { kinesisVideoClient } from '../lambda/kinesisvideo/client';
import { signalingChannelHandler } from '../lambda/kinesisvideo/signaling-channel';
import { videoStreamImageGenerationHandler } from '../lambda/kinesisvideo/video-stream-image-generation';
import { secretsManagerClient } from '../lambda/secrets-manager/client';
import {
  chimeSdkMeetings, chimeSdkVoice, dynamoDb, Emulator, ivsRealtime, kinesisVideo, requestHandler, secretsManager, type ServiceFactory, VirtualClock,
} from '../local/emulator';
import { ChimeMeetingPool } from '../src';
import { CHIME_MEETING_POOL_RESOURCE_TYPE } from '../src/chime-sdk-meetings/private/meeting-pool-contract';
import { VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE } from '../src/chime-sdk-voice/private/resource-types';
import { INGEST_CONFIGURATION_RESOURCE_TYPE, REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE } from '../src/ivs/private/resource-types';
import { SIGNALING_CHANNEL_RESOURCE_TYPE, VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE } from '../src/kinesisvideo/private/resource-types';
import { type Outcome, StackResource } from '../test/cloudformation';

const REGION = 'us-east-1';
const ACCOUNT = '123456789012';
const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Bench/1`;

/** Milliseconds that every call takes. */
const LATENCY = 30;

type Operation = 'create' | 'change' | 'change nothing' | 'delete';

export interface Lifecycle {
  readonly resource: string;
  readonly operation: Operation;
  readonly polls: number;
  /** By name. */
  readonly calls: Record<string, number>;
  /** What a script would call at least that does this and hands on the same attributes. */
  readonly floor: string[];
  /** In virtual time. */
  readonly seconds: number;
}

interface Kind {
  readonly name: string;
  readonly resourceType: string;
  readonly services: ServiceFactory[];
  readonly floors: Record<Operation, string[]>;
  /** Of the emulator, by the host that the SDK calls. */
  service(hostname: string): string;
  handler(connect: Connect, clock: Clock): ResourceHandler;
  /** Properties before and after the change. */
  properties(emulator: Emulator): [before: Record<string, unknown>, after: Record<string, unknown>];
}

/** The client of the handlers, with the emulator as its transport. */
type Connect = <C extends { config: object }>(service: string, client: C) => C;

export const KINDS: Kind[] = [{
  name: 'SignalingChannel',
  resourceType: SIGNALING_CHANNEL_RESOURCE_TYPE,
  service: () => 'kinesisvideo',
  services: [kinesisVideo()],
  handler: (connect) => signalingChannelHandler({ region: REGION, client: (region) => connect('kinesisvideo', kinesisVideoClient(region)) }),
  properties: () => [{ MessageTtlSeconds: 30 }, { MessageTtlSeconds: 60 }],
  floors: {
    // Endpoints are asked for by role.
    'create': ['CreateSignalingChannel', 'DescribeSignalingChannel', 'GetSignalingChannelEndpoint', 'GetSignalingChannelEndpoint'],
    'change': ['DescribeSignalingChannel', 'UpdateSignalingChannel', 'DescribeSignalingChannel', 'GetSignalingChannelEndpoint', 'GetSignalingChannelEndpoint'],
    'change nothing': ['DescribeSignalingChannel', 'GetSignalingChannelEndpoint', 'GetSignalingChannelEndpoint'],
    'delete': ['DeleteSignalingChannel', 'DescribeSignalingChannel'],
  },
}, {
  name: 'VideoStream, image generation',
  resourceType: VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE,
  service: () => 'kinesisvideo',
  services: [kinesisVideo()],
  handler: (connect) => videoStreamImageGenerationHandler({ client: (region) => connect('kinesisvideo', kinesisVideoClient(region)) }),
  properties: (emulator) => {
    const { attributes: { Arn: StreamArn } } = emulator.applyResource({
      action: 'create', type: 'AWS::KinesisVideo::Stream', account: ACCOUNT, region: REGION, properties: { Name: 'camera', DataRetentionInHours: 24 },
    });
    const images = { StreamArn, Destination: 's3://images', DestinationRegion: REGION };
    return [{ ...images, SamplingInterval: 3000 }, { ...images, SamplingInterval: 6000 }];
  },
  floors: {
    'create': ['UpdateImageGenerationConfiguration'],
    'change': ['UpdateImageGenerationConfiguration'],
    'change nothing': ['DescribeImageGenerationConfiguration'],
    'delete': ['UpdateImageGenerationConfiguration'],
  },
}, {
  name: 'RealTimeStage, endpoints',
  resourceType: REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE,
  service: () => 'ivs-realtime',
  services: [ivsRealtime()],
  handler: (connect) => realTimeStageEndpointsHandler({ client: (region) => connect('ivs-realtime', ivsRealtimeClient(region)) }),
  properties: (emulator) => {
    const { physicalId: StageArn } = emulator.applyResource({ action: 'create', type: 'AWS::IVS::Stage', account: ACCOUNT, region: REGION });
    return [{ StageArn }, { StageArn, ForceUpdateNonce: '2' }];
  },
  floors: {
    'create': ['GetStage'],
    'change': ['GetStage'],
    'change nothing': ['GetStage'],
    'delete': [],
  },
}, {
  name: 'IngestConfiguration',
  resourceType: INGEST_CONFIGURATION_RESOURCE_TYPE,
  service: (hostname) => (hostname.startsWith('secretsmanager.') ? 'secrets-manager' : 'ivs-realtime'),
  services: [ivsRealtime(), secretsManager()],
  handler: (connect) => ingestConfigurationHandler({
    region: REGION,
    client: (region) => connect('ivs-realtime', ivsRealtimeClient(region)),
    secretsManager: (region) => connect('secrets-manager', secretsManagerClient(region)),
  }),
  properties: (emulator) => {
    const { physicalId: SecretArn } = emulator.applyResource({
      action: 'create',
      type: 'AWS::SecretsManager::Secret',
      account: ACCOUNT,
      region: REGION,
      properties: { Name: 'stream-key', Tags: [{ Key: 'cdk-rtc:stack', Value: STACK_ID }] },
    });
    const { physicalId: StageArn } = emulator.applyResource({ action: 'create', type: 'AWS::IVS::Stage', account: ACCOUNT, region: REGION });
    return [{ SecretArn }, { SecretArn, StageArn }];
  },
  floors: {
    'create': ['CreateIngestConfiguration', 'PutSecretValue'],
    // The stage's server URL belongs into the secret.
    'change': ['UpdateIngestConfiguration', 'GetStage', 'PutSecretValue'],
    'change nothing': ['GetIngestConfiguration', 'GetStage'],
    'delete': ['DeleteIngestConfiguration'],
  },
}, {
  name: 'VoiceConnectorStreaming',
  resourceType: VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE,
  service: () => 'chime-sdk-voice',
  services: [chimeSdkVoice({ propagation: 0 })],
  handler: (connect) => voiceConnectorStreamingHandler({
    client: (region) => connect('chime-sdk-voice', chimeVoiceClient(region)), legacy: async (signal) => createLegacyStreaming()(signal),
  }),
  properties: (emulator) => {
    const { physicalId: VoiceConnectorArn } = emulator.applyResource({
      action: 'create', type: 'AWS::Chime::VoiceConnector', account: ACCOUNT, region: REGION, properties: { Name: 'trunk', RequireEncryption: true },
    });
    return [{ VoiceConnectorArn, DataRetentionInHours: 24 }, { VoiceConnectorArn, DataRetentionInHours: 48 }];
  },
  floors: {
    'create': ['PutVoiceConnectorStreamingConfiguration'],
    'change': ['PutVoiceConnectorStreamingConfiguration'],
    'change nothing': ['GetVoiceConnectorStreamingConfiguration'],
    'delete': ['DeleteVoiceConnectorStreamingConfiguration'],
  },
}, {
  name: 'ChimeMeetingPool',
  resourceType: CHIME_MEETING_POOL_RESOURCE_TYPE,
  service: (hostname) => (hostname.startsWith('dynamodb.') ? 'dynamodb' : 'chime-sdk-meetings'),
  services: [chimeSdkMeetings(), dynamoDb()],
  handler: (connect, clock) => new ChimeMeetingPoolHandler({
    region: REGION,
    clock,
    ...connectPools(
      REGION, async () => createLegacyMeetings(), (region) => connect('chime-sdk-meetings', chimeMeetingsClient(region)), connect('dynamodb', tableClient(REGION))),
  }),
  properties: (emulator) => {
    createPoolTable(emulator, 'rooms');
    return [{ TableName: 'rooms', Size: 3 }, { TableName: 'rooms', Size: 5 }];
  },
  floors: {
    // What is ready has to be known to those who hand it out: up to 25 items a write.
    'create': [...Array<string>(3).fill('CreateMeeting'), 'BatchWriteItem'],
    'change': [...Array<string>(2).fill('CreateMeeting'), 'BatchWriteItem'],
    'change nothing': ['Query'],
    'delete': ['Query', ...Array<string>(5).fill('DeleteMeeting')],
  },
}];

/** As the construct makes it. */
export function createPoolTable(emulator: Emulator, TableName: string): void {
  tableProperties ??= synthesizeTable();
  emulator.applyResource({ action: 'create', type: 'AWS::DynamoDB::Table', account: ACCOUNT, region: REGION, properties: { ...tableProperties, TableName } });
}

let tableProperties: object | undefined;

/** Takes seconds, because aws-cdk-lib checks the template. */
function synthesizeTable(): object {
  const stack = new Stack(new App(), 'Bench');
  new ChimeMeetingPool(stack, 'Rooms', { size: 1 });
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table'));
  return Properties;
}

const silent: Log = { info: () => undefined, error: () => undefined, child: () => silent };

/** A kind deployed in virtual time. `creating`: milliseconds until the service's own status is ACTIVE. */
export function deploy({ resourceType, services, handler, properties }: Kind, creating?: number) {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' });
  const clock = new VirtualClock({ auto: true });
  const emulator = new Emulator({ clock, account: ACCOUNT, latency: LATENCY, services, timings: creating === undefined ? {} : { creating } });
  const connect: Connect = (service, client) => {
    Object.assign(client.config, { requestHandler: requestHandler(emulator, service) });
    return client;
  };
  const made = handler(connect, clock);
  const resource = new StackResource(createLifecycle({ clock, log: silent, load: async () => made }), clock, resourceType, STACK_ID, 'Thing');
  return { clock, emulator, resource, properties: properties(emulator) };
}

/** Calls and polls of each operation: the same on every machine. */
export async function measureLifecycles(): Promise<Lifecycle[]> {
  const lifecycles: Lifecycle[] = [];
  for (const kind of KINDS) {
    const { clock, emulator, resource, properties: [before, after] } = deploy(kind);
    const operations: [Operation, () => Promise<Outcome>][] = [
      ['create', () => resource.create(before)],
      ['change', () => resource.update(after)],
      ['change nothing', () => resource.update(after)],
      ['delete', () => resource.delete()],
    ];
    for (const [operation, work] of operations) {
      const start = clock.now();
      const first = emulator.calls.length;
      const { polls } = await work();
      const calls: Record<string, number> = {};
      for (const { operation: name } of emulator.calls.slice(first)) calls[name] = (calls[name] ?? 0) + 1;
      lifecycles.push({ resource: kind.name, operation, polls, calls, floor: kind.floors[operation], seconds: (clock.now() - start) / 1000 });
      // The rates recover.
      await clock.sleep(60_000);
    }
  }
  return lifecycles;
}

/** Seconds from a channel's ACTIVE to the end of its resource's creation, for channels that take from 0 to 10 seconds to get there. */
export async function measureLag(): Promise<{ mean: number; longest: number }> {
  const lags: number[] = [];
  for (let creating = 0; creating <= 10_000; creating += 100) {
    const { clock, emulator, resource, properties: [before] } = deploy(KINDS[0], creating);
    await resource.create(before);
    // A call is carried out when it has arrived.
    const active = emulator.calls.find(({ operation }) => operation === 'CreateSignalingChannel')!.time + LATENCY + creating;
    lags.push((clock.now() - active) / 1000);
  }
  return { mean: lags.reduce((sum, lag) => sum + lag) / lags.length, longest: Math.max(...lags) };
}

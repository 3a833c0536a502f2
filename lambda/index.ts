import type { Context } from 'aws-lambda';
import { systemClock } from './engine/clock';
import { TerminalError } from './engine/error-classes';
import { createLifecycle, type ResourceHandler } from './engine/lifecycle';
import { createLog } from './engine/log';
import { CHIME_MEETING_POOL_RESOURCE_TYPE, POOL_ENVIRONMENT } from '../src/chime-sdk-meetings/private/meeting-pool-contract';
import {
  PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE, PHONE_NUMBER_RESOURCE_TYPE, VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE,
  VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE, VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE, VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE,
} from '../src/chime-sdk-voice/private/resource-types';
import type { DriftMonitorInput } from '../src/drift-monitor/private/drift-contract';
import { INGEST_CONFIGURATION_RESOURCE_TYPE, REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE } from '../src/ivs/private/resource-types';
import {
  SIGNALING_CHANNEL_MEDIA_STORAGE_RESOURCE_TYPE, SIGNALING_CHANNEL_RESOURCE_TYPE, VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE,
  VIDEO_STREAM_NOTIFICATION_RESOURCE_TYPE,
} from '../src/kinesisvideo/private/resource-types';

const region = process.env.AWS_REGION ?? 'us-east-1';
const log = createLog();

/** Each domain with its SDK client is loaded when its first resource is met, and then kept. */
const loaders: Record<string, () => Promise<ResourceHandler>> = {
  [SIGNALING_CHANNEL_RESOURCE_TYPE]: async () => {
    const [{ signalingChannelHandler }, { kinesisVideoClient }] = await Promise.all([import('./kinesisvideo/signaling-channel'), import('./kinesisvideo/client')]);
    return signalingChannelHandler({ region, client: remember(kinesisVideoClient) });
  },
  [SIGNALING_CHANNEL_MEDIA_STORAGE_RESOURCE_TYPE]: async () => {
    const [{ signalingChannelMediaStorageHandler }, { kinesisVideoClient }] = await Promise.all([import('./kinesisvideo/signaling-channel-media-storage'), import('./kinesisvideo/client')]);
    return signalingChannelMediaStorageHandler({ client: remember(kinesisVideoClient) });
  },
  [VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE]: async () => {
    const [{ videoStreamImageGenerationHandler }, { kinesisVideoClient }] = await Promise.all([import('./kinesisvideo/video-stream-image-generation'), import('./kinesisvideo/client')]);
    return videoStreamImageGenerationHandler({ client: remember(kinesisVideoClient) });
  },
  [VIDEO_STREAM_NOTIFICATION_RESOURCE_TYPE]: async () => {
    const [{ videoStreamNotificationHandler }, { kinesisVideoClient }] = await Promise.all([import('./kinesisvideo/video-stream-notification'), import('./kinesisvideo/client')]);
    return videoStreamNotificationHandler({ client: remember(kinesisVideoClient) });
  },
  [INGEST_CONFIGURATION_RESOURCE_TYPE]: async () => {
    const [{ ingestConfigurationHandler }, { ivsRealtimeClient }, { secretsManagerClient }] = await Promise.all([
      import('./ivs/ingest-configuration'), import('./ivs/client'), import('./secrets-manager/client'),
    ]);
    return ingestConfigurationHandler({ region, client: remember(ivsRealtimeClient), secretsManager: remember(secretsManagerClient) });
  },
  [REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE]: async () => {
    const [{ realTimeStageEndpointsHandler }, { ivsRealtimeClient }] = await Promise.all([import('./ivs/real-time-stage-endpoints'), import('./ivs/client')]);
    return realTimeStageEndpointsHandler({ client: remember(ivsRealtimeClient) });
  },
  [VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE]: async () => {
    const [{ voiceConnectorStreamingHandler }, { chimeVoiceClient }] = await Promise.all([import('./chime-sdk-voice/voice-connector-streaming'), import('./chime-sdk-voice/client')]);
    // A file of its own next to this bundle.
    const legacy = remember(async () => (await import('./chime-legacy/index.js')).createLegacyStreaming());
    return voiceConnectorStreamingHandler({ client: remember(chimeVoiceClient), legacy: async (abortSignal) => (await legacy(''))(abortSignal) });
  },
  [VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE]: async () => {
    const [{ voiceConnectorTerminationHandler }, { chimeVoiceClient }, { secretsManagerClient }] = await Promise.all([
      import('./chime-sdk-voice/voice-connector-termination'), import('./chime-sdk-voice/client'), import('./secrets-manager/client'),
    ]);
    return voiceConnectorTerminationHandler({ client: remember(chimeVoiceClient), secretsManager: remember(secretsManagerClient) });
  },
  [VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE]: async () => {
    const [{ voiceConnectorOriginationHandler }, { chimeVoiceClient }] = await Promise.all([import('./chime-sdk-voice/voice-connector-origination'), import('./chime-sdk-voice/client')]);
    return voiceConnectorOriginationHandler({ client: remember(chimeVoiceClient) });
  },
  [VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE]: async () => {
    const [{ voiceConnectorLoggingHandler }, { chimeVoiceClient }] = await Promise.all([import('./chime-sdk-voice/voice-connector-logging'), import('./chime-sdk-voice/client')]);
    return voiceConnectorLoggingHandler({ client: remember(chimeVoiceClient) });
  },
  [PHONE_NUMBER_RESOURCE_TYPE]: async () => {
    const [{ phoneNumberHandler }, { chimeVoiceClient, phoneNumberOrderClient }] = await Promise.all([import('./chime-sdk-voice/phone-number'), import('./chime-sdk-voice/client')]);
    return phoneNumberHandler({ region, clock: systemClock, client: remember(chimeVoiceClient), orderClient: remember(phoneNumberOrderClient) });
  },
  [PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE]: async () => {
    const [{ phoneNumberAssociationHandler }, { chimeVoiceClient }] = await Promise.all([import('./chime-sdk-voice/phone-number-association'), import('./chime-sdk-voice/client')]);
    return phoneNumberAssociationHandler({ client: remember(chimeVoiceClient) });
  },
  [CHIME_MEETING_POOL_RESOURCE_TYPE]: async () => {
    const [{ ChimeMeetingPoolHandler }, connections] = await Promise.all([import('./chime-sdk-meetings/chime-meeting-pool'), poolConnections()]);
    return new ChimeMeetingPoolHandler({ region, clock: systemClock, ...connections });
  },
};

/** Of the functions that a meeting pool has for itself, and of its resource. */
const poolConnections = once(async () => {
  const { connectPools } = await import('./chime-sdk-meetings/meeting-pool/connections');
  // A file of its own next to this bundle.
  return connectPools(region, async () => (await import('./chime-legacy/index.js')).createLegacyMeetings());
});

const poolFunctions = once(async () => {
  const [{ poolFunctions: functionsOf }, connections] = await Promise.all([import('./chime-sdk-meetings/meeting-pool/functions'), poolConnections()]);
  return functionsOf(connections, log);
});

// The functions of a pool connect while Lambda initializes the execution environment. A failure is reported again by each invocation.
if (process.env[POOL_ENVIRONMENT.poolName]) poolFunctions().catch(() => undefined);

async function checkout(event: unknown, context: Context) {
  return (await poolFunctions()).checkout(event, context);
}

async function maintain(event: unknown, context: Context) {
  return (await poolFunctions()).maintain(event, context);
}

const load = remember((resourceType: string) => {
  const loader = loaders[resourceType];
  if (!loader) throw new TerminalError(`${resourceType} is not a resource type of this version of cdk-rtc; deploy with the version that made it, or a newer one`);
  return loader();
});

const { onEvent, isComplete } = createLifecycle({ clock: systemClock, log, load });

async function driftMonitor(input: DriftMonitorInput, { awsRequestId, functionName }: Context) {
  const [{ monitorDrift }, { deploymentsOf }, { driftReports }] = await Promise.all([
    import('./drift-monitor/monitor'), import('./drift-monitor/stack'), import('./drift-monitor/reports'),
  ]);
  const reports = driftReports({ region, functionName });
  return monitorDrift(input, awsRequestId, { clock: systemClock, log, load, deployments: deploymentsOf(region), reports });
}

function remember<V>(make: (key: string) => V): (key: string) => V {
  const made = new Map<string, V>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key)!;
  };
}

function once<V>(make: () => V): () => V {
  const made = remember(make);
  return () => made('');
}

export { onEvent, isComplete, checkout, maintain, driftMonitor };

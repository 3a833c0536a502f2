import { ChimeClient, GetVoiceConnectorStreamingConfigurationCommand, PutVoiceConnectorStreamingConfigurationCommand } from '@aws-sdk/client-chime';
import { legacyMeetingNamespace } from './meetings';
import { refusalOf } from './refusal';
import type { MeetingNamespace } from '../chime-sdk-meetings/meeting-pool/meetings';
import { fromWire, type StreamingApi, toWire } from '../chime-sdk-voice/streaming-document';
import { clientSettings } from '../engine/service-client';

/**
 * The streaming operations of the legacy `chime` namespace, but for the delete, which the new one does for both. A bundle of its own, loaded
 * only for those who ask for it.
 */
export function createLegacyStreaming(client = legacyClient()): (abortSignal: AbortSignal) => StreamingApi {
  return (abortSignal) => legacyStreamingApi(client, { abortSignal });
}

/** Its meeting operations. */
export function createLegacyMeetings(client = legacyClient()): MeetingNamespace {
  return legacyMeetingNamespace(client);
}

export function legacyClient(): ChimeClient {
  return new ChimeClient(clientSettings('us-east-1'));
}

function legacyStreamingApi(client: ChimeClient, options: { abortSignal: AbortSignal }): StreamingApi {
  const call = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if ((error as Error).name === 'NotFoundException') return undefined;
      throw refusalOf(error, 'which has the same voice connectors') ?? error;
    }
  };
  return {
    get: (VoiceConnectorId) => call(async () =>
      fromWire((await client.send(new GetVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId }), options)).StreamingConfiguration)),
    put: async (VoiceConnectorId, document) => {
      const { MediaInsightsConfiguration, ...StreamingConfiguration } = toWire(document);
      const command = new PutVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId, StreamingConfiguration });
      const put = await call(async () => fromWire((await client.send(command, options)).StreamingConfiguration));
      if (!put) throw Object.assign(new Error(`no voice connector ${VoiceConnectorId}`), { name: 'NotFoundException' });
      return put;
    },
  };
}

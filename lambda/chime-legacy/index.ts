import {
  ChimeClient, DeleteVoiceConnectorStreamingConfigurationCommand, GetVoiceConnectorStreamingConfigurationCommand,
  PutVoiceConnectorStreamingConfigurationCommand,
} from '@aws-sdk/client-chime';
import { fromWire, type StreamingApi, toWire } from '../chime/streaming-document';
import { TerminalError } from '../common/errors';

/**
 * The streaming operations of the legacy `chime` namespace. A bundle of its own, loaded only for those who ask for it.
 */
export function createLegacyStreaming(): (abortSignal: AbortSignal) => StreamingApi {
  const client = new ChimeClient({
    region: 'us-east-1',
    retryMode: 'adaptive',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 4_000 },
  });
  return (abortSignal) => legacyStreamingApi(client, { abortSignal });
}

function legacyStreamingApi(client: ChimeClient, options: { abortSignal: AbortSignal }): StreamingApi {
  const call = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      const { name, message } = error as Error;
      if (name === 'NotFoundException') return undefined;
      if (name === 'ForbiddenException' && /not authorized to call (deprecated|chime sdk)/i.test(message)) {
        throw new TerminalError(`namespace: AWS refuses the legacy chime API to this account (${message}); leave the namespace out for CHIME_SDK, which has the same voice connectors`);
      }
      throw error;
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
    delete: async (VoiceConnectorId) => {
      await call(() => client.send(new DeleteVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId }), options));
    },
  };
}

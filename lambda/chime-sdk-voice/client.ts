import {
  ChimeSDKVoiceClient, DeleteVoiceConnectorStreamingConfigurationCommand, GetVoiceConnectorStreamingConfigurationCommand, ListTagsForResourceCommand,
  PutVoiceConnectorStreamingConfigurationCommand, TagResourceCommand, UntagResourceCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { fromWire, type StreamingApi, toWire } from './streaming-document';
import { CHIME_ERROR_CLASSES } from '../chime-error-classes';
import { classify } from '../engine/error-classes';

/** One client a region: the connections live as long as the function. */
export function chimeVoiceClient(region: string): ChimeSDKVoiceClient {
  return new ChimeSDKVoiceClient({
    region,
    retryMode: 'adaptive',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
  });
}

export class ChimeSdkStreamingApi implements StreamingApi {
  constructor(private readonly client: ChimeSDKVoiceClient, private readonly abortSignal: AbortSignal) {}

  public get(voiceConnectorId: string) {
    return unlessGone(async () => {
      const command = new GetVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId: voiceConnectorId });
      return fromWire((await this.client.send(command, this.options)).StreamingConfiguration);
    });
  }

  public async put(voiceConnectorId: string, document: Parameters<StreamingApi['put']>[1]) {
    const command = new PutVoiceConnectorStreamingConfigurationCommand({
      VoiceConnectorId: voiceConnectorId, StreamingConfiguration: toWire(document),
    });
    return fromWire((await this.client.send(command, this.options)).StreamingConfiguration);
  }

  public async delete(voiceConnectorId: string): Promise<void> {
    const command = new DeleteVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId: voiceConnectorId });
    await unlessGone(() => this.client.send(command, this.options));
  }

  private get options() {
    return { abortSignal: this.abortSignal };
  }
}

/** The tags of a voice connector; it has them in this namespace only. */
export class VoiceConnectorTags {
  constructor(private readonly client: ChimeSDKVoiceClient, private readonly abortSignal: AbortSignal) {}

  /** Undefined: there is no such voice connector. */
  public list(voiceConnectorArn: string): Promise<Record<string, string> | undefined> {
    return unlessGone(async () => {
      const { Tags = [] } = await this.client.send(new ListTagsForResourceCommand({ ResourceARN: voiceConnectorArn }), this.options);
      return Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value!]));
    });
  }

  public async set(voiceConnectorArn: string, tags: Record<string, string>): Promise<void> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await this.client.send(new TagResourceCommand({ ResourceARN: voiceConnectorArn, Tags }), this.options);
  }

  public async remove(voiceConnectorArn: string, keys: string[]): Promise<void> {
    await unlessGone(() => this.client.send(new UntagResourceCommand({ ResourceARN: voiceConnectorArn, TagKeys: keys }), this.options));
  }

  private get options() {
    return { abortSignal: this.abortSignal };
  }
}

export async function unlessGone<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (classify(error, CHIME_ERROR_CLASSES) === 'gone') return undefined;
    throw error;
  }
}

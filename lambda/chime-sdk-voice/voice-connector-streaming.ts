import {
  type ChimeSDKVoiceClient, DeleteVoiceConnectorStreamingConfigurationCommand, GetVoiceConnectorStreamingConfigurationCommand,
  PutVoiceConnectorStreamingConfigurationCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import * as v from 'valibot';
import { settingOf, VOICE_CONNECTOR, voiceConnectorIdOf, voiceConnectorTags } from './setting-declaration';
import { decodeStreaming, encodeStreaming, fromWire, isBlank, type StreamingApi, type StreamingDocument, toProperties, toWire } from './streaming-document';
import {
  DEFAULT_DATA_RETENTION_HOURS, FAIL, OVERWRITE, STREAMING_BEFORE_TAG, STREAMING_TAG, validateVoiceConnectorStreaming,
  type VoiceConnectorStreamingProperties,
} from '../../src/chime-sdk-voice/private/voice-connector-streaming';
import { CHIME, CHIME_SDK } from '../../src/private/chime-namespaces';
import { unlessGone } from '../engine/error-classes';
import type { ResourceHandler } from '../engine/lifecycle';
import { type DesiredSetting, type Parent, type ParentSetting, ParentSettingHandler } from '../engine/parent-setting';
import { booleanProperty, integerProperty, type SchemaEntries } from '../engine/properties';
import type { TimeBudget } from '../engine/time-budget';

const schema = v.strictObject({
  VoiceConnectorArn: v.string(),
  Enabled: v.optional(booleanProperty, 'true'),
  DataRetentionInHours: v.optional(integerProperty),
  NotificationTargets: v.optional(v.array(v.string()), []),
  MediaInsights: v.optional(v.strictObject({ ConfigurationArn: v.string(), Enabled: v.optional(booleanProperty, 'true') })),
  ExistingConfiguration: v.optional(v.picklist([FAIL, OVERWRITE]), FAIL),
  Namespace: v.optional(v.string(), CHIME_SDK),
  Retain: v.optional(booleanProperty, 'false'),
} satisfies SchemaEntries<VoiceConnectorStreamingProperties>);

interface Desired extends DesiredSetting<StreamingDocument> {
  readonly namespace: string;
}

export interface VoiceConnectorStreamingOptions {
  readonly client: (region: string) => ChimeSDKVoiceClient;
  /** Loads the legacy client; called only for the legacy namespace. */
  readonly legacy: (abortSignal: AbortSignal) => Promise<StreamingApi>;
}

/** The streaming configuration of a voice connector. Every call but the legacy namespace's Put and read-back is in the `chime-sdk-voice` namespace. */
export function voiceConnectorStreaming({ client, legacy }: VoiceConnectorStreamingOptions): ParentSetting<StreamingDocument, Desired> {
  return {
    ...settingOf({
      noun: 'streaming configuration',
      tagKeys: { owner: STREAMING_TAG, former: STREAMING_BEFORE_TAG },
      schema,
      validate: validateVoiceConnectorStreaming,
      toDesired,
    }),
    encoding: { encode: encodeStreaming, decode: decodeStreaming },
    optionalMembers: ['notificationTargets', 'mediaInsights'],
    isBlank,
    toProperties,
    connect: (arn, budget) => connect(client(VOICE_CONNECTOR.regionOf(arn)!), arn, budget),
    access: async ({ namespace, parentArn }, { get, put }, { signal }) => {
      if (namespace !== CHIME) return { get, put };
      const api = await legacy(signal);
      const id = voiceConnectorIdOf(parentArn);
      // The legacy API may be closed to the account, which must be known before the claim.
      return { get: () => api.get(id), put: (document) => api.put(id, document), check: () => api.get(id) };
    },
  };
}

export function voiceConnectorStreamingHandler(options: VoiceConnectorStreamingOptions): ResourceHandler {
  return new ParentSettingHandler(voiceConnectorStreaming(options));
}

function connect(client: ChimeSDKVoiceClient, arn: string, { signal: abortSignal }: TimeBudget): Parent<StreamingDocument> {
  const VoiceConnectorId = voiceConnectorIdOf(arn);
  const { errorClasses } = VOICE_CONNECTOR;
  return {
    tags: voiceConnectorTags(client, arn, abortSignal),
    get: () => unlessGone(errorClasses, async () => {
      const command = new GetVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId });
      return fromWire((await client.send(command, { abortSignal })).StreamingConfiguration);
    }),
    put: async (document) => {
      const command = new PutVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId, StreamingConfiguration: toWire(document) });
      return fromWire((await client.send(command, { abortSignal })).StreamingConfiguration);
    },
    clear: async () => {
      await unlessGone(errorClasses, () => client.send(new DeleteVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId }), { abortSignal }));
    },
  };
}

function toDesired(parsed: v.InferOutput<typeof schema>): Pick<Desired, 'adoptExisting' | 'namespace' | 'document'> {
  return {
    adoptExisting: parsed.ExistingConfiguration === OVERWRITE,
    namespace: parsed.Namespace,
    document: {
      dataRetentionHours: parsed.DataRetentionInHours ?? DEFAULT_DATA_RETENTION_HOURS,
      disabled: !parsed.Enabled,
      notificationTargets: [...parsed.NotificationTargets].sort(),
      mediaInsights: parsed.MediaInsights && { configurationArn: parsed.MediaInsights.ConfigurationArn, disabled: !parsed.MediaInsights.Enabled },
    },
  };
}

import {
  type ChimeSDKVoiceClient, GetVoiceConnectorLoggingConfigurationCommand, type LoggingConfiguration,
  PutVoiceConnectorLoggingConfigurationCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import * as v from 'valibot';
import { SETTING_ENTRIES, settingOf, VOICE_CONNECTOR, voiceConnectorIdOf, voiceConnectorTags } from './setting-declaration';
import { LOGGING_BEFORE_TAG, LOGGING_TAG, validateVoiceConnectorLogging, type VoiceConnectorLoggingProperties } from '../../src/chime-sdk-voice/private/voice-connector-logging';
import { unlessGone } from '../engine/error-classes';
import type { ResourceHandler } from '../engine/lifecycle';
import { type Parent, ParentSettingHandler } from '../engine/parent-setting';
import { booleanProperty, type SchemaEntries } from '../engine/properties';
import type { TimeBudget } from '../engine/time-budget';

interface LoggingDocument {
  readonly sipMessages: boolean;
  readonly mediaMetrics: boolean;
}

/** The service has no call that deletes the configuration: without logs it is as if there was none. */
const NO_LOGS: LoggingDocument = { sipMessages: false, mediaMetrics: false };

const schema = v.strictObject({
  ...SETTING_ENTRIES,
  SipMessages: v.optional(booleanProperty, 'false'),
  MediaMetrics: v.optional(booleanProperty, 'true'),
} satisfies SchemaEntries<VoiceConnectorLoggingProperties>);

export interface VoiceConnectorLoggingOptions {
  readonly client: (region: string) => ChimeSDKVoiceClient;
}

export function voiceConnectorLoggingHandler({ client }: VoiceConnectorLoggingOptions): ResourceHandler {
  return new ParentSettingHandler<LoggingDocument>({
    ...settingOf({
      noun: 'logging configuration',
      tagKeys: { owner: LOGGING_TAG, former: LOGGING_BEFORE_TAG },
      schema,
      validate: validateVoiceConnectorLogging,
      toDesired: ({ SipMessages, MediaMetrics }: v.InferOutput<typeof schema>) => ({
        document: { sipMessages: SipMessages, mediaMetrics: MediaMetrics },
      }),
    }),
    isBlank: ({ sipMessages, mediaMetrics }) => !sipMessages && !mediaMetrics,
    toProperties: ({ sipMessages, mediaMetrics }) => ({ SipMessages: sipMessages, MediaMetrics: mediaMetrics }),
    connect: (arn, budget) => connect(client(VOICE_CONNECTOR.regionOf(arn)!), arn, budget),
  });
}

function connect(client: ChimeSDKVoiceClient, arn: string, { signal: abortSignal }: TimeBudget): Parent<LoggingDocument> {
  const VoiceConnectorId = voiceConnectorIdOf(arn);
  const put = async ({ sipMessages, mediaMetrics }: LoggingDocument) => {
    const LoggingConfiguration = { EnableSIPLogs: sipMessages, EnableMediaMetricLogs: mediaMetrics };
    const command = new PutVoiceConnectorLoggingConfigurationCommand({ VoiceConnectorId, LoggingConfiguration });
    const answer = await client.send(command, { abortSignal });
    return answer.LoggingConfiguration && fromWire(answer.LoggingConfiguration);
  };
  return {
    tags: voiceConnectorTags(client, arn, abortSignal),
    get: () => unlessGone(VOICE_CONNECTOR.errorClasses, async () => {
      const command = new GetVoiceConnectorLoggingConfigurationCommand({ VoiceConnectorId });
      return fromWire((await client.send(command, { abortSignal })).LoggingConfiguration);
    }),
    put,
    clear: async () => { await unlessGone(VOICE_CONNECTOR.errorClasses, () => put(NO_LOGS)); },
  };
}

/** A configuration that was never put may be absent, or without its members (unverified: F-98). */
function fromWire({ EnableSIPLogs = false, EnableMediaMetricLogs = false }: LoggingConfiguration = {}): LoggingDocument {
  return { sipMessages: EnableSIPLogs, mediaMetrics: EnableMediaMetricLogs };
}

import { validateSettingParent, type VoiceConnectorSettingProperties } from './setting-contract';
import { type KnownEnvironment, type KnownPaths, knownValues } from '../../private/known';

/** On the voice connector: the owner of its logging configuration. */
export const LOGGING_TAG = 'cdk-rtc:logging';

/** On the voice connector, during a rename: the former owner and the former logging configuration. */
export const LOGGING_BEFORE_TAG = 'cdk-rtc:logging-before';

export interface VoiceConnectorLoggingProperties extends VoiceConnectorSettingProperties {
  /** Absent: false. */
  readonly SipMessages?: boolean;
  /** Absent: true. */
  readonly MediaMetrics?: boolean;
}

/** Fixed by the service: the log group of SIP messages is this and the ID of the voice connector. */
export const SIP_MESSAGE_LOG_GROUP_PREFIX = '/aws/ChimeVoiceConnectorSipMessages/';

/** Fixed by the service: the log group of media metrics is this and the ID of the voice connector. */
export const MEDIA_METRIC_LOG_GROUP_PREFIX = '/aws/ChimeVoiceConnectorLogs/';

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validateVoiceConnectorLogging(
  properties: VoiceConnectorLoggingProperties, environment: KnownEnvironment, known?: KnownPaths,
): string[] {
  const { VoiceConnectorArn, SipMessages, MediaMetrics } = knownValues(properties, known);
  const hasNoSipMessages = properties.SipMessages === undefined || SipMessages === false;
  return [
    ...validateSettingParent(VoiceConnectorArn, environment.account),
    ...hasNoSipMessages && MediaMetrics === false ? [
      'mediaMetrics: sipMessages and mediaMetrics are both false, so nothing would be logged; set one of them to true, or leave the construct out',
    ] : [],
  ];
}

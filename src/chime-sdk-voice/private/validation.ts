import { DEFAULT_DATA_RETENTION_HOURS, MAX_DATA_RETENTION_HOURS, NOTIFICATION_TARGETS, type VoiceConnectorStreamingProperties } from './contract';
import { CHIME, CHIME_SDK, LEGACY_REGION } from '../../private/chime-namespaces';
import { type KnownEnvironment, type KnownKeys, knownValues } from '../../private/known';

/** https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_PutVoiceConnectorStreamingConfiguration.html */
const VOICE_CONNECTOR_ID = /^([a-z0-9]{21,22}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
const VOICE_CONNECTOR_ARN = /^arn:[a-z\d-]+:chime:[a-z0-9-]+:\d{12}:vc\/([^/]+)$/;
const CONFIGURATION_ARN = /^arn:[a-z\d-]+:chime:[a-z0-9-]+:\d{12}:media-insights-pipeline-configuration\/[/:\-_.a-zA-Z0-9]+$/;

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validateVoiceConnectorStreaming(
  properties: VoiceConnectorStreamingProperties, environment: KnownEnvironment, known?: KnownKeys,
): string[] {
  const values = knownValues(properties, known);
  const { VoiceConnectorArn, DataRetentionInHours, NotificationTargets, MediaInsights, Namespace } = values;
  return [
    ...validateVoiceConnectorArn(VoiceConnectorArn),
    ...validateAccount(VoiceConnectorArn, environment.account),
    ...validateDataRetention(DataRetentionInHours),
    ...validateNotificationTargets(NotificationTargets),
    ...properties.MediaInsights === undefined ? [] : validateMediaInsights(MediaInsights?.ConfigurationArn, Namespace),
    ...validateNamespace(Namespace, environment.region),
  ];
}

export function validateVoiceConnectorId(id: string | undefined): string[] {
  if (id === undefined || VOICE_CONNECTOR_ID.test(id)) return [];
  return [`voiceConnectorId: must be 21 or 22 letters and digits in lower case, or a UUID, got ${JSON.stringify(id)}; it stands in the console, and at the end of the ARN`];
}

export function validateVoiceConnectorArn(arn: string | undefined): string[] {
  if (arn === undefined) return [];
  const id = VOICE_CONNECTOR_ARN.exec(arn)?.[1];
  if (id === undefined) return [`voiceConnectorArn: must be arn:…:chime:REGION:ACCOUNT:vc/ID, got ${JSON.stringify(arn)}`];
  return validateVoiceConnectorId(id);
}

function validateAccount(arn: string | undefined, account: string | undefined): string[] {
  const other = arn?.split(':')[4];
  if (other === undefined || account === undefined || other === account) return [];
  return [`voiceConnector: must be in the stack's own account (${account}), got ${arn}; make the stack there`];
}

function validateDataRetention(hours: number | undefined): string[] {
  if (hours === undefined || (Number.isInteger(hours) && hours >= 0 && hours <= MAX_DATA_RETENTION_HOURS)) return [];
  return [`dataRetention: must be a whole number of hours from 0 to ${MAX_DATA_RETENTION_HOURS}, got ${hours} h; leave it out for ${DEFAULT_DATA_RETENTION_HOURS} h`];
}

function validateNotificationTargets(targets: readonly (string | undefined)[] | undefined): string[] {
  if (targets === undefined) return [];
  const findings: string[] = [];
  if (targets.length > NOTIFICATION_TARGETS.length) {
    findings.push(`notificationTargets: at most ${NOTIFICATION_TARGETS.length} are possible, got ${targets.length}; give each of ${NOTIFICATION_TARGETS.join(', ')} at most once`);
  }
  targets.forEach((target, index) => {
    if (target !== undefined && !NOTIFICATION_TARGETS.includes(target)) {
      findings.push(`notificationTargets[${index}]: must be one of ${NOTIFICATION_TARGETS.join(', ')}, got ${JSON.stringify(target)}`);
    } else if (target !== undefined && targets.indexOf(target) < index) {
      findings.push(`notificationTargets[${index}]: ${target} is given twice; give it once`);
    }
  });
  return findings;
}

function validateMediaInsights(arn: string | undefined, namespace: string | undefined): string[] {
  const findings: string[] = [];
  if (namespace === CHIME) {
    findings.push(`mediaInsights: the legacy namespace does not know them, got them with namespace ${CHIME}; leave them out, or leave the namespace out for ${CHIME_SDK}`);
  }
  if (arn !== undefined && (!CONFIGURATION_ARN.test(arn) || arn.length > 1024)) {
    findings.push(`mediaInsights.configurationArn: must be the ARN of a media insights pipeline configuration (arn:…:chime:REGION:ACCOUNT:media-insights-pipeline-configuration/NAME), at most 1024 characters, got ${JSON.stringify(arn.slice(0, 80))}`);
  }
  return findings;
}

function validateNamespace(namespace: string | undefined, region: string | undefined): string[] {
  if (namespace !== undefined && namespace !== CHIME && namespace !== CHIME_SDK) {
    return [`namespace: must be ${CHIME_SDK} or ${CHIME}, got ${JSON.stringify(namespace)}; leave it out for ${CHIME_SDK}`];
  }
  if (namespace === CHIME && region !== undefined && region !== LEGACY_REGION) {
    return [`namespace: ${CHIME} has an endpoint in ${LEGACY_REGION} only, got a voice connector in ${region}; leave it out for ${CHIME_SDK}`];
  }
  return [];
}

import { validateSettingParent } from './setting-contract';
import { CHIME, CHIME_SDK, LEGACY_REGION } from '../../private/chime-namespaces';
import { type KnownEnvironment, type KnownPaths, knownValues } from '../../private/known';

/** On the voice connector: who owns its streaming configuration, as `<stack id>/<resource hash>`, and `/retained` where it is to stay. */
export const STREAMING_TAG = 'cdk-rtc:streaming';

/** On the voice connector, while a renamed construct takes over: who had it and what it was, until the old self is deleted. */
export const STREAMING_BEFORE_TAG = 'cdk-rtc:streaming-before';

/** The properties of the custom resource; CloudFormation delivers every leaf as a string. */
export interface VoiceConnectorStreamingProperties {
  readonly VoiceConnectorArn: string;
  /** Absent: true. */
  readonly Enabled?: boolean;
  /** Absent: 24. */
  readonly DataRetentionInHours?: number;
  readonly NotificationTargets?: string[];
  readonly MediaInsights?: {
    readonly ConfigurationArn: string;
    /** Absent: true. */
    readonly Enabled?: boolean;
  };
  /** Absent: FAIL. */
  readonly ExistingConfiguration?: string;
  /** Absent: CHIME_SDK. */
  readonly Namespace?: string;
  /** A change makes CloudFormation send an update; the handlers leave it out. */
  readonly ForceUpdateNonce?: string;
  /** Absent: false. */
  readonly Retain?: boolean;
}

export const DEFAULT_DATA_RETENTION_HOURS = 24;

/** The API's integer has 32 bits; its documentation names no other maximum. */
export const MAX_DATA_RETENTION_HOURS = 2 ** 31 - 1;

export const NOTIFICATION_TARGETS = ['EventBridge', 'SNS', 'SQS'];

export const FAIL = 'FAIL';
export const OVERWRITE = 'OVERWRITE';

const CONFIGURATION_ARN = /^arn:[a-z\d-]+:chime:[a-z0-9-]+:\d{12}:media-insights-pipeline-configuration\/[/:\-_.a-zA-Z0-9]+$/;

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validateVoiceConnectorStreaming(
  properties: VoiceConnectorStreamingProperties, environment: KnownEnvironment, known?: KnownPaths,
): string[] {
  const values = knownValues(properties, known);
  const { VoiceConnectorArn, DataRetentionInHours, NotificationTargets, MediaInsights, Namespace } = values;
  return [
    ...validateSettingParent(VoiceConnectorArn, environment.account),
    ...validateDataRetention(DataRetentionInHours),
    ...validateNotificationTargets(NotificationTargets),
    ...properties.MediaInsights === undefined ? [] : validateMediaInsights(MediaInsights?.ConfigurationArn, Namespace),
    ...validateNamespace(Namespace, environment.region),
  ];
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

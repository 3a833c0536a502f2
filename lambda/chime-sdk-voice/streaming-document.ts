import { DEFAULT_DATA_RETENTION_HOURS, type VoiceConnectorStreamingProperties } from '../../src/chime-sdk-voice/private/voice-connector-streaming';

/** A complete streaming configuration: a member that is absent on the wire has its default here. */
export interface StreamingDocument {
  readonly dataRetentionHours: number;
  readonly disabled: boolean;
  /** Sorted: the service knows no order. */
  readonly notificationTargets: readonly string[];
  readonly mediaInsights?: { readonly configurationArn: string; readonly disabled: boolean };
}

/** What both namespaces have on the wire. */
export interface WireConfiguration {
  readonly DataRetentionInHours?: number;
  readonly Disabled?: boolean;
  readonly StreamingNotificationTargets?: readonly { readonly NotificationTarget?: string }[];
  readonly MediaInsightsConfiguration?: { readonly ConfigurationArn?: string; readonly Disabled?: boolean };
}

/** The streaming operations, of either namespace. A missing configuration, or voice connector, is undefined. */
export interface StreamingApi {
  get(voiceConnectorId: string): Promise<StreamingDocument | undefined>;
  /** Answers what the service says that it has put. */
  put(voiceConnectorId: string, document: StreamingDocument): Promise<StreamingDocument | undefined>;
}

export function fromWire(wire: WireConfiguration | undefined): StreamingDocument | undefined {
  if (!wire) return undefined;
  const { ConfigurationArn, Disabled } = wire.MediaInsightsConfiguration ?? {};
  return {
    dataRetentionHours: wire.DataRetentionInHours ?? DEFAULT_DATA_RETENTION_HOURS,
    disabled: wire.Disabled ?? false,
    notificationTargets: (wire.StreamingNotificationTargets ?? []).map(({ NotificationTarget }) => NotificationTarget ?? '').sort(),
    mediaInsights: ConfigurationArn ? { configurationArn: ConfigurationArn, disabled: Disabled ?? false } : undefined,
  };
}

/** Every member that has a value: a Put replaces the whole document. An empty list is not allowed, so it is left out. */
export function toWire(document: StreamingDocument) {
  return {
    DataRetentionInHours: document.dataRetentionHours,
    Disabled: document.disabled,
    StreamingNotificationTargets: document.notificationTargets.length === 0 ? undefined
      : document.notificationTargets.map((target) => ({ NotificationTarget: target as 'EventBridge' | 'SNS' | 'SQS' })),
    MediaInsightsConfiguration: document.mediaInsights
      && { ConfigurationArn: document.mediaInsights.configurationArn, Disabled: document.mediaInsights.disabled },
  };
}

/** Pure: whether a configuration does nothing, which the service may show for none (unverified: F-32). */
export function isBlank({ disabled, dataRetentionHours, notificationTargets, mediaInsights }: StreamingDocument): boolean {
  return disabled && dataRetentionHours === 0 && notificationTargets.length === 0 && !mediaInsights;
}

/** Pure: the configuration in the characters that a tag may have. Deployed voice connectors carry this format. */
export function encodeStreaming({ dataRetentionHours, disabled, notificationTargets, mediaInsights }: StreamingDocument): string[] {
  const insights = mediaInsights ? [mediaInsights.disabled ? '1' : '0', mediaInsights.configurationArn] : ['', ''];
  return [String(dataRetentionHours), disabled ? '1' : '0', notificationTargets.join('.'), ...insights];
}

export function decodeStreaming([hours, disabled, targets, insightsDisabled, configurationArn]: string[]): StreamingDocument {
  return {
    dataRetentionHours: Number(hours),
    disabled: disabled === '1',
    notificationTargets: targets ? targets.split('.') : [],
    mediaInsights: configurationArn ? { configurationArn, disabled: insightsDisabled === '1' } : undefined,
  };
}

export function toProperties(document: StreamingDocument): Partial<VoiceConnectorStreamingProperties> {
  const { mediaInsights } = document;
  return {
    DataRetentionInHours: document.dataRetentionHours,
    Enabled: !document.disabled,
    NotificationTargets: [...document.notificationTargets],
    MediaInsights: mediaInsights && { ConfigurationArn: mediaInsights.configurationArn, Enabled: !mediaInsights.disabled },
  };
}

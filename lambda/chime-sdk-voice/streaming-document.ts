import { DEFAULT_DATA_RETENTION_HOURS, type VoiceConnectorStreamingProperties } from '../../src/chime-sdk-voice/private/contract';
import { type PropertyDifference, propertyDifference } from '../engine/drift';

/** A streaming configuration in our terms, whole: what is absent on the wire has its default here. */
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

/** A member that a configuration need not have: a Put leaves it out if it isn't desired. */
export type OptionalMember = 'notificationTargets' | 'mediaInsights';

/** Pure: the optional members that a configuration has. */
export function optionalMembers({ notificationTargets, mediaInsights }: StreamingDocument): OptionalMember[] {
  return [...notificationTargets.length > 0 ? ['notificationTargets' as const] : [], ...mediaInsights ? ['mediaInsights' as const] : []];
}

/** Pure: the optional members that a configuration doesn't have. */
export function missingMembers(document: StreamingDocument): OptionalMember[] {
  const present = optionalMembers(document);
  return (['notificationTargets', 'mediaInsights'] as const).filter((member) => !present.includes(member));
}

/** Pure: whether there is no configuration, or one that does nothing, which a service may show for none. */
export function isBlank(document: StreamingDocument | undefined): boolean {
  return !document || (document.disabled && document.dataRetentionHours === 0 && optionalMembers(document).length === 0);
}

/** Pure: in which members what was found is not what is desired; undefined when in none. */
export function differenceOf(
  found: StreamingDocument | undefined, desired: StreamingDocument, tolerated: readonly OptionalMember[] = [],
): string | undefined {
  if (!found) return 'there is no streaming configuration';
  const show = (value: unknown) => value === undefined ? 'none' : JSON.stringify(value);
  const intolerable = membersThatDiffer(found, desired).filter((member) => !(tolerated as readonly string[]).includes(member));
  const differences = intolerable.map((member) => `${member} is ${show(found[member])}, desired ${show(desired[member])}`);
  return differences.length > 0 ? differences.join('; ') : undefined;
}

/** Pure: the same by the names of the properties. */
export function documentDifferences(found: StreamingDocument, desired: StreamingDocument): PropertyDifference[] {
  const [before, after] = [found, desired].map((document) => toProperties(document));
  return membersThatDiffer(found, desired).map((member) => {
    const name = PROPERTIES[member];
    return propertyDifference(name, after[name], before[name]);
  });
}

function membersThatDiffer(found: StreamingDocument, desired: StreamingDocument): (keyof StreamingDocument)[] {
  return (Object.keys({ ...found, ...desired }) as (keyof StreamingDocument)[])
    .filter((member) => JSON.stringify(found[member]) !== JSON.stringify(desired[member]));
}

const PROPERTIES = {
  dataRetentionHours: 'DataRetentionInHours',
  disabled: 'Enabled',
  notificationTargets: 'NotificationTargets',
  mediaInsights: 'MediaInsights',
} as const satisfies Record<keyof StreamingDocument, keyof VoiceConnectorStreamingProperties>;

function toProperties(document: StreamingDocument): Partial<VoiceConnectorStreamingProperties> {
  const { mediaInsights } = document;
  return {
    DataRetentionInHours: document.dataRetentionHours,
    Enabled: !document.disabled,
    NotificationTargets: [...document.notificationTargets],
    MediaInsights: mediaInsights && { ConfigurationArn: mediaInsights.configurationArn, Enabled: !mediaInsights.disabled },
  };
}

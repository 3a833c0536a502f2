import * as fc from 'fast-check';
import { handlerPolicies, type Kind, nameOf, referenced, regionsOf, retain, retainProperty } from './kind';
import type { Emulator } from '../../../local/emulator';
import { VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE } from '../../../src/chime-sdk-voice/private/resource-types';
import { halfTheTime, rarely } from '../chance';

/* eslint-disable @typescript-eslint/no-explicit-any */

function connectorArn(emulator: Emulator, name: string): string {
  return referenced(emulator, 'AWS::Chime::VoiceConnector', name, { Name: name, RequireEncryption: true });
}

const voiceConnectors = (emulator: Emulator): any[] => regionsOf(emulator, 'chime-sdk-voice').flatMap((region) => region.voiceConnectors);

export const voiceConnectorStreaming: Kind = {
  name: 'voiceConnectorStreaming',
  type: VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE,
  service: 'chime-sdk-voice',
  policies: handlerPolicies('simulatedVoiceConnectorStreaming'),
  desired: fc.record({
    connector: fc.constantFrom('1', '2', 'shared', 'common'),
    overwrite: rarely(fc.constant(true), 4),
    legacy: rarely(fc.constant(true), 4),
    retain,
    enabled: fc.boolean(),
    hours: halfTheTime(fc.constantFrom(0, 48)),
    targets: fc.subarray(['EventBridge', 'SNS', 'SQS']),
  }),
  neighbor: { connector: '1', enabled: true, targets: [] },
  lastChange: { hours: 12 },
  properties: (emulator, place, _, desired) => ({
    VoiceConnectorArn: connectorArn(emulator, nameOf(place, desired.connector)),
    ...desired.overwrite ? { ExistingConfiguration: 'OVERWRITE' } : {},
    ...desired.legacy ? { Namespace: 'CHIME' } : {},
    ...retainProperty(desired),
    ...desired.enabled ? {} : { Enabled: false },
    ...desired.hours === undefined ? {} : { DataRetentionInHours: desired.hours },
    ...desired.targets.length > 0 ? { NotificationTargets: desired.targets } : {},
  }),
  createConflict: (emulator, { VoiceConnectorArn }, owner) => {
    if (voiceConnectors(emulator).find(({ arn }) => arn === VoiceConnectorArn).streaming) return;
    emulator.edit({
      service: 'chime-sdk-voice', resource: VoiceConnectorArn, tags: owner, streamingConfiguration: { DataRetentionInHours: 9, Disabled: false },
    } as never);
  },
  ownerTagsOf: (stackId) => ({ 'cdk-rtc:streaming': `${stackId}/0123456789abcdef` }),
  setting: {
    parentOf: ({ VoiceConnectorArn }) => String(VoiceConnectorArn),
    isOnlyOne: ({ connector }) => connector === '1' || connector === '2',
  },
  createOnly: ({ VoiceConnectorArn }) => VoiceConnectorArn,
  staysForGood: () => false,
  // A stack ID has two slashes of its own.
  remotes: (emulator) => voiceConnectors(emulator).filter(({ streaming }) => streaming).map((state) => ({
    id: state.arn, stackId: state.tags['cdk-rtc:streaming']?.split('/').slice(0, 3).join('/'), isRetained: /retained/.test(state.tags['cdk-rtc:streaming']), state,
  })),
  difference: ({ state: { streaming } }, desired) => {
    if (streaming.DataRetentionInHours !== (desired.hours ?? 24)) return `retention is ${streaming.DataRetentionInHours}`;
    if (streaming.Disabled !== !desired.enabled) return `disabled is ${streaming.Disabled}`;
    const targets = (streaming.StreamingNotificationTargets ?? []).map((target: any) => target.NotificationTarget).sort();
    return targets.join() === [...desired.targets].sort().join() ? undefined : `targets are ${targets}`;
  },
  attributes: ({ state }) => ({ VoiceConnectorId: state.id }),
  edits: {
    strip: { replaceTags: {} },
    free: { streamingConfiguration: null, replaceTags: {} },
    remove: { streamingConfiguration: null },
    change: { streamingConfiguration: { DataRetentionInHours: 7, Disabled: false } },
  },
};

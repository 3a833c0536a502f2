import type { Stack } from 'aws-cdk-lib';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as fc from 'fast-check';
import { chimeMeetingPool } from './meeting-pool';
import type { Emulator } from '../../local/emulator';
import { IngestConfiguration, NotificationTarget, SignalingChannel, VoiceConnector, VoiceConnectorStreaming } from '../../src';
import { VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE } from '../../src/chime/private/contract';
import { INGEST_CONFIGURATION_RESOURCE_TYPE } from '../../src/ivs/private/contract';
import { SIGNALING_CHANNEL_RESOURCE_TYPE } from '../../src/kinesisvideo/private/contract';
import type { PolicyDocument } from '../synthesised-policies';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/* eslint-disable @typescript-eslint/no-explicit-any */

/** What a construct is asked for, without the names of what it refers to. */
export type Wish = Record<string, any>;

/** Something in a service. */
export interface Remote {
  /** The physical id under which CloudFormation would know it. */
  readonly id: string;
  /** The stack that it belongs to, by its tags. */
  readonly stackId?: string;
  readonly state: any;
}

/** One of the library's resources, as the simulation plays it. */
export interface Kind {
  readonly type: string;
  readonly service: string;
  readonly wish: fc.Arbitrary<Wish>;
  /** What somebody else may do to it. */
  readonly edits: Record<string, object>;
  /** Makes the construct, for its policies. */
  build(stack: Stack): void;
  /** Where its policies name what only a deployment knows: those of the handlers. */
  policies?(stackId: string): PolicyDocument[];
  /** The properties of the custom resource; makes what they refer to where it is not there yet. */
  properties(emulator: Emulator, place: string, stackId: string, wish: Wish): Record<string, unknown>;
  remotes(emulator: Emulator): Remote[];
  /** How something is not as wished. */
  difference(remote: Remote, wish: Wish, properties: any): string | undefined;
}

const tags = fc.option(fc.dictionary(fc.constantFrom('team', 'cost'), fc.constantFrom('a', 'b'), { maxKeys: 2 }), { nil: undefined });

const tagProperty = (wish: Wish) => (wish.tags ? { Tags: Object.entries(wish.tags).map(([Key, Value]) => ({ Key, Value })) } : {});

function tagDifference(found: Record<string, string>, wish: Wish): string | undefined {
  const missing = Object.entries(wish.tags ?? {}).find(([key, value]) => found[key] !== value);
  return missing && `tag ${missing.join('=')} is ${found[missing[0]]}`;
}

function made(emulator: Emulator, type: string, name: string, properties: Record<string, unknown>): string {
  const key = `${type} ${name}`;
  const known = existing.get(emulator) ?? new Map<string, string>();
  existing.set(emulator, known);
  if (!known.has(key)) known.set(key, emulator.applyResource({ action: 'create', type, account: ACCOUNT, region: REGION, properties }).physicalId);
  return known.get(key)!;
}

/** What the constructs refer to, by name. */
const existing = new WeakMap<Emulator, Map<string, string>>();

const regionsOf = (emulator: Emulator, service: string): any[] => emulator.state()[service] as any[];

export const signalingChannel: Kind = {
  type: SIGNALING_CHANNEL_RESOURCE_TYPE,
  service: 'kinesisvideo',
  build: (stack) => { new SignalingChannel(stack, 'Channel', { mediaStorageStream: new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 1 }) }); },
  wish: fc.record({
    name: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
    messageTtl: fc.option(fc.constantFrom(30, 90), { nil: undefined }),
    stream: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
    tags,
  }),
  properties: (emulator, place, _, wish) => {
    const name = `${place}-${wish.stream}`;
    const stream = () => {
      made(emulator, 'AWS::KinesisVideo::Stream', name, { Name: name, DataRetentionInHours: 24 });
      return regionsOf(emulator, 'kinesisvideo').flatMap(({ streams }) => streams).find((found: any) => found.name === name).arn;
    };
    return {
      ...wish.name ? { ChannelName: `${place}-${wish.name}` } : {},
      ...wish.messageTtl ? { MessageTtlSeconds: wish.messageTtl } : {},
      ...wish.stream ? { MediaStorageStreamArn: stream() } : {},
      ...tagProperty(wish),
    };
  },
  remotes: (emulator) => regionsOf(emulator, 'kinesisvideo').flatMap(({ channels }) => channels)
    .map((state: any) => ({ id: state.arn, stackId: state.tags['cdk-rtc:stack'], state })),
  difference: ({ state }, wish, properties) => {
    if (state.status !== 'ACTIVE') return `is ${state.status}`;
    if (properties.ChannelName && state.name !== properties.ChannelName) return `is named ${state.name}`;
    if (state.messageTtlSeconds !== (wish.messageTtl ?? 60)) return `TTL is ${state.messageTtlSeconds}`;
    if (state.storageStreamArn !== properties.MediaStorageStreamArn) return `records into ${state.storageStreamArn}`;
    return tagDifference(state.tags, wish);
  },
  edits: { strip: { replaceTags: {} }, remove: { delete: true }, change: { messageTtlSeconds: 17 } },
};

export const ingestConfiguration: Kind = {
  type: INGEST_CONFIGURATION_RESOURCE_TYPE,
  service: 'ivs-realtime',
  build: (stack) => { new IngestConfiguration(stack, 'Ingest'); },
  wish: fc.record({
    name: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
    userId: fc.option(fc.constantFrom('u', 'v'), { nil: undefined }),
    redundantIngest: fc.boolean(),
    stage: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
    tags,
  }),
  properties: (emulator, place, stackId, wish) => ({
    SecretArn: made(emulator, 'AWS::SecretsManager::Secret', place, { Name: place, Tags: [{ Key: 'cdk-rtc:stack', Value: stackId }] }),
    ...wish.name ? { Name: wish.name } : {},
    ...wish.userId ? { UserId: wish.userId } : {},
    ...wish.redundantIngest ? { RedundantIngest: true } : {},
    ...wish.stage ? { StageArn: made(emulator, 'AWS::IVS::Stage', `${place}-${wish.stage}`, {}) } : {},
    ...tagProperty(wish),
  }),
  remotes: (emulator) => regionsOf(emulator, 'ivs-realtime').flatMap(({ ingestConfigurations }) => ingestConfigurations)
    .map((state: any) => ({ id: state.arn, stackId: state.tags['cdk-rtc:stack'], state })),
  difference: ({ state }, wish, properties) => {
    if (wish.name && state.name !== wish.name) return `is named ${state.name}`;
    if (state.userId !== (wish.userId ?? '')) return `user id is ${state.userId}`;
    if (state.redundantIngest !== wish.redundantIngest) return `redundant ingest is ${state.redundantIngest}`;
    if (state.stageArn !== (properties.StageArn ?? '')) return `publishes to ${state.stageArn}`;
    return tagDifference(state.tags, wish);
  },
  edits: { strip: { replaceTags: {} }, remove: { delete: true }, change: { stageArn: null } },
};

export const voiceConnectorStreaming: Kind = {
  type: VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE,
  service: 'chime-sdk-voice',
  build: (stack) => {
    new VoiceConnectorStreaming(stack, 'Streaming', {
      voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdefghijklmnopqrstuv'), notificationTargets: [NotificationTarget.SNS],
    });
  },
  wish: fc.record({
    connector: fc.constantFrom('1', '2'),
    enabled: fc.boolean(),
    hours: fc.option(fc.constantFrom(0, 48), { nil: undefined }),
    targets: fc.subarray(['EventBridge', 'SNS', 'SQS']),
  }),
  properties: (emulator, place, _, wish) => ({
    VoiceConnectorArn: made(emulator, 'AWS::Chime::VoiceConnector', `${place}-${wish.connector}`, { Name: `${place}-${wish.connector}`, RequireEncryption: true }),
    ...wish.enabled ? {} : { Enabled: false },
    ...wish.hours === undefined ? {} : { DataRetentionInHours: wish.hours },
    ...wish.targets.length > 0 ? { NotificationTargets: wish.targets } : {},
  }),
  remotes: (emulator) => regionsOf(emulator, 'chime-sdk-voice').flatMap(({ voiceConnectors }) => voiceConnectors)
    .filter(({ streaming }: any) => streaming)
    // A stack id has two slashes of its own.
    .map((state: any) => ({ id: state.arn, stackId: state.tags['cdk-rtc:streaming']?.split('/').slice(0, 3).join('/'), state })),
  difference: ({ state: { streaming } }, wish) => {
    if (streaming.DataRetentionInHours !== (wish.hours ?? 24)) return `retention is ${streaming.DataRetentionInHours}`;
    if (streaming.Disabled !== !wish.enabled) return `disabled is ${streaming.Disabled}`;
    const targets = (streaming.StreamingNotificationTargets ?? []).map((target: any) => target.NotificationTarget).sort();
    return targets.join() === [...wish.targets].sort().join() ? undefined : `targets are ${targets}`;
  },
  edits: {
    strip: { replaceTags: {} },
    remove: { streamingConfiguration: null },
    change: { streamingConfiguration: { DataRetentionInHours: 7, Disabled: false } },
  },
};

export const KINDS: Record<string, Kind> = { signalingChannel, ingestConfiguration, voiceConnectorStreaming, chimeMeetingPool };

import * as fc from 'fast-check';
import { halfTheTime, rarely } from './chance';
import { chimeMeetingPool } from './meeting-pool';
import type { Emulator } from '../../local/emulator';
import { VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE } from '../../src/chime-sdk-voice/private/voice-connector-streaming';
import { INGEST_CONFIGURATION_RESOURCE_TYPE } from '../../src/ivs/private/contract';
import { SIGNALING_CHANNEL_RESOURCE_TYPE } from '../../src/kinesisvideo/private/contract';
import type { PolicyStack } from '../stored-templates';
import { type PolicyDocument, synthesisedPolicies } from '../synthesised-policies';

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
  /** Marked as what is to stay. */
  readonly isRetained: boolean;
  readonly state: any;
}

/** One of the library's resources, as the simulation plays it. */
export interface Kind {
  readonly name: string;
  readonly type: string;
  readonly service: string;
  readonly wish: fc.Arbitrary<Wish>;
  /** What somebody else may do to it, now, or as long as it lasts and then something else. */
  readonly edits: Record<string, object>;
  /** Somebody else makes what the wish would collide with, with these tags. */
  squat?(emulator: Emulator, properties: any, tags: Record<string, string>): void;
  /** The tags by which the stack would own it. */
  ownedBy?(stackId: string): Record<string, string>;
  /** The policies of the handlers of a stack that has one of these. */
  policies(stackId: string): PolicyDocument[];
  /** The properties of the custom resource; makes what they refer to where it is not there yet. */
  properties(emulator: Emulator, place: string, stackId: string, wish: Wish): Record<string, unknown>;
  remotes(emulator: Emulator): Remote[];
  /** How something is not as wished. */
  difference(remote: Remote, wish: Wish, properties: any, emulator: Emulator): string | undefined;
}

function handlerPolicies(stack: PolicyStack): Kind['policies'] {
  const policies = synthesisedPolicies(stack);
  return (stackId) => policies({ stackId, account: ACCOUNT });
}

const tags = halfTheTime(fc.dictionary(fc.constantFrom('team', 'cost'), fc.constantFrom('a', 'b'), { maxKeys: 2 }));

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

const regionsOf = (emulator: Emulator, service: string): any[] => emulator.stateOf(service) as any[];

/** So that a service can be asked for something without a client. */
function perform(emulator: Emulator, service: string, operation: string, input: object): any {
  const now = emulator.clock.now();
  return emulator.service(service).operations[operation].run(input, { account: ACCOUNT, region: REGION, now, readAt: now });
}

const retain = rarely(fc.constant(true), 8);
const retainProperty = ({ retain: is }: Wish) => (is ? { Retain: true } : {});

/** Names that one resource of one stack has; one that the same resource of another stack wishes for, too; and one that others of its stack do. */
function nameOf(place: string, name: string): string {
  const [stack, id] = place.split('-');
  return { shared: `shared-${id}`, common: `${stack}-common` }[name] ?? `${place}-${name}`;
}

export const signalingChannel: Kind = {
  name: 'signalingChannel',
  type: SIGNALING_CHANNEL_RESOURCE_TYPE,
  service: 'kinesisvideo',
  policies: handlerPolicies('simulatedSignalingChannel'),
  wish: fc.record({
    name: halfTheTime(fc.constantFrom('x', 'y', 'shared')),
    mesh: rarely(fc.constant(true), 6),
    messageTtl: halfTheTime(fc.constantFrom(30, 90)),
    stream: halfTheTime(fc.constantFrom('1', '2')),
    adopt: rarely(fc.constant(true), 4),
    retain,
    tags,
  }),
  properties: (emulator, place, _, wish) => {
    const name = `${place}-${wish.stream}`;
    const stream = () => {
      made(emulator, 'AWS::KinesisVideo::Stream', name, { Name: name, DataRetentionInHours: 24 });
      return regionsOf(emulator, 'kinesisvideo').flatMap(({ streams }) => streams).find((found: any) => found.name === name).arn;
    };
    return {
      // A changed type under a fixed name is refused, so the name follows it.
      ...wish.name ? { ChannelName: `${nameOf(place, wish.name)}${wish.mesh ? '-mesh' : ''}` } : {},
      ...wish.mesh ? { ChannelType: 'FULL_MESH' } : {},
      ...wish.messageTtl && !wish.mesh ? { MessageTtlSeconds: wish.messageTtl } : {},
      ...wish.stream && !wish.mesh ? { MediaStorageStreamArn: stream() } : {},
      ...wish.adopt ? { AdoptExisting: true } : {},
      ...retainProperty(wish),
      ...tagProperty(wish),
    };
  },
  squat: (emulator, { ChannelName, ChannelType }, owner) => {
    if (!ChannelName) return;
    const Tags = Object.entries(owner).map(([Key, Value]) => ({ Key, Value }));
    perform(emulator, 'kinesisvideo', 'CreateSignalingChannel', { ChannelName, ChannelType, Tags });
  },
  ownedBy: (stackId) => ({ 'cdk-rtc:stack': stackId, 'cdk-rtc:resource': '0123456789abcdef.01234567.01234567' }),
  remotes: (emulator) => regionsOf(emulator, 'kinesisvideo').flatMap(({ channels }) => channels)
    .map((state: any) => ({ id: state.arn, stackId: state.tags['cdk-rtc:stack'], isRetained: /retained/.test(state.tags['cdk-rtc:resource']), state })),
  difference: ({ state }, wish, properties) => {
    if (state.status !== 'ACTIVE') return `is ${state.status}`;
    if (properties.ChannelName && state.name !== properties.ChannelName) return `is named ${state.name}`;
    if (state.type !== (properties.ChannelType ?? 'SINGLE_MASTER')) return `type is ${state.type}`;
    if (!wish.mesh && state.messageTtlSeconds !== (wish.messageTtl ?? 60)) return `TTL is ${state.messageTtlSeconds}`;
    if (state.storageStreamArn !== properties.MediaStorageStreamArn) return `records into ${state.storageStreamArn}`;
    return tagDifference(state.tags, wish);
  },
  edits: { strip: { replaceTags: {} }, remove: { delete: true }, change: { messageTtlSeconds: 17 } },
};

/** Of a configuration, or of what a secret holds of it. */
function streamKeysOf({ streamKey, redundantIngestCredentials = [] }: any): string[] {
  return [streamKey, ...redundantIngestCredentials.map((one: any) => one.streamKey)];
}

export const ingestConfiguration: Kind = {
  name: 'ingestConfiguration',
  type: INGEST_CONFIGURATION_RESOURCE_TYPE,
  service: 'ivs-realtime',
  policies: handlerPolicies('simulatedIngestConfiguration'),
  wish: fc.record({
    name: halfTheTime(fc.constantFrom('x', 'y', 'shared')),
    disconnect: rarely(fc.constant(true), 2),
    retain,
    userId: halfTheTime(fc.constantFrom('u', 'v')),
    redundantIngest: fc.boolean(),
    stage: halfTheTime(fc.constantFrom('1', '2')),
    tags,
  }),
  properties: (emulator, place, stackId, wish) => ({
    SecretArn: made(emulator, 'AWS::SecretsManager::Secret', place, { Name: place, Tags: [{ Key: 'cdk-rtc:stack', Value: stackId }] }),
    ...wish.name ? { Name: nameOf(place, wish.name) } : {},
    ...wish.disconnect ? { OnLivePublisher: 'DISCONNECT' } : {},
    ...retainProperty(wish),
    ...wish.userId ? { UserId: wish.userId } : {},
    ...wish.redundantIngest ? { RedundantIngest: true } : {},
    ...wish.stage ? { StageArn: made(emulator, 'AWS::IVS::Stage', `${place}-${wish.stage}`, {}) } : {},
    ...tagProperty(wish),
  }),
  remotes: (emulator) => regionsOf(emulator, 'ivs-realtime').flatMap(({ ingestConfigurations }) => ingestConfigurations)
    .map((state: any) => ({ id: state.arn, stackId: state.tags['cdk-rtc:stack'], isRetained: /retained/.test(state.tags['cdk-rtc:resource']), state })),
  difference: ({ id, state }, wish, properties, emulator) => {
    const { ingestConfiguration: held } = perform(emulator, 'ivs-realtime', 'GetIngestConfiguration', { arn: id });
    const { SecretString = '{}' } = perform(emulator, 'secrets-manager', 'GetSecretValue', { SecretId: properties.SecretArn });
    if (streamKeysOf(JSON.parse(SecretString)).join() !== streamKeysOf(held).join()) return 'the secret does not hold its stream keys';
    if (properties.Name && state.name !== properties.Name) return `is named ${state.name}`;
    if (state.userId !== (wish.userId ?? '')) return `user id is ${state.userId}`;
    if (state.redundantIngest !== wish.redundantIngest) return `redundant ingest is ${state.redundantIngest}`;
    if (state.stageArn !== (properties.StageArn ?? '')) return `publishes to ${state.stageArn}`;
    return tagDifference(state.tags, wish);
  },
  squat: (emulator, { Name }, owner) => {
    perform(emulator, 'ivs-realtime', 'CreateIngestConfiguration', { name: Name, ingestProtocol: 'RTMPS', tags: owner });
  },
  ownedBy: (stackId) => ({ 'cdk-rtc:stack': stackId, 'cdk-rtc:resource': '0123456789abcdef.01234567.01234567' }),
  edits: { strip: { replaceTags: {} }, remove: { delete: true }, change: { stageArn: null }, live: { state: 'ACTIVE' }, end: { state: 'INACTIVE' } },
};

function connectorArn(emulator: Emulator, name: string): string {
  return made(emulator, 'AWS::Chime::VoiceConnector', name, { Name: name, RequireEncryption: true });
}

export const voiceConnectorStreaming: Kind = {
  name: 'voiceConnectorStreaming',
  type: VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE,
  service: 'chime-sdk-voice',
  policies: handlerPolicies('simulatedVoiceConnectorStreaming'),
  wish: fc.record({
    connector: fc.constantFrom('1', '2', 'shared', 'common'),
    overwrite: rarely(fc.constant(true), 4),
    legacy: rarely(fc.constant(true), 4),
    retain,
    enabled: fc.boolean(),
    hours: halfTheTime(fc.constantFrom(0, 48)),
    targets: fc.subarray(['EventBridge', 'SNS', 'SQS']),
  }),
  properties: (emulator, place, _, wish) => ({
    VoiceConnectorArn: connectorArn(emulator, nameOf(place, wish.connector)),
    ...wish.overwrite ? { ExistingConfiguration: 'OVERWRITE' } : {},
    ...wish.legacy ? { Namespace: 'CHIME' } : {},
    ...retainProperty(wish),
    ...wish.enabled ? {} : { Enabled: false },
    ...wish.hours === undefined ? {} : { DataRetentionInHours: wish.hours },
    ...wish.targets.length > 0 ? { NotificationTargets: wish.targets } : {},
  }),
  remotes: (emulator) => regionsOf(emulator, 'chime-sdk-voice').flatMap(({ voiceConnectors }) => voiceConnectors)
    .filter(({ streaming }: any) => streaming)
    // A stack id has two slashes of its own.
    .map((state: any) => ({ id: state.arn, stackId: state.tags['cdk-rtc:streaming']?.split('/').slice(0, 3).join('/'), isRetained: /retained/.test(state.tags['cdk-rtc:streaming']), state })),
  difference: ({ state: { streaming } }, wish) => {
    if (streaming.DataRetentionInHours !== (wish.hours ?? 24)) return `retention is ${streaming.DataRetentionInHours}`;
    if (streaming.Disabled !== !wish.enabled) return `disabled is ${streaming.Disabled}`;
    const targets = (streaming.StreamingNotificationTargets ?? []).map((target: any) => target.NotificationTarget).sort();
    return targets.join() === [...wish.targets].sort().join() ? undefined : `targets are ${targets}`;
  },
  squat: (emulator, { VoiceConnectorArn }, owner) => {
    const found = regionsOf(emulator, 'chime-sdk-voice').flatMap(({ voiceConnectors }) => voiceConnectors).find(({ arn }: any) => arn === VoiceConnectorArn);
    if (found.streaming) return;
    emulator.edit({
      service: 'chime-sdk-voice', resource: VoiceConnectorArn, tags: owner, streamingConfiguration: { DataRetentionInHours: 9, Disabled: false },
    } as never);
  },
  ownedBy: (stackId) => ({ 'cdk-rtc:streaming': `${stackId}/0123456789abcdef` }),
  edits: {
    strip: { replaceTags: {} },
    free: { streamingConfiguration: null, replaceTags: {} },
    remove: { streamingConfiguration: null },
    change: { streamingConfiguration: { DataRetentionInHours: 7, Disabled: false } },
  },
};

export const KINDS: Record<string, Kind> = { signalingChannel, ingestConfiguration, voiceConnectorStreaming, chimeMeetingPool };

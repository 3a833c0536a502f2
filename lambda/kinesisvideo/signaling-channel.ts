import type { ChannelProtocol, ChannelRole, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import * as v from 'valibot';
import { KINESIS_VIDEO_ERROR_CLASSES } from './client';
import { awaitOwnChange, logUnrestored, otherChannelOf, refusalOf, restoreRecording, streamInUse } from './recording';
import { type Channel, createdAt, type Endpoints, type MediaStorage, nameOf, SignalingChannelApi } from './signaling-channel-api';
import {
  CHANNEL_ARN, REPLACED_TAG, SIGNALING_CHANNEL_LIMITS, type SignalingChannelAttributes, type SignalingChannelProperties, SINGLE_MASTER, TAKEN_TAG,
} from '../../src/kinesisvideo/private/contract';
import { MEDIA_STORAGE_TAG } from '../../src/kinesisvideo/private/signaling-channel-media-storage';
import { validateSignalingChannel, validateSignalingChannelTags } from '../../src/kinesisvideo/private/validation';
import { RESOURCE_TAG, STACK_TAG } from '../../src/private/contract';
import { validateRegion } from '../../src/private/region-validation';
import { READ_LAG, RESTORE_BY } from '../engine/consistency';
import { memberDifferences, propertyDifference } from '../engine/drift';
import { classify, markingUnknownOutcome, TerminalError, TransientError } from '../engine/error-classes';
import type { OnEventOutcome, Pending, Properties, Request, ResourceHandler } from '../engine/lifecycle';
import {
  type CreateOnlyProperties, type DeleteOutcome, type DesiredResource, type NewResource, type ObservedResource, type OwnedResource,
  OwnedResourceHandler, type SearchNames,
} from '../engine/owned-resource';
import { generatedName, ownershipOf } from '../engine/ownership';
import { booleanProperty, integerProperty, parseProperties, type SchemaEntries, stringProperty, tagRecord, tagsProperty, throwIfInvalid } from '../engine/properties';
import type { Operation, PropertyChange } from '../engine/reconcile';
import type { TimeBudget } from '../engine/time-budget';

const { name: { max: MAX_NAME, pattern: NAME }, messageTtlSeconds: { default: DEFAULT_MESSAGE_TTL } } = SIGNALING_CHANNEL_LIMITS;

const schema = v.strictObject({
  ChannelName: v.optional(v.string()),
  ChannelType: v.optional(v.string(), SINGLE_MASTER),
  MessageTtlSeconds: v.optional(integerProperty),
  MediaStorageStreamArn: v.optional(v.string()),
  AdoptExisting: v.optional(booleanProperty, 'false'),
  Region: v.optional(v.string()),
  Retain: v.optional(booleanProperty, 'false'),
  Tags: v.optional(tagsProperty, []),
} satisfies SchemaEntries<SignalingChannelProperties>);

interface CreateOnly extends CreateOnlyProperties {
  readonly type: string;
}

interface Desired extends DesiredResource {
  readonly createOnly: CreateOnly;
  readonly messageTtlSeconds?: number;
  readonly mediaStorageStreamArn?: string;
}

interface Observed extends Channel, ObservedResource {
  readonly storage: MediaStorage;
}

export interface SignalingChannelOptions {
  /** The region of the function. */
  readonly region: string;
  readonly client: (region: string) => KinesisVideoClient;
}

/** A Kinesis Video Streams signaling channel, with its message TTL and its recording into a stream. */
class SignalingChannel implements OwnedResource<Desired, Channel, Channel, Observed> {
  public readonly noun = 'channel';
  public readonly errorClasses = KINESIS_VIDEO_ERROR_CLASSES;
  public readonly maxNameLength = MAX_NAME;
  public readonly nameProperty = 'ChannelName';
  public readonly uniqueName = {
    option: 'signalingChannelName',
    isValid: (name: string) => NAME.test(name) && name.length <= MAX_NAME,
    find: (name: string, region: string, budget: TimeBudget) => this.api(region, budget).describe({ ChannelName: name }),
    mismatch: ({ type }: Channel, { createOnly }: Desired) =>
      type === createOnly.type ? undefined : `its type is ${type} and cannot be changed to ${createOnly.type}`,
  };

  constructor(private readonly options: SignalingChannelOptions) {}

  public parse(request: Request): Desired {
    const parsed = parseProperties(schema, request.properties);
    const createOnly = this.createOnlyOf(request.properties);
    throwIfInvalid([
      ...validateSignalingChannel(parsed, { region: createOnly.region, account: request.account }),
      ...validateRegion('region', parsed.Region),
      ...validateSignalingChannelTags(parsed.Tags, SIGNALING_CHANNEL_LIMITS.deployedUserTags),
    ]);
    return {
      createOnly,
      // Absent means the default of the service, so that a value that is removed returns to the default.
      messageTtlSeconds: parsed.ChannelType === SINGLE_MASTER ? parsed.MessageTtlSeconds ?? DEFAULT_MESSAGE_TTL : undefined,
      mediaStorageStreamArn: parsed.MediaStorageStreamArn,
      adoptExisting: parsed.AdoptExisting,
      retain: parsed.Retain,
      tags: tagRecord(parsed.Tags),
    };
  }

  public createOnlyOf(properties: Properties): CreateOnly {
    return {
      name: stringProperty(properties, 'ChannelName'),
      type: stringProperty(properties, 'ChannelType') ?? SINGLE_MASTER,
      region: stringProperty(properties, 'Region') ?? this.options.region,
    };
  }

  public regionOf(arn: string): string | undefined {
    return CHANNEL_ARN.exec(arn)?.[1];
  }

  public untagCommand(arn: string): string {
    return `aws kinesisvideo untag-resource --region ${this.regionOf(arn)} --resource-arn ${arn} --tag-key-list ${STACK_TAG} ${RESOURCE_TAG}`;
  }

  public describe(arn: string, budget: TimeBudget): Promise<Channel | undefined> {
    return this.api(arn, budget).describe({ ChannelARN: arn });
  }

  public async observe(channel: Channel, desired: Desired | undefined, budget: TimeBudget): Promise<Observed> {
    const api = this.api(channel.id, budget);
    // China has no recording operations. https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/webrtc-ingestion.html
    const hasStorage = !this.regionOf(channel.id)?.startsWith('cn-') || desired?.mediaStorageStreamArn !== undefined;
    return { ...channel, tags: await api.tags(channel.id) ?? {}, storage: hasStorage ? await api.mediaStorage(channel.id) : { enabled: false } };
  }

  public async search(region: string, { prefix, fixed }: SearchNames, budget: TimeBudget): Promise<Channel[]> {
    const channels = await this.api(region, budget).list(prefix);
    for (const name of fixed.filter(this.uniqueName.isValid)) {
      const channel = await this.uniqueName.find(name, region, budget);
      if (channel && !channels.some(({ id }) => id === channel.id)) channels.push(channel);
    }
    return channels;
  }

  public tagsOf(arn: string, budget: TimeBudget): Promise<Record<string, string> | undefined> {
    return this.api(arn, budget).tags(arn);
  }

  public tag(arn: string, tags: Record<string, string>, budget: TimeBudget): Promise<void> {
    return this.api(arn, budget).tag(arn, tags);
  }

  public untag(arn: string, keys: string[], budget: TimeBudget): Promise<void> {
    return this.api(arn, budget).untag(arn, keys);
  }

  public isDesired(channel: Channel, { createOnly }: Desired, { owner }: Request): boolean {
    const hasName = createOnly.name === undefined ? channel.name.startsWith(generatedName(owner, MAX_NAME).prefix) : channel.name === createOnly.name;
    return hasName && channel.type === createOnly.type && this.regionOf(channel.id) === createOnly.region;
  }

  /** A replacement moves the stream of the channel that it replaces to itself. In a rollback, only the Delete of the replacement can read that in a tag. */
  public creationTags({ mediaStorageStreamArn }: Desired, { physicalId, oldProperties }: Request): Record<string, string> {
    const movesStream = mediaStorageStreamArn !== undefined && oldProperties.MediaStorageStreamArn === mediaStorageStreamArn;
    return movesStream && CHANNEL_ARN.test(physicalId) ? { [REPLACED_TAG]: nameOf(physicalId) } : {};
  }

  public async prepareReplacement(current: Channel, { createOnly }: Desired): Promise<void> {
    if (current.name !== createOnly.name || this.regionOf(current.id) !== createOnly.region) return;
    throw new TerminalError(`channelType: cannot be changed in place, and two channels cannot have one name: desired ${createOnly.type}, ${JSON.stringify(createOnly.name)} is ${current.type}; `
      + 'change signalingChannelName too, or leave it out for a generated one');
  }

  public async create({ name, desired, tags }: NewResource<Desired>, { budget }: Operation): Promise<OnEventOutcome | 'name in use'> {
    const { createOnly: { type, region }, messageTtlSeconds } = desired;
    try {
      const create = () => this.api(region, budget).create({ name, type, messageTtlSeconds, tags });
      return { physicalId: await markingUnknownOutcome(this.errorClasses, create) };
    } catch (error) {
      if ((error as Error).name === 'ResourceInUseException') return 'name in use';
      throw error;
    }
  }

  public async* changes(channel: Observed, desired: Desired, operation: Operation): AsyncIterable<PropertyChange<Observed>> {
    const { id: arn, storage, tags } = channel;
    const api = this.api(arn, operation.budget);
    const { messageTtlSeconds, mediaStorageStreamArn } = desired;
    // This request sets the recording, so the resource to which the stream was moved must not restore it.
    if (TAKEN_TAG in tags) {
      yield { kind: 'tag of a moved stream', text: `${tags[TAKEN_TAG]} was moved to another channel`, properties: [], apply: () => api.untag(arn, [TAKEN_TAG]) };
    }
    if (messageTtlSeconds !== undefined && channel.messageTtlSeconds !== messageTtlSeconds) {
      yield {
        kind: 'message TTL',
        text: `message TTL is ${channel.messageTtlSeconds} s, desired ${messageTtlSeconds} s`,
        properties: [propertyDifference('MessageTtlSeconds', messageTtlSeconds, channel.messageTtlSeconds)],
        apply: () => api.setMessageTtl(channel, messageTtlSeconds),
      };
    }
    const recordsInto = storage.enabled ? storage.streamArn : undefined;
    const properties = memberDifferences({ MediaStorageStreamArn: mediaStorageStreamArn }, { MediaStorageStreamArn: recordsInto });
    if (storage.enabled && storage.streamArn !== mediaStorageStreamArn) {
      yield {
        kind: 'end of the recording',
        text: `records into ${storage.streamArn}, desired ${mediaStorageStreamArn ?? 'no recording'}`,
        properties,
        apply: () => api.disableMediaStorage(arn),
      };
    }
    // Before this channel's own recording, which may move its stream from another channel: the tag can name only one channel.
    const formerStream = stringProperty(operation.request.oldProperties, 'MediaStorageStreamArn');
    const isMoved = formerStream !== undefined && formerStream !== mediaStorageStreamArn;
    const previousChannel = isMoved ? await this.previousChannelOf(formerStream, channel, operation) : undefined;
    if (previousChannel !== undefined) {
      yield {
        kind: 'recording of the previous channel',
        text: `${formerStream} was moved from ${previousChannel}, whose recording is restored`,
        properties: [],
        apply: () => this.restorePreviousChannel(formerStream!, previousChannel, operation),
      };
    }
    if (!storage.enabled && mediaStorageStreamArn !== undefined) {
      yield {
        kind: 'recording',
        text: `does not record yet, desired ${mediaStorageStreamArn}`,
        properties,
        apply: () => this.enableStorage(channel, mediaStorageStreamArn, operation),
      };
    }
  }

  /** A rolled-back replacement or change may have ended the recording just before. */
  public staleRead(
    _: Observed, { mediaStorageStreamArn }: Desired, { onEventOutcome, oldProperties }: Request, applied: unknown,
  ): string | undefined {
    const mayBeMoved = onEventOutcome?.sweep !== undefined || oldProperties.MediaStorageStreamArn !== mediaStorageStreamArn;
    if (applied || mediaStorageStreamArn === undefined || !mayBeMoved) return undefined;
    return 'whether the rolled-back operation ended the recording may not be readable yet';
  }

  public async delete(channel: Observed, operation: Operation): Promise<DeleteOutcome> {
    const { id: arn, storage } = channel;
    const api = this.api(arn, operation.budget);
    if (storage.enabled) {
      await api.disableMediaStorage(arn);
      return { pending: `${arn}: unlinking its stream` };
    }
    const streamArn = stringProperty(operation.request.properties, 'MediaStorageStreamArn');
    const restored = streamArn === undefined ? undefined : await this.restoreRecording(channel, streamArn, operation);
    if (typeof restored === 'object') return restored;
    try {
      await api.delete(arn);
      return { accepted: true };
    } catch (error) {
      // The channel may be deleted by now.
      if (['gone', 'busy'].includes(classify(error, this.errorClasses))) return { accepted: false };
      throw error;
    }
  }

  public async attributes({ id }: Observed, desired: Desired, budget: TimeBudget): Promise<Record<string, string>> {
    return readAttributes(this.api(id, budget), id, desired);
  }

  /** A stream records one channel: during a replacement, a rename, or a move, another channel of this stack may still use the stream. */
  private async enableStorage(channel: Observed, streamArn: string, { request, budget }: Operation): Promise<void> {
    const { id: arn } = channel;
    const api = this.api(arn, budget);
    const enable = () => api.enableMediaStorage(arn, streamArn);
    const refusal = await refusalOf(enable);
    if (!refusal) return;
    const other = await otherChannelOf(api, arn, streamArn, budget);
    if (other === undefined) throw refusal;
    const found = await api.tags(other) ?? {};
    const { kind } = ownershipOf(found, request.owner);
    // The media storage of a native channel has a handler of its own, which would neither await nor delete the tags of this one.
    if (kind !== 'self' && kind !== 'sameStack' || MEDIA_STORAGE_TAG in found) throw streamInUse(streamArn, other);
    if (kind === 'sameStack') {
      awaitOwnChange(other, streamArn, budget);
      // First, so that a rollback finds both.
      await api.tag(arn, { [REPLACED_TAG]: nameOf(other) });
      await api.tag(other, { [TAKEN_TAG]: nameOf(streamArn) });
    }
    // The mapping may be a stale read, and the other channel may have changed its stream in the meantime. Then its recording is another one.
    if ((await api.mediaStorage(other)).streamArn !== streamArn) throw new TransientError(`whether ${other} still records into ${streamArn} is not readable yet`);
    if (!await refusalOf(enable)) return;
    request.log.info('unmap', { streamArn, channelArn: other });
    return api.disableMediaStorage(other);
  }

  /** The channel that recorded into the stream before a rolled-back update of this one, if that channel had no request of its own since. */
  private async previousChannelOf(streamArn: string, { id: arn, tags }: Observed, { request, budget }: Operation): Promise<string | undefined> {
    const source = tags[REPLACED_TAG];
    if (source === undefined) return undefined;
    if (budget.elapsed >= RESTORE_BY.update) {
      logUnrestored(request.log, source, 'the update needs the remaining time for its own recording');
      return undefined;
    }
    const api = this.api(arn, budget);
    const other = await api.describe({ ChannelName: source });
    if (!other) return undefined;
    const found = await api.tags(other.id) ?? {};
    const ownership = ownershipOf(found, request.owner);
    return ownership.kind === 'sameStack' && !ownership.creation.retained && found[TAKEN_TAG] === nameOf(streamArn) ? other.id : undefined;
  }

  private async restorePreviousChannel(streamArn: string, channelArn: string, { request: { log }, budget }: Operation): Promise<void> {
    const api = this.api(channelArn, budget);
    const restored = await restoreRecording(api, {
      source: nameOf(channelArn), isInUse: () => true, enable: () => api.enableMediaStorage(channelArn, streamArn),
    }, { budget, log }, RESTORE_BY.update);
    if (typeof restored === 'object') throw new TransientError(restored.pending);
    if (restored === 'complete') await api.untag(channelArn, [TAKEN_TAG]);
  }

  /**
   * If the channel that recorded into the stream before still exists, and had no request of its own since, the operation was rolled back. A replaced channel
   * has no request before its Delete. It is the older one of two channels with the same owner, which distinguishes it from a later channel of its name.
   */
  private async restoreRecording(
    { id: arn, tags }: Observed, streamArn: string, { request, budget }: Operation,
  ): Promise<Pending | 'complete' | 'ended'> {
    const source = tags[REPLACED_TAG];
    if (source === undefined) return 'complete';
    const api = this.api(arn, budget);
    return restoreRecording(api, {
      source,
      isInUse: (channelArn, found) => {
        const ownership = ownershipOf(found, request.owner);
        if (!('creation' in ownership) || ownership.creation.retained) return false;
        if (ownership.kind === 'self') return createdAt(channelArn) <= createdAt(arn);
        if (!(TAKEN_TAG in found) && budget.elapsed < READ_LAG) throw new TransientError(`whether the stream of ${channelArn} was moved may not be readable yet`);
        return found[TAKEN_TAG] === nameOf(streamArn);
      },
      enable: (channelArn) => api.enableMediaStorage(channelArn, streamArn),
      release: async (channelArn, found) => { if (TAKEN_TAG in found) await api.untag(channelArn, [TAKEN_TAG]); },
    }, { budget, log: request.log }, RESTORE_BY.delete);
  }

  private api(regionOrArn: string, { signal }: TimeBudget): SignalingChannelApi {
    return new SignalingChannelApi(this.options.client(this.regionOf(regionOrArn) ?? regionOrArn), signal);
  }
}

export function signalingChannelHandler(options: SignalingChannelOptions): ResourceHandler {
  return new OwnedResourceHandler(new SignalingChannel(options));
}

async function readAttributes(api: SignalingChannelApi, arn: string, desired: Desired): Promise<Record<string, string>> {
  const protocols = desired.mediaStorageStreamArn === undefined ? ['WSS', 'HTTPS'] as const : ['WSS', 'HTTPS', 'WEBRTC'] as const;
  const read = desired.createOnly.type === SINGLE_MASTER ? endpoints : meshEndpoints;
  const master = await read(api, arn, 'MASTER', protocols);
  const viewer = await read(api, arn, 'VIEWER', protocols);
  const attributes: SignalingChannelAttributes = {
    ChannelName: nameOf(arn),
    MasterWssEndpoint: master.WSS ?? '',
    MasterHttpsEndpoint: master.HTTPS ?? '',
    MasterWebrtcEndpoint: master.WEBRTC ?? '',
    ViewerWssEndpoint: viewer.WSS ?? '',
    ViewerHttpsEndpoint: viewer.HTTPS ?? '',
    ViewerWebrtcEndpoint: viewer.WEBRTC ?? '',
  };
  return { ...attributes };
}

/**
 * A channel without a master may not take the configuration of the endpoint call, which is that of SINGLE_MASTER channels, or may have no
 * endpoints in this call. The behavior isn't documented (unverified: F-22), so neither answer fails the deployment.
 */
async function meshEndpoints(api: SignalingChannelApi, arn: string, role: ChannelRole, protocols: readonly ChannelProtocol[]): Promise<Endpoints> {
  for (const configuration of [{ role, protocols: [...protocols] }, undefined]) {
    try {
      return await api.endpoints(arn, configuration);
    } catch (error) {
      if (classify(error, KINESIS_VIDEO_ERROR_CLASSES) !== 'terminal') throw error;
    }
  }
  return {};
}

async function endpoints(api: SignalingChannelApi, arn: string, role: ChannelRole, protocols: readonly ChannelProtocol[]): Promise<Endpoints> {
  try {
    return await api.endpoints(arn, { role, protocols: [...protocols] });
  } catch (error) {
    // The service has no WEBRTC endpoint without storage, and may take a moment to have one with it.
    if ((error as Error).name === 'InvalidArgumentException' && protocols.includes('WEBRTC')) throw new TransientError(`${arn} has no WEBRTC endpoint yet`);
    throw error;
  }
}

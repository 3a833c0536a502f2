import type { ChannelProtocol, ChannelRole, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import * as v from 'valibot';
import { KINESIS_VIDEO_DECISIONS } from './client';
import { type Channel, type Endpoints, type MediaStorage, SignalingChannelApi } from './signaling-channel-api';
import { REPLACED_TAG, SIGNALING_CHANNEL_LIMITS, type SignalingChannelAttributes, type SignalingChannelProperties, SINGLE_MASTER } from '../../src/kinesisvideo/private/contract';
import { validateSignalingChannel, validateSignalingChannelTags } from '../../src/kinesisvideo/private/validation';
import { RESOURCE_TAG, STACK_TAG, TIMING } from '../../src/private/contract';
import { validateRegion } from '../../src/private/region-validation';
import { memberDifferences, type PropertyDifference, propertyDifference } from '../common/drift';
import { creating, decide, PassingError, TerminalError } from '../common/errors';
import type { Accepted, Properties, Removed, Request, ResourceHandler, Settled, Sweep } from '../common/lifecycle';
import { type Creation, creationOf, generatedName, hashOf, holderOf, isNameOf, type Owner, ownerTags, unconfirmedRequest } from '../common/owner';
import { booleanProperty, integerProperty, parseProperties, type SchemaEntries, stringProperty, tagsProperty } from '../common/properties';
import type { Step } from '../common/step';
import { missingOwner, type TagDifference, tagsNotAsWished } from '../common/tag-differences';

const { name: { max: MAX_NAME, pattern: NAME }, messageTtlSeconds: { default: DEFAULT_MESSAGE_TTL } } = SIGNALING_CHANNEL_LIMITS;

/** Seconds during which a read may lag behind a write. */
const READ_LAG = 10;

/** Seconds in which a channel just created may still be unknown to Describe. */
const CREATE_LAG = 60;

/** Seconds for which a channel that goes tries to give its recording back. */
const GIVE_BACK = 60;

/** Seconds between two looks at the same channel in one step; Describe allows five a second. */
const LOOK_AGAIN = 1;

const ARN = /^arn:[a-z\d-]+:kinesisvideo:([a-z0-9-]+):[0-9]+:channel\/[a-zA-Z0-9_.-]+\/[0-9]+$/;

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

/** The wished state. */
interface Wish {
  readonly name?: string;
  readonly type: string;
  readonly messageTtlSeconds?: number;
  readonly mediaStorageStreamArn?: string;
  readonly adoptExisting: boolean;
  readonly region: string;
  readonly retain: boolean;
  readonly tags: Record<string, string>;
}

interface Observed {
  readonly channel: Channel;
  readonly tags: Record<string, string>;
  readonly storage: MediaStorage;
}

/** There is nothing yet that could be compared with the wish. */
interface Unready {
  readonly unready: string;
}

export interface SignalingChannelOptions {
  /** The region of the function. */
  readonly region: string;
  readonly client: (region: string) => KinesisVideoClient;
}

export class SignalingChannelHandler implements ResourceHandler {
  public readonly decisions = KINESIS_VIDEO_DECISIONS;

  constructor(private readonly options: SignalingChannelOptions) {}

  public async create(request: Request, step: Step): Promise<Accepted> {
    return this.ensureCreated(request, this.toWish(request), step);
  }

  public async update(request: Request, step: Step): Promise<Accepted> {
    const wish = this.toWish(request);
    const current = await this.named(request, step);
    if (current && isAlive(current) && satisfies(current, wish, request.owner)) {
      return { physicalId: current.arn, sweep: this.sweepOf(request, wish) };
    }
    const living = await this.findLiving(request, wish, step);
    // Somebody has deleted what CloudFormation names; so that may be what was to be replaced, and the replacement unknown.
    const isLost = ARN.test(request.physicalId) && !(current && isAlive(current));
    if (living) return { physicalId: living.arn, sweep: this.sweepOf(request, wish, isLost ? living.arn : undefined) };
    if (current && isAlive(current) && current.name === wish.name && regionOf(current.arn) === wish.region) {
      throw new TerminalError(`channelType: cannot be changed in place, and two channels cannot have one name: wished ${wish.type}, ${JSON.stringify(wish.name)} is ${current.type}; `
        + 'change signalingChannelName too, or leave it out for a generated one');
    }
    const made = await this.ensureCreated(request, wish, step);
    return isLost ? { ...made, sweep: this.sweepOf(request, wish, made.physicalId) } : made;
  }

  public async settle(request: Request, step: Step): Promise<Settled> {
    const wish = this.toWish(request);
    const arn = request.physicalId;
    const api = this.api(arn, step);
    let mended: Difference | undefined;
    for (;;) {
      const observed = await observe(api, arn, wish, step);
      const difference = 'unready' in observed ? undefined : differenceOf(observed, wish, request);
      if (!('unready' in observed) && !difference) {
        if (mended || !mayLoseStream(request, wish, step)) break;
        if (!await step.pause(READ_LAG - step.age)) return { pending: 'whether what is rolled back has ended the recording may not be seen yet' };
        continue;
      }
      const pending = difference?.text ?? (observed as Unready).unready;
      // At most one mutation a step; what was mended is looked at until it shows.
      if (difference && mended && difference.text !== mended.text) return { pending };
      if (difference && !mended) {
        await this.mend(request, observed as Observed, difference, api, step);
        mended = difference;
      }
      if (!await step.pause(LOOK_AGAIN)) return { pending };
    }
    const sweeping = await this.sweep(request, step);
    return sweeping === undefined ? { attributes: await readAttributes(api, arn, wish) } : { pending: sweeping };
  }

  public async remove(request: Request, step: Step): Promise<Removed> {
    if (ARN.test(request.physicalId)) return this.removeOne(request, request.physicalId, step);
    // An id that CloudFormation invented: it gave a create up that may still be running. Or ours, of an unknown outcome.
    const unconfirmed = unconfirmedRequest(request.physicalId);
    const quietAfter = unconfirmed === undefined ? TIMING.onEventTimeout : READ_LAG;
    const find = () => this.findOwned(request, this.regionOf(request.properties), step,
      (creation) => !creation.retained && (unconfirmed ?? creation.request) === creation.request);
    let found: Channel[];
    try {
      found = await find();
    } catch (error) {
      // A region without the service: nothing can have been made there.
      if (decide(error, this.decisions) === 'unreachable' && step.age >= quietAfter) return { gone: true };
      throw error;
    }
    const removed: Removed[] = [];
    for (const channel of found) removed.push(await this.removeOne(request, channel.arn, step));
    if (found.length > 0) {
      // The create makes one channel. If it has heard no answer it creates again, within seconds after the name is free.
      const isOver = removed.every((outcome) => 'gone' in outcome) && await step.rest() && (await find()).length === 0;
      return isOver ? { gone: true } : { pending: `found ${names(found)}, deleting` };
    }
    if (step.age < quietAfter) return { pending: `found nothing; a create may still be running for ${Math.ceil(quietAfter - step.age)} s` };
    return { gone: true };
  }

  public async compare(request: Request, step: Step): Promise<PropertyDifference[] | undefined> {
    const wish = this.toWish(request);
    const api = this.api(request.physicalId, step);
    const channel = await api.describe({ ChannelARN: request.physicalId });
    if (!channel || !isAlive(channel)) return undefined;
    if (channel.status !== 'ACTIVE') throw new PassingError(`${channel.arn} is ${channel.status}`);
    return differencesOf(await observeActive(api, channel, wish), wish, request).flatMap(({ properties }) => properties);
  }

  /** Creates the channel, or finds it where an earlier delivery of the same request has created it. */
  private async ensureCreated(request: Request, wish: Wish, step: Step): Promise<Accepted> {
    const api = this.api(wish.region, step);
    const name = wish.name ?? generatedName(request.owner, MAX_NAME).name;
    const owned = { ...ownerTags(request.owner, creationOf(request.owner, identityOf(wish))), ...replacedTag(request, wish) };
    try {
      const input = { name, type: wish.type, messageTtlSeconds: wish.messageTtlSeconds, tags: { ...wish.tags, ...owned } };
      return { physicalId: await creating(this.decisions, () => api.create(input)) };
    } catch (error) {
      if ((error as Error).name !== 'ResourceInUseException') throw error;
    }
    return { physicalId: await this.takeOver(request, wish, name, owned, api) };
  }

  /** The name is held: by an earlier delivery of this request, by something that may be taken over, or by somebody else. */
  private async takeOver(request: Request, wish: Wish, name: string, owned: Record<string, string>, api: SignalingChannelApi): Promise<string> {
    const channel = await api.describe({ ChannelName: name });
    if (!channel) throw new PassingError(`the name ${name} is in use, but no channel of it is found yet`);
    if (channel.status === 'DELETING') throw new PassingError(`${channel.arn}, which has the name, is being deleted`);
    const holder = holderOf(await api.tags(channel.arn), request.owner);
    if (holder.kind === 'ours' && holder.creation.request === request.owner.request) return channel.arn;

    const taken = `signalingChannelName: ${JSON.stringify(name)} is taken in ${wish.region} by ${channel.arn}`;
    const elsewhere = 'choose another name, or leave it out for a generated one';
    if (holder.kind === 'stranger') {
      throw new TerminalError(`${taken}, which belongs to the stack ${holder.stackId}; ${elsewhere}. `
        + `If that stack is gone, free the channel with \`${freeCommand(channel.arn)}\` and set adoptExisting`);
    }
    if (holder.kind === 'sibling') {
      throw new TerminalError(`${taken}, another resource of this stack; ${elsewhere}. A renamed construct cannot keep a fixed name in one deployment`);
    }
    if (holder.kind === 'nobody' && !wish.adoptExisting) {
      throw new TerminalError(`${taken}, which has no owner tag; ${elsewhere}, or set adoptExisting to take that channel over`);
    }
    if (channel.type !== wish.type) {
      throw new TerminalError(`${taken}; it cannot be taken over, because its type is ${channel.type} and cannot be changed to ${wish.type}`);
    }
    // Nobody's, or our own of an earlier request: CloudFormation has retained or forgotten it.
    await api.tag(channel.arn, owned);
    return channel.arn;
  }

  private async mend(request: Request, { channel }: Observed, difference: Difference, api: SignalingChannelApi, step: Step): Promise<void> {
    request.log.info('mend', { difference: difference.text });
    switch (difference.kind) {
      case 'tag': return api.tag(channel.arn, difference.tags);
      case 'untag': return api.untag(channel.arn, difference.keys);
      case 'messageTtl': return api.setMessageTtl(channel, difference.seconds);
      case 'disableStorage': return api.disableMediaStorage(channel.arn);
      case 'enableStorage': return this.enableStorage(request, channel.arn, difference.streamArn, api, step);
    }
  }

  /** One channel a stream: while a replacement or a move is under way, another channel of this stack may still hold it. */
  private async enableStorage(request: Request, arn: string, streamArn: string, api: SignalingChannelApi, step: Step): Promise<void> {
    const mapping = await api.mappingOfStream(streamArn);
    if (!mapping) {
      if (step.age < CREATE_LAG) throw new PassingError(`${streamArn} is not found, as a stream just created may be for a while`);
      throw new TerminalError(`mediaStorageStream: there is no stream ${streamArn}`);
    }
    const { channelArn } = mapping;
    if (channelArn === undefined || channelArn === arn) return api.enableMediaStorage(arn, streamArn);
    const holder = holderOf(await api.tags(channelArn), request.owner);
    if (holder.kind !== 'ours' && holder.kind !== 'sibling') {
      throw new TerminalError(`mediaStorageStream: ${streamArn} records the channel ${channelArn} already, and a stream can record only one; use another stream`);
    }
    request.log.info('unmap', { streamArn, channelArn });
    return api.disableMediaStorage(channelArn);
  }

  /** The replacement that an update takes back, if it takes one back. */
  private sweepOf(request: Request, wish: Wish, except = request.physicalId): Sweep | undefined {
    const attempted = this.oldIdentity(request);
    if (!isReplacement(attempted, wish)) return undefined;
    return { region: attempted.region, attempted: hashOf(attempted), except };
  }

  /** It may have left a channel whose ARN CloudFormation never learnt, or may still be creating it. */
  private async sweep(request: Request, step: Step): Promise<string | undefined> {
    const { sweep } = request.accepted ?? {};
    if (!sweep) return undefined;
    let owned: Channel[];
    try {
      owned = await this.findOwned(request, sweep.region, step, (creation) => !creation.retained && creation.createOnly === sweep.attempted);
    } catch (error) {
      // A region without the service: nothing can have been made there.
      if (decide(error, this.decisions) === 'unreachable' && step.age >= TIMING.onEventTimeout) return undefined;
      throw error;
    }
    const strays = owned.filter(({ arn }) => arn !== request.physicalId && arn !== sweep.except);
    const removed: Removed[] = [];
    for (const stray of strays) removed.push(await this.removeOne(request, stray.arn, step));
    if (removed.some((outcome) => 'pending' in outcome)) return `found ${names(strays)} of the replacement that was given up, deleting`;
    // It makes one channel, so there is no other.
    if (removed.length > 0) return undefined;
    // CloudFormation named the replacement itself: then it has ended, and there is nothing else.
    const isKnown = sweep.except !== request.physicalId;
    if (isKnown || step.age >= TIMING.onEventTimeout) return undefined;
    if (await this.isImpossible(request, sweep.region, step)) {
      if (step.age >= READ_LAG) return undefined;
      if (await step.pause(READ_LAG - step.age)) return this.sweep(request, step);
    }
    return 'looking for what the replacement that was given up may have left, or may still make';
  }

  /**
   * Whether the replacement that was given up can't have been created: two channels can't have one name, and its fixed name is held by the
   * channel that was to be replaced, or by another owner. Or the service refuses the name.
   */
  private async isImpossible(request: Request, region: string, step: Step): Promise<boolean> {
    const { name } = this.oldIdentity(request);
    if (name === undefined) return false;
    if (!isPossibleName(name)) return true;
    const api = this.api(region, step);
    const channel = await api.describe({ ChannelName: name });
    if (!channel || !isAlive(channel)) return false;
    if (channel.arn === request.physicalId) return true;
    const holder = holderOf(await api.tags(channel.arn), request.owner);
    const isToBeAdopted = stringProperty(request.oldProperties, 'AdoptExisting') === 'true';
    return holder.kind === 'stranger' || holder.kind === 'sibling' || (holder.kind === 'nobody' && !isToBeAdopted);
  }

  private async removeOne(request: Request, arn: string, step: Step): Promise<Removed> {
    const api = this.api(arn, step);
    let accepted = false;
    for (;;) {
      const channel = await api.describe({ ChannelARN: arn });
      if (!channel && (accepted || step.age >= READ_LAG)) return { gone: true };
      if (channel?.status === 'ACTIVE' && !accepted) {
        const tags = await api.tags(arn);
        const holder = holderOf(tags, request.owner);
        if (holder.kind === 'stranger') {
          request.log.info('left untouched: it belongs to another stack', { arn, stackId: holder.stackId });
          return { gone: true };
        }
        if (holder.kind === 'nobody' && !isNamedBy(request, channel)) {
          request.log.info('left untouched: it has neither an owner tag nor a name of this resource', { arn });
          return { gone: true };
        }
        if (holder.kind === 'nobody') {
          // Somebody removed the tags of what CloudFormation knows as ours; without them nothing may be changed.
          await api.tag(arn, ownerTags(request.owner, creationOf(request.owner, {})));
          return { pending: `${arn}: tagged again, to be deleted` };
        }
        if (hasMediaStorage(arn) && (await api.mediaStorage(arn)).enabled) {
          await api.disableMediaStorage(arn);
          return { pending: `${arn}: unlinking its stream` };
        }
        const giving = await this.giveBack(request, arn, tags, api, step);
        if (giving !== undefined) return { pending: giving };
        accepted = await this.accepts(() => api.delete(arn));
      }
      if (!await step.pause(LOOK_AGAIN)) return { pending: `${arn} is ${channel?.status ?? 'not found, which must be so for a while'}` };
    }
  }

  /** A replacement goes, and what it has replaced is still there: it is rolled back, and CloudFormation tells only the one that goes. */
  private async giveBack(
    request: Request, arn: string, { [REPLACED_TAG]: name }: Record<string, string>, api: SignalingChannelApi, step: Step,
  ): Promise<string | undefined> {
    const streamArn = stringProperty(request.properties, 'MediaStorageStreamArn');
    if (name === undefined || streamArn === undefined || step.age >= GIVE_BACK) return undefined;
    const former = await api.describe({ ChannelName: name });
    if (former?.status !== 'ACTIVE' || createdAt(former.arn) > createdAt(arn)) return undefined;
    const holder = holderOf(await api.tags(former.arn), request.owner);
    if (holder.kind !== 'ours' || holder.creation.retained) return undefined;
    if ((await api.mediaStorage(former.arn)).enabled) {
      return step.age < READ_LAG ? `whether ${former.arn} has lost its recording may not be seen yet` : undefined;
    }
    request.log.info('give back', { streamArn, channelArn: former.arn });
    try {
      await api.enableMediaStorage(former.arn, streamArn);
    } catch (error) {
      // The stream is gone, say: nothing for what goes to stay for.
      if (['gone', 'terminal'].includes(decide(error, this.decisions))) return undefined;
      throw error;
    }
    return `${former.arn}: recording again`;
  }

  /** False: look again, it may be gone by now. */
  private async accepts(call: () => Promise<void>): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      if (['gone', 'busy'].includes(decide(error, this.decisions))) return false;
      throw error;
    }
  }

  /** The channel that CloudFormation names, if it names one. Where it is missing, a read may lag behind it, or behind the create of an earlier attempt. */
  private async named({ physicalId }: Request, step: Step): Promise<Channel | undefined> {
    for (;;) {
      const channel = ARN.test(physicalId) ? await this.api(physicalId, step).describe({ ChannelARN: physicalId }) : undefined;
      if ((channel && isAlive(channel)) || step.age >= READ_LAG || !await step.pause(LOOK_AGAIN)) return channel;
    }
  }

  /**
   * Before anything is created: a living channel of ours that is what is wished, as after a replacement that was rolled back. What an earlier life
   * has retained is older, and not for somebody who would delete it.
   */
  private async findLiving(request: Request, wish: Wish, step: Step): Promise<Channel | undefined> {
    const owned = await this.findOwned(request, wish.region, step, ({ retained }) => wish.retain || !retained);
    return owned.filter((channel) => isAlive(channel) && satisfies(channel, wish, request.owner)).sort(newestFirst)[0];
  }

  /** What carries this resource's owner tag, by generated name and by every fixed name that its properties tell. */
  private async findOwned(request: Request, region: string, step: Step, wanted: (creation: Creation) => boolean): Promise<Channel[]> {
    const api = this.api(region, step);
    const channels = new Map<string, Channel>();
    for (const channel of await api.list(generatedName(request.owner, MAX_NAME).prefix)) channels.set(channel.arn, channel);
    for (const properties of [request.properties, request.oldProperties]) {
      const name = stringProperty(properties, 'ChannelName');
      const channel = name === undefined || !isPossibleName(name) ? undefined : await api.describe({ ChannelName: name });
      if (channel) channels.set(channel.arn, channel);
    }
    const owned: Channel[] = [];
    for (const channel of channels.values()) {
      const holder = holderOf(await api.tags(channel.arn), request.owner);
      if (holder.kind === 'ours' && wanted(holder.creation)) owned.push(channel);
    }
    return owned;
  }

  private api(regionOrArn: string, step: Step): SignalingChannelApi {
    return new SignalingChannelApi(this.options.client(regionOf(regionOrArn) ?? regionOrArn), step.signal);
  }

  private toWish(request: Request): Wish {
    const parsed = parseProperties(schema, request.properties);
    const region = parsed.Region ?? this.options.region;
    const findings = [
      ...validateSignalingChannel(parsed, { account: request.account, region }),
      ...validateRegion('region', parsed.Region),
      ...validateSignalingChannelTags(parsed.Tags),
    ];
    if (findings.length > 0) throw new TerminalError(findings.join('\n  '));
    return {
      name: parsed.ChannelName,
      type: parsed.ChannelType,
      // Absent means the service's default, so that a value which is taken away goes back to it.
      messageTtlSeconds: parsed.ChannelType === SINGLE_MASTER ? parsed.MessageTtlSeconds ?? DEFAULT_MESSAGE_TTL : undefined,
      mediaStorageStreamArn: parsed.MediaStorageStreamArn,
      adoptExisting: parsed.AdoptExisting,
      region,
      retain: parsed.Retain,
      tags: Object.fromEntries(parsed.Tags.map(({ Key, Value }) => [Key, Value])),
    };
  }

  private regionOf(properties: Properties): string {
    return stringProperty(properties, 'Region') ?? this.options.region;
  }

  private oldIdentity({ oldProperties }: Request): Identity {
    return {
      name: stringProperty(oldProperties, 'ChannelName'),
      type: stringProperty(oldProperties, 'ChannelType') ?? SINGLE_MASTER,
      region: this.regionOf(oldProperties),
    };
  }
}

/** What cannot change during the life of a channel. */
type Identity = Pick<Wish, 'name' | 'type' | 'region'>;

function identityOf({ name, type, region }: Identity): Identity {
  return { name, type, region };
}

function isReplacement(from: Identity, to: Identity): boolean {
  return from.name !== to.name || from.type !== to.type || from.region !== to.region;
}

/** Pure: whether a channel's create-only properties are the wished ones. */
function satisfies(channel: Channel, wish: Identity, owner: Owner): boolean {
  const named = wish.name === undefined
    ? channel.name.startsWith(generatedName(owner, MAX_NAME).prefix)
    : channel.name === wish.name;
  return named && channel.type === wish.type && regionOf(channel.arn) === wish.region;
}

/** Pure: whether a channel without owner tags can be this resource's. */
function isNamedBy({ owner, properties, oldProperties }: Request, { name }: Channel): boolean {
  return isNameOf(owner, name, MAX_NAME, [properties, oldProperties].map((one) => stringProperty(one, 'ChannelName')));
}

function isAlive(channel: Channel): boolean {
  return channel.status !== 'DELETING';
}

function regionOf(arn: string): string | undefined {
  return ARN.exec(arn)?.[1];
}

/**
 * China has no recording, and does not know the operations.
 * https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/webrtc-ingestion.html
 */
function hasMediaStorage(arn: string): boolean {
  return !regionOf(arn)?.startsWith('cn-');
}

/** Tags and storage are read only of a channel that can be changed. */
async function observe(api: SignalingChannelApi, arn: string, wish: Wish, step: Step): Promise<Observed | Unready> {
  const channel = await api.describe({ ChannelARN: arn });
  if (!channel) {
    if (step.age < CREATE_LAG) return { unready: `${arn} is not found, as a channel just created may be for a while` };
    throw new TerminalError(`${arn} is gone: somebody deleted it during this deployment`);
  }
  if (channel.status === 'DELETING') throw new TerminalError(`${arn} is being deleted by somebody else`);
  return channel.status === 'ACTIVE' ? observeActive(api, channel, wish) : { unready: `${arn} is ${channel.status}` };
}

async function observeActive(api: SignalingChannelApi, channel: Channel, wish: Wish): Promise<Observed> {
  const { arn } = channel;
  const readsStorage = hasMediaStorage(arn) || wish.mediaStorageStreamArn !== undefined;
  return { channel, tags: await api.tags(arn), storage: readsStorage ? await api.mediaStorage(arn) : { enabled: false } };
}

/** Pure: that a replacement takes the recording along, which a rollback as only its Delete has to know. */
function replacedTag({ physicalId, oldProperties }: Request, { mediaStorageStreamArn }: Wish): Record<string, string> {
  const takesStream = mediaStorageStreamArn !== undefined && oldProperties.MediaStorageStreamArn === mediaStorageStreamArn;
  return takesStream && ARN.test(physicalId) ? { [REPLACED_TAG]: nameOf(physicalId) } : {};
}

/** Pure: whether a channel can have the name, which may come from properties that were refused. */
function isPossibleName(name: string): boolean {
  return NAME.test(name) && name.length <= MAX_NAME;
}

function nameOf(arn: string): string {
  return arn.split('/')[1]!;
}

/** Of two channels, which was first: the last part of the ARN is the time of its creation. */
function createdAt(arn: string): number {
  return Number(arn.split('/')[2]);
}

function newestFirst(one: Channel, other: Channel): number {
  return createdAt(other.arn) - createdAt(one.arn);
}

function names(channels: Channel[]): string {
  return channels.map(({ name }) => name).join(', ');
}

function freeCommand(arn: string): string {
  return `aws kinesisvideo untag-resource --region ${regionOf(arn)} --resource-arn ${arn} --tag-key-list ${STACK_TAG} ${RESOURCE_TAG}`;
}

type Difference = TagDifference | { readonly text: string; readonly properties: PropertyDifference[] } & (
  | { readonly kind: 'messageTtl'; readonly seconds: number }
  | { readonly kind: 'disableStorage' }
  | { readonly kind: 'enableStorage'; readonly streamArn: string });

/** Pure: the first thing in which a channel is not as wished, where it may be made so. */
function differenceOf(observed: Observed, wish: Wish, request: Request): Difference | undefined {
  const { channel, tags } = observed;
  const holder = holderOf(tags, request.owner);
  if (holder.kind === 'stranger') {
    throw new TerminalError(`${channel.arn} belongs to the stack ${holder.stackId} by its tag ${STACK_TAG}, so it is left as it is; `
      + `if that stack is gone, free the channel with \`${freeCommand(channel.arn)}\``);
  }
  if (holder.kind === 'nobody' && !isNamedBy(request, channel)) {
    throw new TerminalError(`${channel.arn} has neither an owner tag nor a name of this resource, so it is left as it is`);
  }
  return differencesOf(observed, wish, request)[0];
}

/** Pure: what is rolled back, a replacement or a change, may have ended the recording just before, which shows late. */
function mayLoseStream({ accepted, oldProperties }: Request, { mediaStorageStreamArn }: Wish, { age }: Step): boolean {
  if (mediaStorageStreamArn === undefined || age >= READ_LAG) return false;
  return accepted?.sweep !== undefined || oldProperties.MediaStorageStreamArn !== mediaStorageStreamArn;
}

/** Pure: in what a channel is not as wished, the owner tags before all, because every other change is allowed only under them. */
function differencesOf({ channel, tags, storage }: Observed, wish: Wish, request: Request): Difference[] {
  const differences: Difference[] = missingOwner(tags, identityOf(wish), request);
  if (wish.messageTtlSeconds !== undefined && channel.messageTtlSeconds !== wish.messageTtlSeconds) {
    const text = `message TTL is ${channel.messageTtlSeconds} s, wished ${wish.messageTtlSeconds} s`;
    const properties = [propertyDifference('MessageTtlSeconds', wish.messageTtlSeconds, channel.messageTtlSeconds)];
    differences.push({ kind: 'messageTtl', seconds: wish.messageTtlSeconds, text, properties });
  }
  const recordsInto = storage.enabled ? storage.streamArn : undefined;
  const stream = memberDifferences({ MediaStorageStreamArn: wish.mediaStorageStreamArn }, { MediaStorageStreamArn: recordsInto });
  if (storage.enabled && storage.streamArn !== wish.mediaStorageStreamArn) {
    const text = `records into ${storage.streamArn}, wished ${wish.mediaStorageStreamArn ?? 'no recording'}`;
    differences.push({ kind: 'disableStorage', text, properties: stream });
  }
  if (!storage.enabled && wish.mediaStorageStreamArn !== undefined) {
    const text = `does not record yet, wished ${wish.mediaStorageStreamArn}`;
    differences.push({ kind: 'enableStorage', streamArn: wish.mediaStorageStreamArn, text, properties: stream });
  }
  return [...differences, ...tagsNotAsWished(tags, wish, request)];
}

async function readAttributes(api: SignalingChannelApi, arn: string, wish: Wish): Promise<Record<string, string>> {
  const protocols = wish.mediaStorageStreamArn === undefined ? ['WSS', 'HTTPS'] as const : ['WSS', 'HTTPS', 'WEBRTC'] as const;
  const read = wish.type === SINGLE_MASTER ? endpoints : meshEndpoints;
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
 * endpoints in this call. Which it is isn't documented, and no reason to fail.
 */
async function meshEndpoints(api: SignalingChannelApi, arn: string, role: ChannelRole, protocols: readonly ChannelProtocol[]): Promise<Endpoints> {
  for (const configuration of [{ role, protocols: [...protocols] }, undefined]) {
    try {
      return await api.endpoints(arn, configuration);
    } catch (error) {
      if (decide(error, KINESIS_VIDEO_DECISIONS) !== 'terminal') throw error;
    }
  }
  return {};
}

async function endpoints(api: SignalingChannelApi, arn: string, role: ChannelRole, protocols: readonly ChannelProtocol[]): Promise<Endpoints> {
  try {
    return await api.endpoints(arn, { role, protocols: [...protocols] });
  } catch (error) {
    // The service has no WEBRTC endpoint without storage, and may take a moment to have one with it.
    if ((error as Error).name === 'InvalidArgumentException' && protocols.includes('WEBRTC')) throw new PassingError(`${arn} has no WEBRTC endpoint yet`);
    throw error;
  }
}

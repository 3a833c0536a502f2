import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import * as v from 'valibot';
import { KINESIS_VIDEO_ERROR_CLASSES } from './client';
import { awaitOwnChange, type Invocation, otherChannelOf, refusalOf, restoreRecording, streamInUse } from './recording';
import { nameOf, SignalingChannelApi } from './signaling-channel-api';
import { CHANNEL_ARN } from '../../src/kinesisvideo/private/contract';
import {
  MEDIA_STORAGE_BEFORE_TAG, MEDIA_STORAGE_SOURCE_TAG, MEDIA_STORAGE_TAG, type SignalingChannelMediaStorageProperties,
  validateSignalingChannelMediaStorage,
} from '../../src/kinesisvideo/private/signaling-channel-media-storage';
import { STACK_TAG } from '../../src/private/contract';
import { READ_LAG, RESTORE_BY } from '../engine/consistency';
import { classify, TerminalError, TransientError, unlessGone } from '../engine/error-classes';
import type { ResourceHandler } from '../engine/lifecycle';
import type { Log } from '../engine/log';
import { hashOf } from '../engine/ownership';
import { type Parent, ParentSettingHandler } from '../engine/parent-setting';
import type { SchemaEntries } from '../engine/properties';
import { parseSettingOwner } from '../engine/setting-ownership';
import { ADOPTION, SETTING_ENTRIES, settingParsers } from '../engine/setting-properties';
import type { TimeBudget } from '../engine/time-budget';

/** Characters. The hash of the stream doesn't fit next to a longer name, and a rollback doesn't restore that recording. */
const MAX_TAG_VALUE = 256;

interface MediaStorageDocument {
  readonly streamArn: string;
}

const schema = v.strictObject({
  ChannelArn: v.string(),
  StreamArn: v.string(),
  ...SETTING_ENTRIES,
} satisfies SchemaEntries<SignalingChannelMediaStorageProperties>);

function toDesired({ ChannelArn, StreamArn, AdoptExisting, Retain }: v.InferOutput<typeof schema>) {
  return { parentArn: ChannelArn, document: { streamArn: StreamArn }, adoptExisting: AdoptExisting, retain: Retain };
}

const regionOf = (arn: string): string | undefined => CHANNEL_ARN.exec(arn)?.[1];

export interface SignalingChannelMediaStorageOptions {
  readonly client: (region: string) => KinesisVideoClient;
}

/** The recording of a signaling channel that CloudFormation created, into a stream. */
export function signalingChannelMediaStorageHandler({ client }: SignalingChannelMediaStorageOptions): ResourceHandler {
  const connect = (arn: string, budget: TimeBudget, log: Log) => (
    new Channel(new SignalingChannelApi(client(regionOf(arn)!), budget.signal), arn, { budget, log })
  );
  return new ParentSettingHandler<MediaStorageDocument>({
    noun: 'media storage',
    parent: { noun: 'channel', option: 'channelArn', property: 'ChannelArn' },
    adoption: ADOPTION,
    errorClasses: KINESIS_VIDEO_ERROR_CLASSES,
    tagKeys: { owner: MEDIA_STORAGE_TAG, former: MEDIA_STORAGE_BEFORE_TAG, others: [MEDIA_STORAGE_SOURCE_TAG] },
    // Shorter than the general encoding, which can't compress a name.
    encoding: { encode: ({ streamArn }) => [streamArn], decode: ([streamArn = '']) => ({ streamArn }) },
    ...settingParsers({ schema, validate: validateSignalingChannelMediaStorage, toDesired, regionOf }),
    regionOf,
    untagCommand: (arn) => `aws kinesisvideo untag-resource --region ${regionOf(arn)} --resource-arn ${arn} --tag-key-list ${MEDIA_STORAGE_TAG} ${MEDIA_STORAGE_BEFORE_TAG} ${STACK_TAG}`,
    // A throttled read may delay a duplicate delivery of the Create.
    claimTime: READ_LAG,
    needsClaim: true,
    connect,
    restoreSource: (arn, { streamArn }, { request, budget }, until) => connect(arn, budget, request.log).restoreSource(streamArn, until),
    toProperties: ({ streamArn }) => ({ StreamArn: streamArn }),
    attributes: () => ({}),
  });
}

/** One channel within one invocation. */
class Channel implements Parent<MediaStorageDocument> {
  public readonly tags: Parent<MediaStorageDocument>['tags'];

  constructor(private readonly api: SignalingChannelApi, private readonly arn: string, private readonly invocation: Invocation) {
    this.tags = {
      list: () => api.tags(arn),
      set: (tags) => this.change(arn, () => api.tag(arn, { ...tags, ...MEDIA_STORAGE_TAG in tags ? { [STACK_TAG]: ownerIn(tags)!.stackId } : {} })),
      delete: async (keys) => {
        const all = keys.includes(MEDIA_STORAGE_TAG) ? [...keys, STACK_TAG] : keys;
        try {
          await unlessGone(KINESIS_VIDEO_ERROR_CLASSES, () => this.change(arn, () => api.untag(arn, all)));
        } catch (error) {
          // An earlier call whose response was lost may have removed the owner tag, without which the policy allows no change.
          if (classify(error, KINESIS_VIDEO_ERROR_CLASSES) !== 'denied' || ownerIn(await api.tags(arn)) !== undefined) throw error;
        }
      },
    };
  }

  public get(): Promise<MediaStorageDocument | undefined> {
    return unlessGone(KINESIS_VIDEO_ERROR_CLASSES, async () => {
      const { enabled, streamArn } = await this.api.mediaStorage(this.arn);
      return enabled ? { streamArn: streamArn! } : undefined;
    });
  }

  /** A channel changes its stream in two calls. */
  public async put({ streamArn }: MediaStorageDocument, former?: MediaStorageDocument): Promise<undefined> {
    const { api, arn } = this;
    const { enabled, streamArn: recordsInto } = await api.mediaStorage(arn);
    if (enabled && recordsInto !== streamArn) await this.disable(arn);
    const enable = () => this.enable(arn, streamArn);
    const refusal = await refusalOf(enable);
    if (!refusal) return;
    const other = await this.sourceOf(streamArn, former);
    if (other === undefined) throw refusal;
    // Refused again, the stream still records that channel, whose own update would have ended that recording by now.
    if (!await refusalOf(enable)) return;
    await this.disable(other);
    await enable();
  }

  public async clear(): Promise<void> {
    await unlessGone(KINESIS_VIDEO_ERROR_CLASSES, async () => {
      const { enabled } = await this.api.mediaStorage(this.arn);
      try {
        // Also if the channel doesn't seem to record: the read may be stale.
        await this.disable(this.arn);
      } catch (error) {
        // How the service answers if there is nothing to end isn't documented (unverified: F-58).
        if (enabled || classify(error, KINESIS_VIDEO_ERROR_CLASSES) !== 'terminal') throw error;
      }
    });
  }

  public async restoreSource(streamArn: string, until: number): Promise<boolean> {
    const own = await this.api.tags(this.arn) ?? {};
    const [source, stream] = own[MEDIA_STORAGE_SOURCE_TAG]?.split('/') ?? [];
    if (source === undefined || stream !== hashOf(streamArn)) return false;
    const restored = await restoreRecording(this.api, {
      source,
      isInUse: (_, tags) => {
        const owner = ownerIn(tags);
        return owner !== undefined && owner.stackId === ownerIn(own)?.stackId && owner.mark === undefined;
      },
      enable: (channelArn) => this.enable(channelArn, streamArn),
    }, this.invocation, until);
    if (typeof restored === 'object') throw new TransientError(restored.pending);
    return restored === 'complete';
  }

  /** During a replacement, a rename, or a move, another channel of this stack may still record into the stream. Undefined: there is no such channel. */
  private async sourceOf(streamArn: string, former?: MediaStorageDocument): Promise<string | undefined> {
    const { api, arn } = this;
    const other = await otherChannelOf(api, arn, streamArn, this.invocation.budget);
    if (other === undefined) return undefined;
    const own = ownerIn(await api.tags(arn));
    if (!own) throw new TransientError(`the claim on ${arn} does not show yet`);
    const owner = ownerIn(await api.tags(other));
    if (owner?.stackId !== own.stackId) throw streamInUse(streamArn, other);
    if (owner.resource !== own.resource) awaitOwnChange(other, streamArn, this.invocation.budget);
    // The tag can name only one channel. It may name the one that had the former stream.
    if (former) await this.restoreSource(former.streamArn, RESTORE_BY.update);
    // First, so that a rollback finds it.
    await this.change(arn, () => api.tag(arn, { [MEDIA_STORAGE_SOURCE_TAG]: `${nameOf(other)}/${hashOf(streamArn)}`.slice(0, MAX_TAG_VALUE) }));
    return other;
  }

  private enable(channelArn: string, streamArn: string): Promise<void> {
    return this.change(channelArn, () => this.api.enableMediaStorage(channelArn, streamArn));
  }

  private disable(channelArn: string): Promise<void> {
    return this.change(channelArn, () => this.api.disableMediaStorage(channelArn));
  }

  /**
   * The policy allows changes only to a channel with the owner tag of the stack. If only that tag was removed out of band, the owner tag of the recording
   * still names the stack, and the policy allows to tag the channel again.
   */
  private async change(channelArn: string, call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (classify(error, KINESIS_VIDEO_ERROR_CLASSES) !== 'denied' || !await this.restoreStackTag(channelArn)) throw error;
      await call();
    }
  }

  private async restoreStackTag(channelArn: string): Promise<boolean> {
    const tags = await this.api.tags(channelArn) ?? {};
    const owner = ownerIn(tags);
    const found = tags[STACK_TAG];
    if (!owner || found === owner.stackId) return false;
    if (found !== undefined) throw otherStackTag(channelArn, found, owner.stackId);
    await this.api.tag(channelArn, { [STACK_TAG]: owner.stackId });
    return true;
  }
}

function otherStackTag(arn: string, found: string, stackId: string): TerminalError {
  return new TerminalError(`channelArn: ${arn} has the tag ${STACK_TAG} of ${found}, so the permissions of this stack allow no change of its recording; `
    + `correct the tag with \`aws kinesisvideo tag-resource --region ${regionOf(arn)} --resource-arn ${arn} --tags Key=${STACK_TAG},Value=${stackId}\``);
}

function ownerIn(tags: Record<string, string> = {}) {
  return parseSettingOwner(tags[MEDIA_STORAGE_TAG]);
}

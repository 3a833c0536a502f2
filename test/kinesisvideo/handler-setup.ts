import { kinesisVideoClient } from '../../lambda/kinesisvideo/client';
import { signalingChannelHandler } from '../../lambda/kinesisvideo/signaling-channel';
import { signalingChannelMediaStorageHandler } from '../../lambda/kinesisvideo/signaling-channel-media-storage';
import { videoStreamImageGenerationHandler } from '../../lambda/kinesisvideo/video-stream-image-generation';
import { videoStreamNotificationHandler } from '../../lambda/kinesisvideo/video-stream-notification';
import { kinesisVideo, type KinesisVideoOptions } from '../../local/emulator';
import {
  SIGNALING_CHANNEL_MEDIA_STORAGE_RESOURCE_TYPE, SIGNALING_CHANNEL_RESOURCE_TYPE, VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE,
  VIDEO_STREAM_NOTIFICATION_RESOURCE_TYPE,
} from '../../src/kinesisvideo/private/resource-types';
import { ACCOUNT, HandlerSetup, type HandlerSetupOptions, REGION, STACK_ID } from '../handler-setup';
import { synthesisedPolicies } from '../synthesised-policies';

export type KinesisVideoSetupOptions = KinesisVideoOptions & Pick<HandlerSetupOptions, 'timings'>;

export interface ChannelState {
  readonly arn: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly messageTtlSeconds?: number;
  readonly storageStreamArn?: string;
  readonly tags: Record<string, string>;
  readonly version: string;
}

/** Channels and streams, for the handler of one resource type. */
abstract class KinesisVideoSetup extends HandlerSetup {
  constructor(resourceType: string, policies: ReturnType<typeof synthesisedPolicies>, { timings, ...options }: KinesisVideoSetupOptions) {
    super({ resourceType, services: [kinesisVideo(options)], timings, policies: (id) => policies({ stackId: id, account: ACCOUNT }) });
  }

  /** A stream as CloudFormation creates it; returns its ARN. */
  stream(name = 'door', hours = 24, region = REGION): string {
    const { attributes } = this.emulator.applyResource({
      action: 'create', type: 'AWS::KinesisVideo::Stream', account: ACCOUNT, region, properties: { Name: name, DataRetentionInHours: hours },
    });
    return attributes.Arn as string;
  }

  /** A channel that the stack doesn't own. */
  foreignChannel(name: string, tags: Record<string, string> = {}, properties: Record<string, unknown> = {}): string {
    const { attributes } = this.emulator.applyResource({
      action: 'create',
      type: 'AWS::KinesisVideo::SignalingChannel',
      account: ACCOUNT,
      region: REGION,
      properties: { Name: name, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })), ...properties },
    });
    return attributes.Arn as string;
  }

  channels(): ChannelState[] {
    return (this.emulator.state().kinesisvideo as { channels: ChannelState[] }[]).flatMap(({ channels }) => channels);
  }

  channel(arn?: string): ChannelState {
    const found = this.channels().filter((channel) => arn === undefined || channel.arn === arn);
    if (found.length !== 1) throw new Error(`${found.length} channels match ${arn ?? 'anything'}`);
    return found[0];
  }

  edit(resource: string, change: Record<string, unknown>): void {
    this.emulator.edit({ service: 'kinesisvideo', resource, ...change });
  }
}

const channelPolicies = synthesisedPolicies('signalingChannel');

export class SignalingSetup extends KinesisVideoSetup {
  constructor(options: KinesisVideoOptions = {}) {
    super(SIGNALING_CHANNEL_RESOURCE_TYPE, channelPolicies, options);
  }

  resource(logicalId = 'Channel', stack = STACK_ID) {
    return super.resource(logicalId, stack);
  }

  protected handler() {
    return signalingChannelHandler({ region: REGION, client: this.clientsOf('kinesisvideo', kinesisVideoClient) });
  }
}

export interface StreamState {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  readonly tags: Record<string, string>;
  readonly imageGeneration?: Record<string, unknown>;
  readonly notification?: Record<string, unknown>;
}

export type StreamSettingName = 'imageGeneration' | 'notification';

const STREAM_SETTINGS = {
  imageGeneration: { resourceType: VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE, logicalId: 'ImageGeneration' },
  notification: { resourceType: VIDEO_STREAM_NOTIFICATION_RESOURCE_TYPE, logicalId: 'Notification' },
} as const;

const streamSettingPolicies = synthesisedPolicies('videoStreamSettings');

/** The image generation or the notification of streams. */
export class StreamSettingSetup extends KinesisVideoSetup {
  private streams = 0;

  constructor(private readonly setting: StreamSettingName, options: KinesisVideoSetupOptions = {}) {
    super(STREAM_SETTINGS[setting].resourceType, streamSettingPolicies, options);
  }

  resource(logicalId: string = STREAM_SETTINGS[this.setting].logicalId, stack = STACK_ID) {
    return super.resource(logicalId, stack);
  }

  /** A stream with a name of its own. */
  anotherStream(region = REGION): string {
    this.streams += 1;
    return this.stream(`door-${this.streams}`, 24, region);
  }

  streamState(arn: string): StreamState {
    const streams = (this.emulator.state().kinesisvideo as { streams: StreamState[] }[]).flatMap((region) => region.streams);
    const found = streams.find((stream) => stream.arn === arn);
    if (!found) throw new Error(`no stream ${arn}`);
    return found;
  }

  /** The tags of the library on it. */
  ownerTags(arn: string): Record<string, string> {
    return Object.fromEntries(Object.entries(this.streamState(arn).tags).filter(([key]) => key.startsWith('cdk-rtc:')));
  }

  protected handler() {
    const client = this.clientsOf('kinesisvideo', kinesisVideoClient);
    return this.setting === 'imageGeneration' ? videoStreamImageGenerationHandler({ client }) : videoStreamNotificationHandler({ client });
  }
}

const mediaStoragePolicies = synthesisedPolicies('signalingChannelMediaStorage');

/** The media storage of channels that CloudFormation created. */
export class MediaStorageSetup extends KinesisVideoSetup {
  constructor(options: KinesisVideoOptions = {}) {
    super(SIGNALING_CHANNEL_MEDIA_STORAGE_RESOURCE_TYPE, mediaStoragePolicies, options);
  }

  resource(logicalId = 'MediaStorage', stack = STACK_ID) {
    return super.resource(logicalId, stack);
  }

  protected handler() {
    return signalingChannelMediaStorageHandler({ client: this.clientsOf('kinesisvideo', kinesisVideoClient) });
  }
}

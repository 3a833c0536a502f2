import { asServiceModel } from '../model';
import modelJson from '../models/kinesisvideo.json';
import { CallContext, Engine, Input, Operation, Service, ServiceFactory } from '../service';
import {
  createSignalingChannel, deleteSignalingChannel, describeSignalingChannel, getSignalingChannelEndpoint, listSignalingChannels,
  updateSignalingChannel,
} from './channels';
import { applyEdit } from './edit';
import { Context } from './lookup';
import { describeMappedResourceConfiguration, describeMediaStorageConfiguration, updateMediaStorageConfiguration } from './media-storage';
import { KinesisVideoOptions, rates, regions as supportedRegions } from './options';
import { channelType, streamType } from './resource-types';
import { regionsOfEmulator } from './state';
import { describeImageGeneration, describeNotification, updateImageGeneration, updateNotification } from './stream-settings';
import {
  createStream, deleteStream, describeStream, describeStreamStorage, getDataEndpoint, listStreams, updateDataRetention, updateStreamStorage,
} from './streams';
import { listTagsForResource, listTagsForStream, tagResource, tagStream, untagResource, untagStream } from './tags';
import {
  anyTarget, channelByArnTarget, channelByEitherTarget, mediaStorageTarget, newChannelTarget, newStreamTarget, streamByEitherTarget, taggedTarget,
} from './targets';

export type { KinesisVideoOptions } from './options';
export type { KinesisVideoEdit } from './edit';
export { kinesisVideoSignaling } from './signaling';

type Run = (context: Context, input: Input, call: CallContext) => Record<string, unknown>;

/** Kinesis Video Streams: signaling channels, and streams with their settings. */
export function kinesisVideo(options: KinesisVideoOptions = {}): ServiceFactory {
  return (engine: Engine): Service => {
    const regions = regionsOfEmulator(engine);
    const context: Context = { engine, options, regions };
    const read = (targets: Operation['targets'], run: Run): Operation =>
      ({ access: 'read', targets, run: (input, call) => run(context, input, call) });
    const write = (targets: Operation['targets'], run: Run): Operation => ({ ...read(targets, run), access: 'write' });
    return {
      name: 'kinesisvideo',
      model: asServiceModel(modelJson),
      iamPrefix: 'kinesisvideo',
      regions: supportedRegions,
      errors: { invalid: 'InvalidArgumentException', throttled: 'ClientLimitExceededException', accessDenied: 'AccessDeniedException' },
      rates,
      operations: {
        CreateSignalingChannel: {
          ...write(newChannelTarget(context), createSignalingChannel),
          created: output => output.ChannelARN,
        },
        DescribeSignalingChannel: read(channelByEitherTarget(context), describeSignalingChannel),
        UpdateSignalingChannel: write(channelByArnTarget(context), updateSignalingChannel),
        DeleteSignalingChannel: write(channelByArnTarget(context), deleteSignalingChannel),
        ListSignalingChannels: read(anyTarget, listSignalingChannels),
        GetSignalingChannelEndpoint: read(channelByArnTarget(context), getSignalingChannelEndpoint),
        TagResource: write(taggedTarget(context), tagResource),
        UntagResource: write(taggedTarget(context), untagResource),
        ListTagsForResource: read(channelByArnTarget(context, 'ResourceARN'), listTagsForResource),
        DescribeMediaStorageConfiguration: read(channelByEitherTarget(context), describeMediaStorageConfiguration),
        UpdateMediaStorageConfiguration: write(mediaStorageTarget(context), updateMediaStorageConfiguration),
        DescribeMappedResourceConfiguration: read(streamByEitherTarget(context), describeMappedResourceConfiguration),
        CreateStream: { ...write(newStreamTarget(context), createStream), created: output => output.StreamARN },
        DescribeStream: read(streamByEitherTarget(context), describeStream),
        DescribeStreamStorageConfiguration: read(streamByEitherTarget(context), describeStreamStorage),
        UpdateStreamStorageConfiguration: write(streamByEitherTarget(context), updateStreamStorage),
        GetDataEndpoint: read(streamByEitherTarget(context), getDataEndpoint),
        UpdateDataRetention: write(streamByEitherTarget(context), updateDataRetention),
        DeleteStream: write(streamByEitherTarget(context), deleteStream),
        ListStreams: read(anyTarget, listStreams),
        TagStream: write(streamByEitherTarget(context), tagStream),
        UntagStream: write(streamByEitherTarget(context), untagStream),
        ListTagsForStream: read(streamByEitherTarget(context), listTagsForStream),
        DescribeImageGenerationConfiguration: read(streamByEitherTarget(context), describeImageGeneration),
        UpdateImageGenerationConfiguration: write(streamByEitherTarget(context), updateImageGeneration),
        DescribeNotificationConfiguration: read(streamByEitherTarget(context), describeNotification),
        UpdateNotificationConfiguration: write(streamByEitherTarget(context), updateNotification),
      },
      resourceTypes: {
        'AWS::KinesisVideo::Stream': streamType(context),
        'AWS::KinesisVideo::SignalingChannel': channelType(context),
      },
      changes: () => regions.changes,
      edit: (edit, now) => applyEdit(regions, edit, now),
      snapshot: now => regions.all().map(({ account, region, channels, streams }) =>
        ({ account, region, channels: channels.all(now), streams: streams.all(now) })),
      reset: () => regions.reset(),
    };
  };
}

import { ServiceError } from '../errors';
import { CallContext, Input } from '../service';
import { assertActive, channelByArn, channelByEither, Context, invalidArgument, inUse, notFound, regionOf, streamByEither } from './lookup';
import { storageQuota } from './options';
import { Channel, nextVersion, parseArn, Region } from './state';

export function describeMediaStorageConfiguration(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { storageStreamArn } = channelByEither(context, call, input);
  return {
    MediaStorageConfiguration: storageStreamArn ? { Status: 'ENABLED', StreamARN: storageStreamArn } : { Status: 'DISABLED' },
  };
}

export function updateMediaStorageConfiguration(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const region = regionOf(context, call);
  const channel = channelByArn(context, call, input.ChannelARN, call.now);
  const { Status: status, StreamARN: streamArn } = input.MediaStorageConfiguration;
  if (status === 'DISABLED' && streamArn !== undefined) throw invalidArgument('StreamARN must not be given with status DISABLED.');
  if (status === 'ENABLED' && streamArn === undefined) throw invalidArgument('StreamARN is required with status ENABLED.');
  assertActive(context, 'channel', channel);
  if (status === 'ENABLED') assertCanEnable(context, region, channel, streamArn, call);
  // What is under way counts: repeating it changes nothing.
  if (region.channels.final(channel.arn)?.storageStreamArn === streamArn) {
    if (status === 'DISABLED' && context.options.endUnrecorded === 'refuse') throw invalidArgument('The channel has no media storage configuration.');
    return {};
  }
  changeStorage(context, region, channel, streamArn, call.now);
  return {};
}

function changeStorage(context: Context, region: Region, channel: Channel, streamArn: string | undefined, now: number): void {
  const { storageChangesVersion = true } = context.options;
  region.channels.change(channel.arn, now + context.engine.timings.mediaStorage, current => ({
    ...current,
    storageStreamArn: streamArn,
    version: storageChangesVersion ? nextVersion(current.arn, current.version) : current.version,
  }));
}

function assertCanEnable(context: Context, region: Region, channel: Channel, streamArn: string, call: CallContext): void {
  const { account, region: streamRegion, type } = parseArn(streamArn);
  if (type !== 'stream' || account !== call.account || streamRegion !== call.region) {
    throw invalidArgument('StreamARN must be a stream in the same account and region as the channel.');
  }
  if (channel.type !== 'SINGLE_MASTER') throw invalidArgument('Media storage needs a channel of type SINGLE_MASTER.');
  const stream = region.streams.byArn(streamArn, call.now);
  if (!stream) throw notFound('stream');
  if (stream.status !== 'ACTIVE') throw inUse(`The stream ${stream.name} is not in ACTIVE status: ${stream.status}`);
  if (stream.dataRetentionInHours === 0) {
    throw new ServiceError('NoDataRetentionException', `The stream ${stream.name} has a data retention of 0 hours.`);
  }
  const mappedTo = mappedStreamOf(region, channel);
  if (mappedTo !== undefined && mappedTo !== streamArn) throw inUse(`The channel ${channel.name} is already mapped to another stream.`);
  const holder = channelMappedTo(region, streamArn, call.now);
  if (holder && holder.arn !== channel.arn) throw inUse(`The stream ${stream.name} is already mapped to another channel.`);
  const mapped = region.channels.allFinal().filter(({ storageStreamArn }) => storageStreamArn !== undefined);
  if (!holder && mapped.length >= storageQuota(context.options)) {
    // The only limit error that this operation has.
    throw new ServiceError('ClientLimitExceededException', 'You have reached the maximum number of channels with media storage.');
  }
}

/** A mapping that is being made holds as well, and so does one that is being removed. */
function mappedStreamOf(region: Region, channel: Channel): string | undefined {
  return channel.storageStreamArn ?? region.channels.final(channel.arn)?.storageStreamArn;
}

export function channelMappedTo(region: Region, streamArn: string, now: number): Channel | undefined {
  return region.channels.all(now).find(channel => channel.storageStreamArn === streamArn)
    ?? region.channels.allFinal().find(channel => channel.storageStreamArn === streamArn);
}

export function describeMappedResourceConfiguration(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const stream = streamByEither(context, call, input);
  const channel = regionOf(context, call).channels.all(call.readAt).find(({ storageStreamArn }) => storageStreamArn === stream.arn);
  return { MappedResourceConfigurationList: channel ? [{ Type: 'SIGNALING_CHANNEL', ARN: channel.arn }] : [] };
}

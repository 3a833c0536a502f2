import { ServiceError } from '../errors';
import { scrambledHex } from '../random';
import { CallContext, Input } from '../service';
import { domainOf } from './channels';
import { assertActive, assertVersion, Context, invalidArgument, inUse, regionOf, streamByArn, streamByEither } from './lookup';
import { channelMappedTo } from './media-storage';
import { streamQuota } from './options';
import { nameFromToken, tokenFromName } from './paging';
import { arnOf, freeCreationTime, nextVersion, Region, Stream } from './state';
import { withoutReserved } from './tags';

export function createStream(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const stream = newStream(context, regionOf(context, call), {
    name: input.StreamName,
    dataRetentionInHours: input.DataRetentionInHours ?? 0,
    deviceName: input.DeviceName,
    mediaType: input.MediaType,
    kmsKeyId: input.KmsKeyId,
    storageTier: input.StreamStorageConfiguration?.DefaultStorageTier,
    tags: withoutReserved(input.Tags ?? {}),
  }, call.now);
  return { StreamARN: stream.arn };
}

export type NewStream = Pick<Stream, 'dataRetentionInHours' | 'deviceName' | 'kmsKeyId' | 'mediaType' | 'name' | 'storageTier' | 'tags'>;

export function newStream(context: Context, region: Region, wanted: NewStream, now: number): Stream {
  const existing = region.streams.all(now);
  // Also while DELETING: the name is free when the stream is gone.
  const namesake = existing.find(({ name }) => name === wanted.name);
  if (namesake) throw inUse(`The stream ${wanted.name} already exists: ${namesake.status}`);
  if (existing.length >= streamQuota(context.options)) {
    throw new ServiceError('AccountStreamLimitExceededException', 'You have reached the maximum number of streams for this account and region.');
  }
  const creationTime = freeCreationTime(region, 'stream', wanted.name, now);
  const arn = arnOf(region, 'stream', wanted.name, creationTime);
  const stream: Stream = { ...wanted, arn, creationTime, status: 'CREATING', version: nextVersion(arn) };
  region.streams.add(stream, now);
  region.streams.change(arn, now + context.engine.timings.creating, created => ({ ...created, status: 'ACTIVE' }));
  return stream;
}

export function describeStream(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  return { StreamInfo: streamInfo(streamByEither(context, call, input, 'NotAuthorizedException')) };
}

/** Not the storage tier, the image generation, and the notification. */
function streamInfo(stream: Stream): Record<string, unknown> {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    Status: stream.status,
    Version: stream.version,
    CreationTime: new Date(stream.creationTime),
    DataRetentionInHours: stream.dataRetentionInHours,
    KmsKeyId: stream.kmsKeyId ?? 'alias/aws/kinesisvideo',
    DeviceName: stream.deviceName,
    MediaType: stream.mediaType,
  };
}

export function deleteStream(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const stream = streamByArn(context, call, input.StreamARN, call.now, 'NotAuthorizedException');
  removeStream(context, regionOf(context, call), stream, call.now, input.CurrentVersion);
  return {};
}

export function removeStream(context: Context, region: Region, stream: Stream, now: number, currentVersion?: string): void {
  assertActive(context, 'stream', stream);
  // Without a version the latest is meant.
  if (currentVersion !== undefined) assertVersion('stream', stream, currentVersion);
  if (channelMappedTo(region, stream.arn, now)) throw inUse('Disable MediaStorageConfiguration to delete the stream');
  region.streams.change(stream.arn, now, current => ({ ...current, status: 'DELETING' }));
  region.streams.change(stream.arn, now + context.engine.timings.deleting, () => undefined);
}

export function describeStreamStorage(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { name, arn, storageTier = 'HOT' } = streamByEither(context, call, input);
  return { StreamName: name, StreamARN: arn, StreamStorageConfiguration: { DefaultStorageTier: storageTier } };
}

/** Asynchronous: the new tier shows at once, and the stream is UPDATING for a while. */
export function updateStreamStorage(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const stream = streamByEither(context, { ...call, readAt: call.now }, input);
  assertActive(context, 'stream', stream);
  assertVersion('stream', stream, input.CurrentVersion);
  const { DefaultStorageTier: storageTier } = input.StreamStorageConfiguration;
  const { streams } = regionOf(context, call);
  streams.change(stream.arn, call.now, current => ({
    ...current, storageTier, status: 'UPDATING', version: nextVersion(current.arn, current.version),
  }));
  streams.change(stream.arn, call.now + context.engine.timings.updating, updated => ({ ...updated, status: 'ACTIVE' }));
  return {};
}

/** In the form of the service. No host has this name: there is no media here. */
export function getDataEndpoint(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { arn } = streamByEither(context, call, input, 'NotAuthorizedException');
  return { DataEndpoint: `https://s-${scrambledHex(`${arn} ${input.APIName}`, 8)}.${domainOf(call.region)}` };
}

export function updateDataRetention(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const stream = streamByEither(context, { ...call, readAt: call.now }, input, 'NotAuthorizedException');
  assertActive(context, 'stream', stream);
  assertVersion('stream', stream, input.CurrentVersion);
  const change = input.Operation === 'INCREASE_DATA_RETENTION' ? input.DataRetentionChangeInHours : -input.DataRetentionChangeInHours;
  const dataRetentionInHours = stream.dataRetentionInHours + change;
  if (dataRetentionInHours < 0) throw invalidArgument('The data retention must not be less than 0 hours.');
  const { streams } = regionOf(context, call);
  const deletesSettings = dataRetentionInHours === 0 && context.options.retentionDeletesSettings;
  streams.change(stream.arn, call.now, current => ({
    ...current,
    dataRetentionInHours,
    status: 'UPDATING',
    version: nextVersion(current.arn, current.version),
    ...deletesSettings && { imageGeneration: undefined, notification: undefined },
  }));
  streams.change(stream.arn, call.now + context.engine.timings.updating, updated => ({ ...updated, status: 'ACTIVE' }));
  return {};
}

export function listStreams(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { MaxResults = 10_000, NextToken, StreamNameCondition: condition } = input;
  const after = NextToken ? nameFromToken(NextToken) : '';
  const prefix = condition?.ComparisonValue ?? '';
  const matching = regionOf(context, call).streams.all(call.readAt)
    .filter(({ name }) => name.startsWith(prefix) && name > after)
    .sort((a, b) => a.name < b.name ? -1 : 1);
  const page = matching.slice(0, MaxResults);
  return {
    StreamInfoList: page.map(streamInfo),
    ...matching.length > page.length && { NextToken: tokenFromName(page.at(-1)!.name) },
  };
}

import { ServiceError } from '../errors';
import { scrambled } from '../random';
import { ResourceRequest, ResourceResult, ResourceType } from '../service';
import { newChannel, removeChannel } from './channels';
import { Context } from './lookup';
import { Channel, nextVersion, Region, Stream } from './state';
import { newStream, removeStream } from './streams';
import { tagsFromList } from './tags';

/** CloudFormation reports a resource when it is usable: no CREATING here. Ref is the name, `Arn` an attribute. */
export function streamType(context: Context): ResourceType {
  const regionOf = (request: ResourceRequest) => context.regions.of(request.account, request.region);
  const create = (request: ResourceRequest): ResourceResult => {
    const region = regionOf(request);
    const stream = newStream(context, region, {
      name: nameOf(request),
      dataRetentionInHours: retentionOf(request),
      ...descriptionOf(request),
      kmsKeyId: request.properties.KmsKeyId as string | undefined,
      storageTier: tierOf(request),
      tags: tagsOf(request),
    }, request.now);
    region.streams.change(stream.arn, request.now, current => ({ ...current, status: 'ACTIVE' }));
    return resultOf(stream);
  };
  return {
    create,
    update: request => {
      const region = regionOf(request);
      const stream = region.streams.byName(request.physicalId ?? '', request.now);
      if (!stream) throw missing(request);
      if (isRenamed(request)) return create(request);
      region.streams.change(stream.arn, request.now, current => ({
        ...current,
        dataRetentionInHours: retentionOf(request),
        ...descriptionOf(request),
        ...context.options.changedTier !== 'ignored' && { storageTier: tierOf(request) },
        tags: tagsOf(request),
        version: nextVersion(current.arn, current.version),
      }));
      return resultOf(stream);
    },
    delete: request => {
      const region = regionOf(request);
      const stream = region.streams.byName(request.physicalId ?? '', request.now);
      if (!stream) return gone(request);
      // CloudFormation waits until the stream is ACTIVE.
      removeStream(context, region, { ...stream, status: 'ACTIVE' }, request.now);
      region.streams.change(stream.arn, request.now, () => undefined);
      return resultOf(stream);
    },
  };
}

export function channelType(context: Context): ResourceType {
  const regionOf = (request: ResourceRequest) => context.regions.of(request.account, request.region);
  const create = (request: ResourceRequest): ResourceResult => {
    const region = regionOf(request);
    const ttl = request.properties.MessageTtlSeconds;
    const channel = newChannel(context, region, {
      name: nameOf(request),
      type: (request.properties.Type ?? 'SINGLE_MASTER') as Channel['type'],
      messageTtlSeconds: ttl === undefined ? undefined : Number(ttl),
      configured: ttl !== undefined,
      tags: tagsOf(request),
    }, request.now);
    region.channels.change(channel.arn, request.now, current => ({ ...current, status: 'ACTIVE' }));
    return resultOf(channel);
  };
  return {
    create,
    update: request => {
      const region = regionOf(request);
      const channel = region.channels.byName(request.physicalId ?? '', request.now);
      if (!channel) throw missing(request);
      if (isRenamed(request)) return create(request);
      region.channels.change(channel.arn, request.now, current => ({
        ...current,
        tags: tagsOf(request),
        ...current.type === 'SINGLE_MASTER' && { messageTtlSeconds: Number(request.properties.MessageTtlSeconds ?? 60) },
        version: nextVersion(current.arn, current.version),
      }));
      return resultOf(channel);
    },
    delete: request => {
      const region: Region = regionOf(request);
      const channel = region.channels.byName(request.physicalId ?? '', request.now);
      if (!channel) return gone(request);
      removeChannel(context, region, channel, request.now);
      region.channels.change(channel.arn, request.now, () => undefined);
      return resultOf(channel);
    },
  };
}

function nameOf(request: ResourceRequest): string {
  const { properties, logicalId = 'Resource', stackId = '' } = request;
  // CloudFormation's own way: stack, logical id and a suffix.
  const stackName = stackId.split('/')[1] ?? 'stack';
  return String(properties.Name ?? `${stackName}-${logicalId}-${scrambled(`${stackId} ${logicalId} ${request.now}`, 12)}`);
}

function isRenamed({ properties, physicalId }: ResourceRequest): boolean {
  return properties.Name !== undefined && properties.Name !== physicalId;
}

function tierOf({ properties }: ResourceRequest): string | undefined {
  return (properties.StreamStorageConfiguration as { readonly DefaultStorageTier?: string } | undefined)?.DefaultStorageTier;
}

/** Both can be changed in place. */
function descriptionOf({ properties }: ResourceRequest): Pick<Stream, 'deviceName' | 'mediaType'> {
  const { DeviceName: deviceName, MediaType: mediaType } = properties as Record<string, string | undefined>;
  return { deviceName, mediaType };
}

/** A template may hold a number as a string. */
function retentionOf({ properties }: ResourceRequest): number {
  return Number(properties.DataRetentionInHours ?? 0);
}

function tagsOf({ properties }: ResourceRequest): Record<string, string> {
  return tagsFromList((properties.Tags ?? []) as { Key: string; Value: string }[]);
}

function resultOf({ name, arn }: { name: string; arn: string }): ResourceResult {
  return { physicalId: name, attributes: { Arn: arn } };
}

function gone({ physicalId = '' }: ResourceRequest): ResourceResult {
  return { physicalId, attributes: {} };
}

function missing({ physicalId }: ResourceRequest): ServiceError {
  return new ServiceError('ResourceNotFoundException', `${physicalId} does not exist`, 404);
}

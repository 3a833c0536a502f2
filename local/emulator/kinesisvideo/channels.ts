import { ServiceError } from '../errors';
import { scrambledHex } from '../random';
import { CallContext, Input } from '../service';
import { assertActive, assertVersion, channelByArn, channelByEither, Context, invalidArgument, inUse, regionOf } from './lookup';
import { channelQuota } from './options';
import { nameFromToken, tokenFromName } from './paging';
import { arnOf, Channel, freeCreationTime, nextVersion, Region } from './state';
import { tagsFromList } from './tags';

export function createSignalingChannel(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const channel = newChannel(context, regionOf(context, call), {
    name: input.ChannelName,
    type: input.ChannelType ?? 'SINGLE_MASTER',
    messageTtlSeconds: input.SingleMasterConfiguration?.MessageTtlSeconds,
    configured: input.SingleMasterConfiguration !== undefined,
    tags: tagsFromList(input.Tags ?? []),
  }, call.now);
  return { ChannelARN: channel.arn };
}

export interface NewChannel {
  readonly name: string;
  readonly type: Channel['type'];
  readonly messageTtlSeconds?: number;
  readonly configured: boolean;
  readonly tags: Record<string, string>;
}

export function newChannel(context: Context, region: Region, wanted: NewChannel, now: number): Channel {
  if (wanted.type === 'FULL_MESH') {
    if (context.options.fullMesh === false) throw invalidArgument('ChannelType FULL_MESH is not supported.');
    if (wanted.configured) throw invalidArgument('SingleMasterConfiguration is only valid for channels of type SINGLE_MASTER.');
  }
  const existing = region.channels.all(now);
  // Also while DELETING: the name is free when the channel is gone.
  const namesake = existing.find(({ name }) => name === wanted.name);
  if (namesake) throw inUse(`The channel ${wanted.name} already exists: ${namesake.status}`);
  if (existing.length >= channelQuota(region.region, context.options)) {
    throw new ServiceError('AccountChannelLimitExceededException', 'You have reached the maximum number of channels for this account and region.');
  }
  const creationTime = freeCreationTime(region, 'channel', wanted.name, now);
  const arn = arnOf(region, 'channel', wanted.name, creationTime);
  const channel: Channel = {
    name: wanted.name,
    arn,
    type: wanted.type,
    status: 'CREATING',
    creationTime,
    ...wanted.type === 'SINGLE_MASTER' && { messageTtlSeconds: wanted.messageTtlSeconds ?? 60 },
    version: nextVersion(arn),
    tags: wanted.tags,
  };
  region.channels.add(channel, now);
  region.channels.change(arn, now + context.engine.timings.creating, created => ({ ...created, status: 'ACTIVE' }));
  return channel;
}

export function describeSignalingChannel(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  return { ChannelInfo: channelInfo(channelByEither(context, call, input)) };
}

function channelInfo(channel: Channel): Record<string, unknown> {
  return {
    ChannelName: channel.name,
    ChannelARN: channel.arn,
    ChannelType: channel.type,
    ChannelStatus: channel.status,
    CreationTime: new Date(channel.creationTime),
    ...channel.messageTtlSeconds !== undefined && { SingleMasterConfiguration: { MessageTtlSeconds: channel.messageTtlSeconds } },
    Version: channel.version,
  };
}

export function updateSignalingChannel(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const channel = channelByArn(context, call, input.ChannelARN, call.now);
  const messageTtlSeconds: number | undefined = input.SingleMasterConfiguration?.MessageTtlSeconds;
  // The model calls it optional; the documentation does not.
  if (channel.type === 'SINGLE_MASTER' && messageTtlSeconds === undefined) {
    throw invalidArgument('SingleMasterConfiguration with MessageTtlSeconds is required for channels of type SINGLE_MASTER.');
  }
  if (channel.type === 'FULL_MESH' && input.SingleMasterConfiguration !== undefined) {
    throw invalidArgument('SingleMasterConfiguration is only valid for channels of type SINGLE_MASTER.');
  }
  assertActive(context, 'channel', channel);
  assertVersion('channel', channel, input.CurrentVersion);
  const { channels } = regionOf(context, call);
  channels.change(channel.arn, call.now, current => ({
    ...current, status: 'UPDATING', messageTtlSeconds, version: nextVersion(current.arn, current.version),
  }));
  channels.change(channel.arn, call.now + context.engine.timings.updating, updated => ({ ...updated, status: 'ACTIVE' }));
  return {};
}

export function deleteSignalingChannel(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const channel = channelByArn(context, call, input.ChannelARN, call.now);
  removeChannel(context, regionOf(context, call), channel, call.now, input.CurrentVersion);
  return {};
}

export function removeChannel(context: Context, region: Region, channel: Channel, now: number, currentVersion?: string): void {
  assertActive(context, 'channel', channel);
  // Without a version the latest is meant.
  if (currentVersion !== undefined) assertVersion('channel', channel, currentVersion);
  if (channel.storageStreamArn ?? region.channels.final(channel.arn)?.storageStreamArn) {
    throw inUse('Disable MediaStorageConfiguration to delete the channel');
  }
  region.channels.change(channel.arn, now, current => ({ ...current, status: 'DELETING' }));
  region.channels.change(channel.arn, now + context.engine.timings.deleting, () => undefined);
}

export function listSignalingChannels(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { MaxResults = 500, NextToken, ChannelNameCondition: condition } = input;
  const after = NextToken ? nameFromToken(NextToken) : '';
  const prefix = condition?.ComparisonValue ?? '';
  const matching = regionOf(context, call).channels.all(call.readAt)
    .filter(({ name }) => name.startsWith(prefix) && name > after)
    .sort((a, b) => a.name < b.name ? -1 : 1);
  const page = matching.slice(0, MaxResults);
  return {
    ChannelInfoList: page.map(channelInfo),
    ...matching.length > page.length && { NextToken: tokenFromName(page.at(-1)!.name) },
  };
}

export function getSignalingChannelEndpoint(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const channel = channelByArn(context, call, input.ChannelARN, call.readAt);
  if (channel.status !== 'ACTIVE') throw inUse(`The channel ${channel.name} is not in ACTIVE status: ${channel.status}`);
  const { fullMeshEndpoints } = context.options;
  if (channel.type === 'FULL_MESH' && fullMeshEndpoints === 'none') throw invalidArgument('Channels of type FULL_MESH have no endpoint.');
  if (channel.type === 'FULL_MESH' && fullMeshEndpoints === 'without-configuration' && input.SingleMasterChannelEndpointConfiguration) {
    throw invalidArgument('SingleMasterChannelEndpointConfiguration is only valid for channels of type SINGLE_MASTER.');
  }
  // The documentation doesn't name the default. The emulator uses the role with fewer permissions.
  const { Protocols: protocols = ['WSS', 'HTTPS'], Role: role = 'VIEWER' } = input.SingleMasterChannelEndpointConfiguration ?? {};
  if (protocols.includes('WEBRTC') && !channel.storageStreamArn) {
    throw invalidArgument('Protocol WEBRTC needs a media storage configuration with status ENABLED.');
  }
  return {
    ResourceEndpointList: [...new Set<string>(protocols)]
      .map(protocol => ({ Protocol: protocol, ResourceEndpoint: endpoint(channel, protocol, role, call.region) })),
  };
}

function endpoint(channel: Channel, protocol: string, role: string, region: string): string {
  const scheme = protocol === 'WSS' ? 'wss' : 'https';
  const kind = protocol === 'WSS' ? (role === 'MASTER' ? 'm' : 'v') : protocol === 'HTTPS' ? 'r' : 'w';
  return `${scheme}://${kind}-${scrambledHex(channel.arn, 8)}.${domainOf(region)}`;
}

/** The domain of the hosts that serve a channel or a stream. */
export function domainOf(region: string): string {
  return `kinesisvideo.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
}

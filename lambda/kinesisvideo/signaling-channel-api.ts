import {
  type ChannelInfo, type ChannelProtocol, type ChannelRole, CreateSignalingChannelCommand, DeleteSignalingChannelCommand,
  DescribeMappedResourceConfigurationCommand, DescribeMediaStorageConfigurationCommand, DescribeSignalingChannelCommand,
  GetSignalingChannelEndpointCommand, type KinesisVideoClient, ListTagsForResourceCommand, paginateListSignalingChannels,
  TagResourceCommand, UntagResourceCommand, UpdateMediaStorageConfigurationCommand, UpdateSignalingChannelCommand,
} from '@aws-sdk/client-kinesis-video';
import { allTags, KINESIS_VIDEO_ERROR_CLASSES } from './client';
import { unlessGone } from '../engine/error-classes';
import type { FoundResource } from '../engine/owned-resource';
import { tagList } from '../engine/properties';

/** A channel as it was just read. The ID is its ARN. */
export interface Channel extends FoundResource {
  readonly type: string;
  readonly version: string;
  readonly messageTtlSeconds?: number;
}

export interface MediaStorage {
  readonly enabled: boolean;
  readonly streamArn?: string;
}

export type Endpoints = Partial<Record<ChannelProtocol, string>>;

export interface CreateInput {
  readonly name: string;
  readonly type: string;
  readonly messageTtlSeconds?: number;
  readonly tags: Record<string, string>;
}

/** The operations of the service, in the terms of the handler: a missing resource is undefined, lists are complete. */
export class SignalingChannelApi {
  constructor(private readonly client: KinesisVideoClient, private readonly abortSignal: AbortSignal) {}

  public async create(input: CreateInput): Promise<string> {
    const { ChannelARN } = await this.client.send(new CreateSignalingChannelCommand({
      ChannelName: input.name,
      ChannelType: input.type as 'SINGLE_MASTER',
      SingleMasterConfiguration: input.messageTtlSeconds === undefined ? undefined : { MessageTtlSeconds: input.messageTtlSeconds },
      Tags: tagList(input.tags),
    }), this.options);
    return ChannelARN!;
  }

  public describe(channel: { ChannelARN: string } | { ChannelName: string }): Promise<Channel | undefined> {
    return unlessGone(KINESIS_VIDEO_ERROR_CLASSES, async () => {
      const { ChannelInfo } = await this.client.send(new DescribeSignalingChannelCommand(channel), this.options);
      return ChannelInfo && toChannel(ChannelInfo);
    });
  }

  public async list(namePrefix: string): Promise<Channel[]> {
    const channels: Channel[] = [];
    const input = { ChannelNameCondition: { ComparisonOperator: 'BEGINS_WITH' as const, ComparisonValue: namePrefix } };
    for await (const page of paginateListSignalingChannels({ client: this.client }, input, this.options)) {
      channels.push(...(page.ChannelInfoList ?? []).map(toChannel));
    }
    return channels;
  }

  /** With the version of a read just before: a change of the recording may change the version (unverified: F-24). */
  public async setMessageTtl(channel: Pick<Channel, 'id' | 'version'>, seconds: number): Promise<void> {
    await this.client.send(new UpdateSignalingChannelCommand({
      ChannelARN: channel.id,
      CurrentVersion: channel.version,
      SingleMasterConfiguration: { MessageTtlSeconds: seconds },
    }), this.options);
  }

  /** Without a version: the latest one is deleted. */
  public async delete(arn: string): Promise<void> {
    await this.client.send(new DeleteSignalingChannelCommand({ ChannelARN: arn }), this.options);
  }

  public tags(arn: string): Promise<Record<string, string> | undefined> {
    return unlessGone(KINESIS_VIDEO_ERROR_CLASSES, () => (
      allTags((NextToken) => this.client.send(new ListTagsForResourceCommand({ ResourceARN: arn, NextToken }), this.options))
    ));
  }

  public async tag(arn: string, tags: Record<string, string>): Promise<void> {
    await this.client.send(new TagResourceCommand({ ResourceARN: arn, Tags: tagList(tags) }), this.options);
  }

  public async untag(arn: string, keys: string[]): Promise<void> {
    await this.client.send(new UntagResourceCommand({ ResourceARN: arn, TagKeyList: keys }), this.options);
  }

  public async mediaStorage(arn: string): Promise<MediaStorage> {
    const command = new DescribeMediaStorageConfigurationCommand({ ChannelARN: arn });
    const { MediaStorageConfiguration: configuration } = await this.client.send(command, this.options);
    return { enabled: configuration?.Status === 'ENABLED', streamArn: configuration?.StreamARN };
  }

  public async enableMediaStorage(arn: string, streamArn: string): Promise<void> {
    await this.client.send(new UpdateMediaStorageConfigurationCommand({
      ChannelARN: arn, MediaStorageConfiguration: { Status: 'ENABLED', StreamARN: streamArn },
    }), this.options);
  }

  public async disableMediaStorage(arn: string): Promise<void> {
    await this.client.send(new UpdateMediaStorageConfigurationCommand({
      ChannelARN: arn, MediaStorageConfiguration: { Status: 'DISABLED' },
    }), this.options);
  }

  /** The channel that a stream records, if any; undefined where there is no such stream. */
  public mappingOfStream(streamArn: string): Promise<{ readonly channelArn?: string } | undefined> {
    return unlessGone(KINESIS_VIDEO_ERROR_CLASSES, async () => {
      const command = new DescribeMappedResourceConfigurationCommand({ StreamARN: streamArn });
      const { MappedResourceConfigurationList: list } = await this.client.send(command, this.options);
      return { channelArn: list?.[0]?.ARN };
    });
  }

  /** @param configuration left out, the service decides for which role and protocols it answers */
  public async endpoints(arn: string, configuration?: { role: ChannelRole; protocols: ChannelProtocol[] }): Promise<Endpoints> {
    const { ResourceEndpointList: list } = await this.client.send(new GetSignalingChannelEndpointCommand({
      ChannelARN: arn,
      SingleMasterChannelEndpointConfiguration: configuration && { Role: configuration.role, Protocols: configuration.protocols },
    }), this.options);
    return Object.fromEntries((list ?? []).map(({ Protocol, ResourceEndpoint }) => [Protocol, ResourceEndpoint]));
  }

  private get options() {
    return { abortSignal: this.abortSignal };
  }
}

function toChannel({ ChannelARN, ChannelName, ChannelType, ChannelStatus, Version, SingleMasterConfiguration }: ChannelInfo): Channel {
  return {
    id: ChannelARN!,
    name: ChannelName!,
    type: ChannelType!,
    deleting: ChannelStatus === 'DELETING',
    transition: ChannelStatus === 'ACTIVE' ? undefined : ChannelStatus,
    createdAt: createdAt(ChannelARN!),
    version: Version!,
    messageTtlSeconds: SingleMasterConfiguration?.MessageTtlSeconds,
  };
}

/** The last part of an ARN is the time of the creation. */
export function createdAt(arn: string): number {
  return Number(arn.split('/')[2]);
}

/** The name of the channel in an ARN. */
export function nameOf(arn: string): string {
  return arn.split('/')[1]!;
}

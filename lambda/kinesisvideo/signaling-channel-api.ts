import {
  type ChannelInfo, type ChannelProtocol, type ChannelRole, CreateSignalingChannelCommand, DeleteSignalingChannelCommand,
  DescribeMappedResourceConfigurationCommand, DescribeMediaStorageConfigurationCommand, DescribeSignalingChannelCommand,
  GetSignalingChannelEndpointCommand, type KinesisVideoClient, ListTagsForResourceCommand, paginateListSignalingChannels,
  type Tag, TagResourceCommand, UntagResourceCommand, UpdateMediaStorageConfigurationCommand, UpdateSignalingChannelCommand,
} from '@aws-sdk/client-kinesis-video';
import { KINESIS_VIDEO_DECISIONS } from './client';
import { decide } from '../engine/error-classes';

/** A channel as it was just read. */
export interface Channel {
  readonly arn: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
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

/** The service's operations in our terms: a missing thing is undefined, lists are whole. Nothing here decides anything. */
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
    return unlessGone(async () => {
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

  public async setMessageTtl(channel: Channel, seconds: number): Promise<void> {
    await this.client.send(new UpdateSignalingChannelCommand({
      ChannelARN: channel.arn,
      CurrentVersion: channel.version,
      SingleMasterConfiguration: { MessageTtlSeconds: seconds },
    }), this.options);
  }

  /** Without a version: whatever is latest is to go. */
  public async delete(arn: string): Promise<void> {
    await this.client.send(new DeleteSignalingChannelCommand({ ChannelARN: arn }), this.options);
  }

  public async tags(arn: string): Promise<Record<string, string>> {
    const tags: Record<string, string> = {};
    let NextToken: string | undefined;
    // The SDK has no paginator for this one.
    do {
      const page = await this.client.send(new ListTagsForResourceCommand({ ResourceARN: arn, NextToken }), this.options);
      Object.assign(tags, page.Tags);
      NextToken = page.NextToken;
    } while (NextToken);
    return tags;
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
    return unlessGone(async () => {
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

function tagList(tags: Record<string, string>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

async function unlessGone<T>(call: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (decide(error, KINESIS_VIDEO_DECISIONS) === 'gone') return undefined;
    throw error;
  }
}

function toChannel(info: ChannelInfo): Channel {
  return {
    arn: info.ChannelARN!,
    name: info.ChannelName!,
    type: info.ChannelType!,
    status: info.ChannelStatus!,
    version: info.Version!,
    messageTtlSeconds: info.SingleMasterConfiguration?.MessageTtlSeconds,
  };
}

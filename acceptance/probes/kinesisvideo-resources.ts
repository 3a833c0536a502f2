import {
  type ChannelType, CreateSignalingChannelCommand, CreateStreamCommand, DeleteSignalingChannelCommand, DeleteStreamCommand,
  DescribeMediaStorageConfigurationCommand, DescribeSignalingChannelCommand, DescribeStreamCommand, KinesisVideoClient,
  UpdateMediaStorageConfigurationCommand,
} from '@aws-sdk/client-kinesis-video';
import { answerOf, asError, ask, type Created, isNotFound, nameOf, readUntil, using } from './support';
import type { ProbeContext } from '../fact';

/** Seconds in which a channel or a stream becomes ACTIVE, or is deleted. */
const CHANGE_TIME = 60;

export interface Channel {
  readonly arn: string;
  readonly name: string;
}

/** A signaling channel in the account, as seen with the credentials of the person who runs the probe. */
export class Channels {
  public readonly client: KinesisVideoClient;

  constructor(private readonly context: ProbeContext) {
    this.client = context.client(KinesisVideoClient);
  }

  /** Deletes the channel of this name after the work, also if the creation is part of the work. */
  public using<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { context, client } = this;
    const channel: Created = {
      kind: 'signaling channel',
      name,
      find: async () => {
        const arn = await this.named(name);
        return arn === undefined ? [] : [arn];
      },
      delete: async (ChannelARN) => {
        const { value: storage } = await answerOf(context, () => client.send(new DescribeMediaStorageConfigurationCommand({ ChannelARN })));
        if (storage?.MediaStorageConfiguration?.Status === 'ENABLED') await this.record(ChannelARN, undefined);
        await ask(context, () => client.send(new DeleteSignalingChannelCommand({ ChannelARN })));
        await readUntil(context, CHANGE_TIME, () => this.info(ChannelARN), (info) => info === undefined);
      },
    };
    return using(context, channel, work);
  }

  /** A channel that is ACTIVE during the work. */
  public with<T>(fact: string, work: (channel: Channel) => Promise<T>, tags: Record<string, string> = {}): Promise<T> {
    const name = nameOf(this.context, fact);
    return this.using(name, async () => {
      const arn = await ask(this.context, () => this.create(name, { tags }));
      await this.untilActive(arn);
      // The calls so far are no evidence.
      this.context.calls();
      return work({ arn, name });
    });
  }

  public async create(name: string, { type = 'SINGLE_MASTER', tags = {}, client = this.client }: {
    readonly type?: ChannelType; readonly tags?: Record<string, string>; readonly client?: KinesisVideoClient;
  } = {}): Promise<string> {
    const Tags = Object.entries({ ...this.context.tags, ...tags }).map(([Key, Value]) => ({ Key, Value }));
    const { ChannelARN } = await client.send(new CreateSignalingChannelCommand({ ChannelName: name, ChannelType: type, Tags }));
    return ChannelARN!;
  }

  public async untilActive(arn: string): Promise<void> {
    await readUntil(this.context, CHANGE_TIME, () => this.info(arn), (info) => info?.ChannelStatus === 'ACTIVE');
  }

  /** The ARN of the channel, if it exists. */
  public async named(ChannelName: string): Promise<string | undefined> {
    const { value } = await answerOf(this.context, () => this.client.send(new DescribeSignalingChannelCommand({ ChannelName })));
    return value?.ChannelInfo?.ChannelARN;
  }

  /** Undefined: the channel doesn't exist. */
  public async info(ChannelARN: string) {
    const answer = await answerOf(this.context, () => this.client.send(new DescribeSignalingChannelCommand({ ChannelARN })));
    if (answer.refusal && !isNotFound(answer.refusal)) throw asError(answer.refusal);
    return answer.value?.ChannelInfo;
  }

  /** @param StreamARN undefined: the channel records no more */
  public async record(ChannelARN: string, StreamARN: string | undefined, client = this.client): Promise<void> {
    const MediaStorageConfiguration = StreamARN === undefined ? { Status: 'DISABLED' as const } : { Status: 'ENABLED' as const, StreamARN };
    await client.send(new UpdateMediaStorageConfigurationCommand({ ChannelARN, MediaStorageConfiguration }));
  }
}

/** A stream that retains media for a day and is ACTIVE during the work. */
export async function withStream<T>(context: ProbeContext, fact: string, work: (arn: string, client: KinesisVideoClient) => Promise<T>): Promise<T> {
  const client = context.client(KinesisVideoClient);
  const StreamName = nameOf(context, fact);
  const stream: Created = {
    kind: 'video stream',
    name: StreamName,
    find: async () => {
      const { value } = await answerOf(context, () => client.send(new DescribeStreamCommand({ StreamName })));
      return value ? [value.StreamInfo!.StreamARN!] : [];
    },
    delete: async (StreamARN) => {
      await ask(context, () => client.send(new DeleteStreamCommand({ StreamARN })));
      const read = () => answerOf(context, () => client.send(new DescribeStreamCommand({ StreamARN })));
      await readUntil(context, CHANGE_TIME, read, ({ refusal }) => isNotFound(refusal));
    },
  };
  return using(context, stream, async () => {
    const command = new CreateStreamCommand({ StreamName, DataRetentionInHours: 24, Tags: context.tags });
    const { StreamARN } = await ask(context, () => client.send(command));
    await readStreamUntilActive(context, client, StreamARN!);
    context.calls();
    return work(StreamARN!, client);
  });
}

/** @returns the stream as it was last read */
export async function readStreamUntilActive(context: ProbeContext, client: KinesisVideoClient, StreamARN: string) {
  const read = async () => (await answerOf(context, () => client.send(new DescribeStreamCommand({ StreamARN })))).value?.StreamInfo;
  return readUntil(context, CHANGE_TIME, read, (info) => info?.Status === 'ACTIVE');
}

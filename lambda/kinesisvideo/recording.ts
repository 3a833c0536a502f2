import { KINESIS_VIDEO_ERROR_CLASSES } from './client';
import { createdAt, type SignalingChannelApi } from './signaling-channel-api';
import { CREATE_LAG, READ_LAG } from '../engine/consistency';
import { classify, TerminalError, TransientError } from '../engine/error-classes';
import type { TimeBudget } from '../engine/time-budget';

/** Seconds during which a Delete tries to restore the recording of the channel that had the stream before. */
const RESTORE = 60;

/** The channel that a stream records, if it is another one. A stream records one channel. */
export async function otherChannelOf(api: SignalingChannelApi, arn: string, streamArn: string, budget: TimeBudget): Promise<string | undefined> {
  const mapping = await api.mappingOfStream(streamArn);
  if (mapping) return mapping.channelArn === arn ? undefined : mapping.channelArn;
  if (budget.elapsed < CREATE_LAG) throw new TransientError(`${streamArn} is not found, as a stream just created may be for a while`);
  throw new TerminalError(`mediaStorageStream: there is no stream ${streamArn}`);
}

export function streamInUse(streamArn: string, channelArn: string): TerminalError {
  return new TerminalError(`mediaStorageStream: ${streamArn} records the channel ${channelArn} already, and a stream can record only one; use another stream`);
}

interface Recording {
  /** The channel that records no more. */
  readonly arn: string;
  /** The name of the channel from which it had the stream. */
  readonly source: string;
  readonly streamArn: string;
}

/**
 * Only the Delete of a channel or setting that took a stream in a rolled-back operation can know that the source must record again. Undefined: it does, or
 * there is no source to restore.
 */
export async function restoreRecording(
  api: SignalingChannelApi, { arn, source, streamArn }: Recording, budget: TimeBudget, isInUse: (tags: Record<string, string>) => boolean,
): Promise<string | undefined> {
  if (budget.elapsed >= RESTORE) return undefined;
  const channel = await api.describe({ ChannelName: source });
  if (!channel || channel.transition === 'DELETING' || createdAt(channel.id) > createdAt(arn)) return undefined;
  if (channel.transition !== undefined) return `${channel.id} is ${channel.transition}, and records again when it is ACTIVE`;
  if (!isInUse(await api.tags(channel.id) ?? {})) return undefined;
  if ((await api.mediaStorage(channel.id)).enabled) {
    return budget.elapsed < READ_LAG ? `whether ${channel.id} has lost its recording may not be readable yet` : undefined;
  }
  try {
    await api.enableMediaStorage(channel.id, streamArn);
  } catch (error) {
    // For example, the stream doesn't exist any more: no reason to keep the channel or setting that is deleted.
    if (['gone', 'terminal'].includes(classify(error, KINESIS_VIDEO_ERROR_CLASSES))) return undefined;
    throw error;
  }
  return `${channel.id}: recording again`;
}

import { KINESIS_VIDEO_ERROR_CLASSES } from './client';
import type { SignalingChannelApi } from './signaling-channel-api';
import { CREATE_LAG, READ_LAG } from '../engine/consistency';
import { classify, describeError, TerminalError, TransientError } from '../engine/error-classes';
import type { Pending } from '../engine/lifecycle';
import type { Log } from '../engine/log';
import type { TimeBudget } from '../engine/time-budget';

/** The channel that a stream records, if it is another one. A stream records one channel. */
export async function otherChannelOf(api: SignalingChannelApi, arn: string, streamArn: string, budget: TimeBudget): Promise<string | undefined> {
  const mapping = await api.mappingOfStream(streamArn);
  if (mapping) return mapping.channelArn === arn ? undefined : mapping.channelArn;
  if (budget.elapsed < CREATE_LAG) throw new TransientError(`${streamArn} is not found, as a stream just created may be for a while`);
  throw new TerminalError(`mediaStorageStream: there is no stream ${streamArn}`);
}

/**
 * Records, unless the service refuses it, as it does while the stream records another channel. A read may be stale, so only a refusal proves that the stream
 * is in use.
 */
export async function refusalOf(enable: () => Promise<void>): Promise<unknown> {
  try {
    await enable();
    return undefined;
  } catch (error) {
    if (!['busy', 'gone'].includes(classify(error, KINESIS_VIDEO_ERROR_CLASSES))) throw error;
    return error;
  }
}

export function streamInUse(streamArn: string, channelArn: string): TerminalError {
  return new TerminalError(`mediaStorageStream: ${streamArn} records the channel ${channelArn} already, and a stream can record only one; use another stream`);
}

/**
 * Another resource of the stack may be changing the stream of its channel in the same deployment. To end a recording that such a change has just started
 * would leave that channel without one, so the change comes first.
 */
export function awaitOwnChange(channelArn: string, streamArn: string, { elapsed }: TimeBudget): void {
  if (elapsed < READ_LAG) throw new TransientError(`${streamArn} records ${channelArn}, whose own update may be about to end that recording`);
}

interface Recording {
  /** The name of the channel that recorded into the stream before. */
  readonly source: string;
  /** Whether the source must record again: it is in the stack, and had no request of its own since. */
  isInUse(channelArn: string, tags: Record<string, string>): boolean;
  enable(channelArn: string): Promise<void>;
  /** Called when the source records again. */
  release?(channelArn: string, tags: Record<string, string>): Promise<void>;
}

/** The time of an invocation, and where it logs. */
export interface Invocation {
  readonly budget: TimeBudget;
  readonly log: Log;
}

/**
 * Only the resource to which a stream was moved in a rolled-back operation has the tag that names the source, which must record again. `complete`: the source
 * records, or there is no source to restore. `ended`: the time is over, and the source may not record.
 */
export async function restoreRecording(
  api: SignalingChannelApi, recording: Recording, { budget, log }: Invocation, until: number,
): Promise<Pending | 'complete' | 'ended'> {
  let reason: string | undefined;
  try {
    reason = await tryToRestore(api, recording, budget);
    if (reason === undefined) return 'complete';
    if (budget.elapsed < until) return { pending: reason };
  } catch (error) {
    if (budget.elapsed < until) throw error;
    reason = describeError(error);
  }
  logUnrestored(log, recording.source, reason);
  return 'ended';
}

export function logUnrestored(log: Log, source: string, reason: string): void {
  log.error('the recording of the other channel may not be restored', { source, reason });
}

async function tryToRestore(
  api: SignalingChannelApi, { source, isInUse, enable, release }: Recording, budget: TimeBudget,
): Promise<string | undefined> {
  const channel = await api.describe({ ChannelName: source });
  if (!channel || channel.transition === 'DELETING') return undefined;
  if (channel.transition !== undefined) return `${channel.id} is ${channel.transition}, and records again when it is ACTIVE`;
  const tags = await api.tags(channel.id) ?? {};
  if (!isInUse(channel.id, tags)) return undefined;
  if ((await api.mediaStorage(channel.id)).enabled) {
    if (budget.elapsed < READ_LAG) return `whether the recording of ${channel.id} has ended may not be readable yet`;
    await release?.(channel.id, tags);
    return undefined;
  }
  try {
    await enable(channel.id);
  } catch (error) {
    // For example, the stream doesn't exist any more: no reason to keep the channel or setting that is deleted.
    if (['gone', 'terminal'].includes(classify(error, KINESIS_VIDEO_ERROR_CLASSES))) return undefined;
    throw error;
  }
  return `${channel.id}: recording again`;
}

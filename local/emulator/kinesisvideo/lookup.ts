import { ServiceError } from '../errors';
import { CallContext, Engine } from '../service';
import { KinesisVideoOptions } from './options';
import { Channel, parseArn, Region, Regions, Stream } from './state';

/** What the operations work with. */
export interface Context {
  readonly engine: Engine;
  readonly options: KinesisVideoOptions;
  readonly regions: Regions;
}

export type Kind = 'channel' | 'stream';

export function regionOf(context: Context, call: CallContext): Region {
  return context.regions.of(call.account, call.region);
}

export function invalidArgument(message: string): ServiceError {
  return new ServiceError('InvalidArgumentException', message);
}

export function inUse(message: string): ServiceError {
  return new ServiceError('ResourceInUseException', message);
}

export function notFound(what: Kind): ServiceError {
  return new ServiceError('ResourceNotFoundException', `The requested ${what} is not found or not active.`);
}

/** The channel of an ARN at a time. An ARN of another region, or of no channel, is the ARN of nothing here. */
export function channelByArn(context: Context, call: CallContext, arn: string, time: number): Channel {
  assertOwnAccount(call, arn);
  const channel = regionOf(context, call).channels.byArn(arn, time);
  if (!channel) throw notFound('channel');
  return channel;
}

/** For operations that take a name or an ARN. The ARN is the more exact of the two. */
export function channelByEither(context: Context, call: CallContext, input: { ChannelName?: string; ChannelARN?: string }): Channel {
  assertNameOrArn(input.ChannelName, input.ChannelARN, 'ChannelName', 'ChannelARN');
  if (input.ChannelARN !== undefined) return channelByArn(context, call, input.ChannelARN, call.readAt);
  const channel = regionOf(context, call).channels.byName(input.ChannelName!, call.readAt);
  if (!channel) throw notFound('channel');
  return channel;
}

/** The error for a stream of another account. Which one an operation has is a fact of the model: the older operations have NotAuthorizedException. */
type Denial = 'AccessDeniedException' | 'NotAuthorizedException';

export function streamByArn(context: Context, call: CallContext, arn: string, time: number, denial?: Denial): Stream {
  assertOwnAccount(call, arn, denial);
  const stream = regionOf(context, call).streams.byArn(arn, time);
  if (!stream) throw notFound('stream');
  return stream;
}

export function streamByEither(context: Context, call: CallContext, input: { StreamName?: string; StreamARN?: string }, denial?: Denial): Stream {
  assertNameOrArn(input.StreamName, input.StreamARN, 'StreamName', 'StreamARN');
  if (input.StreamARN !== undefined) return streamByArn(context, call, input.StreamARN, call.readAt, denial);
  const stream = regionOf(context, call).streams.byName(input.StreamName!, call.readAt);
  if (!stream) throw notFound('stream');
  return stream;
}

function assertNameOrArn(name: string | undefined, arn: string | undefined, nameMember: string, arnMember: string): void {
  if (name === undefined && arn === undefined) throw invalidArgument(`Either ${nameMember} or ${arnMember} must be specified.`);
}

/** There are no resource policies, so no principal has access to another account. */
function assertOwnAccount(call: CallContext, arn: string, denial: Denial = 'AccessDeniedException'): void {
  if (parseArn(arn).account !== call.account) throw new ServiceError(denial, `Not authorized to access ${arn}`);
}

/** Changes need an ACTIVE channel or stream; the real service has been seen to answer either error. */
export function assertActive(context: Context, kind: Kind, { name, status }: Channel | Stream): void {
  if (status === 'ACTIVE') return;
  const { notActive = 'in-use' } = context.options;
  const asMissing = notActive === 'not-found' || (notActive === 'either' && context.engine.random() < 0.5);
  throw asMissing ? notFound(kind) : inUse(`The ${kind} ${name} is not in ACTIVE status: ${status}`);
}

export function assertVersion(kind: Kind, { name, version }: Channel | Stream, given: string): void {
  if (given !== version) throw new ServiceError('VersionMismatchException', `The version ${given} is not the current version of the ${kind} ${name}`);
}

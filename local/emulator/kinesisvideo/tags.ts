import { ServiceError } from '../errors';
import { CallContext, Input, Tags } from '../service';
import { mapOfTags, sameTags } from '../tags';
import { channelByArn, Context, invalidArgument, Kind, notFound, regionOf, streamByEither } from './lookup';
import { nameFromToken, tokenFromName } from './paging';
import { Channel, Stream } from './state';

const maximumTags = 50;

/** Lists go in, maps come out. */
export function tagsFromList(list: readonly { Key: string; Value: string }[]): Record<string, string> {
  return mapOfTags(list, invalidArgument);
}

/** The tags of streams are a map, in and out. */
export function withoutReserved(tags: Tags): Tags {
  return tagsFromList(Object.entries(tags).map(([Key, Value]) => ({ Key, Value })));
}

export function tagResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const channel = taggable(context, 'channel', channelByArn(context, call, input.ResourceARN, call.now));
  setTags(context, 'channel', channel, added(channel.tags, tagsFromList(input.Tags)), call);
  return {};
}

export function tagStream(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const stream = taggable(context, 'stream', streamByEither(context, { ...call, readAt: call.now }, input, 'NotAuthorizedException'));
  setTags(context, 'stream', stream, added(stream.tags, withoutReserved(input.Tags)), call);
  return {};
}

function added(tags: Tags, more: Tags): Tags {
  const all = { ...tags, ...more };
  if (Object.keys(all).length > maximumTags) {
    throw new ServiceError('TagsPerResourceExceededLimitException', `A resource cannot have more than ${maximumTags} tags.`);
  }
  return all;
}

export function untagResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const channel = taggable(context, 'channel', channelByArn(context, call, input.ResourceARN, call.now));
  setTags(context, 'channel', channel, without(channel.tags, input.TagKeyList), call);
  return {};
}

export function untagStream(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const stream = taggable(context, 'stream', streamByEither(context, { ...call, readAt: call.now }, input, 'NotAuthorizedException'));
  setTags(context, 'stream', stream, without(stream.tags, input.TagKeyList), call);
  return {};
}

function without(tags: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
}

function taggable<T extends Channel | Stream>(context: Context, kind: Kind, resource: T): T {
  // Whether a channel or a stream that is not ACTIVE can be tagged is not documented; the operations have no ResourceInUseException.
  const refused = resource.status === 'DELETING' || (resource.status !== 'ACTIVE' && context.options.notActive === 'not-found');
  if (refused) throw notFound(kind);
  return resource;
}

function setTags(context: Context, kind: Kind, { arn, tags: before }: Channel | Stream, tags: Tags, call: CallContext): void {
  if (sameTags(before, tags)) return;
  const { channels, streams } = regionOf(context, call);
  if (kind === 'channel') channels.change(arn, call.now, current => ({ ...current, tags }));
  else streams.change(arn, call.now, current => ({ ...current, tags }));
}

export function listTagsForResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  return pageOf(context, channelByArn(context, call, input.ResourceARN, call.readAt), input);
}

export function listTagsForStream(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  return pageOf(context, streamByEither(context, call, input, 'NotAuthorizedException'), input);
}

function pageOf(context: Context, { tags }: Channel | Stream, input: Input): Record<string, unknown> {
  const after = input.NextToken ? nameFromToken(input.NextToken) : '';
  const remaining = Object.entries(tags).filter(([key]) => key > after).sort(([a], [b]) => a < b ? -1 : 1);
  const page = remaining.slice(0, context.options.tagPageSize ?? 10);
  return {
    Tags: Object.fromEntries(page),
    ...remaining.length > page.length && { NextToken: tokenFromName(page.at(-1)![0]) },
  };
}

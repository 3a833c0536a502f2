import { ServiceError } from '../errors';
import { CallContext, Input } from '../service';
import { mapOfTags, sameTags } from '../tags';
import { channelByArn, Context, invalidArgument, notFound, regionOf } from './lookup';
import { nameFromToken, tokenFromName } from './paging';
import { Channel } from './state';

const maximumTags = 50;

/** Lists go in, maps come out. */
export function tagsFromList(list: readonly { Key: string; Value: string }[]): Record<string, string> {
  return mapOfTags(list, invalidArgument);
}

export function tagResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const channel = taggable(context, input, call);
  const tags = { ...channel.tags, ...tagsFromList(input.Tags) };
  if (Object.keys(tags).length > maximumTags) {
    throw new ServiceError('TagsPerResourceExceededLimitException', `A resource cannot have more than ${maximumTags} tags.`);
  }
  setTags(context, channel, tags, call);
  return {};
}

export function untagResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const channel = taggable(context, input, call);
  setTags(context, channel, Object.fromEntries(Object.entries(channel.tags).filter(([key]) => !input.TagKeyList.includes(key))), call);
  return {};
}

function taggable(context: Context, input: Input, call: CallContext): Channel {
  const channel = channelByArn(context, call, input.ResourceARN, call.now);
  // Whether a channel that is not ACTIVE can be tagged is not documented; the operations have no ResourceInUseException.
  const refused = channel.status === 'DELETING' || (channel.status !== 'ACTIVE' && context.options.notActive === 'not-found');
  if (refused) throw notFound('channel');
  return channel;
}

function setTags(context: Context, channel: Channel, tags: Record<string, string>, call: CallContext): void {
  if (sameTags(channel.tags, tags)) return;
  regionOf(context, call).channels.change(channel.arn, call.now, current => ({ ...current, tags }));
}

export function listTagsForResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const channel = channelByArn(context, call, input.ResourceARN, call.readAt);
  const after = input.NextToken ? nameFromToken(input.NextToken) : '';
  const remaining = Object.entries(channel.tags).filter(([key]) => key > after).sort(([a], [b]) => a < b ? -1 : 1);
  const page = remaining.slice(0, context.options.tagPageSize ?? 10);
  return {
    Tags: Object.fromEntries(page),
    ...remaining.length > page.length && { NextToken: tokenFromName(page.at(-1)![0]) },
  };
}

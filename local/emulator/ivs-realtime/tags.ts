import { CallContext, Input, Tags } from '../service';
import { sameTags } from '../tags';
import { assertOwnAccount, Context, invalidRequest, notFound, regionOf } from './lookup';
import { Region } from './state';

const maximumTags = 50;

export function assertTags(tags: Tags): void {
  const reserved = Object.keys(tags).find(key => /^aws:/i.test(key));
  if (reserved !== undefined) throw invalidRequest(`Tag keys must not start with aws: ${reserved}`);
  if (Object.keys(tags).length > maximumTags) throw invalidRequest(`A resource cannot have more than ${maximumTags} tags`);
}

export function tagResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  assertTags(input.tags);
  const tags = { ...currentTags(context, input, call, call.now), ...input.tags };
  assertTags(tags);
  setTags(regionOf(context, call), input.resourceArn, tags, call.now);
  return {};
}

export function untagResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const tags = currentTags(context, input, call, call.now);
  const rest = Object.fromEntries(Object.entries(tags).filter(([key]) => !input.tagKeys.includes(key)));
  setTags(regionOf(context, call), input.resourceArn, rest, call.now);
  return {};
}

export function listTagsForResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  return { tags: currentTags(context, input, call, call.readAt) };
}

/** Stages and storage configurations have tags as well, by the same operations. */
export function tagsOf({ ingestConfigurations, stages, storageConfigurations }: Region, arn: string, time: number): Tags | undefined {
  return (ingestConfigurations.byArn(arn, time) ?? stages.byArn(arn, time) ?? storageConfigurations.byArn(arn, time))?.tags;
}

function currentTags(context: Context, { resourceArn }: Input, call: CallContext, time: number): Tags {
  assertOwnAccount(call, resourceArn);
  const tags = tagsOf(regionOf(context, call), resourceArn, time);
  if (!tags) throw notFound(resourceArn);
  return tags;
}

function setTags({ ingestConfigurations, stages, storageConfigurations }: Region, arn: string, tags: Tags, now: number): void {
  const change = <T extends { readonly tags: Tags }>(current: T): T => sameTags(current.tags, tags) ? current : { ...current, tags };
  ingestConfigurations.change(arn, now, change);
  stages.change(arn, now, change);
  storageConfigurations.change(arn, now, change);
}

import { CallContext, Input, Tags } from '../service';
import { mapOfTags, sameTags } from '../tags';
import { Context, invalidParameter, regionOf, usableSecretById } from './lookup';

type Output = Record<string, unknown>;

const maximumTags = 50;

export function tagsOf(list: readonly { Key?: string; Value?: string }[]): Tags {
  if (list.some(({ Key }) => Key === undefined)) throw invalidParameter('A tag needs a key.');
  const tags = mapOfTags(list.map(({ Key, Value = '' }) => ({ Key: Key!, Value })), invalidParameter);
  assertCount(tags);
  return tags;
}

export function tagResource(context: Context, input: Input, call: CallContext): Output {
  return change(context, input, call, tags => ({ ...tags, ...tagsOf(input.Tags) }));
}

export function untagResource(context: Context, input: Input, call: CallContext): Output {
  return change(context, input, call, tags => Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys.includes(key))));
}

function change(context: Context, { SecretId }: Input, call: CallContext, changed: (tags: Tags) => Tags): Output {
  const { arn, tags: before } = usableSecretById(context, call, SecretId, call.now);
  const tags = changed(before);
  assertCount(tags);
  regionOf(context, call).secrets.change(arn, call.now, secret => sameTags(before, tags) ? secret : { ...secret, tags, changed: call.now });
  return {};
}

function assertCount(tags: Tags): void {
  if (Object.keys(tags).length > maximumTags) throw invalidParameter(`A secret can't have more than ${maximumTags} tags.`);
}

import { Input, Tags } from './service';

/** The rules for tag lists that all services share; a service says how it refuses. */
export function mapOfTags(list: readonly { Key: string; Value: string }[], refusal: (message: string) => Error): Record<string, string> {
  const reserved = list.find(({ Key }) => /^aws:/i.test(Key));
  if (reserved) throw refusal(`Tag keys must not start with aws: ${reserved.Key}`);
  const keys = new Set(list.map(({ Key }) => Key));
  if (keys.size < list.length) throw refusal('Tag keys must be unique.');
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}

export function sameTags(a: Tags, b: Tags): boolean {
  return Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);
}

/** An out-of-band change of tags: `replaceTags` first, then `tags`. The value null removes a tag. */
export function editedTags(tags: Tags, edit: { tags?: Record<string, string | null>; replaceTags?: Record<string, string> }): Record<string, string> {
  const merged = { ...edit.replaceTags ?? tags, ...edit.tags };
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** A tag list of a request, as IAM sees it. */
export function requestTags(list: Input): Record<string, string> | undefined {
  return list && Object.fromEntries(list.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]));
}

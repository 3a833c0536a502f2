import * as v from 'valibot';
import { ownerDifference, type PropertyDifference, propertyDifference, tagDifferences } from './drift';
import type { Request } from './lifecycle';
import { creationOf, holderOf, ownerTags } from './ownership';
import { tagsProperty } from './properties';

/** A way in which tags are not as wished, with what makes them so. */
export type TagDifference = { readonly text: string; readonly properties: PropertyDifference[] } & (
  | { readonly kind: 'tag'; readonly tags: Record<string, string> }
  | { readonly kind: 'untag'; readonly keys: string[] });

/** Pure: the owner tags, where they are missing; `createOnly` are the properties that cannot change. */
export function missingOwner(tags: Record<string, string>, createOnly: unknown, { owner }: Request): TagDifference[] {
  if (holderOf(tags, owner).kind === 'ours') return [];
  const marked = ownerTags(owner, creationOf(owner, createOnly));
  return [{ kind: 'tag', tags: marked, text: 'owner tags are missing', properties: [ownerDifference(owner, tags)] }];
}

/** Pure: the user's tags, and the mark of what is to stay. Tags that neither the old nor the new properties name belong to others. */
export function tagsNotAsWished(
  tags: Record<string, string>, wish: { readonly tags: Record<string, string>; readonly retain: boolean }, { owner, oldProperties }: Request,
): TagDifference[] {
  const differences: TagDifference[] = [];
  const former = v.safeParse(tagsProperty, oldProperties.Tags);
  const removed = former.success ? former.output.map(({ Key }) => Key).filter((key) => key in tags && !(key in wish.tags)) : [];
  if (removed.length > 0) {
    differences.push({ kind: 'untag', keys: removed, text: `tags to remove: ${removed.join(', ')}`, properties: tagDifferences(removed, wish.tags, tags) });
  }
  const added = Object.keys(wish.tags).filter((key) => tags[key] !== wish.tags[key]);
  if (added.length > 0) {
    const missing = Object.fromEntries(added.map((key) => [key, wish.tags[key]!]));
    differences.push({ kind: 'tag', tags: missing, text: `tags to add: ${added.join(', ')}`, properties: tagDifferences(added, wish.tags, tags) });
  }
  const holder = holderOf(tags, owner);
  if (holder.kind === 'ours' && holder.creation.retained !== wish.retain) {
    const marked = ownerTags(owner, { ...holder.creation, retained: wish.retain });
    const properties = [propertyDifference('Retain', wish.retain, !wish.retain)];
    differences.push({ kind: 'tag', tags: marked, text: `retained is ${!wish.retain}, wished ${wish.retain}`, properties });
  }
  return differences;
}

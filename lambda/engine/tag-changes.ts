import * as v from 'valibot';
import { ownerDifference, type PropertyDifference, propertyDifference, tagDifferences } from './drift';
import type { Request } from './lifecycle';
import { creationOf, ownershipOf, ownerTags } from './ownership';
import { tagsProperty } from './properties';

/** A difference between the observed and the desired tags, with the tags to set or the keys to delete. */
export type TagChange = { readonly kind: string; readonly text: string; readonly properties: PropertyDifference[] } & (
  | { readonly tags: Record<string, string> }
  | { readonly keys: string[] });

/** Pure: the owner tags, if they are missing. `createOnly`: the create-only properties. */
export function ownerTagChanges(tags: Record<string, string>, createOnly: unknown, { owner }: Request): TagChange[] {
  if (ownershipOf(tags, owner).kind === 'self') return [];
  const expected = ownerTags(owner, creationOf(owner, createOnly));
  return [{ kind: 'owner tags', tags: expected, text: 'owner tags are missing', properties: [ownerDifference(owner, tags)] }];
}

/** Pure: the user's tags. Tags that neither the old nor the new properties name belong to other parties, and stay. */
export function userTagChanges(tags: Record<string, string>, desired: Record<string, string>, { oldProperties }: Request): TagChange[] {
  const changes: TagChange[] = [];
  const former = v.safeParse(tagsProperty, oldProperties.Tags);
  const obsolete = former.success ? former.output.map(({ Key }) => Key).filter((key) => key in tags && !(key in desired)) : [];
  if (obsolete.length > 0) {
    changes.push({ kind: 'tags to remove', keys: obsolete, text: `tags to remove: ${obsolete.join(', ')}`, properties: tagDifferences(obsolete, desired, tags) });
  }
  const missing = Object.keys(desired).filter((key) => tags[key] !== desired[key]);
  if (missing.length > 0) {
    const added = Object.fromEntries(missing.map((key) => [key, desired[key]!]));
    changes.push({ kind: 'tags to add', tags: added, text: `tags to add: ${missing.join(', ')}`, properties: tagDifferences(missing, desired, tags) });
  }
  return changes;
}

/** Pure: the mark in the owner tag of a complete resource that stays when it leaves the stack. */
export function retainChanges(tags: Record<string, string>, retain: boolean, { owner }: Request): TagChange[] {
  const ownership = ownershipOf(tags, owner);
  if (ownership.kind !== 'self' || ownership.creation.retained === retain) return [];
  const properties = [propertyDifference('Retain', retain, !retain)];
  return [{ kind: 'retained', tags: ownerTags(owner, { ...ownership.creation, retained: retain }), text: `retained is ${!retain}, desired ${retain}`, properties }];
}

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { TerminalError } from './error-classes';
import type { Owner } from './ownership';

/**
 * A setting has no tags, so its owner stands on the parent, in one tag: `<stack id>/<resource hash>`, and `/retained` once the setting is complete
 * and stays when it leaves the stack, or `/deleting` while the resource that claimed the setting may still put a document.
 */
export type SettingOwnership =
  | { readonly kind: 'self' | 'sameStack'; readonly resource: string; readonly retained: boolean; readonly deleting: boolean }
  | { readonly kind: 'otherStack'; readonly stackId: string }
  | { readonly kind: 'unowned' };

/** Longest value of a tag. */
const MAX_VALUE = 256;

export function settingOwnerTag({ stackId, resource }: Pick<Owner, 'stackId' | 'resource'>, mark?: 'retained' | 'deleting'): string {
  return [stackId, resource, ...mark ? [mark] : []].join('/');
}

/** The parts of the value of an owner tag. */
interface SettingOwner {
  readonly stackId: string;
  readonly resource: string;
  readonly mark?: string;
}

/** Pure: the value of an owner tag in, its parts out. */
export function parseSettingOwner(value: string | undefined): SettingOwner | undefined {
  if (value === undefined) return undefined;
  // A stack ID has two slashes of its own: arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID
  const parts = value.split('/');
  const [resource = '', mark] = parts.slice(3);
  return { stackId: parts.slice(0, 3).join('/'), resource, mark };
}

/** Pure: the value of the owner tag in, the ownership out. */
export function settingOwnershipOf(value: string | undefined, owner: Owner): SettingOwnership {
  const parsed = parseSettingOwner(value);
  if (!parsed) return { kind: 'unowned' };
  const { stackId, resource, mark } = parsed;
  if (stackId !== owner.stackId) return { kind: 'otherStack', stackId };
  return { kind: resource === owner.resource ? 'self' : 'sameStack', resource, retained: mark === 'retained', deleting: mark === 'deleting' };
}

/** In place of the hash of a resource: the former document had no owner. */
export const NO_RESOURCE = 'none';

/** The former owner and document of a setting that a renamed construct took, until the Delete of its former logical ID. */
export interface Former<Document> {
  readonly resource: string;
  readonly document: Document;
}

/** How a document is written into a tag value: parts without "+", in the characters that a tag may have. */
export interface DocumentEncoding<Document> {
  encode(document: Document): string[];
  decode(parts: string[]): Document;
}

/** For documents that have no encoding of their own. Compressed, because a tag value is short. */
export function jsonEncoding<Document>(): DocumentEncoding<Document> {
  return {
    encode: (document) => [deflateRawSync(JSON.stringify(document)).toString('base64url')],
    decode: ([text = '']) => JSON.parse(inflateRawSync(Buffer.from(text, 'base64url')).toString()),
  };
}

export function formerTag<Document>({ resource, document }: Former<Document>, { encode }: DocumentEncoding<Document>): string {
  const value = [resource, ...encode(document)].join('+');
  if (value.length > MAX_VALUE) {
    throw new TerminalError('the former configuration is too long to be remembered until the rename of this construct is complete; '
      + 'remove the old construct in a deployment of its own');
  }
  return value;
}

/** Undefined: there is no such tag, or the tag was edited out of band so that it can't be decoded. A Delete must finish in either case. */
export function parseFormerTag<Document>(value: string | undefined, { decode }: DocumentEncoding<Document>): Former<Document> | undefined {
  if (value === undefined) return undefined;
  const [resource, ...parts] = value.split('+');
  try {
    return { resource: resource!, document: decode(parts) };
  } catch {
    return undefined;
  }
}

import { createHash } from 'node:crypto';
import { RESOURCE_TAG, STACK_TAG } from '../../src/private/contract';

/** Who an operation acts for. */
export interface Owner {
  readonly stackId: string;
  readonly logicalId: string;
  /** Hash of stack and logical id: finds everything of a resource without knowing the request that made it. */
  readonly resource: string;
  /** Hash of the request: tells a duplicate delivery from a replacement. */
  readonly request: string;
}

export function ownerOf(request: { StackId: string; LogicalResourceId: string; RequestId: string }): Owner {
  return {
    stackId: request.StackId,
    logicalId: request.LogicalResourceId,
    resource: hash(16, request.StackId, request.LogicalResourceId),
    request: hash(8, request.RequestId),
  };
}

/** Which creation of a resource something comes from. */
export interface Creation {
  readonly request: string;
  /** Hash of the create-only properties. */
  readonly createOnlyHash: string;
  /** Complete, and to stay when it leaves the stack: no search for what a failed operation has left may take it. */
  readonly retained: boolean;
}

export function creationOf(owner: Owner, createOnly: unknown): Creation {
  return { request: owner.request, createOnlyHash: hashOf(createOnly), retained: false };
}

/** The two tags on everything that we create. */
export function ownerTags(owner: Owner, creation: Creation): Record<string, string> {
  const parts = [owner.resource, creation.request, creation.createOnlyHash, ...creation.retained ? ['retained'] : []];
  return { [STACK_TAG]: owner.stackId, [RESOURCE_TAG]: parts.join('.') };
}

/**
 * - self: this resource
 * - sameStack: another resource of this stack, or this resource before a rename
 * - otherStack: a resource of another stack
 * - unowned: no owner tag
 */
export type Ownership =
  | { readonly kind: 'self' | 'sameStack'; readonly creation: Creation }
  | { readonly kind: 'otherStack'; readonly stackId: string }
  | { readonly kind: 'unowned' };

/** Pure: tags in, ownership out. */
export function ownershipOf(tags: Record<string, string>, owner: Owner): Ownership {
  const stackId = tags[STACK_TAG];
  if (stackId === undefined) return { kind: 'unowned' };
  if (stackId !== owner.stackId) return { kind: 'otherStack', stackId };
  const [resource, request = '', createOnlyHash = '', retained] = (tags[RESOURCE_TAG] ?? '').split('.');
  return { kind: resource === owner.resource ? 'self' : 'sameStack', creation: { request, createOnlyHash, retained: retained !== undefined } };
}

/**
 * `<stack>-<logical id>-<resource hash>-<request hash>`: a duplicate delivery finds its own work by the whole, a Delete that knows no
 * request by the prefix, and a replacement gets a name of its own.
 */
export function generatedName(owner: Owner, maxLength: number): { readonly name: string; readonly prefix: string } {
  const hashes = `-${owner.resource}-`;
  const readable = `${stackName(owner.stackId)}-${owner.logicalId}`.slice(0, maxLength - hashes.length - owner.request.length);
  return { name: `${readable}${hashes}${owner.request}`, prefix: `${readable}${hashes}` };
}

/**
 * Pure: whether a resource that has lost its owner tags can be this one: it has a generated name of this resource, or a fixed name of its
 * properties. Without that, a forged request with any physical ID could have an unowned resource tagged, changed, and deleted.
 */
export function isNameOf(owner: Owner, name: string, maxLength: number, fixedNames: readonly (string | undefined)[]): boolean {
  return name.startsWith(generatedName(owner, maxLength).prefix) || fixedNames.includes(name);
}

/** A client request token of this request, for whatever the parts say. */
export function requestToken(owner: Owner, ...parts: string[]): string {
  return hash(64, owner.resource, owner.request, ...parts);
}

/** The ID of a resource whose creation has an unknown outcome. A Delete with this ID looks for the resource that the request created. */
const UNCONFIRMED = 'cdk-rtc-unconfirmed:';

export function unconfirmedId(owner: Owner): string {
  return `${UNCONFIRMED}${owner.request}`;
}

/** The hash of the request, if the ID has this form. */
export function unconfirmedRequest(physicalId: string): string | undefined {
  return physicalId.startsWith(UNCONFIRMED) ? physicalId.slice(UNCONFIRMED.length) : undefined;
}

export function hashOf(value: unknown): string {
  return hash(8, JSON.stringify(value));
}

/** arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID */
function stackName(stackId: string): string {
  return stackId.split('/')[1] ?? 'stack';
}

function hash(length: number, ...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, length);
}

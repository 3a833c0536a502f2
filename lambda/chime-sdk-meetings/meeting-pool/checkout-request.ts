import type { PoolItem } from './items';
import { keyOf } from './meetings';
import { attendeeLimit, validateExternalUserIds } from '../../../src/chime-sdk-meetings/private/meeting-pool-validation';

/** The parsed event of a caller. */
export interface CheckoutRequest {
  readonly externalUserIds: string[];
  /** Calls with the same token return the same meeting until it ends. */
  readonly clientRequestToken: string;
}

/** The parsed event of a caller that asks for the users of the reserved attendees of its meeting. */
export interface AssignmentsRequest {
  readonly clientRequestToken: string;
}

const TOKEN = /^[-_a-zA-Z0-9]{2,64}$/;

/** Pure: returns the request, or the findings if it is invalid. */
export function parseCheckout(event: unknown, pool: PoolItem, requestId: string): CheckoutRequest | { readonly findings: string[] } {
  const { externalUserIds, clientRequestToken = requestId } = (typeof event === 'object' && event !== null ? event : {}) as Record<string, unknown>;
  const findings = [...validateIds(externalUserIds, pool), ...validateToken(clientRequestToken)];
  return findings.length > 0 ? { findings } : { externalUserIds: externalUserIds as string[], clientRequestToken: clientRequestToken as string };
}

export function isAssignmentsRequest(event: unknown): boolean {
  return (event as { listAssignments?: unknown } | null | undefined)?.listAssignments === true;
}

/** Pure: returns the request, or the findings if it is invalid. */
export function parseAssignments(event: unknown): AssignmentsRequest | { readonly findings: string[] } {
  const { clientRequestToken } = event as Record<string, unknown>;
  const findings = validateToken(clientRequestToken);
  return findings.length > 0 ? { findings } : { clientRequestToken: clientRequestToken as string };
}

function validateToken(token: unknown): string[] {
  if (typeof token === 'string' && TOKEN.test(token)) return [];
  return [`clientRequestToken: must be 2 to 64 letters, digits, hyphens or underscores, got ${shown(token)}`];
}

function validateIds(ids: unknown, { settings }: PoolItem): string[] {
  if (!Array.isArray(ids)) return [`externalUserIds: must be a list of strings, got ${shown(ids)}`];
  if (ids.length === 0) return ['externalUserIds: must name at least one, got an empty list'];
  const invited = new Set(settings.Attendees?.map(({ ExternalUserId }) => keyOf(ExternalUserId)));
  const limit = attendeeLimit(settings.MeetingFeatures) - invited.size;
  const others = ids.filter((id) => typeof id !== 'string' || !invited.has(keyOf(id)));
  if (others.length > limit) return [`externalUserIds: a meeting of this pool takes ${limit}, got ${others.length}`];
  const notStrings = ids.flatMap((id, index) => typeof id === 'string' ? [] : [`externalUserIds[${index}]: must be a string, got ${shown(id)}`]);
  return [...notStrings, ...validateExternalUserIds(ids.map((id) => typeof id === 'string' ? id : undefined), (index) => `externalUserIds[${index}]`)];
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value).slice(0, 80);
}

import type { StreamingDocument } from './streaming-document';
import { STREAMING_TAG } from '../../src/chime-sdk-voice/private/contract';
import { TerminalError } from '../engine/error-classes';
import type { Owner } from '../engine/ownership';

/**
 * A streaming configuration has no tags, so its owner stands on the voice connector, in one tag: `<stack id>/<resource hash>`, and
 * `/retained` once it is complete and to stay when it leaves the stack, or `/deleting` while what has claimed it may still put something.
 */
export type StreamingOwnership =
  | { readonly kind: 'self' | 'sameStack'; readonly resource: string; readonly retained: boolean; readonly deleting: boolean }
  | { readonly kind: 'otherStack'; readonly stackId: string }
  | { readonly kind: 'unowned' };

/** Longest value of a tag. */
const MAX_VALUE = 256;

export function ownerTag({ stackId, resource }: Pick<Owner, 'stackId' | 'resource'>, mark?: 'retained' | 'deleting'): string {
  return [stackId, resource, ...mark ? [mark] : []].join('/');
}

/** Pure: the voice connector's tags in, holder out. */
export function streamingOwnershipOf(tags: Record<string, string>, owner: Owner): StreamingOwnership {
  const value = tags[STREAMING_TAG];
  if (value === undefined) return { kind: 'unowned' };
  // A stack id has two slashes of its own: arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID
  const parts = value.split('/');
  const stackId = parts.slice(0, 3).join('/');
  const [resource = '', mark] = parts.slice(3);
  if (stackId !== owner.stackId) return { kind: 'otherStack', stackId };
  return { kind: resource === owner.resource ? 'self' : 'sameStack', resource, retained: mark === 'retained', deleting: mark === 'deleting' };
}

/** What a renamed construct has taken over, until its old self is deleted. */
export interface Former {
  readonly resource: string;
  readonly document: StreamingDocument;
}

/** Who had a configuration, and what it was, in the characters that a tag may have. */
export function before({ resource, document: { dataRetentionHours, disabled, notificationTargets, mediaInsights } }: Former): string {
  const insights = mediaInsights ? [mediaInsights.disabled ? 1 : 0, mediaInsights.configurationArn] : ['', ''];
  const value = [resource, dataRetentionHours, disabled ? 1 : 0, notificationTargets.join('.'), ...insights].join('+');
  if (value.length > MAX_VALUE) {
    throw new TerminalError('the former configuration is too long to be remembered until the rename of this construct is complete; '
      + 'remove the old construct in a deployment of its own');
  }
  return value;
}

export function parseBefore(value: string | undefined): Former | undefined {
  if (value === undefined) return undefined;
  const [resource, hours, disabled, targets, insightsDisabled, configurationArn] = value.split('+');
  return {
    resource,
    document: {
      dataRetentionHours: Number(hours),
      disabled: disabled === '1',
      notificationTargets: targets ? targets.split('.') : [],
      mediaInsights: configurationArn ? { configurationArn, disabled: insightsDisabled === '1' } : undefined,
    },
  };
}

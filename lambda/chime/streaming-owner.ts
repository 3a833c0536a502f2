import type { StreamingDocument } from './streaming-document';
import { STREAMING_TAG } from '../../src/chime/private/contract';
import { TerminalError } from '../common/errors';
import type { Owner } from '../common/owner';

/**
 * A streaming configuration has no tags, so its owner stands on the voice connector, in one tag: `<stack id>/<resource hash>`.
 */
export type StreamingHolder =
  | { readonly kind: 'ours' }
  | { readonly kind: 'sibling'; readonly resource: string }
  | { readonly kind: 'stranger'; readonly stackId: string }
  | { readonly kind: 'nobody' };

/** Longest value of a tag. */
const MAX_VALUE = 256;

export function ownerTag({ stackId, resource }: Pick<Owner, 'stackId' | 'resource'>): string {
  return `${stackId}/${resource}`;
}

/** Pure: the voice connector's tags in, holder out. */
export function holderOfStreaming(tags: Record<string, string>, owner: Owner): StreamingHolder {
  const value = tags[STREAMING_TAG];
  if (value === undefined) return { kind: 'nobody' };
  const end = value.lastIndexOf('/');
  const [stackId, resource] = [value.slice(0, end), value.slice(end + 1)];
  if (stackId !== owner.stackId) return { kind: 'stranger', stackId };
  return resource === owner.resource ? { kind: 'ours' } : { kind: 'sibling', resource };
}

/** Who had a configuration, and what it was, in the characters that a tag may have. */
export function before(resource: string, { dataRetentionHours, disabled, notificationTargets, mediaInsights }: StreamingDocument): string {
  const insights = mediaInsights ? [mediaInsights.disabled ? 1 : 0, mediaInsights.configurationArn] : ['', ''];
  const value = [resource, dataRetentionHours, disabled ? 1 : 0, notificationTargets.join('.'), ...insights].join('+');
  if (value.length > MAX_VALUE) {
    throw new TerminalError('the former configuration is too long to be remembered until the rename of this construct is complete; remove the old construct in a deployment of its own');
  }
  return value;
}

export function parseBefore(value: string | undefined): { resource: string; document: StreamingDocument } | undefined {
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

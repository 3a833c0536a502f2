import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { validateMaxConcurrency } from './lambda-concurrency';
import { concrete } from '../../private/concrete';
import { throwIfInvalid } from '../../private/errors';
import { validateRemovalPolicy } from '../../private/removal-policy';
import { findSharedState, sharedState } from '../../private/shared-state';
import { validateTags } from '../../private/tags-validation';
import type { RtcProviderOptions } from '../rtc-provider-options';

/** The name under which a scope holds its options. */
const OPTIONS = 'RtcProvider.options';

/** Sets the options of a scope that has none. */
export function setOptions(scope: IConstruct, options: RtcProviderOptions): void {
  throwIfInvalid(scope, validateMemorySize(options.memorySize).map(ofConfigure));
  throwIfInvalid(scope, validateMaxConcurrency(options.maxConcurrency).map(ofConfigure));
  throwIfInvalid(scope, validateRemovalPolicy(options.logRemovalPolicy, 'logRemovalPolicy').map(ofConfigure));
  throwIfInvalid(scope, validateProviderTags(options.tags).map(ofConfigure));
  sharedState(scope, OPTIONS, () => options);
}

export function hasOptions(scope: IConstruct): boolean {
  return findSharedState(scope, OPTIONS) !== undefined;
}

/** The options that apply to a scope. The option of an inner scope overrides the same option of an outer scope. */
export function resolveOptions(scope: IConstruct): RtcProviderOptions {
  return Object.assign({}, ...scope.node.scopes.map((outer) => findSharedState<RtcProviderOptions>(outer, OPTIONS)));
}

/** Whether policies in this scope use tag conditions. The stack doesn't need to have a provider. */
export function hasTagConditions(scope: IConstruct): boolean {
  return resolveOptions(scope).tagConditions ?? true;
}

function ofConfigure(finding: string): string {
  return `RtcProvider.configure: ${finding}`;
}

function validateMemorySize(memorySize: number | undefined): string[] {
  if (memorySize === undefined || Token.isUnresolved(memorySize)) return [];
  if (Number.isInteger(memorySize) && memorySize >= 128 && memorySize <= 10240) return [];
  return [`memorySize: must be a whole number of MiB from 128 to 10240, got ${memorySize}; leave it out for 256`];
}

/** Applies the strictest limits of functions, roles, log groups, and state machines. */
function validateProviderTags(tags: { readonly [key: string]: string } = {}): string[] {
  const known = Object.entries(tags).map(([key, value]) => ({ Key: concrete(key) ?? 'unknown', Value: concrete(value) ?? '' }));
  return validateTags(known, { count: 50, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u });
}

import { ArnFormat, type CfnResource, Lazy, Stack, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { CHIME_MEETING_POOL_LIMITS as LIMITS, POOL_TAG } from './meeting-pool-contract';
import { STACK_TAG } from '../../private/contract';
import { findSharedState, sharedState } from '../../private/shared-state';

/** The function that a pool notifies. The pool depends on it, so its permissions can't refer to the pool. */
export interface NotifiedPrincipal {
  readonly principal: iam.IPrincipal;
  readonly poolNamePattern: string;
}

const STATE = 'ChimeMeetingPool.notifiedPrincipal';

/** Not a property of the pool, because the declarations of the package don't include private types. */
export function rememberNotifiedPrincipal(pool: IConstruct, notified: NotifiedPrincipal): void {
  sharedState(pool, STATE, () => notified);
}

export function notifiedPrincipalOf(pool: IConstruct): NotifiedPrincipal | undefined {
  return findSharedState(pool, STATE);
}

/** Matches the name that the handler generates, without a reference to the pool. If the stack name is known only at deployment, it matches every name. */
export function poolNamePattern(resource: CfnResource): string {
  const { stack } = resource;
  return Lazy.string({
    produce: () => (Token.isUnresolved(stack.stackName) ? '*' : `${`${stack.stackName}-${stack.resolve(resource.logicalId)}`.slice(0, LIMITS.poolName.readable)}-*`),
  });
}

type TagConditions = Record<string, Record<string, unknown>>;

/** Matches the meetings of a pool without a reference to it: the meetings of its stack whose pool has a name with the same prefix. */
export function tagConditionsWithoutReference(pool: IConstruct, { poolNamePattern: name }: NotifiedPrincipal): TagConditions {
  const stack = Stack.of(pool);
  const stackId = stack.formatArn({
    service: 'cloudformation', resource: 'stack', resourceName: `${stack.stackName}/*`, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  return { StringLike: { [`aws:ResourceTag/${STACK_TAG}`]: stackId, [`aws:ResourceTag/${POOL_TAG}`]: name } };
}

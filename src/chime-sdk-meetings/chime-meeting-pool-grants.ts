import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IChimeMeetingPool } from './chime-meeting-pool';
import { ChimeNamespace } from '../chime-namespace';
import { END_MEETING, MANAGE_ATTENDEES } from './private/iam-actions';
import { POOL_TAG } from './private/meeting-pool-contract';
import { meetingArn } from './private/meeting-pool-kind';
import { notifiedPrincipalOf, tagConditionsWithoutReference } from './private/notified-principal';
import { acknowledgeGrant } from '../private/acknowledgements';
import { hasTagConditions } from '../private/provider-set';

/**
 * Grants on the meetings of a pool.
 *
 * They are narrowed to this pool by a tag that its meetings carry, with two exceptions, where they reach all meetings of the account in this
 * region: the legacy namespace, which evaluates no tags, and where `RtcProvider.configure` has turned tag conditions off. For the function that
 * the pool notifies, they are narrowed to the pools of the stack whose names start alike: the pool depends on that function. What has ended has no
 * tags any more: the answer is then AccessDenied rather than NotFound.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonchime.html
 */
export class ChimeMeetingPoolGrants {
  /**
   * Grants for a pool.
   *
   * @param pool the pool
   */
  public static fromChimeMeetingPool(pool: IChimeMeetingPool): ChimeMeetingPoolGrants {
    return new ChimeMeetingPoolGrants(pool);
  }

  private constructor(private readonly pool: IChimeMeetingPool) {}

  /**
   * Get a meeting: invoke the checkout function. No permission for Amazon Chime comes with it, and none is needed.
   * The function returns the join token of every user that the grantee names, so the grantee must name authenticated users only.
   *
   * @param grantee who may
   */
  public checkout(grantee: iam.IGrantable): iam.Grant {
    return acknowledgeGrant(this.pool.checkoutFunction.grantInvoke(grantee), grantee, 'All versions of one function, as aws-cdk-lib grants it.');
  }

  /**
   * Invite, look up, change and remove attendees of the pool's meetings. Who may look attendees up sees their join tokens.
   *
   * @param grantee who may
   */
  public manageAttendees(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, MANAGE_ATTENDEES);
  }

  /**
   * Look at the pool's meetings, and end them for everybody.
   *
   * @param grantee who may
   */
  public endMeetings(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, END_MEETING);
  }

  private grant(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    const { pool } = this;
    const grant = iam.Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [meetingArn(Stack.of(pool), pool.env)],
      conditions: this.conditions(grantee),
    });
    return acknowledgeGrant(grant, grantee, 'Meetings come and go; where the service evaluates tags, only those of one pool.');
  }

  private conditions({ grantPrincipal }: iam.IGrantable): Record<string, Record<string, unknown>> | undefined {
    const { pool } = this;
    if (pool.namespace === ChimeNamespace.CHIME || !hasTagConditions(pool)) return undefined;
    const notified = notifiedPrincipalOf(pool);
    if (notified?.principal === grantPrincipal) return tagConditionsWithoutReference(pool, notified);
    return { StringEquals: { [`aws:ResourceTag/${POOL_TAG}`]: pool.poolName } };
  }
}

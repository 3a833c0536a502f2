import { type IResource, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { ChimeNamespace } from '../chime-namespace';
import type { OnMeetingEventOptions } from './meeting-event';
import { END_MEETING, MANAGE_ATTENDEES } from './private/iam-actions';
import { POOL_TAG } from './private/meeting-pool-contract';
import { meetingArn } from './private/meeting-pool-kind';
import { notifiedPrincipalOf, tagConditionsWithoutReference } from './private/notified-principal';
import { suppressGrant } from '../private/suppressions';
import { hasTagConditions } from '../provider/private/options';
import type { RtcAlarmOptions } from '../rtc-alarm-options';

/**
 * A pool of meetings that are ready before attendees arrive.
 */
export interface IChimeMeetingPool extends IResource {
  /**
   * The name of the pool, at most 47 characters. The external ID of each of its meetings starts with this name and a slash.
   *
   * @attribute
   */
  readonly poolName: string;

  /**
   * The API that the meetings are created with.
   */
  readonly namespace: ChimeNamespace;

  /**
   * The function that checks out meetings. Its input is `{ externalUserIds, clientRequestToken? }`. It returns `{ Meeting, Attendees, Errors? }`, in the
   * shape that the Chime SDK client libraries accept, or `{ statusCode, error: { code, message } }`. In a pool with `reservedAttendees`, each requested
   * attendee also has its `RequestedUserId`.
   *
   * The function trusts its caller: it returns the join token of every user in `externalUserIds`, even if that user is in the meeting already. An API in
   * front of the function must take each ID from its authorizer, never from the path, the query string, or the body.
   */
  readonly checkoutFunction: lambda.IFunction;

  /**
   * The permissions that applications can get for the pool and its meetings.
   */
  readonly grants: ChimeMeetingPoolGrants;

  /**
   * Creates a rule for every event that names a meeting of this pool, of any detail type. An event pattern in `options` narrows the events, for
   * example to `chime:TranscriptionStarted`, which `MeetingEventType` doesn't have.
   *
   * The service sends events best effort.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and an event pattern that narrows the events.
   * @throws If the stack, or that of `crossStackScope`, is in another region than the pool, whose region emits the events.
   * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/using-events.html
   */
  onEvent(id: string, options?: events.OnEventOptions): events.Rule;

  /**
   * Creates a rule for the state changes of the meetings of this pool. The service sends these events best effort, and needs no configuration for them.
   * Their detail has `eventType`, `meetingId`, `externalMeetingId`, and `externalUserId` if the event concerns an attendee.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, and the types of events.
   * @throws If the stack is in another region than the pool, whose region emits the events.
   */
  onMeetingEvent(id: string, options?: OnMeetingEventOptions): events.Rule;

  /**
   * Returns a metric of this pool, in the namespace `CdkRtc`.
   *
   * @param metricName The name of the metric.
   * @param props The statistic (the average by default), the period (5 minutes by default), and further dimensions.
   */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for ready meetings after each run of the maintainer: the minimum over 5 minutes. It has no data with `keepWarm: false`.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricReadyMeetings(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for checked-out meetings that aren't known to have ended: the maximum over 5 minutes. It has no data with `keepWarm: false`.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricLeasedMeetings(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for meetings of the pool that were observed to have ended: the sum over 5 minutes. It has no data with `keepWarm: false`.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricEndedMeetings(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for errors of the maintainer, such as meetings that it couldn't create: the sum over 5 minutes. The log states the reasons.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricRefillErrors(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for checkouts: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricCheckouts(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for checkouts that found no ready meeting and created one on demand: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricEmptyPoolCheckouts(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the duration of a checkout, in milliseconds: the average over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricCheckoutLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the reserved attendees of the ready meetings after each run of the maintainer: the minimum over 5 minutes. It has data only
   * if the pool has `reservedAttendees`, and none with `keepWarm: false`.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricReservedAttendees(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for attendees that checkout created because a meeting had no reserved attendee left: the sum over 5 minutes. Each checkout with
   * such attendees waited for a call to Amazon Chime. It has data only if the pool has `reservedAttendees`.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricCreatedAttendees(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the account's documented quota of 250 meetings minus the meetings of this pool: the minimum over 5 minutes. Other meetings of
   * the account don't count. It has no data with `keepWarm: false`.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricRemainingMeetingQuota(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Creates an alarm for checkouts that find the pool empty, because it is too small or can't be filled. By default, one such checkout in 5 minutes
   * triggers the alarm.
   *
   * @param id The ID of the alarm.
   * @param options The threshold, the period, and the name of the alarm.
   */
  alarmOnEmpty(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;

  /**
   * Creates an alarm for errors of the maintainer. By default, one error in 5 minutes triggers the alarm.
   *
   * @param id The ID of the alarm.
   * @param options The threshold, the period, and the name of the alarm.
   */
  alarmOnRefillErrors(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;

  /**
   * Creates an alarm for a low remaining quota of meetings. By default, 25 remaining meetings or fewer trigger the alarm: a tenth of the default quota of
   * an account. Meetings that aren't of this pool don't count.
   *
   * @param id The ID of the alarm.
   * @param options The threshold, the period, and the name of the alarm.
   */
  alarmOnLowMeetingQuota(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;
}

/**
 * Grants on the meetings of a pool.
 *
 * A tag of the meetings restricts the grants to this pool. In two cases, the grants apply to all meetings of the account in this region: in the legacy
 * namespace, which evaluates no tags, and if `RtcProvider.configure` turns tag conditions off.
 *
 * The pool depends on the function that it notifies. Grants to that function apply to the pools of the stack whose names have the same prefix.
 *
 * An ended meeting has no tags. A call for it fails with AccessDenied instead of NotFound.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonchime.html
 */
export class ChimeMeetingPoolGrants {
  /**
   * Returns the grants of a pool.
   *
   * @param pool The pool.
   */
  public static fromChimeMeetingPool(pool: IChimeMeetingPool): ChimeMeetingPoolGrants {
    return new ChimeMeetingPoolGrants(pool);
  }

  private constructor(private readonly pool: IChimeMeetingPool) {}

  /**
   * Grants permission to check out meetings by invoking the checkout function. The grantee needs no permission for Amazon Chime.
   *
   * The function returns the join token of every user that the grantee names, so the grantee must name authenticated users only.
   *
   * @param grantee The principal to grant access to.
   */
  public checkout(grantee: iam.IGrantable): iam.Grant {
    return suppressGrant(this.pool.checkoutFunction.grantInvoke(grantee), grantee, 'All versions of one function, as aws-cdk-lib grants it.');
  }

  /**
   * Grants permission to create, read, update, and delete attendees of the pool's meetings. The grantee can read the join tokens of the attendees.
   *
   * @param grantee The principal to grant access to.
   */
  public manageAttendees(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, MANAGE_ATTENDEES);
  }

  /**
   * Grants permission to read the pool's meetings and to end them for all attendees.
   *
   * @param grantee The principal to grant access to.
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
    return suppressGrant(grant, grantee, 'Meetings come and go; where the service evaluates tags, only those of one pool.');
  }

  private conditions({ grantPrincipal }: iam.IGrantable): Record<string, Record<string, unknown>> | undefined {
    const { pool } = this;
    if (pool.namespace === ChimeNamespace.CHIME || !hasTagConditions(pool)) return undefined;
    const notified = notifiedPrincipalOf(pool);
    if (notified?.principal === grantPrincipal) return tagConditionsWithoutReference(pool, notified);
    return { StringEquals: { [`aws:ResourceTag/${POOL_TAG}`]: pool.poolName } };
  }
}

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
 * A pool of meetings that are ready when people come.
 */
export interface IChimeMeetingPool extends IResource {
  /**
   * The name of the pool, at most 47 characters. The external id of each of its meetings starts with it and a slash.
   *
   * @attribute
   */
  readonly poolName: string;

  /**
   * The API that the meetings are made with.
   */
  readonly namespace: ChimeNamespace;

  /**
   * The function that hands out meetings. It takes `{ externalUserIds, clientRequestToken? }` and answers `{ Meeting, Attendees, Errors? }`, in the
   * shape that the Chime SDK client libraries take, or `{ statusCode, error: { code, message } }`.
   *
   * It trusts its caller: it returns the join token of every user in `externalUserIds`, even if that user is in the meeting already. An API in
   * front of it must take each ID from its authorizer, never from the path, the query string, or the body.
   */
  readonly checkoutFunction: lambda.IFunction;

  /**
   * What applications may do with the pool and its meetings.
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
   * @throws if the stack, or that of `crossStackScope`, is in another region than the pool: its events come there
   * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/using-events.html
   */
  onEvent(id: string, options?: events.OnEventOptions): events.Rule;

  /**
   * A rule for what happens in the meetings of this pool. The service sends these events best effort, without being asked for; their detail has
   * `eventType`, `meetingId`, `externalMeetingId`, and `externalUserId` where it is about an attendee.
   *
   * @param id the id of the rule
   * @param options the target, and which events
   * @throws if the stack is in another region than the pool: its events come there
   */
  onMeetingEvent(id: string, options?: OnMeetingEventOptions): events.Rule;

  /**
   * A metric of this pool, in the namespace `CdkRtc`.
   *
   * @param metricName the name of the metric
   * @param props statistic (average unless given), period (5 minutes unless given), further dimensions
   */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Meetings that are ready, as the maintainer leaves them: minimum over 5 minutes. None comes with `keepWarm: false`.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricReadyMeetings(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Meetings that are handed out and have not been seen to end: maximum over 5 minutes. None comes with `keepWarm: false`.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricLeasedMeetings(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Meetings of the pool that were seen to have ended: sum over 5 minutes. None comes with `keepWarm: false`.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricEndedMeetings(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Meetings that the maintainer could not make: sum over 5 minutes. The log says why.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricRefillErrors(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Meetings that were handed out: sum over 5 minutes.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricCheckouts(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Checkouts that found no meeting ready, so that one was made while the caller waited: sum over 5 minutes.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricEmptyPoolCheckouts(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * How long a checkout takes, in milliseconds: average over 5 minutes.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricCheckoutLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * The account's documented quota of 250 meetings minus the meetings of this pool: minimum over 5 minutes. Other meetings of the account don't count.
   * None comes with `keepWarm: false`.
   *
   * @param props statistic, period or dimensions that differ from these
   */
  metricRemainingMeetingQuota(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * An alarm for when callers find the pool empty: it is too small, or cannot be filled.
   *
   * @param id the id of the alarm
   * @param options when it goes off: at the first such checkout in 5 minutes unless given
   */
  alarmOnEmpty(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;

  /**
   * An alarm for 1 meeting or more, unless another `threshold` is given, that the maintainer could not make in 5 minutes.
   *
   * @param id the id of the alarm
   * @param options threshold, period, name
   */
  alarmOnRefillErrors(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;

  /**
   * An alarm for 25 meetings or fewer, unless another `threshold` is given, that may still be made as far as this pool knows: a tenth of the
   * quota that an account has unless AWS raises it. Meetings made by others are not counted.
   *
   * @param id the id of the alarm
   * @param options threshold, period, name
   */
  alarmOnLowMeetingQuota(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;
}

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
    return suppressGrant(this.pool.checkoutFunction.grantInvoke(grantee), grantee, 'All versions of one function, as aws-cdk-lib grants it.');
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
   * Grants permission to read the pool's meetings and to end them for all attendees.
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

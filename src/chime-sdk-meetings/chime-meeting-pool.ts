import { Annotations, type Duration, Resource, Token, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { ChimeMeetingPoolGrants, type IChimeMeetingPool } from './chime-meeting-pool-grants';
import { ChimeNamespace } from '../chime-namespace';
import type { OnMeetingEventOptions } from './meeting-event';
import type { MeetingFeatures } from './meeting-features';
import type { MeetingNotifications } from './meeting-notifications';
import type { PoolAttendee } from './pool-attendee';
import type { RtcAlarmOptions } from '../rtc-alarm-options';
import { USE_AND_SCAN_TABLE } from './private/iam-actions';
import { allowNotifications, validateNotificationCycles, validateNotificationTargets } from './private/meeting-notifications';
import {
  CHIME_MEETING_POOL_LIMITS as LIMITS, CHIME_MEETING_POOL_RESOURCE_TYPE, type ChimeMeetingPoolAttributes as Attributes,
  type ChimeMeetingPoolProperties, POOL_MEMBERS, POOL_METRICS,
} from './private/meeting-pool-contract';
import { addCheckout, addMaintainer, addSchedule } from './private/meeting-pool-functions';
import { CHIME_MEETING_POOL_KIND, LEGACY_CHIME_MEETING_POOL_KIND } from './private/meeting-pool-kind';
import { attendeeProperty, featuresProperty, notificationsProperty } from './private/meeting-pool-properties';
import { createPoolTable, tableReads, tableStatements } from './private/meeting-pool-table';
import { validateFunctionName, validateMeetingPool, validateMeetingPoolTags, validatePoolName } from './private/meeting-pool-validation';
import { poolNamePattern, rememberNotifiedPrincipal } from './private/notified-principal';
import { MEDIA_REGIONS, MEETING_REGIONS } from './private/regions';
import { alarm } from '../private/alarm';
import { brand, isBranded } from '../private/brand';
import { amountOf, concrete, isUnknown, knownPaths, validateTokenUnit } from '../private/concrete';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { eventRule } from '../private/event-rule';
import { validateRegion } from '../private/region-validation';
import { StackProvider } from '../provider/private/stack-provider';

/** A tenth of the account's quota of concurrent meetings. */
const LOW_QUOTA = LIMITS.concurrentMeetings / 10;

/**
 * Properties of a meeting pool.
 */
export interface ChimeMeetingPoolProps {
  /**
   * The number of meetings that are kept ready: 1 to 200. A change adds meetings, or ends ready meetings that are too many.
   *
   * An account can have 250 meetings at the same time in a region. Checked-out meetings count, and replaced meetings count until they end, 5 minutes
   * after their creation. Therefore a size above 100 adds a warning.
   */
  readonly size: number;

  /**
   * The region that processes audio, video, and content of the meetings. Choose a region near the attendees. A change replaces the ready meetings.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/chime-sdk-meetings-regions.html
   * @default - the region of the pool
   */
  readonly mediaRegion?: string;

  /**
   * The features of the meetings. A change replaces the ready meetings. Not available in the legacy namespace.
   *
   * @default - the defaults of the service: HD video, FHD content, 250 attendees
   */
  readonly meetingFeatures?: MeetingFeatures;

  /**
   * The targets that the service notifies of events in the meetings. A change replaces the ready meetings.
   *
   * @default - the default event bus only, best effort
   */
  readonly notifications?: MeetingNotifications;

  /**
   * Your IDs of the tenants of the meetings: up to 5, each with 2 to 256 letters, digits, and `-_!@#$`, and no character four times in a row.
   * A change replaces the ready meetings. Not available in the legacy namespace.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_CreateMeeting.html
   * @default - none
   */
  readonly tenantIds?: string[];

  /**
   * The attendees that are invited into every meeting at its creation, in addition to those that checkout invites. Together they take at most 10 KB
   * as JSON, and no more than the attendees of a meeting. The table keeps their join tokens until the meeting is checked out or has ended. A change
   * replaces the ready meetings.
   *
   * @default - none
   */
  readonly attendees?: PoolAttendee[];

  /**
   * The number of attendees that are created with each meeting, under generated external user IDs, and that checkout assigns to users: 0 to 20.
   * Together with `attendees`, at most 20, or 10 in the legacy namespace, and no more than the attendees of a meeting. A change replaces the ready
   * meetings.
   *
   * The assignment costs no call to Amazon Chime, so that many callers at once don't wait for the account's limit of 10 calls per second. Use reserved
   * attendees for webinars, support queues, and classes. Users beyond the reserved attendees get an attendee of their own, which costs a call.
   *
   * Other attendees of the meeting see the generated ID as `ExternalUserId`. The response of checkout has both IDs of each attendee:
   * `ExternalUserId` and `RequestedUserId`.
   *
   * The table keeps the join tokens of the reserved attendees until the meeting has ended.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_meeting-chime_CreateMeetingWithAttendees.html
   * @default 0
   */
  readonly reservedAttendees?: number;

  /**
   * Whether meetings that end or are checked out are replaced, every minute and after each checkout. A meeting without attendees ends after 5
   * minutes. With `false`, the pool is empty 5 minutes after its deployment, and every checkout then creates a meeting on demand.
   *
   * @default true
   */
  readonly keepWarm?: boolean;

  /**
   * The name of `checkoutFunction`: 1 to 64 letters, digits, `-` or `_`, unique in account and region.
   *
   * Grants to principals of another account need a name. `PhysicalName.GENERATE_IF_NEEDED` generates one if a grant or another reference needs it.
   * A change replaces the function. With a fixed name, the construct can't get another ID in one deployment.
   *
   * @default - generated by CloudFormation
   */
  readonly checkoutFunctionName?: string;

  /**
   * The time for which a checked-out meeting exists at least if no attendee joins: 1 to 4 minutes, in whole seconds. If the maintainer, which runs
   * every minute, is late, the time is up to 10 seconds shorter.
   *
   * With a longer time, ready meetings are replaced more often: each 15 times per hour at 1 minute, 20 times at 2, 30 times at 3, and 60 times at 4.
   * A change replaces no resource.
   *
   * @default Duration.minutes(2)
   */
  readonly minimumRemainingLifetime?: Duration;

  /**
   * Whether checked-out meetings end when the pool is deleted, even with attendees in them. Otherwise they end by themselves: 5 minutes after the
   * last attendee has left, and after 24 hours in any case.
   *
   * @default true
   */
  readonly endLeasedMeetings?: boolean;

  /**
   * The key that encrypts the table. Its key policy must delegate permissions to the IAM policies of the account, as the key policies of the AWS CDK do.
   *
   * @default - the AWS owned key of DynamoDB
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * A value whose change forces an update, such as a timestamp or the number of a build. CloudFormation otherwise sends no update if no property has
   * changed. Every update compares the settings of the pool and its meetings with these properties and corrects what differs, for example after an out-of-band change.
   *
   * @default - no forced update
   */
  readonly forceUpdateNonce?: string;

  /**
   * The API that creates the meetings. A change replaces the pool, because neither namespace has access to the meetings of the other.
   *
   * @default ChimeNamespace.CHIME_SDK
   */
  readonly namespace?: ChimeNamespace;

  /**
   * The control region: the region whose endpoint creates the meetings, which emits their events, and whose quota applies. A change replaces the pool.
   * The table and the functions are in the region of the stack.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/sdk-available-regions.html
   * @default - the region of the stack
   */
  readonly region?: string;
}

/**
 * Attributes of an existing meeting pool.
 */
export interface ChimeMeetingPoolAttributes {
  /**
   * The name of the pool.
   */
  readonly poolName: string;

  /**
   * The function that checks out its meetings.
   */
  readonly checkoutFunction: lambda.IFunction;

  /**
   * The API that its meetings are created with.
   *
   * @default ChimeNamespace.CHIME_SDK
   */
  readonly namespace?: ChimeNamespace;

  /**
   * The control region of the pool.
   *
   * @default - the region of the stack
   */
  readonly region?: string;
}

abstract class ChimeMeetingPoolBase extends Resource implements IChimeMeetingPool {
  public abstract readonly poolName: string;
  public abstract readonly namespace: ChimeNamespace;
  public abstract readonly checkoutFunction: lambda.IFunction;
  public abstract readonly grants: ChimeMeetingPoolGrants;

  public onEvent(id: string, options: events.OnEventOptions = {}): events.Rule {
    return eventRule(this, id, options, {
      source: ['aws.chime'],
      detail: { externalMeetingId: events.Match.prefix(`${this.poolName}/`) },
    }, (there, here) => `onEvent: the events come in ${there}, the rule ${id} would be in ${here}; give crossStackScope a stack of ${there}`);
  }

  public onMeetingEvent(id: string, options: OnMeetingEventOptions = {}): events.Rule {
    const { eventTypes, ...rule } = options;
    return eventRule(this, id, rule, {
      source: ['aws.chime'],
      detailType: ['Chime Meeting State Change'],
      detail: { externalMeetingId: events.Match.prefix(`${this.poolName}/`), ...eventTypes ? { eventType: eventTypes } : {} },
    }, (there, here) => `onMeetingEvent: the events come in ${there}, the rule ${id} would be in ${here}; give crossStackScope a stack of ${there}`);
  }

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    // The functions publish the metrics in their own region.
    const { region } = this.checkoutFunction.env;
    return new cloudwatch.Metric({
      namespace: POOL_METRICS.namespace,
      metricName,
      region: region === this.stack.region ? undefined : region,
      ...props,
      dimensionsMap: { [POOL_METRICS.dimension]: this.poolName, ...props?.dimensionsMap },
    }).attachTo(this);
  }

  public metricReadyMeetings(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(POOL_METRICS.readyMeetings, { statistic: cloudwatch.Stats.MINIMUM, ...props });
  }

  public metricLeasedMeetings(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(POOL_METRICS.leasedMeetings, { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  public metricEndedMeetings(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(POOL_METRICS.endedMeetings, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricRefillErrors(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(POOL_METRICS.refillErrors, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricCheckouts(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(POOL_METRICS.checkouts, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricEmptyPoolCheckouts(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(POOL_METRICS.emptyPoolCheckouts, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricCheckoutLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(POOL_METRICS.checkoutLatency, props);
  }

  public metricReservedAttendees(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(POOL_METRICS.reservedAttendees, { statistic: cloudwatch.Stats.MINIMUM, ...props });
  }

  public metricCreatedAttendees(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(POOL_METRICS.createdAttendees, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricRemainingMeetingQuota(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(POOL_METRICS.remainingMeetingQuota, { statistic: cloudwatch.Stats.MINIMUM, ...props });
  }

  public alarmOnEmpty(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricEmptyPoolCheckouts(props), {
      threshold: 1,
      alarmDescription: 'People wait for meetings to be made: the pool has none ready. Make it larger, or look in the maintainer\'s log for why it cannot be filled.',
    }, options);
  }

  public alarmOnRefillErrors(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricRefillErrors(props), {
      threshold: 1,
      alarmDescription: 'The pool cannot make the meetings that it needs; when those it has are gone, people wait. The maintainer\'s log says why.',
    }, options);
  }

  public alarmOnLowMeetingQuota(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricRemainingMeetingQuota(props), {
      threshold: LOW_QUOTA,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      alarmDescription: 'Hardly any more meetings may be made in this account and region. Ask AWS for a higher quota, or make the pool smaller.',
    }, options);
  }
}

class ImportedChimeMeetingPool extends ChimeMeetingPoolBase {
  public readonly poolName: string;
  public readonly namespace: ChimeNamespace;
  public readonly checkoutFunction: lambda.IFunction;
  public readonly grants: ChimeMeetingPoolGrants;

  constructor(scope: Construct, id: string, attributes: ChimeMeetingPoolAttributes) {
    super(scope, id, { region: attributes.region });
    this.poolName = attributes.poolName;
    this.namespace = attributes.namespace ?? ChimeNamespace.CHIME_SDK;
    this.checkoutFunction = attributes.checkoutFunction;
    this.grants = ChimeMeetingPoolGrants.fromChimeMeetingPool(this);
  }
}

/**
 * A pool of Amazon Chime SDK meetings that are ready before attendees arrive. The pool keeps a fixed number of meetings ready and checks out each of
 * them once. No meeting outlives the stack.
 *
 * An application invokes `checkoutFunction` instead of creating a meeting in its request path, which would take longer and count toward the account's
 * limit of 10 calls per second.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/mtgs-sdk-mtgs.html
 * @example
 *
 * const pool = new rtc.ChimeMeetingPool(this, 'Rooms', {
 *   size: 10,
 *   mediaRegion: 'eu-central-1',
 * });
 * pool.grants.checkout(apiFunction);
 * apiFunction.addEnvironment('CHECKOUT', pool.checkoutFunction.functionName);
 */
@propertyInjectable
export class ChimeMeetingPool extends ChimeMeetingPoolBase {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.ChimeMeetingPool';

  /**
   * Returns whether a value is a `ChimeMeetingPool`, also if another copy of this library in the app created it.
   *
   * An imported resource is not one: the result of a `from…` method has fewer members.
   *
   * @param x The value to test.
   */
  public static isChimeMeetingPool(x: any): x is ChimeMeetingPool {
    return isBranded(x, 'ChimeMeetingPool');
  }

  /**
   * Returns a metric of all meetings of the account and region together, also those outside of pools: a metric without dimensions in the
   * namespace `AWS/ChimeSDK`.
   *
   * The metrics of pools, in the namespace `CdkRtc`, exist per pool only.
   *
   * @param metricName The name of the metric.
   * @param props The statistic (the average by default), the period (5 minutes by default), and the region (that of the stack by default).
   * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/sdk-usage-metrics.html
   */
  public static metricAll(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({ namespace: 'AWS/ChimeSDK', metricName, ...props });
  }

  /**
   * Returns the metric for attendees who were not allowed to join a meeting of the account and region: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the region, if they differ from the defaults.
   */
  public static metricAllAttendeeAuthorizationErrors(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricAll('AttendeeAuthorizationError', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /**
   * Returns the metric for lost audio connections of attendees in all meetings of the account and region: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the region, if they differ from the defaults.
   */
  public static metricAllAttendeeAudioDrops(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricAll('AttendeeAudioDrops', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /**
   * Returns the metric for failed notifications of SQS queues by all meetings of the account and region: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the region, if they differ from the defaults.
   */
  public static metricAllSqsNotificationErrors(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricAll('MeetingSQSNotificationErrors', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /**
   * Returns the metric for failed notifications of SNS topics by all meetings of the account and region: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the region, if they differ from the defaults.
   */
  public static metricAllSnsNotificationErrors(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricAll('MeetingSNSNotificationErrors', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /**
   * Imports an existing pool of another stack or app.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param attributes The attributes of the pool.
   * @throws If the name of the pool is known at synthesis and isn't valid.
   */
  public static fromChimeMeetingPoolAttributes(scope: Construct, id: string, attributes: ChimeMeetingPoolAttributes): IChimeMeetingPool {
    throwIfInvalid(scope, [...validatePoolName(concrete(attributes.poolName)), ...validateRegion('region', concrete(attributes.region))], id);
    return new ImportedChimeMeetingPool(scope, id, attributes);
  }

  public readonly poolName: string;
  public readonly namespace: ChimeNamespace;
  public readonly checkoutFunction: lambda.IFunction;
  public readonly grants: ChimeMeetingPoolGrants;

  /**
   * The table with the records of the pool's meetings. It is deleted with the stack. If the pool has `attendees` or `reservedAttendees`, the table holds
   * their join tokens.
   * Only the pool's own functions may write to the table: an out-of-band change can lose meetings.
   */
  public readonly table: dynamodb.ITable;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties.
   * @throws If a property is invalid: one error that lists all findings. Values that are known only at deployment are checked at deployment.
   */
  constructor(scope: Construct, id: string, props: ChimeMeetingPoolProps) {
    super(scope, id, { region: props.region });
    brand(this, 'ChimeMeetingPool');
    const attendees = props.attendees?.map(attendeeProperty);
    const properties = {
      Size: props.size,
      MediaRegion: props.mediaRegion,
      MeetingFeatures: props.meetingFeatures && featuresProperty(props.meetingFeatures),
      Notifications: props.notifications && notificationsProperty(props.notifications),
      TenantIds: props.tenantIds?.length ? props.tenantIds : undefined,
      Attendees: attendees?.length ? attendees : undefined,
      ReservedAttendees: props.reservedAttendees === 0 ? undefined : props.reservedAttendees,
      MinimumRemainingLifetimeSeconds: amountOf(props.minimumRemainingLifetime, 'seconds'),
      EndLeasedMeetings: props.endLeasedMeetings === false ? false : undefined,
      Namespace: props.namespace === ChimeNamespace.CHIME_SDK ? undefined : props.namespace,
      Region: props.region,
      ForceUpdateNonce: props.forceUpdateNonce,
    } satisfies Omit<ChimeMeetingPoolProperties, 'TableName'>;
    this.validate(props, properties);
    this.namespace = props.namespace ?? ChimeNamespace.CHIME_SDK;
    const legacy = this.namespace === ChimeNamespace.CHIME;

    this.table = createPoolTable(this, props.encryptionKey);
    const tablePolicy = StackProvider.getOrCreate(this).policies.add(this, 'TablePolicy', tableStatements(this.table, USE_AND_SCAN_TABLE));
    const notifications = props.notifications && allowNotifications(this, props.notifications, legacy);

    const allProperties: ChimeMeetingPoolProperties = { TableName: this.table.tableName, ...properties };
    const resource = new RtcCustomResource(this, 'Resource', {
      handlerPolicies: [CHIME_MEETING_POOL_KIND, ...legacy ? [LEGACY_CHIME_MEETING_POOL_KIND] : []],
      resourceType: CHIME_MEETING_POOL_RESOURCE_TYPE,
      properties: {
        ...allProperties,
        Attendees: properties.Attendees && this.stack.toJsonString(properties.Attendees),
      },
      members: POOL_MEMBERS,
      validateTags: (tags) => validateMeetingPoolTags(tags, concrete(props.namespace)),
      reads: tableReads(this.table),
    });
    resource.node.addDependency(tablePolicy, ...notifications ?? []);
    const given = props.notifications;
    if (given) this.node.addValidation({ validate: () => validateNotificationCycles(this, given) });

    const poolName: keyof Attributes = 'PoolName';
    this.poolName = resource.getAtt(poolName).toString();
    const parts = { poolName: this.poolName, table: this.table, legacy };
    const maintainer = props.keepWarm === false ? undefined : addMaintainer(this, parts);
    if (maintainer) addSchedule(this, maintainer);
    this.checkoutFunction = addCheckout(this, parts, maintainer, props.checkoutFunctionName);
    const notified = props.notifications?.lambdaFunction;
    if (notified) rememberNotifiedPrincipal(this, { principal: notified.grantPrincipal, poolNamePattern: poolNamePattern(resource) });
    this.grants = ChimeMeetingPoolGrants.fromChimeMeetingPool(this);
  }

  private validate(props: ChimeMeetingPoolProps, properties: Omit<ChimeMeetingPoolProperties, 'TableName'>): void {
    const region = concrete(this.env.region);
    throwIfInvalid(this, [
      ...validateMeetingPool(properties, { region }, knownPaths(properties)),
      ...validateTokenUnit('minimumRemainingLifetime', props.minimumRemainingLifetime, 'seconds'),
      ...validateRegion('region', concrete(props.region)),
      ...Token.isUnresolved(props.namespace)
        ? ['namespace: must be known at synth, because the permissions depend on it, got what is known only at deployment; give CHIME_SDK or CHIME'] : [],
      ...validateFunctionName('checkoutFunctionName', concrete(props.checkoutFunctionName)),
      ...validateNotificationTargets(props.notifications, region),
    ]);
    this.annotate(props, region);
  }

  private annotate({ size, keepWarm, mediaRegion, namespace, notifications }: ChimeMeetingPoolProps, region: string | undefined): void {
    const validations = Validations.of(this);
    if (!Token.isUnresolved(size) && size > LIMITS.size.warnAbove) {
      validations.addWarning('cdk-rtc:ChimeMeetingPool.size',
        `size: ${size} of the ${LIMITS.concurrentMeetings} meetings that an account can have in a region by default; checked-out meetings count too, and replaced meetings until they end`);
    }
    if (keepWarm === false) {
      Annotations.of(this).addInfoV2('cdk-rtc:ChimeMeetingPool.keepWarm',
        'keepWarm: false: a meeting without attendees ends after 5 minutes, so the pool is empty soon after each deployment; checkouts then create meetings on demand');
    }
    const unknown = (value: string | undefined, known: string[]) => value !== undefined && !isUnknown(value) && !known.includes(value);
    if (namespace !== ChimeNamespace.CHIME && unknown(region, MEETING_REGIONS)) {
      validations.addWarning('cdk-rtc:ChimeMeetingPool.region',
        `region: Amazon Chime SDK meetings is not known to have an endpoint in ${region}; it has in ${MEETING_REGIONS.join(', ')}`);
    } else if (unknown(mediaRegion ?? region, MEDIA_REGIONS)) {
      validations.addWarning('cdk-rtc:ChimeMeetingPool.mediaRegion',
        `mediaRegion: ${mediaRegion ?? region} is not a known media region; known are ${MEDIA_REGIONS.join(', ')}`);
    }
    const functionRegion = concrete(notifications?.lambdaFunction?.env.region);
    if (functionRegion !== undefined && region !== undefined && functionRegion !== region) {
      validations.addWarning('cdk-rtc:ChimeMeetingPool.lambdaFunction',
        `notifications.lambdaFunction: the service is not known to call functions in another region (${functionRegion}) than that of the pool (${region})`);
    }
  }
}

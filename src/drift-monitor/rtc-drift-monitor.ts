import { Duration, Lazy, Resource, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct, IConstruct } from 'constructs';
import { alarm } from '../private/alarm';
import { brand, isBranded } from '../private/brand';
import { suppress, suppressWildcards } from '../private/suppressions';
import type { RtcAlarmOptions } from '../rtc-alarm-options';
import { DRIFT_EVENT, DRIFT_METRICS, DRIFT_TIMING, LARGEST_INPUT } from './private/drift-contract';
import { monitorInput } from './private/drift-input';
import { throwIfInvalid } from '../private/errors';
import { eventRule } from '../private/event-rule';
import { resolvedBytes } from '../private/resolved-bytes';
import { FunctionDocument } from '../provider/private/function-role';
import type { HandledResource } from '../provider/private/handler-policies';
import { StackProvider } from '../provider/private/stack-provider';

/** Why there are wildcards in what the monitor may do. */
const READING = 'Reads only, of what the stack makes: ARNs are known when it is deployed, and those of a few hundred resources are more than an inline policy holds.';

/**
 * Properties of a drift monitor.
 */
export interface RtcDriftMonitorProps {
  /**
   * The monitored resources: constructs of this library in the monitor's stack, or constructs that contain them.
   *
   * @default - all constructs of this library in the stack, including constructs that are created after the monitor
   */
  readonly resources?: IConstruct[];

  /**
   * The schedule of the runs. A run takes one second per ingest configuration and per voice connector, and 0.2 seconds per channel and per pool.
   * Changed in place.
   *
   * @default - once an hour
   */
  readonly schedule?: scheduler.ScheduleExpression;
}

/**
 * Detects out-of-band changes and deletions of the resources that a deployment created: a signaling channel, a voice connector's streaming
 * configuration, an ingest configuration or its secret, or the settings of a meeting pool. The drift detection of CloudFormation skips custom
 * resources.
 *
 * A function compares the resources with their properties on a schedule, with read-only permissions. The monitor doesn't correct drift. To correct
 * a resource, deploy a change to any of its properties, or to `forceUpdateNonce` if no other property changes: every update compares all properties
 * with the observed state, and corrects differences. If the resource was deleted, the update creates a new one. Voice connectors are an exception,
 * because the library doesn't own them.
 *
 * A tag that the template doesn't name isn't drift. A meeting that ends isn't drift either, because the pool replaces it.
 *
 * During a deployment of the stack, the monitor compares nothing. It monitors at most 256 KB of properties in total.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
 * @example
 *
 * const monitor = new rtc.RtcDriftMonitor(this, 'DriftMonitor');
 * monitor.alarmOnDrift('Drift');
 */
@propertyInjectable
export class RtcDriftMonitor extends Resource {
  /** The id under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.RtcDriftMonitor';

  /**
   * Returns whether a value is an `RtcDriftMonitor`, also if another copy of this library in the app created it.
   *
   * @param x The value to test.
   */
  public static isRtcDriftMonitor(x: any): x is RtcDriftMonitor {
    return isBranded(x, 'RtcDriftMonitor');
  }

  /**
   * The function that compares the resources. To invoke it manually, pass the input of its schedule. The response contains the results of the run.
   */
  public readonly monitorFunction: lambda.IFunction;

  private readonly watched: HandledResource[] = [];

  /**
   * Creates a monitor for `resources`, or for all constructs of this library in the stack.
   *
   * @param scope The scope of the construct, in the monitored stack.
   * @param id The ID of the construct.
   * @param props The monitored resources and the schedule.
   * @throws if one of `resources` is in another stack. Synthesis fails if one of `resources` contains nothing to monitor, or if their properties
   * exceed the maximum input of a schedule.
   */
  constructor(scope: Construct, id: string, props: RtcDriftMonitorProps = {}) {
    super(scope, id);
    brand(this, 'RtcDriftMonitor');
    const foreign = (props.resources ?? []).filter((resource) => Stack.of(resource) !== this.stack);
    throwIfInvalid(this, foreign.map(({ node }) => `resources: ${node.path} is in another stack; create a monitor in that stack`));

    const provider = StackProvider.getOrCreate(this);
    const document = new FunctionDocument();
    const monitorFunction = provider.addFunction(this, 'Function', {
      description: 'cdk-rtc looks for drift',
      handler: 'driftMonitor',
      timeout: Duration.seconds(DRIFT_TIMING.functionTimeout),
      document,
      statements: [
        new iam.PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [this.stack.stackId] }),
        new iam.PolicyStatement({
          actions: ['events:PutEvents'],
          resources: [this.stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
          // A list: one of each entry.
          conditions: { 'ForAllValues:StringEquals': { 'events:source': DRIFT_EVENT.source } },
        }),
      ],
    });
    this.monitorFunction = monitorFunction;
    // A role that `Role.customizeRoles` replaces reports what is in the document by now, and only what is added to the role later.
    const role = this.node.findChild('FunctionRole');
    const replaced = role.node.tryFindChild(`PrecreatedRole${role.node.id}`) as iam.IRole | undefined;
    const allowReading = (statements: readonly iam.PolicyStatement[], resource?: HandledResource) => {
      if (resource) document.addStatementsOf(resource, statements);
      else document.addStatements(...statements);
      for (const statement of statements) replaced?.addToPrincipalPolicy(statement);
      suppressWildcards(this, statements, READING);
    };
    const known = new Set<string>();
    provider.onResource((resource) => {
      if (props.resources && !props.resources.some((given) => resource.node.scopes.includes(given))) return;
      this.watched.push(resource);
      for (const { name, reads } of resource.handlerPolicies) {
        if (!known.has(name)) allowReading(reads?.(provider.policies.context) ?? []);
        known.add(name);
      }
      allowReading(resource.reads, resource);
    });
    this.addSchedule(provider, props.schedule ?? scheduler.ScheduleExpression.rate(Duration.hours(1)));
    this.node.addValidation({ validate: () => this.findings(props.resources ?? []) });
  }

  /**
   * Creates a rule for every event of this monitor, of any detail type. Today `onDriftDetected` matches the same events.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and an event pattern that narrows the events.
   * @throws if `crossStackScope` is in another region than the monitor
   */
  public onEvent(id: string, options: events.OnEventOptions = {}): events.Rule {
    return eventRule(this, id, options, {
      source: [DRIFT_EVENT.source],
      detail: { monitorFunctionName: [this.monitorFunction.functionName] },
    }, (there, here) => `onEvent: the events come in ${there}, the rule ${id} would be in ${here}; give crossStackScope a stack of ${there}`);
  }

  /**
   * Creates a rule for drift events. As long as the drift lasts, each run sends one event per drifted resource. The detail of an event contains
   * `logicalResourceId`, `physicalResourceId`, `resourceType`, `driftStatus` (MODIFIED or DELETED), and `propertyDifferences` with `propertyPath`,
   * `expectedValue`, and `actualValue`, each truncated after 500 characters. If operations of the service can cause a difference, the difference also
   * has `possibleCause`. No event contains a secret.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, an event pattern that narrows the events, and the scope of a rule in another stack.
   * @throws if `crossStackScope` is in another region than the monitor
   */
  public onDriftDetected(id: string, options: events.OnEventOptions = {}): events.Rule {
    return eventRule(this, id, options, {
      source: [DRIFT_EVENT.source],
      detailType: [DRIFT_EVENT.detailType],
      detail: { monitorFunctionName: [this.monitorFunction.functionName] },
    }, (there, here) => `onDriftDetected: the events come in ${there}, the rule ${id} would be in ${here}; give crossStackScope a stack of ${there}`);
  }

  /**
   * Returns a metric of this monitor, in the namespace `CdkRtc`.
   *
   * @param metricName The name of the metric.
   * @param props The statistic (default: average), the period (default: 5 minutes), and additional dimensions.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: DRIFT_METRICS.namespace,
      metricName,
      ...props,
      dimensionsMap: { [DRIFT_METRICS.dimension]: this.monitorFunction.functionName, ...props?.dimensionsMap },
    }).attachTo(this);
  }

  /**
   * Returns the metric of drifted resources, with one value per run. The default statistic is the maximum over 5 minutes.
   *
   * @param props The statistic, the period, and additional dimensions.
   */
  public metricDriftedResources(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(DRIFT_METRICS.driftedResources, { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /**
   * Returns the metric of resources that couldn't be read, with one value per run. The log of the monitor contains the reasons. The default statistic
   * is the maximum over 5 minutes.
   *
   * @param props The statistic, the period, and additional dimensions.
   */
  public metricUnobservedResources(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(DRIFT_METRICS.unobservedResources, { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /**
   * Creates an alarm for drifted resources. The default threshold is 1 resource. The alarm keeps its state between two runs.
   *
   * @param id The ID of the alarm.
   * @param options The threshold, the period, and the name of the alarm.
   */
  public alarmOnDrift(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricDriftedResources(props), {
      threshold: 1,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      alarmDescription: 'An out-of-band change modified or deleted resources of this stack. The drift monitor\'s log lists the resources and the differences. '
        + 'To correct the drift, deploy any change to the affected resources.',
    }, options);
  }

  /**
   * Creates an alarm for resources that couldn't be read. The default threshold is 1 resource. The alarm keeps its state between two runs.
   *
   * @param id The ID of the alarm.
   * @param options The threshold, the period, and the name of the alarm.
   */
  public alarmOnUnobserved(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricUnobservedResources(props), {
      threshold: 1,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      alarmDescription: 'The drift monitor couldn\'t read one or more resources, so their drift status is unknown. Check the drift monitor\'s log for the reasons.',
    }, options);
  }

  /**
   * The input of the schedule contains the desired state. CloudFormation fills it in after it has deployed all monitored resources.
   * Environment variables and parameters are limited to 4 KB, and targets of a rule to 8 KB.
   */
  private addSchedule(provider: StackProvider, { expressionString, timeZone }: scheduler.ScheduleExpression): void {
    const role = new iam.Role(this, 'ScheduleRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': this.stack.account } } }),
      inlinePolicies: {
        Inline: new iam.PolicyDocument({
          statements: [new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.monitorFunction.functionArn] })],
        }),
      },
    });
    provider.applyOptions(role);
    suppress(role, { IAMNoInlinePolicy: 'The permission lives exactly as long as the role, and no one else can attach it.' });
    new scheduler.CfnSchedule(this, 'Schedule', {
      description: 'cdk-rtc looks for drift',
      scheduleExpression: expressionString,
      scheduleExpressionTimezone: timeZone?.timezoneName,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: this.monitorFunction.functionArn,
        roleArn: role.roleArn,
        input: Lazy.string({ produce: () => monitorInput(this.stack, this.watched) }),
        // A late run isn't repeated, because the next run detects the same drift.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
  }

  private findings(given: IConstruct[]): string[] {
    const empty = given.filter((construct) => !this.watched.some(({ node }) => node.scopes.includes(construct)));
    const bytes = resolvedBytes(this.stack, monitorInput(this.stack, this.watched));
    return [
      ...empty.map(({ node }) => `resources: ${node.path} contains no resource of this library that could drift; remove it`),
      ...bytes > LARGEST_INPUT ? [`resources: the properties of the resources have about ${Math.ceil(bytes / 1024)} KB, `
        + `but the input of a schedule is limited to ${LARGEST_INPUT / 1024} KB; create several monitors, each with some of the resources`] : [],
    ];
  }
}

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
   * What is monitored: constructs of this library in the monitor's stack, or whatever holds some.
   *
   * @default - all of the stack, also those that are made after the monitor
   */
  readonly resources?: IConstruct[];

  /**
   * How often it looks. A run takes a second for each ingest configuration and each voice connector, and a fifth of one for each
   * channel and pool. Changed in place.
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
   * The function that looks. Called by hand it wants what the schedule hands to it, and answers what it has found.
   */
  public readonly monitorFunction: lambda.IFunction;

  private readonly watched: HandledResource[] = [];

  /**
   * A monitor of what `resources` are, or else of all in the stack.
   *
   * @param scope where it is made, in the stack that it monitors
   * @param id the id of the construct
   * @param props what is monitored, and how often
   * @throws if one of `resources` is in another stack. Fails at synthesis if one of them holds nothing to monitor, or if all their properties
   * are more than a schedule takes.
   */
  constructor(scope: Construct, id: string, props: RtcDriftMonitorProps = {}) {
    super(scope, id);
    brand(this, 'RtcDriftMonitor');
    const foreign = (props.resources ?? []).filter((resource) => Stack.of(resource) !== this.stack);
    throwIfInvalid(this, foreign.map(({ node }) => `resources: ${node.path} is in another stack; make a monitor there`));

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
   * A rule for the events of this monitor: one for each drifted resource and run, as long as the drift lasts. Their detail has `logicalResourceId`,
   * `physicalResourceId`, `resourceType`, `driftStatus` (MODIFIED or DELETED), and `propertyDifferences` with `propertyPath`, `expectedValue` and
   * `actualValue`, each cut to 500 characters. No secret is among them.
   *
   * @param id the id of the rule
   * @param options target, name, further pattern, and the scope where it is to be in another stack
   * @throws if `crossStackScope` is in another region
   */
  public onDriftDetected(id: string, options: events.OnEventOptions = {}): events.Rule {
    return eventRule(this, id, options, {
      source: [DRIFT_EVENT.source],
      detailType: [DRIFT_EVENT.detailType],
      detail: { monitorFunctionName: [this.monitorFunction.functionName] },
    }, (there, here) => `onDriftDetected: the events come in ${there}, the rule ${id} would be in ${here}; give crossStackScope a stack of ${there}`);
  }

  /**
   * A metric of this monitor, in the namespace `CdkRtc`.
   *
   * @param metricName the name of the metric
   * @param props statistic (average unless given), period (5 minutes unless given), further dimensions
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
   * Resources that are not as wished, of all those monitored, once a run: maximum over 5 minutes.
   *
   * @param props statistic, period, further dimensions
   */
  public metricDriftedResources(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(DRIFT_METRICS.driftedResources, { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /**
   * Resources that could not be observed, because the service refused or did not answer, once a run: maximum over 5 minutes. The log says why.
   *
   * @param props statistic, period, further dimensions
   */
  public metricUnobservedResources(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(DRIFT_METRICS.unobservedResources, { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /**
   * An alarm for 1 drifted resource or more, unless another `threshold` is given. Between two runs it stays as it is.
   *
   * @param id the id of the alarm
   * @param options threshold, period, name
   */
  public alarmOnDrift(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricDriftedResources(props), {
      threshold: 1,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      alarmDescription: 'Somebody has changed or deleted what this stack has made; the monitor\'s log says what. Deploy a change of that resource to heal it.',
    }, options);
  }

  /**
   * An alarm for 1 resource that could not be observed or more, unless another `threshold` is given. Between two runs it stays as it is.
   *
   * @param id the id of the alarm
   * @param options threshold, period, name
   */
  public alarmOnUnobserved(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricUnobservedResources(props), {
      threshold: 1,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      alarmDescription: 'Nobody knows whether all is as wished: something could not be read. The monitor\'s log says what and why.',
    }, options);
  }

  /**
   * What is wished travels in the schedule's own input: one resource for all, filled in by CloudFormation once everything in it is deployed.
   * Environment variables and parameters take 4 KB, targets of a rule 8 KB.
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
        // What is late is not made up for: the next run sees all there is to see.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
  }

  private findings(given: IConstruct[]): string[] {
    const empty = given.filter((construct) => !this.watched.some(({ node }) => node.scopes.includes(construct)));
    const bytes = resolvedBytes(this.stack, monitorInput(this.stack, this.watched));
    return [
      ...empty.map(({ node }) => `resources: ${node.path} holds nothing of this library that could drift; leave it out`),
      ...bytes > LARGEST_INPUT ? [`resources: their properties are about ${Math.ceil(bytes / 1024)} KB, and a schedule takes ${LARGEST_INPUT / 1024}; `
        + 'make several monitors, each with some of the resources'] : [],
    ];
  }
}

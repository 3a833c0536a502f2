import { Resource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as ivs from 'aws-cdk-lib/aws-ivs';
import type { IConstruct } from 'constructs';
import { stageIdOf } from './private/stage-id';
import { alarm } from '../private/alarm';
import { eventRule } from '../private/event-rule';
import { resourceMetric } from '../private/resource-metric';
import type { RtcAlarmOptions } from '../rtc-alarm-options';

/** The namespace of the metrics of all stages. */
export const STAGE_METRIC_NAMESPACE = 'AWS/IVSRealTime';

/**
 * The events, metrics, and alarms of a stage.
 */
export interface IRealTimeStageMonitoring extends IConstruct {
  /**
   * Creates a rule for every event of the stage, of any detail type and of every participant. An event pattern in `options` narrows the events.
   *
   * IVS delivers events on a best-effort basis, possibly late or out of order. Events of compositions name the stage in another field and don't
   * match.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and an event pattern that narrows the events.
   * @throws if there is no stage, or if the stack or `crossStackScope` is in another region than the construct, where its events are delivered
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
   */
  onEvent(id: string, options?: events.OnEventOptions): events.Rule;

  /**
   * Returns a metric of the stage, in the namespace `AWS/IVSRealTime`.
   *
   * @param metricName The name of the metric.
   * @param props The statistic (the average by default), the period (5 minutes by default), and additional dimensions.
   * @throws if there is no stage
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/stage-health.html
   */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the participants that publish to the stage: the maximum over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   * @throws if there is no stage
   */
  metricPublishers(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the participants that subscribe to the stage: the maximum over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   * @throws if there is no stage
   */
  metricSubscribers(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the bits per second that publishers send to the stage: the average over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   * @throws if there is no stage
   */
  metricPublishBitrate(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the bits per second that the stage sends to subscribers: the average over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   * @throws if there is no stage
   */
  metricSubscribeBitrate(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the percentage of packets that the stage's viewers lose: the average over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   * @throws if there is no stage
   */
  metricDownloadPacketLoss(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the percentage of frames that the stage's viewers drop: the average over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   * @throws if there is no stage
   */
  metricDroppedFrames(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Creates an alarm for a stage without a publisher. Use it for streams that must run continuously. By default, the alarm triggers if fewer than 1
   * participant publishes for 5 minutes. Missing data counts as no publisher.
   *
   * @param id The ID of the alarm.
   * @param options The threshold, the period, or the name, if they differ from the defaults.
   * @throws if there is no stage
   */
  alarmOnNoPublisher(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;
}

/**
 * The monitoring of the stage that a construct is, or to which it publishes.
 *
 * @internal
 */
export abstract class RealTimeStageMonitoring extends Resource implements IRealTimeStageMonitoring {
  /**
   * The description of the alarm for a stage without a publisher: what to check.
   *
   * @internal
   */
  protected abstract readonly _noPublisherDescription: string;

  public onEvent(id: string, options: events.OnEventOptions = {}): events.Rule {
    return eventRule(this, id, options, {
      source: ['aws.ivs'],
      resources: [this._stageFor('onEvent').stageRef.stageArn],
    }, (there, here) => `onEvent: the events come in ${there}, the rule ${id} would be in ${here}; give crossStackScope a stack of ${there}`);
  }

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return resourceMetric(this, STAGE_METRIC_NAMESPACE, metricName, { Stage: stageIdOf(this._stageFor('metric')) }, props);
  }

  public metricPublishers(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Publishers', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  public metricSubscribers(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Subscribers', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  public metricPublishBitrate(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PublishBitrate', props);
  }

  public metricSubscribeBitrate(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('SubscribeBitrate', props);
  }

  public metricDownloadPacketLoss(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('DownloadPacketLoss', props);
  }

  public metricDroppedFrames(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('DroppedFrames', props);
  }

  public alarmOnNoPublisher(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricPublishers(props), {
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      alarmDescription: this._noPublisherDescription,
    }, options);
  }

  /**
   * The stage. Throws if the construct has none.
   *
   * @internal
   */
  protected abstract _stageFor(member: string): ivs.IStageRef;

  /**
   * Creates a rule for one detail type.
   *
   * @internal
   */
  protected _ruleFor(id: string, options: events.OnEventOptions, pattern: events.EventPattern): events.Rule {
    return eventRule(this, id, options, { source: ['aws.ivs'], ...pattern },
      (there, here) => `${id}: the events come in ${there}, the rule would be in ${here}; give crossStackScope a stack of ${there}`);
  }
}

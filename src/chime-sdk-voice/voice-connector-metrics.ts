import { Resource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { alarm } from '../private/alarm';
import { resourceMetric } from '../private/resource-metric';
import type { RtcAlarmOptions } from '../rtc-alarm-options';

/**
 * The metrics and alarms of the calls of a voice connector.
 */
export interface IVoiceConnectorMetrics extends IConstruct {
  /**
   * A metric of the voice connector, in the namespace `AWS/ChimeVoiceConnector`. The service documents no metric of all voice connectors together.
   *
   * @param metricName The name of the metric.
   * @param props Statistic (average unless given), period (5 minutes unless given), and further dimensions.
   * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/monitoring-cloudwatch.html
   */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Inbound calls that are active: maximum over 5 minutes.
   *
   * @param props Statistic, period, or dimensions that differ from these.
   */
  metricInboundCallsActive(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Outbound calls that are active: maximum over 5 minutes.
   *
   * @param props Statistic, period, or dimensions that differ from these.
   */
  metricOutboundCallsActive(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Outbound calls that your SIP hosts attempted: sum over 5 minutes.
   *
   * @param props Statistic, period, or dimensions that differ from these.
   */
  metricOutboundCallAttempts(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Inbound calls that failed: sum over 5 minutes.
   *
   * @param props Statistic, period, or dimensions that differ from these.
   */
  metricInboundCallFailures(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Outbound calls that failed: sum over 5 minutes.
   *
   * @param props Statistic, period, or dimensions that differ from these.
   */
  metricOutboundCallFailures(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Calls that the service rejected because the account made too many calls per second: sum over 5 minutes.
   *
   * @param props Statistic, period, or dimensions that differ from these.
   */
  metricThrottles(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * An alarm for 1 failed call or more in 5 minutes, inbound and outbound together, unless another `threshold` is given.
   *
   * @param id The ID of the alarm.
   * @param options Threshold, period, and name.
   */
  alarmOnCallFailures(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;

  /**
   * An alarm for 1 call or more in 5 minutes that the service rejected because the account made too many calls per second, unless another
   * `threshold` is given.
   *
   * @param id The ID of the alarm.
   * @param options Threshold, period, and name.
   */
  alarmOnThrottles(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;

  /**
   * An alarm against toll fraud, for 100 attempted outbound calls or more in 5 minutes, unless another `threshold` is given. Set the threshold above
   * the busiest 5 minutes of your normal traffic.
   *
   * @param id The ID of the alarm.
   * @param options Threshold, period, and name.
   */
  alarmOnOutboundCallVolume(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;
}

/**
 * The metrics of the voice connector that a construct is, or that it configures.
 *
 * @internal
 */
export abstract class VoiceConnectorMetrics extends Resource implements IVoiceConnectorMetrics {
  /**
   * The ID of the voice connector.
   *
   * @attribute
   */
  public abstract readonly voiceConnectorId: string;

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return resourceMetric(this, 'AWS/ChimeVoiceConnector', metricName, { VoiceConnectorId: this.voiceConnectorId }, props);
  }

  public metricInboundCallsActive(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('InboundCallsActive', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  public metricOutboundCallsActive(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('OutboundCallsActive', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  public metricOutboundCallAttempts(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('OutboundCallAttempts', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricInboundCallFailures(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('InboundCallFailures', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricOutboundCallFailures(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('OutboundCallFailures', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricThrottles(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Throttles', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public alarmOnCallFailures(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => new cloudwatch.MathExpression({
      expression: 'FILL(inbound, 0) + FILL(outbound, 0)',
      usingMetrics: { inbound: this.metricInboundCallFailures(props), outbound: this.metricOutboundCallFailures(props) },
      label: 'Failed calls',
      ...props,
    }), {
      threshold: 1,
      alarmDescription: 'Calls through the voice connector fail: the other side, the network in between, or the service.',
    }, options);
  }

  public alarmOnThrottles(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricThrottles(props), {
      threshold: 1,
      alarmDescription: 'Calls are refused because there are too many a second. Ask AWS for a higher quota, or spread them.',
    }, options);
  }

  public alarmOnOutboundCallVolume(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricOutboundCallAttempts(props), {
      threshold: 100,
      alarmDescription: 'Unusually many outbound calls are attempted. If the calls aren\'t yours, disable the termination of the voice connector and change '
        + 'its SIP credentials.',
    }, options);
  }
}

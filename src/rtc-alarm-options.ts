import type { Duration } from 'aws-cdk-lib';

/**
 * Options of the alarms that a construct creates.
 */
export interface RtcAlarmOptions {
  /**
   * The value that triggers the alarm.
   *
   * @default - depends on the method
   */
  readonly threshold?: number;

  /**
   * The length of a period.
   *
   * @default Duration.minutes(5)
   */
  readonly period?: Duration;

  /**
   * The number of consecutive periods in which the metric must breach the threshold.
   *
   * @default 1
   */
  readonly evaluationPeriods?: number;

  /**
   * The name of the alarm.
   *
   * @default - generated
   */
  readonly alarmName?: string;

  /**
   * The description of the alarm.
   *
   * @default - the meaning of the alarm and the action to take
   */
  readonly alarmDescription?: string;
}

import type { Duration } from 'aws-cdk-lib';

/**
 * Options of the alarms that constructs make for themselves.
 */
export interface RtcAlarmOptions {
  /**
   * The value that sets the alarm off when it is reached.
   *
   * @default - the method says
   */
  readonly threshold?: number;

  /**
   * The length of a period.
   *
   * @default Duration.minutes(5)
   */
  readonly period?: Duration;

  /**
   * In how many periods in a row.
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
   * @default - what it means and what to do
   */
  readonly alarmDescription?: string;
}

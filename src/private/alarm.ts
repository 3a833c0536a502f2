import { type Duration, Resource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { isUnknown } from './concrete';
import type { RtcAlarmOptions } from '../rtc-alarm-options';

export interface AlarmDefaults {
  readonly threshold: number;
  readonly alarmDescription: string;
  /** Default: at the threshold or above. */
  readonly comparisonOperator?: cloudwatch.ComparisonOperator;
  /** Default: no data is good. */
  readonly treatMissingData?: cloudwatch.TreatMissingData;
}

/**
 * An alarm of a construct's own.
 *
 * @param metric makes it with the period that the options wish, and the region where it must be told
 */
export function alarm(
  scope: Construct, id: string, metric: (props: { readonly period?: Duration; readonly region?: string }) => cloudwatch.IMetric,
  defaults: AlarmDefaults, options: RtcAlarmOptions = {},
): cloudwatch.Alarm {
  const { period, threshold = defaults.threshold, evaluationPeriods = 1, alarmName, alarmDescription = defaults.alarmDescription } = options;
  // An alarm hears its own region only. One that is known at deployment is taken for it: core would take it for another, and refuse.
  const here = Resource.isResource(scope) && isUnknown(scope.env.region) ? { region: scope.stack.region } : {};
  return new cloudwatch.Alarm(scope, id, {
    metric: metric({ period, ...here }),
    threshold,
    evaluationPeriods,
    comparisonOperator: defaults.comparisonOperator ?? cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: defaults.treatMissingData ?? cloudwatch.TreatMissingData.NOT_BREACHING,
    alarmName,
    alarmDescription,
  });
}

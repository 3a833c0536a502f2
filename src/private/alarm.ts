import { type Duration, Resource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { isUnknown } from './concrete';
import type { RtcAlarmOptions } from '../rtc-alarm-options';

export interface AlarmDefaults {
  readonly threshold: number;
  readonly alarmDescription: string;
  /** Default: greater than or equal to the threshold. */
  readonly comparisonOperator?: cloudwatch.ComparisonOperator;
  /** Default: missing data doesn't breach the threshold. */
  readonly treatMissingData?: cloudwatch.TreatMissingData;
}

/**
 * Creates an alarm of a construct.
 *
 * @param metric Creates the metric, with the period of the options, and with a region if the metric must name it.
 */
export function alarm(
  scope: Construct, id: string, metric: (props: { readonly period?: Duration; readonly region?: string }) => cloudwatch.IMetric,
  defaults: AlarmDefaults, options: RtcAlarmOptions = {},
): cloudwatch.Alarm {
  const { period, threshold = defaults.threshold, evaluationPeriods = 1, alarmName, alarmDescription = defaults.alarmDescription } = options;
  // An alarm can use metrics of its own region only. The AWS CDK takes a region that is a token for another region, and throws an error.
  const ownRegion = Resource.isResource(scope) && isUnknown(scope.env.region) ? { region: scope.stack.region } : {};
  return new cloudwatch.Alarm(scope, id, {
    metric: metric({ period, ...ownRegion }),
    threshold,
    evaluationPeriods,
    comparisonOperator: defaults.comparisonOperator ?? cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: defaults.treatMissingData ?? cloudwatch.TreatMissingData.NOT_BREACHING,
    alarmName,
    alarmDescription,
  });
}

import type { Resource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** A metric of the resource of a construct, in the region of the resource. Metrics of the region of the stack name no region. */
export function resourceMetric(
  construct: Resource, namespace: string, metricName: string, dimensions: Record<string, string>, props?: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace,
    metricName,
    region: construct.env.region === construct.stack.region ? undefined : construct.env.region,
    ...props,
    dimensionsMap: { ...dimensions, ...props?.dimensionsMap },
  }).attachTo(construct);
}

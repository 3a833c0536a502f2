import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DRIFT_EVENT, DRIFT_METRICS, type DriftEventDetail } from '../../src/drift-monitor/private/drift-contract';
import { awsRequest } from '../engine/aws-request';

export interface DriftSummary {
  /** The reason why the run reports nothing. */
  readonly skipped?: string;
  readonly observed: number;
  readonly drifted: readonly Omit<DriftEventDetail, 'monitorFunctionName'>[];
  readonly unobserved: readonly { readonly logicalResourceId: string; readonly reason: string }[];
}

export interface DriftReports {
  publish(summary: DriftSummary): Promise<void>;
}

export interface DriftReportsOptions {
  readonly region: string;
  readonly functionName: string;
}

/** Writes the metrics to the log, in the embedded metric format of CloudWatch, and sends an event per drifted resource to the default event bus. */
export function driftReports({ region, functionName }: DriftReportsOptions): DriftReports {
  const metrics = new Metrics({ namespace: DRIFT_METRICS.namespace });
  // The function is the only dimension. By default, Powertools adds a dimension for the service.
  metrics.clearDefaultDimensions();
  return {
    publish: async ({ drifted, unobserved }) => {
      metrics.addDimension(DRIFT_METRICS.dimension, functionName);
      metrics.addMetric(DRIFT_METRICS.driftedResources, MetricUnit.Count, drifted.length);
      metrics.addMetric(DRIFT_METRICS.unobservedResources, MetricUnit.Count, unobserved.length);
      metrics.publishStoredMetrics();
      // One request per event, because an event with many differences can have a fifth of the maximum size of a request.
      for (const resource of drifted) await putEvent(region, { monitorFunctionName: functionName, ...resource });
    },
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
async function putEvent(region: string, detail: DriftEventDetail): Promise<void> {
  const answer = await awsRequest({
    service: 'events',
    endpointVariable: 'AWS_ENDPOINT_URL_EVENTBRIDGE',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
    body: JSON.stringify({
      Entries: [{ Source: DRIFT_EVENT.source, DetailType: DRIFT_EVENT.detailType, Resources: [detail.stackId], Detail: JSON.stringify(detail) }],
    }),
    region,
  });
  // The response has status 200 even if the service rejects an entry.
  const { FailedEntryCount, Entries } = JSON.parse(answer);
  if (FailedEntryCount > 0) throw Object.assign(new Error(Entries[0].ErrorMessage), { name: Entries[0].ErrorCode });
}

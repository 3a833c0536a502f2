import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { POOL_METRICS } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';

export interface PoolMetrics {
  /** `reservedAttendees`: undefined if the pool has none. */
  maintained(values: {
    ready: number; leased: number; remainingQuota: number; ended: number; refillErrors: number; reservedAttendees?: number;
  }): void;
  /** `createdAttendees`: the users beyond the reserved attendees. Undefined if the pool has no reserved attendees. */
  checkedOut(values: { milliseconds: number; emptyPool: boolean; createdAttendees?: number }): void;
}

/** Writes metrics in the embedded metric format, which CloudWatch extracts from the log. */
export function poolMetrics(poolName: string, metrics = new Metrics({ namespace: POOL_METRICS.namespace })): PoolMetrics {
  // The default would add a dimension for the service.
  metrics.clearDefaultDimensions();
  const publish = (counts: Record<string, number>, milliseconds: Record<string, number> = {}) => {
    metrics.addDimension(POOL_METRICS.dimension, poolName);
    for (const [name, value] of Object.entries(counts)) metrics.addMetric(name, MetricUnit.Count, value);
    for (const [name, value] of Object.entries(milliseconds)) metrics.addMetric(name, MetricUnit.Milliseconds, value);
    metrics.publishStoredMetrics();
  };
  return {
    maintained: ({ ready, leased, remainingQuota, ended, refillErrors, reservedAttendees }) => publish({
      [POOL_METRICS.readyMeetings]: ready,
      [POOL_METRICS.leasedMeetings]: leased,
      [POOL_METRICS.remainingMeetingQuota]: remainingQuota,
      [POOL_METRICS.endedMeetings]: ended,
      [POOL_METRICS.refillErrors]: refillErrors,
      ...reservedAttendees === undefined ? {} : { [POOL_METRICS.reservedAttendees]: reservedAttendees },
    }),
    checkedOut: ({ milliseconds, emptyPool, createdAttendees }) => publish({
      [POOL_METRICS.checkouts]: 1,
      [POOL_METRICS.emptyPoolCheckouts]: emptyPool ? 1 : 0,
      ...createdAttendees === undefined ? {} : { [POOL_METRICS.createdAttendees]: createdAttendees },
    }, { [POOL_METRICS.checkoutLatency]: milliseconds }),
  };
}

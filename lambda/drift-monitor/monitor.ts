import type { DriftReports, DriftSummary } from './reports';
import type { Deployments } from './stack';
import {
  PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE, PHONE_NUMBER_RESOURCE_TYPE, VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE,
  VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE, VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE, VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE,
} from '../../src/chime-sdk-voice/private/resource-types';
import { DRIFT_TIMING, type DriftMonitorInput, type WatchedResource } from '../../src/drift-monitor/private/drift-contract';
import { INGEST_CONFIGURATION_RESOURCE_TYPE, REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE } from '../../src/ivs/private/resource-types';
import type { Clock } from '../engine/clock';
import type { PropertyDifference } from '../engine/drift';
import { classify, describeError } from '../engine/error-classes';
import type { Properties, Request, ResourceHandler } from '../engine/lifecycle';
import type { Log } from '../engine/log';
import { ownerOf } from '../engine/ownership';
import { ownProperties } from '../engine/properties';
import { RateLimiter } from '../engine/rate-limiter';
import { TimeBudget } from '../engine/time-budget';

/** Resources a second. IVS takes five reads a second from a whole account. Chime publishes no rate for voice connectors and phone numbers. */
const PACE: Record<string, number> = {
  [INGEST_CONFIGURATION_RESOURCE_TYPE]: 1,
  [REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE]: 1,
  [PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE]: 1,
  [PHONE_NUMBER_RESOURCE_TYPE]: 1,
  [VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE]: 1,
  [VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE]: 1,
  [VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE]: 1,
  [VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE]: 1,
};
const DEFAULT_PACE = 5;

const ATTEMPTS = 3;

/** Milliseconds: nothing here has just been made. */
const SETTLED = 3600_000;

export interface DriftMonitorOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** As the handlers of the custom resources load it. */
  readonly load: (resourceType: string) => Promise<ResourceHandler>;
  readonly deployments: Deployments;
  readonly reports: DriftReports;
}

type Observation =
  | { readonly kind: 'compared'; readonly resource: WatchedResource; readonly differences: PropertyDifference[] | undefined }
  | { readonly kind: 'unobserved'; readonly resource: WatchedResource; readonly reason: string };

/** Compares every resource with its desired state, and reports those that differ. It changes nothing: a second writer next to CloudFormation would be a hazard. */
export async function monitorDrift(input: DriftMonitorInput, requestId: string, options: DriftMonitorOptions): Promise<DriftSummary> {
  const { deployments, reports } = options;
  const log = options.log.child({ requestId, stackId: input.StackId });
  const before = await deployments.last(input.StackId);
  if (before.isUnderWay) return skip(log, `the stack is ${before.status}`);
  const observations = await observeAll(input, requestId, { ...options, log });
  // If a deployment changed the desired state meanwhile, the comparison is obsolete.
  const after = await deployments.last(input.StackId);
  if (after.status !== before.status || after.updatedAt !== before.updatedAt) return skip(log, `the stack was deployed meanwhile, and is ${after.status}`);
  const summary = summaryOf(input, observations);
  await reports.publish(summary);
  log.info('compared', { observed: summary.observed, drifted: summary.drifted.length, unobserved: summary.unobserved.length });
  return summary;
}

function skip(log: Log, skipped: string): DriftSummary {
  log.info('skipped', { reason: skipped });
  return { skipped, observed: 0, drifted: [], unobserved: [] };
}

/** The services have rates of their own, so their resources need not wait for each other. */
async function observeAll({ StackId, Resources }: DriftMonitorInput, requestId: string, options: DriftMonitorOptions): Promise<Observation[]> {
  const { clock, log } = options;
  const budget = new TimeBudget(clock, clock.now() - SETTLED, DRIFT_TIMING.run);
  const byType = new Map<string, WatchedResource[]>();
  for (const resource of Resources) {
    if (resource) byType.set(resource.ResourceType, [...byType.get(resource.ResourceType) ?? [], resource]);
  }
  const observeType = async ([type, resources]: [string, WatchedResource[]]) => {
    const rateLimiter = new RateLimiter(clock, PACE[type] ?? DEFAULT_PACE);
    const observations: Observation[] = [];
    for (const resource of resources) {
      await rateLimiter.acquire();
      const request = toRequest(StackId, resource, log.child({ requestId, logicalId: resource.LogicalResourceId, resourceType: type }));
      observations.push(await observe(resource, request, budget, options));
    }
    return observations;
  };
  return budget.run(async () => (await Promise.all([...byType].map(observeType))).flat());
}

async function observe(resource: WatchedResource, request: Request, budget: TimeBudget, { load }: DriftMonitorOptions): Promise<Observation> {
  let errorClasses: ResourceHandler['errorClasses'] = {};
  for (let attempt = 1; ; attempt += 1) {
    try {
      const handler = await load(resource.ResourceType);
      errorClasses = handler.errorClasses;
      const differences = await handler.detectDrift(request, budget);
      if (!differences || differences.length > 0) request.log.info('drifted', { physicalId: request.physicalId, differences: differences ?? 'deleted' });
      return { kind: 'compared', resource, differences };
    } catch (error) {
      const isRetryable = !['denied', 'terminal'].includes(classify(error, errorClasses));
      if (isRetryable && attempt < ATTEMPTS && await budget.pause(2 ** attempt)) continue;
      const reason = describeError(error);
      request.log.error('could not be observed', { physicalId: request.physicalId, reason });
      return { kind: 'unobserved', resource, reason };
    }
  }
}

function summaryOf({ StackId }: DriftMonitorInput, observations: Observation[]): DriftSummary {
  return {
    observed: observations.filter(({ kind }) => kind === 'compared').length,
    drifted: observations.flatMap((observation) => {
      if (observation.kind !== 'compared' || observation.differences?.length === 0) return [];
      const { resource, differences } = observation;
      return [{
        stackId: StackId,
        logicalResourceId: resource.LogicalResourceId,
        physicalResourceId: resource.PhysicalResourceId,
        resourceType: resource.ResourceType,
        driftStatus: differences ? 'MODIFIED' as const : 'DELETED' as const,
        propertyDifferences: differences ?? [],
      }];
    }),
    unobserved: observations.flatMap((observation) => observation.kind === 'unobserved'
      ? [{ logicalResourceId: observation.resource.LogicalResourceId, reason: observation.reason }] : []),
  };
}

function toRequest(stackId: string, resource: WatchedResource, log: Log): Request {
  return {
    owner: ownerOf({ StackId: stackId, LogicalResourceId: resource.LogicalResourceId, RequestId: '' }),
    physicalId: resource.PhysicalResourceId,
    properties: ownProperties(asDelivered(resource.ResourceProperties) as Properties),
    oldProperties: {},
    account: stackId.split(':')[4] ?? '',
    log,
  };
}

/** CloudFormation turns every leaf into a string before it hands properties to a handler. */
function asDelivered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asDelivered);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asDelivered(item)]));
}

/** The input that the schedule passes to the drift monitor: the desired state, as CloudFormation has resolved it. Types and constants only. */
export interface DriftMonitorInput {
  readonly StackId: string;
  /** Null for a resource whose condition is false. */
  readonly Resources: readonly (WatchedResource | null)[];
}

export interface WatchedResource {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
  readonly ResourceProperties: { readonly [name: string]: unknown };
}

export const DRIFT_METRICS = {
  namespace: 'CdkRtc',
  dimension: 'FunctionName',
  driftedResources: 'DriftedResources',
  unobservedResources: 'UnobservedResources',
} as const;

export const DRIFT_EVENT = {
  source: 'cdk-rtc',
  detailType: 'RTC Resource Drift',
} as const;

/** The detail of the event. Public contract: rules and targets read it. */
export interface DriftEventDetail {
  readonly monitorFunctionName: string;
  readonly stackId: string;
  readonly logicalResourceId: string;
  readonly physicalResourceId: string;
  readonly resourceType: string;
  readonly driftStatus: 'MODIFIED' | 'DELETED';
  readonly propertyDifferences: readonly {
    readonly propertyPath: string;
    readonly expectedValue: string;
    readonly actualValue: string;
    readonly possibleCause?: string;
  }[];
}

/** Seconds. */
export const DRIFT_TIMING = {
  /** The maximum duration of one run. */
  run: 840,
  /** The maximum that Lambda allows. */
  functionTimeout: 900,
} as const;

/** The maximum number of bytes that EventBridge Scheduler passes to a function. */
export const LARGEST_INPUT = 256 * 1024;

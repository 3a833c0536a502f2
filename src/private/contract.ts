/**
 * The contract between the constructs and the handlers that is the same for all resources. The handlers bundle this file, so it has types and constants
 * only.
 */

/** The owner tag that names the stack. The policies allow changes only to resources with this tag. */
export const STACK_TAG = 'cdk-rtc:stack';

/** The owner tag that names the resource in the stack, the request that created it, and its create-only properties, each as a hash. */
export const RESOURCE_TAG = 'cdk-rtc:resource';

/** The number of owner tags on a resource. Users can use the rest of the service's limit. */
export const OWNER_TAG_COUNT = 2;

/** In seconds. The limits must apply in this order: step < onEvent < deadline < waiter; onEvent and deadline together < CloudFormation's serviceTimeout. */
export const TIMING = {
  /** The time between two polls. */
  queryInterval: 2,
  /** The number of polls before the framework fails the operation. The deadline ends the operation earlier, also the longest one. */
  queryAttempts: 1530,
  /** The time budget of one isComplete invocation for reading and waiting. */
  step: 9,
  /** Includes a cold start, and a step that exceeds its budget. */
  isCompleteTimeout: 30,
  /** The time budget of one delivery for creating the resource. */
  create: 150,
  /** After this time, no create of an earlier delivery can still be running. */
  onEventTimeout: 180,
  /** The time from onEvent's response until the handler fails the operation. Less than queryInterval * queryAttempts. */
  deadline: 450,
  /** The longest deadline that a handler can have of its own, for example for the order of a phone number. */
  longestDeadline: 3000,
  /**
   * The time from CloudFormation's request until it stops waiting for a response: `ServiceTimeout` of each resource. Longer than any operation of the
   * library, so that it ends only requests that remain without a response. Without it, CloudFormation waits for 3,600 s.
   */
  serviceTimeout: 900,
  /** `ServiceTimeout` of the resources whose handler can have the longest deadline. CloudFormation allows at most 3,600 s. */
  longestServiceTimeout: 3300,
} as const;

/** A tag as CloudFormation delivers it. */
export interface TagProperty {
  readonly Key: string;
  readonly Value: string;
}

/**
 * What the constructs and the handlers agree on, whatever the resource. Types and constants only: this file is bundled into the handlers.
 */

/** The owner tag that names the stack; the policies allow changes only under it. */
export const STACK_TAG = 'cdk-rtc:stack';

/** The owner tag that names the resource in the stack, the request that created it, and its create-only properties, each as a hash. */
export const RESOURCE_TAG = 'cdk-rtc:resource';

/** Owner tags on a resource, which leaves the user the rest of the service's limit. */
export const OWNER_TAG_COUNT = 2;

/** Seconds. The order in which the limits must strike: step < onEvent < deadline < waiter; onEvent and deadline together < CloudFormation's serviceTimeout. */
export const TIMING = {
  /** Between two polls. */
  queryInterval: 2,
  /** Polls before the framework gives up, which the deadline forestalls. */
  queryAttempts: 240,
  /** The longest that one step observes and waits. */
  step: 9,
  /** A step that hangs in spite of that, and a cold start. */
  isCompleteTimeout: 30,
  /** How long one delivery goes on trying to create. */
  create: 150,
  /** After this no create of an earlier delivery can still be running. */
  onEventTimeout: 180,
  /** From onEvent's answer until the handler itself gives up; less than queryInterval * queryAttempts. */
  deadline: 450,
  /**
   * Until CloudFormation stops waiting for an answer, from its request: `ServiceTimeout` of each resource. Above everything that the library can take by
   * itself, so that it ends only requests that nothing answers any more. Without it CloudFormation waits for 3,600 s.
   */
  serviceTimeout: 900,
} as const;

/** A tag as CloudFormation delivers it. */
export interface TagProperty {
  readonly Key: string;
  readonly Value: string;
}

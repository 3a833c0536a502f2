import type { Fault } from '../../local/emulator';

/* eslint-disable @typescript-eslint/no-explicit-any */

/** The desired state of a resource, in words that shrink well. It leaves out the names of the resources that the properties refer to. */
export type Desired = Record<string, any>;

/** One resource of a template. */
export interface Resource {
  readonly id: string;
  readonly kind: string;
  readonly desired: Desired;
}

/** The function terminates before or after so many calls. */
export interface Termination {
  readonly after: number;
  readonly when: 'before' | 'after';
}

/** Calls are counted from the beginning of the operation: those of the named API operation, or all calls. */
export interface PlannedTermination extends Termination {
  readonly operation?: string;
}

/** An event at the pool of the n-th resource, so many seconds after the operation began. */
export interface PoolEvent {
  readonly resource: number;
  readonly after: number;
  /** `terminate`: the next run of the maintainer terminates. The other events are those of the application and of the participants. */
  readonly act: 'checkout' | 'end' | 'join' | 'leave' | 'terminate';
  /** The client request token of a checkout. */
  readonly token?: string;
  readonly users: readonly string[];
  /** Chooses one of the existing meetings. */
  readonly which: number;
  /** A checkout terminates, and its caller retries; or how the maintainer terminates. */
  readonly termination?: Termination;
}

/** Disturbances of one operation of a stack. */
export interface Disturbance {
  /** Another resource of the stack fails so many seconds after the operation began, which cancels the requests that still run. */
  readonly failsAfter?: number;
  /** Another resource of the stack fails after all requests are complete. */
  readonly failsLast?: boolean;
  /** The form of the rollback of a replacement: an Update with either ID, or only a Delete of the new ID. */
  readonly rollback: 'new' | 'old' | 'delete';
  /** The request to the n-th resource is delivered again so many seconds later. */
  readonly duplicates: readonly { readonly resource: number; readonly after: number }[];
  /** The operation deploys the handlers of the previous version. A rollback returns to the version before. */
  readonly previousVersion?: boolean;
}

/** One deployment. */
export interface Operation extends Disturbance {
  /** The index of the stack. */
  readonly stack: 0 | 1;
  readonly resources: readonly Resource[];
  readonly faults: readonly Fault[];
  readonly terminations: readonly PlannedTermination[];
  /** Out-of-band changes of the n-th resource of the stack, so many seconds after the operation began. `live` ends again after `lasts` seconds. */
  readonly edits: readonly { readonly resource: number; readonly edit: string; readonly after: number; readonly lasts?: number }[];
  /** So many seconds after the operation began, CloudFormation updates the tags of the stack's voice connectors, and removes those that the template doesn't name. */
  readonly tagUpdate?: number;
  /** Before the operation begins, a resource exists in the place of the n-th resource: without owner tags, or with those of a stack that was deleted. */
  readonly conflict?: { readonly resource: number; readonly owner: 'unowned' | 'otherStack' };
  /** Every waiter of the operation polls once more after everything is over. */
  readonly pollAgain?: boolean;
  readonly poolEvents?: readonly PoolEvent[];
  /** Seconds until the next operation. */
  readonly pause?: number;
}

/** A fault at one call: the n-th call of this API operation in this state, within one operation of the history. */
export interface TargetedFault {
  readonly state: string;
  readonly event: string;
  readonly operation: number;
  readonly after: number;
  readonly fault: string;
}

export interface History {
  readonly operations: readonly Operation[];
  readonly targets?: readonly TargetedFault[];
  /** Milliseconds by which the clocks of execution environments are fast. New environments take them in turn. */
  readonly clockErrors?: readonly number[];
  /** At the end, another stack has put its owner tags on the n-th resource. */
  readonly adopted?: number;
}

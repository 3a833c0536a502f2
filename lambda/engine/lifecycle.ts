import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { Clock } from './clock';
import type { PropertyDifference } from './drift';
import { type ErrorClass, classify, describeError, isOutcomeUnknown, TerminalError } from './error-classes';
import { failureOf } from './failure';
import type { Log } from './log';
import { hashOf, type Owner, ownerOf, unconfirmedId } from './ownership';
import { ownProperties } from './properties';
import { TimeBudget } from './time-budget';
import { TIMING } from '../../src/private/contract';

/** The work of one resource type. Dispatch, deadlines, and errors are the same for every type. */
export interface ResourceHandler {
  /** The class of each error of the service. */
  readonly errorClasses: Record<string, ErrorClass>;
  /**
   * Creates at most one resource, and returns its physical ID at once; later failures belong to `reconcile`. It is called again after a transient error,
   * and must find a resource that it may have created.
   */
  create(request: Request, budget: TimeBudget): Promise<OnEventOutcome>;
  /** Finds the resource that is to be updated, or creates its replacement. */
  update(request: Request, budget: TimeBudget): Promise<OnEventOutcome>;
  /** Reads and applies changes, until the observed state equals the desired state. */
  reconcile(request: Request, budget: TimeBudget): Promise<Reconciled>;
  /** Reads and deletes, until nothing is left. */
  delete(request: Request, budget: TimeBudget): Promise<Deleted>;
  /** Compares as `reconcile` does, and changes nothing. Undefined: the resource doesn't exist. Throws if the resource can't be read. */
  detectDrift(request: Request, budget: TimeBudget): Promise<PropertyDifference[] | undefined>;
  /** The seconds from onEvent's response until the operation fails, at most `TIMING.longestDeadline`. Default: `TIMING.deadline` */
  deadline?(requestType: string, request: Request): number;
}

export interface Request {
  readonly owner: Owner;
  readonly physicalId: string;
  readonly properties: Properties;
  readonly oldProperties: Properties;
  /** In isComplete of a create or an update. */
  readonly onEventOutcome?: OnEventOutcome;
  readonly account: string;
  readonly log: Log;
}

export type Properties = Record<string, unknown>;

/** The resource that `create` or `update` found or created. onEvent returns the outcome, and isComplete receives it, so its members are permanent. */
export interface OnEventOutcome {
  readonly physicalId: string;
  /** A failure that isComplete reports: a resource may have been created, and only after isComplete CloudFormation sends a Delete. */
  readonly failure?: string;
  /**
   * The search for orphans of a rolled-back replacement. `sweep` is the name that earlier versions gave the search. Their operations may still be in
   * progress when the functions are updated.
   */
  readonly sweep?: OrphanSearch;
  /** This request claimed the resource by a tag. If the tag is missing, another owner claimed the resource since. */
  readonly claimed?: boolean;
  /** The tags of the claim, if they hold more than the owner. */
  readonly claim?: Record<string, string>;
  /** The members of a setting of another owner that this request replaces: the service must not keep them. */
  readonly overwritten?: readonly string[];
  /**
   * How this request obtained a resource that is ordered. The order may have an unknown outcome, and the resource may not show its owner mark yet.
   * `awaited`: an order of the resource was in progress, of another delivery of this request or of another owner.
   */
  readonly origin?: 'ordered' | 'awaited' | 'restored' | 'adopted';
}

/** The search for the resource that a rolled-back replacement or a rolled-back move may have created. Its members are permanent, too. */
export interface OrphanSearch {
  /** The region to search. */
  readonly region: string;
  /** The replacement that was attempted and is rolled back: the hash of its create-only properties. For a setting, the ARN of the parent. */
  readonly attempted: string;
  /** The resource that CloudFormation knows, and updates or deletes itself. */
  readonly except: string;
}

export type Reconciled = { readonly attributes: Record<string, string> } | Pending;
export type Deleted = { readonly gone: true } | Pending;

/** Not complete; the text says what was observed last. */
export interface Pending {
  readonly pending: string;
}

interface Stamp {
  readonly At: number;
  /** The outcome of onEvent. */
  readonly Accepted?: OnEventOutcome;
}

export interface OnEventResponse {
  readonly PhysicalResourceId: string;
  /** The framework passes every further field of onEvent's response to isComplete. */
  readonly RtcStamp: Stamp;
}

export interface IsCompleteResponse {
  readonly IsComplete: boolean;
  readonly Data?: Record<string, string>;
}

type Event = CloudFormationCustomResourceEvent & { readonly RtcStamp?: Stamp };

export interface LifecycleOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Loads what a resource type needs, and nothing for any other. */
  readonly load: (resourceType: string) => Promise<ResourceHandler>;
}

export function createLifecycle({ clock, log, load }: LifecycleOptions) {
  async function onEvent(event: Event): Promise<OnEventResponse> {
    const handler = await load(event.ResourceType);
    const request = toRequest(event, log);
    request.log.info('received', { physicalId: request.physicalId });
    if (event.RequestType === 'Delete') return responseOf(clock, { physicalId: event.PhysicalResourceId });
    const budget = new TimeBudget(clock, clock.now(), TIMING.create);
    const outcome = await budget.run(() => createOrUpdate(handler, event.RequestType, request, budget));
    // The value of a tag may hold a former document, and so personal data.
    request.log.info('accepted', { ...outcome, ...outcome.claim ? { claim: Object.keys(outcome.claim) } : {} });
    return responseOf(clock, outcome);
  }

  async function isComplete(event: Event): Promise<IsCompleteResponse> {
    const handler = await load(event.ResourceType);
    const request = toRequest(event, log);
    const failure = request.onEventOutcome?.failure;
    if (failure && event.RequestType !== 'Delete') throw new TerminalError(failure);
    const budget = new TimeBudget(clock, event.RtcStamp?.At ?? clock.now());
    const outcome = await budget.run(() => attempt(handler, event.RequestType, request, budget));
    if ('pending' in outcome) {
      request.log.info('pending', { observed: outcome.pending });
      // The framework would say only that the operation timed out.
      if (budget.elapsed >= (handler.deadline?.(event.RequestType, request) ?? TIMING.deadline)) {
        throw new TerminalError(`not done after ${Math.round(budget.elapsed)} s; last observed: ${outcome.pending}`);
      }
      return { IsComplete: false };
    }
    request.log.info('complete', {});
    return { IsComplete: true, ...'attributes' in outcome ? { Data: outcome.attributes } : {} };
  }

  /** Whatever is thrown, CloudFormation must be able to show it. */
  function failingShort<T>(entryPoint: (event: Event) => Promise<T>): (event: Event) => Promise<T> {
    return async (event) => {
      try {
        return await entryPoint(event);
      } catch (error) {
        const { RequestId: requestId, LogicalResourceId: logicalId } = event;
        throw failureOf(error, event, (reason) => log.error('the message is too long for CloudFormation', { requestId, logicalId, reason }));
      }
    };
  }

  return { onEvent: failingShort(onEvent), isComplete: failingShort(isComplete) };
}

/**
 * Retries until the service accepts or refuses the call. An error is thrown only if no resource can have been created, because the framework sends no
 * Delete after it. Otherwise the outcome has an ID, and isComplete reports the failure.
 */
async function createOrUpdate(
  handler: ResourceHandler, requestType: 'Create' | 'Update', request: Request, budget: TimeBudget,
): Promise<OnEventOutcome> {
  let mayExist = false;
  for (;;) {
    try {
      return await (requestType === 'Create' ? handler.create(request, budget) : handler.update(request, budget));
    } catch (error) {
      const errorClass = classify(error, handler.errorClasses);
      mayExist ||= isOutcomeUnknown(error);
      if (isTransient(errorClass, budget) && await budget.pause(RETRY_INTERVAL + jitter(request, budget))) continue;
      const reason = isTransient(errorClass, budget) ? `not accepted after ${Math.round(budget.elapsed)} s; last observed: ${describeError(error)}` : describeError(error);
      request.log.error('refused', { reason, mayExist });
      if (!mayExist) throw new TerminalError(reason);
      return { physicalId: unconfirmedId(request.owner), failure: reason };
    }
  }
}

/** Seconds. */
const RETRY_INTERVAL = 1;

/** Seconds, up to one: resources that were throttled together do not come back together. From no chance, so that a run can be repeated. */
function jitter({ owner }: Request, budget: TimeBudget): number {
  return parseInt(hashOf([owner.resource, budget.elapsed]), 16) / 0xffffffff;
}

/** An error that the next poll may not meet again. Access denied is one in the first minute: IAM takes its time. */
export function isTransient(errorClass: ErrorClass, budget: TimeBudget): boolean {
  return errorClass === 'denied' ? budget.elapsed < 60 : errorClass !== 'terminal';
}

/** One invocation. A transient error is an observation. */
async function attempt(handler: ResourceHandler, requestType: Event['RequestType'], request: Request, budget: TimeBudget): Promise<Reconciled | Deleted> {
  try {
    return await (requestType === 'Delete' ? handler.delete(request, budget) : handler.reconcile(request, budget));
  } catch (error) {
    const errorClass = classify(error, handler.errorClasses);
    if (errorClass === 'throttled') await budget.pause(jitter(request, budget));
    if (isTransient(errorClass, budget)) return { pending: describeError(error) };
    request.log.error('failed', { reason: describeError(error) });
    throw error;
  }
}

function responseOf(clock: Clock, outcome: OnEventOutcome): OnEventResponse {
  return { PhysicalResourceId: outcome.physicalId, RtcStamp: { At: clock.now(), Accepted: outcome } };
}

function toRequest(event: Event, log: Log): Request {
  return {
    owner: ownerOf(event),
    physicalId: (event as { PhysicalResourceId?: string }).PhysicalResourceId ?? '',
    properties: ownProperties(event.ResourceProperties),
    oldProperties: event.RequestType === 'Update' ? ownProperties(event.OldResourceProperties) : {},
    onEventOutcome: event.RtcStamp?.Accepted,
    account: event.StackId.split(':')[4] ?? '',
    log: log.child({
      requestType: event.RequestType, requestId: event.RequestId, logicalId: event.LogicalResourceId, resourceType: event.ResourceType,
    }),
  };
}

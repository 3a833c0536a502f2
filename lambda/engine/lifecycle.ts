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

/** What one resource type does; its dispatch, time and errors are the same for all. */
export interface ResourceHandler {
  /** What this service's errors mean. */
  readonly errorClasses: Record<string, ErrorClass>;
  /**
   * Makes at most one thing, and says its physical id at once; what can fail later fails in `settle`. It is called again after an error
   * that isTransient, and has to find what it may have made.
   */
  create(request: Request, budget: TimeBudget): Promise<Accepted>;
  /** Finds the thing that is to be updated, or makes the one that replaces it. */
  update(request: Request, budget: TimeBudget): Promise<Accepted>;
  /** Observes and mends, until what is observed equals what is desired. */
  reconcile(request: Request, budget: TimeBudget): Promise<Reconciled>;
  /** Observes and removes, until nothing is left. */
  delete(request: Request, budget: TimeBudget): Promise<Deleted>;
  /** Observes and compares as `settle` does, and changes nothing. Undefined: it is gone. Throws where it cannot be observed. */
  detectDrift(request: Request, budget: TimeBudget): Promise<PropertyDifference[] | undefined>;
}

export interface Request {
  readonly owner: Owner;
  readonly physicalId: string;
  readonly properties: Properties;
  readonly oldProperties: Properties;
  readonly accepted?: Accepted;
  readonly account: string;
  readonly log: Log;
}

export type Properties = Record<string, unknown>;

/** What `create` or `update` found or made; it travels from onEvent to isComplete. */
export interface Accepted {
  readonly physicalId: string;
  /** Known already, but reported by isComplete: a Delete follows only there, and something may have been made. */
  readonly failure?: string;
  /** A replacement that was given up: what it may have left is to be found and removed. */
  readonly sweep?: OrphanSearch;
  /** The thing was marked as ours by this request; without the mark somebody has taken it since. */
  readonly claimed?: boolean;
  /** The tags of that mark, where they say more than the owner. */
  readonly claim?: Record<string, string>;
  /** The members of a setting of another owner that this request replaces: the service must not keep them. */
  readonly overwritten?: readonly string[];
}

export interface OrphanSearch {
  /** Where to look. */
  readonly region: string;
  /** The hash of its create-only properties, or its own id. */
  readonly attempted: string;
  /** What CloudFormation knows, and will deal with itself. */
  readonly except: string;
}

export type Reconciled = { readonly attributes: Record<string, string> } | Pending;
export type Deleted = { readonly gone: true } | Pending;

/** Not yet; the text says what was observed last. */
export interface Pending {
  readonly pending: string;
}

interface Stamp {
  readonly At: number;
  readonly Accepted?: Accepted;
}

export interface OnEventResult {
  readonly PhysicalResourceId: string;
  /** The framework hands every further field of onEvent's answer on to isComplete. */
  readonly RtcStamp: Stamp;
}

export interface IsCompleteResult {
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
  async function onEvent(event: Event): Promise<OnEventResult> {
    const handler = await load(event.ResourceType);
    const request = toRequest(event, log);
    request.log.info('received', { physicalId: request.physicalId });
    if (event.RequestType === 'Delete') return answer(clock, { physicalId: event.PhysicalResourceId });
    const budget = new TimeBudget(clock, clock.now(), TIMING.create);
    const accepted = await budget.run(() => accept(handler, event.RequestType, request, budget));
    request.log.info('accepted', { ...accepted });
    return answer(clock, accepted);
  }

  async function isComplete(event: Event): Promise<IsCompleteResult> {
    const handler = await load(event.ResourceType);
    const request = toRequest(event, log);
    const failure = request.accepted?.failure;
    if (failure && event.RequestType !== 'Delete') throw new TerminalError(failure);
    const budget = new TimeBudget(clock, event.RtcStamp?.At ?? clock.now());
    const outcome = await budget.run(() => attempt(handler, event.RequestType, request, budget));
    if ('pending' in outcome) {
      request.log.info('pending', { observed: outcome.pending });
      // The framework would say only that the operation timed out.
      if (budget.elapsed >= TIMING.deadline) {
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
 * Tries until it is accepted or refused. An error is thrown only where nothing can have been made, because no Delete follows it: the
 * framework swallows that one. Otherwise the answer names an id, and the failure is reported later.
 */
async function accept(handler: ResourceHandler, requestType: 'Create' | 'Update', request: Request, budget: TimeBudget): Promise<Accepted> {
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

/** One budget; an error that passes is something observed. */
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

function answer(clock: Clock, accepted: Accepted): OnEventResult {
  return { PhysicalResourceId: accepted.physicalId, RtcStamp: { At: clock.now(), Accepted: accepted } };
}

function toRequest(event: Event, log: Log): Request {
  return {
    owner: ownerOf(event),
    physicalId: event.RequestType === 'Create' ? (event as { PhysicalResourceId?: string }).PhysicalResourceId ?? '' : event.PhysicalResourceId,
    properties: ownProperties(event.ResourceProperties),
    oldProperties: event.RequestType === 'Update' ? ownProperties(event.OldResourceProperties) : {},
    accepted: event.RtcStamp?.Accepted,
    account: event.StackId.split(':')[4] ?? '',
    log: log.child({
      requestType: event.RequestType, requestId: event.RequestId, logicalId: event.LogicalResourceId, resourceType: event.ResourceType,
    }),
  };
}

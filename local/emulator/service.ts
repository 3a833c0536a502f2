import { Clock } from './clock';
import { ServiceError } from './errors';
import { ServiceModel } from './model';

/** How long asynchronous changes take, in milliseconds. */
export interface Timings {
  readonly creating: number;
  readonly updating: number;
  readonly deleting: number;
  /** Until a changed media storage configuration shows. */
  readonly mediaStorage: number;
}

/** What the engine offers to every service. */
export interface Engine {
  readonly clock: Clock;
  readonly timings: Timings;
  readonly random: () => number;
}

export type ServiceFactory = (engine: Engine) => Service;

/** Where and when an operation is carried out. */
export interface CallContext {
  readonly account: string;
  readonly region: string;
  readonly now: number;
  /** What a read sees: the state of this time. Before `now` when reads lag. */
  readonly readAt: number;
  /** What faults say of single items of a batch, by the item's name. */
  readonly itemErrors?: ReadonlyMap<string, ItemError>;
}

export interface ItemError {
  readonly code: string;
  readonly message: string;
}

export type Tags = Readonly<Record<string, string>>;

/**
 * One thing a call touches: IAM decides on it, limits count per it, faults and the call log name it. Several are all needed; the
 * first is what the call is about.
 */
export interface Target {
  /** '*' for actions without a resource type. */
  readonly arn: string;
  /** The service evaluates the action against this ARN, although the service authorization reference lists no resource for the action. */
  readonly isUnlisted?: boolean;
  /** Default: the service's IAM prefix and the operation's name. */
  readonly action?: string;
  /** The resource's current tags; undefined when it does not exist, or not yet. */
  readonly tags?: Tags;
  /** Tags in the request, for aws:RequestTag and aws:TagKeys. */
  readonly requestTags?: Tags;
  /** Tag keys in the request when there are no values (untag). */
  readonly tagKeys?: readonly string[];
  /** More condition keys, for example iam:AWSServiceName. */
  readonly conditionKeys?: Readonly<Record<string, string>>;
  /** What the limit per resource counts by. Default: the ARN. */
  readonly limitKey?: string;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Input = any;

export interface Operation {
  /** Reads may lag, writes never do. */
  readonly access: 'read' | 'write';
  /** The ARN of what a create has made, for the call log. */
  readonly created?: (output: Input) => string;
  /** The names of the items of a batch, each of which can fail alone. */
  readonly items?: (input: Input) => string[];
  targets(input: Input, call: CallContext): Target[];
  run(input: Input, call: CallContext): Record<string, unknown>;
}

/** Calls per second, and how many at once. Default: one second's worth. */
export interface Burst {
  readonly perAccount: number;
  readonly burst?: number;
}

/** Calls per second: in an account and region, and on one resource. */
export interface Rate extends Partial<Burst> {
  readonly perResource?: number;
  /** Counts together all operations of the service whose rate names it. */
  readonly shared?: Burst & { readonly name: string };
}

/** Stands in for an AWS::… type of CloudFormation that other emulators lack. */
export interface ResourceType {
  create(request: ResourceRequest): ResourceResult;
  /** A changed create-only property makes a new physical id; the caller then deletes the old one, as CloudFormation does. */
  update(request: ResourceRequest): ResourceResult;
  delete(request: ResourceRequest): ResourceResult;
}

export interface ResourceRequest {
  readonly account: string;
  readonly region: string;
  readonly now: number;
  readonly properties: Record<string, unknown>;
  readonly physicalId?: string;
  readonly logicalId?: string;
  readonly stackId?: string;
}

export interface ResourceResult {
  readonly physicalId: string;
  readonly attributes: Record<string, unknown>;
}

/** An out-of-band change, without the checks of IAM and the service. */
export interface Edit {
  /** The ARN, or the name where only one living resource has it. */
  readonly resource: string;
  readonly [change: string]: unknown;
}

export interface Service {
  /** Path prefix of its endpoint. */
  readonly name: string;
  readonly model: ServiceModel;
  readonly iamPrefix: string;
  /** Where the service exists; elsewhere its host name does not resolve. Default: everywhere. */
  readonly regions?: readonly string[];
  /** Of a global service: all its calls are made there, whatever region they are signed for. */
  readonly globalRegion?: string;
  /** What becomes of members that the model does not know. Default: 'refuse'. */
  readonly unknownMembers?: 'refuse' | 'ignore';
  readonly ignoredPatterns?: readonly string[];
  /** The service's own names for what the engine decides. */
  readonly errors: {
    readonly invalid: string;
    readonly throttled: string;
    readonly accessDenied: string;
    readonly internalFailure?: string;
    readonly unavailable?: string;
  };
  readonly operations: Record<string, Operation>;
  readonly rates: Record<string, Rate>;
  readonly resourceTypes: Record<string, ResourceType>;
  /** Counts every change of state, so that the call log can identify a call that changed something. */
  changes(): number;
  edit(edit: Edit, now: number): void;
  /** The state at a time, as plain JSON. */
  snapshot(now: number): unknown;
  reset(): void;
}

export function invalid(service: Pick<Service, 'errors'>, message: string): ServiceError {
  return new ServiceError(service.errors.invalid, message);
}

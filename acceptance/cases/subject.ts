import type { Construct } from 'constructs';
import type { Area } from '../options';
import type { Round } from '../rounds';

/** The versions of a construct, in the order in which a run deploys them. */
export const VARIANTS = ['created', 'updated', 'replaced', 'renamed', 'retained'] as const;
export type Variant = typeof VARIANTS[number];

export interface CaseContext {
  readonly region: string;
  /** A prefix of every name that the case chooses. */
  readonly namePrefix: string;
  /** Whether the run takes place in AWS. The local cloud has no servers for media. */
  readonly isAws: boolean;
  /** An SDK client with the credentials of the person. Each call is logged and redacted. */
  client<T>(constructor: new (configuration: any) => T): T;
  /** Registers a deletion, which runs at the end in reverse order, also after a failure or Ctrl-C. */
  onCleanup(description: string, deletion: () => Promise<void>): void;
}

/** The state of a resource that the service reports. */
export type State = Record<string, unknown>;

/** What a property of a construct does in a run: the round that changes it, or the reason why no round does. */
export type PropertyCase = Round | { readonly unchanged: string };

/** Why the region of a resource stays as it is. */
export const ONE_REGION = { unchanged: 'A run works in one region, and searches only this region for leftovers.' } as const;

/** The properties of one construct of a subject. */
export interface PropertyCases<Props extends object = object> {
  readonly construct: string;
  readonly cases: Readonly<Record<keyof Props, PropertyCase>>;
  /** The properties of a version. */
  props(scope: Construct, variant: Variant, namePrefix: string): Props;
}

/** A deployed resource that another stack meets. */
export interface Existing {
  readonly id: string;
  readonly namePrefix: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A resource that a run deploys in several versions. */
export interface Subject {
  readonly area: Area;
  /** The name of the construct. */
  readonly construct: string;
  /** The ID of the scope of its constructs in the stack. */
  readonly id: string;
  /** The CloudFormation type whose physical ID is the ID of the resource. */
  readonly type: string;
  /** The properties of its constructs. A test compares them with the versions. */
  readonly properties: readonly PropertyCases<any>[];
  /** Another stack that wants the resource, and whose deployment therefore fails. */
  readonly conflict?: { readonly reason: RegExp; build(scope: Construct, existing: Existing): void };
  readonly adoption?: Adoption;
  /** Checks of the deployed resource that aren't about its state. They run after the update. */
  readonly uses?: readonly Use[];
  /** The state in which a version must be, and whether the version replaces the resource. Undefined: there is no such version. */
  expected(variant: Variant, namePrefix: string): { readonly state: State; readonly isReplaced?: boolean } | undefined;
  /** Adds a version to the stack. Returns the ID of the resource. */
  build(scope: Construct, variant: Variant, namePrefix: string): string;
  /** Undefined: the service has no such resource, or the setting isn't configured. */
  observe(context: CaseContext, id: string, outputs: Readonly<Record<string, string>>): Promise<State | undefined>;
  /** Deletes the resource that its stack retained. Nothing happens if the resource doesn't exist. */
  deleteRetained?(context: CaseContext, id: string, outputs: Readonly<Record<string, string>>): Promise<void>;
  /** Registers the deletion of what the service itself creates for the resource. */
  onCreated?(context: CaseContext, id: string): void;
}

/** The adoption of the retained resource by another stack. */
export interface Adoption {
  /** The state after the adoption. */
  readonly state: State;
  /** Removes the owner tags, as the error of the library describes. */
  release(context: CaseContext, id: string): Promise<void>;
  /** Adds the constructs that adopt the resource. Returns its ID. */
  build(scope: Construct, existing: Existing): string;
  /** Undefined: the resource has no owner, although the service still has it. Default: the resource is deleted with the adopting stack. */
  observe?(context: CaseContext, id: string): Promise<State | undefined>;
}

export interface Use {
  readonly title: string;
  readonly expected: string;
  /** The reason why the use can't be checked here. */
  skipped?(context: CaseContext): string | undefined;
  /** Returns what was observed. Throws if the observation isn't as expected. */
  run(context: CaseContext, outputs: Readonly<Record<string, string>>): Promise<string>;
}

/** The value of a read, or undefined if the service has no such resource. */
export async function ifFound<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (/^(ResourceNotFoundException|NotFoundException)$/.test((error as Error).name)) return undefined;
    throw error;
  }
}

/** Where a state differs from the expected members, for example `messageTtlSeconds is 60, expected 30`. Additional members aren't differences. */
export function differencesOf(expected: unknown, actual: unknown, path = ''): string[] {
  if (Array.isArray(expected) || typeof expected !== 'object' || expected === null) {
    return JSON.stringify(expected) === JSON.stringify(actual) ? [] : [`${path || 'the state'} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];
  }
  if (typeof actual !== 'object' || actual === null) return [`${path || 'the state'} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];
  return Object.entries(expected).flatMap(([key, value]) => differencesOf(value, (actual as State)[key], path ? `${path}.${key}` : key));
}

import * as fc from 'fast-check';
import type { Emulator } from '../../../local/emulator';
import type { PolicyStack } from '../../stored-templates';
import { type PolicyDocument, synthesisedPolicies } from '../../synthesised-policies';
import { halfTheTime, rarely } from '../chance';
import type { Desired } from '../history';
import type { Version } from '../versions';

/* eslint-disable @typescript-eslint/no-explicit-any */

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/** A resource of a service. */
export interface Remote {
  /** The physical ID under which CloudFormation would know it. */
  readonly id: string;
  /** The stack that owns it, by its tags. */
  readonly stackId?: string;
  /** Its tags mark it as retained. */
  readonly isRetained: boolean;
  readonly state: any;
}

/** One kind of resource of the library: how the simulation draws, deploys, disturbs, and checks it. Each kind has a file, and an entry in index.ts. */
export interface Kind {
  readonly name: string;
  readonly type: string;
  /** The service that has the resource. */
  readonly service: string;
  readonly desired: fc.Arbitrary<Desired>;
  /** The desired state of the neighbor, a stack that nothing may touch. */
  readonly neighbor: Desired;
  /** Changes in the last deployment, so that it updates the resource. */
  readonly lastChange: Desired;
  /** Relative number of draws; an expensive kind has fewer. Default: 12 */
  readonly weight?: number;
  /** Of a setting: its parent, and whether no other resource of the simulation configures that parent. */
  readonly setting?: { parentOf(properties: Record<string, unknown>): string; isOnlyOne(desired: Desired): boolean };
  /** A late delivery of a Create is refused after the Delete. For the other kinds it is a known gap in docs/reliability.md. */
  readonly refusesLateDeliveries?: true;
  /** In seconds. Default: `TIMING.serviceTimeout` */
  readonly serviceTimeout?: number;
  /** The previous version doesn't have this kind. */
  readonly isNew?: true;
  /** The resource only reads: no stack owns anything in the account because of it. */
  readonly ownsNothing?: true;
  /** Out-of-band changes, by name, as edits of the emulator, of the resource or of one that its properties name. */
  readonly edits: Record<string, object | ((properties: any) => object | undefined)>;
  /** Carries out an out-of-band change of the resource with this physical ID. Default: an edit of the emulator */
  edit?(emulator: Emulator, id: string, change: object): void;
  /** Creates a resource with these tags that is in the way of the desired one. */
  createConflict?(emulator: Emulator, properties: any, tags: Record<string, string>): void;
  /** The tags with which the stack would own the resource. */
  ownerTagsOf?(stackId: string): Record<string, string>;
  /** An edit that replaces the tags, or what stands for tags. Default: `replaceTags` */
  retag?(tags: any): object;
  /** Whether a Delete leaves the resource in the account. */
  isLeft?(remote: Remote): boolean;
  /** Whether a retained resource can't be adopted again and deleted then. */
  staysForGood(desired: Desired, properties: any): boolean;
  /** The policies of the handlers of a stack that has a resource of this kind. */
  policies(stackId: string): PolicyDocument[];
  /** The properties of the custom resource. Creates the resources that they refer to, if they don't exist yet. */
  properties(emulator: Emulator, place: string, stackId: string, desired: Desired): Record<string, unknown>;
  /** The properties whose change replaces the resource. */
  createOnly(properties: any): unknown;
  /** The stream that only one resource can have. Another resource of the stack takes the stream, and a rollback gives it back. */
  recordsInto?(properties: any): string | undefined;
  remotes(emulator: Emulator): Remote[];
  /** How a resource differs from the desired state. `version`: the handlers of its last Create or Update. */
  difference(remote: Remote, desired: Desired, properties: any, emulator: Emulator, version?: Version): string | undefined;
  /** The attributes for `Fn::GetAtt` that the last response must have, as the service describes the resource now. Default: not compared */
  attributes?(remote: Remote, properties: any, emulator: Emulator): Record<string, string>;
}

export function handlerPolicies(stack: PolicyStack): Kind['policies'] {
  const policies = synthesisedPolicies(stack);
  return (stackId) => policies({ stackId, account: ACCOUNT });
}

export const tags = halfTheTime(fc.dictionary(fc.constantFrom('team', 'cost'), fc.constantFrom('a', 'b'), { maxKeys: 2 }));

export const tagProperty = (desired: Desired) => (desired.tags ? { Tags: Object.entries(desired.tags).map(([Key, Value]) => ({ Key, Value })) } : {});

export function tagDifference(actual: Record<string, string>, desired: Desired): string | undefined {
  const missing = Object.entries(desired.tags ?? {}).find(([key, value]) => actual[key] !== value);
  return missing && `tag ${missing.join('=')} is ${actual[missing[0]]}`;
}

export const retain = rarely(fc.constant(true), 8);

export const retainProperty = ({ retain: isRetained }: Desired) => (isRetained ? { Retain: true } : {});

/** `shared` is the name of the same resource in both stacks, `common` that of both resources of a stack. Every other name belongs to one resource of one stack. */
export function nameOf(place: string, name: string): string {
  const [stack, id] = place.split('-');
  return { shared: `shared-${id}`, common: `${stack}-common` }[name] ?? `${place}-${name}`;
}

/** Creates a resource that the properties refer to, unless it exists. */
export function referenced(emulator: Emulator, type: string, name: string, properties: Record<string, unknown>): string {
  const key = `${type} ${name}`;
  const known = references.get(emulator) ?? new Map<string, string>();
  references.set(emulator, known);
  if (!known.has(key)) known.set(key, emulator.applyResource({ action: 'create', type, account: ACCOUNT, region: REGION, properties }).physicalId);
  return known.get(key)!;
}

/** By type and name. */
const references = new WeakMap<Emulator, Map<string, string>>();

export const regionsOf = (emulator: Emulator, service: string): any[] => emulator.stateOf(service) as any[];

/** The names of the channels whose media storage is a resource of its own: CloudFormation creates those channels, and no resource of this library. */
export const MEDIA_STORAGE_PREFIX = 'media-';

/** The ARN of a channel that CloudFormation creates, unless it exists. */
export const channelNamed = (emulator: Emulator, name: string): string =>
  kinesisVideoArn(emulator, 'channels', referenced(emulator, 'AWS::KinesisVideo::SignalingChannel', name, { Name: name }));

/** The ARN of a stream, which is created unless it exists. */
export const streamNamed = (emulator: Emulator, name: string): string =>
  kinesisVideoArn(emulator, 'streams', referenced(emulator, 'AWS::KinesisVideo::Stream', name, { Name: name, DataRetentionInHours: 24 }));

const kinesisVideoArn = (emulator: Emulator, list: 'channels' | 'streams', name: string): string =>
  regionsOf(emulator, 'kinesisvideo').flatMap((region) => region[list]).find((found) => found.name === name).arn;

/** Carries out an operation of a service without a client. */
export function perform(emulator: Emulator, service: string, operation: string, input: object): any {
  const now = emulator.clock.now();
  return emulator.service(service).operations[operation].run(input, { account: ACCOUNT, region: REGION, now, readAt: now });
}

/** Of a resource with the two owner tags. */
export const ownerTagsOf = (stackId: string): Record<string, string> => ({ 'cdk-rtc:stack': stackId, 'cdk-rtc:resource': '0123456789abcdef.01234567.01234567' });

/** A resource with the two owner tags. */
export function remoteOf(state: any): Remote {
  return { id: state.arn, stackId: state.tags['cdk-rtc:stack'], isRetained: /retained/.test(state.tags['cdk-rtc:resource']), state };
}

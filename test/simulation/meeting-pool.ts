import * as fc from 'fast-check';
import { halfTheTime } from './chance';
import { unheard } from './functions';
import { ACCOUNT, type Kind, REGION, type Remote, type Wish } from './kinds';
import type { Emulator } from '../../local/emulator';
import { CHIME_MEETING_POOL_RESOURCE_TYPE, type ChimeMeetingPoolProperties, POOL_TAG } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { type Resources, resourcesOf } from '../stored-templates';
import type { PolicyDocument } from '../synthesised-policies';

/* eslint-disable @typescript-eslint/no-explicit-any */

/** Who may use a pool: the handlers of its stack, or one of its own functions. */
export type PoolRole = 'handler' | 'checkout' | 'maintain';

/** A living meeting, as its service has it. */
export interface LivingMeeting {
  readonly service: 'chime-sdk-meetings' | 'chime';
  readonly id: string;
  readonly externalMeetingId: string;
  readonly mediaRegion: string;
  readonly features: object;
  readonly tenantIds?: string[];
  readonly endsAt: number;
  readonly attendees: { readonly externalUserId: string }[];
  readonly tags: Record<string, string>;
}

/** An item of a pool's table, without what is secret. */
export type PoolItemState = Record<string, any>;

/** All that is left of one pool: what its table says and what lives of it. */
export interface PoolState {
  readonly pool?: PoolItemState;
  readonly items: PoolItemState[];
  readonly meetings: LivingMeeting[];
}

export function livingMeetings(emulator: Emulator): LivingMeeting[] {
  return (['chime-sdk-meetings', 'chime'] as const).flatMap((service) => (
    (emulator.stateOf(service) as { meetings: LivingMeeting[] }[]).flatMap(({ meetings }) => meetings).map((meeting) => ({ ...meeting, service }))
  ));
}

function tablesOf(emulator: Emulator): { name: string; items: PoolItemState[] }[] {
  return (emulator.stateOf('dynamodb') as any[]).flatMap(({ tables }) => tables).map(({ name, items }) => ({ name, items: items.map(plain) }));
}

function plain(item: Record<string, { S?: string; N?: string } | string>): PoolItemState {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, typeof value === 'string' ? value : value.S ?? Number(value.N)]));
}

/** The meetings that a table holds ready. */
export function readyIds(items: readonly PoolItemState[]): Set<string> {
  return new Set(items.filter(({ life }) => life === 'ready').map(({ meetingId }) => meetingId));
}

/** By their names; also of those of which only meetings or only a table's items are left. */
export function poolsOf(emulator: Emulator): Map<string, PoolState & { readonly stackId?: string }> {
  const tables = tablesOf(emulator);
  const noted = new Set(tables.flatMap(({ items }) => items.map(({ meetingId }) => meetingId)));
  // What a request makes that comes to the service after its caller has given up, nobody knows; it ends by itself. A limit that docs/reliability.md names.
  const isStray = (id: string) => unheard.get(emulator)?.has(id) && !noted.has(id);
  const living = livingMeetings(emulator).filter(({ id }) => !retained.get(emulator)?.has(id) && !isStray(id));
  const names = new Set([
    ...living.flatMap(({ tags }) => tags[POOL_TAG] ?? []),
    ...tables.flatMap(({ items }) => items.filter(({ item, state }) => item === 'pool' && state === 'open').map(({ pool }) => pool)),
  ]);
  return new Map([...names].map((name) => {
    const meetings = living.filter(({ tags }) => tags[POOL_TAG] === name);
    const table = tables.find(({ items }) => items.some(({ pool }) => pool === name));
    const items = table?.items.filter(({ pool }) => pool === name) ?? [];
    const stackId = meetings[0]?.tags['cdk-rtc:stack'] ?? stackOfTable.get(emulator)?.get(table?.name ?? '');
    return [name, { stackId, pool: items.find(({ item }) => item === 'pool'), items, meetings }];
  }));
}

/** Meetings that were handed out by a pool which leaves them alone when it goes. */
export const retained = new WeakMap<Emulator, Set<string>>();

const stackOfTable = new WeakMap<Emulator, Map<string, string>>();
const tableOfPlace = new WeakMap<Emulator, Map<string, string>>();

/** The table that CloudFormation makes before the resource. Another one, after the resource had gone and its table with it, has another name. */
function tableAt(emulator: Emulator, place: string, stackId: string): string {
  const known = tableOfPlace.get(emulator) ?? new Map<string, string>();
  tableOfPlace.set(emulator, known);
  const owners = stackOfTable.get(emulator) ?? new Map<string, string>();
  stackOfTable.set(emulator, owners);
  if (!known.has(place)) {
    const TableName = `${place}-${owners.size}`;
    const { Properties } = Object.values(template(false)).find(({ Type }) => Type === 'AWS::DynamoDB::Table')!;
    emulator.applyResource({ action: 'create', type: 'AWS::DynamoDB::Table', account: ACCOUNT, region: REGION, properties: { ...Properties, TableName } });
    known.set(place, TableName);
    owners.set(TableName, stackId);
  }
  return known.get(place)!;
}

/** As CloudFormation does it once the resource is deleted; `used` are the tables of those that are there. */
export function dropTables(emulator: Emulator, stackId: string, used: ReadonlySet<string>): void {
  for (const [place, name] of [...tableOfPlace.get(emulator) ?? []]) {
    if (used.has(name) || stackOfTable.get(emulator)?.get(name) !== stackId) continue;
    emulator.applyResource({ action: 'delete', type: 'AWS::DynamoDB::Table', account: ACCOUNT, region: REGION, physicalId: name });
    tableOfPlace.get(emulator)!.delete(place);
  }
}

function template(legacy: boolean): Resources {
  return resourcesOf(legacy ? 'simulatedLegacyMeetingPool' : 'simulatedMeetingPool');
}

/** The policies of one role, with what CloudFormation puts for the names of the table and the pool. */
export function poolPolicies(role: PoolRole, legacy: boolean, names: { stackId: string; table: string; poolName: string }): PolicyDocument[] {
  const resources = template(legacy);
  const isRole = (name: string) => name.includes({ handler: 'HandlerRole', checkout: 'Checkout', maintain: 'Maintainer' }[role]);
  const documents = Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::IAM::Role' && isRole(id)) return (Properties.Policies ?? []).map(({ PolicyDocument: document }: any) => document);
    return Type === 'AWS::IAM::Policy' && isRole(JSON.stringify(Properties.Roles)) ? [Properties.PolicyDocument] : [];
  });
  const references: Record<string, string> = { 'AWS::StackId': names.stackId, 'AWS::AccountId': ACCOUNT, 'AWS::Partition': 'aws', 'AWS::Region': REGION };
  const attribute = (id: string) => {
    switch (resources[id].Type) {
      case 'AWS::DynamoDB::Table': return `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${names.table}`;
      case CHIME_MEETING_POOL_RESOURCE_TYPE: return names.poolName;
      default: return `arn:aws:other:::${id}`;
    }
  };
  const fill = (value: any): any => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref, 'Fn::Join': join, 'Fn::GetAtt': get } = value;
    if (Ref !== undefined) return references[Ref] ?? Ref;
    if (join) return fill(join[1]).join(join[0]);
    if (get) return attribute(get[0]);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)]));
  };
  return documents.map(fill);
}

const isLegacy = ({ namespace }: Wish): boolean => namespace === 'CHIME';

/** More than are invited in the call that makes the meeting. */
export const MANY = Array.from({ length: 22 }, (_, index) => `guest-${index}`);

const wish: fc.Arbitrary<Wish> = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  attendees: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: fc.subarray(['host', 'bot'], { minLength: 1 }) }, { weight: 1, arbitrary: fc.constant(MANY) }),
  mediaRegion: halfTheTime(fc.constantFrom('eu-central-1', 'us-west-2')),
  features: halfTheTime(fc.constantFrom({ Audio: { EchoReduction: 'AVAILABLE' } }, { Attendee: { MaxCount: 100 } })),
  tenantIds: halfTheTime(fc.constant(['tenant-1'])),
  notified: fc.boolean(),
  minimum: fc.constantFrom(undefined, 60, 180),
  endLeased: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  keepWarm: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  namespace: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant('CHIME') }),
});

function propertiesOf(emulator: Emulator, place: string, stackId: string, wished: Wish): Record<string, unknown> {
  const properties: Omit<ChimeMeetingPoolProperties, 'Attendees'> & { readonly Attendees?: string } = {
    TableName: tableAt(emulator, place, stackId),
    Size: wished.size,
    ...wished.mediaRegion ? { MediaRegion: wished.mediaRegion } : {},
    ...wished.features && !isLegacy(wished) ? { MeetingFeatures: wished.features } : {},
    ...wished.notified ? { Notifications: { SqsQueueArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:rooms` } } : {},
    ...wished.tenantIds && !isLegacy(wished) ? { TenantIds: wished.tenantIds } : {},
    ...wished.attendees.length > 0 ? { Attendees: JSON.stringify(wished.attendees.map((ExternalUserId: string) => ({ ExternalUserId }))) } : {},
    ...wished.minimum ? { MinimumRemainingLifetimeSeconds: wished.minimum } : {},
    ...wished.endLeased ? {} : { EndLeasedMeetings: false },
    ...isLegacy(wished) ? { Namespace: 'CHIME', Region: 'us-east-1' } : {},
  };
  return { ...properties };
}

/** Of those only that are to be leased: how many there are depends on who came. */
function differenceOf({ state }: Remote, wished: Wish): string | undefined {
  const { pool, items, meetings } = state as PoolState;
  if (pool?.state !== 'open') return `is ${pool?.state}`;
  if (pool.size !== wished.size) return `size is ${pool.size}`;
  if (pool.minimumRemainingLifetime !== (wished.minimum ?? 120) * 1000) return `minimum is ${pool.minimumRemainingLifetime}`;
  const service = isLegacy(wished) ? 'chime' : 'chime-sdk-meetings';
  const ready = readyIds(items);
  for (const { id, ...meeting } of meetings.filter((one) => ready.has(one.id))) {
    if (meeting.service !== service) return `${id} is of ${meeting.service}`;
    if (meeting.mediaRegion !== (wished.mediaRegion ?? REGION)) return `${id} is in ${meeting.mediaRegion}`;
    const features = isLegacy(wished) ? {} : wished.features ?? {};
    if (JSON.stringify(meeting.features ?? {}) !== JSON.stringify(features)) return `${id} has the features ${JSON.stringify(meeting.features)}`;
    const tenants = isLegacy(wished) ? undefined : wished.tenantIds;
    if (JSON.stringify(meeting.tenantIds) !== JSON.stringify(tenants)) return `${id} is of the tenants ${meeting.tenantIds}`;
    const invited = meeting.attendees.map(({ externalUserId }) => externalUserId).sort().join();
    if (invited !== [...wished.attendees].sort().join()) return `${id} invites ${invited}`;
  }
  return undefined;
}

export const chimeMeetingPool: Kind = {
  name: 'chimeMeetingPool',
  type: CHIME_MEETING_POOL_RESOURCE_TYPE,
  service: 'chime-sdk-meetings',
  wish,
  // Somebody else ends meetings, not pools: see pools.ts.
  edits: {},
  // Every table of the stack, but none of another stack.
  policies: (stackId) => [false, true].flatMap((legacy) => poolPolicies('handler', legacy, { stackId, table: `${stackId.split('/')[1]}-*`, poolName: '' })),
  properties: propertiesOf,
  remotes: (emulator) => [...poolsOf(emulator)].map(([id, { stackId, ...state }]) => ({ id, stackId, isRetained: false, state })),
  difference: differenceOf,
};

import * as fc from 'fast-check';
import { ACCOUNT, type Kind, REGION, type Remote } from './kind';
import type { Emulator } from '../../../local/emulator';
import {
  CHIME_MEETING_POOL_RESOURCE_TYPE, type ChimeMeetingPoolProperties, RESERVED_USER_PREFIX,
} from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { halfTheTime } from '../chance';
import type { Desired } from '../history';
import { poolPolicies, poolsOf, type PoolState, readyIds, tableAt } from '../pool-state';

const isLegacy = ({ namespace }: Desired): boolean => namespace === 'CHIME';

/** More attendees than the call that creates the meeting accepts. */
export const MANY = Array.from({ length: 22 }, (_, index) => `guest-${index}`);

const desiredPools: fc.Arbitrary<Desired> = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  attendees: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: fc.subarray(['host', 'bot'], { minLength: 1 }) }, { weight: 1, arbitrary: fc.constant(MANY) }),
  reserved: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(1, 3) }),
  mediaRegion: halfTheTime(fc.constantFrom('eu-central-1', 'us-west-2')),
  features: halfTheTime(fc.constantFrom({ Audio: { EchoReduction: 'AVAILABLE' } }, { Attendee: { MaxCount: 100 } })),
  tenantIds: halfTheTime(fc.constant(['tenant-1'])),
  notified: fc.boolean(),
  minimum: fc.constantFrom(undefined, 60, 180),
  endLeased: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  keepWarm: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  namespace: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant('CHIME') }),
});

/** The pool's own attendees and the reserved attendees fit into one call only if there are few of them. */
const reservedOf = ({ reserved = 0, attendees }: Desired): number => attendees.length + reserved > 10 ? 0 : reserved;

function propertiesOf(emulator: Emulator, place: string, stackId: string, desired: Desired): Record<string, unknown> {
  const properties: Omit<ChimeMeetingPoolProperties, 'Attendees'> & { readonly Attendees?: string } = {
    TableName: tableAt(emulator, place, stackId),
    Size: desired.size,
    ...desired.mediaRegion ? { MediaRegion: desired.mediaRegion } : {},
    ...desired.features && !isLegacy(desired) ? { MeetingFeatures: desired.features } : {},
    ...desired.notified ? { Notifications: { SqsQueueArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:rooms` } } : {},
    ...desired.tenantIds && !isLegacy(desired) ? { TenantIds: desired.tenantIds } : {},
    ...desired.attendees.length > 0 ? { Attendees: JSON.stringify(desired.attendees.map((ExternalUserId: string) => ({ ExternalUserId }))) } : {},
    ...reservedOf(desired) > 0 ? { ReservedAttendees: reservedOf(desired) } : {},
    ...desired.minimum ? { MinimumRemainingLifetimeSeconds: desired.minimum } : {},
    ...desired.endLeased ? {} : { EndLeasedMeetings: false },
    ...isLegacy(desired) ? { Namespace: 'CHIME', Region: 'us-east-1' } : {},
  };
  return { ...properties };
}

/** Compares only ready meetings. The number of leased meetings depends on the callers. */
function differenceOf({ state }: Remote, desired: Desired): string | undefined {
  const { pool, items, meetings } = state as PoolState;
  if (pool?.state !== 'open') return `is ${pool?.state}`;
  if (pool.size !== desired.size) return `size is ${pool.size}`;
  if (pool.minimumRemainingLifetime !== (desired.minimum ?? 120) * 1000) return `minimum is ${pool.minimumRemainingLifetime}`;
  const service = isLegacy(desired) ? 'chime' : 'chime-sdk-meetings';
  const ready = readyIds(items);
  for (const { id, ...meeting } of meetings.filter((one) => ready.has(one.id))) {
    if (meeting.service !== service) return `${id} is a meeting of ${meeting.service}`;
    if (meeting.mediaRegion !== (desired.mediaRegion ?? REGION)) return `${id} is in ${meeting.mediaRegion}`;
    const features = isLegacy(desired) ? {} : desired.features ?? {};
    if (JSON.stringify(meeting.features ?? {}) !== JSON.stringify(features)) return `${id} has the features ${JSON.stringify(meeting.features)}`;
    const tenants = isLegacy(desired) ? undefined : desired.tenantIds;
    if (JSON.stringify(meeting.tenantIds) !== JSON.stringify(tenants)) return `${id} has the tenants ${meeting.tenantIds}`;
    const isReserved = (name: string) => name.startsWith(RESERVED_USER_PREFIX);
    const names = meeting.attendees.map(({ externalUserId }) => externalUserId);
    const invited = names.filter((name) => !isReserved(name)).sort().join();
    if (invited !== [...desired.attendees].sort().join()) return `${id} invites ${invited}`;
    if (names.filter(isReserved).length !== reservedOf(desired)) return `${id} has ${names.filter(isReserved).length} reserved attendees`;
  }
  return undefined;
}

export const chimeMeetingPool: Kind = {
  name: 'chimeMeetingPool',
  type: CHIME_MEETING_POOL_RESOURCE_TYPE,
  service: 'chime-sdk-meetings',
  // A pool costs as much as four other resources. Targeted faults reach the rest.
  weight: 1,
  desired: desiredPools,
  // IAM isolates the meetings of the legacy namespace.
  neighbor: { size: 2, attendees: ['host', 'bot'], endLeased: true, keepWarm: false, namespace: 'CHIME' },
  lastChange: { minimum: 90 },
  createOnly: ({ TableName, Namespace }) => [TableName, Namespace],
  // Its table identifies a late delivery.
  refusesLateDeliveries: true,
  // A pool without meetings can't be observed.
  staysForGood: () => false,
  // Out-of-band changes end meetings, not pools: see pools.ts.
  edits: {},
  // The tables of the stack.
  policies: (stackId) => [false, true].flatMap((legacy) => poolPolicies('handler', legacy, { stackId, table: `${stackId.split('/')[1]}-*`, poolName: '' })),
  properties: propertiesOf,
  remotes: (emulator) => [...poolsOf(emulator)].map(([id, { stackId, ...state }]) => ({ id, stackId, isRetained: false, state })),
  difference: differenceOf,
};

import * as fc from 'fast-check';
import { rarely } from './chance';
import type { History, Operation, Resource } from './history';
import { KINDS } from './kinds';
import { pauses, poolEvents, poolFaults } from './pools';
import type { Fault } from '../../local/emulator';

const kind = fc.oneof(...Object.values(KINDS).map(({ name, weight = 12 }) => ({ weight, arbitrary: fc.constant(name) })));

/** Mostly of the same kind in the whole history, so that it is updated. */
const resource = (id: string, usual: string): fc.Arbitrary<Resource> => fc
  .oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: kind })
  .chain((name) => KINDS[name].desired.map((desired) => ({ id, kind: name, desired })));

const service = fc.constantFrom('kinesisvideo', 'ivs-realtime', 'chime-sdk-voice', 'chime', 'secrets-manager');
const times = fc.integer({ min: 1, max: 4 });

/** The errors of reached quotas. */
const QUOTAS = [
  { service: 'kinesisvideo', operation: 'CreateSignalingChannel', error: 'AccountChannelLimitExceededException' },
  { service: 'ivs-realtime', operation: 'CreateIngestConfiguration', error: 'ServiceQuotaExceededException' },
];

/** A stale read of a meeting was never observed. The legacy namespace also serves voice connectors. */
function notOfMeetings<T extends { readonly service: string }>(lag: T): T {
  return lag.service === 'chime' ? { ...lag, operation: 'GetVoiceConnectorStreamingConfiguration' } : lag;
}

/** Faults of the services. */
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('throttle' as const), service, times: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ kind: fc.constant('serverError' as const), service, status: fc.constantFrom(500, 503), executed: fc.boolean(), times }),
  fc.record({ kind: fc.constant('lostResponse' as const), service, times }),
  fc.record({ kind: fc.constant('lostRequest' as const), service, times }),
  fc.record({ kind: fc.constant('accessDenied' as const), service, times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('laggingReads' as const), service, milliseconds: fc.constantFrom(2000, 8000), times: fc.integer({ min: 1, max: 5 }) }).map(notOfMeetings),
  fc.record({ kind: fc.constant('reorderedReads' as const), service, milliseconds: fc.constantFrom(2000, 8000), times: fc.integer({ min: 1, max: 5 }) }).map(notOfMeetings),
  fc.record({ kind: fc.constant('delay' as const), service, milliseconds: fc.constantFrom(500, 3000, 6000), times }),
  fc.constantFrom(...QUOTAS).map((quota) => ({ kind: 'error' as const, ...quota, times: 10 })),
) as fc.Arbitrary<Fault>;

const which = fc.integer({ min: 0, max: 1 });

/** One in four draws has an element. */
const few = <T>(arbitrary: fc.Arbitrary<T>) => rarely(arbitrary, 4).map((one) => (one === undefined ? [] : [one]));

/** The construct refuses two resources of one kind on one parent, two channels that record into one stream, and two associations of one number. */
function haveOwnParents([one, other]: readonly Resource[]): boolean {
  return one.kind !== other.kind || !['connector', 'channel', 'stream', 'number'].some((member) => one.desired[member] === 'common' && other.desired[member] === 'common');
}

const operation = (a: string, b: string): fc.Arbitrary<Operation> => fc.record({
  stack: fc.oneof({ weight: 5, arbitrary: fc.constant(0 as const) }, { weight: 1, arbitrary: fc.constant(1 as const) }),
  resources: fc.tuple(resource('A', a), resource('B', b)).filter(haveOwnParents)
    .chain((both) => fc.oneof(
      { weight: 2, arbitrary: fc.constant([...both]) },
      { weight: 6, arbitrary: fc.constant([both[0]]) },
      { weight: 1, arbitrary: fc.subarray(both) },
    )),
  failsAfter: rarely(fc.constantFrom(0, 1, 5, 30), 8),
  failsLast: rarely(fc.constant(true), 8),
  rollback: fc.constantFrom('new' as const, 'old' as const, 'delete' as const),
  previousVersion: rarely(fc.constant(true), 24),
  duplicates: few(fc.record({ resource: which, after: fc.constantFrom(0, 0.05, 0.4) })),
  terminations: few(fc.record({ after: fc.integer({ min: 0, max: 15 }), when: fc.constantFrom('before' as const, 'after' as const) })),
  faults: fc.array(fc.oneof({ weight: 3, arbitrary: fault }, { weight: 1, arbitrary: poolFaults }), { maxLength: 2 }),
  poolEvents,
  pause: pauses,
  // Removing a resource during an operation may fail the operation, rollback included. So it is removed only before.
  edits: few(fc.oneof(
    fc.record({ resource: which, edit: fc.constantFrom('strip', 'change', 'endpoint', 'stackTag'), after: fc.constantFrom(0, 1, 3) }),
    fc.record({ resource: which, edit: fc.constant('remove'), after: fc.constant(0) }),
    fc.record({ resource: which, edit: fc.constant('live'), after: fc.constantFrom(0, 1), lasts: fc.constantFrom(5, 60) }),
  )),
  conflict: rarely(fc.record({ resource: which, owner: fc.constantFrom('unowned' as const, 'otherStack' as const) }), 8),
  pollAgain: rarely(fc.constant(true), 5),
  tagUpdate: rarely(fc.constantFrom(0, 0.13, 1, 3), 6),
}).map(({ tagUpdate, ...one }) => (
  // A tag update together with another disturbance that may hide a claim is a known gap in docs/reliability.md.
  tagUpdate === undefined ? one
    : {
      ...one,
      tagUpdate,
      failsAfter: undefined,
      previousVersion: undefined,
      conflict: undefined,
      duplicates: [],
      terminations: [],
      faults: [],
      edits: [],
    }
));

/** Most violations need few operations, and more short histories fit into the same time. */
const several = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof(...[3, 2, 1].map((weight, more) => (
  { weight, arbitrary: fc.array(arbitrary, { minLength: 1 + more, maxLength: 1 + more }) }
)));

/**
 * The previous version can't deploy, update, or delete a resource of a kind or with a property that it doesn't have. Nor does it give a stream back to a
 * channel with another construct ID.
 */
function withoutPreviousVersion(history: History): History {
  const isNew = ({ kind: name, desired }: Resource) => (
    KINDS[name].isNew || desired.reserved !== undefined || (name === 'signalingChannel' && desired.stream === 'common')
  );
  if (!history.operations.some(({ resources }) => resources.some(isNew))) return history;
  return { ...history, operations: history.operations.map((one) => ({ ...one, previousVersion: undefined })) };
}

export const histories: fc.Arbitrary<History> = fc.tuple(kind, kind).chain(([a, b]) => fc.record({
  operations: several(operation(a, b)),
  adopted: rarely(which, 6),
  clockErrors: rarely(fc.array(fc.constantFrom(-10_000, -1000, 0, 1000, 10_000), { minLength: 2, maxLength: 4 }), 8),
}).map(withoutPreviousVersion));

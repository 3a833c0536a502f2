import * as fc from 'fast-check';
import { rarely } from './chance';
import { KINDS } from './kinds';
import { pauses, poolEvents, poolFaults } from './pools';
import type { History, Operation, Resource } from './world';
import type { Fault } from '../../local/emulator';

/** Pools are rarer: one costs as much as four others, so that each kind has about its share of the time. What of them chance does not reach is aimed at. */
const kind = fc.oneof(...Object.keys(KINDS).map((name) => ({ weight: name === 'chimeMeetingPool' ? 1 : 12, arbitrary: fc.constant(name) })));

/** Mostly of the kind that it has in the whole history, so that it is updated. */
const resource = (id: string, usual: string): fc.Arbitrary<Resource> => fc
  .oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: kind })
  .chain((name) => KINDS[name].wish.map((wish) => ({ id, kind: name, wish })));

const service = fc.constantFrom('kinesisvideo', 'ivs-realtime', 'chime-sdk-voice', 'chime', 'secrets-manager');
const times = fc.integer({ min: 1, max: 4 });

/** The quotas of an account, reached. */
const QUOTAS = [
  { service: 'kinesisvideo', operation: 'CreateSignalingChannel', error: 'AccountChannelLimitExceededException' },
  { service: 'ivs-realtime', operation: 'CreateIngestConfiguration', error: 'ServiceQuotaExceededException' },
];

/** Nobody has seen that reads of meetings lag; the older namespace serves voice connectors, too. */
function notOfMeetings<T extends { readonly service: string }>(lag: T): T {
  return lag.service === 'chime' ? { ...lag, operation: 'GetVoiceConnectorStreamingConfiguration' } : lag;
}

/** What services do at bad moments. */
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

/** None, in three of four. */
const few = <T>(arbitrary: fc.Arbitrary<T>) => rarely(arbitrary, 4).map((one) => (one === undefined ? [] : [one]));

/** One voice connector cannot be another resource's of the same template; the construct refuses it. */
function areApart([one, other]: readonly Resource[]): boolean {
  return !(one.kind === other.kind && one.wish.connector === 'common' && other.wish.connector === 'common');
}

const operation = (a: string, b: string): fc.Arbitrary<Operation> => fc.record({
  stack: fc.oneof({ weight: 5, arbitrary: fc.constant(0 as const) }, { weight: 1, arbitrary: fc.constant(1 as const) }),
  resources: fc.tuple(resource('A', a), resource('B', b)).filter(areApart)
    .chain((both) => fc.oneof(
      { weight: 2, arbitrary: fc.constant([...both]) },
      { weight: 6, arbitrary: fc.constant([both[0]]) },
      { weight: 1, arbitrary: fc.subarray(both) },
    )),
  failsAfter: rarely(fc.constantFrom(0, 1, 5, 30), 8),
  failsLast: rarely(fc.constant(true), 8),
  rollback: fc.constantFrom('new' as const, 'old' as const, 'delete' as const),
  older: rarely(fc.constant(true), 8),
  duplicates: few(fc.record({ resource: which, after: fc.constantFrom(0, 0.05, 0.4) })),
  kills: few(fc.record({ after: fc.integer({ min: 0, max: 15 }), when: fc.constantFrom('before' as const, 'after' as const) })),
  faults: fc.array(fc.oneof({ weight: 3, arbitrary: fault }, { weight: 1, arbitrary: poolFaults }), { maxLength: 2 }),
  people: poolEvents,
  pause: pauses,
  // What is removed while it is worked on may fail that work, a rollback included; so that is only before.
  edits: few(fc.oneof(
    fc.record({ resource: which, edit: fc.constantFrom('strip', 'change'), after: fc.constantFrom(0, 1, 3) }),
    fc.record({ resource: which, edit: fc.constant('remove'), after: fc.constant(0) }),
    fc.record({ resource: which, edit: fc.constant('live'), after: fc.constantFrom(0, 1), lasts: fc.constantFrom(5, 60) }),
  )),
  squatter: rarely(fc.record({ resource: which, owner: fc.constantFrom('nobody' as const, 'stranger' as const) }), 8),
  askAgain: rarely(fc.constant(true), 5),
  tagUpdate: rarely(fc.constantFrom(0, 0.13, 1, 3), 6),
}).map(({ tagUpdate, ...one }) => (
  // Beside what may make a claim unknown, a tag update is a limit that docs/reliability.md names.
  tagUpdate === undefined ? one
    : { ...one, tagUpdate, failsAfter: undefined, older: undefined, squatter: undefined, duplicates: [], kills: [], faults: [], edits: [] }
));

/** What breaks, mostly breaks in a few steps; so there are more of the short ones in the same time. */
const several = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof(...[3, 2, 1].map((weight, more) => (
  { weight, arbitrary: fc.array(arbitrary, { minLength: 1 + more, maxLength: 1 + more }) }
)));

export const histories: fc.Arbitrary<History> = fc.tuple(kind, kind).chain(([a, b]) => fc.record({
  operations: several(operation(a, b)),
  seized: rarely(which, 6),
}));

import * as fc from 'fast-check';
import { KINDS } from './kinds';
import { pauses, poolEvents, poolFaults } from './pools';
import type { History, Operation, Resource } from './world';
import type { Fault } from '../../local/emulator';

const resource = (id: string): fc.Arbitrary<Resource> => fc.constantFrom(...(process.env.KINDS?.split(',') ?? Object.keys(KINDS)))
  .chain((kind) => KINDS[kind].wish.map((wish) => ({ id, kind, wish })));

const service = fc.constantFrom('kinesisvideo', 'ivs-realtime', 'chime-sdk-voice', 'secrets-manager');
const times = fc.integer({ min: 1, max: 4 });

/** What services do at bad moments. */
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('throttle' as const), service, times: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ kind: fc.constant('serverError' as const), service, status: fc.constantFrom(500, 503), executed: fc.boolean(), times }),
  fc.record({ kind: fc.constant('lostResponse' as const), service, times }),
  fc.record({ kind: fc.constant('lostRequest' as const), service, times }),
  fc.record({ kind: fc.constant('accessDenied' as const), service, times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('laggingReads' as const), service, milliseconds: fc.constantFrom(2000, 8000), times: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('delay' as const), service, milliseconds: fc.constantFrom(500, 3000), times }),
) as fc.Arbitrary<Fault>;

const which = fc.integer({ min: 0, max: 1 });

const operation: fc.Arbitrary<Operation> = fc.record({
  resources: fc.tuple(resource('A'), resource('B')).chain((both) => fc.subarray(both, { minLength: 1 })),
  failsAfter: fc.option(fc.constantFrom(0, 1, 5, 30), { nil: undefined, freq: 6 }),
  failsLast: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant(true) }),
  rollback: fc.constantFrom('new' as const, 'old' as const, 'delete' as const),
  duplicates: fc.array(fc.record({ resource: which, after: fc.constantFrom(0, 0.05, 0.4) }), { maxLength: 1 }),
  kills: fc.array(fc.record({ resource: which, kill: fc.record({ after: fc.integer({ min: 1, max: 4 }), when: fc.constantFrom('before' as const, 'after' as const) }) }), { maxLength: 1 }),
  faults: fc.array(fc.oneof(fault, poolFaults), { maxLength: 2 }),
  people: poolEvents,
  pause: pauses,
  // What is removed while it is worked on may fail that work, a rollback included; so that is only before.
  edits: fc.array(fc.oneof(
    fc.record({ resource: which, edit: fc.constantFrom('strip', 'change'), after: fc.constantFrom(0, 1, 3) }),
    fc.record({ resource: which, edit: fc.constant('remove'), after: fc.constant(0) }),
  ), { maxLength: 1 }),
});

export const histories: fc.Arbitrary<History> = fc.array(operation, { minLength: 1, maxLength: 4 });

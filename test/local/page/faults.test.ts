import { Emulator } from '../../../local/emulator';
import { FAULT_FORMS, faultOf } from '../../../local/page/faults';

const services = [{ name: 'kinesisvideo', operations: ['DeleteSignalingChannel'], errors: ['VersionMismatchException'] }];
const complete = { service: 'kinesisvideo', error: 'VersionMismatchException', milliseconds: 5, item: 'bob', status: 503 };

test.each(Object.keys(FAULT_FORMS))('%s is a kind that the emulator plays', (kind) => {
  const fault = faultOf({ kind, ...complete, operation: 'DeleteSignalingChannel', resource: 'door', times: 2 }, services);
  const emulator = new Emulator();
  emulator.addFault(fault);
  expect(fault).toMatchObject({ kind, service: 'kinesisvideo', operation: 'DeleteSignalingChannel', resource: 'door', times: 2 });
  const { fields } = FAULT_FORMS[kind as keyof typeof FAULT_FORMS];
  expect(Object.keys(fault).sort()).toEqual(['kind', 'operation', 'resource', 'service', 'times', ...fields].sort());
});

test('what was not chosen is not there', () => {
  expect(faultOf({ kind: 'throttle', probability: 0.5, constructor: 'x' }, services)).toEqual({ kind: 'throttle' });
});

test.each([
  ['nothing', undefined, 'A fault is an object.'],
  ['another kind', { kind: 'fire' }, /^kind: one of throttle, serverError/],
  ['a kind that is a member of every object', { kind: 'toString' }, /^kind: one of/],
  ['another service', { kind: 'throttle', service: 'sqs' }, 'service: there is no such service.'],
  ['another operation', { kind: 'throttle', service: 'kinesisvideo', operation: 'Fly' }, 'operation: the service has no such operation.'],
  ['an operation of no service', { kind: 'throttle', operation: 'DeleteSignalingChannel' }, 'operation: the service has no such operation.'],
  ['an error without a service', { kind: 'error', error: 'VersionMismatchException' }, 'error: choose a service and one of its errors.'],
  ['another error', { kind: 'error', service: 'kinesisvideo', error: 'Nope' }, 'error: choose a service and one of its errors.'],
  ['no time', { kind: 'delay' }, 'milliseconds: needed for delay.'],
  ['too long a time', { kind: 'delay', milliseconds: 600_001 }, 'milliseconds: a whole number from 0 to 600000.'],
  ['another status', { kind: 'serverError', status: 501 }, 'status: 500 or 503.'],
  ['never', { kind: 'throttle', times: 0 }, 'times: a whole number from 1 to 1000000.'],
  ['a part that is no text', { kind: 'throttle', resource: ['x'] }, 'resource: a text of at most 200 characters.'],
])('%s is refused', (_, sent, message) => {
  expect(() => faultOf(sent, services)).toThrow(message);
});

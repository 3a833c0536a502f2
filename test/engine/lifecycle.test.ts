import { TransientError, TerminalError } from '../../lambda/engine/error-classes';
import { createLifecycle, isTransient, type Request, type ResourceHandler } from '../../lambda/engine/lifecycle';
import type { Log } from '../../lambda/engine/log';
import { hashOf, ownerOf } from '../../lambda/engine/ownership';
import { TimeBudget } from '../../lambda/engine/time-budget';
import { VirtualClock } from '../../local/emulator';

const STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Doorbells/1';

let clock: VirtualClock;
let start: number;
let lines: Record<string, unknown>[];
beforeEach(() => {
  clock = new VirtualClock({ auto: true });
  start = clock.now();
  lines = [];
});
const seconds = () => (clock.now() - start) / 1000;

const log: Log = {
  info: (message, fields) => { lines.push({ message, ...fields }); },
  error: (message, fields) => { lines.push({ message, isError: true, ...fields }); },
  child: (fields) => {
    lines.push(fields);
    return log;
  },
};

function lifecycle(handler: Partial<ResourceHandler>) {
  const missing = async () => { throw new Error('not of this test'); };
  const all = { errorClasses: {}, create: missing, update: missing, reconcile: missing, delete: missing, detectDrift: missing, ...handler };
  return createLifecycle({ clock, log, load: async () => all as ResourceHandler });
}

const event = (RequestType: 'Create' | 'Update' | 'Delete', more: object = {}): any => ({
  RequestType,
  RequestId: 'r-1',
  StackId: STACK,
  LogicalResourceId: 'Front',
  ResourceType: 'Custom::RtcThing',
  ResourceProperties: { ServiceToken: 'arn', ServiceTimeout: '60', Colour: 'red' },
  ...RequestType === 'Create' ? {} : { PhysicalResourceId: 'thing-1' },
  ...RequestType === 'Update' ? { OldResourceProperties: { ServiceToken: 'arn', ServiceTimeout: '30', Colour: 'blue' } } : {},
  ...more,
});

const refused = (promise: Promise<unknown>) => promise.then(() => { throw new Error('did not fail'); }, (error: Error) => error);
const throttle = () => Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
const unknownOutcome = () => Object.assign(new Error('no answer'), { name: 'TimeoutError', isOutcomeUnknown: true });

describe('a request', () => {
  const requestOf = async (type: 'Create' | 'Update' | 'Delete', more?: object): Promise<Request> => {
    let seen!: Request;
    const see = async (request: Request) => {
      seen = request;
      return { physicalId: 'thing-1', attributes: {} };
    };
    const { isComplete } = lifecycle({ reconcile: see, delete: see as never });
    await isComplete(event(type, more));
    return seen;
  };

  test('has the owner, the account, and the properties without those of the framework', async () => {
    const owner = ownerOf({ StackId: STACK, LogicalResourceId: 'Front', RequestId: 'r-1' });
    expect(await requestOf('Create')).toEqual({ owner, physicalId: '', properties: { Colour: 'red' }, oldProperties: {}, onEventOutcome: undefined, account: '123456789012', log });
    expect(lines[0]).toEqual({ requestType: 'Create', requestId: 'r-1', logicalId: 'Front', resourceType: 'Custom::RtcThing' });
  });

  test('has the old properties of an update, and the id that is known', async () => {
    const { physicalId, properties, oldProperties } = await requestOf('Update');
    expect({ physicalId, properties, oldProperties }).toEqual({ physicalId: 'thing-1', properties: { Colour: 'red' }, oldProperties: { Colour: 'blue' } });
    expect(await requestOf('Delete', { OldResourceProperties: { ServiceToken: 'arn', ServiceTimeout: '30', Colour: 'blue' } })).toMatchObject({ physicalId: 'thing-1', oldProperties: {} });
    expect(await requestOf('Create', { PhysicalResourceId: 'thing-2' })).toMatchObject({ physicalId: 'thing-2' });
    expect(await requestOf('Update', { StackId: 'x' })).toMatchObject({ account: '' });
  });

  test('has the outcome of onEvent', async () => {
    const Accepted = { physicalId: 'thing-1', claimed: true };
    expect((await requestOf('Update', { RtcStamp: { At: start, Accepted } })).onEventOutcome).toEqual(Accepted);
  });
});

describe('onEvent', () => {
  test.each(['create', 'update'] as const)('%s answers what was made or found, with the time', async (operation) => {
    const { onEvent } = lifecycle({ [operation]: async () => ({ physicalId: 'thing-2', claimed: true }) });
    expect(await onEvent(event(operation === 'create' ? 'Create' : 'Update'))).toEqual({ PhysicalResourceId: 'thing-2', RtcStamp: { At: start, Accepted: { physicalId: 'thing-2', claimed: true } } });
    expect(lines.map(({ message }) => message)).toEqual([undefined, 'received', 'accepted']);
  });

  test('leaves a Delete to isComplete', async () => {
    const { onEvent } = lifecycle({});
    expect(await onEvent(event('Delete'))).toEqual({ PhysicalResourceId: 'thing-1', RtcStamp: { At: start, Accepted: { physicalId: 'thing-1' } } });
  });

  test('tries again what isTransient, one to two seconds later, at times that no other resource has', async () => {
    let calls = 0;
    const at: number[] = [];
    const { onEvent } = lifecycle({
      create: async () => {
        at.push(seconds());
        calls += 1;
        if (calls < 3) throw throttle();
        return { physicalId: 'thing-1' };
      },
    });
    await onEvent(event('Create'));
    const { resource } = ownerOf({ StackId: STACK, LogicalResourceId: 'Front', RequestId: 'r-1' });
    const pause = (age: number) => Math.round(1000 + 1000 * parseInt(hashOf([resource, age]), 16) / 0xffffffff) / 1000;
    expect(at[0]).toBe(0);
    expect(at[1]).toBe(pause(0));
    expect(at[2]).toBe(Math.round(1000 * (at[1] + pause(at[1]))) / 1000);
    expect(pause(0)).toBeGreaterThan(1);
    expect(pause(0)).toBeLessThan(2);
  });

  test('fails at once where it is refused and nothing can have been made, without the stack of the SDK\'s error', async () => {
    const { onEvent } = lifecycle({ create: async () => { throw new TerminalError('no'); } });
    const error = await refused(onEvent(event('Create')));
    expect(error.message).toBe('Front: no');
    expect(error.stack).toBe('Error: Front: no');
    expect(lines.at(-1)).toEqual({ message: 'refused', isError: true, reason: 'no', mayExist: false });
    expect(seconds()).toBe(0);
  });

  test('gives up after two and a half minutes, with what was observed last', async () => {
    const { onEvent } = lifecycle({ create: async () => { throw throttle(); } });
    expect((await refused(onEvent(event('Create')))).message).toMatch(/^Front: not accepted after 1(4[89]|50) s; last observed: ThrottlingException: slow down$/);
  });

  test('reports later what may have been made: the Delete that follows must find it', async () => {
    const { request } = ownerOf({ StackId: STACK, LogicalResourceId: 'Front', RequestId: 'r-1' });
    let calls = 0;
    const { onEvent } = lifecycle({
      create: async () => {
        calls += 1;
        throw calls === 1 ? unknownOutcome() : new TerminalError('the name is taken');
      },
    });
    const { PhysicalResourceId, RtcStamp } = await onEvent(event('Create'));
    expect(PhysicalResourceId).toBe(`cdk-rtc-unconfirmed:${request}`);
    expect(RtcStamp.Accepted).toEqual({ physicalId: PhysicalResourceId, failure: 'the name is taken' });
  });
});

describe('isComplete', () => {
  const stamped = (ageSeconds: number, Accepted: object = { physicalId: 'thing-1' }) => ({ RtcStamp: { At: start - ageSeconds * 1000, Accepted } });

  test('answers the attributes of what is as desired', async () => {
    const { isComplete } = lifecycle({ reconcile: async () => ({ attributes: { Name: 'a' } }) });
    expect(await isComplete(event('Create', stamped(1)))).toEqual({ IsComplete: true, Data: { Name: 'a' } });
    expect(lines.at(-1)).toEqual({ message: 'complete' });
  });

  test('answers nothing of what is gone', async () => {
    const { isComplete } = lifecycle({ delete: async () => ({ gone: true }) });
    expect(await isComplete(event('Delete', stamped(1)))).toEqual({ IsComplete: true });
  });

  test('reports the failure that onEvent knew, but lets the Delete go on', async () => {
    const { isComplete } = lifecycle({ delete: async () => ({ gone: true }) });
    const failed = stamped(1, { physicalId: 'thing-1', failure: 'the name is taken' });
    expect((await refused(isComplete(event('Create', failed)))).message).toBe('Front: the name is taken');
    expect(await isComplete(event('Delete', failed))).toEqual({ IsComplete: true });
  });

  test('a handler with a deadline of its own waits until that deadline', async () => {
    const { isComplete } = lifecycle({ reconcile: async () => ({ pending: 'it is ordered' }), deadline: (requestType) => requestType === 'Create' ? 900 : 60 });
    expect(await isComplete(event('Create', stamped(899)))).toEqual({ IsComplete: false });
    expect((await refused(isComplete(event('Create', stamped(900))))).message).toBe('Front: not done after 900 s; last observed: it is ordered');
    expect((await refused(isComplete(event('Update', stamped(60))))).message).toBe('Front: not done after 60 s; last observed: it is ordered');
  });

  test('waits for what is pending until the deadline, and then says what was observed last', async () => {
    const { isComplete } = lifecycle({ reconcile: async () => ({ pending: 'it is CREATING' }) });
    expect(await isComplete(event('Create', stamped(449.9)))).toEqual({ IsComplete: false });
    expect(lines.at(-1)).toEqual({ message: 'pending', observed: 'it is CREATING' });
    expect((await refused(isComplete(event('Create', stamped(450))))).message).toBe('Front: not done after 450 s; last observed: it is CREATING');
    // Without a stamp, time begins now.
    expect(await isComplete(event('Create'))).toEqual({ IsComplete: false });
  });

  test('an error that passes is something observed; after a throttle it takes its time', async () => {
    const errors = [new TransientError('not found yet'), throttle()];
    const { isComplete } = lifecycle({ reconcile: async () => { throw errors.shift(); } });
    expect(await isComplete(event('Update', stamped(1)))).toEqual({ IsComplete: false });
    expect(lines.at(-1)).toEqual({ message: 'pending', observed: 'not found yet' });
    expect(seconds()).toBe(0);
    await isComplete(event('Update', stamped(1)));
    expect(lines.at(-1)).toEqual({ message: 'pending', observed: 'ThrottlingException: slow down' });
    expect(seconds()).toBeGreaterThan(0);
    expect(seconds()).toBeLessThan(1);
  });

  test('fails at once where no repetition helps', async () => {
    const { isComplete } = lifecycle({ delete: async () => { throw new TerminalError('it is live'); } });
    expect((await refused(isComplete(event('Delete', stamped(1))))).message).toBe('Front: it is live');
    expect(lines.at(-1)).toEqual({ message: 'failed', isError: true, reason: 'it is live' });
  });
});

test('access denied passes in the first minute, while IAM takes its time', () => {
  const budget = (age: number) => new TimeBudget(clock, start - age * 1000);
  expect([isTransient('denied', budget(59.9)), isTransient('denied', budget(60))]).toEqual([true, false]);
  expect([isTransient('busy', budget(500)), isTransient('gone', budget(0)), isTransient('terminal', budget(0))]).toEqual([true, true, false]);
});

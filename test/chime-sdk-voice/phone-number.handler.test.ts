import type { VoiceSetupOptions } from './handler-setup';
import { PhoneNumberSetup } from './phone-number-setup';
import { redact } from '../../lambda/engine/log';
import { ownerOf, unconfirmedId } from '../../lambda/engine/ownership';
import type { ResourceFailed } from '../cloudformation';
import { REGION, STACK_ID, stackId } from '../handler-setup';

type Properties = Record<string, unknown>;

const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
const SEATTLE = { Source: { Local: { AreaCode: '206' } }, ProductType: 'VoiceConnector', OrderTimeout: 900, Region: REGION };
const exactly = (number: string, more: Properties = {}): Properties => ({ ...SEATTLE, Source: { Exactly: { E164PhoneNumber: number } }, ...more });
const NUMBER = '+12065550105';
const OTHER_NUMBER = '+12065550106';
const MARK = /^cdk-rtc\.[0-9a-f]{16}\.[0-9a-f]{8}\.[0-9a-f]{8}$/;

let setup: PhoneNumberSetup;
const start = async (options: VoiceSetupOptions) => {
  await setup.stop();
  setup = new PhoneNumberSetup(options);
};
beforeEach(() => { setup = new PhoneNumberSetup(); });
afterEach(() => setup.stop());

const sent = () => setup.calls('CreatePhoneNumberOrder').length;

describe('create', () => {
  test('orders one number that matches, and marks it as its own', async () => {
    const { physicalId, attributes } = await setup.resource().create(SEATTLE);
    expect(physicalId).toMatch(/^\+1206\d{7}$/);
    expect(attributes).toEqual({ E164PhoneNumber: physicalId });
    expect(setup.ordered()).toEqual([physicalId]);
    expect(setup.number(physicalId)).toMatchObject({ status: 'Unassigned', productType: 'VoiceConnector', label: expect.stringMatching(MARK) });
  });

  test('keeps the words of the name, and sets the calling name', async () => {
    const { physicalId } = await setup.resource().create({ ...SEATTLE, PhoneNumberName: 'Hotline 1', CallingName: 'Example Corp' });
    expect(setup.number(physicalId)!.label).toMatch(/^Hotline 1 cdk-rtc\./);
    await setup.clock.sleep(72 * 3600_000);
    expect(setup.number(physicalId)!.callingName).toBe('Example Corp');
  });

  test('does not wait for the calling name, which takes up to 72 hours', async () => {
    const { polls } = await setup.resource().create({ ...SEATTLE, CallingName: 'Example Corp' });
    expect(polls).toBeLessThan(10);
  });

  test.each([
    ['toll-free, any prefix', { TollFree: {} }, /^\+1(800|833)/],
    ['toll-free with a prefix', { TollFree: { Prefix: '833' } }, /^\+1833/],
    ['a state and a city', { Local: { State: 'CA', City: 'San Francisco' } }, /^\+1415/],
  ])('%s', async (_, Source, expected) => {
    const { physicalId } = await setup.resource().create({ ...SEATTLE, Source });
    expect(physicalId).toMatch(expected);
  });

  test('fails if no number matches, and orders nothing', async () => {
    const { message, physicalId } = await failure(setup.resource().create({ ...SEATTLE, Source: { Local: { AreaCode: '999' } } }));
    expect(message).toContain('source: no phone number for sale matches local, AreaCode 999; choose other criteria');
    expect(physicalId).toBeUndefined();
    expect(sent()).toBe(0);
  });

  test('two resources order two numbers', async () => {
    const [one, other] = await Promise.all(['One', 'Other'].map((id) => setup.resource(id).create(SEATTLE)));
    expect(one!.physicalId).not.toBe(other!.physicalId);
    expect(setup.ordered()).toHaveLength(2);
  });

  test('never passes on the ID that the service returns, whose plus sign is encoded', async () => {
    const ids = new Set<unknown>();
    setup.emulator.onCall(({ input: { PhoneNumberId } }) => { ids.add(PhoneNumberId); });
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    await resource.update({ ...SEATTLE, PhoneNumberName: 'Sales' });
    await resource.delete();
    expect([...ids]).toEqual([undefined, physicalId]);
  });

  test('takes as long as the order, up to the timeout', async () => {
    await start({ numbers: { ordering: 40 * 60_000 } });
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ...SEATTLE, OrderTimeout: 3000 });
    expect(setup.number(physicalId)!.status).toBe('Unassigned');
  });

  test('fails at the timeout of the order, and the Delete waits for the number and releases it', async () => {
    await start({ numbers: { ordering: 10 * 60_000 } });
    const resource = setup.resource();
    const { message, physicalId } = await failure(resource.create({ ...SEATTLE, OrderTimeout: 120 }));
    expect(message).toMatch(/: not done after 12\d s; last observed: \+…\d{4} is AcquireInProgress$/);
    await resource.delete(physicalId, { ...SEATTLE, OrderTimeout: 120 });
    expect(setup.billed()).toEqual([]);
    expect(setup.ordered()).toHaveLength(1);
  });

  test.each(['shown', 'hidden'] as const)('a failed order fails the deployment, whose Delete finishes: failed numbers %s', async (failedNumbers) => {
    const all = Array.from({ length: 10 }, (_, i) => `+12065550${100 + i}`);
    await start({ numbers: { notAcquired: all, failedNumbers } });
    const resource = setup.resource();
    const { message, physicalId } = await failure(resource.create(SEATTLE));
    expect(message).toContain('deploy again, which orders another number');
    await resource.delete(physicalId, SEATTLE);
    expect(sent()).toBe(1);
    expect(setup.billed()).toEqual([]);
  });

  test('a reached quota fails at once and names the quota', async () => {
    await start({ quotas: { phoneNumbers: 0 } });
    const { message } = await failure(setup.resource().create(SEATTLE));
    expect(message).toContain('the account has reached its quota of phone numbers, which is 5 by default');
    expect(sent()).toBe(1);
  });

  test('tries the next candidate if the service refuses one with certainty', async () => {
    setup.emulator.addFault({ kind: 'error', operation: 'CreatePhoneNumberOrder', error: 'BadRequestException', times: 2 });
    const { physicalId } = await setup.resource().create(SEATTLE);
    expect(sent()).toBe(3);
    expect(setup.ordered()).toEqual([physicalId]);
  });

  test('fails after five refused candidates', async () => {
    setup.emulator.addFault({ kind: 'error', operation: 'CreatePhoneNumberOrder', error: 'BadRequestException', message: 'Service received a bad request' });
    const { message } = await failure(setup.resource().create(SEATTLE));
    expect(message).toContain('source: the service sold none of 5 numbers that match local, AreaCode 206; last answer: BadRequestException: Service received a bad request');
    expect(sent()).toBe(5);
  });

  test.each([
    ['the connection breaks after the order', { kind: 'lostResponse' }],
    ['a 500 hides the order', { kind: 'serverError', status: 500, executed: true }],
    ['a 503 hides the order', { kind: 'serverError', status: 503, executed: true }],
  ] as const)('orders one number, once, if %s', async (_, fault) => {
    setup.emulator.addFault({ ...fault, operation: 'CreatePhoneNumberOrder', times: 1 });
    const { physicalId } = await setup.resource().create(SEATTLE);
    expect(sent()).toBe(1);
    expect(setup.ordered()).toEqual([physicalId]);
  });

  test('an order whose response cannot be read counts as placed', async () => {
    setup.unreadableOrder = true;
    const { physicalId } = await setup.resource().create(SEATTLE);
    expect(sent()).toBe(1);
    expect(setup.ordered()).toEqual([physicalId]);
  });

  test.each([
    ['the connection breaks before the order', { kind: 'lostRequest' }],
    ['a 500 comes without an order', { kind: 'serverError', status: 500 }],
  ] as const)('orders the same number again if %s', async (_, fault) => {
    setup.emulator.addFault({ ...fault, operation: 'CreatePhoneNumberOrder', times: 1 });
    const { physicalId } = await setup.resource().create(SEATTLE);
    const numbers = setup.calls('CreatePhoneNumberOrder').map(({ id }) => id);
    expect(numbers).toHaveLength(2);
    expect(setup.ordered()).toEqual([physicalId]);
  });

  test('orders a number again at most once per read lag', async () => {
    setup.emulator.addFault({ kind: 'lostRequest', operation: 'CreatePhoneNumberOrder', times: 4 });
    const { physicalId } = await setup.resource().create(SEATTLE);
    const times = setup.calls('CreatePhoneNumberOrder').map(({ time }) => time);
    expect(times).toHaveLength(5);
    for (const [index, time] of times.slice(1).entries()) expect(time - times[index]!).toBeGreaterThanOrEqual(10_000);
    expect(setup.ordered()).toEqual([physicalId]);
  });

  test.each([
    ['in progress', 60_000],
    ['carried out, but not readable', 1000],
  ])('a failed order of the same number does not hide the earlier one that is %s', async (_, ordering) => {
    await start({ numbers: { ordering } });
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'ordered', properties: SEATTLE };
    const created = await resource.onEvent(delivery);
    await setup.clock.sleep(10_000);
    setup.hideNumbers(20_000);
    setup.addOrder({ Status: 'Failed', OrderedPhoneNumbers: [{ E164PhoneNumber: created.PhysicalResourceId, Status: 'Failed' }] });
    const { physicalId } = await resource.settle(delivery, created);
    expect(setup.billed()).toEqual([physicalId]);
    expect(sent()).toBe(1);
  });

  test('a throttled order is repeated by the handler, not by the SDK', async () => {
    setup.emulator.addFault({ kind: 'throttle', operation: 'CreatePhoneNumberOrder', times: 2 });
    const { physicalId } = await setup.resource().create(SEATTLE);
    const times = setup.calls('CreatePhoneNumberOrder').map(({ time }) => time);
    expect(times).toHaveLength(3);
    // Before each order, the handler looks for the order of an earlier delivery.
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(10_000);
    expect(setup.ordered()).toEqual([physicalId]);
  });

  test.each([0, 50, 3000, 9000, 15_000])('two deliveries, the second after %i ms, order one number', async (after) => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'twice', properties: SEATTLE };
    const [first, second] = await Promise.all([
      resource.deliver(delivery),
      setup.clock.sleep(after).then(() => resource.deliver(delivery)),
    ]);
    expect(second.physicalId).toBe(first.physicalId);
    expect(setup.ordered()).toEqual([first.physicalId]);
  });

  test('the second delivery after a first one that terminated finds the order, also while its name is hidden', async () => {
    await start({ numbers: { nameWhileAcquired: 'hidden', ordering: 60_000 } });
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'twice', properties: SEATTLE };
    await resource.onEvent(delivery);
    await setup.clock.sleep(5000);
    const { physicalId } = await resource.deliver(delivery);
    expect(setup.ordered()).toEqual([physicalId]);
    expect(sent()).toBe(1);
  });

  test('a Delete with an ID that CloudFormation invented releases the number whose order outlived the request', async () => {
    const resource = setup.resource();
    const creating = resource.onEvent({ type: 'Create', requestId: 'canceled', properties: SEATTLE });
    await resource.delete('Doorbells-Hotline-1A2B3C4D5E6F', SEATTLE);
    await creating;
    expect(setup.ordered()).toHaveLength(1);
    expect(setup.billed()).toEqual([]);
  });

  test('a Delete with an invented ID releases the number that the canceled create marks as retained in the meantime', async () => {
    await start({ numbers: { ordering: 30_000 } });
    const resource = setup.resource();
    const creation = { type: 'Create' as const, requestId: 'canceled', properties: { ...SEATTLE, Retain: true } };
    const deletion = { type: 'Delete' as const, requestId: 'rollback', physicalId: 'Doorbells-Hotline-1A2B3C4D5E6F', properties: creation.properties };
    const created = await resource.onEvent(creation);
    const deleted = await resource.onEvent(deletion);
    expect(await resource.poll(deletion, deleted)).toEqual({ IsComplete: false });
    await resource.settle(creation, created);
    expect(setup.number(created.PhysicalResourceId)!.label).toMatch(/\.retained$/);
    await resource.settle(deletion, deleted);
    expect(setup.billed()).toEqual([]);
  });

  test('the Delete of an unconfirmed ID waits for another delivery of the request, which may still order', async () => {
    const resource = setup.resource();
    setup.emulator.addFault({ kind: 'throttle', operation: 'SearchAvailablePhoneNumbers', times: 60 });
    const creating = resource.onEvent({ type: 'Create', requestId: 'twice', properties: SEATTLE });
    const owner = ownerOf({ StackId: STACK_ID, LogicalResourceId: resource.logicalId, RequestId: 'twice' });
    await resource.delete(unconfirmedId(owner), SEATTLE);
    await creating;
    expect(setup.ordered()).toHaveLength(1);
    expect(setup.billed()).toEqual([]);
  });

  test('the Delete of an unconfirmed ID releases the number that another delivery of the request marked as retained', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'twice', properties: { ...SEATTLE, Retain: true } };
    await resource.deliver(delivery);
    setup.emulator.addFault({ kind: 'serverError', operation: 'ListPhoneNumberOrders' });
    const { physicalId } = await failure(resource.deliver(delivery));
    expect(physicalId).toMatch(/^cdk-rtc-unconfirmed:/);
    setup.emulator.removeFaults();
    await resource.delete(physicalId, delivery.properties);
    expect(setup.billed()).toEqual([]);
  });

  test('the Delete of a failed create waits for a number that its order acquired and that is not readable yet', async () => {
    const resource = setup.resource();
    const { PhysicalResourceId } = await resource.onEvent({ type: 'Create', requestId: 'failed', properties: SEATTLE });
    await setup.clock.sleep(5000);
    setup.hideNumbers(20_000);
    await resource.delete(PhysicalResourceId, SEATTLE);
    expect(setup.billed()).toEqual([]);
  });

  test('a Delete with an invented ID waits for a number that an order acquired and that is not readable yet', async () => {
    await start({ numbers: { ordering: 170_000 } });
    const resource = setup.resource();
    await resource.onEvent({ type: 'Create', requestId: 'canceled', properties: SEATTLE });
    setup.hideNumbers(200_000);
    await resource.delete('Doorbells-Hotline-1A2B3C4D5E6F', SEATTLE);
    expect(setup.billed()).toEqual([]);
  });

  test('a Delete with an invented ID waits for an order of any duration, also while the name of the number is hidden', async () => {
    await start({ numbers: { nameWhileAcquired: 'hidden', ordering: 40 * 60_000 } });
    const resource = setup.resource();
    await resource.onEvent({ type: 'Create', requestId: 'canceled', properties: SEATTLE });
    await resource.delete('Doorbells-Hotline-1A2B3C4D5E6F', SEATTLE);
    expect(setup.ordered()).toHaveLength(1);
    expect(setup.billed()).toEqual([]);
  });

  test('a Delete with an invented ID does not wait for a number that is ported', async () => {
    setup.addOrder({ OrderType: 'Porting', Status: 'Processing', OrderedPhoneNumbers: [{ E164PhoneNumber: NUMBER, Status: 'Processing' }] });
    const from = setup.clock.now();
    await setup.resource().delete('Doorbells-Hotline-1A2B3C4D5E6F', SEATTLE);
    expect(setup.clock.now() - from).toBeLessThan(200_000);
  });

  test('an outage after the order ends with a Delete that releases the number, also with a retained one', async () => {
    const resource = setup.resource();
    const properties = { ...SEATTLE, Retain: true };
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreatePhoneNumberOrder', times: 1 });
    setup.emulator.addFault({ kind: 'serverError', operation: 'GetPhoneNumber', after: 1, times: 2000 });
    const { physicalId, message } = await failure(resource.create({ ...properties, OrderTimeout: 60 }));
    expect(message).toContain('not done after');
    setup.emulator.removeFaults();
    await resource.delete(physicalId, properties);
    expect(setup.ordered()).toHaveLength(1);
    expect(setup.billed()).toEqual([]);
  });

  test('a create that could not read the earlier order is undone by the Delete of its unconfirmed ID', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'twice', properties: SEATTLE };
    await resource.onEvent(delivery);
    setup.emulator.addFault({ kind: 'serverError', operation: 'ListPhoneNumberOrders' });
    const { physicalId } = await failure(resource.deliver(delivery));
    expect(physicalId).toMatch(/^cdk-rtc-unconfirmed:/);
    setup.emulator.removeFaults();
    await resource.delete(physicalId, SEATTLE);
    expect(setup.billed()).toEqual([]);
  });

  describe('after a create that crashed, and that no Delete followed', () => {
    const crash = async (properties: Properties = SEATTLE) => {
      const { PhysicalResourceId } = await setup.resource().onEvent({ type: 'Create', requestId: 'crashed', properties });
      await setup.clock.sleep(60_000);
      return PhysicalResourceId;
    };

    test('the next deployment takes the number that was ordered, and its Delete releases the number', async () => {
      const number = await crash();
      const resource = setup.resource();
      const { physicalId } = await resource.create({ ...SEATTLE, PhoneNumberName: 'Hotline', Retain: true });
      expect(physicalId).toBe(number);
      expect(sent()).toBe(1);
      expect(setup.number(number)!.label).toMatch(/^Hotline cdk-rtc\..*\.retained$/);
      await resource.delete();
      expect(setup.billed()).toEqual([]);
    });

    test('the next deployment waits for the number if its order is in progress', async () => {
      await start({ numbers: { ordering: 300_000 } });
      const number = await crash();
      expect(setup.number(number)!.status).toBe('AcquireInProgress');
      expect((await setup.resource().create(SEATTLE)).physicalId).toBe(number);
      expect(sent()).toBe(1);
    });

    test.each([0, 5000, 15_000])('two deliveries of the next create, the second after %i ms, take the same number', async (after) => {
      const number = await crash();
      const resource = setup.resource();
      const delivery = { type: 'Create' as const, requestId: 'next', properties: SEATTLE };
      const both = await Promise.all([resource.deliver(delivery), setup.clock.sleep(after).then(() => resource.deliver(delivery))]);
      expect(both.map(({ physicalId }) => physicalId)).toEqual([number, number]);
      expect(setup.billed()).toEqual([number]);
    });

    test('several numbers are taken one by one', async () => {
      const owner = (RequestId: string) => ownerOf({ StackId: STACK_ID, LogicalResourceId: 'Hotline', RequestId });
      const number = await crash();
      const { label } = setup.number(number)!;
      await setup.order(OTHER_NUMBER, label.replace(owner('crashed').request, owner('crashed, too').request));
      const { physicalId } = await setup.resource().create(SEATTLE);
      expect([number, OTHER_NUMBER]).toContain(physicalId);
      expect(setup.billed().sort()).toEqual([number, OTHER_NUMBER].sort());
    });

    test('a resource with the same properties and another ID orders a number of its own', async () => {
      const number = await crash();
      const { physicalId } = await setup.resource('Other').create(SEATTLE);
      expect(physicalId).not.toBe(number);
      expect(sent()).toBe(2);
    });

    test('a resource with the same ID in another stack orders a number of its own', async () => {
      const number = await crash();
      const { physicalId } = await setup.resource('Hotline', stackId('Neighbour', '2')).create(SEATTLE);
      expect(physicalId).not.toBe(number);
    });

    test('other criteria order another number', async () => {
      const number = await crash();
      const { physicalId } = await setup.resource().create({ ...SEATTLE, Source: { Local: { AreaCode: '415' } } });
      expect(physicalId).not.toBe(number);
    });

    test.each([
      ['is associated', { voiceConnectorId: 'abcdefghijklmnopqrstuv' }],
      ['is used by something that the service doesn\'t name', { status: 'Assigned' as const }],
      ['was released', { release: true }],
      ['has lost its owner mark', { name: 'Reception' }],
    ])('a number that %s is not taken', async (_, change) => {
      const number = await crash();
      setup.edit(number, change);
      const { physicalId } = await setup.resource().create(SEATTLE);
      expect(physicalId).not.toBe(number);
      expect(sent()).toBe(2);
    });

    test.each(['adopted', 'retained'])('a number that is %s is not taken', async (flag) => {
      const number = await crash();
      setup.edit(number, { name: `${setup.number(number)!.label}.${flag}` });
      const { physicalId } = await setup.resource().create(SEATTLE);
      expect(physicalId).not.toBe(number);
    });

    test('a number that the source names is taken as ordered, so the Delete releases the number', async () => {
      await crash(exactly(NUMBER));
      const resource = setup.resource();
      await resource.create(exactly(NUMBER));
      expect(setup.number(NUMBER)!.label).toMatch(MARK);
      await resource.delete();
      expect(setup.billed()).toEqual([]);
    });
  });

  test('log lines show the last digits of a number only', async () => {
    const { physicalId } = await setup.resource().create({ ...SEATTLE, PhoneNumberName: 'Hotline' });
    const written = setup.logged.map((line) => JSON.stringify(JSON.parse(line), redact)).join('\n');
    expect(written).not.toContain(physicalId.slice(1));
    expect(written).toContain(`+…${physicalId.slice(-4)}`);
  });
});

describe('exactly', () => {
  test('orders this number', async () => {
    const { physicalId } = await setup.resource().create(exactly(NUMBER));
    expect(physicalId).toBe(NUMBER);
    expect(setup.ordered()).toEqual([NUMBER]);
  });

  test('an error shows the last digits of a number only, also in the words of the service', async () => {
    const answer = `The phone number ${NUMBER} (${NUMBER.replace('+', '%2B')}) is not available`;
    setup.emulator.addFault({ kind: 'error', operation: 'CreatePhoneNumberOrder', error: 'BadRequestException', message: answer });
    const { message } = await failure(setup.resource().create(exactly(NUMBER)));
    expect(message).toContain('The phone number +…0105 (+…0105) is not available');
  });

  test('fails if the number is not for sale', async () => {
    const { message } = await failure(setup.resource().create(exactly('+12125550100')));
    expect(message).toContain("source: the service doesn't sell +…0100: BadRequestException");
    expect(setup.orders()).toEqual([]);
  });

  test.each(['shown', 'hidden'] as const)('restores the number from the deletion queue, %s, and orders nothing', async (deletionQueue) => {
    await start({ numbers: { deletionQueue } });
    await setup.order(NUMBER, 'Old name');
    setup.edit(NUMBER, { release: true });
    await setup.clock.sleep(20_000);
    const { physicalId } = await setup.resource().create(exactly(NUMBER, { PhoneNumberName: 'Hotline' }));
    expect(physicalId).toBe(NUMBER);
    expect(setup.orders()).toHaveLength(1);
    expect(setup.number(NUMBER)).toMatchObject({ status: 'Unassigned', label: expect.stringMatching(/^Hotline cdk-rtc\./) });
    await setup.clock.sleep(8 * 86_400_000);
    expect(setup.billed()).toEqual([NUMBER]);
  });

  test('retries a change that the service refuses shortly after the restore', async () => {
    await setup.order(NUMBER, 'Old name');
    setup.edit(NUMBER, { release: true });
    setup.emulator.addFault({ kind: 'error', operation: 'UpdatePhoneNumber', error: 'BadRequestException', times: 5 });
    await setup.resource().create(exactly(NUMBER, { Retain: true }));
    expect(setup.number(NUMBER)!.label).toMatch(/\.retained$/);
  });

  test('a change that the service keeps refusing fails after two minutes', async () => {
    setup.emulator.addFault({ kind: 'error', operation: 'UpdatePhoneNumber', error: 'BadRequestException', message: 'Service received a bad request' });
    const from = setup.clock.now();
    const { message } = await failure(setup.resource().create(exactly(NUMBER, { Retain: true })));
    expect(message).toContain('BadRequestException: Service received a bad request');
    expect(setup.clock.now() - from).toBeGreaterThanOrEqual(120_000);
    expect(setup.clock.now() - from).toBeLessThan(150_000);
  });

  test('the Delete of a failed adoption retries the change that the service refuses', async () => {
    await setup.order(NUMBER, 'Reception');
    const resource = setup.resource();
    await resource.create(exactly(NUMBER, { AdoptExisting: true }));
    setup.emulator.addFault({ kind: 'error', operation: 'UpdatePhoneNumber', error: 'BadRequestException', times: 5 });
    await resource.delete();
    expect(setup.number(NUMBER)!.label).toBe('Reception');
  });

  test('a restore whose response is lost is complete all the same', async () => {
    await setup.order(NUMBER);
    setup.edit(NUMBER, { release: true });
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'RestorePhoneNumber', times: 1 });
    await setup.resource().create(exactly(NUMBER));
    expect(setup.number(NUMBER)!.label).toMatch(MARK);
  });

  test('a number of the deletion queue that the service refuses to restore fails the deployment, and the error says what to do', async () => {
    await setup.order(NUMBER);
    setup.edit(NUMBER, { release: true });
    setup.emulator.addFault({ kind: 'error', operation: 'RestorePhoneNumber', error: 'BadRequestException', message: 'Service received a bad request' });
    const { message } = await failure(setup.resource().create(exactly(NUMBER)));
    expect(message).toContain('source: +…0105 is in the deletion queue of us-east-1, and the service refused to restore it: BadRequestException: Service received a bad request');
    expect(message).toContain('; restore it with `aws chime-sdk-voice restore-phone-number --region us-east-1 --phone-number-id NUMBER`, or wait until it leaves the queue 7 days after its release');
    expect(sent()).toBe(0);
  });

  describe('an order of the same number that is in progress, without a name', () => {
    /** An operator orders in the console. */
    const orderElsewhere = async (name?: string) => {
      await start({ numbers: { nameWhileAcquired: 'hidden', ordering: 60_000 } });
      await setup.order(NUMBER, name);
    };

    test.each(['shown', 'hidden'])('of another owner fails the deployment, and its Delete leaves the number: number %s', async (number) => {
      await orderElsewhere();
      if (number === 'hidden') setup.hideNumbers(20_000);
      const resource = setup.resource();
      const { message, physicalId } = await failure(resource.create(exactly(NUMBER)));
      expect(message).toContain('source: +…0105 is in the inventory of the account and has no owner mark; set adoptExisting to adopt the number');
      if (physicalId !== undefined) await resource.delete(physicalId, exactly(NUMBER));
      expect(setup.number(NUMBER)).toMatchObject({ status: 'Unassigned', label: '' });
      expect(sent()).toBe(0);
    });

    test.each(['shown', 'hidden'])('is adopted with adoptExisting, and the Delete leaves the number: number %s', async (number) => {
      await orderElsewhere();
      if (number === 'hidden') setup.hideNumbers(20_000);
      const resource = setup.resource();
      await resource.create(exactly(NUMBER, { AdoptExisting: true }));
      expect(setup.number(NUMBER)!.label).toMatch(/\.adopted$/);
      await resource.delete();
      expect(setup.number(NUMBER)).toMatchObject({ status: 'Unassigned', label: '' });
      expect(sent()).toBe(0);
    });

    test('of another resource fails the deployment, and its Delete leaves the number', async () => {
      await start({ numbers: { nameWhileAcquired: 'hidden', ordering: 60_000 } });
      await setup.resource('Other').onEvent({ type: 'Create', requestId: 'other', properties: exactly(NUMBER) });
      await setup.clock.sleep(5000);
      const { message, physicalId } = await failure(setup.resource().create(exactly(NUMBER)));
      expect(message).toContain('belongs to another resource, by the owner mark in its name');
      await setup.resource().delete(physicalId, exactly(NUMBER));
      expect(setup.billed()).toEqual([NUMBER]);
    });

    test.each(['at once', 'after some seconds'])('of an earlier delivery of the same create is this order, if the number has been acquired and shows its name %s', async (shown) => {
      await start({ numbers: { nameWhileAcquired: 'hidden', ordering: 60_000 } });
      const resource = setup.resource();
      const delivery = { type: 'Create' as const, requestId: 'twice', properties: exactly(NUMBER) };
      await resource.onEvent(delivery);
      if (shown === 'after some seconds') setup.hideNames(64_000);
      await setup.clock.sleep(5000);
      expect((await resource.deliver(delivery)).physicalId).toBe(NUMBER);
      expect(setup.number(NUMBER)!.label).toMatch(MARK);
      expect(sent()).toBe(1);
    });
  });

  test('refuses a number of the inventory without an owner mark, and changes nothing', async () => {
    await setup.order(NUMBER, 'Reception');
    const { message, physicalId } = await failure(setup.resource().create(exactly(NUMBER)));
    expect(message).toContain('source: +…0105 is in the inventory of the account and has no owner mark; set adoptExisting to adopt the number');
    expect(physicalId).toBeUndefined();
    expect(setup.number(NUMBER)!.label).toBe('Reception');
  });

  test('adopts the number with adoptExisting, and keeps its name', async () => {
    await setup.order(NUMBER, 'Reception');
    const resource = setup.resource();
    await resource.create(exactly(NUMBER, { AdoptExisting: true }));
    expect(setup.number(NUMBER)!.label).toMatch(/^Reception cdk-rtc\..*\.adopted$/);
    expect(setup.orders()).toHaveLength(1);
  });

  test('the rollback of an adoption gives the number back as it was', async () => {
    await setup.order(NUMBER, 'Reception');
    const resource = setup.resource();
    await resource.create(exactly(NUMBER, { AdoptExisting: true }));
    await resource.delete();
    expect(setup.number(NUMBER)).toMatchObject({ label: 'Reception', status: 'Unassigned' });
  });

  test('refuses a number of another resource, also with adoptExisting', async () => {
    await setup.resource('Other', stackId('Neighbour', '2')).create(exactly(NUMBER));
    const label = setup.number(NUMBER)!.label;
    const { message } = await failure(setup.resource().create(exactly(NUMBER, { AdoptExisting: true })));
    expect(message).toContain('source: +…0105 is in the inventory of the account and belongs to another resource, by the owner mark in its name');
    expect(setup.number(NUMBER)!.label).toBe(label);
  });
});

describe('update', () => {
  test('changes the name, the calling name, and the product type in place', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    const after = await resource.update({ ...SEATTLE, PhoneNumberName: 'Sales', ProductType: 'SipMediaApplicationDialIn', CallingName: 'Example' });
    expect(after.physicalId).toBe(physicalId);
    expect(setup.number(physicalId)).toMatchObject({ productType: 'SipMediaApplicationDialIn', label: expect.stringMatching(/^Sales cdk-rtc\./) });
    expect(setup.ordered()).toEqual([physicalId]);
  });

  test('refuses changed search criteria, orders nothing, and the rollback is quick', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    const changed = { ...SEATTLE, Source: { Local: { AreaCode: '415' } } };
    const { message, physicalId: failed } = await failure(resource.deliverUpdate(changed));
    expect(message).toContain("source: the criteria can't change after the number is ordered, because an update orders no other number");
    expect(failed).toBe(physicalId);
    const from = setup.clock.now();
    const back = await resource.deliverUpdate(SEATTLE, { properties: changed });
    expect(back.physicalId).toBe(physicalId);
    expect(setup.clock.now() - from).toBeLessThan(10_000);
    expect(setup.ordered()).toEqual([physicalId]);
    expect(setup.billed()).toEqual([physicalId]);
  });

  test('a search may become exactly the number that it found, and back', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    expect((await resource.update(exactly(physicalId))).physicalId).toBe(physicalId);
    expect((await resource.update(SEATTLE)).physicalId).toBe(physicalId);
    expect(setup.ordered()).toEqual([physicalId]);
    expect(setup.billed()).toEqual([physicalId]);
  });

  test('another exact number replaces the number, which is released', async () => {
    const resource = setup.resource();
    await resource.create(exactly(NUMBER));
    const { physicalId } = await resource.update(exactly(OTHER_NUMBER));
    expect(physicalId).toBe(OTHER_NUMBER);
    expect(setup.billed()).toEqual([OTHER_NUMBER]);
  });

  test.each(['the old ID', 'the new ID'])('a rolled-back replacement keeps the former number and releases the new one: %s', async (form) => {
    const resource = setup.resource();
    await resource.create(exactly(NUMBER));
    const { physicalId } = await resource.deliverUpdate(exactly(OTHER_NUMBER));
    const back = await resource.deliverUpdate(exactly(NUMBER), { properties: exactly(OTHER_NUMBER), physicalId: form === 'the new ID' ? physicalId : NUMBER });
    expect(back.physicalId).toBe(NUMBER);
    if (form === 'the new ID') await resource.delete(OTHER_NUMBER, exactly(OTHER_NUMBER));
    expect(setup.billed()).toEqual([NUMBER]);
    expect(setup.ordered().sort()).toEqual([NUMBER, OTHER_NUMBER]);
  });

  test('the rollback of a canceled replacement releases the number that the replacement marks as retained in the meantime', async () => {
    await start({ numbers: { ordering: 30_000 } });
    const resource = setup.resource();
    const retained = (number: string) => exactly(number, { Retain: true });
    await resource.create(retained(NUMBER));
    const replacement = {
      type: 'Update' as const, requestId: 'canceled', physicalId: NUMBER, properties: retained(OTHER_NUMBER), oldProperties: retained(NUMBER),
    };
    const rollback = { ...replacement, requestId: 'rollback', properties: retained(NUMBER), oldProperties: retained(OTHER_NUMBER) };
    const replaced = await resource.onEvent(replacement);
    const rolledBack = await resource.onEvent(rollback);
    expect(await resource.poll(rollback, rolledBack)).toEqual({ IsComplete: false });
    await resource.settle(replacement, replaced);
    expect(setup.number(OTHER_NUMBER)!.label).toMatch(/\.retained$/);
    await resource.settle(rollback, rolledBack);
    expect(setup.billed()).toEqual([NUMBER]);
  });

  test('the rollback of a canceled replacement waits for the order, also while the name of the number is hidden', async () => {
    await start({ numbers: { nameWhileAcquired: 'hidden', ordering: 300_000 } });
    const resource = setup.resource();
    await resource.create(exactly(NUMBER));
    await resource.onEvent({ type: 'Update', requestId: 'canceled', physicalId: NUMBER, properties: exactly(OTHER_NUMBER), oldProperties: exactly(NUMBER) });
    await resource.deliverUpdate(exactly(NUMBER), { properties: exactly(OTHER_NUMBER) });
    expect(setup.billed()).toEqual([NUMBER]);
  });

  test('the rollback of a replacement leaves the number alone that an earlier deployment retained', async () => {
    const resource = setup.resource();
    const retained = (number: string, more: Properties = {}) => exactly(number, { Retain: true, ...more });
    await resource.create(retained(NUMBER));
    // CloudFormation sends no Delete for the retained number.
    const { physicalId } = await resource.deliverUpdate(retained(OTHER_NUMBER));
    Object.assign(resource, { physicalId, properties: retained(OTHER_NUMBER) });
    const canceled = retained(NUMBER, { PhoneNumberName: 'Sales' });
    await resource.deliverUpdate(canceled);
    await resource.deliverUpdate(retained(OTHER_NUMBER), { properties: canceled });
    expect(setup.billed()).toEqual([NUMBER, OTHER_NUMBER]);
  });

  test('a number that was released out of band is restored', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    setup.edit(physicalId, { release: true });
    await resource.update({ ...SEATTLE, ForceUpdateNonce: '2' });
    expect(setup.billed()).toEqual([physicalId]);
    expect(setup.ordered()).toEqual([physicalId]);
  });

  test('a number that is gone for good is not ordered again', async () => {
    await start({ numbers: { queueTime: 1000 } });
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    setup.edit(physicalId, { release: true });
    await setup.clock.sleep(5000);
    const { message } = await failure(resource.deliverUpdate({ ...SEATTLE, ForceUpdateNonce: '2' }));
    expect(message).toContain('is gone: it was released out of band, and an update orders no other number');
    expect(sent()).toBe(1);
  });

  test('restores the owner mark that was removed out of band', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    setup.edit(physicalId, { name: 'Renamed by an operator' });
    await resource.update({ ...SEATTLE, ForceUpdateNonce: '2' });
    expect(setup.number(physicalId)!.label).toMatch(MARK);
  });

  test('leaves a number alone that another resource adopted', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    const label = 'cdk-rtc.0123456789abcdef.01234567.01234567';
    setup.edit(physicalId, { name: label });
    const { message } = await failure(resource.deliverUpdate({ ...SEATTLE, PhoneNumberName: 'Sales' }));
    expect(message).toContain('belongs to another resource, by the owner mark in its name');
    expect(setup.number(physicalId)!.label).toBe(label);
  });

  test('refuses another product type while the number is associated', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    setup.edit(physicalId, { voiceConnectorId: 'abcdefghijklmnopqrstuv' });
    const { message } = await failure(resource.deliverUpdate({ ...SEATTLE, ProductType: 'SipMediaApplicationDialIn' }));
    expect(message).toContain("productType: can't change while");
    expect(message).toContain('abcdefghijklmnopqrstuv');
  });

  test('removes the calling name', async () => {
    await start({ numbers: { callingName: 1000 } });
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ...SEATTLE, CallingName: 'Example' });
    await setup.clock.sleep(2000);
    await resource.update(SEATTLE);
    await setup.clock.sleep(2000);
    expect(setup.number(physicalId)!.callingName).toBeUndefined();
  });
});

describe('delete', () => {
  test('releases the number, which can be restored', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    await resource.delete();
    expect(setup.number(physicalId)!.status).toBe('DeleteInProgress');
  });

  test.each(['gone', 'in the deletion queue'])('is done at once for a number that is %s', async (state) => {
    await start({ numbers: { queueTime: state === 'gone' ? 1000 : undefined } });
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    setup.edit(physicalId, { release: true });
    await setup.clock.sleep(2000);
    await resource.delete();
    expect(setup.calls('DeletePhoneNumber')).toEqual([]);
  });

  test('waits for its disassociation, then fails and names the holder', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    setup.edit(physicalId, { voiceConnectorId: 'abcdefghijklmnopqrstuv' });
    const deleting = failure(resource.delete());
    expect((await deleting).message).toContain("can't be released, because it is associated with abcdefghijklmnopqrstuv");
    setup.edit(physicalId, { voiceConnectorId: null });
    await resource.delete();
    expect(setup.billed()).toEqual([]);
  });

  test('waits for the release of a number that is used by something that the service does not name, then fails', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    setup.edit(physicalId, { status: 'Assigned' });
    const { message } = await failure(resource.delete());
    expect(message).toContain("can't be released, because it is in use, and the service doesn't say by which resource; end that use, and delete again");
    setup.edit(physicalId, { status: 'Unassigned' });
    await resource.delete();
    expect(setup.billed()).toEqual([]);
  });

  test('retries a refused release for two minutes', async () => {
    const resource = setup.resource();
    await resource.create(SEATTLE);
    setup.emulator.addFault({ kind: 'error', operation: 'DeletePhoneNumber', error: 'BadRequestException', times: 20 });
    await resource.delete();
    expect(setup.billed()).toEqual([]);
  });

  test.each([
    ['of another resource', 'cdk-rtc.0123456789abcdef.01234567.01234567'],
    ['without an owner mark', 'Reception'],
  ])('leaves a number alone %s', async (_, name) => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    setup.edit(physicalId, { name });
    await resource.delete();
    expect(setup.billed()).toEqual([physicalId]);
    expect(setup.calls('DeletePhoneNumber')).toEqual([]);
  });

  test('a failed create leaves a number alone that an earlier one retained', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ...SEATTLE, Retain: true });
    expect(setup.number(physicalId)!.label).toMatch(/\.retained$/);
    // At least two deployments: one removes the resource from the stack, the other one adds the resource again and fails.
    await setup.clock.sleep(60_000);
    await resource.delete('Doorbells-Hotline-1A2B3C4D5E6F', { ...SEATTLE, Retain: true });
    expect(setup.billed()).toEqual([physicalId]);
  });

  test('a failed create leaves a number alone that an earlier one retained, also if the number is changed in the meantime', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ...SEATTLE, Retain: true });
    await setup.clock.sleep(3600_000);
    setup.edit(physicalId, { productType: 'SipMediaApplicationDialIn' });
    await resource.delete('Doorbells-Hotline-1A2B3C4D5E6F', { ...SEATTLE, Retain: true });
    expect(setup.billed()).toEqual([physicalId]);
  });

  test('the Delete of a failed create releases a retained number', async () => {
    const resource = setup.resource();
    await resource.create({ ...SEATTLE, Retain: true });
    await resource.delete();
    expect(setup.billed()).toEqual([]);
  });

  test('finishes in a region without the service', async () => {
    await setup.resource().delete('Doorbells-Hotline-1A2B3C4D5E6F', { ...SEATTLE, Region: 'xx-nowhere-1' });
  });
});

test.each(['Assigned', 'Unassigned'])('a number that is %s is not released, also if it has a deletion time', async (Status) => {
  const resource = setup.resource();
  const { physicalId } = await resource.create(SEATTLE);
  setup.changeResponses('GetPhoneNumber', (response) => ({ PhoneNumber: { ...response.PhoneNumber, Status, DeletionTimestamp: new Date(setup.clock.now()) } }));
  await resource.update({ ...SEATTLE, PhoneNumberName: 'Sales' });
  expect(setup.calls('RestorePhoneNumber')).toEqual([]);
  expect(setup.number(physicalId)!.label).toMatch(/^Sales /);
});

describe('drift', () => {
  test('reports no difference after a deployment', async () => {
    const resource = setup.resource();
    await resource.create({ ...SEATTLE, PhoneNumberName: 'Hotline' });
    const { observed, drifted, unobserved } = await setup.driftOf([resource]);
    expect({ observed, drifted, unobserved }).toEqual({ observed: 1, drifted: [], unobserved: [] });
  });

  test('reports another name and another product type', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    setup.edit(physicalId, { name: 'Other', productType: 'SipMediaApplicationDialIn' });
    const { drifted: [{ propertyDifferences }] } = await setup.driftOf([resource]) as any;
    expect(propertyDifferences.map(({ propertyPath }: { propertyPath: string }) => propertyPath)).toEqual(['/PhoneNumberName', '/ProductType']);
  });

  test('reports a released number as deleted', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(SEATTLE);
    setup.edit(physicalId, { release: true });
    const { drifted } = await setup.driftOf([resource]);
    expect(drifted).toMatchObject([{ driftStatus: 'DELETED' }]);
  });
});

test('the limits of the properties hold in the handler, too', async () => {
  const { message } = await failure(setup.resource('Hotline', STACK_ID).create({ ...SEATTLE, CallingName: 'x', OrderTimeout: 5 }));
  expect(message).toContain('callingName: must be');
  expect(message).toContain('orderTimeout: must be');
});

describe.each([
  'SearchAvailablePhoneNumbers', 'ListPhoneNumberOrders', 'ListPhoneNumbers', 'GetPhoneNumber', 'CreatePhoneNumberOrder', 'UpdatePhoneNumber', 'DeletePhoneNumber',
])('%s', (operation) => {
  test.each([
    ['is throttled', { kind: 'throttle', times: 5 }],
    ['answers with a 500', { kind: 'serverError', times: 5 }],
    ['is carried out and answers with a 503', { kind: 'serverError', status: 503, executed: true, times: 5 }],
    ['is lost on its way', { kind: 'lostRequest', times: 4 }],
    ['loses its response', { kind: 'lostResponse', times: 4 }],
    ['is late', { kind: 'delay', milliseconds: 6000, times: 2 }],
    ['is denied for a moment', { kind: 'accessDenied', times: 3 }],
  ] as const)('%s: one number is ordered, and released in the end', async (_, fault) => {
    setup.emulator.addFault({ ...fault, operation });
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ...SEATTLE, Retain: true });
    await setup.clock.sleep(10_000);
    expect(setup.ordered()).toEqual([physicalId]);
    await resource.delete();
    expect(setup.billed()).toEqual([]);
  });
});

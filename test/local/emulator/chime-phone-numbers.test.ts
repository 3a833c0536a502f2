import {
  AssociatePhoneNumbersWithVoiceConnectorCommand, ChimeSDKVoiceClient, CreatePhoneNumberOrderCommand, DeletePhoneNumberCommand,
  DisassociatePhoneNumbersFromVoiceConnectorCommand, GetPhoneNumberCommand, GetPhoneNumberOrderCommand, ListPhoneNumberOrdersCommand,
  ListPhoneNumbersCommand, RestorePhoneNumberCommand, SearchAvailablePhoneNumbersCommand, SearchAvailablePhoneNumbersCommandInput,
  UpdatePhoneNumberCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { nobodysId, startVoice } from './chime-voice-harness';
import { errorName } from './harness';
import type { NumberOptions } from '../../../local/emulator';

const first = '+12065550100';
const second = '+12065550101';
const day = 86_400_000;

async function start(numbers: NumberOptions = {}, quotas = {}) {
  const harness = await startVoice({ voice: { numbers, quotas } });
  const { client, clock } = harness;
  const order = async (E164PhoneNumbers: string[], Name?: string, through = client) =>
    (await through.send(new CreatePhoneNumberOrderCommand({ E164PhoneNumbers, ProductType: 'VoiceConnector', Name }))).PhoneNumberOrder!;
  const acquire = async (...ordered: string[]) => {
    await order(ordered);
    await clock.advance(5000);
  };
  return { ...harness, order, acquire };
}

const get = async (client: ChimeSDKVoiceClient, PhoneNumberId = first) =>
  (await client.send(new GetPhoneNumberCommand({ PhoneNumberId }))).PhoneNumber!;
const release = async (client: ChimeSDKVoiceClient, PhoneNumberId = first) => client.send(new DeletePhoneNumberCommand({ PhoneNumberId }));
const restore = async (client: ChimeSDKVoiceClient, PhoneNumberId = first) => client.send(new RestorePhoneNumberCommand({ PhoneNumberId }));
const search = async (client: ChimeSDKVoiceClient, input: SearchAvailablePhoneNumbersCommandInput) =>
  (await client.send(new SearchAvailablePhoneNumbersCommand(input))).E164PhoneNumbers!;

describe('search', () => {
  test('finds US numbers by area code, state, city, type, and prefix', async () => {
    const { client } = await start();
    expect(await search(client, { AreaCode: '206' })).toHaveLength(10);
    expect((await search(client, { State: 'CA', City: 'San Francisco' })).every(number => number.startsWith('+1415'))).toBe(true);
    expect(await search(client, { PhoneNumberType: 'TollFree' })).toHaveLength(10);
    expect(await search(client, { TollFreePrefix: '833' })).toHaveLength(5);
    expect(await search(client, { AreaCode: '206', Country: 'DE' })).toEqual([]);
  });

  test('finds nothing in a region without numbers, and refuses a city without a state', async () => {
    const { client, clientOf } = await start();
    expect(await search(clientOf({ region: 'eu-central-1' }), { AreaCode: '206' })).toEqual([]);
    expect(await errorName(search(client, { City: 'Seattle' }))).toBe('BadRequestException');
    expect(await errorName(search(client, { TollFreePrefix: '899' }))).toBe('BadRequestException');
  });

  test('reserves nothing, and does not find a number that is sold', async () => {
    const { client, acquire } = await start();
    await acquire(first);
    expect(await search(client, { AreaCode: '206' })).not.toContain(first);
  });
});

describe('orders', () => {
  test('are Processing, then Successful, and give their name to the number', async () => {
    const { client, clock, order } = await start();
    const { PhoneNumberOrderId, Status } = await order([first], 'Sales');
    expect(Status).toBe('Processing');
    expect(await get(client)).toMatchObject({ Status: 'AcquireInProgress', Name: 'Sales', OrderId: PhoneNumberOrderId });
    await clock.advance(3000);
    const { PhoneNumberOrder } = await client.send(new GetPhoneNumberOrderCommand({ PhoneNumberOrderId }));
    expect(PhoneNumberOrder).toMatchObject({ Status: 'Successful', OrderedPhoneNumbers: [{ E164PhoneNumber: first, Status: 'Acquired' }] });
    expect(PhoneNumberOrder).not.toHaveProperty('Name');
    expect((await get(client)).Status).toBe('Unassigned');
  });

  test.each([
    ['Partial', [second], ['Acquired', 'Failed']],
    ['Failed', [first, second], ['Failed', 'Failed']],
  ])('%s', async (Status, notAcquired, statuses) => {
    const { client, clock, order } = await start({ notAcquired });
    await order([first, second]);
    await clock.advance(3000);
    const { PhoneNumberOrders: [found] } = await client.send(new ListPhoneNumberOrdersCommand({})) as any;
    expect([found.Status, found.OrderedPhoneNumbers.map((one: any) => one.Status)]).toEqual([Status, statuses]);
    expect(await errorName(get(client, second))).toBe('NotFoundException');
  });

  test('a repeated order of a number is refused, because a number is sold once', async () => {
    const { order } = await start();
    await order([first]);
    expect(await errorName(order([first]))).toBe('BadRequestException');
  });

  test('the quota is five numbers, apart from the deletion queue', async () => {
    const { client, order, acquire } = await start();
    await acquire(...[0, 1, 2, 3, 4].map(index => `+1206555010${index}`));
    expect(await errorName(order(['+12065550109']))).toBe('ResourceLimitExceededException');
    await release(client);
    await order(['+12065550109']);
    expect(await errorName(restore(client))).toBe('ResourceLimitExceededException');
  });

  test('are refused in a region without numbers', async () => {
    const { order, clientOf } = await start();
    expect(await errorName(order([first], undefined, clientOf({ region: 'eu-central-1' })))).toBe('BadRequestException');
  });
});

describe('numbers', () => {
  test('are returned with an encoded plus sign in their ID, which finds no number', async () => {
    const { client, acquire } = await start();
    await acquire(first);
    const { PhoneNumberId, E164PhoneNumber } = await get(client);
    expect([PhoneNumberId, E164PhoneNumber]).toEqual(['%2B12065550100', first]);
    expect(await errorName(get(client, PhoneNumberId))).toBe('NotFoundException');
  });

  test('one property changes per call', async () => {
    const { client, clock, acquire } = await start();
    await acquire(first);
    const update = async (change: object) => client.send(new UpdatePhoneNumberCommand({ PhoneNumberId: first, ...change }));
    expect(await errorName(update({}))).toBe('BadRequestException');
    expect(await errorName(update({ Name: 'a', CallingName: 'Example' }))).toBe('BadRequestException');
    await update({ Name: 'Sales' });
    await update({ ProductType: 'SipMediaApplicationDialIn' });
    await update({ CallingName: 'Example' });
    expect(await errorName(update({ CallingName: 'Other' }))).toBe('BadRequestException');
    await clock.advance(3 * day);
    expect(await get(client)).toMatchObject({ Name: 'Sales', ProductType: 'SipMediaApplicationDialIn', CallingName: 'Example', CallingNameStatus: 'UpdateSucceeded' });
  });

  test('are listed in pages', async () => {
    const { client, acquire } = await start();
    await acquire(first, second);
    const page = await client.send(new ListPhoneNumbersCommand({ MaxResults: 1 }));
    const { PhoneNumbers, NextToken } = await client.send(new ListPhoneNumbersCommand({ MaxResults: 1, NextToken: page.NextToken }));
    expect([page.PhoneNumbers, PhoneNumbers].map(one => one![0]!.E164PhoneNumber)).toEqual([first, second]);
    expect(NextToken).toBeUndefined();
  });

  test('a released number can be restored for seven days, and is then for sale again', async () => {
    const { client, clock, acquire } = await start();
    await acquire(first);
    await release(client);
    expect(await get(client)).toMatchObject({ Status: 'DeleteInProgress', DeletionTimestamp: expect.any(Date) });
    await clock.advance(6 * day);
    await restore(client);
    await clock.advance(2 * day);
    expect((await get(client)).Status).toBe('Unassigned');
    await release(client);
    await clock.advance(7 * day);
    expect(await errorName(restore(client))).toBe('NotFoundException');
    expect(await search(client, { AreaCode: '206' })).toContain(first);
    await acquire(first);
    expect((await get(client)).Status).toBe('Unassigned');
  });

  test('a number that was just acquired is not released yet', async () => {
    const { client, clock, order } = await start();
    await order([first]);
    await clock.advance(3000);
    expect(await errorName(release(client))).toBe('BadRequestException');
    await clock.advance(1000);
    await release(client);
  });
});

describe('associations', () => {
  const associate = async (client: ChimeSDKVoiceClient, VoiceConnectorId: string, ForceAssociate?: boolean, E164PhoneNumbers = [first]) => {
    const command = new AssociatePhoneNumbersWithVoiceConnectorCommand({ VoiceConnectorId, E164PhoneNumbers, ForceAssociate });
    return (await client.send(command)).PhoneNumberErrors!;
  };

  test('a number of another voice connector is taken only by force', async () => {
    const { client, acquire, connector } = await start();
    await acquire(first);
    const [one, other] = [connector().id, connector().id];
    expect(await associate(client, one)).toEqual([]);
    expect(await associate(client, other)).toMatchObject([{ PhoneNumberId: '%2B12065550100', ErrorCode: 'PhoneNumberAssociationsExist' }]);
    expect((await get(client)).Associations).toMatchObject([{ Name: 'VoiceConnectorId', Value: one }]);
    expect(await associate(client, other, true)).toEqual([]);
    expect((await get(client)).Associations).toMatchObject([{ Value: other }]);
  });

  test('one number of several can fail in a response with status 200', async () => {
    const { client, acquire, connector } = await start();
    await acquire(first);
    const { id } = connector();
    expect(await associate(client, id, false, [first, second])).toMatchObject([{ PhoneNumberId: '%2B12065550101', ErrorCode: 'NotFound' }]);
    expect((await get(client)).Status).toBe('Assigned');
    expect(await errorName(associate(client, nobodysId))).toBe('NotFoundException');
  });

  test('an associated number and its voice connector are not deleted', async () => {
    const { client, clock, emulator, acquire, connector } = await start();
    await acquire(first);
    const { id, arn } = connector();
    await associate(client, id);
    expect(await errorName(release(client))).toBe('BadRequestException');
    const deletion = { action: 'delete', type: 'AWS::Chime::VoiceConnector', region: 'us-east-1', physicalId: arn } as const;
    const deleteConnector = () => emulator.applyResource(deletion);
    expect(deleteConnector).toThrow('Disassociate the phone numbers first');
    await client.send(new DisassociatePhoneNumbersFromVoiceConnectorCommand({ VoiceConnectorId: id, E164PhoneNumbers: [first] }));
    await clock.advance(1000);
    await release(client);
    deleteConnector();
  });
});

import { BatchGetItemCommand, BatchWriteItemCommand, DescribeTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { key, messageOf, startDynamo, table, tableProperties } from './dynamodb-harness';
import { account, errorName, errorOf, region } from './harness';
import { DynamoDbOptions } from '../../../local/emulator';

async function startWithOne(item: object = {}, options: DynamoDbOptions = {}) {
  const harness = startDynamo(options);
  await harness.calls.put(item);
  return harness;
}

describe('PutItem and GetItem', () => {
  test('every type comes back as it was written, numbers in one form', async () => {
    const { client, calls } = startDynamo();
    await client.send(new PutItemCommand({
      TableName: table,
      Item: {
        pk: { S: 'a' },
        sk: { N: '01.0' },
        n: { N: '-1.50e2' },
        b: { B: Buffer.from([0, 255]) },
        t: { BOOL: false },
        nul: { NULL: true },
        e: { S: '' },
        l: { L: [{ S: 'x' }, { M: { d: { NS: ['1', '2.0'] } } }] },
        bs: { BS: [Buffer.from([1])] },
        m: { M: {} },
      },
    }));
    expect(await calls.get()).toEqual({
      ...key, n: -150, b: new Uint8Array([0, 255]), t: false, nul: null, e: '', l: ['x', { d: new Set([1, 2]) }], bs: new Set([new Uint8Array([1])]), m: {},
    });
  });

  test('a put replaces all of it', async () => {
    const { calls } = await startWithOne({ x: 1 });
    await calls.put({ y: 2 });
    expect(await calls.get()).toEqual({ ...key, y: 2 });
  });

  test('what is not there is no error', async () => {
    const { calls } = startDynamo();
    expect(await calls.get()).toBeUndefined();
  });

  test.each<[string, object, string]>([
    ['without a key', { pk: undefined }, 'One or more parameter values were invalid: Missing the key pk in the item'],
    ['with a key of another type', { sk: 'x' }, 'One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S'],
    ['with an empty key', { pk: '' },
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk'],
    ['with an index key of another type', { started: 'x' },
      'One or more parameter values were invalid: Type mismatch for Index Key started Expected: N Actual: S IndexName: byOwner'],
    ['with an empty index key', { owner: '' }, 'One or more parameter values are not valid. A value specified for a secondary index key is not supported. '
      + 'The AttributeValue for a key attribute cannot contain an empty string value. IndexName: byOwner, IndexKey: owner'],
    ['with a key of more than 2048 bytes', { pk: 'x'.repeat(2049) },
      'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes'],
    // 400 KB with the names: pk, a, sk, 1 and x are 7 bytes and the sort key 2 (about).
    ['of more than 400 KB', { x: 'x'.repeat(400 * 1024 - 6) }, 'Item size has exceeded the maximum allowed size'],
  ])('an item %s is refused', async (_, item, message) => {
    const { calls, emulator } = startDynamo();
    expect(await messageOf(calls.put(item))).toBe(message);
    expect(emulator.calls).toMatchObject([{ mutated: false }]);
  });

  test('a slightly smaller item is accepted', async () => {
    await expect(startWithOne({ x: 'x'.repeat(400 * 1024 - 20) })).resolves.toBeDefined();
  });

  test.each<[string, object, string]>([
    ['no type', {}, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
    ['an empty set', { SS: [] }, 'One or more parameter values were invalid: An string set  may not be empty'],
    ['a set with duplicates', { NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
    ['no number', { N: 'x' }, 'The parameter cannot be converted to a numeric value: x'],
    ['a false NULL', { NULL: false }, 'One or more parameter values were invalid: Null attribute value types must have the value of true'],
  ])('a value of %s is refused', async (_, value, message) => {
    const { client } = startDynamo();
    expect(await messageOf(client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: 'a' }, sk: { N: '1' }, x: value as never } })))).toBe(message);
  });

  test.each<[string, object]>([['a part of the key', { pk: 'a' }], ['more than the key', { ...key, x: 1 }], ['another type', { pk: 1, sk: 1 }]])(
    '%s is no key', async (_, wrong) => {
      const { calls } = startDynamo();
      for (const call of [calls.get({ Key: wrong }), calls.remove({ Key: wrong }), calls.update(undefined, undefined, { Key: wrong })]) {
        expect(await messageOf(call)).toBe('The provided key element does not match the schema');
      }
    });

  test('a table that does not exist', async () => {
    const { calls, client } = startDynamo();
    expect(await messageOf(calls.get({ TableName: 'other' }))).toBe('ResourceNotFoundException: Requested resource not found');
    expect(await messageOf(client.send(new DescribeTableCommand({ TableName: 'other' }))))
      .toBe('ResourceNotFoundException: Requested resource not found: Table: other not found');
  });

  test('a table by its ARN', async () => {
    const { calls } = await startWithOne();
    expect(await calls.get({ TableName: `arn:aws:dynamodb:${region}:${account}:table/${table}` })).toEqual(key);
    expect(await errorName(calls.get({ TableName: `arn:aws:dynamodb:${region}:111111111111:table/${table}` }))).toBe('AccessDeniedException');
  });
});

describe('conditional writes', () => {
  const ifNew = { ConditionExpression: 'attribute_not_exists(pk)' };

  test('a create that must be the first', async () => {
    const { calls, emulator } = startDynamo();
    await calls.put({ x: 1 }, ifNew);
    expect(await errorOf(calls.put({ x: 2 }, ifNew)))
      .toMatchObject({ name: 'ConditionalCheckFailedException', message: 'The conditional request failed', $metadata: { httpStatusCode: 400 } });
    expect(await calls.get()).toEqual({ ...key, x: 1 });
    expect(emulator.calls.map(({ mutated }) => mutated)).toEqual([true, false, false]);
  });

  test('an optimistic lock', async () => {
    const { calls } = await startWithOne({ version: 1 });
    const increment = async (from: number) =>
      calls.update('SET version = :next', { ':next': from + 1, ':from': from }, { ConditionExpression: 'version = :from', ReturnValues: 'UPDATED_NEW' });
    expect((await increment(1)).Attributes).toEqual({ version: 2 });
    expect(await errorName(increment(1))).toBe('ConditionalCheckFailedException');
  });

  test('the item that failed it can be asked for', async () => {
    const { calls } = await startWithOne({ x: 1 });
    expect(await errorOf(calls.put({}, { ...ifNew, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }))).toMatchObject({ Item: { x: { N: '1' } } });
    expect(await errorOf(calls.put({}, ifNew))).toMatchObject({ Item: undefined });
  });

  test('a wrong key is reported before a failed condition', async () => {
    const { calls } = startDynamo();
    expect(await messageOf(calls.remove({ Key: { pk: 'a' }, ConditionExpression: 'attribute_exists(pk)' })))
      .toBe('The provided key element does not match the schema');
  });
});

describe('ReturnValues', () => {
  test.each<[string, object | undefined]>([
    ['NONE', undefined], ['ALL_OLD', { ...key, n: 1, other: 'o' }], ['ALL_NEW', { ...key, n: 2, fresh: 1, other: 'o' }], ['UPDATED_OLD', { n: 1 }],
    ['UPDATED_NEW', { n: 2, fresh: 1 }],
  ])('%s of an update', async (ReturnValues, expected) => {
    const { calls } = await startWithOne({ n: 1, other: 'o' });
    expect((await calls.update('SET n = n + :one, fresh = :one', { ':one': 1 }, { ReturnValues: ReturnValues as never })).Attributes).toEqual(expected);
  });

  test('an update creates a missing item, and returns no old item', async () => {
    const { calls } = startDynamo();
    expect((await calls.update('SET n = :n', { ':n': 1 }, { ReturnValues: 'ALL_OLD' })).Attributes).toBeUndefined();
    expect((await calls.update(undefined, undefined, { ReturnValues: 'ALL_NEW' })).Attributes).toEqual({ ...key, n: 1 });
  });

  test('ALL_OLD of put and delete', async () => {
    const { calls } = await startWithOne({ x: 1 });
    expect((await calls.put({ x: 2 }, { ReturnValues: 'ALL_OLD' })).Attributes).toEqual({ ...key, x: 1 });
    expect((await calls.remove({ ReturnValues: 'ALL_OLD' })).Attributes).toEqual({ ...key, x: 2 });
    expect((await calls.remove({ ReturnValues: 'ALL_OLD' })).Attributes).toBeUndefined();
  });

  test.each(['ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'])('put and delete have no %s', async ReturnValues => {
    const { calls } = startDynamo();
    for (const call of [calls.put({}, { ReturnValues: ReturnValues as never }), calls.remove({ ReturnValues: ReturnValues as never })]) {
      expect(await messageOf(call)).toBe('ReturnValues can only be ALL_OLD or NONE');
    }
  });
});

describe('time to live', () => {
  const inOneMinute = (clock: { now(): number }) => clock.now() / 1000 + 60;

  test('an expired item is not there: not to read, to query, to overwrite', async () => {
    const { calls, clock } = startDynamo();
    await calls.put({ owner: 'o', started: 1, expiresAt: inOneMinute(clock) });
    await clock.advance(59_999);
    expect(await calls.get()).toBeDefined();
    await clock.advance(1);
    expect(await calls.get()).toBeUndefined();
    expect((await calls.scan()).Count).toBe(0);
    await calls.put({}, { ConditionExpression: 'attribute_not_exists(pk)' });
  });

  test('it may be deleted later only', async () => {
    const { calls, clock } = startDynamo({ ttlDelay: 1000 });
    await calls.put({ expiresAt: inOneMinute(clock) });
    await clock.advance(60_999);
    expect(await calls.get()).toBeDefined();
    await clock.advance(1);
    expect(await calls.get()).toBeUndefined();
  });

  test.each<[string, unknown]>([['a text', '1'], ['a time more than five years ago', 1]])('%s is no expiry', async (_, expiresAt) => {
    const { calls } = await startWithOne({ expiresAt });
    expect(await calls.get()).toBeDefined();
  });
});

describe('batches', () => {
  const put = (sk: number) => ({ PutRequest: { Item: { pk: { S: 'a' }, sk: { N: String(sk) } } } });
  const wire = (sk: number) => ({ pk: { S: 'a' }, sk: { N: String(sk) } });
  const write = (...requests: object[]) => new BatchWriteItemCommand({ RequestItems: { [table]: requests as never } });
  const read = (...keys: object[]) => new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys as never } } });

  test('write, delete and read many', async () => {
    const { client } = startDynamo();
    await client.send(write(put(1), put(2), put(3)));
    expect((await client.send(write({ DeleteRequest: { Key: wire(2) } }, put(4)))).UnprocessedItems).toEqual({});
    const { Responses, UnprocessedKeys } = await client.send(read(wire(1), wire(2), wire(4)));
    expect([Responses, UnprocessedKeys]).toEqual([{ [table]: [wire(1), wire(4)] }, {}]);
  });

  test('can be set to process a part', async () => {
    const { client } = startDynamo({ batchSize: 2 });
    expect((await client.send(write(put(1), put(2), put(3)))).UnprocessedItems).toEqual({ [table]: [put(3)] });
    const { Responses, UnprocessedKeys } = await client.send(read(wire(1), wire(2), wire(3)));
    expect([Responses![table].length, UnprocessedKeys]).toEqual([2, { [table]: { Keys: [wire(3)] } }]);
  });

  test.each<[string, BatchWriteItemCommand | BatchGetItemCommand, string]>([
    ['an item twice', write(put(1), { DeleteRequest: { Key: wire(1) } }), 'Provided list of item keys contains duplicates'],
    ['a key twice', read(wire(1), { pk: { S: 'a' }, sk: { N: '1.0' } }), 'Provided list of item keys contains duplicates'],
    ['a wrong key', read({ pk: { S: 'a' } }), 'The provided key element does not match the schema'],
    ['two things in one request', write({ ...put(1), DeleteRequest: { Key: wire(1) } }),
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes'],
  ])('%s is refused', async (_, command, message) => {
    const { client } = startDynamo();
    expect(await messageOf(client.send(command as never))).toBe(message);
  });

  test('25 writes and 100 reads at most', async () => {
    const { client } = startDynamo();
    const numbers = Array.from({ length: 101 }, (_, i) => i);
    await client.send(write(...numbers.slice(0, 25).map(put)));
    expect(await errorName(client.send(write(...numbers.slice(0, 26).map(put))))).toBe('ValidationException');
    await client.send(read(...numbers.slice(0, 100).map(wire)));
    expect(await errorName(client.send(read(...numbers.map(wire))))).toBe('ValidationException');
  });
});

test('DescribeTable', async () => {
  const { client, clock } = await startWithOne();
  const arn = `arn:aws:dynamodb:${region}:${account}:table/${table}`;
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  expect(Table).toMatchObject({
    TableName: table,
    TableArn: arn,
    TableStatus: 'ACTIVE',
    CreationDateTime: new Date(clock.now()),
    ItemCount: 1,
    KeySchema: tableProperties.KeySchema,
    GlobalSecondaryIndexes: [
      { IndexName: 'byOwner', IndexArn: `${arn}/index/byOwner`, IndexStatus: 'ACTIVE', Projection: { ProjectionType: 'ALL' } }, { IndexName: 'owners' },
    ],
  });
  expect(Table!.AttributeDefinitions).toEqual(expect.arrayContaining(tableProperties.AttributeDefinitions));
});

test.each<[string, object]>([
  ['AttributesToGet', { AttributesToGet: ['x'] }], ['ReturnConsumedCapacity', { ReturnConsumedCapacity: 'TOTAL' }],
])('%s is not emulated, and says so', async (name, more) => {
  const { calls } = startDynamo();
  expect(await errorOf(calls.get(more))).toMatchObject({ name: 'NotEmulated', message: `The emulator has no ${name}` });
});

import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { callsOf, key, messageOf, startDynamo, table, tableProperties } from './dynamodb-harness';
import { account, errorName, errorOf, region } from './harness';
import { dynamoDb, Emulator, Fault, PolicyDocument, Principal, RunningServer, startServer, VirtualClock } from '../../../local/emulator';

const arn = `arn:aws:dynamodb:${region}:${account}:table/${table}`;

function allow(action: string | string[], more: Record<string, unknown> = {}): PolicyDocument {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: arn, ...more }] };
}

function startWithRole(...policies: PolicyDocument[]) {
  const role: Principal = { arn: `arn:aws:iam::${account}:role/handler`, policies };
  const harness = startDynamo({}, { principals: async accessKeyId => accessKeyId === 'AKIAROLE' ? role : 'unrestricted' });
  const client = harness.clientOf({ credentials: { accessKeyId: 'AKIAROLE', secretAccessKey: 'x' } });
  return { ...harness, roleClient: client, role: callsOf(client) };
}

describe('TransactWriteItems', () => {
  const put = (sk: number, more: object = {}) => ({ Put: { TableName: table, Item: { pk: 'a', sk }, ...more } });
  const exists = (sk: number) => ({ ConditionCheck: { TableName: table, Key: { pk: 'a', sk }, ConditionExpression: 'attribute_exists(pk)' } });

  test('writes all', async () => {
    const { calls, emulator } = startDynamo();
    await calls.put({ sk: 1 });
    await calls.put({ sk: 2 });
    await calls.transact([
      exists(1),
      { Delete: { TableName: table, Key: { pk: 'a', sk: 2 } } },
      put(3),
      { Update: { TableName: table, Key: { pk: 'a', sk: 4 }, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': 1 } } },
    ]);
    expect((await calls.query('pk = :pk', { ':pk': 'a' })).Items).toEqual([{ pk: 'a', sk: 1 }, { pk: 'a', sk: 3 }, { pk: 'a', sk: 4, n: 1 }]);
    expect(emulator.calls[2]).toMatchObject({ operation: 'TransactWriteItems', resource: arn, mutated: true });
  });

  test('or none, and says why for each', async () => {
    const { calls, emulator } = startDynamo();
    await calls.put({ sk: 1, text: 'x' });
    const condition = { ConditionExpression: 'attribute_not_exists(pk)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
    const error = await errorOf(calls.transact([
      put(3),
      put(1, condition),
      { Update: { TableName: table, Key: { pk: 'a', sk: 4 }, UpdateExpression: 'SET a = absent' } },
      { Delete: { TableName: table, Key: { pk: 'a' } } },
    ]));
    expect(error).toMatchObject({
      name: 'TransactionCanceledException',
      message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ValidationError, ValidationError]',
      $metadata: { httpStatusCode: 400 },
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { text: { S: 'x' } } },
        { Code: 'ValidationError', Message: 'The provided expression refers to an attribute that does not exist in the item' },
        { Code: 'ValidationError', Message: 'The provided key element does not match the schema' },
      ],
    });
    expect((await calls.scan()).Count).toBe(1);
    expect(emulator.calls[1]).toMatchObject({ mutated: false });
  });

  test('is idempotent by its token for ten minutes', async () => {
    const { calls, clock } = startDynamo();
    const add = (n: number) => [{ Update: { TableName: table, Key: key, UpdateExpression: 'ADD n :n', ExpressionAttributeValues: { ':n': n } } }];
    await calls.transact(add(1), 'token-1');
    await calls.transact(add(1), 'token-1');
    expect(await calls.get()).toEqual({ ...key, n: 1 });
    expect(await errorName(calls.transact(add(2), 'token-1'))).toBe('IdempotentParameterMismatchException');
    await clock.advance(10 * 60_000);
    await calls.transact(add(2), 'token-1');
    expect(await calls.get()).toEqual({ ...key, n: 3 });
  });

  test('that failed does not use up its token', async () => {
    const { calls } = startDynamo();
    expect(await errorName(calls.transact([exists(1), put(2)], 'token-1'))).toBe('TransactionCanceledException');
    await calls.put();
    await calls.transact([exists(1), put(2)], 'token-1');
    expect((await calls.scan()).Count).toBe(2);
  });

  test.each<[string, object[], string]>([
    ['two operations on one item', [exists(1), put(1)], 'Transaction request cannot include multiple operations on one item'],
    ['two operations in one element', [{ ...exists(1), ...put(2) }], 'TransactItems can only contain one of Check, Put, Update or Delete'],
    ['no operation', [{}], 'TransactItems can only contain one of Check, Put, Update or Delete'],
    ['an expression that is none', [put(1, { ConditionExpression: 'a' })], 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "a"'],
    ['an unknown table', [put(1, { TableName: 'other' })], 'ResourceNotFoundException: Requested resource not found'],
  ])('refuses %s', async (_, items, message) => {
    const { calls } = startDynamo();
    expect(await messageOf(calls.transact(items as never))).toBe(message);
  });

  test('has 100 items and 4 MB at most', async () => {
    const { calls } = startDynamo();
    await calls.transact(Array.from({ length: 100 }, (_, i) => put(i)));
    expect(await errorName(calls.transact(Array.from({ length: 101 }, (_, i) => put(i))))).toBe('ValidationException');
    const large = Array.from({ length: 11 }, (_, sk) => ({ Put: { TableName: table, Item: { pk: 'a', sk, x: 'x'.repeat(390 * 1024) } } }));
    expect(await errorName(calls.transact(large))).toBe('ValidationException');
  });
});

describe('AWS JSON 1.0', () => {
  let server: RunningServer;
  afterEach(async () => server.close());

  async function start() {
    const emulator = new Emulator({ clock: new VirtualClock(), services: [dynamoDb()] });
    emulator.applyResource({ action: 'create', type: 'AWS::DynamoDB::GlobalTable', region, properties: tableProperties });
    server = await startServer(emulator);
  }

  async function post(operation: string, body: object) {
    await start();
    const response = await fetch(`${server.endpoint('dynamodb')}/`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'authorization': `AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      },
    });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.json() as Record<string, unknown> };
  }

  const Key = { pk: { S: 'a' }, sk: { N: '1' } };

  test('an answer', async () => {
    expect(await post('GetItem', { TableName: table, Key })).toEqual({ status: 200, type: 'application/x-amz-json-1.0', body: {} });
  });

  test.each<[string, string, object, string]>([
    ['of the service', 'DeleteItem', { TableName: table, Key, ConditionExpression: 'attribute_exists(pk)' },
      'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException'],
    ['of every service', 'GetItem', { TableName: table }, 'com.amazon.coral.validate#ValidationException'],
    ['of an unknown operation', 'CreateTable', {}, 'com.amazon.coral.service#UnknownOperationException'],
  ])('an error %s', async (_, operation, body, type) => {
    expect(await post(operation, body)).toMatchObject({ status: 400, body: { __type: type, message: expect.any(String) } });
  });

  test('the real client works over HTTP', async () => {
    await start();
    const client = new DynamoDBClient({ endpoint: server.endpoint('dynamodb'), region, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'x' } });
    const calls = callsOf(client);
    await calls.put({ bytes: new Uint8Array([1, 2]) });
    expect(await calls.get()).toEqual({ ...key, bytes: new Uint8Array([1, 2]) });
    expect(await errorName(calls.put({}, { ConditionExpression: 'attribute_not_exists(pk)' }))).toBe('ConditionalCheckFailedException');
    client.destroy();
  });
});

describe('faults', () => {
  test.each<[Fault, string, number]>([
    [{ kind: 'throttle' }, 'ProvisionedThroughputExceededException', 400],
    [{ kind: 'serverError' }, 'InternalServerError', 500],
    [{ kind: 'accessDenied' }, 'AccessDeniedException', 400],
    [{ kind: 'error', error: 'TransactionConflictException' }, 'TransactionConflictException', 400],
  ])('%j', async (fault, name, status) => {
    const { calls, emulator } = startDynamo();
    emulator.addFault({ resource: table, ...fault });
    expect(await errorOf(calls.put())).toMatchObject({ name, $metadata: { httpStatusCode: status } });
    expect(await errorName(calls.query('pk = :pk', { ':pk': 'a' }, { IndexName: 'byOwner' }))).toBe(name);
    expect(emulator.calls).toMatchObject([{ mutated: false }, { mutated: false }]);
  });

  test('after a lost response the SDK meets its own write', async () => {
    const { clientOf, emulator } = startDynamo();
    emulator.addFault({ kind: 'lostResponse', times: 1 });
    const put = callsOf(clientOf({ maxAttempts: 3 })).put({}, { ConditionExpression: 'attribute_not_exists(pk)' });
    expect(await errorName(put)).toBe('ConditionalCheckFailedException');
  });

  test('the same write again changes nothing', async () => {
    const { calls, emulator } = startDynamo();
    await calls.put({ x: [1] });
    await calls.put({ x: [1] });
    expect(emulator.calls.map(({ mutated }) => mutated)).toEqual([true, false]);
  });
});

describe('IAM', () => {
  test('an index needs its own permission', async () => {
    const onTable = startWithRole(allow('dynamodb:Query'));
    const query = { IndexName: 'owners', ExpressionAttributeNames: { '#o': 'owner' } };
    await expect(onTable.role.query('pk = :pk', { ':pk': 'a' })).resolves.toBeDefined();
    expect(await errorOf(onTable.role.query('#o = :o', { ':o': 'x' }, query)))
      .toMatchObject({ name: 'AccessDeniedException', message: expect.stringContaining(`${arn}/index/owners`) });
    const onIndex = startWithRole(allow('dynamodb:Query', { Resource: `${arn}/index/*` }));
    await expect(onIndex.role.query('#o = :o', { ':o': 'x' }, query)).resolves.toBeDefined();
  });

  test('a transaction needs the actions of its writes', async () => {
    const items = [
      { Put: { TableName: table, Item: key } },
      { ConditionCheck: { TableName: table, Key: { pk: 'a', sk: 2 }, ConditionExpression: 'attribute_not_exists(pk)' } },
    ];
    const half = startWithRole(allow('dynamodb:PutItem'));
    expect(await errorOf(half.role.transact(items))).toMatchObject({ message: expect.stringContaining('dynamodb:ConditionCheckItem') });
    const both = startWithRole(allow(['dynamodb:PutItem', 'dynamodb:ConditionCheckItem']));
    await expect(both.role.transact(items)).resolves.toBeDefined();
  });

  test.each<[string, string[], boolean]>([
    ['its own action', ['dynamodb:BatchWriteItem'], true], ['that of a put', ['dynamodb:PutItem'], false],
  ])('a batch with %s', async (_, actions, allowed) => {
    const { roleClient } = startWithRole(allow(actions));
    const call = roleClient.send(new BatchWriteItemCommand({ RequestItems: { [table]: [{ PutRequest: { Item: { pk: { S: 'a' }, sk: { N: '1' } } } }] } }));
    expect(await call.then(() => true, () => false)).toBe(allowed);
  });

  test('tags of the table count', async () => {
    const { role, emulator } = startWithRole(allow('dynamodb:GetItem', { Condition: { StringEquals: { 'aws:ResourceTag/stack': 'mine' } } }));
    expect(await errorName(role.get())).toBe('AccessDeniedException');
    emulator.edit({ service: 'dynamodb', resource: table, tags: { stack: 'mine' } });
    expect(await role.get()).toBeUndefined();
  });
});

describe('secrets', () => {
  test('the call log shows no value of an attribute', async () => {
    const { calls, emulator } = startDynamo();
    await calls.put({ pk: 'secret-1', note: 'secret-2', deep: [{ x: 'secret-3' }] });
    await calls.update('SET n = :v', { ':v': 'secret-4' }, { Key: { pk: 'secret-5', sk: 1 } });
    await calls.transact([{ Put: { TableName: table, Item: { pk: 'secret-6', sk: 1 } } }]);
    await calls.put({ note: 'secret-7' }, { ConditionExpression: 'a BETWEEN :b AND :a', ExpressionAttributeValues: { ':a': 'a', ':b': 'secret-8' } })
      .catch(() => undefined);
    expect(JSON.stringify(emulator.calls)).not.toContain('secret-');
    expect(emulator.calls[1].input).toMatchObject({ UpdateExpression: 'SET n = :v', ExpressionAttributeValues: { ':v': '***' } });
  });

  test('the state shows attributes, but for those that are secrets by their name', async () => {
    const { calls, emulator } = startDynamo();
    await calls.put({ note: 'shown', joinToken: 'hidden', deep: { Attendees: ['hidden'], list: [{ TOKEN: 'hidden' }] } });
    expect(JSON.stringify(emulator.state())).not.toContain('hidden');
    expect(emulator.state().dynamodb).toMatchObject([{ account, region, tables: [{ name: table, items: [{ note: { S: 'shown' }, joinToken: '***' }] }] }]);
  });
});

describe('an out-of-band change', () => {
  test('writes and deletes items', async () => {
    const { calls, emulator } = startDynamo();
    const edit = (changes: object) => emulator.edit({ service: 'dynamodb', resource: table, ...changes });
    edit({ putItem: { pk: { S: 'a' }, sk: { N: '1.0' }, x: { S: 'y' } } });
    expect(await calls.get()).toEqual({ ...key, x: 'y' });
    edit({ deleteItem: { pk: { S: 'a' }, sk: { N: '1' } } });
    expect(await calls.get()).toBeUndefined();
    expect(() => edit({ colour: 'red' })).toThrow('unknown edit colour');
    expect(() => emulator.edit({ service: 'dynamodb', resource: 'other' })).toThrow('0 living resources match other');
  });
});

describe.each(['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'])('%s', type => {
  const apply = (action: 'create' | 'update' | 'delete', properties: object, physicalId?: string) => {
    const harness = startDynamo();
    return harness.emulator.applyResource({ action, type, region, properties: properties as Record<string, unknown>, physicalId, logicalId: 'Rooms' });
  };
  const { TableName, ...unnamed } = tableProperties;

  test('Ref is the name, given or not', () => {
    expect(apply('create', { ...tableProperties, TableName: 'second' })).toMatchObject({ physicalId: 'second', attributes: { Arn: `${arn.split('/')[0]}/second` } });
    expect(apply('create', unnamed).physicalId).toMatch(/^stack-Rooms-[A-Za-z0-9]{12}$/);
  });

  test('an update keeps the items, unless the key changes', async () => {
    const { calls, emulator } = startDynamo();
    await calls.put();
    const update = (changes: object) => emulator.applyResource({ action: 'update', type, region, physicalId: table, properties: { ...tableProperties, ...changes } });
    expect(update({ GlobalSecondaryIndexes: [] }).physicalId).toBe(TableName);
    expect((await calls.scan()).Count).toBe(1);
    expect(() => update({ KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] })).toThrow('Table already exists');
    const other = emulator.applyResource({ action: 'update', type, region, physicalId: table, properties: { ...unnamed, TableName: 'other' } });
    expect(other.physicalId).toBe('other');
    expect((await calls.scan({ TableName: 'other' })).Count).toBe(0);
  });

  test('deleted, it is gone with its items', async () => {
    const { calls, emulator } = startDynamo();
    await calls.put();
    for (let i = 0; i < 2; i++) emulator.applyResource({ action: 'delete', type, region, physicalId: table });
    expect(await errorName(calls.get())).toBe('ResourceNotFoundException');
    emulator.applyResource({ action: 'create', type, region, properties: tableProperties });
    expect((await calls.scan()).Count).toBe(0);
  });

  test('protected, it cannot be deleted', () => {
    const { emulator } = startDynamo();
    emulator.applyResource({ action: 'update', type, region, physicalId: table, properties: { ...tableProperties, DeletionProtectionEnabled: 'true' } });
    expect(() => emulator.applyResource({ action: 'delete', type, region, physicalId: table })).toThrow('protected against deletion');
  });

  test.each<[object, string]>([
    [{ Colour: 'red' }, 'a table has no property Colour'],
    [{ LocalSecondaryIndexes: [] }, 'The emulator has no LocalSecondaryIndexes'],
    [{ Replicas: [{ Region: 'us-east-1' }] }, 'The emulator has no replicas in other regions'],
    [{ AttributeDefinitions: [] }, 'The key pk has no attribute definition'],
  ])('%j is refused', (changes, message) => {
    expect(() => apply('create', { ...tableProperties, TableName: 'second', ...changes })).toThrow(message);
  });

  test('its own region may be its only replica', () => {
    const Replicas = [{ Region: region, Tags: [{ Key: 'a', Value: '1' }] }];
    expect(apply('create', { ...tableProperties, TableName: 'second', Replicas }).physicalId).toBe('second');
  });
});

import { DynamoDBDocumentClient, paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb';
import { messageOf, startDynamo, table } from './dynamodb-harness';
import { errorName } from './harness';
import { DynamoDbOptions } from '../../../local/emulator';

/** Items a/1 to a/12 of two owners, one of them without a start, and one of another partition. */
async function start(options: DynamoDbOptions = {}) {
  const harness = startDynamo(options);
  for (let sk = 1; sk <= 12; sk++) {
    await harness.calls.put({ sk, owner: sk % 2 ? 'odd' : 'even', ...sk < 12 && { started: 100 - sk }, title: `t${sk}`, secret: 's' });
  }
  await harness.calls.put({ pk: 'b', sk: 1 });
  return harness;
}

const numbers = (items: Record<string, unknown>[] | undefined) => items!.map(({ sk }) => sk);
const ofA = [':pk', 'a'] as const;
const values = (more: object = {}) => ({ [ofA[0]]: ofA[1], ...more });

describe('Query', () => {
  test.each<[string, object, number[]]>([
    ['pk = :pk', {}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    ['pk = :pk AND sk = :v', { ':v': 2 }, [2]],
    ['sk < :v and pk = :pk', { ':v': 3 }, [1, 2]],
    ['pk = :pk AND sk <= :v', { ':v': 3 }, [1, 2, 3]],
    ['pk = :pk AND sk > :v', { ':v': 10 }, [11, 12]],
    ['(pk = :pk) AND (sk >= :v)', { ':v': 10 }, [10, 11, 12]],
    ['pk = :pk AND :v > sk', { ':v': 2 }, [1]],
    ['pk = :pk AND sk BETWEEN :v AND :w', { ':v': 2, ':w': 4 }, [2, 3, 4]],
  ])('%s %j in the order of the sort key', async (condition, more, expected) => {
    const { calls } = await start();
    const { Items, Count, ScannedCount, LastEvaluatedKey } = await calls.query(condition, values(more));
    expect([numbers(Items), Count, ScannedCount, LastEvaluatedKey]).toEqual([expected, expected.length, expected.length, undefined]);
  });

  test('backwards', async () => {
    const { calls } = await start();
    const { Items } = await calls.query('pk = :pk AND sk > :v', values({ ':v': 9 }), { ScanIndexForward: false });
    expect(numbers(Items)).toEqual([12, 11, 10]);
  });

  test('a filter counts apart, and after the limit', async () => {
    const { calls } = await start();
    const more = { FilterExpression: '#o = :o', ExpressionAttributeNames: { '#o': 'owner' }, Limit: 4 };
    const { Items, Count, ScannedCount, LastEvaluatedKey } = await calls.query('pk = :pk', values({ ':o': 'odd' }), more);
    expect([numbers(Items), Count, ScannedCount, LastEvaluatedKey]).toEqual([[1, 3], 2, 4, { pk: 'a', sk: 4 }]);
  });

  test('a projection, a count', async () => {
    const { calls } = await start();
    expect((await calls.query('pk = :pk AND sk = :v', values({ ':v': 1 }), { ProjectionExpression: 'title' })).Items).toEqual([{ title: 't1' }]);
    expect(await calls.query('pk = :pk', values(), { Select: 'COUNT' })).toEqual({ $metadata: expect.anything(), Count: 12, ScannedCount: 12 });
  });

  test.each([true, false])('pages, forward %s, and a full last page has a key all the same', async forward => {
    const { client } = await start();
    const pages: unknown[] = [];
    const input = { TableName: table, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: values(), ScanIndexForward: forward, Limit: 4 };
    for await (const { Items } of paginateQuery({ client: DynamoDBDocumentClient.from(client) }, input)) pages.push(numbers(Items));
    const all = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]];
    expect(pages).toEqual([...forward ? all : all.map(page => [...page].reverse()).reverse(), []]);
  });

  test('a page goes on from a key whose item is gone', async () => {
    const { calls } = await start();
    const { LastEvaluatedKey } = await calls.query('pk = :pk', values(), { Limit: 3 });
    await calls.remove({ Key: LastEvaluatedKey });
    expect(numbers((await calls.query('pk = :pk', values(), { ExclusiveStartKey: LastEvaluatedKey, Limit: 1 })).Items)).toEqual([4]);
  });

  test('a page has 1 MB at most', async () => {
    const { calls } = startDynamo();
    for (let sk = 1; sk <= 4; sk++) await calls.put({ sk, x: 'x'.repeat(300 * 1024) });
    const { Items, LastEvaluatedKey } = await calls.query('pk = :pk', values());
    expect([numbers(Items), LastEvaluatedKey]).toEqual([[1, 2, 3], { pk: 'a', sk: 3 }]);
  });

  test.each<[string | undefined, object | undefined, object, string]>([
    [undefined, undefined, {}, 'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.'],
    ['sk = :v AND title = :pk', { ':v': 1 }, {}, 'Query condition missed key schema element: pk'],
    ['pk = :pk AND title = :v', { ':v': 'x' }, {}, 'Query condition missed key schema element: sk'],
    ['pk > :pk', {}, {}, 'Query key condition not supported'],
    ['pk = :pk AND pk = :v', { ':v': 'x' }, {}, 'KeyConditionExpressions must only contain one condition per key'],
    ['pk = :pk OR sk = :v', { ':v': 1 }, {}, 'Invalid operator used in KeyConditionExpression: OR'],
    ['pk = :pk AND sk <> :v', { ':v': 1 }, {}, 'Invalid operator used in KeyConditionExpression: <>'],
    ['pk = :pk AND contains(sk, :v)', { ':v': 1 }, {}, 'Invalid operator used in KeyConditionExpression: contains'],
    ['pk = :pk AND sk = :v', { ':v': 'x' }, {}, 'One or more parameter values were invalid: Condition parameter type does not match schema type'],
    ['pk = :pk', {}, { FilterExpression: 'sk = pk' }, 'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk'],
    ['pk = :pk', {}, { IndexName: 'none' }, 'The table does not have the specified index: none'],
    ['#o = :pk', {}, { IndexName: 'owners', ConsistentRead: true, ExpressionAttributeNames: { '#o': 'owner' } },
      'Consistent reads are not supported on global secondary indexes'],
    ['#o = :pk', {}, { IndexName: 'owners', Select: 'ALL_ATTRIBUTES', ExpressionAttributeNames: { '#o': 'owner' } },
      'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index owners '
      + 'because its projection type is not ALL'],
    ['#o = :pk', {}, { IndexName: 'owners', ProjectionExpression: 'title, more', ExpressionAttributeNames: { '#o': 'owner' } },
      'One or more parameter values were invalid: Global secondary index owners does not project [more]'],
    ['pk = :pk', {}, { ExclusiveStartKey: { pk: 'a' } }, 'The provided starting key is invalid'],
    ['pk = :pk', {}, { ExclusiveStartKey: { pk: 'b', sk: 1 } },
      'The provided starting key is outside query boundaries based on provided conditions'],
    ['pk = :pk', {}, { ProjectionExpression: 'pk.x' },
      'Key attributes must be scalars; list random access \'[]\' and map lookup \'.\' are not allowed: Key: pk'],
  ])('%s %j %j is refused', async (condition, more, input, message) => {
    const { calls } = await start();
    expect(await messageOf(calls.query(condition, more && values(more), input))).toBe(message);
  });

  test('a limit of 0 is refused', async () => {
    const { calls } = await start();
    expect(await errorName(calls.query('pk = :pk', values(), { Limit: 0 }))).toBe('ValidationException');
  });
});

describe('an index', () => {
  const owner = { ExpressionAttributeNames: { '#o': 'owner' } };
  const even = { ':o': 'even' };

  test('has the items that have its keys, in the order of its sort key', async () => {
    const { calls } = await start();
    // The twelfth has not started; the others started the earlier the higher they are.
    expect(numbers((await calls.query('#o = :o', even, { ...owner, IndexName: 'byOwner' })).Items)).toEqual([10, 8, 6, 4, 2]);
    const some = await calls.query('#o = :o AND started > :v', { ...even, ':v': 94 }, { ...owner, IndexName: 'byOwner' });
    expect(numbers(some.Items)).toEqual([4, 2]);
  });

  test('shows what it projects', async () => {
    const { calls } = await start();
    const { Items } = await calls.query('#o = :o', { ':o': 'even' }, { ...owner, IndexName: 'owners' });
    expect(Items).toContainEqual({ pk: 'a', sk: 2, owner: 'even', title: 't2' });
    expect(Items).toHaveLength(6);
    const hidden = { FilterExpression: 'attribute_exists(secret)', ...owner, IndexName: 'owners' };
    expect(await calls.query('#o = :o', { ':o': 'even' }, hidden)).toMatchObject({ Count: 0, ScannedCount: 6 });
  });

  test('pages by its keys and those of the table', async () => {
    const { calls } = await start();
    const input = { ...owner, IndexName: 'byOwner', Limit: 2 };
    const first = await calls.query('#o = :o', even, input);
    expect(first.LastEvaluatedKey).toEqual({ pk: 'a', sk: 8, owner: 'even', started: 92 });
    const second = await calls.query('#o = :o', even, { ...input, ExclusiveStartKey: first.LastEvaluatedKey });
    expect(numbers(second.Items)).toEqual([6, 4]);
  });

  test('with equal sort keys loses nothing between pages', async () => {
    const { calls } = startDynamo();
    for (let sk = 1; sk <= 5; sk++) await calls.put({ sk, owner: 'o', started: 1 });
    const found: unknown[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await calls.query('#o = :o', { ':o': 'o' }, { ...owner, IndexName: 'byOwner', Limit: 2, ExclusiveStartKey });
      found.push(...numbers(page.Items));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    expect(found.sort()).toEqual([1, 2, 3, 4, 5]);
  });

  test('can be set to lag behind its table', async () => {
    const { calls, clock } = await start({ indexLag: 1000 });
    const count = async () => (await calls.query('#o = :o', even, { ...owner, IndexName: 'byOwner' })).Count;
    expect(await count()).toBe(0);
    expect((await calls.query('pk = :pk', values())).Count).toBe(12);
    await clock.advance(1000);
    expect(await count()).toBe(5);
  });
});

describe('Scan', () => {
  test('finds everything once, page by page', async () => {
    const { client } = await start();
    const found: string[] = [];
    for await (const { Items } of paginateScan({ client: DynamoDBDocumentClient.from(client) }, { TableName: table, Limit: 5 })) {
      found.push(...Items!.map(({ pk, sk }) => `${pk}${sk}`));
    }
    expect(found.sort()).toEqual([...Array.from({ length: 12 }, (_, i) => `a${i + 1}`), 'b1'].sort());
  });

  test('with a filter, also for keys, and of an index', async () => {
    const { calls } = await start();
    expect((await calls.scan({ FilterExpression: 'begins_with(pk, :b)', ExpressionAttributeValues: { ':b': 'b' } })))
      .toMatchObject({ Items: [{ pk: 'b', sk: 1 }], Count: 1, ScannedCount: 13 });
    expect((await calls.scan({ IndexName: 'byOwner' })).Count).toBe(11);
  });

  test('is in parts only by pages', async () => {
    const { calls } = startDynamo();
    expect(await errorName(calls.scan({ TotalSegments: 2, Segment: 0 }))).toBe('NotEmulated');
  });
});

describe('eventually consistent reads', () => {
  test('lag when a fault says so; consistent ones and conditions do not', async () => {
    const { calls, clock, emulator } = startDynamo();
    await calls.put({ version: 1, owner: 'o', started: 1 });
    await clock.advance(10_000);
    emulator.addFault({ kind: 'laggingReads', milliseconds: 5000 });
    await calls.update('SET version = :two', { ':two': 2, ':one': 1 }, { ConditionExpression: 'version = :one' });
    await calls.put({ sk: 2 });
    expect(await calls.get()).toMatchObject({ version: 1 });
    expect(await calls.get({ ConsistentRead: true })).toMatchObject({ version: 2 });
    expect((await calls.query('pk = :pk', values())).Count).toBe(1);
    expect((await calls.query('pk = :pk', values(), { ConsistentRead: true })).Count).toBe(2);
    expect((await calls.scan({ ConsistentRead: true })).Count).toBe(2);
    expect((await calls.scan({ IndexName: 'byOwner' })).Items).toMatchObject([{ version: 1 }]);
    expect(await errorName(calls.put({}, { ConditionExpression: 'version = :one', ExpressionAttributeValues: { ':one': 1 } })))
      .toBe('ConditionalCheckFailedException');
    await clock.advance(5000);
    expect(await calls.get()).toMatchObject({ version: 2 });
  });

  test('show a deleted item as long', async () => {
    const { calls, clock, emulator } = startDynamo();
    await calls.put();
    await clock.advance(10_000);
    await calls.remove();
    emulator.addFault({ kind: 'laggingReads', milliseconds: 1 });
    expect(await calls.get()).toBeDefined();
    await calls.put({ again: true }, { ConditionExpression: 'attribute_not_exists(pk)' });
    expect(await calls.get({ ConsistentRead: true })).toMatchObject({ again: true });
  });
});

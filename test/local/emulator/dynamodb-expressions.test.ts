import { messageOf, startDynamo, whether } from './dynamodb-harness';
import { addNumbers, compareNumbers, normalNumber } from '../../../local/emulator/dynamodb/numbers';

describe('numbers', () => {
  test.each([
    ['1', '1'], ['1.0', '1'], ['-0', '0'], ['007', '7'], ['1e3', '1000'], ['1.5E-3', '0.0015'], ['.5', '0.5'], ['-12.340', '-12.34'],
    ['99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
    ['1E-130', `0.${'0'.repeat(129)}1`], ['9.9E125', `99${'0'.repeat(124)}`],
  ])('%s is %s', (text, expected) => {
    expect(normalNumber(text)).toBe(expected);
  });

  test.each([
    ['', 'The parameter cannot be converted to a numeric value'],
    ['b', 'The parameter cannot be converted to a numeric value: b'],
    ['1E126', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    ['1E-131', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
    [`1${'0'.repeat(37)}1`, 'Attempting to store more than 38 significant digits in a Number'],
  ])('%s is refused', (text, message) => {
    expect(() => normalNumber(text)).toThrow(message);
  });

  test('sums and differences are exact', () => {
    expect(addNumbers('0.1', '0.2')).toBe('0.3');
    expect(addNumbers('1', '0.5', -1)).toBe('0.5');
    expect(addNumbers('12345678901234567890123456789012345678', '1')).toBe('12345678901234567890123456789012345679');
  });

  test.each([['10', '9', 1], ['-10', '-9', -1], ['1.50', '1.5', 0], ['0.1', '1e-1', 0]])('%s to %s is %d', (a, b, expected) => {
    expect(compareNumbers(a, b)).toBe(expected);
  });
});

describe('conditions', () => {
  const item = {
    words: 'hello',
    amount: 10,
    flag: true,
    nothing: null,
    tags: new Set(['red', 'green']),
    numbers: new Set([1, 2]),
    elements: ['x', 7, { deep: 'd' }],
    nested: { seat: { number: 5 } },
    octets: new Uint8Array([1, 2, 3]),
  };

  test.each<[string, object | undefined, string]>([
    ['attribute_exists(words)', undefined, 'yes'],
    ['attribute_exists(absent)', undefined, 'no'],
    ['attribute_exists(nothing)', undefined, 'yes'],
    ['attribute_not_exists(absent)', undefined, 'yes'],
    ['attribute_not_exists(words)', undefined, 'no'],
    ['attribute_exists(nested.seat.#n)', undefined, 'yes'],
    ['attribute_exists(elements[2].deep)', undefined, 'yes'],
    ['attribute_exists(elements[3])', undefined, 'no'],
    ['words = :v', { ':v': 'hello' }, 'yes'],
    ['words = :v', { ':v': 5 }, 'no'],
    ['absent = :v', { ':v': 'hello' }, 'no'],
    ['absent <> :v', { ':v': 'hello' }, 'yes'],
    ['words <> :v', { ':v': 'hello' }, 'no'],
    ['amount > :v', { ':v': 9 }, 'yes'],
    ['amount < :v', { ':v': 9 }, 'no'],
    ['amount >= :v', { ':v': 10 }, 'yes'],
    ['amount <= :v', { ':v': 10 }, 'yes'],
    ['amount > :v', { ':v': '9' }, 'no'],
    ['absent < :v', { ':v': 9 }, 'no'],
    ['absent > :v', { ':v': 9 }, 'no'],
    ['absent >= :v', { ':v': 9 }, 'no'],
    ['absent <= :v', { ':v': 9 }, 'no'],
    [':v < amount', { ':v': 9 }, 'yes'],
    ['amount BETWEEN :low AND :high', { ':low': 9, ':high': 10 }, 'yes'],
    ['amount between :low and :high', { ':low': 1, ':high': 9 }, 'no'],
    ['absent BETWEEN :low AND :high', { ':low': 1, ':high': 9 }, 'no'],
    ['amount IN (:a, :b)', { ':a': 1, ':b': 10 }, 'yes'],
    ['amount IN (:a)', { ':a': '10' }, 'no'],
    ['NOT amount IN (:a)', { ':a': 1 }, 'yes'],
    ['begins_with(words, :v)', { ':v': 'he' }, 'yes'],
    ['begins_with(words, :v)', { ':v': 'lo' }, 'no'],
    ['begins_with(octets, :v)', { ':v': new Uint8Array([1, 2]) }, 'yes'],
    ['begins_with(amount, :v)', { ':v': '1' }, 'no'],
    ['contains(words, :v)', { ':v': 'ell' }, 'yes'],
    ['contains(tags, :v)', { ':v': 'red' }, 'yes'],
    ['contains(tags, :v)', { ':v': 're' }, 'no'],
    ['contains(numbers, :v)', { ':v': 2 }, 'yes'],
    ['contains(elements, :v)', { ':v': 7 }, 'yes'],
    ['contains(elements, :v)', { ':v': { deep: 'd' } }, 'yes'],
    ['contains(absent, :v)', { ':v': 'x' }, 'no'],
    ['size(words) = :v', { ':v': 5 }, 'yes'],
    ['size(tags) > :v', { ':v': 1 }, 'yes'],
    ['size(elements) = :v', { ':v': 3 }, 'yes'],
    ['size(nested) = :v', { ':v': 1 }, 'yes'],
    ['size(octets) = :v', { ':v': 3 }, 'yes'],
    ['size(absent) < :v', { ':v': 9 }, 'no'],
    ['attribute_type(words, :v)', { ':v': 'S' }, 'yes'],
    ['attribute_type(tags, :v)', { ':v': 'SS' }, 'yes'],
    ['attribute_type(nothing, :v)', { ':v': 'NULL' }, 'yes'],
    ['attribute_type(flag, :v)', { ':v': 'S' }, 'no'],
    ['tags = :v', { ':v': new Set(['green', 'red']) }, 'yes'],
    ['nested = :v', { ':v': { seat: { number: 5 } } }, 'yes'],
    ['elements = :v', { ':v': ['x', { deep: 'd' }, 7] }, 'no'],
    // AND binds more tightly than OR, NOT more tightly than AND.
    ['attribute_exists(words) OR attribute_exists(absent) AND attribute_exists(absent)', undefined, 'yes'],
    ['(attribute_exists(words) OR attribute_exists(absent)) AND attribute_exists(absent)', undefined, 'no'],
    ['NOT attribute_exists(absent) AND attribute_exists(words)', undefined, 'yes'],
    ['NOT (attribute_exists(absent) OR attribute_exists(words))', undefined, 'no'],
  ])('%s, %j: %s', async (condition, values, expected) => {
    expect(await whether(condition, item, values, condition.includes('#n') ? { '#n': 'number' } : undefined)).toBe(expected);
  });

  test('without an item nothing exists', async () => {
    expect(await whether('attribute_not_exists(pk)', undefined)).toBe('yes');
    expect(await whether('attribute_exists(pk)', undefined)).toBe('no');
  });

  test.each<[string, object | undefined, string]>([
    ['', undefined, 'The expression can not be empty;'],
    ['name = :v', { ':v': 1 }, 'Attribute name is a reserved keyword; reserved keyword: name'],
    ['a.token = :v', { ':v': 1 }, 'Attribute name is a reserved keyword; reserved keyword: token'],
    ['Ttl = :v', { ':v': 1 }, 'Attribute name is a reserved keyword; reserved keyword: Ttl'],
    ['#x = :v', { ':v': 1 }, 'An expression attribute name used in the document path is not defined; attribute name: #x'],
    ['a = :v', undefined, 'An expression attribute value used in expression is not defined; attribute value: :v'],
    ['a = ', undefined, 'Syntax error; token: "<EOF>", near: "="'],
    ['a = :v :v', { ':v': 1 }, 'Syntax error; token: ":v", near: ":v :v"'],
    ['a ! b', undefined, 'Syntax error; token: "!", near: "a ! b"'],
    ['(a = :v', { ':v': 1 }, 'Syntax error; token: "<EOF>", near: ":v"'],
    ['((a = :v))', { ':v': 1 }, 'The expression has redundant parentheses;'],
    ['exists(a)', undefined, 'Invalid function name; function: exists'],
    ['if_not_exists(a, :v) = :v', { ':v': 1 }, 'Invalid function name; function: if_not_exists'],
    ['attribute_exists(a, b)', undefined,
      'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2'],
    ['attribute_exists(:v)', { ':v': 1 }, 'Operator or function requires a document path; operator or function: attribute_exists'],
    ['begins_with(a, :v)', { ':v': 1 }, 'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N'],
    ['a < :v', { ':v': true }, 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'],
    ['size(a)', undefined, 'The function is not allowed to be used this way in an expression; function: size'],
    ['attribute_exists(a) = :v', { ':v': true }, 'The function is not allowed to be used this way in an expression; function: attribute_exists'],
    ['a = a', undefined, 'The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]'],
    ['attribute_type(a, :v)', { ':v': 'X' }, 'Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}'],
  ])('%s is refused', async (condition, values, message) => {
    expect(await whether(condition, {}, values)).toBe(`Invalid ConditionExpression: ${message}`);
  });

  test('bounds in the wrong order are rejected, without their values in the message', async () => {
    expect(await whether('a BETWEEN :b AND :a', {}, { ':a': 'secret-a', ':b': 'secret-b' })).toMatch(
      /^Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; [^-]*$/);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['unused values', { ExpressionAttributeValues: { ':a': 1, ':b': 2 } }, 'Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}'],
    ['unused names', { ExpressionAttributeValues: { ':a': 1 }, ExpressionAttributeNames: { '#b': 'b' } },
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}'],
    ['an impossible name', { ExpressionAttributeValues: { ':a': 1 }, ExpressionAttributeNames: { '#b-c': 'b' } },
      'ExpressionAttributeNames contains invalid key: Syntax error; key: "#b-c"'],
    ['no names', { ExpressionAttributeValues: { ':a': 1 }, ExpressionAttributeNames: {} }, 'ExpressionAttributeNames must not be empty'],
    ['values without an expression', { ConditionExpression: undefined, ExpressionAttributeValues: { ':a': 1 } },
      'ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null'],
    ['names without an expression', { ConditionExpression: undefined, ExpressionAttributeNames: { '#a': 'a' } },
      'ExpressionAttributeNames can only be specified when using expressions'],
  ])('%s are refused', async (_, more, message) => {
    const { calls } = startDynamo();
    expect(await messageOf(calls.put({}, { ConditionExpression: 'a <> :a', ...more }))).toBe(message);
  });
});

describe('updates', () => {
  const before = { n: 5, text: 'x', list: ['a', 'b', 'c'], map: { seat: 1 }, tags: new Set(['red']), old: true };

  test.each<[string, object | undefined, object]>([
    ['SET n = :v', { ':v': 'other type' }, { n: 'other type' }],
    ['SET n = n + :v', { ':v': 2 }, { n: 7 }],
    ['SET n = n - :v, fresh = n', { ':v': 0.5 }, { n: 4.5, fresh: 5 }],
    ['SET n = if_not_exists(n, :v) + :v', { ':v': 1 }, { n: 6 }],
    ['SET fresh = if_not_exists(fresh, :v) + :v', { ':v': 1 }, { fresh: 2 }],
    ['SET #list = list_append(#list, :v)', { ':v': ['d'] }, { list: ['a', 'b', 'c', 'd'] }],
    ['SET fresh = list_append(if_not_exists(fresh, :e), :v)', { ':v': ['d'], ':e': [] }, { fresh: ['d'] }],
    ['SET #map.seat = :v, #map.extra = #map.seat', { ':v': 2 }, { map: { seat: 2, extra: 1 } }],
    ['SET #list[1] = :v', { ':v': 'B' }, { list: ['a', 'B', 'c'] }],
    ['SET #list[9] = :v, #list[7] = :w', { ':v': 'z', ':w': 'y' }, { list: ['a', 'b', 'c', 'y', 'z'] }],
    ['REMOVE #list[0], #list[2]', undefined, { list: ['b'] }],
    ['REMOVE #list[1] SET #list[2] = :v', { ':v': 'C' }, { list: ['a', 'C'] }],
    ['REMOVE #old, absent', undefined, { old: undefined }],
    ['REMOVE #map.seat', undefined, { map: {} }],
    ['ADD n :v', { ':v': -1 }, { n: 4 }],
    ['ADD fresh :v', { ':v': 3 }, { fresh: 3 }],
    ['ADD tags :v', { ':v': new Set(['green', 'red']) }, { tags: new Set(['red', 'green']) }],
    ['ADD fresh :v', { ':v': new Set([1]) }, { fresh: new Set([1]) }],
    ['DELETE tags :v', { ':v': new Set(['green']) }, { tags: new Set(['red']) }],
    ['DELETE tags :v', { ':v': new Set(['red']) }, { tags: undefined }],
    ['DELETE fresh :v', { ':v': new Set(['red']) }, {}],
    ['set n = :v remove #old add m :v delete tags :t', { ':v': 1, ':t': new Set(['red']) }, { n: 1, old: undefined, m: 1, tags: undefined }],
    ['SET n = (n + :v)', { ':v': 1 }, { n: 6 }],
  ])('%s %j', async (expression, values, changes) => {
    const { calls } = startDynamo();
    await calls.put(before);
    const names = Object.fromEntries(['list', 'map', 'old'].filter(name => expression.includes(`#${name}`)).map(name => [`#${name}`, name]));
    await calls.update(expression, values, { ExpressionAttributeNames: Object.keys(names).length > 0 ? names : undefined });
    const expected = Object.fromEntries(Object.entries({ pk: 'a', sk: 1, ...before, ...changes }).filter(([, value]) => value !== undefined));
    expect(await calls.get()).toEqual(expected);
  });

  test.each<[string, object | undefined, string]>([
    ['SET pk = :v', { ':v': 'b' }, 'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key'],
    ['SET owner.a = :v', { ':v': 'b' },
      'Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: owner'],
    ['SET a = :v SET b = :v', { ':v': 1 }, 'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;'],
    ['SET a = :v, a.b = :v', { ':v': 1 },
      'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]'],
    ['SET a.b = :v REMOVE a[1]', { ':v': 1 },
      'Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [1]]'],
    ['SET a = b + c + d', undefined, 'Invalid UpdateExpression: Syntax error; token: "+", near: "c + d"'],
    ['PUT a = :v', { ':v': 1 }, 'Invalid UpdateExpression: Syntax error; token: "PUT", near: "PUT a"'],
    ['SET a = n + :v', { ':v': 'x' },
      'Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: +, operand type: S'],
    ['ADD n :v', { ':v': 'x' }, 'Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING'],
    ['DELETE n :v', { ':v': 1 }, 'Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER'],
    ['SET a = contains(n, :v)', { ':v': 1 }, 'Invalid UpdateExpression: Invalid function name; function: contains'],
    ['SET a = absent', undefined, 'The provided expression refers to an attribute that does not exist in the item'],
    ['SET a = absent + :v', { ':v': 1 }, 'The provided expression refers to an attribute that does not exist in the item'],
    ['SET a = tags + :v', { ':v': 1 }, 'An operand in the update expression has an incorrect data type'],
    ['ADD tags :v', { ':v': 1 }, 'An operand in the update expression has an incorrect data type'],
    ['SET absent.a = :v', { ':v': 1 }, 'The document path provided in the update expression is invalid for update'],
    ['REMOVE n[0]', undefined, 'The document path provided in the update expression is invalid for update'],
    ['SET started = :v', { ':v': 'x' },
      'One or more parameter values were invalid: Type mismatch for Index Key started Expected: N Actual: S IndexName: byOwner'],
  ])('%s is refused', async (expression, values, message) => {
    const { calls, emulator } = startDynamo();
    await calls.put(before);
    expect(await messageOf(calls.update(expression, values))).toBe(message);
    expect(emulator.calls.at(-1)).toMatchObject({ mutated: false });
  });
});

describe('projections', () => {
  test.each<[string, object]>([
    ['a', { a: { b: 1, c: [1, 2, 3] } }],
    ['a.b, d', { a: { b: 1 }, d: 'x' }],
    ['a.c[2], a.c[0]', { a: { c: [1, 3] } }],
    ['a.absent, absent', {}],
  ])('%s', async (ProjectionExpression, expected) => {
    const { calls } = startDynamo();
    await calls.put({ a: { b: 1, c: [1, 2, 3] }, d: 'x' });
    expect(await calls.get({ ProjectionExpression })).toEqual(expected);
  });
});

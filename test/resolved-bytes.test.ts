import { App, Aws, CfnCondition, Fn, NestedStack, Stack, Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { resolvedBytes } from '../src/private/resolved-bytes';

const env = { account: '123456789012', region: 'eu-west-1' };
const stackOf = (props = {}) => new Stack(new App(), 'Rooms', props);
const tableOf = (scope: Stack) => new dynamodb.CfnTable(scope, 'Table', { keySchema: [] });
/** What CloudFormation has made of a name, at most: it appends 12 or 13 characters. */
const TABLE = 'Rooms-Table-1ABCDEFGHIJ23';

test('what is known at synth counts in bytes, an object as its JSON without blanks', () => {
  expect(resolvedBytes(stackOf(), 'Grüße')).toBe(7);
  expect(resolvedBytes(stackOf(), { Statement: [{ Effect: 'Allow', Action: ['a:B', 'a:C'] }] })).toBe('{"Statement":[{"Effect":"Allow","Action":["a:B","a:C"]}]}'.length);
});

test.each([
  ['the partition', Aws.PARTITION, 'aws-us-gov', 'aws'],
  ['the region', Aws.REGION, 'ap-southeast-1', 'eu-west-1'],
  ['the account', Aws.ACCOUNT_ID, '123456789012', '123456789012'],
  ['the name of the stack', Aws.STACK_NAME, 'Rooms', 'Rooms'],
  ['the id of the stack',
    Aws.STACK_ID,
    'arn:aws-us-gov:cloudformation:ap-southeast-1:123456789012:stack/Rooms/01234567-89ab-cdef-0123-456789abcdef',
    'arn:aws:cloudformation:eu-west-1:123456789012:stack/Rooms/01234567-89ab-cdef-0123-456789abcdef'],
  ['nothing', Aws.NO_VALUE, '', ''],
])('%s counts as long as it may become, or as the stack says', (_, token, longest, said) => {
  expect(resolvedBytes(stackOf(), `<${token}>`)).toBe(longest.length + 2);
  expect(resolvedBytes(stackOf({ env }), `<${token}>`)).toBe(said.length + 2);
});

test('the ARN of a table counts no shorter than it becomes, and hardly longer', () => {
  const stack = stackOf({ env });
  const bytes = resolvedBytes(stack, { Resource: tableOf(stack).attrArn });
  const becomes = `{"Resource":"arn:aws:dynamodb:eu-west-1:123456789012:table/${TABLE}"}`.length;
  expect(bytes).toBeGreaterThanOrEqual(becomes);
  expect(bytes).toBeLessThanOrEqual(becomes + 5);
});

test('in a nested stack, names have that of the outer one, of the nested one, and two suffixes', () => {
  const outer = stackOf({ env });
  const nested = new NestedStack(outer, 'Inner');
  const name = `Rooms-${outer.getLogicalId(nested.nestedStackResource as never)}-1ABCDEFGHIJ23`;
  expect(resolvedBytes(nested, Aws.STACK_NAME)).toBe(name.length);
  expect(resolvedBytes(new NestedStack(nested, 'I'.repeat(128)), Aws.STACK_NAME)).toBe(128);
});

test('of a choice the longer counts, of a join also what joins, and anything else as an ARN', () => {
  const stack = stackOf();
  const condition = new CfnCondition(stack, 'Condition');
  expect(resolvedBytes(stack, Token.asString(Fn.conditionIf(condition.logicalId, 'no', 'longer')))).toBe(6);
  expect(resolvedBytes(stack, [Fn.conditionIf(condition.logicalId, { Action: 'a' }, Aws.NO_VALUE)])).toBe('[{"Action":"a"}]'.length);
  expect(resolvedBytes(stack, Fn.join('--', [Aws.ACCOUNT_ID, Aws.ACCOUNT_ID]))).toBe(26);
  expect(resolvedBytes(stack, { Resource: Fn.importValue('Key') })).toBe('{"Resource":""}'.length + 100);
  expect(resolvedBytes(stack, tableOf(stack).getAtt('StreamArn'))).toBe(100);
});

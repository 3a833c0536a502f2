import { ChimeSDKVoiceClient, ListTagsForResourceCommand } from '@aws-sdk/client-chime-sdk-voice';
import { startVoice, tag, tags, untag } from './chime-voice-harness';
import { account, errorName, errorOf } from './harness';

async function startWithTags(given: Record<string, string>) {
  const harness = await startVoice();
  const { arn } = harness.connector({ Tags: Object.entries(given).map(([Key, Value]) => ({ Key, Value })) });
  return { ...harness, arn };
}

test('tags are added, and take the place of those with the same key', async () => {
  const { client, arn } = await startWithTags({ a: '1', b: '2' });
  expect((await tag(client, arn, { b: '3', c: '' })).$metadata.httpStatusCode).toBe(204);
  expect(await tags(client, arn)).toEqual({ a: '1', b: '3', c: '' });
});

test('untagging ignores keys that are not there', async () => {
  const { client, arn } = await startWithTags({ a: '1', b: '2' });
  expect((await untag(client, arn, 'a', 'z')).$metadata.httpStatusCode).toBe(204);
  expect(await tags(client, arn)).toEqual({ b: '2' });
});

test('tags come out as a list, in one piece', async () => {
  const { client, arn } = await startWithTags(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, ''])));
  expect((await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }))).Tags).toHaveLength(50);
});

test('a connector without tags has an empty list', async () => {
  const { client, arn } = await startWithTags({});
  expect((await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }))).Tags).toEqual([]);
});

test('a connector has 50 tags at most', async () => {
  const { client, arn } = await startWithTags(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, ''])));
  expect(await errorOf(tag(client, arn, { more: '' }))).toMatchObject({ name: 'ResourceLimitExceededException', $metadata: { httpStatusCode: 400 } });
  await expect(tag(client, arn, { k0: 'new' })).resolves.toBeDefined();
});

test('what is already so is not a change', async () => {
  const { client, arn, emulator } = await startWithTags({ a: '1' });
  await tag(client, arn, { a: '1' });
  await untag(client, arn, 'z');
  expect(emulator.calls).toMatchObject([{ outcome: 'success', mutated: false }, { outcome: 'success', mutated: false }]);
});

test('reads of tags may lag', async () => {
  const { client, arn, clock, emulator } = await startWithTags({ a: '1' });
  await clock.advance(1000);
  await untag(client, arn, 'a');
  emulator.addFault({ kind: 'laggingReads', milliseconds: 500 });
  expect(await tags(client, arn)).toEqual({ a: '1' });
});

test.each<[string, (client: ChimeSDKVoiceClient, arn: string) => Promise<unknown>]>([
  ['no tags', async (client, arn) => tag(client, arn, {})],
  ['no tag keys', async (client, arn) => untag(client, arn)],
  ['an empty key', async (client, arn) => tag(client, arn, { '': 'x' })],
  ['a key of 129 characters', async (client, arn) => tag(client, arn, { ['k'.repeat(129)]: 'x' })],
  ['a value of 257 characters', async (client, arn) => tag(client, arn, { k: 'v'.repeat(257) })],
  ['a reserved key', async (client, arn) => tag(client, arn, { 'aws:cloudformation:stack-name': 'x' })],
  ['51 tags', async (client, arn) => tag(client, arn, Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ''])))],
  ['what is no ARN', async client => tags(client, 'trunk')],
  ['the ARN of another service', async client => tags(client, `arn:aws:sns:us-east-1:${account}:topic`)],
])('%s is refused', async (_, call) => {
  const { client, arn } = await startWithTags({});
  expect(await errorName(call(client, arn))).toBe('BadRequestException');
});

test("another account's ARN is forbidden, another region's and another thing's not found", async () => {
  const { client, connector } = await startVoice();
  expect(await errorName(tags(client, 'arn:aws:chime:us-east-1:222222222222:vc/abcdefghij0123456789zz'))).toBe('ForbiddenException');
  expect(await errorName(tags(client, connector({}, 'eu-west-1').arn))).toBe('NotFoundException');
  expect(await errorName(tags(client, `arn:aws:chime:us-east-1:${account}:sma/x`))).toBe('NotFoundException');
});

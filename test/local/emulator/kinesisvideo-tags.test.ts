import {
  CreateSignalingChannelCommand, KinesisVideoClient, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand,
} from '@aws-sdk/client-kinesis-video';
import { account, errorName, region, start } from './harness';
import { kinesisVideo } from '../../../local/emulator';

const list = async (client: KinesisVideoClient, arn: string, NextToken?: string) =>
  client.send(new ListTagsForResourceCommand({ ResourceARN: arn, NextToken }));
const tag = async (client: KinesisVideoClient, arn: string, tags: Record<string, string>) =>
  client.send(new TagResourceCommand({ ResourceARN: arn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }));
const untag = async (client: KinesisVideoClient, arn: string, ...keys: string[]) =>
  client.send(new UntagResourceCommand({ ResourceARN: arn, TagKeyList: keys }));

async function startWithTags(tags: Record<string, string>, tagPageSize = 50) {
  const harness = await start({ services: [kinesisVideo({ tagPageSize })] });
  const { ChannelARN } = await harness.client.send(new CreateSignalingChannelCommand({
    ChannelName: 'door', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  }));
  await harness.clock.advance(1000);
  return { ...harness, arn: ChannelARN! };
}

test('tags go in as a list and come out as a map', async () => {
  const { client, arn } = await startWithTags({ a: '1' });
  await tag(client, arn, { b: '2' });
  expect((await list(client, arn)).Tags).toEqual({ a: '1', b: '2' });
});

test('a tag replaces a tag with the same key', async () => {
  const { client, arn } = await startWithTags({ a: '1' });
  await tag(client, arn, { a: '2' });
  expect((await list(client, arn)).Tags).toEqual({ a: '2' });
});

test('untagging ignores keys that are not there', async () => {
  const { client, arn } = await startWithTags({ a: '1', b: '2' });
  await untag(client, arn, 'a', 'z');
  expect((await list(client, arn)).Tags).toEqual({ b: '2' });
});

test('the tags come in pages', async () => {
  const { client, arn } = await startWithTags({ a: '1', b: '2', c: '3' }, 2);
  const first = await list(client, arn);
  const second = await list(client, arn, first.NextToken);
  expect([first.Tags, second.Tags, second.NextToken]).toEqual([{ a: '1', b: '2' }, { c: '3' }, undefined]);
});

test('a channel without tags has an empty map', async () => {
  const { client, arn } = await startWithTags({});
  expect((await list(client, arn)).Tags).toEqual({});
});

test('a resource has 50 tags at most', async () => {
  const { client, arn } = await startWithTags(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, ''])));
  expect(await errorName(tag(client, arn, { more: '' }))).toBe('TagsPerResourceExceededLimitException');
});

test('a 51st tag that replaces another tag is within the limit', async () => {
  const { client, arn } = await startWithTags(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, ''])));
  await expect(tag(client, arn, { k0: 'new' })).resolves.toBeDefined();
});

test.each([
  ['tags', async (client: KinesisVideoClient, arn: string) => tag(client, arn, {})],
  ['tag keys', async (client: KinesisVideoClient, arn: string) => untag(client, arn)],
])('an empty list of %s is invalid', async (_, call) => {
  const { client, arn } = await startWithTags({});
  expect(await errorName(call(client, arn))).toBe('InvalidArgumentException');
});

test.each(['aws:cloudformation:stack-name', 'bad#key', ''])('the tag key "%s" is refused', async key => {
  const { client, arn } = await startWithTags({});
  expect(await errorName(tag(client, arn, { [key]: 'x' }))).toBe('InvalidArgumentException');
});

test.each([
  ['TagResource', async (client: KinesisVideoClient, arn: string) => tag(client, arn, { a: '1' })],
  ['UntagResource', async (client: KinesisVideoClient, arn: string) => untag(client, arn, 'a')],
  ['ListTagsForResource', list],
])('%s answers NotFound for what does not exist', async (_, call) => {
  const { client } = await start();
  expect(await errorName(call(client, `arn:aws:kinesisvideo:${region}:${account}:channel/door/1`))).toBe('ResourceNotFoundException');
});

test('a tag that is already there changes nothing', async () => {
  const { client, emulator, arn } = await startWithTags({ a: '1' });
  await tag(client, arn, { a: '1' });
  expect(emulator.calls.at(-1)).toMatchObject({ operation: 'TagResource', outcome: 'success', mutated: false });
});

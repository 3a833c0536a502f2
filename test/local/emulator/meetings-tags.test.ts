import { account } from './harness';
import { Api, namespaces, region, startMeetings } from './meetings-harness';

const list = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
const many = (count: number, prefix = 'k') => Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 'v']));

interface Tagging {
  readonly tag: (tags: Record<string, string>) => ReturnType<Api['call']>;
  readonly untag: (...TagKeys: string[]) => ReturnType<Api['call']>;
  readonly tags: () => Promise<Record<string, string>>;
}

function tagging(api: Api, add: string, remove: string, get: string, more = {}): Tagging {
  return {
    tag: async tags => api.call(`POST ${add}`, { ...more, Tags: list(tags) }),
    untag: async (...TagKeys) => api.call(`POST ${remove}`, { ...more, TagKeys }),
    tags: async () => Object.fromEntries((await api.call(`GET ${get}`)).body.Tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])),
  };
}

const byArn = (api: Api, arn: string) =>
  tagging(api, '/tags?operation=tag-resource', '/tags?operation=untag-resource', `/tags?arn=${encodeURIComponent(arn)}`, { ResourceARN: arn });
const byPath = (api: Api, path: string) => tagging(api, `${path}/tags?operation=add`, `${path}/tags?operation=delete`, `${path}/tags`);

const kinds: [string, number, string, (harness: ReturnType<typeof startMeetings>, tags: Record<string, string>) => Promise<Tagging>][] = [
  ['a meeting by its ARN', 50, 'TooManyTagsException', async ({ sdk }, tags) =>
    byArn(sdk, (await sdk.create({ Tags: list(tags) })).body.Meeting.MeetingArn)],
  ['a legacy meeting by its ARN', 50, 'ResourceLimitExceededException', async ({ legacy }, tags) =>
    byArn(legacy, `arn:aws:chime:${region}:${account}:meeting/${await legacy.meeting({ Tags: list(tags) })}`)],
  ['a legacy meeting by its id', 50, 'ResourceLimitExceededException', async ({ legacy }, tags) =>
    byPath(legacy, `/meetings/${await legacy.meeting({ Tags: list(tags) })}`)],
  ['a legacy attendee', 10, 'ResourceLimitExceededException', async ({ legacy }, tags) => {
    const id = await legacy.meeting();
    return byPath(legacy, `/meetings/${id}/attendees/${(await legacy.attendee(id, 'alice', { Tags: list(tags) })).AttendeeId}`);
  }],
];

describe.each(kinds)('%s', (_, most, tooMany, start) => {
  test('has tags from the start; other tags are added, changed, and removed', async () => {
    const harness = startMeetings();
    const { tag, untag, tags } = await start(harness, { a: '1', b: '2' });
    expect(await tags()).toEqual({ a: '1', b: '2' });
    expect((await tag({ b: 'two', c: '3' })).status).toBe(204);
    expect((await untag('a', 'nothing')).status).toBe(204);
    expect(await tags()).toEqual({ b: 'two', c: '3' });
    expect(harness.emulator.calls.filter(({ operation }) => /^(T|Unt)ag/.test(operation)).every(({ mutated }) => mutated)).toBe(true);
  });

  test('the same once more changes nothing', async () => {
    const harness = startMeetings();
    const { tag, untag } = await start(harness, { a: '1' });
    await tag({ a: '1' });
    await untag('b');
    expect(harness.emulator.calls.slice(-2)).toMatchObject([{ mutated: false }, { mutated: false }]);
  });

  test(`has ${most} tags at most`, async () => {
    const { tag, tags } = await start(startMeetings(), { a: '1' });
    expect(await tag(many(most))).toMatchObject({ status: 400, error: tooMany });
    expect((await tag(many(most - 1))).status).toBe(204);
    expect(await tag(many(most + 1))).toMatchObject({ status: 400, error: 'BadRequestException' });
    expect(Object.keys(await tags())).toHaveLength(most);
  });

  test.each([['a reserved key', { 'aws:key': 'x' }], ['an empty key', { '': 'x' }], ['a long value', { k: 'v'.repeat(257) }]])('%s is refused', async (__, tags) => {
    const { tag } = await start(startMeetings(), { a: '1' });
    expect((await tag(tags as Record<string, string>)).error).toBe('BadRequestException');
  });
});

test('an empty value is for the new namespace only', async () => {
  const { sdk, legacy } = startMeetings();
  expect((await sdk.create({ Tags: list({ a: '' }) })).status).toBe(200);
  expect((await legacy.create({ Tags: list({ a: '' }) })).status).toBe(400);
});

test('a failed attendee tag leaves the batch undone', async () => {
  const { legacy } = startMeetings();
  const id = await legacy.meeting();
  expect((await legacy.batch(id, { ExternalUserId: 'alice', Tags: list(many(11)) })).status).toBe(400);
  expect((await legacy.call(`GET /meetings/${id}/attendees`)).body.Attendees).toEqual([]);
});

describe.each(namespaces)('ARNs (%s)', namespace => {
  test.each<[string, string, number]>([
    ['what is no ARN', 'room', 400],
    ['the ARN of another service', `arn:aws:sns:${region}:${account}:topic`, 400],
    ['the ARN of another account', `arn:aws:chime:${region}:222222222222:meeting/00000000-0000-4000-8000-000000000000`, 403],
    ['the ARN of a connector', `arn:aws:chime:${region}:${account}:vc/abcdefghij0123456789zz`, 404],
    ['no resource', `arn:aws:chime:${region}:${account}`, 404],
  ])('%s is refused', async (_, arn, status) => {
    const api = startMeetings()[namespace];
    expect((await byArn(api, arn).tag({ a: '1' })).status).toBe(status);
  });

  test('what is not found is named, where the model has a place for it', async () => {
    const arn = `arn:aws:chime:${region}:${account}:meeting/00000000-0000-4000-8000-000000000000`;
    const { body } = await byArn(startMeetings()[namespace], arn).tag({ a: '1' });
    expect(body.ResourceName).toBe(namespace === 'sdk' ? arn : undefined);
  });
});

test('the ARN of another region is not found', async () => {
  const { sdk } = startMeetings();
  const { Meeting: { MeetingArn } } = (await sdk.create({}, { region: 'eu-west-2' })).body;
  expect(await byArn(sdk, MeetingArn).tag({ a: '1' })).toMatchObject({ status: 404, error: 'ResourceNotFoundException' });
});

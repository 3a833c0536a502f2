import {
  CreateSignalingChannelCommand, DeleteSignalingChannelCommand, DescribeMappedResourceConfigurationCommand, DescribeSignalingChannelCommand,
  KinesisVideoClient, ListSignalingChannelsCommand, TagResourceCommand, UntagResourceCommand,
} from '@aws-sdk/client-kinesis-video';
import { account, errorName, errorOf, region, start } from './harness';
import { kinesisVideo, PolicyDocument, Principal } from '../../../local/emulator';

const roleArn = `arn:aws:sts::${account}:assumed-role/handler/function`;
const channels = `arn:aws:kinesisvideo:*:${account}:channel/*`;

function allow(action: string | string[], more: Record<string, unknown> = {}): PolicyDocument {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*', ...more }] };
}

function deny(action: string): PolicyDocument {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: action, Resource: '*' }] };
}

/** A role with these policies, and a root user with full access. */
async function startWithRole(role: Partial<Principal>, options = {}) {
  const principal: Principal = { arn: roleArn, policies: [], ...role };
  const harness = await start({
    timings: { creating: 0, deleting: 0 },
    principals: async key => ({ AKIAROLE: principal, AKIAROOT: 'unrestricted' as const })[key],
    ...options,
  });
  const clientWith = (accessKeyId: string) => harness.clientOf({ credentials: { accessKeyId, secretAccessKey: 'x' } });
  return { ...harness, role: clientWith('AKIAROLE'), root: clientWith('AKIAROOT'), unknown: clientWith('AKIANOBODY') };
}

const create = async (client: KinesisVideoClient, name: string, tags: Record<string, string> = {}) => {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return (await client.send(new CreateSignalingChannelCommand({ ChannelName: name, Tags }))).ChannelARN!;
};
const remove = async (client: KinesisVideoClient, arn: string) => client.send(new DeleteSignalingChannelCommand({ ChannelARN: arn }));
const tag = async (client: KinesisVideoClient, arn: string, tags: Record<string, string>) =>
  client.send(new TagResourceCommand({ ResourceARN: arn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }));

test('denies what no policy allows, with status 403 as in the field and a message that names all', async () => {
  const { root, role } = await startWithRole({});
  const arn = await create(root, 'door');
  const error = await errorOf(remove(role, arn));
  expect(error).toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
  expect(error.message).toContain(`User: ${roleArn} is not authorized to perform: kinesisvideo:DeleteSignalingChannel on resource: ${arn}`);
});

test('a denied call changes nothing', async () => {
  const { root, role, emulator } = await startWithRole({});
  const arn = await create(root, 'door');
  await errorOf(remove(role, arn));
  expect(emulator.calls.at(-1)).toMatchObject({ mutated: false, outcome: 'AccessDeniedException', principal: roleArn });
});

test('a denied call names whether the role was deleted', async () => {
  for (const isRoleDeleted of [true, undefined]) {
    const { root, role, emulator } = await startWithRole({ isRoleDeleted });
    await errorOf(remove(role, await create(root, 'door')));
    expect(emulator.calls.at(-1)!.isRoleDeleted).toBe(isRoleDeleted);
  }
});

test('an unknown access key is rejected', async () => {
  const { unknown } = await startWithRole({});
  expect(await errorOf(create(unknown, 'door'))).toMatchObject({ name: 'UnrecognizedClientException', $metadata: { httpStatusCode: 403 } });
});

test('a policy that names one by its last part does not allow another that differs only there', async () => {
  const policies: PolicyDocument[] = [];
  const { clock, root, role } = await startWithRole({ policies });
  const former = await create(root, 'door');
  policies.push(allow('kinesisvideo:DeleteSignalingChannel', { Resource: former }));
  await remove(role, former);
  await clock.advance(60_000);
  expect(await errorName(remove(role, await create(root, 'door')))).toBe('AccessDeniedException');
});

test('a policy allows by the ARN, of which the time is part', async () => {
  const { role } = await startWithRole({ policies: [allow('kinesisvideo:CreateSignalingChannel', { Resource: `${channels.slice(0, -1)}door/*` })] });
  await expect(create(role, 'door')).resolves.toBeDefined();
  expect(await errorName(create(role, 'gate'))).toBe('AccessDeniedException');
});

test('an explicit deny wins', async () => {
  const { role } = await startWithRole({ policies: [allow('kinesisvideo:*'), deny('kinesisvideo:CreateSignalingChannel')] });
  expect((await errorOf(create(role, 'door'))).message).toContain('with an explicit deny');
});

test('a permissions boundary limits', async () => {
  const { role } = await startWithRole({ policies: [allow('kinesisvideo:*')], boundary: allow('kinesisvideo:DescribeSignalingChannel') });
  expect(await errorName(create(role, 'door'))).toBe('AccessDeniedException');
});

test('a policy that IAM would not take allows nothing, and the message says so', async () => {
  const { role } = await startWithRole({ policies: [{ Statement: [{ Effect: 'Permit', Action: '*', Resource: '*' }] }] });
  expect((await errorOf(create(role, 'door'))).message).toContain('could not be evaluated');
});

test('the policies are those of the moment of the call', async () => {
  const policies: PolicyDocument[] = [];
  const { role } = await startWithRole({ policies });
  expect(await errorName(create(role, 'door'))).toBe('AccessDeniedException');
  policies.push(allow('kinesisvideo:*'));
  await expect(create(role, 'door')).resolves.toBeDefined();
});

test("the caller's account is that of its ARN", async () => {
  const { role } = await startWithRole({ arn: 'arn:aws:iam::222222222222:role/handler', policies: [allow('kinesisvideo:*')] });
  expect(await create(role, 'door')).toContain(':222222222222:channel/door/');
});

describe('aws:ResourceTag', () => {
  const ownOnly = allow('kinesisvideo:DeleteSignalingChannel', {
    Resource: channels, Condition: { StringEquals: { 'aws:ResourceTag/cdk-rtc:stack': 'mine' } },
  });

  test('allows what carries the tag', async () => {
    const { root, role } = await startWithRole({ policies: [ownOnly] });
    const arn = await create(root, 'door', { 'cdk-rtc:stack': 'mine' });
    await expect(remove(role, arn)).resolves.toBeDefined();
  });

  test.each([
    ["another stack's", { 'cdk-rtc:stack': 'theirs' }],
    ['an untagged one', {}],
  ])('denies %s', async (_, tags) => {
    const { root, role } = await startWithRole({ policies: [ownOnly] });
    const arn = await create(root, 'door', tags);
    expect(await errorName(remove(role, arn))).toBe('AccessDeniedException');
  });

  test('denies what does not exist', async () => {
    const { root, role } = await startWithRole({ policies: [ownOnly] });
    const arn = await create(root, 'door', { 'cdk-rtc:stack': 'mine' });
    await remove(root, arn);
    expect(await errorName(remove(role, arn))).toBe('AccessDeniedException');
  });

  test('goes by the tags of now, not those of the creation', async () => {
    const { root, role, emulator } = await startWithRole({ policies: [ownOnly] });
    const arn = await create(root, 'door', { 'cdk-rtc:stack': 'mine' });
    emulator.edit({ service: 'kinesisvideo', resource: arn, tags: { 'cdk-rtc:stack': null } });
    expect(await errorName(remove(role, arn))).toBe('AccessDeniedException');
  });

  test('goes by the tags of now even where reads lag', async () => {
    const { root, role, clock, emulator } = await startWithRole({
      policies: [allow('kinesisvideo:DescribeSignalingChannel', { Condition: { StringEquals: { 'aws:ResourceTag/a': '1' } } })],
    });
    const arn = await create(root, 'door');
    await clock.advance(100);
    await tag(root, arn, { a: '1' });
    emulator.addFault({ kind: 'laggingReads', milliseconds: 50 });
    await expect(role.send(new DescribeSignalingChannelCommand({ ChannelARN: arn }))).resolves.toBeDefined();
  });
});

describe('aws:RequestTag', () => {
  const tagged = allow('kinesisvideo:CreateSignalingChannel', { Condition: { StringEquals: { 'aws:RequestTag/cdk-rtc:stack': 'mine' } } });

  test('allows a create with the tag', async () => {
    const { role } = await startWithRole({ policies: [tagged] });
    await expect(create(role, 'door', { 'cdk-rtc:stack': 'mine' })).resolves.toBeDefined();
  });

  test.each([['another value', { 'cdk-rtc:stack': 'theirs' }], ['no tag', {}]])('denies a create with %s', async (_, tags) => {
    const { role } = await startWithRole({ policies: [tagged] });
    expect(await errorName(create(role, 'door', tags))).toBe('AccessDeniedException');
  });

  test('comes with aws:TagKeys', async () => {
    const { role } = await startWithRole({
      policies: [allow('kinesisvideo:CreateSignalingChannel', { Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a'] } } })],
    });
    await expect(create(role, 'door', { a: '1' })).resolves.toBeDefined();
    expect(await errorName(create(role, 'gate', { a: '1', b: '2' }))).toBe('AccessDeniedException');
  });
});

describe('TagResource', () => {
  const ifUntagged = allow('kinesisvideo:TagResource', {
    Condition: { Null: { 'aws:ResourceTag/cdk-rtc:stack': 'true' }, StringEquals: { 'aws:RequestTag/cdk-rtc:stack': 'mine' } },
  });

  test('is allowed on what has no owner', async () => {
    const { root, role } = await startWithRole({ policies: [ifUntagged] });
    await expect(tag(role, await create(root, 'door'), { 'cdk-rtc:stack': 'mine' })).resolves.toBeDefined();
  });

  test('is denied on what has one', async () => {
    const { root, role } = await startWithRole({ policies: [ifUntagged] });
    const arn = await create(root, 'door', { 'cdk-rtc:stack': 'theirs' });
    expect(await errorName(tag(role, arn, { 'cdk-rtc:stack': 'mine' }))).toBe('AccessDeniedException');
  });

  test('can be set to be needed for a create with tags', async () => {
    const { role } = await startWithRole({ policies: [allow('kinesisvideo:CreateSignalingChannel')] },
      { services: [kinesisVideo({ tagOnCreateNeedsTagResource: true })] });
    expect((await errorOf(create(role, 'door', { a: '1' }))).message).toContain('kinesisvideo:TagResource');
  });
});

test('UntagResource passes its keys as aws:TagKeys', async () => {
  const { root, role } = await startWithRole({
    policies: [allow('kinesisvideo:UntagResource', { Condition: { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': ['owner'] } } })],
  });
  const arn = await create(root, 'door', { owner: 'x', other: 'y' });
  await expect(role.send(new UntagResourceCommand({ ResourceARN: arn, TagKeyList: ['other'] }))).resolves.toBeDefined();
  expect(await errorName(role.send(new UntagResourceCommand({ ResourceARN: arn, TagKeyList: ['owner'] })))).toBe('AccessDeniedException');
});

test.each([['allowed on *', '*', undefined], ['denied on channel ARNs only', channels, 'AccessDeniedException']])(
  'a list has no resource: %s', async (_, resource, expected) => {
    const { role } = await startWithRole({ policies: [allow('kinesisvideo:ListSignalingChannels', { Resource: resource })] });
    const outcome = await role.send(new ListSignalingChannelsCommand({})).then(() => undefined, error => error.name);
    expect(outcome).toBe(expected);
  });

test('describing by name is decided on the ARN of the channel of that name', async () => {
  const { root, role } = await startWithRole({
    policies: [allow('kinesisvideo:DescribeSignalingChannel', { Resource: `arn:aws:kinesisvideo:${region}:${account}:channel/door-*/*` })],
  });
  await create(root, 'door-1');
  await expect(role.send(new DescribeSignalingChannelCommand({ ChannelName: 'door-1' }))).resolves.toBeDefined();
  expect(await errorName(role.send(new DescribeSignalingChannelCommand({ ChannelName: 'gate' })))).toBe('AccessDeniedException');
});

test('describing a missing one by name is NotFound for who may describe such names', async () => {
  const { role } = await startWithRole({
    policies: [allow('kinesisvideo:DescribeSignalingChannel', { Resource: `arn:aws:kinesisvideo:${region}:${account}:channel/door-*/*` })],
  });
  expect(await errorName(role.send(new DescribeSignalingChannelCommand({ ChannelName: 'door-2' })))).toBe('ResourceNotFoundException');
});

test('DescribeMappedResourceConfiguration is decided on the stream', async () => {
  const { role, stream } = await startWithRole({
    policies: [allow('kinesisvideo:DescribeMappedResourceConfiguration', { Resource: `arn:aws:kinesisvideo:*:${account}:stream/street/*` })],
  });
  stream('yard');
  await expect(role.send(new DescribeMappedResourceConfigurationCommand({ StreamARN: stream('street') }))).resolves.toBeDefined();
  expect(await errorName(role.send(new DescribeMappedResourceConfigurationCommand({ StreamName: 'yard' })))).toBe('AccessDeniedException');
});

test('an invalid request is rejected before its authorization', async () => {
  const { role } = await startWithRole({});
  expect(await errorName(create(role, 'my door'))).toBe('InvalidArgumentException');
});

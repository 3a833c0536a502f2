import { DeleteSecretCommand, ListSecretVersionIdsCommand, RestoreSecretCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-secrets-manager';
import { account, errorName, errorOf, region } from './harness';
import { create, day, describeSecret, get, put, startSecrets, token } from './secrets-manager-harness';
import { SecretsManagerOptions } from '../../../local/emulator';

const prefix = `arn:aws:secretsmanager:${region}:${account}:secret:`;
const cannotFind = "Secrets Manager can't find the specified secret.";

async function startWithOne(more: Parameters<typeof create>[1] = {}, options: SecretsManagerOptions = {}) {
  const harness = startSecrets(options);
  const created = await create(harness.client, { SecretString: 'one', ClientRequestToken: token('v1'), ...more });
  return { ...harness, created };
}

describe('CreateSecret', () => {
  test('answers ARN, name and the version that the token names', async () => {
    const { created: { $metadata, ...created } } = await startWithOne();
    expect(created).toEqual({ ARN: expect.stringMatching(`^${prefix}door-[A-Za-z0-9]{6}$`), Name: 'door', VersionId: token('v1') });
  });

  test('generates the same ARN in every run, and another ARN for another seed', async () => {
    const [first, second] = [await startWithOne(), await startWithOne()];
    expect(second.created.ARN).toBe(first.created.ARN);
    const { ARN } = await create(startSecrets({}, { seed: 2 }).client);
    expect(ARN).not.toBe(first.created.ARN);
  });

  test('without a value creates no version', async () => {
    const { client } = startSecrets();
    expect(await create(client)).not.toHaveProperty('VersionId');
    expect(await describeSecret(client)).not.toHaveProperty('VersionIdsToStages');
    expect(await errorOf(get(client))).toMatchObject({
      name: 'ResourceNotFoundException', message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
  });

  test('is idempotent by token and value', async () => {
    const { client, created, emulator } = await startWithOne();
    const { ARN } = await create(client, { SecretString: 'one', ClientRequestToken: token('v1') });
    expect(ARN).toBe(created.ARN);
    expect(emulator.calls.map(({ mutated }) => mutated)).toEqual([true, false]);
  });

  test.each([
    ['another token', { SecretString: 'one', ClientRequestToken: token('v2') }, 'The operation failed because the secret door already exists.'],
    ['another value', { SecretString: 'two', ClientRequestToken: token('v1') }, `You can't use ClientRequestToken ${token('v1')} because that value`],
    ['bytes instead of text', { SecretBinary: Buffer.from('one'), ClientRequestToken: token('v1') }, `You can't use ClientRequestToken ${token('v1')}`],
    ['no value', {}, 'The operation failed because the secret door already exists.'],
  ])('refuses a second one with %s', async (_, more, message) => {
    const { client } = await startWithOne();
    expect(await errorOf(create(client, more)))
      .toMatchObject({ name: 'ResourceExistsException', $metadata: { httpStatusCode: 400 }, message: expect.stringContaining(message) });
  });

  test.each([
    ['a name with a blank', { Name: 'my door' }, 'ValidationException'],
    ['an empty name', { Name: '' }, 'ValidationException'],
    ['a name that is too long', { Name: 'x'.repeat(513) }, 'ValidationException'],
    ['a token that is too short', { SecretString: 'x', ClientRequestToken: 'x'.repeat(31) }, 'ValidationException'],
    ['a token that is too long', { SecretString: 'x', ClientRequestToken: 'x'.repeat(65) }, 'ValidationException'],
    ['an empty value', { SecretString: '' }, 'ValidationException'],
    ['a value that is too long', { SecretString: 'x'.repeat(65_537) }, 'ValidationException'],
    ['a value of too many bytes', { SecretString: 'é'.repeat(32_769) }, 'ValidationException'],
    ['too many bytes', { SecretBinary: Buffer.alloc(65_537) }, 'ValidationException'],
    ['text and bytes', { SecretString: 'x', SecretBinary: Buffer.from('x') }, 'InvalidParameterException'],
    ['a reserved tag', { Tags: [{ Key: 'aws:x', Value: '' }] }, 'InvalidParameterException'],
    ['a tag twice', { Tags: [{ Key: 'a', Value: '' }, { Key: 'a', Value: '' }] }, 'InvalidParameterException'],
    ['51 tags', { Tags: Array.from({ length: 51 }, (__, i) => ({ Key: `k${i}`, Value: '' })) }, 'InvalidParameterException'],
    ['replicas', { AddReplicaRegions: [{ Region: 'us-east-1' }] }, 'NotEmulated'],
  ])('refuses %s', async (_, more, name) => {
    const { client, emulator } = startSecrets();
    expect(await errorName(create(client, more))).toBe(name);
    expect(emulator.calls).toMatchObject([{ mutated: false }]);
  });

  test.each([['65,536 characters', { SecretString: 'x'.repeat(65_536) }], ['65,536 bytes', { SecretBinary: Buffer.alloc(65_536) }]])('takes %s', async (_, more) => {
    const { client } = startSecrets();
    await expect(create(client, more)).resolves.toBeDefined();
  });

  test('each region has its own', async () => {
    const { clientOf } = await startWithOne();
    expect((await create(clientOf({ region: 'us-east-1' }))).ARN).toContain(':us-east-1:');
  });
});

describe('DescribeSecret', () => {
  test('answers what has a value', async () => {
    const { client, created, clock } = await startWithOne({ Description: 'the door', KmsKeyId: 'alias/doors', Tags: [{ Key: 'a', Value: '1' }] });
    const start = new Date(clock.now());
    await clock.advance(1500);
    await put(client, 'v2', 'two');
    const { $metadata, ...described } = await describeSecret(client);
    expect(described).toEqual({
      ARN: created.ARN,
      Name: 'door',
      Description: 'the door',
      KmsKeyId: 'alias/doors',
      CreatedDate: start,
      LastChangedDate: new Date(start.getTime() + 1500),
      Tags: [{ Key: 'a', Value: '1' }],
      VersionIdsToStages: { [token('v1')]: ['AWSPREVIOUS'], [token('v2')]: ['AWSCURRENT'] },
    });
  });
});

describe('a SecretId', () => {
  test('is a name, an ARN or an ARN without the end', async () => {
    const { client, created } = await startWithOne();
    for (const SecretId of ['door', created.ARN, `${prefix}door`]) expect((await get(client, { SecretId })).SecretString).toBe('one');
  });

  test('that ends like an ARN is not treated as a name without that suffix', async () => {
    const { client } = await startWithOne({ Name: 'door-a1b2c3' });
    expect((await get(client, { SecretId: 'door-a1b2c3' })).SecretString).toBe('one');
    expect(await errorOf(get(client, { SecretId: `${prefix}door-a1b2c3` }))).toMatchObject({ name: 'ResourceNotFoundException', message: cannotFind });
  });

  test.each([
    ['an unknown name', 'window', 'ResourceNotFoundException'],
    ['the beginning of a name', 'doo', 'ResourceNotFoundException'],
    ['an ARN with another end', `${prefix}door-xxxxxx`, 'ResourceNotFoundException'],
    ['an ARN of another region', `arn:aws:secretsmanager:us-east-1:${account}:secret:door`, 'ResourceNotFoundException'],
    ['an ARN of another account', `arn:aws:secretsmanager:${region}:111111111111:secret:door`, 'AccessDeniedException'],
    ['an impossible name', 'my door', 'ValidationException'],
    ['an empty name', '', 'ValidationException'],
  ])('is refused: %s', async (_, SecretId, name) => {
    const { client } = await startWithOne();
    for (const call of [get(client, { SecretId }), put(client, 'v2', 'two', { SecretId }), describeSecret(client, SecretId)]) {
      expect(await errorName(call)).toBe(name);
    }
  });
});

describe('DeleteSecret', () => {
  const remove = (RecoveryWindowInDays?: number, ForceDeleteWithoutRecovery?: boolean, SecretId = 'door') =>
    new DeleteSecretCommand({ SecretId, RecoveryWindowInDays, ForceDeleteWithoutRecovery });
  const restore = new RestoreSecretCommand({ SecretId: 'door' });

  test.each([[undefined, 30], [7, 7], [30, 30]])('with a window of %s days can be restored until %d days have passed', async (window, days) => {
    const { client, clock, created } = await startWithOne();
    const { $metadata, ...deleted } = await client.send(remove(window));
    expect(deleted).toEqual({ ARN: created.ARN, Name: 'door', DeletionDate: new Date(clock.now() + days * day) });
    await clock.advance(days * day - 1);
    await client.send(restore);
    expect((await get(client)).SecretString).toBe('one');
    expect(await describeSecret(client)).not.toHaveProperty('DeletedDate');
    await client.send(remove(window));
    await clock.advance(days * day);
    expect(await errorOf(client.send(restore))).toMatchObject({ name: 'ResourceNotFoundException', message: cannotFind });
    await expect(create(client)).resolves.toBeDefined();
  });

  test('with a window refuses everything but description, list and restoration', async () => {
    const { client } = await startWithOne();
    const { DeletionDate } = await client.send(remove());
    const marked = {
      name: 'InvalidRequestException', message: "You can't perform this operation on the secret because it was marked for deletion.",
    };
    expect(await errorOf(get(client))).toMatchObject(marked);
    expect(await errorOf(put(client, 'v2', 'two'))).toMatchObject(marked);
    expect(await errorOf(client.send(new TagResourceCommand({ SecretId: 'door', Tags: [] })))).toMatchObject(marked);
    expect(await errorName(client.send(remove()))).toBe('InvalidRequestException');
    expect((await describeSecret(client)).DeletedDate).toEqual(DeletionDate);
    await expect(client.send(new ListSecretVersionIdsCommand({ SecretId: 'door' }))).resolves.toBeDefined();
  });

  test('with a window keeps the name', async () => {
    const { client } = await startWithOne();
    await client.send(remove());
    expect(await errorOf(create(client))).toMatchObject({
      name: 'InvalidRequestException', message: "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
  });

  test('by force is final, and frees the name for another ARN', async () => {
    const { client, created } = await startWithOne();
    await client.send(remove(undefined, true));
    expect(await errorOf(get(client))).toMatchObject({ name: 'ResourceNotFoundException', message: cannotFind });
    expect((await create(client)).ARN).not.toBe(created.ARN);
    expect(await errorName(get(client, { SecretId: created.ARN }))).toBe('ResourceNotFoundException');
  });

  test('by force also ends a window, and is no error for what does not exist', async () => {
    const { client } = await startWithOne();
    await client.send(remove());
    await client.send(remove(undefined, true));
    await expect(client.send(remove(undefined, true))).resolves.toMatchObject({ Name: 'door' });
    expect(await errorName(client.send(remove()))).toBe('ResourceNotFoundException');
  });

  test('with force can be set to be delayed', async () => {
    const { client, clock } = await startWithOne({}, { deletion: 2000 });
    await client.send(remove(undefined, true));
    expect(await errorName(create(client))).toBe('InvalidRequestException');
    await clock.advance(2000);
    await expect(create(client)).resolves.toBeDefined();
  });

  test.each([[6, undefined], [31, undefined], [7, true]])('refuses a window of %d days, force %s', async (window, force) => {
    const { client } = await startWithOne();
    expect(await errorName(client.send(remove(window, force)))).toBe('InvalidParameterException');
  });
});

describe('tags', () => {
  const tag = (...keys: string[]) => new TagResourceCommand({ SecretId: 'door', Tags: keys.map(Key => ({ Key, Value: '1' })) });

  test('are added, changed and removed; the same again changes nothing', async () => {
    const { client, emulator } = await startWithOne();
    await client.send(tag('a', 'b'));
    await client.send(tag('a'));
    await client.send(new UntagResourceCommand({ SecretId: 'door', TagKeys: ['b', 'c'] }));
    expect((await describeSecret(client)).Tags).toEqual([{ Key: 'a', Value: '1' }]);
    expect(emulator.calls.map(({ mutated }) => mutated)).toEqual([true, true, false, true, false]);
  });

  test('are 50 at most', async () => {
    const { client } = await startWithOne();
    await client.send(tag(...Array.from({ length: 50 }, (_, i) => `k${i}`)));
    expect(await errorName(client.send(tag('one-more')))).toBe('InvalidParameterException');
  });
});

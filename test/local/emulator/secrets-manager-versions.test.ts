import { ListSecretVersionIdsCommand, paginateListSecretVersionIds, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { errorName, errorOf } from './harness';
import { create, day, get, moveStage, put, stagesOf, startSecrets, token } from './secrets-manager-harness';
import { SecretsManagerOptions } from '../../../local/emulator';

/** A secret without a value. */
async function start(options: SecretsManagerOptions = {}) {
  const harness = startSecrets(options);
  const { ARN } = await create(harness.client);
  return { ...harness, arn: ARN! };
}

/** One that has had values v1, v2, … */
async function startWith(count: number, options: SecretsManagerOptions = {}) {
  const harness = await start(options);
  for (let i = 1; i <= count; i++) await put(harness.client, `v${i}`, `value ${i}`);
  return harness;
}

const valueIs = async (client: SecretsManagerClient, more: Parameters<typeof get>[1]) => (await get(client, more)).SecretString;

describe('PutSecretValue', () => {
  test('answers the version and its labels', async () => {
    const { client, arn } = await start();
    const { $metadata, ...answer } = await put(client, 'v1', 'one');
    expect(answer).toEqual({ ARN: arn, Name: 'door', VersionId: token('v1'), VersionStages: ['AWSCURRENT'] });
  });

  test('moves AWSCURRENT and AWSPREVIOUS; the version before is deprecated', async () => {
    const { client } = await startWith(1);
    expect(await stagesOf(client)).toEqual({ v1: ['AWSCURRENT'] });
    await put(client, 'v2', 'value 2');
    expect(await stagesOf(client)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] });
    await put(client, 'v3', 'value 3');
    expect(await stagesOf(client)).toEqual({ v1: [], v2: ['AWSPREVIOUS'], v3: ['AWSCURRENT'] });
  });

  test('with labels moves only these', async () => {
    const { client } = await startWith(2);
    const { VersionStages } = await put(client, 'v3', 'value 3', { VersionStages: ['two', 'one'] });
    expect(VersionStages).toEqual(['one', 'two']);
    await put(client, 'v4', 'value 4', { VersionStages: ['two'] });
    expect(await stagesOf(client)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'], v3: ['one'], v4: ['two'] });
  });

  test('with AWSCURRENT among the labels moves AWSPREVIOUS too', async () => {
    const { client } = await startWith(2);
    await put(client, 'v3', 'value 3', { VersionStages: ['AWSCURRENT', 'mine'] });
    expect(await stagesOf(client)).toEqual({ v1: [], v2: ['AWSPREVIOUS'], v3: ['AWSCURRENT', 'mine'] });
  });

  test('attaches AWSCURRENT to the first version whatever labels are given', async () => {
    const { client } = await start();
    await put(client, 'v1', 'one', { VersionStages: ['AWSPENDING'] });
    expect(await stagesOf(client)).toEqual({ v1: ['AWSCURRENT', 'AWSPENDING'] });
  });

  test('does nothing when the token and the value are those of a version', async () => {
    const { client, emulator } = await startWith(2);
    const { VersionStages } = await put(client, 'v1', 'value 1');
    expect(VersionStages).toEqual(['AWSPREVIOUS']);
    expect(await stagesOf(client)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] });
    expect(emulator.calls.find(({ id }) => id === 4)).toMatchObject({ operation: 'PutSecretValue', outcome: 'success', mutated: false });
  });

  test.each([['AWSCURRENT', 'v3'], ['AWSPREVIOUS', 'v2'], ['no label', 'v1']])('refuses another value for the token of the version with %s', async (_, id) => {
    const { client, arn } = await startWith(3);
    expect(await errorOf(put(client, id, 'changed'))).toMatchObject({
      name: 'ResourceExistsException',
      $metadata: { httpStatusCode: 400 },
      message: `You can't use ClientRequestToken ${token(id)} because that value is already in use for a version of secret ${arn}.`,
    });
    expect(await valueIs(client, { VersionId: token(id) })).toBe(`value ${id.slice(1)}`);
  });

  test('does nothing for the token and value of a version without labels', async () => {
    const { client } = await startWith(3);
    expect(await put(client, 'v1', 'value 1')).not.toHaveProperty('VersionStages');
    expect(await stagesOf(client)).toMatchObject({ v1: [], v3: ['AWSCURRENT'] });
  });

  test('text and bytes are different values', async () => {
    const { client } = await start();
    await put(client, 'v1', 'AAAA');
    const bytes = Buffer.from('AAAA', 'base64');
    expect(await errorName(put(client, 'v1', undefined as any, { SecretBinary: bytes }))).toBe('ResourceExistsException');
    await put(client, 'v2', undefined as any, { SecretBinary: bytes });
    const { SecretBinary, SecretString } = await get(client);
    expect([Buffer.from(SecretBinary!), SecretString]).toEqual([bytes, undefined]);
  });

  test.each([
    ['no value', { SecretString: undefined }, 'InvalidRequestException'],
    ['a token that is too short', { ClientRequestToken: 'short' }, 'ValidationException'],
    ['no labels at all', { VersionStages: [] }, 'ValidationException'],
    ['an empty label', { VersionStages: [''] }, 'ValidationException'],
    ['21 labels', { VersionStages: Array.from({ length: 21 }, (_, i) => `l${i}`) }, 'ValidationException'],
    ['a rotation token', { RotationToken: 'x'.repeat(36) }, 'NotEmulated'],
  ])('refuses %s', async (_, more, name) => {
    const { client, emulator } = await startWith(1);
    expect(await errorName(put(client, 'v2', 'two', more))).toBe(name);
    expect(emulator.calls.at(-1)).toMatchObject({ mutated: false });
  });

  test('refuses more than 20 labels on all versions together', async () => {
    const { client } = await startWith(1);
    const labels = Array.from({ length: 19 }, (_, i) => `l${i}`);
    await put(client, 'v2', 'two', { VersionStages: labels });
    expect(await errorName(put(client, 'v3', 'three', { VersionStages: ['one-more'] }))).toBe('LimitExceededException');
  });
});

describe('GetSecretValue', () => {
  test('answers one version', async () => {
    const { client, clock, arn } = await startWith(1);
    const { $metadata, ...answer } = await get(client);
    expect(answer).toEqual({
      ARN: arn, Name: 'door', VersionId: token('v1'), SecretString: 'value 1', VersionStages: ['AWSCURRENT'], CreatedDate: new Date(clock.now()),
    });
  });

  test('by label, by id, by both', async () => {
    const { client } = await startWith(3);
    expect(await valueIs(client, { VersionStage: 'AWSPREVIOUS' })).toBe('value 2');
    expect(await valueIs(client, { VersionId: token('v1') })).toBe('value 1');
    expect(await valueIs(client, { VersionId: token('v2'), VersionStage: 'AWSPREVIOUS' })).toBe('value 2');
    expect(await get(client, { VersionId: token('v1') })).not.toHaveProperty('VersionStages');
  });

  test.each([
    [{ VersionId: token('v9') }, 'ResourceNotFoundException', `Secrets Manager can't find the specified secret value for VersionId: ${token('v9')}`],
    [{ VersionStage: 'AWSPENDING' }, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret value for staging label: AWSPENDING"],
    [{ VersionId: token('v1'), VersionStage: 'AWSCURRENT' }, 'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.'],
  ])('refuses %j', async (more, name, message) => {
    const { client } = await startWith(2);
    expect(await errorOf(get(client, more))).toMatchObject({ name, message, $metadata: { httpStatusCode: 400 } });
  });
});

describe('UpdateSecretVersionStage', () => {
  test('moves AWSCURRENT back, and AWSPREVIOUS to the version that had AWSCURRENT', async () => {
    const { client } = await startWith(2);
    await moveStage(client, 'AWSCURRENT', 'v2', 'v1');
    expect(await stagesOf(client)).toEqual({ v1: ['AWSCURRENT'], v2: ['AWSPREVIOUS'] });
  });

  // As recorded of the real service, in the tests of LocalStack.
  test('a cycle of AWSPENDING and AWSCURRENT with labels of one\'s own', async () => {
    const { client } = await startWith(1);
    await put(client, 'v2', 'two', { VersionStages: ['AWSPENDING', 'PUT1'] });
    await moveStage(client, 'AWSCURRENT', 'v1', 'v2');
    expect(await stagesOf(client)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT', 'AWSPENDING', 'PUT1'] });
    await put(client, 'v3', 'three', { VersionStages: ['AWSPENDING', 'PUT2'] });
    await moveStage(client, 'AWSCURRENT', 'v2', 'v3');
    expect(await stagesOf(client)).toEqual({ v1: [], v2: ['AWSPREVIOUS', 'PUT1'], v3: ['AWSCURRENT', 'AWSPENDING', 'PUT2'] });
  });

  test('brings a version without labels back', async () => {
    const { client } = await startWith(3);
    await moveStage(client, 'mine', undefined, 'v1');
    expect(await stagesOf(client)).toMatchObject({ v1: ['mine'] });
    await moveStage(client, 'mine', 'v1', undefined);
    expect(await stagesOf(client)).toMatchObject({ v1: [] });
  });

  test('does nothing where the label is already', async () => {
    const { client, emulator } = await startWith(2);
    await moveStage(client, 'AWSCURRENT', undefined, 'v2');
    expect(emulator.calls.at(-1)).toMatchObject({ outcome: 'success', mutated: false });
  });

  test.each([
    ['AWSCURRENT', undefined, 'v1', 'The parameter RemoveFromVersionId can\'t be empty. Staging label AWSCURRENT is currently attached to version '
      + `${token('v2')}, so you must explicitly reference that version in RemoveFromVersionId.`],
    ['AWSCURRENT', 'v1', 'v1', 'When you move staging label AWSCURRENT, if you specify RemoveFromVersionId, it must be set to the version that '
      + 'currently has the staging label AWSCURRENT.'],
    ['AWSCURRENT', 'v2', undefined, 'You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.'],
    ['AWSPREVIOUS', 'v2', undefined, `Staging label AWSPREVIOUS is not attached to version ${token('v2')}.`],
    ['mine', undefined, 'v9', `Not a valid version: ${token('v9')}`],
    ['AWSCURRENT', 'v9', 'v1', `Not a valid version: ${token('v9')}`],
    ['mine', undefined, undefined, 'You must specify MoveToVersionId, RemoveFromVersionId or both.'],
  ])('refuses %s from %s to %s', async (stage, from, to, message) => {
    const { client } = await startWith(2);
    expect(await errorOf(moveStage(client, stage, from, to))).toMatchObject({ name: 'InvalidParameterException', message });
    expect(await stagesOf(client)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] });
  });
});

describe('ListSecretVersionIds', () => {
  test('shows versions with labels only, unless asked', async () => {
    const { client, clock, arn } = await startWith(3);
    const { $metadata, ...answer } = await client.send(new ListSecretVersionIdsCommand({ SecretId: 'door' }));
    const version = (id: string, stage: string) =>
      ({ VersionId: token(id), VersionStages: [stage], CreatedDate: new Date(clock.now()), KmsKeyIds: ['DefaultEncryptionKey'] });
    expect(answer).toEqual({ ARN: arn, Name: 'door', Versions: [version('v2', 'AWSPREVIOUS'), version('v3', 'AWSCURRENT')] });
    expect(Object.keys(await stagesOf(client))).toEqual(['v1', 'v2', 'v3']);
  });

  test('pages', async () => {
    const { client } = await startWith(5);
    const pages: number[] = [];
    for await (const { Versions } of paginateListSecretVersionIds({ client, pageSize: 2 }, { SecretId: 'door', IncludeDeprecated: true })) {
      pages.push(Versions!.length);
    }
    expect(pages).toEqual([2, 2, 1]);
    expect(await errorName(client.send(new ListSecretVersionIdsCommand({ SecretId: 'door', NextToken: 'x' })))).toBe('InvalidNextTokenException');
  });
});

describe('versions without labels', () => {
  test('stay for a day, then only the newest do', async () => {
    const { client, clock } = await startWith(5, { deprecatedVersions: 3 });
    await clock.advance(day - 1);
    expect(Object.keys(await stagesOf(client))).toEqual(['v1', 'v2', 'v3', 'v4', 'v5']);
    await clock.advance(1);
    expect(Object.keys(await stagesOf(client))).toEqual(['v3', 'v4', 'v5']);
    expect(await errorName(get(client, { VersionId: token('v1') }))).toBe('ResourceNotFoundException');
  });

  test('release their token when they are deleted', async () => {
    const { client, clock } = await startWith(3, { deprecatedVersions: 0 });
    await clock.advance(day);
    await put(client, 'v1', 'changed');
    expect(await valueIs(client, { VersionId: token('v1') })).toBe('changed');
  });

  test('are 100 by default', async () => {
    const { client, clock } = await startWith(110);
    await clock.advance(day);
    expect(Object.keys(await stagesOf(client))).toHaveLength(100);
  });
});

import { ListSecretVersionIdsCommand, SecretsManagerClient, TagResourceCommand } from '@aws-sdk/client-secrets-manager';
import { account, errorName, errorOf, region } from './harness';
import { create, describeSecret, get, moveStage, put, startSecrets, token } from './secrets-manager-harness';
import { Emulator, Fault, PolicyDocument, Principal, RunningServer, secretValues, startServer, VirtualClock } from '../../../local/emulator';

const arnOf = (name: string) => `arn:aws:secretsmanager:${region}:${account}:secret:${name}`;
const mine = [{ Key: 'cdk-rtc:stack', Value: 'mine' }];

function allow(action: string | string[], more: Record<string, unknown> = {}): PolicyDocument {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*', ...more }] };
}

/** A client without limits and one with policies. */
function startWithRole(...policies: PolicyDocument[]) {
  const role: Principal = { arn: `arn:aws:iam::${account}:role/handler`, policies };
  const harness = startSecrets({}, { principals: async accessKeyId => accessKeyId === 'AKIAROLE' ? role : 'unrestricted' });
  return { ...harness, role: harness.clientOf({ credentials: { accessKeyId: 'AKIAROLE', secretAccessKey: 'x' } }) };
}

describe('AWS JSON 1.1', () => {
  let server: RunningServer;
  afterEach(async () => server.close());

  async function post(target: string, body: string, headers: Record<string, string> = {}) {
    server = await startServer(new Emulator({ clock: new VirtualClock() }));
    const response = await fetch(`${server.endpoint('secrets-manager')}/`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target,
        'authorization': `AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/${region}/secretsmanager/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
        ...headers,
      },
    });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.json() as Record<string, unknown> };
  }

  test('an answer', async () => {
    expect(await post('secretsmanager.CreateSecret', '{"Name":"door","Description":null}')).toEqual({
      status: 200, type: 'application/x-amz-json-1.1', body: { ARN: expect.stringContaining(arnOf('door-')), Name: 'door' },
    });
  });

  test('an error', async () => {
    expect(await post('secretsmanager.GetSecretValue', '{"SecretId":"door"}')).toEqual({
      status: 400,
      type: 'application/x-amz-json-1.1',
      body: { __type: 'ResourceNotFoundException', Message: "Secrets Manager can't find the specified secret." },
    });
  });

  test.each([
    ['secretsmanager.Nothing', {}],
    ['secretsmanager.toString', {}],
    ['other.GetSecretValue', {}],
    ['secretsmanager.RotateSecret', {}],
    ['secretsmanager.GetSecretValue', { 'content-type': 'application/json' }],
  ])('%s %j is no operation', async (target, headers) => {
    expect(await post(target, '{}', headers)).toMatchObject({ status: 400, body: { __type: 'UnknownOperationException' } });
  });

  test('a body that is no JSON is refused', async () => {
    expect(await post('secretsmanager.GetSecretValue', '{')).toMatchObject({ status: 400, body: { __type: 'SerializationException' } });
  });

  test('what a member must be is the model\'s', async () => {
    expect((await post('secretsmanager.PutSecretValue', '{"SecretId":"door","SecretBinary":"*","ClientRequestToken":"short"}')).body).toEqual({
      __type: 'ValidationException',
      message: '2 validation errors detected: '
        + "Value 'short' at 'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to 32; "
        + "Value at 'secretBinary' failed to satisfy constraint: Member must be of type blob",
    });
  });

  test('the real client works over HTTP', async () => {
    server = await startServer(new Emulator({ clock: new VirtualClock() }));
    const client = new SecretsManagerClient({
      endpoint: server.endpoint('secrets-manager'), region, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'x' },
    });
    await create(client, { SecretString: 'x', Tags: mine });
    expect(await get(client)).toMatchObject({ SecretString: 'x', CreatedDate: new Date('2026-01-01T00:00:00Z') });
    expect(await errorName(get(client, { SecretId: 'window' }))).toBe('ResourceNotFoundException');
    client.destroy();
  });
});

describe('faults', () => {
  test('a lost response: the retry of the SDK, with the same token, finds its own version', async () => {
    const { client, clientOf, emulator } = startSecrets();
    await create(client);
    emulator.addFault({ kind: 'lostResponse', operation: 'PutSecretValue', times: 1 });
    await put(clientOf({ maxAttempts: 3 }), 'v1', 'one');
    expect(emulator.calls.map(({ mutated }) => mutated)).toEqual([true, true, false]);
  });

  test.each<[Fault, string]>([
    [{ kind: 'throttle' }, 'ThrottlingException'],
    [{ kind: 'serverError' }, 'InternalServiceError'],
    [{ kind: 'accessDenied' }, 'AccessDeniedException'],
    [{ kind: 'error', error: 'DecryptionFailure' }, 'DecryptionFailure'],
  ])('%j', async (fault, name) => {
    const { client, emulator } = startSecrets();
    emulator.addFault(fault);
    expect(await errorName(get(client))).toBe(name);
  });

  test('reads lag, writes do not', async () => {
    const { client, clock, emulator } = startSecrets();
    await create(client, { SecretString: 'one' });
    await clock.advance(10_000);
    emulator.addFault({ kind: 'laggingReads', milliseconds: 5000 });
    await put(client, 'v2', 'two');
    expect((await get(client)).SecretString).toBe('one');
    expect(await errorName(get(client, { VersionId: token('v2') }))).toBe('ResourceNotFoundException');
    expect(await errorName(put(client, 'v2', 'changed'))).toBe('ResourceExistsException');
    await clock.advance(5000);
    expect((await get(client)).SecretString).toBe('two');
  });
});

test('50 writes and 10,000 reads a second', async () => {
  const { client } = startSecrets({}, { rates: 'documented' });
  await create(client);
  for (let i = 0; i < 49; i++) await put(client, `v${i}`, 'x');
  await moveStage(client, 'mine', undefined, 'v48');
  expect(await errorOf(put(client, 'v50', 'x'))).toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded', $metadata: { httpStatusCode: 400 } });
  await expect(get(client)).resolves.toBeDefined();
});

describe('IAM', () => {
  const ifMine = { Condition: { StringEquals: { 'aws:ResourceTag/cdk-rtc:stack': 'mine' } } };
  const operations: [string, (client: SecretsManagerClient) => Promise<unknown>][] = [
    ['GetSecretValue', get],
    ['DescribeSecret', async client => describeSecret(client)],
    ['PutSecretValue', async client => put(client, 'v2', 'two')],
    ['ListSecretVersionIds', async client => client.send(new ListSecretVersionIdsCommand({ SecretId: 'door' }))],
    ['UpdateSecretVersionStage', async client => moveStage(client, 'x', undefined, 'v1')],
    ['TagResource', async client => client.send(new TagResourceCommand({ SecretId: 'door', Tags: [{ Key: 'a', Value: '' }] }))],
  ];
  const first = { SecretString: 'one', ClientRequestToken: token('v1') };

  test.each(operations)('%s is decided on the ARN, though it is called by name', async (operation, call) => {
    const { client, role } = startWithRole(allow(`secretsmanager:${operation}`, { Resource: arnOf('door-??????') }));
    await create(client, first);
    await expect(call(role)).resolves.toBeDefined();
    await create(client, { Name: 'door-of-another', ...first });
    expect(await errorOf(get(role, { SecretId: 'door-of-another' }))).toMatchObject({ name: 'AccessDeniedException' });
  });

  test.each(operations)('%s uses the current tags, by either name', async (operation, call) => {
    for (const key of ['aws:ResourceTag/cdk-rtc:stack', 'secretsmanager:ResourceTag/cdk-rtc:stack']) {
      const { client, role, edit } = startWithRole(allow(`secretsmanager:${operation}`, { Condition: { StringEquals: { [key]: 'mine' } } }));
      await create(client, { ...first, Tags: mine });
      await expect(call(role)).resolves.toBeDefined();
      edit('door', { replaceTags: { 'cdk-rtc:stack': 'theirs' } });
      expect(await errorName(call(role))).toBe('AccessDeniedException');
    }
  });

  test('what does not exist has no tags', async () => {
    const { role } = startWithRole(allow('secretsmanager:*', ifMine));
    expect(await errorName(get(role))).toBe('AccessDeniedException');
  });

  test('create with tags needs TagResource too', async () => {
    const one = startWithRole(allow('secretsmanager:CreateSecret', { Resource: arnOf('door*') }));
    expect(await errorOf(create(one.role, { Tags: mine }))).toMatchObject({ message: expect.stringContaining('secretsmanager:TagResource') });
    await expect(create(one.role)).resolves.toBeDefined();
    const both = startWithRole(allow(['secretsmanager:CreateSecret', 'secretsmanager:TagResource'], {
      Condition: { StringEquals: { 'aws:RequestTag/cdk-rtc:stack': 'mine' } },
    }));
    await expect(create(both.role, { Tags: mine })).resolves.toBeDefined();
    expect(await errorName(create(both.role, { Name: 'window' }))).toBe('AccessDeniedException');
  });

  test('only the current version can be allowed', async () => {
    const { client, role } = startWithRole(allow('secretsmanager:GetSecretValue', {
      Condition: { 'ForAnyValue:StringEquals': { 'secretsmanager:VersionStage': 'AWSCURRENT' } },
    }));
    await create(client, first);
    await put(client, 'v2', 'two');
    await expect(get(role)).resolves.toMatchObject({ SecretString: 'two' });
    expect(await errorName(get(role, { VersionStage: 'AWSPREVIOUS' }))).toBe('AccessDeniedException');
    expect(await errorName(get(role, { VersionId: token('v1') }))).toBe('AccessDeniedException');
  });

  describe('with a key of one\'s own', () => {
    const key = `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`;
    const viaService = (...actions: string[]) => allow(actions.map(action => `kms:${action}`), {
      Resource: key, Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } },
    });
    const secrets = allow('secretsmanager:*');

    test('reading needs kms:Decrypt', async () => {
      const [without, withKey] = [startWithRole(secrets), startWithRole(secrets, viaService('Decrypt'))];
      for (const { client } of [without, withKey]) await create(client, { ...first, KmsKeyId: key });
      expect(await errorOf(get(without.role))).toMatchObject({ name: 'AccessDeniedException', message: expect.stringContaining(`kms:Decrypt on resource: ${key}`) });
      await expect(get(withKey.role)).resolves.toMatchObject({ SecretString: 'one' });
      await expect(describeSecret(without.role)).resolves.toMatchObject({ KmsKeyId: key });
    });

    test('writing needs kms:GenerateDataKey, and kms:Decrypt for a version that is there', async () => {
      const [without, withKey] = [startWithRole(secrets, viaService('Decrypt')), startWithRole(secrets, viaService('GenerateDataKey'))];
      for (const { client } of [without, withKey]) await create(client, { ...first, KmsKeyId: key });
      expect(await errorOf(put(without.role, 'v2', 'two'))).toMatchObject({ message: expect.stringContaining('kms:GenerateDataKey') });
      await expect(put(withKey.role, 'v2', 'two')).resolves.toBeDefined();
      expect(await errorOf(put(withKey.role, 'v2', 'two'))).toMatchObject({ message: expect.stringContaining('kms:Decrypt') });
    });

    test('creating needs both, unless there is no value', async () => {
      const one = startWithRole(secrets, viaService('GenerateDataKey'));
      expect(await errorOf(create(one.role, { ...first, KmsKeyId: key }))).toMatchObject({ message: expect.stringContaining('kms:Decrypt') });
      await expect(create(one.role, { KmsKeyId: key })).resolves.toBeDefined();
      const both = startWithRole(secrets, viaService('GenerateDataKey', 'Decrypt'));
      await expect(create(both.role, { ...first, KmsKeyId: key.split('/')[1] })).resolves.toBeDefined();
    });
  });
});

test('no value shows anywhere, but for tests', async () => {
  const { client, emulator, edit } = startSecrets();
  const values = ['value-one', 'value-two', 'value-three'];
  await create(client, { SecretString: values[0] });
  await put(client, 'v2', values[1]);
  await put(client, 'v2', 'value-refused').catch(() => undefined);
  edit('door', { secretString: values[2] });
  const seen = JSON.stringify([emulator.state(), emulator.calls]);
  for (const value of [...values, 'value-refused']) expect(seen).not.toContain(value);
  expect(secretValues(emulator)).toEqual(values);
  expect(emulator.state()['secrets-manager']).toMatchObject([{ account, region, secrets: [{ name: 'door', versions: [{ content: '***' }, {}, {}] }] }]);
  emulator.reset();
  expect(secretValues(emulator)).toEqual([]);
});

describe('an out-of-band change', () => {
  test('writes a value, changes tags, schedules and restores, deletes', async () => {
    const { client, clock, edit } = startSecrets();
    await create(client, { SecretString: 'one', Tags: mine });
    edit('door', { secretString: 'two', tags: { a: '1' } });
    expect((await get(client)).SecretString).toBe('two');
    expect((await get(client, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('one');
    expect((await describeSecret(client)).Tags).toEqual([...mine, { Key: 'a', Value: '1' }]);
    edit('door', { scheduleDeletion: clock.now() + 1000 });
    expect(await errorName(get(client))).toBe('InvalidRequestException');
    edit('door', { scheduleDeletion: null });
    await expect(get(client)).resolves.toBeDefined();
    edit('door', { delete: true });
    expect(await errorName(get(client))).toBe('ResourceNotFoundException');
  });

  test.each([['window', {}, '0 living resources match window'], ['door', { colour: 'red' }, 'unknown edit colour']])('of %s %j is refused', async (resource, changes, message) => {
    const { client, edit } = startSecrets();
    await create(client);
    expect(() => edit(resource, changes)).toThrow(message);
  });
});

describe('AWS::SecretsManager::Secret', () => {
  const type = 'AWS::SecretsManager::Secret';
  const properties = { Name: 'door', SecretString: 'one', Tags: mine, KmsKeyId: 'alias/doors', Description: 'd' };

  test('Ref and Id are the ARN', async () => {
    const { client, emulator } = startSecrets();
    const { physicalId, attributes } = emulator.applyResource({ action: 'create', type, region, properties });
    expect(attributes).toEqual({ Id: physicalId });
    expect(await describeSecret(client, physicalId)).toMatchObject({ Name: 'door', Tags: mine, KmsKeyId: 'alias/doors', Description: 'd' });
    expect(await get(client, { SecretId: physicalId })).toMatchObject({ SecretString: 'one', VersionStages: ['AWSCURRENT'] });
  });

  test('an update writes a version if the value changes; a new name creates a new secret', async () => {
    const { client, emulator } = startSecrets();
    const { physicalId } = emulator.applyResource({ action: 'create', type, region, properties });
    const update = (changes: object) => emulator.applyResource({ action: 'update', type, region, physicalId, properties: { ...properties, ...changes } }).physicalId;
    const { VersionId } = await get(client);
    expect(update({ Tags: [] })).toBe(physicalId);
    expect((await get(client)).VersionId).toBe(VersionId);
    expect(await describeSecret(client)).not.toHaveProperty('Tags');
    update({ SecretString: 'two' });
    expect((await get(client)).SecretString).toBe('two');
    expect(update({ Name: 'window' })).not.toBe(physicalId);
  });

  test('one without a name gets one, and a generated value', async () => {
    const { client, emulator } = startSecrets();
    const { physicalId } = emulator.applyResource({
      action: 'create', type, region, logicalId: 'Door', properties: { GenerateSecretString: { SecretStringTemplate: '{"user":"a"}', GenerateStringKey: 'key' } },
    });
    expect((await describeSecret(client, physicalId)).Name).toMatch(/^Door-[A-Za-z0-9]{12}$/);
    expect(JSON.parse((await get(client, { SecretId: physicalId })).SecretString!)).toEqual({ user: 'a', key: expect.stringMatching(/^[A-Za-z0-9]{32}$/) });
  });

  test('a deleted secret is removed immediately', async () => {
    const { client, emulator } = startSecrets();
    const { physicalId } = emulator.applyResource({ action: 'create', type, region, properties });
    for (let i = 0; i < 2; i++) emulator.applyResource({ action: 'delete', type, region, physicalId });
    expect(await errorName(get(client))).toBe('ResourceNotFoundException');
  });

  test('an unknown property is refused', () => {
    const { emulator } = startSecrets();
    expect(() => emulator.applyResource({ action: 'create', type, region, properties: { Colour: 'red' } })).toThrow('has no property Colour');
  });
});

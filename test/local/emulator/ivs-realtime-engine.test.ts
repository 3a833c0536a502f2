import {
  CreateParticipantTokenCommand, CreateStageCommand, CreateStorageConfigurationCommand, DeleteStageCommand, DeleteStorageConfigurationCommand,
  DisconnectParticipantCommand, GetParticipantCommand, IVSRealTimeClient, ListIngestConfigurationsCommand, ListStagesCommand,
  ListStorageConfigurationsCommand, UpdateStageCommand,
} from '@aws-sdk/client-ivs-realtime';
import { account, errorName, errorOf, region } from './harness';
import { create, get, getStage, IvsHarness, remove, startIvs, tag, tagsOf, untag, update } from './ivs-realtime-harness';
import { Emulator, Fault, ivsRealtime, PolicyDocument, Principal, requestHandler, streamKeys, VirtualClock } from '../../../local/emulator';

const configurations = `arn:aws:ivs:*:${account}:ingest-configuration/*`;
const ENDPOINTS = {
  events: 'wss://global.events.live-video.net',
  whip: expect.stringMatching(/^https:\/\/[a-z0-9]{12}\.global-bm\.whip\.live-video\.net$/),
  rtmp: expect.stringMatching(/^rtmp:\/\/[a-z0-9]{12}\.global-contribute\.live-video\.net\/app\/$/),
  rtmps: expect.stringMatching(/^rtmps:\/\/[a-z0-9]{12}\.global-contribute\.live-video\.net:443\/app\/$/),
};
const list = async (client: IVSRealTimeClient) => (await client.send(new ListIngestConfigurationsCommand({}))).ingestConfigurations!;

function allow(action: string | string[], more: Record<string, unknown> = {}): PolicyDocument {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*', ...more }] };
}

describe('faults', () => {
  test('a retry after a lost response creates a second configuration', async () => {
    const { client, clientOf, emulator } = await startIvs();
    emulator.addFault({ kind: 'lostResponse', operation: 'CreateIngestConfiguration', times: 1 });
    const { arn } = await create(clientOf({ maxAttempts: 3 }), { name: 'cam' });
    const found = await list(client);
    expect(found.map(({ name }) => name)).toEqual(['cam', 'cam']);
    expect(found.map(configuration => configuration.arn)).toContain(arn);
    expect(streamKeys(emulator)).toHaveLength(2);
  });

  test.each<[string, Fault, Record<string, unknown>, boolean]>([
    ['throttle', { kind: 'throttle' }, { name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } }, false],
    ['serverError', { kind: 'serverError' }, { name: 'InternalServerException', $metadata: { httpStatusCode: 500 } }, false],
    ['serverError 503', { kind: 'serverError', status: 503 }, { $metadata: { httpStatusCode: 503 } }, false],
    ['serverError, executed', { kind: 'serverError', executed: true }, { $metadata: { httpStatusCode: 500 } }, true],
    ['accessDenied', { kind: 'accessDenied' }, { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } }, false],
    ['verification', { kind: 'error', error: 'PendingVerification' }, { name: 'PendingVerification', $metadata: { httpStatusCode: 403 } }, false],
    ['quota', { kind: 'error', error: 'ServiceQuotaExceededException' },
      { name: 'ServiceQuotaExceededException', $metadata: { httpStatusCode: 402 } }, false],
    ['conflict', { kind: 'error', error: 'ConflictException' }, { name: 'ConflictException', $metadata: { httpStatusCode: 409 } }, false],
    ['lostRequest', { kind: 'lostRequest' }, { message: expect.stringContaining('socket hang up') }, false],
  ])('%s: what the caller sees, and whether it was carried out', async (_, fault, seen, executed) => {
    const { client, emulator } = await startIvs();
    emulator.addFault({ ...fault, times: 1 });
    expect(await errorOf(create(client))).toMatchObject(seen);
    expect(await list(client)).toHaveLength(executed ? 1 : 0);
  });

  test.each<[Fault, number]>([
    [{ kind: 'throttle' }, 3],
    [{ kind: 'serverError' }, 3],
    [{ kind: 'error', error: 'ConflictException' }, 1],
    [{ kind: 'error', error: 'PendingVerification' }, 1],
    [{ kind: 'error', error: 'ServiceQuotaExceededException' }, 1],
    [{ kind: 'error', error: 'ResourceNotFoundException' }, 1],
  ])('%j is sent %d times by the SDK', async (fault, attempts) => {
    const { clientOf, emulator } = await startIvs();
    emulator.addFault(fault);
    await errorOf(create(clientOf({ maxAttempts: 3 })));
    expect(emulator.calls).toHaveLength(attempts);
  });

  test('hit a resource by its ARN', async () => {
    const { client, emulator } = await startIvs();
    const [one, two] = [await create(client), await create(client)];
    emulator.addFault({ kind: 'throttle', resource: one.arn });
    expect(await errorName(get(client, one.arn!))).toBe('ThrottlingException');
    await expect(get(client, two.arn!)).resolves.toBeDefined();
  });

  test('lagging reads show the past in get, list and tags', async () => {
    const { client, clock, emulator } = await startIvs();
    await clock.advance(10_000);
    const old = await create(client, { tags: { a: '1' } });
    await clock.advance(10_000);
    emulator.addFault({ kind: 'laggingReads', milliseconds: 5000 });
    const { arn } = await create(client);
    await remove(client, old.arn!);
    expect(await errorName(get(client, arn!))).toBe('ResourceNotFoundException');
    expect(await get(client, old.arn!)).toEqual(old);
    expect(await tagsOf(client, old.arn!)).toEqual({ a: '1' });
    expect((await list(client)).map(configuration => configuration.arn)).toEqual([old.arn]);
    await clock.advance(5000);
    expect((await list(client)).map(configuration => configuration.arn)).toEqual([arn]);
  });
});

describe('rates', () => {
  async function letThrough(calls: number, call: () => Promise<unknown>): Promise<number> {
    let passed = 0;
    for (let i = 0; i < calls; i++) {
      const outcome = await call().then(() => 'success', error => error.name);
      if (outcome === 'ThrottlingException') continue;
      passed += 1;
    }
    return passed;
  }
  const missing = `arn:aws:ivs:${region}:${account}:ingest-configuration/none`;
  const missingStage = `arn:aws:ivs:${region}:${account}:stage/none`;
  const missingStorage = `arn:aws:ivs:${region}:${account}:storage-configuration/none`;

  test.each<[string, number, (client: IVSRealTimeClient) => Promise<unknown>]>([
    ['CreateIngestConfiguration', 5, async client => create(client)],
    ['GetIngestConfiguration', 5, async client => get(client, missing)],
    ['UpdateIngestConfiguration', 5, async client => update(client, missing)],
    ['DeleteIngestConfiguration', 5, async client => remove(client, missing)],
    ['ListIngestConfigurations', 5, list],
    ['TagResource', 10, async client => tag(client, missing, {})],
    ['UntagResource', 10, async client => untag(client, missing, 'a')],
    ['ListTagsForResource', 10, async client => tagsOf(client, missing)],
    ['CreateParticipantToken', 50, async client => client.send(new CreateParticipantTokenCommand({ stageArn: missingStage }))],
    ['GetStage', 5, async client => getStage(client, missingStage)],
    ['DisconnectParticipant', 5, async client => client.send(new DisconnectParticipantCommand({ stageArn: missingStage, participantId: 'p' }))],
    ['CreateStage', 5, async client => client.send(new CreateStageCommand({}))],
    ['DeleteStage', 5, async client => client.send(new DeleteStageCommand({ arn: missingStage }))],
    ['ListStages', 5, async client => client.send(new ListStagesCommand({}))],
    ['UpdateStage', 5, async client => client.send(new UpdateStageCommand({ arn: missingStage }))],
    ['GetParticipant', 5, async client => client.send(new GetParticipantCommand({ stageArn: missingStage, sessionId: 'st-abcdefghijklm', participantId: 'p' }))],
    ['CreateStorageConfiguration', 5, async client => client.send(new CreateStorageConfigurationCommand({ s3: { bucketName: 'recordings' } }))],
    ['DeleteStorageConfiguration', 5, async client => client.send(new DeleteStorageConfigurationCommand({ arn: missingStorage }))],
    ['ListStorageConfigurations', 5, async client => client.send(new ListStorageConfigurationsCommand({}))],
  ])('%s is let through %d times a second', async (_, perSecond, call) => {
    const { client, clock } = await startIvs({}, { rates: 'documented' });
    expect(await letThrough(perSecond + 3, async () => call(client))).toBe(perSecond);
    await clock.advance(400);
    expect(await letThrough(perSecond, async () => call(client))).toBe(perSecond * 0.4);
  });

  test('each operation and each region counts by itself', async () => {
    const { client, clientOf } = await startIvs({}, { rates: 'documented' });
    await letThrough(6, async () => list(client));
    expect(await letThrough(6, async () => get(client, missing))).toBe(5);
    const elsewhere = clientOf({ region: 'us-east-1' });
    expect(await letThrough(6, async () => list(elsewhere))).toBe(5);
  });

  test('a throttled create creates nothing', async () => {
    const { client, emulator } = await startIvs({}, { rates: 'documented' });
    await letThrough(8, async () => create(client));
    expect(await list(client)).toHaveLength(5);
    expect(streamKeys(emulator)).toHaveLength(5);
  });
});

describe('IAM', () => {
  const roleArn = `arn:aws:sts::${account}:assumed-role/handler/function`;
  const mine = { 'cdk-rtc:stack': 'mine' };
  const theirs = { 'cdk-rtc:stack': 'theirs' };

  async function startWithRole(policies: PolicyDocument[], options = {}) {
    const principal: Principal = { arn: roleArn, policies };
    const harness = await startIvs(options, { principals: async key => ({ AKIAROLE: principal, AKIAROOT: 'unrestricted' as const })[key] });
    const clientWith = (accessKeyId: string) => harness.clientOf({ credentials: { accessKeyId, secretAccessKey: 'x' } });
    return { ...harness, role: clientWith('AKIAROLE'), root: clientWith('AKIAROOT') };
  }

  test('what no policy allows is denied with 403 and a message that names all', async () => {
    const { root, role, emulator } = await startWithRole([]);
    const { arn } = await create(root);
    expect(await errorOf(get(role, arn!))).toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 403 },
      exceptionMessage: expect.stringContaining(`User: ${roleArn} is not authorized to perform: ivs:GetIngestConfiguration on resource: ${arn}`),
    });
    expect(emulator.calls.at(-1)).toMatchObject({ mutated: false });
  });

  describe('of the owner', () => {
    const ifMine = { Resource: configurations, Condition: { StringEquals: { 'aws:ResourceTag/cdk-rtc:stack': 'mine' } } };
    const operations: [string, (client: IVSRealTimeClient, arn: string) => Promise<unknown>][] = [
      ['GetIngestConfiguration', get],
      ['UpdateIngestConfiguration', async (client, arn) => update(client, arn, { stageArn: '' })],
      ['DeleteIngestConfiguration', async (client, arn) => remove(client, arn)],
      ['TagResource', async (client, arn) => tag(client, arn, { a: '1' })],
      ['UntagResource', async (client, arn) => untag(client, arn, 'a')],
      ['ListTagsForResource', tagsOf],
    ];

    test.each(operations)('%s is allowed on what carries the tag', async (operation, call) => {
      const { root, role } = await startWithRole([allow(`ivs:${operation}`, ifMine)]);
      const { arn } = await create(root, { tags: mine });
      await call(role, arn!);
    });

    test.each(operations)("%s is denied on another stack's, an untagged, and a missing configuration", async (operation, call) => {
      const { root, role } = await startWithRole([allow(`ivs:${operation}`, ifMine)]);
      const arns = [(await create(root, { tags: theirs })).arn!, (await create(root)).arn!, configurations.replace(/\*/g, 'eu-west-1')];
      for (const arn of arns) expect(await errorName(call(role, arn))).toBe('AccessDeniedException');
    });

    test('uses the current tags', async () => {
      const { root, role, edit } = await startWithRole([allow('ivs:DeleteIngestConfiguration', ifMine)]);
      const { arn } = await create(root, { tags: mine });
      edit(arn!, { tags: theirs });
      expect(await errorName(remove(role, arn!))).toBe('AccessDeniedException');
    });
  });

  describe('create', () => {
    const onConfigurations = { Resource: configurations };
    const ifTaggedMine = { ...onConfigurations, Condition: { StringEquals: { 'aws:RequestTag/cdk-rtc:stack': 'mine' } } };

    test('is allowed by a policy for all configurations', async () => {
      const { role } = await startWithRole([allow('ivs:CreateIngestConfiguration', onConfigurations)]);
      await expect(create(role)).resolves.toBeDefined();
    });

    test('is denied by an explicit deny for all configurations', async () => {
      const deny = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'ivs:Create*', Resource: configurations }] };
      const { role } = await startWithRole([allow('ivs:*'), deny]);
      expect(await errorOf(create(role))).toMatchObject({ exceptionMessage: expect.stringContaining('with an explicit deny') });
    });

    test.each([
      ['one configuration', `arn:aws:ivs:${region}:${account}:ingest-configuration/abcdABCDefgh`],
      ['stages', `arn:aws:ivs:${region}:${account}:stage/*`],
      ['another region', `arn:aws:ivs:us-east-1:${account}:ingest-configuration/*`],
    ])('is denied by a policy for %s', async (_, resource) => {
      const { role } = await startWithRole([allow('ivs:CreateIngestConfiguration', { Resource: resource })]);
      expect(await errorName(create(role))).toBe('AccessDeniedException');
    });

    test('with tags needs ivs:TagResource as well', async () => {
      const { role } = await startWithRole([allow('ivs:CreateIngestConfiguration', ifTaggedMine)]);
      expect(await errorOf(create(role, { tags: mine }))).toMatchObject({ exceptionMessage: expect.stringContaining('ivs:TagResource') });
      const both = await startWithRole([allow(['ivs:CreateIngestConfiguration', 'ivs:TagResource'], ifTaggedMine)]);
      await expect(create(both.role, { tags: mine })).resolves.toBeDefined();
    });

    test('can be set not to need ivs:TagResource', async () => {
      const { role } = await startWithRole([allow('ivs:CreateIngestConfiguration', ifTaggedMine)], { tagOnCreateNeedsTagResource: false });
      await expect(create(role, { tags: mine })).resolves.toBeDefined();
    });

    test.each([['the tag of another', theirs], ['no tags', undefined]])('is denied with %s where the tag must be the own', async (_, tags) => {
      const { role, root } = await startWithRole([allow(['ivs:CreateIngestConfiguration', 'ivs:TagResource'], ifTaggedMine)]);
      expect(await errorName(create(role, { tags }))).toBe('AccessDeniedException');
      expect(await list(root)).toEqual([]);
    });

    test('comes with aws:TagKeys', async () => {
      const { role } = await startWithRole([allow('ivs:*', { Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a'] } } })]);
      await expect(create(role, { tags: { a: '1' } })).resolves.toBeDefined();
      expect(await errorName(create(role, { tags: { a: '1', b: '2' } }))).toBe('AccessDeniedException');
    });
  });

  test('nothing is seized by tagging', async () => {
    const { root, role } = await startWithRole([allow('ivs:TagResource', {
      Condition: { Null: { 'aws:ResourceTag/cdk-rtc:stack': 'true' }, StringEquals: { 'aws:RequestTag/cdk-rtc:stack': 'mine' } },
    })]);
    await expect(tag(role, (await create(root)).arn!, mine)).resolves.toBeDefined();
    expect(await errorName(tag(role, (await create(root, { tags: theirs })).arn!, mine))).toBe('AccessDeniedException');
  });

  test('UntagResource passes its keys', async () => {
    const { root, role } = await startWithRole([allow('ivs:UntagResource', {
      Condition: { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': ['cdk-rtc:stack'] } },
    })]);
    const { arn } = await create(root, { tags: { ...mine, a: '1' } });
    await expect(untag(role, arn!, 'a')).resolves.toBeDefined();
    expect(await errorName(untag(role, arn!, 'cdk-rtc:stack'))).toBe('AccessDeniedException');
  });

  test.each([['allowed on *', '*', undefined], ['denied on ARNs only', configurations, 'AccessDeniedException']])(
    'a list has no resource: %s', async (_, resource, expected) => {
      const { role } = await startWithRole([allow('ivs:ListIngestConfigurations', { Resource: resource })]);
      expect(await list(role).then(() => undefined, error => error.name)).toBe(expected);
    });

  test('an update is not decided on the stage', async () => {
    const { root, role, stage } = await startWithRole([allow('ivs:UpdateIngestConfiguration', { Resource: configurations })]);
    const { arn } = await create(root);
    await expect(update(role, arn!, { stageArn: stage() })).resolves.toBeDefined();
  });
});

describe('secrets', () => {
  async function startWithKeys() {
    const harness = await startIvs();
    const { client, stage } = harness;
    const { arn } = await create(client, { redundantIngest: true });
    await get(client, arn!);
    await update(client, arn!, { stageArn: stage() });
    await create(client).then(async other => remove(client, other.arn!));
    return { ...harness, arn: arn! };
  }

  test('streamKeys returns all issued stream keys, also of deleted configurations', async () => {
    const { client, emulator, arn } = await startWithKeys();
    const { streamKey, redundantIngestCredentials } = await get(client, arn);
    const keys = streamKeys(emulator);
    expect(keys).toHaveLength(4);
    expect(keys).toEqual(expect.arrayContaining([streamKey, ...redundantIngestCredentials!.map(credential => credential.streamKey)]));
    expect(new Set(keys).size).toBe(4);
    emulator.reset();
    expect(streamKeys(emulator)).toEqual([]);
  });

  test('neither state nor call log nor the control API holds one', async () => {
    const { emulator, server } = await startWithKeys();
    const texts = [JSON.stringify(emulator.state()), JSON.stringify(emulator.calls)];
    for (const path of ['state', 'calls', 'faults', 'health']) texts.push(await (await fetch(`${server.url}/_cloud/${path}`)).text());
    for (const key of streamKeys(emulator)) {
      const secret = key.split('_').at(-1)!;
      expect(texts.filter(text => text.includes(secret))).toEqual([]);
    }
  });

  test('the state shows where there is one', async () => {
    const { emulator } = await startWithKeys();
    expect(emulator.state()).toMatchObject({
      'ivs-realtime': [{ ingestConfigurations: [{ streamKey: '***', redundantIngestCredentials: [{ streamKey: '***' }, { streamKey: '***' }] }] }],
    });
  });
});

describe('an out-of-band change', () => {
  async function startWithOne() {
    const harness = await startIvs();
    return { ...harness, arn: (await create(harness.client, { name: 'cam', tags: { a: '1', b: '2' } })).arn! };
  }

  test('deletes', async () => {
    const { client, edit, arn } = await startWithOne();
    edit(arn, { delete: true });
    expect(await errorName(get(client, arn))).toBe('ResourceNotFoundException');
  });

  test('starts and ends publishing', async () => {
    const { client, edit, arn } = await startWithOne();
    for (const state of ['ACTIVE', 'INACTIVE']) {
      edit('cam', { state });
      expect((await get(client, arn)).state).toBe(state);
    }
  });

  test.each(['', null])('attaches, and detaches by %j', async detached => {
    const { client, edit, arn, stage } = await startWithOne();
    const stageArn = stage();
    edit(arn, { stageArn });
    expect((await get(client, arn)).stageArn).toBe(stageArn);
    edit(arn, { stageArn: detached });
    expect((await get(client, arn)).stageArn).toBe('');
  });

  test('turns redundant ingest on and off', async () => {
    const { client, edit, arn } = await startWithOne();
    edit(arn, { redundantIngest: true });
    expect((await get(client, arn)).redundantIngestCredentials).toHaveLength(2);
    edit(arn, { redundantIngest: false });
    expect(await get(client, arn)).not.toHaveProperty('redundantIngestCredentials');
  });

  test.each([
    ['sets and removes tags', { tags: { a: null, c: '3' } }, { b: '2', c: '3' }],
    ['replaces all tags', { replaceTags: { z: '26' } }, { z: '26' }],
    ['strips all tags', { replaceTags: {} }, {}],
  ])('%s', async (_, changes, tags) => {
    const { client, edit, arn } = await startWithOne();
    edit(arn, changes);
    expect(await tagsOf(client, arn)).toEqual(tags);
  });

  test('changes the tags of a stage', async () => {
    const { client, edit, stage } = await startWithOne();
    const stageArn = stage();
    edit(stageArn, { tags: { a: '1' } });
    expect(await tagsOf(client, stageArn)).toEqual({ a: '1' });
  });

  test.each([
    ['an unknown resource', 'gate', {}, '0 living resources'],
    ['a name that is not unique', 'cam', {}, '2 living resources'],
    ['no name', '', {}, '0 living resources'],
  ])('is refused for %s', async (_, resource, changes, message) => {
    const { client, edit } = await startWithOne();
    await create(client, { name: 'cam' });
    await create(client);
    expect(() => edit(resource, changes)).toThrow(message);
  });

  test('is refused with an unknown change or state', async () => {
    const { edit, arn, stage } = await startWithOne();
    expect(() => edit(arn, { colour: 'red' })).toThrow('unknown edit colour');
    expect(() => edit(arn, { state: 'LIVE' })).toThrow('unknown state LIVE');
    expect(() => edit(stage(), { state: 'ACTIVE' })).toThrow('unknown edit state');
  });
});

describe('the control API', () => {
  async function control({ server }: IvsHarness, request: string, body?: unknown): Promise<{ status: number; body: any }> {
    const [method, path] = request.split(' ');
    const response = await fetch(`${server.url}/_cloud/${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  }
  const apply = async (harness: IvsHarness, action: string, more: Record<string, unknown> = {}) =>
    control(harness, 'POST resources', { action, type: 'AWS::IVS::Stage', region, ...more });
  const stages = async (harness: IvsHarness) => (await control(harness, 'GET state')).body['ivs-realtime'][0].stages;

  test('creates a stage: Ref and Arn are its ARN', async () => {
    const harness = await startIvs();
    const { status, body: { physicalId, attributes } } = await apply(harness, 'create', {
      properties: { Name: 'studio', Tags: [{ Key: 'a', Value: '1' }] },
    });
    expect(status).toBe(200);
    expect(physicalId).toMatch(new RegExp(`^arn:aws:ivs:${region}:${account}:stage/[a-zA-Z0-9]{12}$`));
    expect(attributes).toEqual({ Arn: physicalId, ActiveSessionId: '' });
    expect(await stages(harness)).toEqual([{ arn: physicalId, name: 'studio', tags: { a: '1' }, endpoints: ENDPOINTS }]);
    await expect(create(harness.client, { stageArn: physicalId })).resolves.toMatchObject({ stageArn: physicalId });
  });

  test('updates a stage in place', async () => {
    const harness = await startIvs();
    const physicalId = harness.stage({ Name: 'studio', Tags: [{ Key: 'a', Value: '1' }] });
    expect((await apply(harness, 'update', { physicalId, properties: { Name: 'hall' } })).body.physicalId).toBe(physicalId);
    expect(await stages(harness)).toEqual([{ arn: physicalId, name: 'hall', tags: {}, endpoints: ENDPOINTS }]);
  });

  test.each([['128 characters', 'n'.repeat(128), 200], ['129 characters', 'n'.repeat(129), 400], ['a blank', 'a b', 400]])('a name of a stage with %s', async (_, Name, status) => {
    expect((await apply(await startIvs(), 'create', { properties: { Name } })).status).toBe(status);
  });

  test('deletes a stage, and deletes it again', async () => {
    const harness = await startIvs();
    const physicalId = harness.stage();
    const { arn } = await create(harness.client, { stageArn: physicalId });
    expect(await apply(harness, 'delete', { physicalId })).toMatchObject({ status: 200 });
    expect(await stages(harness)).toEqual([]);
    expect((await get(harness.client, arn!)).stageArn).toBe('');
    expect(await apply(harness, 'delete', { physicalId })).toMatchObject({ status: 200 });
  });

  test.each([
    ['an update of what does not exist', 'update', { physicalId: 'x' }, 404, 'ResourceNotFoundException'],
    ['an unknown property', 'create', { properties: { Colour: 'red' } }, 400, 'ValidationException'],
    ['a region without the service', 'create', { region: 'eu-west-2' }, 400, 'UnsupportedRegion'],
  ])('refuses %s', async (_, action, more, status, error) => {
    expect(await apply(await startIvs(), action, more)).toMatchObject({ status, body: { error } });
  });

  test('edits and resets', async () => {
    const harness = await startIvs();
    const { arn } = await create(harness.client);
    await control(harness, 'POST edit', { service: 'ivs-realtime', resource: arn, state: 'ACTIVE' });
    expect((await get(harness.client, arn!)).state).toBe('ACTIVE');
    await control(harness, 'POST reset');
    expect(await list(harness.client)).toEqual([]);
  });
});

test('it is one of the services by default', async () => {
  expect(new Emulator().service('ivs-realtime').name).toBe('ivs-realtime');
});

test('the real client works without sockets', async () => {
  const emulator = new Emulator({ clock: new VirtualClock({ auto: true }), latency: 30, services: [ivsRealtime()] });
  const client = new IVSRealTimeClient({
    region, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'x' }, requestHandler: requestHandler(emulator, 'ivs-realtime'),
  });
  const { arn } = await create(client, { tags: { a: '1' } });
  expect(await tagsOf(client, arn!)).toEqual({ a: '1' });
});

test('the call log names the new configuration', async () => {
  const { client, emulator } = await startIvs();
  const { arn } = await create(client, { name: 'cam' });
  expect(emulator.calls).toMatchObject([{
    service: 'ivs-realtime', operation: 'CreateIngestConfiguration', resource: arn, input: { name: 'cam', ingestProtocol: 'RTMPS' }, mutated: true,
  }]);
});

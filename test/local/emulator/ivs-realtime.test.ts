import { IngestConfigurationState, ListIngestConfigurationsCommand, paginateListIngestConfigurations } from '@aws-sdk/client-ivs-realtime';
import { account, errorName, errorOf, region } from './harness';
import { create, get, getStage, IvsHarness, remove, startIvs, tag, tagsOf, untag, update } from './ivs-realtime-harness';
import { IvsRealtimeOptions } from '../../../local/emulator';

const missing = `arn:aws:ivs:${region}:${account}:ingest-configuration/abcdABCDefgh`;
const missingStage = `arn:aws:ivs:${region}:${account}:stage/abcdABCDefgh`;

async function startWithOne(more: Parameters<typeof create>[1] = {}, options: IvsRealtimeOptions = {}) {
  const harness = await startIvs(options);
  return { ...harness, created: await create(harness.client, more) };
}

async function startLive(more: Parameters<typeof create>[1] = {}) {
  const harness = await startWithOne(more);
  harness.edit(harness.created.arn!, { state: 'ACTIVE' });
  return harness;
}

describe('CreateIngestConfiguration', () => {
  test('answers everything, with the key', async () => {
    const { client, stage } = await startIvs();
    const stageArn = stage();
    const given = { name: 'cam-1', stageArn, userId: 'Zoë', attributes: { seat: '7' }, ingestProtocol: 'RTMPS' as const, tags: { a: '1' } };
    const { $metadata, ...created } = { $metadata: undefined, ...await create(client, given) };
    expect(created).toEqual({
      ...given,
      arn: expect.stringMatching(`^arn:aws:ivs:${region}:${account}:ingest-configuration/[a-zA-Z0-9]{12}$`),
      participantId: expect.stringMatching(/^[a-zA-Z0-9]{12}$/),
      streamKey: expect.stringMatching(`^rt_${account}_${region}_[a-zA-Z0-9]+_[a-zA-Z0-9]{32}$`),
      state: 'INACTIVE',
      redundantIngest: false,
    });
  });

  test('answers what the model requires where nothing was given', async () => {
    const { created } = await startWithOne();
    expect(Object.keys(created).sort()).toEqual(['arn', 'ingestProtocol', 'participantId', 'redundantIngest', 'stageArn', 'state', 'streamKey']);
    expect(created.stageArn).toBe('');
  });

  test('can be set to answer what was never given as empty', async () => {
    const { created } = await startWithOne({}, { unset: 'empty' });
    expect(created).toMatchObject({ name: '', userId: '', attributes: {}, tags: {} });
  });

  test('is not idempotent: the same request creates another configuration with another key', async () => {
    const { client } = await startIvs();
    const [first, second] = [await create(client, { name: 'cam' }), await create(client, { name: 'cam' })];
    expect(second.arn).not.toBe(first.arn);
    expect(second.streamKey).not.toBe(first.streamKey);
    expect(second.participantId).not.toBe(first.participantId);
  });

  test('generates the same IDs in every run', async () => {
    const first = await startWithOne();
    const second = await startWithOne();
    expect(second.created).toEqual(first.created);
  });

  test('with redundant ingest adds credentials for two encoders', async () => {
    const { created: { redundantIngest, redundantIngestCredentials, streamKey } } = await startWithOne({ redundantIngest: true });
    expect(redundantIngest).toBe(true);
    expect(new Set([streamKey, ...redundantIngestCredentials!.map(credential => credential.streamKey)]).size).toBe(3);
    expect(redundantIngestCredentials!.every(({ participantId }) => participantId)).toBe(true);
  });

  test('can be set to add one credential', async () => {
    const { created } = await startWithOne({ redundantIngest: true }, { redundantCredentials: 1 });
    expect(created.redundantIngestCredentials).toHaveLength(1);
  });

  test.each([undefined, false])('RTMP with insecureIngest %s is refused', async insecureIngest => {
    const { client } = await startIvs();
    expect(await errorOf(create(client, { ingestProtocol: 'RTMP', insecureIngest })))
      .toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 }, exceptionMessage: expect.stringContaining('insecureIngest') });
  });

  test('RTMP is accepted with insecureIngest, which no response shows', async () => {
    const { client, created } = await startWithOne({ ingestProtocol: 'RTMP', insecureIngest: true });
    expect(created).toMatchObject({ ingestProtocol: 'RTMP' });
    expect(created).not.toHaveProperty('insecureIngest');
    expect(await get(client, created.arn!)).not.toHaveProperty('insecureIngest');
  });

  test('RTMPS is accepted with insecureIngest too', async () => {
    await expect(startWithOne({ insecureIngest: true })).resolves.toBeDefined();
  });

  test.each([
    ['1,024 ASCII characters', { k: 'x'.repeat(1023) }, true],
    ['1,025 ASCII characters', { k: 'x'.repeat(1024) }, false],
    ['keys that are too long', { ['k'.repeat(1025)]: '' }, false],
    ['512 characters of two bytes', { é: 'é'.repeat(511) }, true],
    ['513 characters of two bytes', { é: 'é'.repeat(512) }, false],
    ['many that are too long together', Object.fromEntries(Array.from({ length: 103 }, (_, i) => [`key${i + 100}`, 'x'.repeat(4)])), false],
  ])('attributes of %s: %#', async (_, attributes, taken) => {
    const { client } = await startIvs();
    const outcome = await create(client, { attributes }).then(() => 'taken', error => error.name);
    expect(outcome).toBe(taken ? 'taken' : 'ValidationException');
  });

  test.each([
    ['no protocol', { ingestProtocol: undefined }],
    ['an unknown protocol', { ingestProtocol: 'SRT' }],
    ['a name with a blank', { name: 'my cam' }],
    ['a name that is too long', { name: 'x'.repeat(129) }],
    ['a user id that is too long', { userId: 'x'.repeat(129) }],
    ['an ARN of something else', { stageArn: missing }],
    ['an ARN of another partition', { stageArn: missingStage.replace('aws', 'aws-cn') }],
    ['a boolean as text', { insecureIngest: 'true' }],
    ['redundantIngest as text', { redundantIngest: 'false' }],
    ['a reserved tag', { tags: { 'aws:cloudformation:stack-name': 'x' } }],
    ['an empty tag key', { tags: { '': 'x' } }],
    ['a tag value that is too long', { tags: { a: 'x'.repeat(257) } }],
    ['51 tags', { tags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ''])) }],
  ])('refuses %s', async (_, more) => {
    const { client, emulator } = await startIvs();
    expect(await errorName(create(client, more as any))).toBe('ValidationException');
    expect(emulator.calls).toMatchObject([{ mutated: false }]);
  });

  test.each([['an empty name', { name: '' }], ['an empty stage ARN', { stageArn: '' }], ['no tags', { tags: {} }]])('takes %s', async (_, more) => {
    const { client } = await startIvs();
    await expect(create(client, more)).resolves.toMatchObject({ stageArn: '' });
  });

  test('refuses one more than the quota with 402; a deleted one makes room', async () => {
    const { client, created } = await startWithOne({}, { quota: 1 });
    expect(await errorOf(create(client))).toMatchObject({ name: 'ServiceQuotaExceededException', $metadata: { httpStatusCode: 402 } });
    await remove(client, created.arn!);
    await expect(create(client)).resolves.toBeDefined();
  });

  test('the quota is per region', async () => {
    const { clientOf } = await startWithOne({}, { quota: 1 });
    await expect(create(clientOf({ region: 'us-east-1' }))).resolves.toBeDefined();
  });
});

describe('a stage that does not exist', () => {
  test.each<[IvsRealtimeOptions['missingStage'], string, string]>([
    [undefined, 'ValidationException', 'ResourceNotFoundException'],
    ['modelled', 'ValidationException', 'ResourceNotFoundException'],
    ['invalid', 'ValidationException', 'ValidationException'],
    ['not-found', 'ResourceNotFoundException', 'ResourceNotFoundException'],
  ])('%s: create answers %s, update %s', async (option, onCreate, onUpdate) => {
    const { client, created } = await startWithOne({}, { missingStage: option });
    expect(await errorName(create(client, { stageArn: missingStage }))).toBe(onCreate);
    expect(await errorName(update(client, created.arn!, { stageArn: missingStage }))).toBe(onUpdate);
  });

  test('unchecked: it is accepted', async () => {
    const { client, created } = await startWithOne({ stageArn: missingStage }, { missingStage: 'unchecked' });
    expect(created.stageArn).toBe(missingStage);
    await expect(update(client, created.arn!, { stageArn: missingStage })).resolves.toBeDefined();
  });

  test('includes one of another region and of another account', async () => {
    const { client, clientOf, stage, emulator } = await startIvs();
    expect(await errorName(create(clientOf({ region: 'us-east-1' }), { stageArn: stage() }))).toBe('ValidationException');
    const { physicalId } = emulator.applyResource({ action: 'create', type: 'AWS::IVS::Stage', region, account: '333333333333' });
    expect(await errorName(create(client, { stageArn: physicalId }))).toBe('ValidationException');
  });
});

describe('GetIngestConfiguration', () => {
  test('answers what create did', async () => {
    const { client, stage } = await startIvs();
    const created = await create(client, { name: 'cam', stageArn: stage(), attributes: { a: 'b' }, redundantIngest: true, tags: { t: '1' } });
    expect(await get(client, created.arn!)).toEqual(created);
  });

  test('shows the tags of now', async () => {
    const { client, created } = await startWithOne({ tags: { a: '1' } });
    await tag(client, created.arn!, { b: '2' });
    expect((await get(client, created.arn!)).tags).toEqual({ a: '1', b: '2' });
  });
});

describe('UpdateIngestConfiguration', () => {
  test('attaches, moves and detaches', async () => {
    const { client, created, stage } = await startWithOne();
    const [one, two] = [stage(), stage()];
    for (const stageArn of [one, two, '']) {
      expect((await update(client, created.arn!, { stageArn })).stageArn).toBe(stageArn);
      expect((await get(client, created.arn!)).stageArn).toBe(stageArn);
    }
  });

  test('changes neither key nor participant', async () => {
    const { client, created, stage } = await startWithOne();
    const stageArn = stage();
    expect(await update(client, created.arn!, { stageArn })).toEqual({ ...created, stageArn });
  });

  test('turns redundant ingest on and off; turning it on again creates new credentials', async () => {
    const { client, created: { arn } } = await startWithOne();
    const on = (await update(client, arn!, { redundantIngest: true })).redundantIngestCredentials;
    expect(on).toHaveLength(2);
    expect((await get(client, arn!)).redundantIngestCredentials).toEqual(on);
    expect((await update(client, arn!, { redundantIngest: true })).redundantIngestCredentials).toEqual(on);
    expect(await update(client, arn!, { redundantIngest: false })).not.toHaveProperty('redundantIngestCredentials');
    expect((await update(client, arn!, { redundantIngest: true })).redundantIngestCredentials).not.toEqual(on);
  });

  test('keeps what it does not name', async () => {
    const { client, stage } = await startIvs();
    const created = await create(client, { stageArn: stage(), redundantIngest: true });
    expect(await update(client, created.arn!)).toEqual(created);
    expect(await update(client, created.arn!, { stageArn: '' })).toEqual({ ...created, stageArn: '' });
  });

  test('can be set to clear what it does not name', async () => {
    const { client, stage } = await startIvs({ omittedOnUpdate: 'cleared' });
    const { arn } = await create(client, { stageArn: stage(), redundantIngest: true });
    expect(await update(client, arn!)).toMatchObject({ stageArn: '', redundantIngest: false });
  });

  test('to what it already is changes nothing', async () => {
    const { client, emulator, created } = await startWithOne();
    await update(client, created.arn!, { stageArn: '', redundantIngest: false });
    expect(emulator.calls.at(-1)).toMatchObject({ outcome: 'success', mutated: false });
  });

  test('of a live configuration is a conflict, also without a change', async () => {
    const { client, created, edit } = await startLive();
    expect(await errorOf(update(client, created.arn!, { stageArn: '' }))).toMatchObject({
      name: 'ConflictException', $metadata: { httpStatusCode: 409 }, exceptionMessage: expect.stringContaining('ACTIVE'),
    });
    edit(created.arn!, { state: 'INACTIVE' });
    await expect(update(client, created.arn!, { stageArn: '' })).resolves.toBeDefined();
  });
});

describe('DeleteIngestConfiguration', () => {
  test('is at once; again it is NotFound', async () => {
    const { client, created } = await startWithOne();
    await remove(client, created.arn!);
    expect(await errorName(get(client, created.arn!))).toBe('ResourceNotFoundException');
    expect(await errorName(remove(client, created.arn!))).toBe('ResourceNotFoundException');
  });

  test.each([undefined, false])('of a live configuration with force %s is a conflict', async force => {
    const { client, created } = await startLive();
    expect(await errorOf(remove(client, created.arn!, force))).toMatchObject({ name: 'ConflictException', $metadata: { httpStatusCode: 409 } });
    expect((await get(client, created.arn!)).state).toBe('ACTIVE');
  });

  test('of a live configuration succeeds with force', async () => {
    const { client, created } = await startLive();
    await remove(client, created.arn!, true);
    expect(await errorName(get(client, created.arn!))).toBe('ResourceNotFoundException');
  });

  test('the id is not given again', async () => {
    const { client, created } = await startWithOne();
    await remove(client, created.arn!);
    expect((await create(client)).arn).not.toBe(created.arn);
  });
});

describe('ListIngestConfigurations', () => {
  const list = async ({ client }: IvsHarness, more = {}) => client.send(new ListIngestConfigurationsCommand(more));
  const names = async (harness: IvsHarness, more = {}) => (await list(harness, more)).ingestConfigurations!.map(({ name }) => name).sort();

  test('answers summaries: no key, no tags, no attributes', async () => {
    const harness = await startIvs();
    const created = await create(harness.client, { name: 'cam', userId: 'u', attributes: { a: 'b' }, tags: { t: '1' }, redundantIngest: true });
    const { streamKey, tags, attributes, redundantIngestCredentials, ...summary } = created;
    expect((await list(harness)).ingestConfigurations).toEqual([summary]);
  });

  test('filters by stage', async () => {
    const harness = await startIvs();
    const stageArn = harness.stage();
    await create(harness.client, { name: 'on', stageArn });
    await create(harness.client, { name: 'off' });
    expect(await names(harness, { filterByStageArn: stageArn })).toEqual(['on']);
    expect(await names(harness, { filterByStageArn: missingStage })).toEqual([]);
  });

  test('filters by state', async () => {
    const harness = await startIvs();
    for (const name of ['live', 'idle']) await create(harness.client, { name });
    harness.edit('live', { state: 'ACTIVE' });
    expect(await names(harness, { filterByState: IngestConfigurationState.ACTIVE })).toEqual(['live']);
    expect(await names(harness, { filterByState: IngestConfigurationState.INACTIVE })).toEqual(['idle']);
  });

  test.each([
    ['both filters', { filterByStageArn: missingStage, filterByState: 'ACTIVE' }],
    ['an empty stage ARN', { filterByStageArn: '' }],
    ['an unknown state', { filterByState: 'LIVE' }],
    ['no results', { maxResults: 0 }],
    ['101 results', { maxResults: 101 }],
    ['a token of nothing', { nextToken: 'abc' }],
    ['a token with a blank', { nextToken: 'a b' }],
  ])('refuses %s', async (_, more) => {
    expect(await errorName(list(await startIvs(), more))).toBe('ValidationException');
  });

  test('comes in pages of 50, or of maxResults, in the end without a token', async () => {
    const harness = await startIvs();
    for (let i = 0; i < 51; i++) await create(harness.client, { name: `cam-${i}` });
    expect((await list(harness)).ingestConfigurations).toHaveLength(50);
    const sizes: number[] = [];
    const seen = new Set<string>();
    for await (const page of paginateListIngestConfigurations({ client: harness.client }, { maxResults: 20 })) {
      sizes.push(page.ingestConfigurations!.length);
      for (const { name } of page.ingestConfigurations!) seen.add(name!);
    }
    expect(sizes).toEqual([20, 20, 11]);
    expect(seen.size).toBe(51);
    expect((await list(harness, { maxResults: 51 })).nextToken).toBeUndefined();
  });

  test('shows the account and region of the caller only', async () => {
    const harness = await startIvs();
    await create(harness.client);
    expect((await harness.clientOf({ region: 'us-west-2' }).send(new ListIngestConfigurationsCommand({}))).ingestConfigurations).toEqual([]);
  });
});

describe('tags', () => {
  test('are merged, removed, and listed', async () => {
    const { client, created: { arn } } = await startWithOne({ tags: { a: '1', b: '2' } });
    await tag(client, arn!, { b: '3', c: '4' });
    expect(await tagsOf(client, arn!)).toEqual({ a: '1', b: '3', c: '4' });
    await untag(client, arn!, 'a', 'z', 'c');
    expect(await tagsOf(client, arn!)).toEqual({ b: '3' });
  });

  test('are an empty map where there are none', async () => {
    const { client, created: { arn } } = await startWithOne();
    expect(await tagsOf(client, arn!)).toEqual({});
  });

  test('can change while a publisher is live', async () => {
    const { client, created: { arn } } = await startLive();
    await tag(client, arn!, { a: '1' });
    expect(await tagsOf(client, arn!)).toEqual({ a: '1' });
  });

  test('belong to stages too', async () => {
    const { client, stage } = await startIvs();
    const arn = stage({ Tags: [{ Key: 'a', Value: '1' }] });
    await tag(client, arn, { b: '2' });
    await untag(client, arn, 'a');
    expect(await tagsOf(client, arn)).toEqual({ b: '2' });
  });

  test('that are already there change nothing', async () => {
    const { client, emulator, created: { arn } } = await startWithOne({ tags: { a: '1' } });
    await tag(client, arn!, { a: '1' });
    await untag(client, arn!, 'z');
    expect(emulator.calls.slice(1)).toMatchObject([{ outcome: 'success', mutated: false }, { outcome: 'success', mutated: false }]);
  });

  test('are 50 at most, and one in the place of another is none too many', async () => {
    const { client, created: { arn } } = await startWithOne({ tags: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, ''])) });
    expect(await errorName(tag(client, arn!, { more: '' }))).toBe('ValidationException');
    await expect(tag(client, arn!, { k0: 'new' })).resolves.toBeDefined();
  });

  test.each([
    ['a reserved key', async ({ client }: IvsHarness, arn: string) => tag(client, arn, { 'AWS:x': '1' })],
    ['no tag keys', async ({ client }: IvsHarness, arn: string) => untag(client, arn)],
    ['what is no ARN', async ({ client }: IvsHarness) => tagsOf(client, 'cam')],
    ['an ARN of another service', async ({ client }: IvsHarness) => tagsOf(client, missing.replace('ivs', 'ivschat'))],
  ])('refuse %s', async (_, call) => {
    const harness = await startWithOne();
    expect(await errorName(call(harness, harness.created.arn!))).toBe('ValidationException');
  });
});

describe('errors', () => {
  const operations: [string, (harness: IvsHarness, arn: string) => Promise<unknown>][] = [
    ['GetIngestConfiguration', async ({ client }, arn) => get(client, arn)],
    ['UpdateIngestConfiguration', async ({ client }, arn) => update(client, arn, { stageArn: '' })],
    ['DeleteIngestConfiguration', async ({ client }, arn) => remove(client, arn)],
    ['TagResource', async ({ client }, arn) => tag(client, arn, { a: '1' })],
    ['UntagResource', async ({ client }, arn) => untag(client, arn, 'a')],
    ['ListTagsForResource', async ({ client }, arn) => tagsOf(client, arn)],
  ];

  test.each(operations)('%s answers NotFound for what does not exist', async (_, call) => {
    expect(await errorOf(call(await startIvs(), missing))).toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  });

  test.each(operations)('%s answers NotFound in another region', async (_, call) => {
    const harness = await startWithOne();
    const elsewhere = { ...harness, client: harness.clientOf({ region: 'us-east-1' }) };
    expect(await errorName(call(elsewhere, harness.created.arn!))).toBe('ResourceNotFoundException');
  });

  test.each(operations)('%s is denied on an ARN of another account', async (_, call) => {
    expect(await errorOf(call(await startIvs(), missing.replace(account, '222222222222'))))
      .toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
  });

  test.each([operations[0], operations[1], operations[2]])('%s refuses what is no ARN of an ingest configuration', async (_, call) => {
    expect(await errorName(call(await startIvs(), missingStage))).toBe('ValidationException');
  });

  test('carry their text in exceptionMessage: the SDK has no message', async () => {
    const { client } = await startIvs();
    expect(await errorOf(get(client, missing))).toMatchObject({ message: 'UnknownError', exceptionMessage: expect.stringContaining(missing) });
  });

  test.each([
    ['create', true, async ({ client }: IvsHarness) => create(client)],
    ['update', true, async ({ client }: IvsHarness) => update(client, missing)],
    ['delete', true, async ({ client }: IvsHarness) => remove(client, missing)],
    ['list', false, async ({ client }: IvsHarness) => client.send(new ListIngestConfigurationsCommand({}))],
  ])('an account in verification: %s is refused: %s', async (_, refused, call) => {
    const outcome = await call(await startIvs({ pendingVerification: true })).then(() => undefined, error => error);
    if (refused) expect(outcome).toMatchObject({ name: 'PendingVerification', $metadata: { httpStatusCode: 403 } });
    else expect(outcome).toBeUndefined();
  });

  test('where the service does not exist its host name does not resolve', async () => {
    const { clientOf, emulator } = await startIvs();
    expect((await errorOf(create(clientOf({ region: 'eu-west-2' })))).message).toContain('socket hang up');
    expect(emulator.calls).toMatchObject([{ mutated: false }]);
  });
});

describe('GetStage', () => {
  test('answers a stage with its endpoints, whose hosts are not in the ARN', async () => {
    const { client, stage } = await startIvs();
    const arn = stage({ Name: 'studio', Tags: [{ Key: 'a', Value: '1' }] });
    const found = await getStage(client, arn);
    expect(found).toEqual({ arn, name: 'studio', tags: { a: '1' }, endpoints: expect.any(Object) });
    const { events, whip, rtmp, rtmps } = found.endpoints!;
    expect(events).toBe('wss://global.events.live-video.net');
    expect(whip).toMatch(/^https:\/\/[a-z0-9]{12}\.global-bm\.whip\.live-video\.net$/);
    expect(rtmps).toMatch(/^rtmps:\/\/[a-z0-9]{12}\.global-contribute\.live-video\.net:443\/app\/$/);
    expect(rtmp).toBe(rtmps!.replace('rtmps:', 'rtmp:').replace(':443', ''));
    for (const url of [whip, rtmps]) expect(arn.toLowerCase()).not.toContain(/[a-z0-9]{12}/.exec(url!)![0]);
  });

  test('answers the same endpoints each time, and others for another stage', async () => {
    const { client, stage } = await startIvs();
    const [one, other] = [stage(), stage()];
    expect(await getStage(client, one)).toEqual(await getStage(client, one));
    expect((await getStage(client, other)).endpoints!.rtmps).not.toBe((await getStage(client, one)).endpoints!.rtmps);
  });

  test('can be set to answer the same endpoints for all stages of an account and region', async () => {
    const { client, clientOf, stage, emulator } = await startIvs({ stageEndpoints: 'shared' });
    const there = emulator.applyResource({ action: 'create', type: 'AWS::IVS::Stage', region: 'us-east-1', properties: {} }).physicalId;
    const [one, other] = [await getStage(client, stage()), await getStage(client, stage())];
    expect(other.endpoints).toEqual(one.endpoints);
    expect((await getStage(clientOf({ region: 'us-east-1' }), there)).endpoints!.rtmps).not.toBe(one.endpoints!.rtmps);
  });

  test('shows an endpoint that an edit has changed, and keeps the others', async () => {
    const { client, stage, edit } = await startIvs();
    const arn = stage();
    const { endpoints } = await getStage(client, arn);
    edit(arn, { endpoints: { rtmps: 'rtmps://new' } });
    expect((await getStage(client, arn)).endpoints).toEqual({ ...endpoints, rtmps: 'rtmps://new' });
  });

  test.each<[string, string, number]>([
    [missingStage, 'ResourceNotFoundException', 404],
    [missingStage.replace(account, '333333333333'), 'AccessDeniedException', 403],
    [missing, 'ValidationException', 400],
  ])('of %s answers %s', async (arn, name, httpStatusCode) => {
    const { client } = await startIvs();
    expect(await errorOf(getStage(client, arn))).toMatchObject({ name, $metadata: { httpStatusCode } });
  });

  test('of a stage of another region answers that there is none', async () => {
    const { clientOf, stage } = await startIvs();
    expect(await errorName(getStage(clientOf({ region: 'us-east-1' }), stage()))).toBe('ResourceNotFoundException');
  });
});

describe('a deleted stage', () => {
  async function startWithStage(options: IvsRealtimeOptions = {}) {
    const harness = await startIvs(options);
    const stageArn = harness.stage();
    const live = (await create(harness.client, { stageArn, redundantIngest: true })).arn!;
    const idle = (await create(harness.client, { stageArn })).arn!;
    const other = await create(harness.client, { stageArn: harness.stage() });
    harness.edit(live, { state: 'ACTIVE' });
    return { ...harness, stageArn, live, idle, other };
  }

  test('is removed from the configurations that use it, and who publishes is disconnected', async () => {
    const { client, deleteStage, stageArn, live, idle, other } = await startWithStage();
    deleteStage(stageArn);
    expect(await get(client, live)).toMatchObject({ stageArn: '', state: 'INACTIVE', redundantIngest: true });
    expect(await get(client, idle)).toMatchObject({ stageArn: '' });
    expect(await get(client, other.arn!)).toEqual(other);
  });

  test('can be set to be removed only from configurations with a live publisher', async () => {
    const { client, deleteStage, stageArn, live, idle } = await startWithStage({ deletedStage: 'publishing' });
    deleteStage(stageArn);
    expect((await get(client, live)).stageArn).toBe('');
    expect((await get(client, idle)).stageArn).toBe(stageArn);
    await expect(update(client, idle, { redundantIngest: true })).resolves.toMatchObject({ stageArn });
    expect(await errorName(update(client, idle, { stageArn }))).toBe('ResourceNotFoundException');
  });

  test('can be deleted by an edit as well', async () => {
    const { client, edit, stageArn, idle } = await startWithStage();
    edit(stageArn, { delete: true });
    expect((await get(client, idle)).stageArn).toBe('');
  });
});

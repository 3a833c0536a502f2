import { describeConnector, everyOperation, get, list, nobodysId, put, region, startVoice, streaming, tags, VoiceHarness } from './chime-voice-harness';
import { account, errorName, errorOf } from './harness';
import { ChimeSdkVoiceEdit } from '../../../local/emulator';

const type = 'AWS::Chime::VoiceConnector';

describe('GetVoiceConnector', () => {
  test('describes one', async () => {
    const { client, connector, clock } = await startVoice();
    const { id, arn } = connector();
    const created = new Date(clock.now());
    expect(await describeConnector(client, id)).toEqual({
      VoiceConnectorId: id,
      AwsRegion: region,
      Name: 'trunk',
      OutboundHostName: `${id}.voiceconnector.chime.aws`,
      RequireEncryption: true,
      CreatedTimestamp: created,
      UpdatedTimestamp: created,
      VoiceConnectorArn: arn,
      NetworkType: 'IPV4_ONLY',
    });
  });

  test("another account's is not found", async () => {
    const { clientOf, connector } = await startVoice({ account: key => key === 'AKIAOTHER' ? '222222222222' : account });
    const other = clientOf({ credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' } });
    expect(await errorName(describeConnector(other, connector().id))).toBe('NotFoundException');
  });
});

describe('ListVoiceConnectors', () => {
  test('lists those of the region, in pages', async () => {
    const { client, connector } = await startVoice();
    const ids = [connector().id, connector().id, connector().id].sort();
    connector({}, 'eu-west-1');
    const first = await list(client, { MaxResults: 2 });
    const second = await list(client, { MaxResults: 2, NextToken: first.NextToken });
    expect([...first.VoiceConnectors!, ...second.VoiceConnectors!].map(({ VoiceConnectorId }) => VoiceConnectorId)).toEqual(ids);
    expect(second.NextToken).toBeUndefined();
  });

  test('has 100 in a page at most', async () => {
    const { client, connector } = await startVoice({ voice: { quotas: { voiceConnectors: 200 } } });
    for (let i = 0; i < 101; i++) connector();
    expect((await list(client)).VoiceConnectors).toHaveLength(100);
  });

  test('is empty where there are none', async () => {
    expect((await list((await startVoice()).client)).VoiceConnectors).toEqual([]);
  });

  test.each([['a page of 0', { MaxResults: 0 }], ['a page of 101', { MaxResults: 101 }], ['a token that is none', { NextToken: 'x' }]])(
    'refuses %s', async (_, input) => {
      expect(await errorName(list((await startVoice()).client, input))).toBe('BadRequestException');
    });
});

describe('a connector that was just created', () => {
  test.each(everyOperation.filter(([name]) => name !== 'ListVoiceConnectors'))('is not found by %s for a second', async (name, call) => {
    const { client, connector, clock } = await startVoice({ voice: { propagation: undefined } });
    const { id, arn } = connector();
    await clock.advance(999);
    expect(await errorName(call(client, { id, arn }))).toBe('NotFoundException');
    await clock.advance(1);
    if (/^(Get|Delete).*Streaming/.test(name)) await put(client, id);
    await expect(call(client, { id, arn })).resolves.toBeDefined();
  });

  test('is not listed before', async () => {
    const { client, connector, clock } = await startVoice({ voice: { propagation: 5000 } });
    connector();
    expect((await list(client)).VoiceConnectors).toEqual([]);
    await clock.advance(5000);
    expect((await list(client)).VoiceConnectors).toHaveLength(1);
  });

  test('is not found for longer where reads lag', async () => {
    const { client, connector, clock, emulator } = await startVoice({ voice: { propagation: 1000 } });
    const { id } = connector();
    emulator.addFault({ kind: 'laggingReads', milliseconds: 500 });
    await clock.advance(1400);
    expect(await errorName(describeConnector(client, id))).toBe('NotFoundException');
    await clock.advance(100);
    await expect(describeConnector(client, id)).resolves.toBeDefined();
  });
});

describe('AWS::Chime::VoiceConnector over the control API', () => {
  async function apply({ server }: VoiceHarness, action: string, more: Record<string, unknown>): Promise<{ status: number; body: any }> {
    const response = await fetch(`${server.url}/_cloud/resources`, { method: 'POST', body: JSON.stringify({ action, type, region, ...more }) });
    return { status: response.status, body: await response.json() };
  }
  const properties = { Name: 'trunk', RequireEncryption: 'true', Tags: [{ Key: 'a', Value: '1' }] };

  test('is created: Ref is its ARN, as in the L1', async () => {
    const harness = await startVoice();
    const { status, body } = await apply(harness, 'create', { properties });
    const now = new Date(harness.clock.now()).toISOString();
    const id = body.attributes.VoiceConnectorId;
    expect(id).toMatch(/^[a-z0-9]{22}$/);
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        physicalId: `arn:aws:chime:${region}:${account}:vc/${id}`,
        attributes: {
          VoiceConnectorId: id,
          VoiceConnectorArn: `arn:aws:chime:${region}:${account}:vc/${id}`,
          OutboundHostName: `${id}.voiceconnector.chime.aws`,
          CreatedTimestamp: now,
          UpdatedTimestamp: now,
        },
      },
    });
    expect(await describeConnector(harness.client, id)).toMatchObject({ Name: 'trunk', RequireEncryption: true });
    expect(await tags(harness.client, body.physicalId)).toEqual({ a: '1' });
  });

  test('is renamed in place and keeps its streaming configuration', async () => {
    const harness = await startVoice();
    const { id, arn } = harness.connector();
    await put(harness.client, id);
    await harness.clock.advance(1000);
    const { body } = await apply(harness, 'update', { physicalId: arn, properties: { Name: 'other', RequireEncryption: false } });
    expect(body).toMatchObject({ physicalId: arn, attributes: { UpdatedTimestamp: new Date(harness.clock.now()).toISOString() } });
    expect(await describeConnector(harness.client, id)).toMatchObject({ Name: 'other', RequireEncryption: false });
    expect(await get(harness.client, id)).toEqual(streaming);
  });

  test.each([['AwsRegion', 'us-west-2'], ['NetworkType', 'DUAL_STACK']])('is replaced when %s changes', async (name, value) => {
    const harness = await startVoice();
    const { arn } = harness.connector();
    const { body } = await apply(harness, 'update', { physicalId: arn, properties: { ...properties, [name]: value } });
    expect(body.physicalId).not.toBe(arn);
    expect(await describeConnector(harness.client, body.attributes.VoiceConnectorId)).toMatchObject({ [name]: value });
    expect((await list(harness.client)).VoiceConnectors).toHaveLength(2);
  });

  test('is deleted with its streaming configuration, and again', async () => {
    const harness = await startVoice();
    const { id, arn } = harness.connector();
    await put(harness.client, id);
    expect((await apply(harness, 'delete', { physicalId: arn })).status).toBe(200);
    expect(await errorName(get(harness.client, id))).toBe('NotFoundException');
    expect((await apply(harness, 'delete', { physicalId: arn })).status).toBe(200);
  });

  test('cannot be updated when it is gone', async () => {
    const harness = await startVoice();
    expect(await apply(harness, 'update', { physicalId: `arn:aws:chime:${region}:${account}:vc/${nobodysId}`, properties })).toMatchObject({ status: 404 });
  });

  test('there are three in a region at most', async () => {
    const harness = await startVoice();
    for (let i = 0; i < 3; i++) harness.connector();
    expect(await apply(harness, 'create', { properties })).toMatchObject({ status: 400, body: { error: 'ResourceLimitExceededException' } });
    expect(await apply(harness, 'create', { properties, region: 'eu-west-1' })).toMatchObject({ status: 200 });
  });

  test('the limit can be raised', async () => {
    const { connector } = await startVoice({ voice: { quotas: { voiceConnectors: 4 } } });
    expect(new Set([connector().id, connector().id, connector().id, connector().id]).size).toBe(4);
  });

  test.each([
    ['no name', { Name: undefined }], ['a wrong name', { Name: 'a/b' }], ['no encryption', { RequireEncryption: undefined }],
    ['a wrong encryption', { RequireEncryption: 'yes' }], ['a wrong region', { AwsRegion: 'eu-west-3' }], ['a wrong network', { NetworkType: 'IPV6' }],
    ['a wrong tag', { Tags: [{ Key: '', Value: 'x' }] }], ['a reserved tag', { Tags: [{ Key: 'aws:x', Value: 'x' }] }], ['an unknown property', { Colour: 'red' }],
  ])('refuses %s', async (_, wrong) => {
    const harness = await startVoice();
    expect(await apply(harness, 'create', { properties: { ...properties, ...wrong } })).toMatchObject({ status: 400, body: { error: 'BadRequestException' } });
    expect(await apply(harness, 'update', { physicalId: harness.connector().arn, properties: { ...properties, ...wrong } })).toMatchObject({ status: 400 });
  });

  test('does not exist in every region', async () => {
    expect(await apply(await startVoice(), 'create', { properties, region: 'us-east-2' })).toMatchObject({ status: 400 });
  });

  test('shows in the state', async () => {
    const harness = await startVoice();
    const { id, arn } = harness.connector();
    await put(harness.client, id);
    expect(harness.emulator.state()).toMatchObject({
      'chime-sdk-voice': [{ account, region, serviceLinkedRole: true, voiceConnectors: [{ id, arn, name: 'trunk', streaming }] }],
      'chime': [],
    });
  });

  test('is gone after a reset', async () => {
    const harness = await startVoice();
    const { id } = harness.connector();
    harness.emulator.reset();
    expect(await errorName(describeConnector(harness.client, id))).toBe('NotFoundException');
  });
});

describe('an out-of-band change', () => {
  const insights = { MediaInsightsConfiguration: { Disabled: true } };

  async function startWithStreaming() {
    const harness = await startVoice();
    const { id, arn } = harness.connector({ Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }] });
    await put(harness.client, id);
    const edit = (changes: Omit<ChimeSdkVoiceEdit, 'resource'>, resource = arn) => harness.emulator.edit({ service: 'chime-sdk-voice', resource, ...changes });
    return { ...harness, id, arn, edit };
  }

  test('deletes the connector', async () => {
    const { client, id, edit } = await startWithStreaming();
    edit({ delete: true });
    expect(await errorName(describeConnector(client, id))).toBe('NotFoundException');
  });

  test('removes the streaming configuration', async () => {
    const { client, id, edit } = await startWithStreaming();
    edit({ streamingConfiguration: null });
    expect(await errorName(get(client, id))).toBe('NotFoundException');
  });

  test('replaces the streaming configuration', async () => {
    const { client, id, edit } = await startWithStreaming();
    edit({ streamingConfiguration: { DataRetentionInHours: 1, Disabled: true, ...insights } });
    expect(await get(client, id)).toEqual({ DataRetentionInHours: 1, Disabled: true, ...insights });
  });

  test.each([
    ['sets and removes tags', { tags: { a: null, c: '3' } }, { b: '2', c: '3' }], ['replaces all tags', { replaceTags: { z: '26' } }, { z: '26' }],
  ])('%s, and leaves the configuration', async (_, changes, expected) => {
    const { client, id, arn, edit } = await startWithStreaming();
    edit(changes);
    expect(await tags(client, arn)).toEqual(expected);
    expect(await get(client, id)).toEqual(streaming);
  });

  test('renames, after which the connector counts as updated', async () => {
    const { client, id, edit, clock } = await startWithStreaming();
    await clock.advance(1000);
    edit({ name: 'other', requireEncryption: false });
    expect(await describeConnector(client, id)).toMatchObject({ Name: 'other', RequireEncryption: false, UpdatedTimestamp: new Date(clock.now()) });
  });

  test('finds by id or name too, also what is not visible yet', async () => {
    const { emulator, connector, client, clock } = await startVoice({ voice: { propagation: 1000 } });
    const { id } = connector();
    emulator.edit({ service: 'chime-sdk-voice', resource: id, name: 'door' });
    emulator.edit({ service: 'chime-sdk-voice', resource: 'door', streamingConfiguration: streaming });
    await clock.advance(1000);
    expect(await get(client, id)).toEqual(streaming);
  });

  test.each([
    ['an unknown change', { colour: 'red' }, undefined, 400], ['an unknown connector', {}, 'gate', 404],
    ['a configuration that cannot be', { streamingConfiguration: { Disabled: true } }, undefined, 400],
  ])('refuses %s', async (_, changes, resource, status) => {
    const { edit } = await startWithStreaming();
    expect(await errorOf((async () => edit(changes as never, resource))())).toMatchObject({ name: 'InvalidEdit', status });
  });

  test('refuses a name that two have', async () => {
    const { edit, connector } = await startWithStreaming();
    connector();
    expect(() => edit({ delete: true }, 'trunk')).toThrow('2 living voice connectors');
  });

  test('is not made through the legacy namespace', async () => {
    const { emulator, arn } = await startWithStreaming();
    expect(() => emulator.edit({ service: 'chime', resource: arn, delete: true })).toThrow('chime-sdk-voice');
  });
});

import { NotificationTarget, StreamingConfiguration } from '@aws-sdk/client-chime-sdk-voice';
import { everyOperation, get, legacyOperations, nobodysId, put, remove, startVoice, streaming, VoiceOptions } from './chime-voice-harness';
import { errorName, errorOf } from './harness';

const insightsArn = 'arn:aws:chime:us-east-1:000000000000:media-insights-pipeline-configuration/calls';
const full: StreamingConfiguration = {
  DataRetentionInHours: 24,
  Disabled: false,
  StreamingNotificationTargets: [{ NotificationTarget: 'EventBridge' }, { NotificationTarget: 'SNS' }, { NotificationTarget: 'SQS' }],
  MediaInsightsConfiguration: { Disabled: false, ConfigurationArn: insightsArn },
};
const to = (...targets: NotificationTarget[]): StreamingConfiguration =>
  ({ ...streaming, StreamingNotificationTargets: targets.map(target => ({ NotificationTarget: target })) });

async function startWithConnector(options: VoiceOptions = {}) {
  const harness = await startVoice(options);
  const { id, arn } = harness.connector();
  return { ...harness, id, arn };
}

describe('Put', () => {
  test('creates, and answers what it was given', async () => {
    const { client, id } = await startWithConnector();
    expect(await put(client, id, full)).toEqual(full);
    expect(await get(client, id)).toEqual(full);
  });

  test('updates', async () => {
    const { client, id } = await startWithConnector();
    await put(client, id);
    await put(client, id, { DataRetentionInHours: 0, Disabled: true });
    expect(await get(client, id)).toEqual({ DataRetentionInHours: 0, Disabled: true });
  });

  test('replaces the whole configuration', async () => {
    const { client, id } = await startWithConnector();
    await put(client, id, full);
    expect(await put(client, id)).toEqual(streaming);
    expect(await get(client, id)).toEqual(streaming);
  });

  test('can be set to keep what is omitted', async () => {
    const { client, id } = await startWithConnector({ voice: { omittedMembers: 'keep' } });
    await put(client, id, full);
    expect(await put(client, id, { DataRetentionInHours: 1, Disabled: true })).toEqual({ ...full, DataRetentionInHours: 1, Disabled: true });
  });

  test('can be set to fill in members that are not named', async () => {
    const { client, id } = await startWithConnector({ voice: { memberDefaults: { StreamingNotificationTargets: [{ NotificationTarget: 'EventBridge' }] } } });
    expect(await put(client, id)).toEqual({ ...streaming, ...to('EventBridge') });
    expect(await put(client, id, to('SNS'))).toEqual(to('SNS'));
    expect(await get(client, id)).toEqual(to('SNS'));
  });

  test('can be set to show a disabled configuration for none', async () => {
    const { client, id } = await startWithConnector({ voice: { unconfigured: 'disabled' } });
    expect(await get(client, id)).toEqual({ DataRetentionInHours: 0, Disabled: true });
    expect(await put(client, id)).toEqual(streaming);
    expect(await get(client, id)).toEqual(streaming);
  });

  test('can be set to drop a member, which only a read shows', async () => {
    const { client, id } = await startWithConnector({ voice: { putDrops: ['MediaInsightsConfiguration'] } });
    expect(await put(client, id, full)).toEqual(full);
    expect(await get(client, id)).toEqual({ ...full, MediaInsightsConfiguration: undefined });
  });

  test('of what is already there changes nothing', async () => {
    const { client, id, emulator } = await startWithConnector();
    await put(client, id, full);
    await put(client, id, { ...full });
    expect(emulator.calls.map(({ mutated }) => mutated)).toEqual([true, false]);
  });

  test('takes null for an absent member', async () => {
    const { client, id, emulator } = await startWithConnector();
    await put(client, id, { ...streaming, StreamingNotificationTargets: null as never });
    expect(await get(client, id)).toEqual(streaming);
    expect(emulator.calls[0].outcome).toBe('success');
  });

  test.each<[string, unknown]>([
    ['no configuration', undefined],
    ['no retention', { Disabled: false }],
    ['no Disabled', { DataRetentionInHours: 24 }],
    ['a negative retention', { ...streaming, DataRetentionInHours: -1 }],
    ['half an hour', { ...streaming, DataRetentionInHours: 0.5 }],
    ['retention as a string', { ...streaming, DataRetentionInHours: '24' }],
    ['Disabled as a string', { ...streaming, Disabled: 'false' }],
    ['an empty list of targets', { ...streaming, StreamingNotificationTargets: [] }],
    ['a target that is not known', { ...streaming, StreamingNotificationTargets: [{ NotificationTarget: 'Lambda' }] }],
    ['a target that is not a structure', { ...streaming, StreamingNotificationTargets: ['SNS'] }],
    ['four targets', { ...streaming, StreamingNotificationTargets: [...full.StreamingNotificationTargets!, { NotificationTarget: 'SNS' }] }],
    ['a target twice', to('SNS', 'SNS')],
    ['insights that are not a structure', { ...streaming, MediaInsightsConfiguration: insightsArn }],
    ['insights with a wrong ARN', { ...streaming, MediaInsightsConfiguration: { ConfigurationArn: 'calls' } }],
    ['insights with the ARN of something else', { ...streaming, MediaInsightsConfiguration: { ConfigurationArn: 'arn:aws:chime:us-east-1:000000000000:vc/a' } }],
  ])('refuses %s', async (_, configuration) => {
    const { client, id } = await startWithConnector();
    expect(await errorOf(put(client, id, configuration as StreamingConfiguration ?? null as never))).toMatchObject({
      name: 'BadRequestException', $metadata: { httpStatusCode: 400 },
    });
    expect(await errorName(get(client, id))).toBe('NotFoundException');
  });

  // The SDK itself sends only what it knows.
  const withColour = { StreamingConfiguration: { ...streaming, Colour: 'red' } };
  const sent = async ({ emulator, id }: Awaited<ReturnType<typeof startWithConnector>>) => emulator.handle({
    method: 'PUT',
    path: `/chime-sdk-voice/voice-connectors/${id}/streaming-configuration`,
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/chime/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}` },
    body: JSON.stringify(withColour),
  });

  test('refuses a member that it does not know, or can be set to ignore it', async () => {
    expect((await sent(await startWithConnector())).status).toBe(400);
    const lenient = await startWithConnector({ voice: { unknownMembers: 'ignore' } });
    expect((await sent(lenient)).status).toBe(200);
    expect(await get(lenient.client, lenient.id)).toEqual(streaming);
  });

  test('takes any retention: the model has no maximum', async () => {
    const { client, id } = await startWithConnector();
    expect((await put(client, id, { ...streaming, DataRetentionInHours: 1_000_000 }))?.DataRetentionInHours).toBe(1_000_000);
  });

  test('takes a target without a kind: the model asks for none', async () => {
    const { client, id } = await startWithConnector();
    const configuration = { ...streaming, StreamingNotificationTargets: [{} as never] };
    expect(await put(client, id, configuration)).toEqual(configuration);
  });

  test.each([['keep', to('SNS', 'SNS')], ['merge', to('SNS')]] as const)('can be set to %s a target that is given twice', async (duplicateTargets, expected) => {
    const { client, id } = await startWithConnector({ voice: { duplicateTargets } });
    expect(await put(client, id, to('SNS', 'SNS'))).toEqual(expected);
  });
});

describe('Get', () => {
  test('answers NotFound while there is no configuration', async () => {
    const { client, id } = await startWithConnector();
    expect(await errorOf(get(client, id))).toMatchObject({ name: 'NotFoundException', $metadata: { httpStatusCode: 404 } });
  });

  test('may lag behind a Put', async () => {
    const { client, id, clock, emulator } = await startWithConnector();
    await clock.advance(1000);
    await put(client, id);
    emulator.addFault({ kind: 'laggingReads', milliseconds: 500 });
    expect(await errorName(get(client, id))).toBe('NotFoundException');
    await clock.advance(500);
    expect(await get(client, id)).toEqual(streaming);
  });

  test('may lag behind a Delete', async () => {
    const { client, id, clock, emulator } = await startWithConnector();
    await put(client, id);
    await clock.advance(1000);
    await remove(client, id);
    emulator.addFault({ kind: 'laggingReads', milliseconds: 500 });
    expect(await get(client, id)).toEqual(streaming);
  });
});

describe('Delete', () => {
  test('removes the configuration and leaves the connector', async () => {
    const { client, id } = await startWithConnector();
    await put(client, id);
    expect((await remove(client, id)).$metadata.httpStatusCode).toBe(204);
    expect(await errorName(get(client, id))).toBe('NotFoundException');
    await expect(put(client, id)).resolves.toEqual(streaming);
  });

  test('answers NotFound when there is none', async () => {
    const { client, id } = await startWithConnector();
    expect(await errorOf(remove(client, id))).toMatchObject({ name: 'NotFoundException', $metadata: { httpStatusCode: 404 } });
  });
});

describe('errors', () => {
  const ofConnector = everyOperation.filter(([name]) => name !== 'ListVoiceConnectors');

  test.each(ofConnector)('%s answers NotFound for a connector that does not exist', async (_, call) => {
    const { client } = await startVoice();
    expect(await errorOf(call(client, { id: nobodysId, arn: `arn:aws:chime:us-east-1:000000000000:vc/${nobodysId}` }))).toMatchObject({
      name: 'NotFoundException', $metadata: { httpStatusCode: 404 },
    });
  });

  test.each(legacyOperations.map(([name]) => everyOperation.find(([other]) => other === name)!))('%s refuses an id of the wrong form', async (_, call) => {
    const { client } = await startVoice();
    expect(await errorName(call(client, { id: 'Trunk', arn: '' }))).toBe('BadRequestException');
  });

  test.each(['a'.repeat(21), 'a'.repeat(22), '01234567-89ab-cdef-0123-456789abcdef'])('%s has the form of an id', async id => {
    const { client } = await startVoice();
    expect(await errorName(get(client, id))).toBe('NotFoundException');
  });

  const modelled: [string, number][] = [
    ['UnauthorizedClientException', 401], ['ForbiddenException', 403], ['NotFoundException', 404], ['BadRequestException', 400],
    ['ThrottledClientException', 429], ['ServiceUnavailableException', 503], ['ServiceFailureException', 500],
  ];
  test.each(everyOperation.flatMap(([name, call]) => modelled.map(([error, status]) => [name, error, status, call] as const)))(
    '%s can be made to answer %s with %d', async (name, error, status, call) => {
      const { client, id, arn, emulator } = await startWithConnector();
      emulator.addFault({ kind: 'error', service: 'chime-sdk-voice', operation: name, error });
      expect(await errorOf(call(client, { id, arn }))).toMatchObject({ name: error, $metadata: { httpStatusCode: status } });
    });

  test.each([
    ['throttle', {}, 'ThrottledClientException'], ['serverError', {}, 'ServiceFailureException'], ['serverError', { status: 503 }, 'ServiceUnavailableException'],
  ] as const)('the fault %s %j is %s', async (kind, more, expected) => {
    const { client, id, emulator } = await startWithConnector();
    emulator.addFault({ kind, ...more } as never);
    expect(await errorName(put(client, id))).toBe(expected);
  });

  test('the SDK retries throttling, 500 and 503, and nothing else', async () => {
    const { clientOf, id, emulator } = await startWithConnector();
    const client = clientOf({ maxAttempts: 3 });
    await put(client, id);
    for (const [error] of modelled) {
      const before = emulator.calls.length;
      const fault = emulator.addFault({ kind: 'error', error });
      await errorOf(get(client, id));
      emulator.removeFaults(fault);
      const retried = ['ThrottledClientException', 'ServiceUnavailableException', 'ServiceFailureException'].includes(error);
      expect([error, emulator.calls.length - before]).toEqual([error, retried ? 3 : 1]);
    }
  });

  test('a Put whose answer is lost has been carried out', async () => {
    const { client, id, emulator } = await startWithConnector();
    emulator.addFault({ kind: 'lostResponse', operation: 'PutVoiceConnectorStreamingConfiguration', times: 1 });
    await errorOf(put(client, id));
    expect(await get(client, id)).toEqual(streaming);
  });
});

describe('rates', () => {
  test('none are documented', async () => {
    const { client, id } = await startWithConnector({ rates: 'documented' });
    await put(client, id);
    for (let i = 0; i < 60; i++) await get(client, id);
  });

  test('can be set', async () => {
    const { client, id, clock } = await startWithConnector({
      rates: 'documented', voice: { rates: { PutVoiceConnectorStreamingConfiguration: { perResource: 1 } } },
    });
    await put(client, id);
    expect(await errorOf(put(client, id))).toMatchObject({ name: 'ThrottledClientException', $metadata: { httpStatusCode: 429 } });
    await clock.advance(1000);
    await expect(put(client, id)).resolves.toBeDefined();
  });
});

describe('regions', () => {
  test.each([
    'ap-northeast-1', 'ap-northeast-2', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1', 'eu-west-1', 'eu-west-2', 'us-east-1', 'us-west-2',
  ])('%s has an endpoint', async region => {
    const { clientOf, connector } = await startVoice();
    const { id } = connector({}, region);
    expect(await put(clientOf({ region }), id)).toEqual(streaming);
  });

  test.each(['us-east-2', 'eu-west-3', 'af-south-1'])('%s has none: the connection fails', async region => {
    const { clientOf } = await startVoice();
    expect((await errorOf(get(clientOf({ region }), nobodysId))).$metadata?.httpStatusCode).toBeUndefined();
  });

  test("another region's connector is not found", async () => {
    const { client, connector } = await startVoice();
    const { id } = connector({}, 'eu-west-1');
    expect(await errorName(put(client, id))).toBe('NotFoundException');
  });
});

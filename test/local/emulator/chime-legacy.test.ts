import { everyOperation, get, legacyOperations, nobodysId, put, remove, startVoice, streaming, VoiceOptions } from './chime-voice-harness';
import { account, errorName } from './harness';
import { asServiceModel } from '../../../local/emulator/model';
import modelJson from '../../../local/emulator/models/chime.json';

async function startWithConnector(options: VoiceOptions = {}) {
  const harness = await startVoice(options);
  const { id, arn } = harness.connector();
  const path = `/voice-connectors/${id}/streaming-configuration`;
  const putLegacy = async (configuration: unknown) => harness.legacy('PUT', path, { StreamingConfiguration: configuration });
  return { ...harness, id, arn, path, putLegacy };
}

const insights = { MediaInsightsConfiguration: { ConfigurationArn: `arn:aws:chime:us-east-1:${account}:media-insights-pipeline-configuration/calls` } };

describe('both namespaces have the same connectors', () => {
  test('what the new one puts, the legacy one gets', async () => {
    const { client, id, legacy, path } = await startWithConnector();
    await put(client, id);
    expect(await legacy('GET', path)).toMatchObject({ status: 200, body: { StreamingConfiguration: streaming } });
  });

  test('what the legacy one puts, the new one gets', async () => {
    const { client, id, putLegacy } = await startWithConnector();
    const configuration = { ...streaming, StreamingNotificationTargets: [{ NotificationTarget: 'SQS' }] };
    expect(await putLegacy(configuration)).toEqual({ status: 200, body: { StreamingConfiguration: configuration } });
    expect(await get(client, id)).toEqual(configuration);
  });

  test('what one deletes is gone in the other', async () => {
    const { client, id, legacy, path, putLegacy } = await startWithConnector();
    await putLegacy(streaming);
    await remove(client, id);
    expect(await legacy('GET', path)).toMatchObject({ status: 404, error: 'NotFoundException' });
    await put(client, id);
    expect(await legacy('DELETE', path)).toEqual({ status: 204, error: undefined, body: '' });
    expect(await errorName(get(client, id))).toBe('NotFoundException');
  });

  test('in the log a change counts for the namespace that made it', async () => {
    const { client, id, putLegacy, emulator } = await startWithConnector();
    await putLegacy(streaming);
    await put(client, id);
    expect(emulator.calls).toMatchObject([{ service: 'chime', mutated: true }, { service: 'chime-sdk-voice', mutated: false }]);
  });

  test('the delay of a new connector is the same', async () => {
    const { legacy, id, clock } = await startWithConnector({ voice: { propagation: 1000 } });
    expect((await legacy('GET', `/voice-connectors/${id}`)).status).toBe(404);
    await clock.advance(1000);
    expect((await legacy('GET', `/voice-connectors/${id}`)).status).toBe(200);
  });
});

describe('what is different', () => {
  test('Disabled is optional, and false when absent', async () => {
    const { client, id, putLegacy } = await startWithConnector();
    expect((await putLegacy({ DataRetentionInHours: 1 })).status).toBe(200);
    expect(await get(client, id)).toEqual({ DataRetentionInHours: 1, Disabled: false });
  });

  test('an absent Disabled can be set to keep what it was', async () => {
    const { client, id, putLegacy } = await startWithConnector({ voice: { omittedMembers: 'keep' } });
    await put(client, id, { ...streaming, Disabled: true });
    await putLegacy({ DataRetentionInHours: 1 });
    expect(await get(client, id)).toEqual({ DataRetentionInHours: 1, Disabled: true });
  });

  test('it does not know media insights', async () => {
    const { client, id, putLegacy, legacy, path } = await startWithConnector();
    expect(await putLegacy({ ...streaming, ...insights })).toMatchObject({ status: 400, error: 'BadRequestException' });
    await put(client, id, { ...streaming, ...insights });
    expect((await legacy('GET', path)).body).toEqual({ StreamingConfiguration: streaming });
  });

  test('it can be set to ignore media insights', async () => {
    const { client, id, putLegacy } = await startWithConnector({ legacy: { unknownMembers: 'ignore' } });
    expect(await putLegacy({ ...streaming, ...insights })).toMatchObject({ status: 200 });
    expect(await get(client, id)).toEqual(streaming);
  });

  test('what it ignores is not what has a wrong type', async () => {
    const { putLegacy } = await startWithConnector({ legacy: { unknownMembers: 'ignore' } });
    expect((await putLegacy('on')).status).toBe(400);
    expect((await putLegacy({ ...streaming, StreamingNotificationTargets: [{ NotificationTarget: 'SNS', Colour: 'red' }] })).status).toBe(200);
    expect((await putLegacy({ ...streaming, StreamingNotificationTargets: { NotificationTarget: 'SNS' } })).status).toBe(400);
  });

  test('its Put clears the media insights that the other has put', async () => {
    const { client, id, putLegacy } = await startWithConnector();
    await put(client, id, { ...streaming, ...insights });
    await putLegacy(streaming);
    expect(await get(client, id)).toEqual(streaming);
  });

  test('a target must have a kind', async () => {
    const { putLegacy } = await startWithConnector();
    expect((await putLegacy({ ...streaming, StreamingNotificationTargets: [{}] })).status).toBe(400);
  });

  test('an id may have any form', async () => {
    const { legacy } = await startVoice();
    expect(await legacy('GET', '/voice-connectors/Trunk-1')).toMatchObject({ status: 404, error: 'NotFoundException' });
    expect(await legacy('GET', '/voice-connectors/%20')).toMatchObject({ status: 400, error: 'BadRequestException' });
  });

  test('a connector is described by fewer members', async () => {
    const { legacy, id, arn } = await startWithConnector();
    const { body } = await legacy('GET', `/voice-connectors/${id}`);
    expect(Object.keys(body.VoiceConnector).sort()).toEqual([
      'AwsRegion', 'CreatedTimestamp', 'Name', 'OutboundHostName', 'RequireEncryption', 'UpdatedTimestamp', 'VoiceConnectorArn', 'VoiceConnectorId',
    ]);
    expect(body.VoiceConnector.VoiceConnectorArn).toBe(arn);
  });
});

test.each<[string, unknown]>([
  ['no configuration', undefined],
  ['no retention', { Disabled: false }],
  ['a negative retention', { ...streaming, DataRetentionInHours: -1 }],
  ['retention as a string', { ...streaming, DataRetentionInHours: '24' }],
  ['Disabled as a string', { ...streaming, Disabled: 'false' }],
  ['an empty list of targets', { ...streaming, StreamingNotificationTargets: [] }],
  ['an unknown target', { ...streaming, StreamingNotificationTargets: [{ NotificationTarget: 'Lambda' }] }],
  ['a target twice', { ...streaming, StreamingNotificationTargets: [{ NotificationTarget: 'SNS' }, { NotificationTarget: 'SNS' }] }],
])('Put refuses %s', async (_, configuration) => {
  const { putLegacy } = await startWithConnector();
  expect(await putLegacy(configuration)).toMatchObject({ status: 400, error: 'BadRequestException', body: { Code: 'BadRequest' } });
});

test.each(legacyOperations)('%s answers NotFound, with a code, for a connector that does not exist', async (_, request) => {
  const { legacy } = await startVoice();
  const [method, path, body] = request(nobodysId);
  expect(await legacy(method, path, body)).toMatchObject({ status: 404, error: 'NotFoundException', body: { Code: 'NotFound', Message: expect.any(String) } });
});

test.each(legacyOperations.slice(1, 3))('%s answers NotFound where there is no configuration', async (_, request) => {
  const { legacy, id } = await startWithConnector();
  const [method, path, body] = request(id);
  expect(await legacy(method, path, body)).toMatchObject({ status: 404, error: 'NotFoundException' });
});

const modelled: [string, number, string][] = [
  ['UnauthorizedClientException', 401, 'Unauthorized'], ['ForbiddenException', 403, 'Forbidden'], ['NotFoundException', 404, 'NotFound'],
  ['BadRequestException', 400, 'BadRequest'], ['ThrottledClientException', 429, 'Throttled'],
  ['ServiceUnavailableException', 503, 'ServiceUnavailable'], ['ServiceFailureException', 500, 'ServiceFailure'],
];
test.each(legacyOperations.flatMap(([name, request]) => modelled.map(([error, status, code]) => [name, error, status, code, request] as const)))(
  '%s can be made to answer %s with %d', async (name, error, status, code, request) => {
    const { legacy, id, emulator } = await startWithConnector();
    emulator.addFault({ kind: 'error', service: 'chime', operation: name, error });
    const [method, path, body] = request(id);
    expect(await legacy(method, path, body)).toMatchObject({ status, error, body: { Code: code } });
    expect(asServiceModel(modelJson).shapes.ErrorCode.enum).toContain(code);
  });

describe('regions', () => {
  test('there is one, whatever the client is set to', async () => {
    const { legacy, id, emulator } = await startWithConnector();
    expect((await legacy('GET', `/voice-connectors/${id}`, undefined, { region: 'eu-west-3' })).status).toBe(200);
    expect(emulator.calls).toMatchObject([{ region: 'us-east-1' }]);
  });

  test('connectors of other regions are not seen', async () => {
    const { legacy, connector } = await startVoice();
    const { id } = connector({}, 'us-west-2');
    expect((await legacy('GET', `/voice-connectors/${id}`, undefined, { region: 'us-west-2' })).status).toBe(404);
  });

  test('connectors of other regions can be set to be seen', async () => {
    const { legacy, connector, clientOf } = await startVoice({ legacy: { connectorRegions: ['us-east-1', 'us-west-2'] } });
    const { id } = connector({}, 'us-west-2');
    expect((await legacy('PUT', `/voice-connectors/${id}/streaming-configuration`, { StreamingConfiguration: streaming })).status).toBe(200);
    expect(await get(clientOf({ region: 'us-west-2' }), id)).toEqual(streaming);
  });
});

describe('new accounts', () => {
  test.each(legacyOperations)('%s is refused, with the way out', async (_, request) => {
    const { legacy, id, client } = await startWithConnector({ legacy: { refusedAccounts: 'all' } });
    const [method, path, body] = request(id);
    const answer = await legacy(method, path, body);
    expect(answer).toMatchObject({ status: 403, error: 'ForbiddenException', body: { Code: 'Forbidden' } });
    expect(answer.body.Message).toBe(
      `Account Id ${account} is not authorized to call deprecated Amazon Chime SDK API on the "chime" endpoint, use one of the "*-chime*" endpoints instead.`);
    expect(await put(client, id)).toEqual(streaming);
  });

  test('are refused with the older text', async () => {
    const { legacy, id } = await startWithConnector({ legacy: { refusedAccounts: [account], refusal: 'not-authorized' } });
    expect((await legacy('GET', `/voice-connectors/${id}`)).body.Message).toBe(`Not authorized to call Chime SDK with Account Id ${account}`);
  });

  test('others are not refused', async () => {
    const { legacy, id } = await startWithConnector({ legacy: { refusedAccounts: ['222222222222'] } });
    expect((await legacy('GET', `/voice-connectors/${id}`)).status).toBe(200);
  });
});

test('limits can be set', async () => {
  const { legacy, id } = await startWithConnector({ rates: 'documented', legacy: { rates: { GetVoiceConnector: { perAccount: 1 } } } });
  await legacy('GET', `/voice-connectors/${id}`);
  expect(await legacy('GET', `/voice-connectors/${id}`)).toMatchObject({ status: 429, error: 'ThrottledClientException' });
});

test('the operations that only the new namespace has are unknown', async () => {
  const { legacy } = await startVoice();
  expect(await legacy('GET', '/voice-connectors')).toMatchObject({ status: 404, error: 'UnknownOperationException' });
  expect(everyOperation.map(([name]) => name)).toEqual(expect.arrayContaining(legacyOperations.map(([name]) => name)));
});

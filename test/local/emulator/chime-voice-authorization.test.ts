import { StreamingConfiguration } from '@aws-sdk/client-chime-sdk-voice';
import {
  allow, everyOperation, get, legacyOperations, list, nobodysId, put, region, remove, startVoice, streaming, tag, untag, VoiceOptions, withRole,
} from './chime-voice-harness';
import { account, errorName, errorOf } from './harness';
import { PolicyDocument } from '../../../local/emulator';

const disabled: StreamingConfiguration = { DataRetentionInHours: 24, Disabled: true };
const connectors = `arn:aws:chime:*:${account}:vc/*`;
const putAction = 'chime:PutVoiceConnectorStreamingConfiguration';
const putAllowed = allow(putAction, connectors);

async function startWithRole(policies: PolicyDocument[], options: VoiceOptions = {}) {
  const harness = await startVoice({ ...withRole(...policies), ...options });
  const { id, arn } = harness.connector({ Tags: [{ Key: 'owner', Value: 'mine' }] });
  const clientWith = (accessKeyId: string) => harness.clientOf({ credentials: { accessKeyId, secretAccessKey: 'x' } });
  return { ...harness, id, arn, role: clientWith('AKIAROLE'), root: clientWith('AKIAROOT') };
}

describe.each(everyOperation)('%s', (name, call) => {
  const resource = name === 'ListVoiceConnectors' ? '*' : connectors;

  test('is denied with status 403 and a message that names all', async () => {
    const { role, id, arn } = await startWithRole([]);
    const error = await errorOf(call(role, { id, arn }));
    expect(error).toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
    expect(error.message).toContain(`is not authorized to perform: chime:${name} on resource: ${resource === '*' ? '*' : arn}`);
  });

  test('is allowed by its own action', async () => {
    const { role, root, id, arn } = await startWithRole([allow(`chime:${name}`, resource)], { voice: { serviceLinkedRole: 'exists' } });
    await put(root, id);
    await expect(call(role, { id, arn })).resolves.toBeDefined();
  });
});

test.each(['ForbiddenException', 'UnauthorizedClientException'] as const)('the refusal can be a %s', async accessDenied => {
  const { role, id } = await startWithRole([], { voice: { accessDenied } });
  expect(await errorName(get(role, id))).toBe(accessDenied);
});

test('an injected refusal has the same name and status', async () => {
  const { root, id, emulator } = await startWithRole([]);
  emulator.addFault({ kind: 'accessDenied' });
  expect(await errorOf(get(root, id))).toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
});

test('a policy allows by the id', async () => {
  const { role, id, connector } = await startWithRole([]);
  const other = await startWithRole([allow(putAction, `arn:aws:chime:${region}:${account}:vc/${id}`)]);
  expect(other.id).toBe(id);
  await expect(put(other.role, id, disabled)).resolves.toBeDefined();
  expect(await errorName(put(other.role, other.connector().id, disabled))).toBe('AccessDeniedException');
  expect(await errorName(put(role, connector().id, disabled))).toBe('AccessDeniedException');
});

test('what does not exist is denied or not found, by its would-be ARN', async () => {
  const { role } = await startWithRole([allow('chime:GetVoiceConnectorStreamingConfiguration', connectors)]);
  expect(await errorName(get(role, nobodysId))).toBe('NotFoundException');
  expect(await errorName(remove(role, nobodysId))).toBe('AccessDeniedException');
});

test('the list has no resource', async () => {
  const { role } = await startWithRole([allow('chime:ListVoiceConnectors', connectors)]);
  expect(await errorName(list(role))).toBe('AccessDeniedException');
});

describe('the service-linked role', () => {
  const roleArn = `arn:aws:iam::${account}:role/aws-service-role/voiceconnector.chime.amazonaws.com/AWSServiceRoleForAmazonChimeVoiceConnector`;
  const makeRole = (service: string) => allow('iam:CreateServiceLinkedRole', roleArn, { StringEquals: { 'iam:AWSServiceName': service } });

  test('must be allowed to be created by the first Put that streams', async () => {
    const { role, id } = await startWithRole([putAllowed]);
    const error = await errorOf(put(role, id));
    expect(error.name).toBe('AccessDeniedException');
    expect(error.message).toContain(`iam:CreateServiceLinkedRole on resource: ${roleArn}`);
    expect(await errorName(get(role, id))).toBe('AccessDeniedException');
  });

  test('is asked for with the name of its service', async () => {
    const right = await startWithRole([putAllowed, makeRole('voiceconnector.chime.amazonaws.com')]);
    await expect(put(right.role, right.id)).resolves.toEqual(streaming);
    const wrong = await startWithRole([putAllowed, makeRole('chime.amazonaws.com')]);
    expect(await errorName(put(wrong.role, wrong.id))).toBe('AccessDeniedException');
  });

  test('is not needed by a disabled configuration', async () => {
    const { role, id, emulator } = await startWithRole([putAllowed]);
    await expect(put(role, id, disabled)).resolves.toEqual(disabled);
    expect(emulator.state()['chime-sdk-voice']).toMatchObject([{ serviceLinkedRole: false }]);
  });

  test('is made once in an account, for all regions', async () => {
    const { role, root, id, connector, clientOf } = await startWithRole([putAllowed]);
    await put(root, id);
    await expect(put(role, id)).resolves.toEqual(streaming);
    const { id: european } = connector({}, 'eu-west-1');
    await expect(put(clientOf({ region: 'eu-west-1', credentials: { accessKeyId: 'AKIAROLE', secretAccessKey: 'x' } }), european)).resolves.toEqual(streaming);
  });

  test('is not made by a Put that fails', async () => {
    const { role, root, id } = await startWithRole([putAllowed]);
    await errorOf(put(root, nobodysId));
    expect(await errorName(put(role, id))).toBe('AccessDeniedException');
  });

  test('outlives the configuration, not a reset', async () => {
    const { role, root, id, emulator, connector } = await startWithRole([putAllowed]);
    await put(root, id);
    await remove(root, id);
    await expect(put(role, id)).resolves.toBeDefined();
    emulator.reset();
    expect(await errorName(put(role, connector().id))).toBe('AccessDeniedException');
  });
});

describe('media insights', () => {
  const insightsArn = `arn:aws:chime:${region}:${account}:media-insights-pipeline-configuration/calls`;
  const configuration: StreamingConfiguration = { ...disabled, MediaInsightsConfiguration: { ConfigurationArn: insightsArn } };
  const read = allow('chime:GetMediaInsightsPipelineConfiguration', insightsArn);
  const putOnIt = allow(putAction, insightsArn);

  test.each<[string, PolicyDocument[], string | undefined]>([
    ['denied without both', [], putAction],
    ['denied without Put on it', [read], putAction],
    ['denied without reading it', [putOnIt], 'chime:GetMediaInsightsPipelineConfiguration'],
    ['allowed with both', [read, putOnIt], undefined],
  ])('are %s', async (_, policies, denied) => {
    const { role, id } = await startWithRole([putAllowed, ...policies]);
    const outcome = await put(role, id, configuration).then(() => undefined, error => error.message);
    expect(outcome).toEqual(denied && expect.stringContaining(`${denied} on resource: ${insightsArn}`));
  });

  test('without an ARN need nothing', async () => {
    const { role, id } = await startWithRole([putAllowed]);
    await expect(put(role, id, { ...disabled, MediaInsightsConfiguration: { Disabled: true } })).resolves.toBeDefined();
  });
});

describe.each([
  ['SNS', 'sns', ['sns:CreateTopic', 'sns:GetTopicAttributes']], ['SQS', 'sqs', ['sqs:CreateQueue', 'sqs:GetQueueAttributes']],
] as const)('a target %s', (target, service, actions) => {
  const configuration: StreamingConfiguration = { ...disabled, StreamingNotificationTargets: [{ NotificationTarget: target }] };
  const names = `arn:aws:${service}:*:${account}:ChimeVoiceConnector-Streaming*`;

  test('needs both permissions on names of the service', async () => {
    const { role, id } = await startWithRole([putAllowed, allow([...actions], names)]);
    await expect(put(role, id, configuration)).resolves.toEqual(configuration);
  });

  test.each([...actions])('is denied without %s', async missing => {
    const { role, id } = await startWithRole([putAllowed, allow(actions.filter(action => action !== missing), names)]);
    expect((await errorOf(put(role, id, configuration))).message).toContain(missing);
  });

  test("is denied by a policy for one's own names", async () => {
    const { role, id } = await startWithRole([putAllowed, allow([...actions], `arn:aws:${service}:*:${account}:calls`)]);
    expect(await errorName(put(role, id, configuration))).toBe('AccessDeniedException');
  });

  test('can be set to need nothing', async () => {
    const { role, id } = await startWithRole([putAllowed], { voice: { targetsNeedPermission: false } });
    await expect(put(role, id, configuration)).resolves.toEqual(configuration);
  });
});

test('a target EventBridge needs nothing', async () => {
  const { role, id } = await startWithRole([putAllowed]);
  await expect(put(role, id, { ...disabled, StreamingNotificationTargets: [{ NotificationTarget: 'EventBridge' }] })).resolves.toBeDefined();
});

describe('tag conditions', () => {
  const ifMine = allow([putAction, 'chime:TagResource'], connectors, { StringEquals: { 'aws:ResourceTag/owner': 'mine' } });

  test('of the connector do not work', async () => {
    const { role, id, arn } = await startWithRole([ifMine]);
    expect(await errorName(put(role, id, disabled))).toBe('AccessDeniedException');
    expect(await errorName(tag(role, arn, { a: '1' }))).toBe('AccessDeniedException');
  });

  test('of the connector can be set to work', async () => {
    const { role, id, arn, root } = await startWithRole([ifMine], { voice: { resourceTagConditions: true } });
    await expect(put(role, id, disabled)).resolves.toBeDefined();
    await expect(tag(role, arn, { a: '1' })).resolves.toBeDefined();
    await tag(root, arn, { owner: 'theirs' });
    expect(await errorName(put(role, id, disabled))).toBe('AccessDeniedException');
  });

  test('of the request work', async () => {
    const { role, arn } = await startWithRole([allow('chime:TagResource', connectors, { StringEquals: { 'aws:RequestTag/owner': 'mine' } })]);
    await expect(tag(role, arn, { owner: 'mine' })).resolves.toBeDefined();
    expect(await errorName(tag(role, arn, { owner: 'theirs' }))).toBe('AccessDeniedException');
  });

  test('on the keys of removed tags apply', async () => {
    const { role, arn } = await startWithRole([
      allow('chime:UntagResource', connectors, { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': ['owner'] } }),
    ]);
    await expect(untag(role, arn, 'other')).resolves.toBeDefined();
    expect(await errorName(untag(role, arn, 'owner'))).toBe('AccessDeniedException');
  });
});

describe('the legacy namespace', () => {
  const asRole = { accessKeyId: 'AKIAROLE' };

  test.each(legacyOperations)('%s is decided on the same action and ARN', async (name, request) => {
    const { legacy, id, arn, root } = await startWithRole([allow(`chime:${name}`, arnOfFirst())], { voice: { serviceLinkedRole: 'exists' } });
    expect(arn).toBe(arnOfFirst());
    await put(root, id);
    const [method, path, body] = request(id);
    expect((await legacy(method, path, body, asRole)).status).toBeLessThan(300);
  });

  test.each(legacyOperations)('%s is denied with a ForbiddenException', async (name, request) => {
    const { legacy, id, arn } = await startWithRole([]);
    const [method, path, body] = request(id);
    expect(await legacy(method, path, body, asRole)).toMatchObject({
      status: 403, error: 'ForbiddenException', body: { Message: expect.stringContaining(`chime:${name} on resource: ${arn}`) },
    });
  });

  test('the refusal can be another', async () => {
    const { legacy, id } = await startWithRole([], { legacy: { accessDenied: 'UnauthorizedClientException' } });
    expect(await legacy('GET', `/voice-connectors/${id}`, undefined, asRole)).toMatchObject({ status: 401, error: 'UnauthorizedClientException' });
  });

  test('streaming needs the service-linked role, whether Disabled is false or absent', async () => {
    const { legacy, id } = await startWithRole([putAllowed]);
    const path = `/voice-connectors/${id}/streaming-configuration`;
    expect((await legacy('PUT', path, { StreamingConfiguration: { DataRetentionInHours: 1 } }, asRole)).body.Message).toContain('iam:CreateServiceLinkedRole');
    expect((await legacy('PUT', path, { StreamingConfiguration: disabled }, asRole)).status).toBe(200);
  });

  test('there are no tag conditions, whatever the other namespace has', async () => {
    const { legacy, id } = await startWithRole([allow('chime:*', connectors, { StringEquals: { 'aws:ResourceTag/owner': 'mine' } })],
      { voice: { resourceTagConditions: true } });
    expect((await legacy('GET', `/voice-connectors/${id}`, undefined, asRole)).status).toBe(403);
  });
});

/** Ids are the same in every run. */
function arnOfFirst(): string {
  return `arn:aws:chime:${region}:${account}:vc/${firstId}`;
}
let firstId: string;
beforeAll(async () => {
  firstId = (await startVoice()).connector().id;
});

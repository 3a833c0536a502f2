import {
  ChimeSDKVoiceClient, DeleteVoiceConnectorOriginationCommand, DeleteVoiceConnectorTerminationCommand,
  DeleteVoiceConnectorTerminationCredentialsCommand,
  GetVoiceConnectorLoggingConfigurationCommand, GetVoiceConnectorOriginationCommand, GetVoiceConnectorTerminationCommand,
  ListVoiceConnectorTerminationCredentialsCommand, Origination, PutVoiceConnectorLoggingConfigurationCommand, PutVoiceConnectorOriginationCommand,
  PutVoiceConnectorTerminationCommand, PutVoiceConnectorTerminationCredentialsCommand, Termination,
} from '@aws-sdk/client-chime-sdk-voice';
import { allow, nobodysId, startVoice, VoiceOptions, withRole } from './chime-voice-harness';
import { errorName, errorOf } from './harness';

const termination: Termination = { CidrAllowedList: ['203.0.113.10/32'], CallingRegions: ['US'] };
const origination: Origination = { Routes: [{ Host: 'sip.example.com' }] };

const putTermination = async (client: ChimeSDKVoiceClient, VoiceConnectorId: string, more: Termination = {}) =>
  (await client.send(new PutVoiceConnectorTerminationCommand({ VoiceConnectorId, Termination: { ...termination, ...more } }))).Termination;
const putOrigination = async (client: ChimeSDKVoiceClient, VoiceConnectorId: string, document = origination) =>
  (await client.send(new PutVoiceConnectorOriginationCommand({ VoiceConnectorId, Origination: document }))).Origination;
const putLogging = async (client: ChimeSDKVoiceClient, VoiceConnectorId: string, EnableSIPLogs: boolean) =>
  client.send(new PutVoiceConnectorLoggingConfigurationCommand({ VoiceConnectorId, LoggingConfiguration: { EnableSIPLogs } }));
const putUsers = async (client: ChimeSDKVoiceClient, VoiceConnectorId: string, users: Record<string, string>) => {
  const Credentials = Object.entries(users).map(([Username, Password]) => ({ Username, Password }));
  return client.send(new PutVoiceConnectorTerminationCredentialsCommand({ VoiceConnectorId, Credentials }));
};
const listUsers = async (client: ChimeSDKVoiceClient, VoiceConnectorId: string) =>
  (await client.send(new ListVoiceConnectorTerminationCredentialsCommand({ VoiceConnectorId }))).Usernames;
const deleteTermination = async (client: ChimeSDKVoiceClient, VoiceConnectorId: string) =>
  client.send(new DeleteVoiceConnectorTerminationCommand({ VoiceConnectorId }));

async function startWithConnector(options: VoiceOptions = {}) {
  const harness = await startVoice(options);
  const { id, arn } = harness.connector();
  return { ...harness, id, arn };
}

describe('termination', () => {
  test('is put with the defaults of the service, and not found before and after', async () => {
    const { client, id } = await startWithConnector();
    const get = async () => (await client.send(new GetVoiceConnectorTerminationCommand({ VoiceConnectorId: id }))).Termination;
    expect(await errorName(get())).toBe('NotFoundException');
    expect(await putTermination(client, id)).toEqual({ ...termination, CpsLimit: 1, Disabled: false });
    expect(await get()).toEqual({ ...termination, CpsLimit: 1, Disabled: false });
    await deleteTermination(client, id);
    expect(await errorName(get())).toBe('NotFoundException');
    expect(await errorName(deleteTermination(client, id))).toBe('NotFoundException');
  });

  test.each<[string, Termination]>([
    ['no block', { CidrAllowedList: [] }],
    ['a block that is too large', { CidrAllowedList: ['203.0.113.0/26'] }],
    ['a private block', { CidrAllowedList: ['10.0.0.0/27'] }],
    ['every address', { CidrAllowedList: ['0.0.0.0/0'] }],
    ['an IPv6 block', { CidrAllowedList: ['2001:db8::/128'] }],
    ['no country', { CallingRegions: [] }],
    ['no call per second', { CpsLimit: 0 }],
    ['more calls per second than the quota', { CpsLimit: 2 }],
    ['a number that is none', { DefaultPhoneNumber: '0' }],
    ['a number that is not in the inventory', { DefaultPhoneNumber: '+12065550101' }],
  ])('is refused with %s', async (_, more) => {
    const { client, id } = await startWithConnector({ voice: { phoneNumbers: ['+12065550100'] } });
    expect(await errorName(putTermination(client, id, more))).toBe('BadRequestException');
    expect(await putTermination(client, id, { DefaultPhoneNumber: '+12065550100' })).toMatchObject(termination);
  });

  test('of an unknown voice connector is not found', async () => {
    const { client } = await startWithConnector();
    expect(await errorName(putTermination(client, nobodysId))).toBe('NotFoundException');
  });
});

describe('credentials', () => {
  test('need termination, and are listed without passwords', async () => {
    const { client, id, emulator } = await startWithConnector();
    expect(await errorName(putUsers(client, id, { alice: 'battery' }))).toBe('NotFoundException');
    await putTermination(client, id);
    await putUsers(client, id, { alice: 'battery' });
    await putUsers(client, id, { bob: 'staple' });
    expect(await listUsers(client, id)).toEqual(['alice', 'bob']);
    expect(JSON.stringify([emulator.state(), emulator.calls])).not.toMatch(/battery|staple/);
  });

  test.each([['keeps-credentials', ['alice']], ['deletes-credentials', []]] as const)('a delete of termination %s', async (terminationDelete, left) => {
    const { client, id } = await startWithConnector({ voice: { terminationDelete } });
    await putTermination(client, id);
    await putUsers(client, id, { alice: 'battery' });
    await deleteTermination(client, id);
    expect(await errorName(listUsers(client, id))).toBe('NotFoundException');
    await putTermination(client, id);
    expect(await listUsers(client, id)).toEqual(left);
  });

  test('can be set to be replaced by each Put', async () => {
    const { client, id } = await startWithConnector({ voice: { credentialsPut: 'replace' } });
    await putTermination(client, id);
    await putUsers(client, id, { alice: 'battery' });
    await putUsers(client, id, { bob: 'staple' });
    expect(await listUsers(client, id)).toEqual(['bob']);
  });

  test('are deleted by name, of which there must be one', async () => {
    const { client, id } = await startWithConnector();
    const remove = async (Usernames: string[]) =>
      client.send(new DeleteVoiceConnectorTerminationCredentialsCommand({ VoiceConnectorId: id, Usernames }));
    await putTermination(client, id);
    await putUsers(client, id, { alice: 'battery', bob: 'staple' });
    expect(await errorName(remove([]))).toBe('BadRequestException');
    await remove(['alice', 'unknown']);
    expect(await listUsers(client, id)).toEqual(['bob']);
  });

  test('that are not US-ASCII are refused, and can be set to be repeated in the error', async () => {
    const { client, id } = await startWithConnector({ voice: { credentialErrors: 'repeat' } });
    await putTermination(client, id);
    expect((await errorOf(putUsers(client, id, { alice: 'naïve' }))).message).toContain('naïve');
  });
});

describe('origination', () => {
  test('is put with the defaults of the service', async () => {
    const { client, id } = await startWithConnector();
    const wanted = { Routes: [{ Host: 'sip.example.com', Port: 5060, Protocol: 'TCP', Priority: 1, Weight: 1 }], Disabled: false };
    expect(await putOrigination(client, id)).toEqual(wanted);
    expect((await client.send(new GetVoiceConnectorOriginationCommand({ VoiceConnectorId: id }))).Origination).toEqual(wanted);
    await client.send(new DeleteVoiceConnectorOriginationCommand({ VoiceConnectorId: id }));
    expect(await errorName(client.send(new GetVoiceConnectorOriginationCommand({ VoiceConnectorId: id })))).toBe('NotFoundException');
  });

  test.each<[string, Origination]>([
    ['neither routes nor Disabled', {}],
    ['21 routes', { Routes: Array.from({ length: 21 }, (_, index) => ({ Host: `sip${index}.example.com` })) }],
    ['a private address', { Routes: [{ Host: '192.168.1.1' }] }],
    ['a URL', { Routes: [{ Host: 'sip:example.com' }] }],
    ['a weight above 100', { Routes: [{ Host: 'sip.example.com', Weight: 101 }] }],
    ['a port above 65535', { Routes: [{ Host: 'sip.example.com', Port: 65_536 }] }],
    ['an unknown protocol', { Routes: [{ Host: 'sip.example.com', Protocol: 'TLS' as never }] }],
  ])('is refused with %s', async (_, wanted) => {
    const { client, id } = await startWithConnector();
    expect(await errorName(putOrigination(client, id, wanted))).toBe('BadRequestException');
  });
});

test.each([['absent', undefined], ['disabled', { EnableSIPLogs: false, EnableMediaMetricLogs: false }]] as const)(
  'logging that was never set is %s', async (unconfiguredLogging, shown) => {
    const { client, id } = await startWithConnector({ voice: { unconfiguredLogging } });
    const get = async () => (await client.send(new GetVoiceConnectorLoggingConfigurationCommand({ VoiceConnectorId: id }))).LoggingConfiguration;
    expect(await get()).toEqual(shown);
    await putLogging(client, id, true);
    expect(await get()).toEqual({ EnableSIPLogs: true, EnableMediaMetricLogs: false });
  },
);

test('a Put of logging needs the permissions of vended logs', async () => {
  const vended = ['CreateLogDelivery', 'CreateLogGroup', 'DeleteLogDelivery', 'DescribeLogGroups', 'DescribeResourcePolicies', 'GetLogDelivery', 'ListLogDeliveries',
    'PutResourcePolicy', 'UpdateLogDelivery'].map(action => `logs:${action}`);
  const put = async (allowed: string[]) => {
    const { clientOf, id } = await startWithConnector(withRole(allow('chime:*'), allow(allowed)));
    return putLogging(clientOf({ credentials: { accessKeyId: 'AKIAROLE', secretAccessKey: 'secret' } }), id, true);
  };
  await put(vended);
  for (const missing of vended) expect((await errorOf(put(vended.filter(action => action !== missing)))).message).toContain(missing);
});

test('an emergency calling configuration keeps termination and origination', async () => {
  const { client, id, emulator } = await startWithConnector();
  await putTermination(client, id);
  await putOrigination(client, id);
  emulator.edit({ service: 'chime-sdk-voice', resource: id, emergencyCalling: true });
  expect(await errorName(deleteTermination(client, id))).toBe('BadRequestException');
  expect(await errorName(client.send(new DeleteVoiceConnectorOriginationCommand({ VoiceConnectorId: id })))).toBe('BadRequestException');
});

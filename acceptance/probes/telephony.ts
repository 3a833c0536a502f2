import { randomBytes } from 'node:crypto';
import {
  type ChimeSDKVoiceClient, DeleteVoiceConnectorTerminationCommand, GetVoiceConnectorCommand, GetVoiceConnectorLoggingConfigurationCommand,
  GetVoiceConnectorOriginationCommand, ListTagsForResourceCommand, ListVoiceConnectorTerminationCredentialsCommand,
  PutVoiceConnectorOriginationCommand, PutVoiceConnectorTerminationCommand, PutVoiceConnectorTerminationCredentialsCommand, TagResourceCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { withPhoneNumber } from './phone-number-resources';
import { answerOf, ask, count, finding, isNotFound, readUntil } from './support';
import { withVoiceConnector } from './voice-connector-resources';
import type { Finding, ProbeContext } from '../fact';

/** Addresses of the documentation, which no host has. */
const ALLOWED_CIDR = '203.0.113.10/32';
const ALLOWED_IPV6_CIDR = '2001:db8::10/128';
const CALLED_HOST = 'sip.example.com';

/** The documented quota of tags of a voice connector. */
const MOST_TAGS = 50;

/** The seconds that the library allows for a read to return a change. */
const READ_LAG = 10;

/** F-80 */
export async function putClearsOrigination(context: ProbeContext): Promise<Finding> {
  return withVoiceConnector(context, 'F-80', async (VoiceConnectorId, client) => {
    const put = (Origination: PutVoiceConnectorOriginationCommand['input']['Origination']) =>
      ask(context, () => client.send(new PutVoiceConnectorOriginationCommand({ VoiceConnectorId, Origination })));
    await put({ Disabled: true, Routes: [{ Host: CALLED_HOST, Port: 5061, Protocol: 'TCP', Priority: 1, Weight: 1 }] });
    await put({ Disabled: true });
    const { Origination } = await ask(context, () => client.send(new GetVoiceConnectorOriginationCommand({ VoiceConnectorId })));
    const isCleared = !Origination?.Routes?.length;
    return finding(context, isCleared, `After a Put without routes, Get returned ${isCleared ? 'no' : 'the former'} route.`);
  });
}

/** F-81 */
export async function ipv6Blocks(context: ProbeContext): Promise<Finding> {
  return withVoiceConnector(context, 'F-81', async (id, client) => {
    const { refusal } = await answerOf(context, () => putTermination(client, id, ALLOWED_IPV6_CIDR));
    return finding(context, !refusal, refusal ? `The service refused the block with ${refusal.name}.` : 'The service accepted the block.');
  }, { NetworkType: 'DUAL_STACK' });
}

/** F-82 */
export async function credentialsAreMerged(context: ProbeContext): Promise<Finding> {
  return withVoiceConnector(context, 'F-82', async (id, client) => {
    await ask(context, () => putTermination(client, id));
    await putUser(context, client, id, 'first');
    await putUser(context, client, id, 'second');
    const users = await usersOf(context, client, id);
    return finding(context, users.includes('first'), `The voice connector had ${users.length} of 2 users after the second Put.`);
  });
}

/** F-97 */
export async function credentialsOutliveTermination(context: ProbeContext): Promise<Finding> {
  return withVoiceConnector(context, 'F-97', async (VoiceConnectorId, client) => {
    await ask(context, () => putTermination(client, VoiceConnectorId));
    await putUser(context, client, VoiceConnectorId, 'first');
    await ask(context, () => client.send(new DeleteVoiceConnectorTerminationCommand({ VoiceConnectorId })));
    await ask(context, () => putTermination(client, VoiceConnectorId));
    const users = await usersOf(context, client, VoiceConnectorId);
    return finding(context, users.includes('first'), `After the deletion and another Put, the voice connector had ${count(users.length, 'user')}.`);
  });
}

/** F-99 */
export async function tagQuota(context: ProbeContext): Promise<Finding> {
  return withVoiceConnector(context, 'F-99', async (VoiceConnectorId, client) => {
    const { VoiceConnector } = await ask(context, () => client.send(new GetVoiceConnectorCommand({ VoiceConnectorId })));
    const ResourceARN = VoiceConnector!.VoiceConnectorArn!;
    const tag = (names: readonly string[]) => client.send(new TagResourceCommand({ ResourceARN, Tags: names.map((Key) => ({ Key, Value: 'probe' })) }));
    const { Tags = [] } = await ask(context, () => client.send(new ListTagsForResourceCommand({ ResourceARN })));
    await ask(context, () => tag(Array.from({ length: MOST_TAGS - Tags.length }, (_, index) => `probe-${index}`)));
    const { refusal } = await answerOf(context, () => tag(['one-more']));
    return finding(context, refusal?.name === 'ResourceLimitExceededException',
      refusal ? `The service refused one more tag with ${refusal.name}.` : `The service accepted more than ${MOST_TAGS} tags.`);
  });
}

/** F-98 */
export async function unconfiguredLogging(context: ProbeContext): Promise<Finding> {
  return withVoiceConnector(context, 'F-98', async (VoiceConnectorId, client) => {
    const { value, refusal } = await answerOf(context, () => client.send(new GetVoiceConnectorLoggingConfigurationCommand({ VoiceConnectorId })));
    if (refusal) return finding(context, false, `Get failed with ${refusal.name}.`);
    const isAbsent = value?.LoggingConfiguration === undefined;
    return finding(context, isAbsent, `Get returned ${isAbsent ? 'no' : 'a'} logging configuration.`);
  });
}

/** F-86 */
export async function repeatedOrder(context: ProbeContext): Promise<Finding> {
  return withPhoneNumber(context, 'F-86', async (number) => {
    await number.untilAcquired();
    const { refusal } = await answerOf(context, () => number.order());
    return finding(context, refusal !== undefined, refusal ? `The second order failed with ${refusal.name}.` : 'The service accepted the second order.');
  });
}

/** F-87 */
export async function nameWhileAcquired(context: ProbeContext): Promise<Finding> {
  return withPhoneNumber(context, 'F-87', async (number) => {
    const { value: found } = await readUntil(context, READ_LAG, () => answerOf(context, () => number.read()), ({ refusal }) => !isNotFound(refusal));
    if (!found) return finding(context, undefined, 'The number was not found directly after the order.');
    if (found.Status !== 'AcquireInProgress') return finding(context, undefined, 'The number was acquired before the first read.');
    const isNamed = found.Name === number.name;
    return finding(context, isNamed, `While the number was acquired, the service returned ${isNamed ? 'its' : 'no'} name.`);
  });
}

/** F-88 */
export async function numberInDeletionQueue(context: ProbeContext): Promise<Finding> {
  return withPhoneNumber(context, 'F-88', async (number) => {
    await number.untilAcquired();
    await number.release();
    const { value: found, refusal } = await answerOf(context, () => number.read());
    if (!found) return finding(context, false, `After the release, GetPhoneNumber failed with ${refusal?.name}.`);
    const isKnown = ['ReleaseInProgress', 'DeleteInProgress'].includes(found.Status ?? '') || found.DeletionTimestamp !== undefined;
    return finding(context, isKnown, `After the release, the number was ${found.Status}, ${found.DeletionTimestamp ? 'with' : 'without'} a time of its deletion.`);
  });
}

function putTermination(client: ChimeSDKVoiceClient, VoiceConnectorId: string, cidr = ALLOWED_CIDR) {
  const Termination = { CidrAllowedList: [cidr], CallingRegions: ['US'], CpsLimit: 1, Disabled: true };
  return client.send(new PutVoiceConnectorTerminationCommand({ VoiceConnectorId, Termination }));
}

/** With a password that is used nowhere. */
async function putUser(context: ProbeContext, client: ChimeSDKVoiceClient, VoiceConnectorId: string, Username: string): Promise<void> {
  const Credentials = [{ Username, Password: randomBytes(18).toString('base64url') }];
  await ask(context, () => client.send(new PutVoiceConnectorTerminationCredentialsCommand({ VoiceConnectorId, Credentials })));
}

async function usersOf(context: ProbeContext, client: ChimeSDKVoiceClient, VoiceConnectorId: string): Promise<readonly string[]> {
  return (await ask(context, () => client.send(new ListVoiceConnectorTerminationCredentialsCommand({ VoiceConnectorId })))).Usernames ?? [];
}

import {
  ChimeSDKVoiceClient, GetVoiceConnectorStreamingConfigurationCommand, PutVoiceConnectorStreamingConfigurationCommand, type StreamingConfiguration,
} from '@aws-sdk/client-chime-sdk-voice';
import { answerOf, ask, denialOf, finding, isNotFound, untilPermitted } from './support';
import { withVoiceConnector } from './voice-connector-resources';
import type { Finding, ProbeContext } from '../fact';

/** A disabled configuration needs no service-linked role. */
const DISABLED: StreamingConfiguration = { DataRetentionInHours: 1, Disabled: true };

const withEventBridge: StreamingConfiguration = { ...DISABLED, StreamingNotificationTargets: [{ NotificationTarget: 'EventBridge' }] };

function put(client: ChimeSDKVoiceClient, VoiceConnectorId: string, configuration: StreamingConfiguration) {
  return client.send(new PutVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId, StreamingConfiguration: configuration }));
}

function get(client: ChimeSDKVoiceClient, VoiceConnectorId: string) {
  return client.send(new GetVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId }));
}

/** F-30 */
export async function putClearsStreamingTargets(context: ProbeContext): Promise<Finding> {
  return withVoiceConnector(context, 'F-30', async (id, client) => {
    await ask(context, () => put(client, id, withEventBridge));
    await ask(context, () => put(client, id, DISABLED));
    const { StreamingConfiguration: read } = await ask(context, () => get(client, id));
    const isCleared = !read?.StreamingNotificationTargets?.length;
    return finding(context, isCleared, `After a Put without targets, Get returned ${isCleared ? 'no' : 'the former'} target.`);
  });
}

/** F-31 */
export async function noStreamingDefaults(context: ProbeContext): Promise<Finding> {
  return withVoiceConnector(context, 'F-31', async (id, client) => {
    const { StreamingConfiguration: answered } = await ask(context, () => put(client, id, DISABLED));
    const { StreamingConfiguration: read } = await ask(context, () => get(client, id));
    const additional = [...new Set([answered, read].flatMap((one) => Object.keys(one ?? {})))].filter((member) => !(member in DISABLED));
    return finding(context, additional.length === 0,
      additional.length === 0 ? 'Put and Get returned only the settings of the request.' : `The service returned in addition: ${additional.join(', ')}.`);
  });
}

/** F-32 */
export async function unconfiguredStreaming(context: ProbeContext): Promise<Finding> {
  return withVoiceConnector(context, 'F-32', async (id, client) => {
    const { refusal } = await answerOf(context, () => get(client, id));
    return finding(context, isNotFound(refusal), refusal ? `Get failed with ${refusal.name}.` : 'Get returned a configuration.');
  });
}

/** F-36 */
export async function targetsNeedPermission(context: ProbeContext): Promise<Finding> {
  const role = context.client(ChimeSDKVoiceClient, { policyOf: 'VoiceConnectorStreaming without targets' });
  return withVoiceConnector(context, 'F-36', async (id) => {
    await untilPermitted(context, () => put(role, id, DISABLED));
    const denial = await denialOf(context, () => put(role, id, { ...DISABLED, StreamingNotificationTargets: [{ NotificationTarget: 'SNS' }] }));
    return finding(context, denial !== undefined,
      denial ? `The role was denied with ${denial.name}.` : 'The role was not denied. The service may have created a topic named ChimeVoiceConnector-Streaming….');
  });
}

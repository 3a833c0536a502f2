import {
  type CreateVoiceConnectorCommandInput, ChimeSDKVoiceClient, CreateVoiceConnectorCommand, DeleteVoiceConnectorCommand,
  GetVoiceConnectorCommand, ListVoiceConnectorsCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { answerOf, asError, ask, nameOf, readUntil, using } from './support';
import type { ProbeContext } from '../fact';
import { pagesOf } from '../pages';

/** Seconds for which a new voice connector may not be found. */
const CREATION_TIME = 60;

/** Seconds in which a deployment deletes its voice connector. */
const QUOTA_TIME = 300;

/** A voice connector that the service finds during the work. */
export async function withVoiceConnector<T>(
  context: ProbeContext, fact: string, work: (id: string, client: ChimeSDKVoiceClient) => Promise<T>,
  options: Partial<CreateVoiceConnectorCommandInput> = {},
): Promise<T> {
  const client = context.client(ChimeSDKVoiceClient);
  const Name = nameOf(context, fact);
  return using(context, {
    kind: 'voice connector',
    name: Name,
    find: async () => (await voiceConnectors(context, client)).filter((one) => one.Name === Name).map(({ VoiceConnectorId }) => VoiceConnectorId!),
    delete: (VoiceConnectorId) => ask(context, () => client.send(new DeleteVoiceConnectorCommand({ VoiceConnectorId }))),
  }, async () => {
    const Tags = Object.entries(context.tags).map(([Key, Value]) => ({ Key, Value }));
    const create = () => answerOf(context, () => client.send(new CreateVoiceConnectorCommand({ Name, RequireEncryption: true, Tags, ...options })));
    const { value, refusal } = await readUntil(context, QUOTA_TIME, create, (answer) => answer.refusal?.name !== 'ResourceLimitExceededException');
    if (refusal) throw asError(refusal);
    const VoiceConnectorId = value!.VoiceConnector!.VoiceConnectorId!;
    const get = () => answerOf(context, () => client.send(new GetVoiceConnectorCommand({ VoiceConnectorId })));
    await readUntil(context, CREATION_TIME, get, (answer) => !answer.refusal);
    // The calls so far are no evidence.
    context.calls();
    return work(VoiceConnectorId, client);
  });
}

async function voiceConnectors(context: ProbeContext, client: ChimeSDKVoiceClient) {
  return pagesOf(async (NextToken) => {
    const page = await ask(context, () => client.send(new ListVoiceConnectorsCommand({ NextToken })));
    return { items: page.VoiceConnectors, next: page.NextToken };
  });
}

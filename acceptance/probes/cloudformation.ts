import {
  ChimeSDKVoiceClient, ListTagsForResourceCommand as ListTagsForVoiceResourceCommand, TagResourceCommand as TagVoiceResourceCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { GetIngestConfigurationCommand, GetStageCommand } from '@aws-sdk/client-ivs-realtime';
import { DescribeStreamStorageConfigurationCommand, ListTagsForResourceCommand, TagResourceCommand } from '@aws-sdk/client-kinesis-video';
import { whilePublishing, withoutEncoder } from './encoder-stream';
import { RealTimeResources } from './ivs-resources';
import { Channels } from './kinesisvideo-resources';
import { ProbeStack, type StackEvent } from './stack-resources';
import { answerOf, asError, ask, finding, isNotFound, nameOf, readUntil } from './support';
import type { Finding, ProbeContext } from '../fact';

/** Seconds for which a new voice connector may not be found. */
const CREATION_TIME = 60;

/** Seconds for which an encoder publishes at most: longer than an update of a stack takes. */
const STREAM_TIME = 900;

/** 30 days, for which the warm tier bills media at least. */
const WARM_RETENTION_HOURS = 720;

function tagsOf({ tags }: Pick<ProbeContext, 'tags'>): { readonly Key: string; readonly Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** A channel takes seconds to be created and deleted, so the order of two channels is visible in the events of the stack. */
function channel(context: ProbeContext, name: string, more: object = {}): object {
  return { Type: 'AWS::KinesisVideo::SignalingChannel', Properties: { Name: name, Tags: tagsOf(context) }, ...more };
}

function voiceConnector(context: Pick<ProbeContext, 'tags'>, properties: object): object {
  return { Type: 'AWS::Chime::VoiceConnector', Properties: { RequireEncryption: true, Tags: tagsOf(context), ...properties } };
}

/** F-10 */
export async function metadataReferenceOrders(context: ProbeContext): Promise<Finding> {
  const stack = new ProbeStack(context, 'F-10');
  const name = nameOf(context, 'F-10');
  return stack.using(async () => {
    await stack.create({
      A: channel(context, `${name}-a`, { Metadata: { after: { Ref: 'B' } } }), B: channel(context, `${name}-b`),
    });
    const isOrdered = isBefore(await stack.events(), ['B', 'CREATE_COMPLETE'], ['A', 'CREATE_IN_PROGRESS']);
    return finding(context, isOrdered, `The creation of A, which refers to B, started ${isOrdered ? 'after' : 'before'} the end of the creation of B.`);
  });
}

/** F-11 */
export async function deletionOrderThroughKeptResource(context: ProbeContext): Promise<Finding> {
  const stack = new ProbeStack(context, 'F-11');
  const name = nameOf(context, 'F-11');
  return stack.using(async () => {
    const kept = channel(context, `${name}-b`);
    await stack.create({
      A: channel(context, `${name}-a`, { DependsOn: 'B' }), B: { ...kept, DependsOn: 'C' }, C: channel(context, `${name}-c`),
    });
    await stack.update({ B: kept });
    const isOrdered = isBefore(await stack.events(), ['A', 'DELETE_COMPLETE'], ['C', 'DELETE_IN_PROGRESS']);
    return finding(context, isOrdered, `The deletion of C started ${isOrdered ? 'after' : 'before'} the end of the deletion of A.`);
  });
}

/** F-13. The stack keeps an ingest configuration without a stage, because a stack can't be empty. */
export async function deletionDuringStream(context: ProbeContext): Promise<Finding> {
  const { encoder } = context;
  if (!encoder) return withoutEncoder(context);
  const resources = new RealTimeResources(context, 'F-13');
  const stack = new ProbeStack(context, 'F-13');
  const { client } = resources;
  const configuration = (properties: object) => (
    { Type: 'AWS::IVS::IngestConfiguration', Properties: { Name: resources.name, IngestProtocol: 'RTMPS', Tags: tagsOf(context), ...properties } }
  );
  return resources.using(() => stack.using(async () => {
    const { arn: StageArn } = await resources.createStage();
    const rtmpsEndpoint = (await ask(context, () => client.send(new GetStageCommand({ arn: StageArn })))).stage!.endpoints!.rtmps!;
    const Kept = configuration({});
    await stack.create({ Live: configuration({ StageArn }), Kept });
    const arn = (await stack.physicalId('Live'))!;
    return whilePublishing(context, { encoder, client, arn, rtmpsEndpoint, seconds: STREAM_TIME }, async () => {
      const isAccepted = await stack.accepts({ Kept });
      const isFailed = (await stack.events()).some(({ logicalId, status }) => logicalId === 'Live' && status === 'DELETE_FAILED');
      const { value } = await answerOf(context, () => client.send(new GetIngestConfigurationCommand({ arn })));
      const state = value?.ingestConfiguration?.state;
      return finding(context, isFailed && state === 'ACTIVE',
        `The deletion ${isFailed ? 'failed' : 'didn\'t fail'}, the update of the stack ${isAccepted ? 'succeeded' : 'was rolled back'}, and the ingest configuration was ${state ?? 'deleted'}.`);
    });
  }));
}

/** F-14. Each resource type has its own handler in CloudFormation, so the probe asks about both types whose resources get owner tags. */
export async function foreignTagsAreKept(context: ProbeContext): Promise<Finding> {
  const stack = new ProbeStack(context, 'F-14');
  const channels = new Channels(context);
  const voice = context.client(ChimeSDKVoiceClient);
  const name = nameOf(context, 'F-14');
  const template = (probe: string) => {
    const tagged = { ...context, tags: { ...context.tags, probe } };
    return { Channel: channel(tagged, name), Connector: voiceConnector(tagged, { Name: name }) };
  };
  return stack.using(async () => {
    await stack.create(template('before'));
    const channelArn = (await channels.named(name))!;
    const id = (await stack.physicalId('Connector'))!;
    const connectorArn = id.startsWith('arn:') ? id : `arn:aws:chime:${context.region}:${context.accountId}:vc/${id}`;
    const Tags = [{ Key: 'owner', Value: 'probe' }];
    await ask(context, () => channels.client.send(new TagResourceCommand({ ResourceARN: channelArn, Tags })));
    const tag = () => answerOf(context, () => voice.send(new TagVoiceResourceCommand({ ResourceARN: connectorArn, Tags })));
    const { refusal } = await readUntil(context, CREATION_TIME, tag, (answer) => !isNotFound(answer.refusal));
    if (refusal) throw asError(refusal);
    await stack.update(template('after'));
    const { Tags: tags = {} } = await ask(context, () => channels.client.send(new ListTagsForResourceCommand({ ResourceARN: channelArn })));
    const { Tags: list = [] } = await ask(context, () => voice.send(new ListTagsForVoiceResourceCommand({ ResourceARN: connectorArn })));
    const found = { 'signaling channel': tags, 'voice connector': Object.fromEntries(list.map(({ Key, Value }) => [Key, Value])) };
    const isChanged = Object.values(found).every(({ probe }) => probe === 'after');
    if (!isChanged) return finding(context, undefined, 'CloudFormation did not change a tag of the template.');
    const lost = Object.entries(found).filter(([, { owner }]) => owner !== 'probe').map(([kind]) => kind);
    return finding(context, lost.length === 0,
      `After an update of the tags, the additional tag was ${lost.length === 0 ? 'still there' : `missing on the ${lost.join(' and the ')}`}.`);
  });
}

/** F-57. The stream has no media, so the tier costs nothing. The key isn't changed, because a key costs. */
export async function storageTierChanges(context: ProbeContext): Promise<Finding> {
  const stack = new ProbeStack(context, 'F-57');
  const { client } = new Channels(context);
  const StreamName = nameOf(context, 'F-57');
  const template = (DefaultStorageTier: string) => ({
    Stream: {
      Type: 'AWS::KinesisVideo::Stream',
      Properties: {
        Name: StreamName,
        DataRetentionInHours: WARM_RETENTION_HOURS,
        StreamStorageConfiguration: { DefaultStorageTier },
        Tags: tagsOf(context),
      },
    },
  });
  return stack.using(async () => {
    await stack.create(template('HOT'));
    if (!await stack.accepts(template('WARM'))) return finding(context, false, 'CloudFormation rolled back the change of the storage tier.');
    const { StreamStorageConfiguration } = await ask(context, () => client.send(new DescribeStreamStorageConfigurationCommand({ StreamName })));
    const tier = StreamStorageConfiguration?.DefaultStorageTier;
    return finding(context, tier === 'WARM', `After an update to the tier WARM, the stream had the tier ${tier}.`);
  });
}

/** F-83 */
export async function voiceConnectorReplacement(context: ProbeContext): Promise<Finding> {
  const stack = new ProbeStack(context, 'F-83');
  const Name = nameOf(context, 'F-83');
  const template = (properties: object) => ({ Connector: voiceConnector(context, { Name, ...properties }) });
  return stack.using(async () => {
    await stack.create(template({}));
    const created = await stack.physicalId('Connector');
    await stack.update(template({ Name: `${Name}-renamed` }));
    const renamed = await stack.physicalId('Connector');
    await stack.update(template({ Name: `${Name}-renamed`, NetworkType: 'DUAL_STACK' }));
    const replaced = await stack.physicalId('Connector');
    const [keeps, changes] = [renamed === created, replaced !== renamed];
    return finding(context, keeps && changes,
      `With another name, the voice connector ${keeps ? 'kept its' : 'got another'} ID. With another network type, it ${changes ? 'got another' : 'kept its'} ID.`);
  });
}

type Moment = readonly [logicalId: string, status: string];

/** @param events in the order of their times */
function isBefore(events: readonly StackEvent[], first: Moment, second: Moment): boolean {
  const indexOf = ([logicalId, status]: Moment) => {
    const index = events.findIndex((event) => event.logicalId === logicalId && event.status === status);
    if (index < 0) throw new Error(`The events of the stack contain no ${status} of ${logicalId}.`);
    return index;
  };
  return indexOf(first) < indexOf(second);
}

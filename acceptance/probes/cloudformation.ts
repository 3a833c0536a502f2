import { DescribeStreamStorageConfigurationCommand, ListTagsForResourceCommand, TagResourceCommand } from '@aws-sdk/client-kinesis-video';
import { Channels } from './kinesisvideo-resources';
import { ProbeStack, type StackEvent } from './stack-resources';
import { ask, finding, nameOf } from './support';
import type { Finding, ProbeContext } from '../fact';

/** 30 days, for which the warm tier bills media at least. */
const WARM_RETENTION_HOURS = 720;

function tagsOf({ tags }: Pick<ProbeContext, 'tags'>): { readonly Key: string; readonly Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** A channel takes seconds to be created and deleted, so the order of two channels is visible in the events of the stack. */
function channel(context: ProbeContext, name: string, more: object = {}): object {
  return { Type: 'AWS::KinesisVideo::SignalingChannel', Properties: { Name: name, Tags: tagsOf(context) }, ...more };
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

/** F-14 */
export async function foreignTagsAreKept(context: ProbeContext): Promise<Finding> {
  const stack = new ProbeStack(context, 'F-14');
  const channels = new Channels(context);
  const name = nameOf(context, 'F-14');
  const template = (value: string) => ({ Channel: channel({ ...context, tags: { ...context.tags, probe: value } }, name) });
  return stack.using(async () => {
    await stack.create(template('before'));
    const ResourceARN = (await channels.named(name))!;
    await ask(context, () => channels.client.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'owner', Value: 'probe' }] })));
    await stack.update(template('after'));
    const { Tags = {} } = await ask(context, () => channels.client.send(new ListTagsForResourceCommand({ ResourceARN })));
    if (Tags.probe !== 'after') return finding(context, undefined, 'CloudFormation did not change the tag of the template.');
    const isKept = Tags.owner === 'probe';
    return finding(context, isKept, `After an update of the tags, the additional tag was ${isKept ? 'still there' : 'missing'}.`);
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
      Properties: { Name: StreamName, DataRetentionInHours: WARM_RETENTION_HOURS, StreamStorageConfiguration: { DefaultStorageTier }, Tags: tagsOf(context) },
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
  const template = (properties: object) => ({
    Connector: { Type: 'AWS::Chime::VoiceConnector', Properties: { Name, RequireEncryption: true, Tags: tagsOf(context), ...properties } },
  });
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

import {
  DescribeImageGenerationConfigurationCommand, DescribeNotificationConfigurationCommand, DescribeStreamCommand, GetSignalingChannelEndpointCommand,
  type ImageGenerationConfiguration, KinesisVideoClient, ListTagsForResourceCommand, TagResourceCommand, UpdateDataRetentionCommand,
  UpdateImageGenerationConfigurationCommand, UpdateNotificationConfigurationCommand, UpdateSignalingChannelCommand,
} from '@aws-sdk/client-kinesis-video';
import { Channels, readStreamUntilActive, withStream } from './kinesisvideo-resources';
import { answerOf, ask, count, finding, nameOf, readUntil } from './support';
import type { Finding, ProbeContext } from '../fact';

/** The seconds that the library allows for a read to return a change. */
const READ_LAG = 10;
/** The seconds for which the probe looks for older states. */
const LONGEST_LAG = 60;

/** F-64 */
export async function fullMeshChannel(context: ProbeContext): Promise<Finding> {
  const channels = new Channels(context);
  const name = nameOf(context, 'F-64');
  return channels.using(name, async () => {
    const { refusal } = await answerOf(context, () => channels.create(name, { type: 'FULL_MESH' }));
    return finding(context, !refusal, refusal ? `The service refused the channel with ${refusal.name}.` : 'The service created the channel.');
  });
}

/** F-22 */
export async function fullMeshEndpoints(context: ProbeContext): Promise<Finding> {
  const channels = new Channels(context);
  const name = nameOf(context, 'F-22');
  return channels.using(name, async () => {
    const { value: ChannelARN } = await answerOf(context, () => channels.create(name, { type: 'FULL_MESH' }));
    if (ChannelARN === undefined) return finding(context, undefined, 'The service created no channel of the type FULL_MESH.');
    await channels.untilActive(ChannelARN);
    const SingleMasterChannelEndpointConfiguration = { Protocols: ['WSS' as const], Role: 'MASTER' as const };
    const command = new GetSignalingChannelEndpointCommand({ ChannelARN, SingleMasterChannelEndpointConfiguration });
    const { value, refusal } = await answerOf(context, () => channels.client.send(command));
    const endpoints = value?.ResourceEndpointList?.length ?? 0;
    return finding(context, endpoints > 0, refusal ? `The service refused the request with ${refusal.name}.` : `The service returned ${count(endpoints, 'endpoint')}.`);
  });
}

/** F-24 */
export async function storageUpdateChangesVersion(context: ProbeContext): Promise<Finding> {
  const channels = new Channels(context);
  return withStream(context, 'F-24', (streamArn) => channels.with('F-24', async ({ arn }) => {
    const before = (await channels.info(arn))?.Version;
    await ask(context, () => channels.record(arn, streamArn));
    const after = (await readUntil(context, READ_LAG, () => channels.info(arn), (info) => info?.Version !== before))?.Version;
    return finding(context, after !== before, after === before ? `The version was the same for ${READ_LAG} seconds.` : 'The version changed.');
  }));
}

/** F-25 */
export async function readLag(context: ProbeContext): Promise<Finding> {
  const channels = new Channels(context);
  return channels.with('F-25', async ({ arn: ResourceARN }) => {
    const tag = { Key: 'probe', Value: 'changed' };
    await ask(context, () => channels.client.send(new TagResourceCommand({ ResourceARN, Tags: [tag] })));
    let lag = 0;
    for (let elapsed = 1; elapsed <= LONGEST_LAG; elapsed += 1) {
      await context.wait(1);
      // The state before the channel was created is an older state, too.
      const { value } = await answerOf(context, () => channels.client.send(new ListTagsForResourceCommand({ ResourceARN })));
      if (value?.Tags?.[tag.Key] !== tag.Value) lag = elapsed;
    }
    return finding(context, lag <= READ_LAG, lag === 0 ? 'Every read returned the change.' : `A read ${lag} seconds after the change returned the state before it.`);
  });
}

/** F-26 */
export async function errorsWhileCreating(context: ProbeContext): Promise<Finding> {
  const channels = new Channels(context);
  const name = nameOf(context, 'F-26');
  return channels.using(name, async () => {
    const ChannelARN = await ask(context, () => channels.create(name));
    const { value: info } = await answerOf(context, () => channels.info(ChannelARN));
    const command = new UpdateSignalingChannelCommand({
      ChannelARN, CurrentVersion: info?.Version ?? 'unknown', SingleMasterConfiguration: { MessageTtlSeconds: 30 },
    });
    const { refusal } = await answerOf(context, () => channels.client.send(command));
    if (!refusal) return finding(context, undefined, 'The channel was created before the update.');
    const isKnown = ['ResourceInUseException', 'ResourceNotFoundException'].includes(refusal.name);
    return finding(context, isKnown, `The update failed with ${refusal.name}.`);
  });
}

/** F-28 */
export async function topicOfOtherRegion(context: ProbeContext): Promise<Finding> {
  const region = context.region === 'us-east-1' ? 'us-west-2' : 'us-east-1';
  return withStream(context, 'F-28', async (streamArn, client) => {
    const own = await answerOf(context, () => putNotification(context, client, streamArn, context.region));
    if (own.refusal) return finding(context, undefined, `The service refused a topic of the same region with ${own.refusal.name}.`);
    await readStreamUntilActive(context, client, streamArn);
    const { refusal } = await answerOf(context, () => putNotification(context, client, streamArn, region));
    return finding(context, refusal !== undefined,
      refusal ? `The service refused the topic with ${refusal.name}.` : 'The service accepted the topic. The probe does not show whether it is notified.');
  });
}

/** F-58 */
export async function endUnrecordedSession(context: ProbeContext): Promise<Finding> {
  const channels = new Channels(context);
  return channels.with('F-58', async ({ arn }) => {
    const { refusal } = await answerOf(context, () => channels.record(arn, undefined));
    return finding(context, !refusal, refusal ? `The service refused the request with ${refusal.name}.` : 'The service accepted the request.');
  });
}

/** F-65. The service doesn't require that the bucket exists. */
export async function noImageGenerationDefaults(context: ProbeContext): Promise<Finding> {
  return withStream(context, 'F-65', async (StreamARN, client) => {
    const sent: ImageGenerationConfiguration = {
      Status: 'ENABLED',
      ImageSelectorType: 'SERVER_TIMESTAMP',
      Format: 'JPEG',
      FormatConfig: { JPEGQuality: '80' },
      SamplingInterval: 3000,
      DestinationConfig: { Uri: `s3://${context.namePrefix.toLowerCase()}`, DestinationRegion: context.region },
    };
    await ask(context, () => client.send(new UpdateImageGenerationConfigurationCommand({ StreamARN, ImageGenerationConfiguration: sent })));
    await readStreamUntilActive(context, client, StreamARN);
    const command = new DescribeImageGenerationConfigurationCommand({ StreamARN });
    const { ImageGenerationConfiguration: read } = await ask(context, () => client.send(command));
    if (!read) return finding(context, undefined, 'The service returned no image generation.');
    const additional = Object.keys(read).filter((member) => !(member in sent));
    return finding(context, additional.length === 0,
      additional.length === 0 ? 'The service returned only the settings of the request.' : `The service returned in addition: ${additional.join(', ')}.`);
  });
}

/** F-92 */
export async function notificationWithoutRetention(context: ProbeContext): Promise<Finding> {
  return withStream(context, 'F-92', async (StreamARN, client) => {
    await ask(context, () => putNotification(context, client, StreamARN, context.region));
    const info = await readStreamUntilActive(context, client, StreamARN);
    await ask(context, () => client.send(new UpdateDataRetentionCommand({
      StreamARN, CurrentVersion: info?.Version, Operation: 'DECREASE_DATA_RETENTION', DataRetentionChangeInHours: info?.DataRetentionInHours,
    })));
    await context.wait(READ_LAG);
    await readStreamUntilActive(context, client, StreamARN);
    const { NotificationConfiguration } = await ask(context, () => client.send(new DescribeNotificationConfigurationCommand({ StreamARN })));
    const isLeft = NotificationConfiguration !== undefined;
    return finding(context, isLeft, `The service returned ${isLeft ? 'the' : 'no'} notification after the retention was changed to 0.`);
  });
}

/** F-93 */
export async function notificationChangesVersion(context: ProbeContext): Promise<Finding> {
  return withStream(context, 'F-93', async (StreamARN, client) => {
    const describe = async () => (await ask(context, () => client.send(new DescribeStreamCommand({ StreamARN })))).StreamInfo;
    const before = await describe();
    await ask(context, () => putNotification(context, client, StreamARN, context.region));
    const after = await describe();
    const isChanged = after?.Version !== before?.Version;
    return finding(context, isChanged, `Directly after the change, the stream was ${after?.Status}, and its version was ${isChanged ? 'another one' : 'the same'}.`);
  });
}

/** The service doesn't require that the topic exists. */
async function putNotification(
  { accountId, namePrefix }: ProbeContext, client: KinesisVideoClient, StreamARN: string, region: string,
): Promise<void> {
  const DestinationConfig = { Uri: `arn:aws:sns:${region}:${accountId}:${namePrefix}` };
  const NotificationConfiguration = { Status: 'ENABLED' as const, DestinationConfig };
  await client.send(new UpdateNotificationConfigurationCommand({ StreamARN, NotificationConfiguration }));
}

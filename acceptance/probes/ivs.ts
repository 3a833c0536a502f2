import {
  type AutoParticipantRecordingConfiguration, GetIngestConfigurationCommand, GetStageCommand, type Stage, UpdateIngestConfigurationCommand,
  UpdateStageCommand, type UpdateStageCommandInput,
} from '@aws-sdk/client-ivs-realtime';
import { ProbeBucket } from './bucket-resources';
import { RealTimeResources } from './ivs-resources';
import { answerOf, ask, count, finding, readUntil } from './support';
import type { Finding, ProbeContext } from '../fact';

/** The seconds that the library allows for a read to return a change. */
const READ_LAG = 10;

/** Seconds for which a read of the policy of a bucket may lag. */
const POLICY_TIME = 30;

/** F-50 */
export async function updateWithoutStage(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-50');
  return resources.using(async () => {
    const { arn: stageArn } = await resources.createStage();
    const { arn } = await ask(context, () => resources.createConfiguration({ stageArn }));
    await ask(context, () => resources.client.send(new UpdateIngestConfigurationCommand({ arn, redundantIngest: true })));
    const { ingestConfiguration } = await ask(context, () => resources.client.send(new GetIngestConfigurationCommand({ arn })));
    const isKept = ingestConfiguration?.stageArn === stageArn;
    return finding(context, isKept, `After the update, the ingest configuration was ${isKept ? 'attached to the stage' : 'detached'}.`);
  });
}

/** F-51. The ARN has the form of an existing one. */
export async function missingStage(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-51');
  return resources.using(async () => {
    const stageArn = `arn:aws:ivs:${context.region}:${context.accountId}:stage/aBcDeFgHiJkL`;
    const { refusal } = await answerOf(context, () => resources.createConfiguration({ stageArn }));
    const isKnown = ['ResourceNotFoundException', 'ValidationException'].includes(refusal?.name ?? '');
    return finding(context, isKnown, refusal ? `The service refused the ingest configuration with ${refusal.name}.` : 'The service created the ingest configuration.');
  });
}

/** F-52 */
export async function deletedStageDetaches(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-52');
  return resources.using(async () => {
    const { arn: stageArn } = await resources.createStage();
    const { arn } = await ask(context, () => resources.createConfiguration({ stageArn }));
    await resources.deleteStage(stageArn!);
    const read = async () => (await ask(context, () => resources.client.send(new GetIngestConfigurationCommand({ arn })))).ingestConfiguration;
    const isDetached = !(await readUntil(context, READ_LAG, read, (found) => !found?.stageArn))?.stageArn;
    return finding(context, isDetached, `After the deletion of the stage, the ingest configuration was ${isDetached ? 'detached' : 'still attached'}.`);
  });
}

/** F-53 */
export async function orderOfAttributes(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-53');
  return resources.using(async () => {
    const attributes = { second: '2', third: '3', first: '1' };
    const { arn } = await ask(context, () => resources.createConfiguration({ attributes }));
    const { ingestConfiguration } = await ask(context, () => resources.client.send(new GetIngestConfigurationCommand({ arn })));
    const order = Object.keys(ingestConfiguration?.attributes ?? {}).join(', ');
    return finding(context, order === Object.keys(attributes).join(', '), `The service returned the attributes in this order: ${order}.`);
  });
}

/** F-54. Each update has a stage of its own, because an update that contains no recording setting may disable the recording. */
export async function omittedRecordingSettings(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-54');
  const bucket = new ProbeBucket(context, 'F-54');
  return bucket.using(() => resources.usingStorage(() => resources.using(async () => {
    const storageConfigurationArn = await resources.createStorage(bucket.name);
    const resets = async (update: Omit<UpdateStageCommandInput, 'arn'>, isReset: (recording: AutoParticipantRecordingConfiguration | undefined) => boolean) => {
      const recording = { storageConfigurationArn, recordingReconnectWindowSeconds: 60 };
      const { arn, autoParticipantRecordingConfiguration: created } = await resources.createStage({ autoParticipantRecordingConfiguration: recording });
      if (created?.recordingReconnectWindowSeconds !== 60) throw new Error('The service didn\'t return the recording settings of a new stage.');
      await ask(context, () => resources.client.send(new UpdateStageCommand({ arn, ...update })));
      const read = async () => (await ask(context, () => resources.client.send(new GetStageCommand({ arn })))).stage?.autoParticipantRecordingConfiguration;
      return isReset(await readUntil(context, READ_LAG, read, isReset));
    };
    const one = await resets({ autoParticipantRecordingConfiguration: { storageConfigurationArn } }, (recording) => !recording?.recordingReconnectWindowSeconds);
    const all = await resets({ name: resources.name }, (recording) => !recording?.storageConfigurationArn);
    return finding(context, one && all,
      `An update of the storage configuration ${one ? 'reset' : 'kept'} the reconnect window. An update of the name ${all ? 'disabled' : 'kept'} the recording.`);
  })));
}

/** F-56 */
export async function statementOfDeletedStorage(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-56');
  const bucket = new ProbeBucket(context, 'F-56');
  return bucket.using(() => resources.usingStorage(async () => {
    const arn = await resources.createStorage(bucket.name);
    const added = await readUntil(context, POLICY_TIME, () => bucket.policy(), mentionsIvs);
    if (!mentionsIvs(added)) return finding(context, undefined, 'The policy of the bucket contained no statement of IVS after the creation of a storage configuration.');
    await resources.deleteStorage(arn);
    const isRemoved = !mentionsIvs(await readUntil(context, POLICY_TIME, () => bucket.policy(), (policy) => !mentionsIvs(policy)));
    return finding(context, isRemoved, `After the deletion of the storage configuration, the policy of the bucket ${isRemoved ? 'didn\'t contain' : 'still contained'} the statement of IVS.`);
  }));
}

/** Whether a policy of a bucket names a service principal of IVS, for example ivs-composite.us-east-1.amazonaws.com. */
function mentionsIvs(policy: string | undefined): boolean {
  return /\bivs[\w.-]*\.amazonaws\.com/.test(policy ?? '');
}

/** F-66 */
export async function unsetMembersAreOmitted(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-66');
  return resources.using(async () => {
    const { arn } = await ask(context, () => resources.createConfiguration());
    const { ingestConfiguration } = await ask(context, () => resources.client.send(new GetIngestConfigurationCommand({ arn })));
    const returned = (['userId', 'attributes'] as const).filter((member) => ingestConfiguration?.[member] !== undefined);
    return finding(context, returned.length === 0, `The service returned ${returned.length === 0 ? 'neither' : `an empty value for ${returned.join(' and ')}`}.`);
  });
}

/** F-94 */
export async function endpointsOfStages(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-94');
  return resources.using(async () => {
    const [first, second] = [await resources.createStage(), await resources.createStage()];
    const read = ({ arn }: Stage) => ask(context, () => resources.client.send(new GetStageCommand({ arn })));
    const endpointOf = async (stage: Stage) => (await read(stage)).stage?.endpoints?.rtmps;
    const isOwn = await endpointOf(first) !== await endpointOf(second);
    return finding(context, isOwn, `Two stages had ${isOwn ? 'different RTMPS endpoints' : 'the same RTMPS endpoint'}.`);
  });
}

/** F-95. The finding contains no key. */
export async function orderOfCredentials(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-95');
  return resources.using(async () => {
    const { arn } = await ask(context, () => resources.createConfiguration({ redundantIngest: true }));
    const orders = new Set<string>();
    for (let read = 0; read < 5; read += 1) {
      const { ingestConfiguration } = await ask(context, () => resources.client.send(new GetIngestConfigurationCommand({ arn })));
      orders.add((ingestConfiguration?.redundantIngestCredentials ?? []).map(({ participantId }) => participantId).join());
      await context.wait(1);
    }
    return finding(context, orders.size === 1, `Five reads returned the credentials in ${count(orders.size, 'order')}.`);
  });
}

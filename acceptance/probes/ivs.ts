import {
  type AutoParticipantRecordingConfiguration, GetIngestConfigurationCommand, GetStageCommand, type Stage, UpdateIngestConfigurationCommand,
  UpdateStageCommand, type UpdateStageCommandInput,
} from '@aws-sdk/client-ivs-realtime';
import { ProbeBucket } from './bucket-resources';
import { whilePublishing, withoutEncoder } from './encoder-stream';
import { RealTimeResources } from './ivs-resources';
import { answerOf, ask, count, finding, readUntil } from './support';
import type { Finding, ProbeContext } from '../fact';

/** The seconds that the library allows for a read to return a change. */
const READ_LAG = 10;

/** Seconds until a policy of a bucket is valid, and reads return it. */
const POLICY_TIME = 30;

/** The length of a recorded stream: 60 seconds until the service reports the encoder, and several segments of 6 seconds. */
const RECORDED_SECONDS = 90;

/** Seconds after the end of a stream in which its recording arrives. */
const RECORDING_TIME = 120;

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
  const { client } = resources;
  return bucket.using(() => resources.usingStorage(() => resources.using(async () => {
    const storageConfigurationArn = await resources.createStorage(bucket.name);
    const autoParticipantRecordingConfiguration = { storageConfigurationArn, recordingReconnectWindowSeconds: 60 };
    const resets = async (update: Omit<UpdateStageCommandInput, 'arn'>, isReset: (recording: Recording) => boolean) => {
      const { arn, autoParticipantRecordingConfiguration: shown } = await resources.createStage({ autoParticipantRecordingConfiguration });
      if (shown?.recordingReconnectWindowSeconds !== 60) throw new Error('The service didn\'t return the settings of a new stage.');
      await ask(context, () => client.send(new UpdateStageCommand({ arn, ...update })));
      const read = async () => (await ask(context, () => client.send(new GetStageCommand({ arn })))).stage?.autoParticipantRecordingConfiguration;
      return isReset(await readUntil(context, READ_LAG, read, isReset));
    };
    const withoutWindow = { autoParticipantRecordingConfiguration: { storageConfigurationArn } };
    const one = await resets(withoutWindow, (recording) => !recording?.recordingReconnectWindowSeconds);
    const all = await resets({ name: resources.name }, (recording) => !recording?.storageConfigurationArn);
    return finding(context, one && all,
      `An update of the storage configuration ${one ? 'reset' : 'kept'} the reconnect window. An update of the name ${all ? 'disabled' : 'kept'} the recording.`);
  })));
}

type Recording = AutoParticipantRecordingConfiguration | undefined;

/**
 * F-55. First, the bucket has only the documented statement, as after an update of the stack that owns the bucket. If nothing arrives, a second stream with
 * the policy that IVS wrote shows whether the policy is the reason.
 */
export async function policyForParticipants(context: ProbeContext): Promise<Finding> {
  const { encoder } = context;
  if (!encoder) return withoutEncoder(context);
  const resources = new RealTimeResources(context, 'F-55');
  const bucket = new ProbeBucket(context, 'F-55');
  const { client } = resources;
  return bucket.using(() => resources.usingStorage(() => resources.using(async () => {
    const storageConfigurationArn = await resources.createStorage(bucket.name);
    const own = await readUntil(context, POLICY_TIME, () => bucket.policy(), mentionsIvs);
    const { arn: stageArn } = await resources.createStage({ autoParticipantRecordingConfiguration: { storageConfigurationArn } });
    const rtmpsEndpoint = (await ask(context, () => client.send(new GetStageCommand({ arn: stageArn })))).stage!.endpoints!.rtmps!;
    const { arn = '' } = await ask(context, () => resources.createConfiguration({ stageArn }));
    const arrives = async (policy: string) => {
      await bucket.putPolicy(policy);
      await context.wait(POLICY_TIME);
      const before = await bucket.objects();
      await whilePublishing(context, { encoder, client, arn, rtmpsEndpoint, seconds: RECORDED_SECONDS }, async ({ ended }) => {
        const failure = await ended;
        if (failure) throw failure;
      });
      return await readUntil(context, RECORDING_TIME, () => bucket.objects(), (objects) => objects > before) > before;
    };
    if (await arrives(documentedPolicy(context, bucket.name))) return finding(context, true, 'A recording arrived in a bucket that had only the documented statement.');
    if (mentionsIvs(own) && await arrives(own!)) return finding(context, false, 'A recording arrived only with the policy that IVS wrote.');
    return finding(context, undefined, 'No recording arrived, neither with the documented statement nor with the policy that IVS wrote.');
  })));
}

/** The statement that the construct adds. https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html */
function documentedPolicy({ region }: ProbeContext, bucket: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{
      Effect: 'Allow',
      Principal: { Service: `ivs-composite.${region}.amazonaws.com` },
      Action: ['s3:PutObject', 's3:PutObjectAcl'],
      Resource: `arn:aws:s3:::${bucket}/*`,
      Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' }, Bool: { 'aws:SecureTransport': 'true' } },
    }],
  });
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

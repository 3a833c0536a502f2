import {
  CreateStageCommand, CreateStorageConfigurationCommand, DeleteStorageConfigurationCommand, ListStorageConfigurationsCommand, UpdateStageCommand,
  type UpdateStageCommandInput,
} from '@aws-sdk/client-ivs-realtime';
import { account, errorName, region } from './harness';
import { create, getStage, type IvsHarness, startIvs, tagsOf } from './ivs-realtime-harness';
import type { Buckets, IvsRealtimeOptions } from '../../../local/emulator';

/* The operations of storage configurations, and the recording of a stage by CreateStage and UpdateStage. */

/** The buckets `recordings` and `others`. */
class TwoBuckets implements Buckets {
  readonly policies = new Map<string, string>();
  readonly objects: string[] = [];
  exists(bucket: string): boolean { return ['recordings', 'others'].includes(bucket); }
  policyOf(bucket: string): string | undefined { return this.policies.get(bucket); }
  putPolicy(bucket: string, policy: string | undefined): void {
    if (policy === undefined) this.policies.delete(bucket);
    else this.policies.set(bucket, policy);
  }
  putObject(bucket: string, key: string): void { this.objects.push(`${bucket}/${key}`); }
}

async function start(options: IvsRealtimeOptions = {}, emulatorOptions = {}) {
  const harness = await startIvs(options, emulatorOptions);
  const { client } = harness;
  return {
    ...harness,
    createStorage: async (more: object = {}) => {
      const command = new CreateStorageConfigurationCommand({ s3: { bucketName: 'recordings' }, ...more });
      return (await client.send(command)).storageConfiguration!;
    },
    deleteStorage: async (arn: string) => client.send(new DeleteStorageConfigurationCommand({ arn })),
    list: async (more: object = {}) => client.send(new ListStorageConfigurationsCommand(more)),
    createStage: async (recording?: object) => {
      const command = new CreateStageCommand({ autoParticipantRecordingConfiguration: recording as never });
      return (await client.send(command)).stage!;
    },
    updateStage: async (input: UpdateStageCommandInput) => (await client.send(new UpdateStageCommand(input))).stage!,
  };
}

const MISSING = `arn:aws:ivs:${region}:${account}:storage-configuration/abcdABCDefgh`;
const DOCUMENTED = {
  Effect: 'Allow',
  Principal: { Service: `ivs-composite.${region}.amazonaws.com` },
  Action: ['s3:PutObject', 's3:PutObjectAcl'],
  Resource: 'arn:aws:s3:::recordings/*',
  Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' }, Bool: { 'aws:SecureTransport': 'true' } },
};
const statementsOf = (buckets: TwoBuckets) => JSON.parse(buckets.policies.get('recordings') ?? '{"Statement":[]}').Statement;

describe('a storage configuration', () => {
  test('is created, listed, and deleted', async () => {
    const { createStorage, list, deleteStorage, client } = await start();
    const created = await createStorage({ name: 'studio', tags: { a: '1' } });
    expect(created).toEqual({ arn: expect.stringMatching(/:storage-configuration\/[a-zA-Z0-9]{12}$/), name: 'studio', s3: { bucketName: 'recordings' }, tags: { a: '1' } });
    expect((await list()).storageConfigurations).toEqual([created]);
    expect(await tagsOf(client, created.arn!)).toEqual({ a: '1' });
    await deleteStorage(created.arn!);
    expect((await list()).storageConfigurations).toEqual([]);
  });

  test('is listed in pages', async () => {
    const { createStorage, list } = await start();
    const arns = [(await createStorage()).arn!, (await createStorage()).arn!];
    const first = await list({ maxResults: 1 });
    const second = await list({ maxResults: 1, nextToken: first.nextToken });
    expect([...first.storageConfigurations!, ...second.storageConfigurations!].map(({ arn }) => arn).sort()).toEqual(arns.sort());
    expect(second.nextToken).toBeUndefined();
  });

  test('isn\'t found after its deletion, and belongs to one account', async () => {
    const { createStorage, deleteStorage } = await start();
    const { arn } = await createStorage();
    await deleteStorage(arn!);
    expect(await errorName(deleteStorage(arn!))).toBe('ResourceNotFoundException');
    expect(await errorName(deleteStorage(arn!.replace(account, '333333333333')))).toBe('AccessDeniedException');
  });

  test('is refused with a reserved tag, and while the account is being verified', async () => {
    const { createStorage } = await start();
    expect(await errorName(createStorage({ tags: { 'aws:a': '1' } }))).toBe('ValidationException');
    const pending = await start({ pendingVerification: true });
    expect(await errorName(pending.createStorage())).toBe('PendingVerification');
  });

  test('needs a permission on all storage configurations, and one to tag', async () => {
    const on = (Action: string[]) => [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: `arn:aws:ivs:${region}:${account}:storage-configuration/*` }] }];
    let policies = on(['ivs:CreateStorageConfiguration']);
    const { createStorage } = await start({}, { principals: async () => ({ arn: `arn:aws:iam::${account}:role/person`, policies }) });
    await createStorage();
    expect(await errorName(createStorage({ tags: { a: '1' } }))).toBe('AccessDeniedException');
    policies = on(['ivs:CreateStorageConfiguration', 'ivs:TagResource']);
    await createStorage({ tags: { a: '1' } });
  });
});

describe('the policy of the bucket', () => {
  test('gets the documented statement, and loses it with the last storage configuration', async () => {
    const buckets = new TwoBuckets();
    const { createStorage, deleteStorage } = await start({ buckets });
    const [one, other] = [await createStorage(), await createStorage()];
    expect(statementsOf(buckets)).toEqual([DOCUMENTED]);
    await deleteStorage(one.arn!);
    expect(statementsOf(buckets)).toEqual([DOCUMENTED]);
    await deleteStorage(other.arn!);
    expect([...buckets.policies]).toEqual([]);
  });

  test('keeps its other statements', async () => {
    const buckets = new TwoBuckets();
    const own = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::recordings/*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    buckets.policies.set('recordings', JSON.stringify({ Version: '2012-10-17', Id: 'mine', Statement: [own] }));
    const { createStorage, deleteStorage } = await start({ buckets });
    const { arn } = await createStorage();
    expect(JSON.parse(buckets.policies.get('recordings')!)).toEqual({ Version: '2012-10-17', Id: 'mine', Statement: [own, DOCUMENTED] });
    await deleteStorage(arn!);
    expect(JSON.parse(buckets.policies.get('recordings')!)).toEqual({ Version: '2012-10-17', Id: 'mine', Statement: [own] });
  });

  test('can be set to keep the statement', async () => {
    const buckets = new TwoBuckets();
    const { createStorage, deleteStorage } = await start({ buckets, deletedStorage: 'kept' });
    await deleteStorage((await createStorage()).arn!);
    expect(statementsOf(buckets)).toEqual([DOCUMENTED]);
  });

  test('is changed by CloudFormation, too', async () => {
    const buckets = new TwoBuckets();
    const { emulator } = await start({ buckets });
    const type = 'AWS::IVS::StorageConfiguration';
    const { physicalId } = emulator.applyResource({ action: 'create', type, region, properties: { S3: { BucketName: 'recordings' } } });
    expect(statementsOf(buckets)).toEqual([DOCUMENTED]);
    emulator.applyResource({ action: 'delete', type, region, physicalId });
    expect([...buckets.policies]).toEqual([]);
  });

  test('must be that of a bucket that exists', async () => {
    const { createStorage } = await start({ buckets: new TwoBuckets() });
    expect(await errorName(createStorage({ s3: { bucketName: 'missing' } }))).toBe('ResourceNotFoundException');
  });
});

describe('the recording of a stage', () => {
  const SETTINGS = {
    mediaTypes: ['AUDIO_ONLY'],
    recordingReconnectWindowSeconds: 300,
    hlsConfiguration: { targetSegmentDurationSeconds: 2 },
    thumbnailConfiguration: { recordingMode: 'INTERVAL', targetIntervalSeconds: 86_400, storage: ['LATEST'] },
  };
  const DEFAULTS = {
    mediaTypes: ['AUDIO_VIDEO'],
    recordingReconnectWindowSeconds: 0,
    hlsConfiguration: { targetSegmentDurationSeconds: 6 },
    thumbnailConfiguration: { recordingMode: 'DISABLED', targetIntervalSeconds: 60, storage: ['SEQUENTIAL'] },
  };

  async function startRecording(options: IvsRealtimeOptions = {}) {
    const harness = await start(options);
    const storageConfigurationArn = (await harness.createStorage()).arn!;
    const { arn } = await harness.createStage({ storageConfigurationArn, ...SETTINGS });
    const recording = async () => (await getStage(harness.client, arn!)).autoParticipantRecordingConfiguration;
    return { ...harness, storageConfigurationArn, arn: arn!, recording };
  }

  test('has the settings of the request, and otherwise the default ones', async () => {
    const { createStage, storageConfigurationArn, recording } = await startRecording();
    expect(await recording()).toEqual({ storageConfigurationArn, ...SETTINGS });
    expect((await createStage({ storageConfigurationArn })).autoParticipantRecordingConfiguration).toEqual({ storageConfigurationArn, ...DEFAULTS });
    expect((await createStage()).autoParticipantRecordingConfiguration).toBeUndefined();
  });

  test('ends with an empty ARN', async () => {
    const { updateStage, arn, recording } = await startRecording();
    await updateStage({ arn, autoParticipantRecordingConfiguration: { storageConfigurationArn: '' } });
    expect(await recording()).toBeUndefined();
  });

  test.each<[IvsRealtimeOptions['omittedRecording'], object, object | undefined]>([
    [undefined, DEFAULTS, undefined],
    ['kept', SETTINGS, SETTINGS],
    ['kept-without-settings', DEFAULTS, SETTINGS],
    ['kept-with-settings', SETTINGS, undefined],
  ])('is updated with the option %s', async (omittedRecording, afterOne, afterNone) => {
    const one = await startRecording({ omittedRecording });
    await one.updateStage({ arn: one.arn, autoParticipantRecordingConfiguration: { storageConfigurationArn: one.storageConfigurationArn } });
    expect(await one.recording()).toEqual({ storageConfigurationArn: one.storageConfigurationArn, ...afterOne });
    const none = await startRecording({ omittedRecording });
    await none.updateStage({ arn: none.arn, name: 'hall' });
    expect(await none.recording()).toEqual(afterNone && { storageConfigurationArn: none.storageConfigurationArn, ...afterNone });
    expect(await getStage(none.client, none.arn)).toMatchObject({ name: 'hall' });
  });

  test('is updated by CloudFormation with the same option', async () => {
    const apply = ({ emulator }: IvsHarness, physicalId: string, properties: object) =>
      emulator.applyResource({ action: 'update', type: 'AWS::IVS::Stage', region, physicalId, properties: properties as never });
    const kept = await startRecording({ omittedRecording: 'kept' });
    apply(kept, kept.arn, { Name: 'hall' });
    apply(kept, kept.arn, { AutoParticipantRecordingConfiguration: { StorageConfigurationArn: kept.storageConfigurationArn } });
    expect(await kept.recording()).toEqual({ storageConfigurationArn: kept.storageConfigurationArn, ...SETTINGS });
    const reset = await startRecording();
    apply(reset, reset.arn, { AutoParticipantRecordingConfiguration: { StorageConfigurationArn: reset.storageConfigurationArn } });
    expect(await reset.recording()).toEqual({ storageConfigurationArn: reset.storageConfigurationArn, ...DEFAULTS });
  });

  test('keeps the name if the update contains none', async () => {
    const { updateStage, arn, client, storageConfigurationArn } = await startRecording();
    await updateStage({ arn, name: 'hall', autoParticipantRecordingConfiguration: { storageConfigurationArn } });
    await updateStage({ arn, autoParticipantRecordingConfiguration: { storageConfigurationArn } });
    expect(await getStage(client, arn)).toMatchObject({ name: 'hall' });
  });

  test('can\'t be changed while an encoder publishes, but the name can', async () => {
    const { updateStage, arn, client, edit, storageConfigurationArn, recording } = await startRecording();
    edit((await create(client, { stageArn: arn })).arn!, { state: 'ACTIVE' });
    const before = await recording();
    const change = { arn, autoParticipantRecordingConfiguration: { storageConfigurationArn, recordingReconnectWindowSeconds: 60 } };
    expect(await errorName(updateStage(change))).toBe('ConflictException');
    await updateStage({ arn, name: 'hall', autoParticipantRecordingConfiguration: { storageConfigurationArn, ...SETTINGS } as never });
    expect(await recording()).toEqual(before);
  });

  test('needs a storage configuration and a stage that exist', async () => {
    const { updateStage, createStage, arn } = await startRecording();
    const autoParticipantRecordingConfiguration = { storageConfigurationArn: MISSING };
    expect(await errorName(updateStage({ arn, autoParticipantRecordingConfiguration }))).toBe('ResourceNotFoundException');
    expect(await errorName(createStage(autoParticipantRecordingConfiguration))).toBe('ValidationException');
    expect(await errorName(updateStage({ arn: `arn:aws:ivs:${region}:${account}:stage/abcdABCDefgh` }))).toBe('ResourceNotFoundException');
    expect(await errorName(updateStage({ arn: arn.replace(account, '333333333333') }))).toBe('AccessDeniedException');
  });

  test('isn\'t updated while the account is being verified', async () => {
    const { updateStage, stage } = await start({ pendingVerification: true });
    expect(await errorName(updateStage({ arn: stage() }))).toBe('PendingVerification');
  });
});

describe('a recording', () => {
  async function publish(options: IvsRealtimeOptions, change: (buckets: TwoBuckets) => void = () => undefined) {
    const buckets = new TwoBuckets();
    const { createStorage, createStage, client, edit } = await start({ ...options, buckets });
    const storageConfigurationArn = (await createStorage()).arn!;
    change(buckets);
    const { arn: stageArn = '' } = await createStage({ storageConfigurationArn });
    const { arn, participantId } = await create(client, { stageArn });
    edit(arn!, { state: 'ACTIVE' });
    const { activeSessionId } = await getStage(client, stageArn);
    return { objects: buckets.objects, prefix: `recordings/${stageArn.split('/')[1]}/${activeSessionId}/${participantId}/` };
  }
  const only = (...Statement: object[]) => (buckets: TwoBuckets) => buckets.putPolicy('recordings', JSON.stringify({ Version: '2012-10-17', Statement }));

  test.each<[string, IvsRealtimeOptions, ((buckets: TwoBuckets) => void) | undefined]>([
    ['the policy of the service', {}, undefined],
    ['only the documented statement', {}, only(DOCUMENTED)],
    ['the policy of the service, if the service needs a statement of its own', { recordingNeeds: 'own' }, undefined],
  ])('arrives with %s', async (_, options, change) => {
    const { objects, prefix } = await publish(options, change);
    expect(objects).toEqual([expect.stringContaining(prefix)]);
  });

  test.each<[string, IvsRealtimeOptions, (buckets: TwoBuckets) => void]>([
    ['no policy', {}, (buckets) => buckets.putPolicy('recordings', undefined)],
    ['another action', {}, only({ ...DOCUMENTED, Action: ['s3:GetObject'] })],
    ['only the documented statement, if the service needs a statement of its own', { recordingNeeds: 'own' }, only(DOCUMENTED)],
  ])('doesn\'t arrive with %s', async (_, options, change) => {
    expect((await publish(options, change)).objects).toEqual([]);
  });

  test('isn\'t stored of a stage that doesn\'t record', async () => {
    const buckets = new TwoBuckets();
    const { createStorage, stage, client, edit } = await start({ buckets });
    await createStorage();
    edit((await create(client, { stageArn: stage() })).arn!, { state: 'ACTIVE' });
    expect(buckets.objects).toEqual([]);
  });
});

import { account, region } from './harness';
import { create, getStage, type IvsHarness, startIvs, tag, tagsOf } from './ivs-realtime-harness';

const STAGE = 'AWS::IVS::Stage';
const STORAGE = 'AWS::IVS::StorageConfiguration';
const BUCKET = { S3: { BucketName: 'recordings' } };

const apply = ({ emulator }: IvsHarness, type: string, action: 'create' | 'update' | 'delete', more: { properties?: Record<string, unknown>; physicalId?: string; region?: string }) =>
  emulator.applyResource({ action, type, region, ...more });
const newStorage = (harness: IvsHarness, properties: Record<string, unknown> = {}) => apply(harness, STORAGE, 'create', { properties: { ...BUCKET, ...properties } }).physicalId;
const state = ({ emulator }: IvsHarness) => (emulator.state()['ivs-realtime'] as { stages: any[]; storageConfigurations: any[] }[])[0];
const problemOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
  throw new Error('nothing was refused');
};

describe('a storage configuration', () => {
  test('is created: Ref and Arn are its ARN', async () => {
    const harness = await startIvs();
    const { physicalId, attributes } = apply(harness, STORAGE, 'create', { properties: { ...BUCKET, Name: 'studio', Tags: [{ Key: 'a', Value: '1' }] } });
    expect(physicalId).toMatch(new RegExp(`^arn:aws:ivs:${region}:${account}:storage-configuration/[a-zA-Z0-9]{12}$`));
    expect(attributes).toEqual({ Arn: physicalId });
    expect(state(harness).storageConfigurations).toEqual([{ arn: physicalId, name: 'studio', bucketName: 'recordings', tags: { a: '1' } }]);
  });

  test('keeps its ARN if only tags change, and otherwise gets a new one', async () => {
    const harness = await startIvs();
    const arn = newStorage(harness);
    const update = (properties: Record<string, unknown>) => apply(harness, STORAGE, 'update', { physicalId: arn, properties }).physicalId;
    expect(update({ ...BUCKET, Tags: [{ Key: 'a', Value: '1' }] })).toBe(arn);
    expect(state(harness).storageConfigurations[0].tags).toEqual({ a: '1' });
    expect(update({ ...BUCKET, Name: 'other' })).not.toBe(arn);
    expect(update({ S3: { BucketName: 'others' } })).not.toBe(arn);
  });

  test('is deleted, and deleted again', async () => {
    const harness = await startIvs();
    const physicalId = newStorage(harness);
    for (let round = 0; round < 2; round += 1) apply(harness, STORAGE, 'delete', { physicalId });
    expect(state(harness).storageConfigurations).toEqual([]);
  });

  test('has tags by the operations of the service', async () => {
    const harness = await startIvs();
    const arn = newStorage(harness);
    await tag(harness.client, arn, { a: '1' });
    expect(await tagsOf(harness.client, arn)).toEqual({ a: '1' });
  });

  test.each([
    ['no bucket', {}, 'ValidationException: AWS::IVS::StorageConfiguration needs the property S3.BucketName, the name of a bucket'],
    ['a name that is none', { ...BUCKET, Name: 'a b' }, 'ValidationException: Name must match [a-zA-Z0-9-_]* and have at most 128 characters'],
    ['an unknown property', { ...BUCKET, Bucket: 'x' }, 'ValidationException: AWS::IVS::StorageConfiguration has no property Bucket'],
    ['an unknown member', { S3: { BucketName: 'recordings', Prefix: 'x' } }, 'ValidationException: S3 has no property Prefix'],
  ])('is refused with %s', async (_, properties, message) => {
    const harness = await startIvs();
    expect(problemOf(() => apply(harness, STORAGE, 'create', { properties }))).toBe(message);
  });

  test('is refused where the service is not, and an update of what does not exist', async () => {
    const harness = await startIvs();
    expect(problemOf(() => apply(harness, STORAGE, 'create', { properties: BUCKET, region: 'eu-west-2' }))).toContain('UnsupportedRegion');
    expect(problemOf(() => apply(harness, STORAGE, 'update', { properties: BUCKET, physicalId: 'x' }))).toContain('ResourceNotFoundException');
  });
});

describe('a stage that records', () => {
  const newStage = (harness: IvsHarness, recording: unknown) => apply(harness, STAGE, 'create', { properties: { AutoParticipantRecordingConfiguration: recording } }).physicalId;
  const defaults = {
    mediaTypes: ['AUDIO_VIDEO'],
    recordingReconnectWindowSeconds: 0,
    targetSegmentDurationSeconds: 6,
    thumbnails: { recordingMode: 'DISABLED', targetIntervalSeconds: 60, storage: ['SEQUENTIAL'] },
  };

  test('has the defaults of the service', async () => {
    const harness = await startIvs();
    const StorageConfigurationArn = newStorage(harness);
    newStage(harness, { StorageConfigurationArn });
    expect(state(harness).stages[0].recording).toEqual({ storageConfigurationArn: StorageConfigurationArn, ...defaults });
  });

  test('has every property, and stops with an empty ARN', async () => {
    const harness = await startIvs();
    const StorageConfigurationArn = newStorage(harness);
    const physicalId = newStage(harness, {
      StorageConfigurationArn,
      MediaTypes: ['AUDIO_ONLY'],
      RecordingReconnectWindowSeconds: '300',
      HlsConfiguration: { ParticipantRecordingHlsConfiguration: { TargetSegmentDurationSeconds: 2 } },
      ThumbnailConfiguration: { ParticipantThumbnailConfiguration: { RecordingMode: 'INTERVAL', TargetIntervalSeconds: 86_400, Storage: ['LATEST', 'SEQUENTIAL'] } },
    });
    expect(state(harness).stages[0].recording).toEqual({
      storageConfigurationArn: StorageConfigurationArn,
      mediaTypes: ['AUDIO_ONLY'],
      recordingReconnectWindowSeconds: 300,
      targetSegmentDurationSeconds: 2,
      thumbnails: { recordingMode: 'INTERVAL', targetIntervalSeconds: 86_400, storage: ['LATEST', 'SEQUENTIAL'] },
    });
    apply(harness, STAGE, 'update', { physicalId, properties: { AutoParticipantRecordingConfiguration: { StorageConfigurationArn: '' } } });
    expect(state(harness).stages[0].recording).toBeUndefined();
  });

  test('shows its recording in GetStage', async () => {
    const harness = await startIvs();
    const StorageConfigurationArn = newStorage(harness);
    const arn = newStage(harness, { StorageConfigurationArn });
    expect((await getStage(harness.client, arn)).autoParticipantRecordingConfiguration).toEqual({
      storageConfigurationArn: StorageConfigurationArn,
      mediaTypes: ['AUDIO_VIDEO'],
      recordingReconnectWindowSeconds: 0,
      hlsConfiguration: { targetSegmentDurationSeconds: 6 },
      thumbnailConfiguration: { recordingMode: 'DISABLED', targetIntervalSeconds: 60, storage: ['SEQUENTIAL'] },
    });
    expect((await getStage(harness.client, harness.stage())).autoParticipantRecordingConfiguration).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a media type of the API only', { MediaTypes: ['NONE'] }, 'MediaTypes must have at most 1 different values of AUDIO_VIDEO, AUDIO_ONLY'],
    ['two media types', { MediaTypes: ['AUDIO_VIDEO', 'AUDIO_ONLY'] }, 'MediaTypes must have at most 1 different values of AUDIO_VIDEO, AUDIO_ONLY'],
    ['a window that is too long', { RecordingReconnectWindowSeconds: 301 }, 'RecordingReconnectWindowSeconds must be an integer from 0 to 300'],
    ['segments that are too short', { HlsConfiguration: { ParticipantRecordingHlsConfiguration: { TargetSegmentDurationSeconds: 1 } } }, 'TargetSegmentDurationSeconds must be an integer from 2 to 10'],
    ['thumbnails that are too rare', { ThumbnailConfiguration: { ParticipantThumbnailConfiguration: { TargetIntervalSeconds: 86_401 } } }, 'TargetIntervalSeconds must be an integer from 1 to 86400'],
    ['the same storage twice', { ThumbnailConfiguration: { ParticipantThumbnailConfiguration: { Storage: ['LATEST', 'LATEST'] } } }, 'Storage must have at most 2 different values of SEQUENTIAL, LATEST'],
    ['an unknown mode', { ThumbnailConfiguration: { ParticipantThumbnailConfiguration: { RecordingMode: 'ON' } } }, 'RecordingMode must have at most 1 different values of INTERVAL, DISABLED'],
    ['a member of the API in the wrong place', { HlsConfiguration: { TargetSegmentDurationSeconds: 6 } }, 'HlsConfiguration has no property TargetSegmentDurationSeconds'],
    ['a storage configuration that does not exist', { StorageConfigurationArn: 'x' }, 'x does not exist'],
  ])('is refused with %s', async (_, recording, message) => {
    const harness = await startIvs();
    const StorageConfigurationArn = newStorage(harness);
    expect(problemOf(() => newStage(harness, { StorageConfigurationArn, ...recording }))).toBe(`ValidationException: ${message}`);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a negative window', { RecordingReconnectWindowSeconds: -1 }, 'RecordingReconnectWindowSeconds must be an integer from 0 to 300'],
    ['segments that are too long', { HlsConfiguration: { ParticipantRecordingHlsConfiguration: { TargetSegmentDurationSeconds: 11 } } }, 'TargetSegmentDurationSeconds must be an integer from 2 to 10'],
    ['thumbnails that are too frequent', { ThumbnailConfiguration: { ParticipantThumbnailConfiguration: { TargetIntervalSeconds: 0 } } }, 'TargetIntervalSeconds must be an integer from 1 to 86400'],
    ['replicas, which only the API records', { RecordParticipantReplicas: true }, 'AutoParticipantRecordingConfiguration has no property RecordParticipantReplicas'],
  ])('is refused with %s', async (_, recording, message) => {
    const harness = await startIvs();
    const StorageConfigurationArn = newStorage(harness);
    expect(problemOf(() => newStage(harness, { StorageConfigurationArn, ...recording }))).toBe(`ValidationException: ${message}`);
  });

  test('accepts the greatest segments, and no storage of thumbnails', async () => {
    const harness = await startIvs();
    newStage(harness, {
      StorageConfigurationArn: newStorage(harness),
      HlsConfiguration: { ParticipantRecordingHlsConfiguration: { TargetSegmentDurationSeconds: 10 } },
      ThumbnailConfiguration: { ParticipantThumbnailConfiguration: { TargetIntervalSeconds: 1, Storage: [] } },
    });
    expect(state(harness).stages[0].recording).toMatchObject({
      targetSegmentDurationSeconds: 10, thumbnails: { targetIntervalSeconds: 1, storage: [] },
    });
  });

  describe('and an encoder publishes', () => {
    const startRecording = async (recording?: object) => {
      const harness = await startIvs();
      const StorageConfigurationArn = newStorage(harness);
      const properties = { AutoParticipantRecordingConfiguration: { StorageConfigurationArn, ...recording } };
      const physicalId = apply(harness, STAGE, 'create', { properties: recording && properties }).physicalId;
      const { arn } = await create(harness.client, { stageArn: physicalId });
      harness.edit(arn!, { state: 'ACTIVE' });
      const update = (changed: Record<string, unknown>) => apply(harness, STAGE, 'update', { physicalId, properties: changed });
      return { harness, arn: arn!, properties, update, recording: () => state(harness).stages[0].recording };
    };

    test.each<[string, object]>([
      ['another window', { RecordingReconnectWindowSeconds: 60 }],
      ['an empty ARN', { StorageConfigurationArn: '' }],
    ])('refuses to change the recording: %s', async (_, change) => {
      const { harness, arn, properties, update, recording } = await startRecording({});
      const before = recording();
      const changed = { AutoParticipantRecordingConfiguration: { ...properties.AutoParticipantRecordingConfiguration, ...change } };
      expect(problemOf(() => update(changed))).toMatch(/^ConflictException: .* while a recording is active/);
      expect(problemOf(() => update({}))).toMatch(/^ConflictException: /);
      expect(recording()).toEqual(before);
      harness.edit(arn, { state: 'INACTIVE' });
      update(changed);
      expect(recording()).not.toEqual(before);
    });

    test('takes a new name and new tags with the same recording', async () => {
      const { harness, properties, update, recording } = await startRecording({});
      const before = recording();
      update({ ...properties, Name: 'hall', Tags: [{ Key: 'a', Value: '1' }] });
      expect(state(harness).stages[0]).toMatchObject({ name: 'hall', tags: { a: '1' }, recording: before });
    });

    test('can begin to record, because no recording is active', async () => {
      const { properties, update, recording } = await startRecording();
      update(properties);
      expect(recording()).toBeDefined();
    });

    test('to another stage, changes the recording of this one', async () => {
      const { harness, arn, update, recording } = await startRecording({});
      harness.edit(arn, { stageArn: harness.stage() });
      update({});
      expect(recording()).toBeUndefined();
    });
  });

  test('is refused without an ARN, and with something that is no object', async () => {
    const harness = await startIvs();
    expect(problemOf(() => newStage(harness, {}))).toBe('ValidationException: AutoParticipantRecordingConfiguration needs the property StorageConfigurationArn');
    expect(problemOf(() => newStage(harness, 'x'))).toBe('ValidationException: AutoParticipantRecordingConfiguration must be an object');
  });

  test('is refused with a storage configuration of another region', async () => {
    const harness = await startIvs();
    const { physicalId } = apply(harness, STORAGE, 'create', { properties: BUCKET, region: 'us-east-1' });
    expect(problemOf(() => newStage(harness, { StorageConfigurationArn: physicalId }))).toBe(`ValidationException: ${physicalId} does not exist`);
  });
});

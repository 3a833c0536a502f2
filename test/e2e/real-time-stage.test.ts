import { CfnOutput, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { failsAfter, LocalDeployment } from './local-deployment';
import { IngestConfiguration, RealTimeStage, type RealTimeStageProps, StorageConfiguration, ThumbnailStorage } from '../../src';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
// Each test leaves nothing behind and meets no denial.
afterEach(() => local.assertNothingLeft());

interface RecordingState {
  readonly storageConfigurationArn: string;
  readonly recordingReconnectWindowSeconds: number;
  readonly thumbnails: { readonly recordingMode: string };
}

interface StageState {
  readonly arn: string;
  readonly name: string;
  readonly recording?: RecordingState;
  readonly tags: Record<string, string>;
}

interface StorageState {
  readonly arn: string;
  readonly name: string;
  readonly bucketName: string;
}

const ivsState = () => (local.emulator.state()['ivs-realtime'] as { stages: StageState[]; storageConfigurations: StorageState[] }[])[0];

interface Version {
  readonly stageName?: string;
  readonly storageName?: string;
  readonly recording?: Partial<RealTimeStageProps['autoParticipantRecording']> | false;
  readonly also?: (stack: Stack, stage: RealTimeStage) => void;
}

const studio = ({ stageName = 'studio', storageName = 'recordings', recording = {}, also = () => {} }: Version = {}) => (stack: Stack) => {
  const bucket = new s3.Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY });
  const storageConfiguration = new StorageConfiguration(stack, 'Storage', { storageConfigurationName: storageName, bucket });
  const stage = new RealTimeStage(stack, 'Stage', {
    stageName, autoParticipantRecording: recording ? { storageConfiguration, ...recording } : undefined,
  });
  new CfnOutput(stack, 'Arn', { value: stage.stageArn });
  new CfnOutput(stack, 'Id', { value: stage.stageId });
  new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
  also(stack, stage);
};

const policyOf = async (bucketName: string) => {
  const response = await fetch(`${local.cloud.url}/${bucketName}?policy`, {
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0' },
  });
  if (!response.ok) throw new Error(`GetBucketPolicy: ${response.status} ${await response.text()}`);
  return JSON.parse(await response.text());
};

test('a stage with recording is created, updated, rolled back, and destroyed', async () => {
  const { outputs: { Studio: { Arn, Id, BucketName } } } = await local.deployed('Studio', studio());
  const [storage] = ivsState().storageConfigurations;
  const { name, bucketName } = storage;
  expect({ name, bucketName }).toEqual({ name: 'recordings', bucketName: BucketName });
  expect(ivsState().stages).toMatchObject([{
    arn: Arn, name: 'studio', recording: { storageConfigurationArn: storage.arn, recordingReconnectWindowSeconds: 0, thumbnails: { recordingMode: 'DISABLED' } },
  }]);
  expect(Arn.endsWith(`:stage/${Id}`)).toBe(true);
  expect((await policyOf(BucketName)).Statement).toEqual([{
    Effect: 'Allow',
    Principal: { Service: 'ivs-composite.us-east-1.amazonaws.com' },
    Action: ['s3:PutObject', 's3:PutObjectAcl'],
    Resource: `arn:aws:s3:::${BucketName}/*`,
    Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' }, Bool: { 'aws:SecureTransport': 'true' } },
  }]);

  const recording = { recordingReconnectWindow: Duration.minutes(1), thumbnails: { storage: [ThumbnailStorage.LATEST] } };
  await local.deployed('Studio', studio({ stageName: 'hall', recording }));
  const after = [{
    arn: Arn, name: 'hall', recording: { storageConfigurationArn: storage.arn, recordingReconnectWindowSeconds: 60, thumbnails: { recordingMode: 'INTERVAL', storage: ['LATEST'] } },
  }];
  expect(ivsState().stages).toMatchObject(after);

  const failed = await local.deploy('Studio', studio({ stageName: 'cellar', also: (stack, stage) => failsAfter(stack, stage) }));
  expect(failed.exitCode).not.toBe(0);
  expect(ivsState().stages).toMatchObject(after);
  await local.destroyed('Studio');
});

test('without the property, recording is disabled', async () => {
  await local.deployed('Silent', studio());
  expect(ivsState().stages[0].recording).toBeDefined();
  await local.deployed('Silent', studio({ recording: false }));
  expect(ivsState().stages[0].recording).toBeUndefined();
  await local.destroyed('Silent');
});

test('a storage configuration is replaced, and the stage records to the new one', async () => {
  await local.deployed('Moving', studio());
  const [before] = ivsState().storageConfigurations;
  await local.deployed('Moving', studio({ storageName: 'archive' }));
  const { stages, storageConfigurations } = ivsState();
  expect(storageConfigurations).toHaveLength(1);
  expect(storageConfigurations[0].arn).not.toBe(before.arn);
  expect(stages[0].recording!.storageConfigurationArn).toBe(storageConfigurations[0].arn);
  await local.destroyed('Moving');
});

test('an encoder publishes to the stage, and both leave with the stack', async () => {
  await local.deployed('Ingest', studio({ recording: false, also: (stack, stage) => { new IngestConfiguration(stack, 'Ingest', { stage }); } }));
  expect(local.ingestConfigurations()[0].stageArn).toBe(ivsState().stages[0].arn);
  await local.destroyed('Ingest');
});

test('the recording can\'t be changed while an encoder publishes: the deployment fails and is rolled back, and succeeds later', async () => {
  const version = (recording: Version['recording']) => studio({ recording, also: (stack, stage) => { new IngestConfiguration(stack, 'Ingest', { stage }); } });
  await local.deployed('Live', version({}));
  const [{ arn }] = local.ingestConfigurations();
  const publish = (state: 'ACTIVE' | 'INACTIVE') => local.emulator.edit({ service: 'ivs-realtime', resource: arn, state } as never);

  publish('ACTIVE');
  // With the session of the encoder.
  const before = ivsState().stages;
  const changed = version({ recordingReconnectWindow: Duration.minutes(1) });
  const failed = await local.deploy('Live', changed);
  expect(failed.exitCode).not.toBe(0);
  expect(failed.output.join('\n')).toContain('cannot be updated while a recording is active');
  expect(ivsState().stages).toEqual(before);

  publish('INACTIVE');
  await local.deployed('Live', changed);
  expect(ivsState().stages[0].recording!.recordingReconnectWindowSeconds).toBe(60);
  await local.destroyed('Live');
});

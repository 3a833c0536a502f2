import { CfnOutput, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { failsAfter, LocalDeployment } from './local-deployment';
import { mixins, VideoStream, type VideoStreamProps } from '../../src';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
// Each test leaves nothing behind and meets no denial.
afterEach(() => local.assertNothingLeft());

interface StreamState {
  readonly arn: string;
  readonly name: string;
  readonly dataRetentionInHours: number;
  readonly imageGeneration?: object;
  readonly notification?: object;
  readonly tags: Record<string, string>;
}

const streams = () => (local.emulator.state().kinesisvideo as { streams: StreamState[] }[]).flatMap((region) => region.streams);

const settingsOf = ({ name, imageGeneration, notification, tags }: StreamState) => (
  { name, imageGeneration, notification, tags: Object.keys(tags).sort() }
);

const OWNER_TAGS = ['cdk-rtc:image-generation', 'cdk-rtc:notification'];

/** The document of the service for the image generation of these tests. */
const imagesTo = (uri: string, samplingInterval: number) => ({
  Status: 'ENABLED',
  ImageSelectorType: 'PRODUCER_TIMESTAMP',
  Format: 'JPEG',
  FormatConfig: { JPEGQuality: '80' },
  SamplingInterval: samplingInterval,
  DestinationConfig: { Uri: uri, DestinationRegion: 'us-east-1' },
});

interface Version {
  readonly keyPrefix?: string;
  readonly samplingInterval?: Duration;
  readonly topicId?: string;
  readonly properties?: Partial<VideoStreamProps>;
  readonly hasSettings?: boolean;
  readonly also?: (stack: Stack, camera: VideoStream) => void;
}

const camera = ({ keyPrefix = 'door', samplingInterval = Duration.seconds(3), topicId = 'Topic', properties, hasSettings = true, also = () => {} }: Version = {}) => (
  (stack: Stack) => {
    const bucket = new s3.Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY });
    const topics = ['Topic', 'OtherTopic'].map((id) => new sns.Topic(stack, id));
    const topic = topics.find(({ node }) => node.id === topicId)!;
    const stream = new VideoStream(stack, 'Camera', {
      streamName: 'camera',
      dataRetention: Duration.days(1),
      removalPolicy: RemovalPolicy.DESTROY,
      ...hasSettings ? { imageGeneration: { bucket, keyPrefix, samplingInterval }, notification: { topic } } : {},
      ...properties,
    });
    new CfnOutput(stack, 'Arn', { value: stream.streamArn });
    new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
    for (const { node, topicArn } of topics) new CfnOutput(stack, `${node.id}Arn`, { value: topicArn });
    also(stack, stream);
  }
);

test('a stream with image generation and a notification is created, changed, rolled back, relieved of its settings, and destroyed', async () => {
  const { outputs: { Watch: { Arn, BucketName, TopicArn, OtherTopicArn } } } = await local.deployed('Watch', camera());
  const [created] = streams();
  expect(created).toMatchObject({ arn: Arn, dataRetentionInHours: 24 });
  expect(settingsOf(created)).toEqual({
    name: 'camera',
    imageGeneration: imagesTo(`s3://${BucketName}/door`, 3_000),
    notification: { Status: 'ENABLED', DestinationConfig: { Uri: TopicArn } },
    tags: OWNER_TAGS,
  });

  await local.deployed('Watch', camera({ keyPrefix: 'gate', samplingInterval: Duration.seconds(5), topicId: 'OtherTopic' }));
  const [changed] = streams();
  expect(settingsOf(changed)).toEqual({
    name: 'camera',
    imageGeneration: imagesTo(`s3://${BucketName}/gate`, 5_000),
    notification: { Status: 'ENABLED', DestinationConfig: { Uri: OtherTopicArn } },
    tags: OWNER_TAGS,
  });
  expect(changed.arn).toBe(Arn);

  const callsBefore = local.emulator.calls.length;
  const failed = await local.deploy('Watch', camera({ also: (stack, stream) => failsAfter(stack, stream) }));
  expect(failed.exitCode).not.toBe(0);
  // The settings of the failed deployment reached the stream, and the rollback replaced them.
  const updates = local.emulator.calls.slice(callsBefore).filter(({ operation, mutated }) => mutated && operation.endsWith('Configuration')).map(({ operation }) => operation);
  expect(updates.sort()).toEqual([
    'UpdateImageGenerationConfiguration', 'UpdateImageGenerationConfiguration', 'UpdateNotificationConfiguration', 'UpdateNotificationConfiguration',
  ]);
  expect(settingsOf(streams()[0])).toEqual(settingsOf(changed));
  expect(streams()[0].tags).toEqual(changed.tags);

  await local.deployed('Watch', camera({ hasSettings: false }));
  expect(streams()[0].arn).toBe(Arn);
  expect(settingsOf(streams()[0])).toEqual({ name: 'camera', imageGeneration: undefined, notification: undefined, tags: [] });
  await local.destroyed('Watch');
});

test('an existing native stream gets both settings by the mixins, and is retained without them when the stack is destroyed', async () => {
  const native = (isConfigured: boolean) => (stack: Stack) => {
    const bucket = new s3.Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY });
    const topic = new sns.Topic(stack, 'Topic');
    const stream = new kinesisvideo.CfnStream(stack, 'Camera', { dataRetentionInHours: 24 });
    stream.applyRemovalPolicy(RemovalPolicy.RETAIN);
    new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
    new CfnOutput(stack, 'TopicArn', { value: topic.topicArn });
    if (!isConfigured) return;
    stream.with(new mixins.StreamImageGeneration({ bucket, samplingInterval: Duration.seconds(3) }));
    stream.with(new mixins.StreamNotification({ topic }));
  };
  await local.deployed('Native', native(false));
  const [{ arn }] = streams();
  const { outputs: { Native: { BucketName, TopicArn } } } = await local.deployed('Native', native(true));
  expect(streams()).toMatchObject([{
    arn,
    imageGeneration: { SamplingInterval: 3000, DestinationConfig: { Uri: `s3://${BucketName}`, DestinationRegion: 'us-east-1' } },
    notification: { Status: 'ENABLED', DestinationConfig: { Uri: TopicArn } },
  }]);
  expect(Object.keys(streams()[0].tags).sort()).toEqual(OWNER_TAGS);
  await local.destroyed('Native');
  const [retained] = streams();
  expect(retained.arn).toBe(arn);
  expect(settingsOf(retained)).toEqual({ name: retained.name, imageGeneration: undefined, notification: undefined, tags: [] });
  local.emulator.edit({ service: 'kinesisvideo', resource: arn, delete: true } as never);
});

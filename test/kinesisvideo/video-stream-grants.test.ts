import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Authorizer } from '../../local/emulator/authorization';
import { mixins, VideoStream, VideoStreamGrants, type VideoStreamProps } from '../../src';
import { ACCOUNT, REGION } from '../handler-setup';
import { permissionsOf } from '../iam/permissions';

const authorizer = new Authorizer();
const arnOfStream = (name: string) => `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:stream/${name}/1700000000000`;
const arnOfKey = (id: string) => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id}`;
const [STREAM, OTHER_STREAM] = [arnOfStream('camera'), arnOfStream('other')];
const [STREAM_KEY, BUCKET_KEY, TOPIC_KEY, OTHER_KEY] = ['stream', 'bucket', 'topic', 'other'].map((id) => arnOfKey(`${id}-key`));
const [TOPIC, OTHER_TOPIC] = ['fragments', 'other'].map((name) => `arn:aws:sns:${REGION}:${ACCOUNT}:${name}`);
const [IMAGE, OUTSIDE_OF_PREFIX, OTHER_BUCKET] = ['images/front/1.jpg', 'images/1.jpg', 'other/front/1.jpg'].map((key) => `arn:aws:s3:::${key}`);

const DATA = [
  'DescribeStream', 'GetDataEndpoint', 'PutMedia', 'GetMedia', 'ListFragments', 'GetMediaForFragmentList', 'GetHLSStreamingSessionURL', 'GetDASHStreamingSessionURL',
  'GetClip', 'GetImages',
];
const CONTROL = ['CreateStream', 'UpdateStream', 'UpdateDataRetention', 'DeleteStream', 'TagStream', 'UpdateImageGenerationConfiguration', 'UpdateNotificationConfiguration'];
const KEY_USES = ['Decrypt', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'DescribeKey', 'ScheduleKeyDeletion'];

/** Everything that a principal could ask for, of this stream and of another one. */
const QUESTIONS: [action: string, arn: string][] = [
  ...[STREAM, OTHER_STREAM].flatMap((arn) => [...DATA, ...CONTROL].map((action): [string, string] => [`kinesisvideo:${action}`, arn])),
  ...[STREAM_KEY, BUCKET_KEY, TOPIC_KEY, OTHER_KEY].flatMap((arn) => KEY_USES.map((action): [string, string] => [`kms:${action}`, arn])),
  ...[IMAGE, OUTSIDE_OF_PREFIX, OTHER_BUCKET].flatMap((arn) => ['PutObject', 'GetObject', 'PutObjectTagging', 'DeleteObject'].map((action): [string, string] => [`s3:${action}`, arn])),
  ...[TOPIC, OTHER_TOPIC].flatMap((arn) => ['Publish', 'Subscribe', 'DeleteTopic'].map((action): [string, string] => [`sns:${action}`, arn])),
];

type Grant = (grants: VideoStreamGrants, role: iam.Role) => iam.Grant;

/** What IAM allows a role with the grant, of all questions. */
async function allowed(grant: Grant, streamIn: (stack: Stack) => VideoStreamGrants): Promise<string[]> {
  const policies = permissionsOf((stack) => {
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    grant(streamIn(stack), role).assertSuccess();
  }).filter(({ role }) => role === 'Role').map(({ action: Action, resources: Resource, conditions: Condition }) => ({
    Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource, Condition }],
  }));
  const principal = { arn: `arn:aws:iam::${ACCOUNT}:role/role`, policies };
  const service = { iamPrefix: '', errors: { accessDenied: 'AccessDenied' } } as never;
  const answers = await Promise.all(QUESTIONS.map(([action, arn]) => authorizer.authorize(service, '', principal, ACCOUNT, [{ action, arn }])
    .then(() => [`${action} on ${arn}`], (error: Error) => {
      // What the simulator can't judge proves nothing.
      if (error.message.includes('could not be evaluated')) throw error;
      return [];
    })));
  return answers.flat().sort();
}

const on = (arn: string, service: string, ...actions: string[]) => actions.map((action) => `${service}:${action} on ${arn}`);
const keyIn = (stack: Stack, arn: string) => kms.Key.fromKeyArn(stack, arn, arn);
const plain = (stack: Stack) => VideoStream.fromStreamArn(stack, 'Camera', STREAM).grants;
const encrypted = (stack: Stack) => VideoStream.fromStreamAttributes(stack, 'Camera', { streamArn: STREAM, encryptionKey: keyIn(stack, STREAM_KEY) }).grants;
const bucketIn = (stack: Stack) => s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'images', encryptionKey: keyIn(stack, BUCKET_KEY) });
const topicIn = (stack: Stack) => sns.Topic.fromTopicAttributes(stack, 'Topic', { topicArn: TOPIC, keyArn: TOPIC_KEY });

describe.each<[string, Grant, string[], string[]]>([
  ['putMedia', (grants, role) => grants.putMedia(role), ['DescribeStream', 'GetDataEndpoint', 'PutMedia'], ['GenerateDataKey']],
  ['getMedia', (grants, role) => grants.getMedia(role), ['GetDataEndpoint', 'GetMedia'], ['Decrypt']],
  ['listFragments', (grants, role) => grants.listFragments(role), ['GetDataEndpoint', 'ListFragments', 'GetMediaForFragmentList'], ['Decrypt']],
  ['play', (grants, role) => grants.play(role), ['GetDataEndpoint', 'GetHLSStreamingSessionURL', 'GetDASHStreamingSessionURL'], ['Decrypt']],
  ['getClip', (grants, role) => grants.getClip(role), ['GetDataEndpoint', 'GetClip'], ['Decrypt']],
  ['getImages', (grants, role) => grants.getImages(role), ['GetDataEndpoint', 'GetImages'], ['Decrypt']],
])('%s allows what the principal needs, and nothing else', (_, grant, actions, keyActions) => {
  const onStream = on(STREAM, 'kinesisvideo', ...actions);

  test('of a stream without a key', async () => {
    expect(await allowed(grant, plain)).toEqual([...onStream].sort());
  });

  test('of a stream with a key', async () => {
    expect(await allowed(grant, encrypted)).toEqual([...onStream, ...on(STREAM_KEY, 'kms', ...keyActions)].sort());
  });

  test('of a stream whose key is passed', async () => {
    const streamIn = (stack: Stack) => VideoStreamGrants.fromStream(VideoStream.fromStreamArn(stack, 'Camera', STREAM), keyIn(stack, STREAM_KEY));
    expect(await allowed(grant, streamIn)).toEqual([...onStream, ...on(STREAM_KEY, 'kms', ...keyActions)].sort());
  });
});

describe('putMedia allows what the service does with the credentials of the producer, and nothing else', () => {
  const newArn = arnOfStream('CameraA68A97AE');
  const put: Grant = (grants, role) => grants.putMedia(role);
  const onNewStream = on(newArn, 'kinesisvideo', 'DescribeStream', 'GetDataEndpoint', 'PutMedia');
  const inStack = (props: (stack: Stack) => Partial<VideoStreamProps>) => (stack: Stack) =>
    new VideoStream(stack, 'Camera', { dataRetention: Duration.hours(1), ...props(stack) }).grants;
  const imageGeneration = (stack: Stack) => ({ bucket: bucketIn(stack), keyPrefix: 'front/', samplingInterval: Duration.seconds(1) });

  beforeAll(() => {
    QUESTIONS.push(...[...DATA, ...CONTROL].map((action): [string, string] => [`kinesisvideo:${action}`, newArn]));
  });

  test('with images: the objects under the prefix, and the keys of the bucket and of the stream', async () => {
    const image = ['Decrypt', 'Encrypt', 'GenerateDataKey'];
    expect(await allowed(put, inStack((stack) => ({ imageGeneration: imageGeneration(stack), encryptionKey: keyIn(stack, STREAM_KEY) })))).toEqual([
      ...onNewStream, ...on(IMAGE, 's3', 'PutObject'), ...on(BUCKET_KEY, 'kms', ...image), ...on(STREAM_KEY, 'kms', ...image),
    ].sort());
  });

  test('with a notification: the topic and its key', async () => {
    expect(await allowed(put, inStack((stack) => ({ notification: { topic: topicIn(stack) } })))).toEqual([
      ...onNewStream, ...on(TOPIC, 'sns', 'Publish'), ...on(TOPIC_KEY, 'kms', 'Decrypt', 'GenerateDataKey'),
    ].sort());
  });

  test('with settings that mixins add to a CfnStream', async () => {
    const streamIn = (stack: Stack) => {
      const stream = new kinesisvideo.CfnStream(stack, 'CameraA68A97AE', { dataRetentionInHours: 1, kmsKeyId: STREAM_KEY });
      stream.with(new mixins.StreamImageGeneration(imageGeneration(stack)), new mixins.StreamNotification({ topic: topicIn(stack) }));
      return VideoStreamGrants.fromStream(stream);
    };
    const image = ['Decrypt', 'Encrypt', 'GenerateDataKey'];
    expect(await allowed(put, streamIn)).toEqual([
      ...onNewStream, ...on(IMAGE, 's3', 'PutObject'), ...on(BUCKET_KEY, 'kms', ...image), ...on(STREAM_KEY, 'kms', ...image),
      ...on(TOPIC, 'sns', 'Publish'), ...on(TOPIC_KEY, 'kms', 'Decrypt', 'GenerateDataKey'),
    ].sort());
  });

  test('not to a consumer: a stream with images and a notification is read with the same permissions', async () => {
    const read: Grant = (grants, role) => grants.getImages(role);
    expect(await allowed(read, inStack((stack) => ({ imageGeneration: imageGeneration(stack), notification: { topic: topicIn(stack) } }))))
      .toEqual(on(newArn, 'kinesisvideo', 'GetDataEndpoint', 'GetImages').sort());
  });
});

describe('a key that is given by an alias', () => {
  const statementsOn = (aliasName: string) => {
    const stack = new Stack(undefined, 'Stack', { env: { account: ACCOUNT, region: REGION } });
    const encryptionKey = kms.Alias.fromAliasName(stack, 'Alias', aliasName);
    VideoStream.fromStreamAttributes(stack, 'Camera', { streamArn: STREAM, encryptionKey }).grants.getMedia(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    return Properties.PolicyDocument.Statement.filter(({ Action }: any) => String(Action).startsWith('kms:'));
  };

  test('of an import by its name limits the grant to keys with the alias: IAM grants access to keys, not to aliases', () => {
    expect(statementsOn('alias/recordings')).toEqual([{
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:kms:${REGION}:${ACCOUNT}:key/*`]] },
      Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/recordings' } },
    }]);
  });

  test('that AWS manages needs no grant', () => {
    expect(statementsOn('alias/aws/kinesisvideo')).toEqual([]);
  });
});

test('a bucket of the app in another account allows the producer in its policy', () => {
  const bucketStack = new Stack(undefined, 'Bucket', { env: { account: '210987654321', region: REGION } });
  const stack = new Stack(bucketStack.node.root as never, 'Stack', { env: { account: ACCOUNT, region: REGION } });
  const bucket = new s3.Bucket(bucketStack, 'Images', { bucketName: 'images' });
  const stream = new VideoStream(stack, 'Camera', { dataRetention: Duration.hours(1), imageGeneration: { bucket, samplingInterval: Duration.seconds(1) } });
  stream.grants.putMedia(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal(), roleName: 'producer' }));
  Template.fromStack(bucketStack).hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:PutObject' }] },
  });
});

test('a topic of the app in another account needs both policies: the producer gets one, and the topic names the producer', () => {
  const topicStack = new Stack(undefined, 'Topic', { env: { account: '210987654321', region: REGION } });
  const stack = new Stack(topicStack.node.root as never, 'Stack', { env: { account: ACCOUNT, region: REGION } });
  const topic = new sns.Topic(topicStack, 'Fragments', { topicName: 'fragments' });
  const stream = new VideoStream(stack, 'Camera', { dataRetention: Duration.hours(1), notification: { topic } });
  stream.grants.putMedia(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal(), roleName: 'producer' }));
  const principal = { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${ACCOUNT}:role/producer`]] } };
  const [{ Properties: { PolicyDocument } }] = Object.values(Template.fromStack(topicStack).findResources('AWS::SNS::TopicPolicy'));
  expect(PolicyDocument.Statement).toMatchObject([{ Effect: 'Allow', Action: 'sns:Publish', Principal: principal, Resource: { Ref: expect.stringMatching(/^Fragments/) } }]);
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  expect(policies.flatMap((policy) => policy.Properties.PolicyDocument.Statement)).toContainEqual({
    Effect: 'Allow', Action: 'sns:Publish', Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:sns:${REGION}:210987654321:fragments`]] },
  });
});

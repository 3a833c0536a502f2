import {
  DeleteStreamCommand, DescribeImageGenerationConfigurationCommand, DescribeNotificationConfigurationCommand, DescribeStreamCommand,
  KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ifFound, type PropertyCases, type Subject, type Variant } from './subject';
import {
  ImageFormat, ImageSelectorType, VideoStream, type VideoStreamImageGenerationOptions, type VideoStreamNotificationOptions, type VideoStreamProps,
} from '../../src';

const named = (namePrefix: string) => `${namePrefix}-camera`;
const isNamed = (variant: Variant) => variant === 'renamed' || variant === 'retained';

function imagesOf(scope: Construct, variant: Variant): VideoStreamImageGenerationOptions {
  const bucket = new s3.Bucket(scope, variant === 'created' ? 'Images' : 'UpdatedImages', { removalPolicy: RemovalPolicy.DESTROY });
  if (variant === 'created') return { bucket, samplingInterval: Duration.seconds(3) };
  const changed = {
    bucket,
    keyPrefix: 'frames',
    samplingInterval: Duration.seconds(5),
    imageSelectorType: ImageSelectorType.SERVER_TIMESTAMP,
    widthPixels: 640,
    heightPixels: 360,
    forceUpdateNonce: '1',
  };
  if (variant === 'updated') return { ...changed, jpegQuality: 50 };
  const removalPolicy = variant === 'retained' ? RemovalPolicy.RETAIN : undefined;
  return { ...changed, format: ImageFormat.PNG, enabled: false, removalPolicy };
}

function notificationOf(scope: Construct, variant: Variant): VideoStreamNotificationOptions {
  const topic = new sns.Topic(scope, variant === 'created' ? 'Fragments' : 'UpdatedFragments');
  if (variant === 'created') return { topic };
  const enabled = isNamed(variant) ? false : undefined;
  return { topic, enabled, forceUpdateNonce: '1', removalPolicy: variant === 'retained' ? RemovalPolicy.RETAIN : undefined };
}

function propsOf(scope: Construct, variant: Variant, namePrefix: string): VideoStreamProps {
  const settings = { imageGeneration: imagesOf(scope, variant), notification: notificationOf(scope, variant) };
  const created = { dataRetention: Duration.hours(24), removalPolicy: RemovalPolicy.DESTROY, ...settings };
  const updated = { ...created, dataRetention: Duration.hours(48), mediaType: 'video/h264', deviceName: 'camera' };
  // A new name creates a new stream, which then can have another key.
  const encryptionKey = () => new kms.Key(scope, 'Key', { pendingWindow: Duration.days(7), removalPolicy: RemovalPolicy.DESTROY });
  switch (variant) {
    case 'created': return created;
    case 'renamed': return { ...updated, streamName: named(namePrefix), encryptionKey: encryptionKey() };
    case 'retained': return { ...updated, streamName: named(namePrefix), encryptionKey: encryptionKey(), removalPolicy: RemovalPolicy.RETAIN };
    default: return updated;
  }
}

const ONE_OWNER = { unchanged: 'The stream of the stack has no setting that another owner made.' };

const properties: PropertyCases<VideoStreamProps> = {
  construct: 'VideoStream',
  props: propsOf,
  cases: {
    streamName: 'rename',
    dataRetention: 'update',
    mediaType: 'update',
    deviceName: 'update',
    encryptionKey: 'rename',
    defaultStorageTier: { unchanged: 'AWS bills 30 days of the other tier. A probe asks about the change (F-57).' },
    imageGeneration: 'update',
    notification: 'update',
    removalPolicy: 'retain',
  },
};
const imageProperties: PropertyCases<VideoStreamImageGenerationOptions> = {
  construct: 'VideoStream.imageGeneration',
  props: imagesOf,
  cases: {
    bucket: 'update',
    keyPrefix: 'update',
    samplingInterval: 'update',
    format: 'rename',
    jpegQuality: 'update',
    imageSelectorType: 'update',
    widthPixels: 'update',
    heightPixels: 'update',
    enabled: 'rename',
    adoptExisting: ONE_OWNER,
    forceUpdateNonce: 'update',
    removalPolicy: 'retain',
  },
};
const notificationProperties: PropertyCases<VideoStreamNotificationOptions> = {
  construct: 'VideoStream.notification',
  props: notificationOf,
  cases: { topic: 'update', enabled: 'rename', adoptExisting: ONE_OWNER, forceUpdateNonce: 'update', removalPolicy: 'retain' },
};

const COMMON = { status: 'ACTIVE', isInBucket: true, isForTopic: true };
const CREATED = { ...COMMON, hours: 24, samplingInterval: 3000, images: 'ENABLED', format: 'JPEG', notifications: 'ENABLED', hasOwnKey: false };
const UPDATED = { ...COMMON, hours: 48, keyPrefix: 'frames', samplingInterval: 5000, width: 640, height: 360, selector: 'SERVER_TIMESTAMP' };
const NAMED = { ...UPDATED, mediaType: 'video/h264', device: 'camera', images: 'DISABLED', format: 'PNG', notifications: 'DISABLED', hasOwnKey: true };

export const videoStream: Subject = {
  area: 'video-stream',
  construct: 'VideoStream',
  id: 'VideoStream',
  type: 'AWS::KinesisVideo::Stream',
  properties: [properties, imageProperties, notificationProperties],
  expected: (variant, namePrefix) => {
    switch (variant) {
      case 'created': return { state: CREATED };
      case 'updated': return { state: { ...UPDATED, mediaType: 'video/h264', device: 'camera', images: 'ENABLED', notifications: 'ENABLED', jpegQuality: '50' } };
      case 'renamed': return { state: { ...NAMED, name: named(namePrefix) }, isReplaced: true };
      case 'retained': return { state: { ...NAMED, name: named(namePrefix) } };
      default: return undefined;
    }
  },
  build: (scope, variant, namePrefix) => {
    const props = propsOf(scope, variant, namePrefix);
    const output = (name: string, value: string) => new CfnOutput(scope, `${name}Output`, { value }).overrideLogicalId(`VideoStream${name}`);
    output('Bucket', props.imageGeneration!.bucket.bucketName);
    output('Topic', props.notification!.topic.topicArn);
    if (props.encryptionKey) output('Key', props.encryptionKey.keyRef.keyArn);
    return new VideoStream(scope, 'Stream', props).streamName;
  },
  observe: async (context, id, outputs) => {
    const client = context.client(KinesisVideoClient);
    const described = await ifFound(client.send(new DescribeStreamCommand({ StreamName: id })));
    if (!described || described.StreamInfo!.Status === 'DELETING') return undefined;
    const { StreamName, Status, DataRetentionInHours, MediaType, DeviceName, KmsKeyId, Version } = described.StreamInfo!;
    const { ImageGenerationConfiguration: images } = await client.send(new DescribeImageGenerationConfigurationCommand({ StreamName }));
    const { NotificationConfiguration: notification } = await client.send(new DescribeNotificationConfigurationCommand({ StreamName }));
    return {
      name: StreamName,
      status: Status,
      hours: DataRetentionInHours,
      mediaType: MediaType,
      device: DeviceName,
      hasOwnKey: KmsKeyId === outputs.VideoStreamKey,
      images: images?.Status,
      samplingInterval: images?.SamplingInterval,
      format: images?.Format,
      jpegQuality: images?.FormatConfig?.JPEGQuality,
      isInBucket: images?.DestinationConfig?.Uri?.split('/')[2] === outputs.VideoStreamBucket,
      keyPrefix: images?.DestinationConfig?.Uri?.split('/').slice(3).join('/') || undefined,
      selector: images?.ImageSelectorType,
      width: images?.WidthPixels,
      height: images?.HeightPixels,
      notifications: notification?.Status,
      isForTopic: notification?.DestinationConfig?.Uri === outputs.VideoStreamTopic,
      version: Version,
    };
  },
  conflict: {
    build: (scope, { namePrefix }) => {
      new VideoStream(scope, 'Stream', { streamName: named(namePrefix), removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE });
    },
    // Written by CloudFormation or by the service: the stream itself is a native resource.
    reason: /already (exists|in use)|AlreadyExists|ResourceInUse|EarlyValidation|ResourceExistenceCheck/i,
  },
  deleteRetained: async (context, id) => {
    const client = context.client(KinesisVideoClient);
    const described = await ifFound(client.send(new DescribeStreamCommand({ StreamName: id })));
    if (described) await ifFound(client.send(new DeleteStreamCommand({ StreamARN: described.StreamInfo!.StreamARN })));
  },
};

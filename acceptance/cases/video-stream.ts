import { DescribeImageGenerationConfigurationCommand, DescribeNotificationConfigurationCommand, DescribeStreamCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ifFound, type Subject } from './subject';
import { VideoStream } from '../../src';

export const videoStream: Subject = {
  area: 'video-stream',
  construct: 'VideoStream',
  id: 'VideoStream',
  type: 'AWS::KinesisVideo::Stream',
  expected: (variant, namePrefix) => {
    switch (variant) {
      case 'created': return { state: { status: 'ACTIVE', hours: 24, samplingInterval: 3000, isNotified: false } };
      case 'updated': return { state: { status: 'ACTIVE', hours: 24, samplingInterval: 5000, isNotified: true } };
      case 'renamed': return { state: { status: 'ACTIVE', name: `${namePrefix}-camera`, samplingInterval: 5000, isNotified: true }, isReplaced: true };
      default: return undefined;
    }
  },
  build: (scope, variant, namePrefix) => {
    const bucket = new s3.Bucket(scope, 'Images', { removalPolicy: RemovalPolicy.DESTROY });
    const topic = new sns.Topic(scope, 'Fragments');
    return new VideoStream(scope, 'Stream', {
      streamName: variant === 'renamed' ? `${namePrefix}-camera` : undefined,
      dataRetention: Duration.hours(24),
      imageGeneration: { bucket, samplingInterval: Duration.seconds(variant === 'created' ? 3 : 5) },
      notification: variant === 'created' ? undefined : { topic },
      removalPolicy: RemovalPolicy.DESTROY,
    }).streamName;
  },
  observe: async (context, id) => {
    const client = context.client(KinesisVideoClient);
    const described = await ifFound(client.send(new DescribeStreamCommand({ StreamName: id })));
    if (!described || described.StreamInfo!.Status === 'DELETING') return undefined;
    const { StreamName, Status, DataRetentionInHours, Version } = described.StreamInfo!;
    const { ImageGenerationConfiguration } = await client.send(new DescribeImageGenerationConfigurationCommand({ StreamName }));
    const { NotificationConfiguration } = await client.send(new DescribeNotificationConfigurationCommand({ StreamName }));
    return {
      name: StreamName,
      status: Status,
      hours: DataRetentionInHours,
      samplingInterval: ImageGenerationConfiguration?.SamplingInterval,
      isNotified: NotificationConfiguration !== undefined,
      version: Version,
    };
  },
};

import { App, Duration, Stack, Tags } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import {
  type AttendeeCapability, type ChannelType, ChimeMeetingPool, type ChimeNamespace, type ImageFormat, type ImageSelectorType,
  IngestConfiguration, type IngestProtocol, type LivePublisherPolicy, mixins, type NotificationTarget, type OriginationProtocol,
  type ParticipantRecordingMediaType, PhoneNumber, PhoneNumberAssociation, type PhoneNumberProductType, PhoneNumberSource, RealTimeStage,
  RtcDriftMonitor, RtcProvider, SignalingChannel, SignalingOperation, StorageConfiguration, type StorageTier, type ThumbnailStorage,
  type VideoMaxResolution, VideoStream, VoiceConnector, VoiceConnectorLogging, type VoiceConnectorNetworkType, VoiceConnectorStreaming,
} from '../src';

/*
 * The CDK CLI synthesizes an app, looks up what the app has missed, and synthesizes again. In the first synthesis the app gets placeholders. If one
 * of them fails the synthesis, the CLI never performs the lookup.
 */

const env = { account: '123456789012', region: 'us-east-1' };

/** The first synthesis of an app with one stack. Returns how many parameters the CLI is asked to look up. */
function firstSynthesis(build: (stack: Stack, lookUp: <T extends string>(name: string) => T) => void): number {
  const app = new App();
  const stack = new Stack(app, 'Stack', { env });
  build(stack, <T extends string>(name: string) => ssm.StringParameter.valueFromLookup(stack, name) as T);
  return app.synth().manifest.missing?.length ?? 0;
}

const role = (stack: Stack) => new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });

// With and without a slash, because placeholders are taken apart like ARNs.
describe.each(['/rtc/value', 'value'])('a placeholder for the parameter %s', (name) => {
  test('is accepted in every property of a signaling channel', () => {
    expect(firstSynthesis((stack, lookUp) => {
      const channel = new SignalingChannel(stack, 'Channel', {
        signalingChannelName: lookUp(name),
        channelType: lookUp<ChannelType>(`${name}-type`),
        mediaStorageStream: VideoStream.fromStreamArn(stack, 'Stream', lookUp(`${name}-stream`)),
        region: lookUp(`${name}-region`),
      });
      Tags.of(channel).add(lookUp(`${name}-key`), lookUp(`${name}-tag`));
      channel.grants.joinStorage(role(stack));
      channel.alarmOnFailures('Failures', SignalingOperation.CONNECT_AS_MASTER);
    })).toBe(6);
  });

  test('is accepted in every property of a channel that records by a mixin', () => {
    expect(firstSynthesis((stack, lookUp) => {
      const mediaStorageStream = VideoStream.fromStreamArn(stack, 'Stream', lookUp(`${name}-stream`));
      new kinesisvideo.CfnSignalingChannel(stack, 'Channel', { type: lookUp(`${name}-type`) })
        .with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream, forceUpdateNonce: lookUp(`${name}-nonce`) }));
    })).toBe(3);
  });

  test('is accepted in every property of a video stream', () => {
    expect(firstSynthesis((stack, lookUp) => {
      const stream = new VideoStream(stack, 'Camera', {
        streamName: lookUp(name),
        dataRetention: Duration.hours(1),
        mediaType: lookUp(`${name}-media`),
        deviceName: lookUp(`${name}-device`),
        encryptionKey: kms.Key.fromKeyArn(stack, 'Key', `arn:aws:kms:us-east-1:123456789012:key/${lookUp(`${name}-key`)}`),
        defaultStorageTier: lookUp<StorageTier>(`${name}-tier`),
        imageGeneration: {
          // Without a slash, because aws-cdk-lib rejects a bucket name with one.
          bucket: s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: lookUp('bucket'), region: lookUp(`${name}-region`) }),
          keyPrefix: lookUp(`${name}-prefix`),
          samplingInterval: Duration.seconds(1),
          format: lookUp<ImageFormat>(`${name}-format`),
          imageSelectorType: lookUp<ImageSelectorType>(`${name}-selector`),
        },
        notification: { topic: sns.Topic.fromTopicArn(stack, 'Topic', `arn:aws:sns:us-east-1:123456789012:${lookUp(`${name}-topic`)}`) },
      });
      Tags.of(stream).add(lookUp(`${name}-tag`), lookUp(`${name}-value`));
      stream.grants.putMedia(role(stack));
      stream.alarmOnNoMedia('NoMedia');
    })).toBe(13);
  });

  test('is accepted in every property of an ingest configuration', () => {
    expect(firstSynthesis((stack, lookUp) => {
      const ingest = new IngestConfiguration(stack, 'Ingest', {
        ingestConfigurationName: lookUp(name),
        stage: RealTimeStage.fromStageArn(stack, 'Stage', lookUp(`${name}-stage`)),
        ingestProtocol: lookUp<IngestProtocol>(`${name}-protocol`),
        userId: lookUp(`${name}-user`),
        attributes: { [lookUp(`${name}-key`)]: lookUp(`${name}-attribute`) },
        onLivePublisher: lookUp<LivePublisherPolicy>(`${name}-policy`),
        region: lookUp(`${name}-region`),
      });
      ingest.grants.readStreamKey(role(stack));
      ingest.onPublished('Published');
      ingest.alarmOnNoPublisher('NoPublisher');
    })).toBe(8);
  });

  test('is accepted in every property of a stage and of a storage configuration', () => {
    expect(firstSynthesis((stack, lookUp) => {
      new StorageConfiguration(stack, 'Recordings', { storageConfigurationName: lookUp(`${name}-recordings`), bucket: new s3.Bucket(stack, 'Bucket') });
      const stage = new RealTimeStage(stack, 'Studio', {
        stageName: lookUp(name),
        autoParticipantRecording: {
          storageConfiguration: StorageConfiguration.fromStorageConfigurationArn(stack, 'Imported', lookUp(`${name}-storage`)),
          mediaType: lookUp<ParticipantRecordingMediaType>(`${name}-media`),
          thumbnails: { storage: [lookUp<ThumbnailStorage>(`${name}-thumbnails`)] },
        },
      });
      stage.grants.readSessions(role(stack));
      stage.onStageUpdate('Update');
      stage.alarmOnNoPublisher('NoPublisher');
    })).toBe(5);
  });

  test('is accepted as the ARN of a stage that is not imported by this library', () => {
    expect(firstSynthesis((stack, lookUp) => {
      const stage = { stageRef: { stageArn: lookUp(name) }, env: stack.env, node: stack.node } as any;
      new IngestConfiguration(stack, 'Ingest', { stage }).alarmOnNoPublisher('NoPublisher');
    })).toBe(1);
  });

  test('is accepted in every property of a voice connector\'s streaming configuration', () => {
    expect(firstSynthesis((stack, lookUp) => {
      const streaming = new VoiceConnectorStreaming(stack, 'Streaming', {
        voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'Connector', lookUp(name), lookUp(`${name}-region`)),
        dataRetention: Duration.hours(1),
        notificationTargets: [lookUp<NotificationTarget>(`${name}-target`)],
        mediaInsights: { configurationArn: lookUp(`${name}-insights`) },
        namespace: lookUp<ChimeNamespace>(`${name}-namespace`),
      });
      streaming.grants.readMedia(role(stack));
      streaming.onStreamingStatus('Status');
      streaming.alarmOnThrottles('Throttles');
    })).toBe(5);
  });

  test('is accepted in every property of a voice connector and its settings', () => {
    expect(firstSynthesis((stack, lookUp) => {
      const trunk = new VoiceConnector(stack, 'Trunk', {
        voiceConnectorName: lookUp(name),
        networkType: lookUp<VoiceConnectorNetworkType>(`${name}-network`),
        mediaRegion: lookUp(`${name}-region`),
        termination: {
          allowedCidrs: [lookUp(`${name}-cidr`)],
          callingRegions: [lookUp(`${name}-country`)],
          defaultPhoneNumber: PhoneNumber.fromE164PhoneNumber(stack, 'Phone', lookUp(`${name}-phone`)),
          credentials: [secretsmanager.Secret.fromSecretNameV2(stack, 'SipUser', lookUp(`${name}-secret`))],
        },
        origination: { routes: [{ host: lookUp(`${name}-host`), protocol: lookUp<OriginationProtocol>(`${name}-protocol`) }] },
        logging: { sipMessages: true },
      });
      trunk.alarmOnOutboundCallVolume('CallVolume');
      trunk.logging!.sipMessageLogGroup.grantRead(role(stack));
    })).toBe(9);
  });

  test('is accepted in every property of a phone number and its association', () => {
    expect(firstSynthesis((stack, lookUp) => {
      const phoneNumber = new PhoneNumber(stack, 'Number', {
        source: PhoneNumberSource.local({ areaCode: lookUp(`${name}-area`), state: lookUp(`${name}-state`), city: lookUp(`${name}-city`) }),
        productType: lookUp<PhoneNumberProductType>(`${name}-product`),
        phoneNumberName: lookUp(name),
        callingName: lookUp(`${name}-calling`),
        region: lookUp(`${name}-region`),
      });
      const voiceConnector = VoiceConnector.fromVoiceConnectorId(stack, 'Connector', lookUp(`${name}-connector`));
      new PhoneNumberAssociation(stack, 'Association', { voiceConnector, phoneNumber });
      new PhoneNumber(stack, 'Exact', { source: PhoneNumberSource.exactly(lookUp(`${name}-exact`)) });
    })).toBe(9);
  });

  test('is accepted in every property of a meeting pool', () => {
    expect(firstSynthesis((stack, lookUp) => {
      const pool = new ChimeMeetingPool(stack, 'Pool', {
        size: 1,
        mediaRegion: lookUp(`${name}-media-region`),
        meetingFeatures: { videoMaxResolution: lookUp<VideoMaxResolution>(`${name}-video`) },
        notifications: { lambdaFunction: lambda.Function.fromFunctionArn(stack, 'Notified', `arn:aws:lambda:us-east-1:123456789012:function:${lookUp(`${name}-function`)}`) },
        tenantIds: [lookUp(`${name}-tenant`)],
        attendees: [{ externalUserId: lookUp(`${name}-user`), capabilities: { audio: lookUp<AttendeeCapability>(`${name}-audio`) } }],
        namespace: lookUp<ChimeNamespace>(`${name}-namespace`),
        region: lookUp(`${name}-region`),
      });
      pool.grants.manageAttendees(role(stack));
      pool.onMeetingEvent('Event');
      pool.alarmOnEmpty('Empty');
    })).toBe(8);
  });

  test.each<[string, (stack: Stack, value: string) => void]>([
    ['SignalingChannel.fromSignalingChannelArn', (stack, value) => {
      const channel = SignalingChannel.fromSignalingChannelArn(stack, 'Imported', value);
      channel.grants.master(role(stack));
      channel.alarmOnFailures('Failures', SignalingOperation.CONNECT_AS_MASTER);
    }],
    ['SignalingChannel.fromSignalingChannelName', (stack, value) => {
      const channel = SignalingChannel.fromSignalingChannelName(stack, 'Imported', value);
      const phone = role(stack);
      channel.grants.viewer(phone);
      channel.grants.iceServers(phone);
      channel.alarmOnFailures('Failures', SignalingOperation.CONNECT_AS_MASTER);
    }],
    ['VideoStream.fromStreamArn', (stack, value) => {
      new SignalingChannel(stack, 'Channel', { mediaStorageStream: VideoStream.fromStreamArn(stack, 'Imported', value) }).grants.joinStorage(role(stack));
    }],
    ['VideoStream.fromStreamName', (stack, value) => {
      const stream = VideoStream.fromStreamName(stack, 'Imported', value);
      stream.grants.getMedia(role(stack));
      stream.alarmOnNoMedia('NoMedia');
    }],
    ['RealTimeStage.fromStageArn', (stack, value) => {
      new IngestConfiguration(stack, 'Ingest', { stage: RealTimeStage.fromStageArn(stack, 'Imported', value) }).alarmOnNoPublisher('NoPublisher');
    }],
    ['IngestConfiguration.fromIngestConfigurationAttributes', (stack, value) => {
      const stage = RealTimeStage.fromStageArn(stack, 'Stage', `arn:aws:ivs:us-east-1:123456789012:stage/${value}`);
      IngestConfiguration.fromIngestConfigurationAttributes(stack, 'Imported', { ingestConfigurationArn: value, participantId: value, stage }).onPublished('Published');
    }],
    ['VoiceConnector.fromVoiceConnectorArn', (stack, value) => {
      new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: VoiceConnector.fromVoiceConnectorArn(stack, 'Imported', value) }).alarmOnThrottles('Throttles');
    }],
    ['VoiceConnectorLogging.fromVoiceConnectorArn', (stack, value) => {
      VoiceConnectorLogging.fromVoiceConnectorArn(stack, 'Imported', value).sipMessageLogGroup.grantRead(role(stack));
    }],
    ['VoiceConnectorStreaming.fromVoiceConnectorArn', (stack, value) => {
      const streaming = VoiceConnectorStreaming.fromVoiceConnectorArn(stack, 'Imported', value);
      streaming.grants.readMedia(role(stack));
      streaming.onStreamingStatus('Status');
      streaming.alarmOnThrottles('Throttles');
    }],
    ['ChimeMeetingPool.fromChimeMeetingPoolAttributes', (stack, value) => {
      const pool = ChimeMeetingPool.fromChimeMeetingPoolAttributes(stack, 'Imported', {
        poolName: value, region: value, checkoutFunction: lambda.Function.fromFunctionName(stack, 'Checkout', value),
      });
      pool.grants.manageAttendees(role(stack));
      pool.onMeetingEvent('Event');
      pool.alarmOnEmpty('Empty');
    }],
  ])('is accepted by %s', (_, build) => {
    expect(firstSynthesis((stack, lookUp) => build(stack, lookUp(name)))).toBe(1);
  });

  test('is accepted as a part of an ARN', () => {
    expect(firstSynthesis((stack, lookUp) => {
      SignalingChannel.fromSignalingChannelArn(stack, 'Imported', `arn:aws:kinesisvideo:us-east-1:123456789012:channel/${lookUp(name)}/1`).grants.master(role(stack));
    })).toBe(1);
  });

  test('is accepted in the tags of the provider', () => {
    expect(firstSynthesis((stack, lookUp) => {
      RtcProvider.configure(stack, { tags: { team: lookUp(name) } });
      new SignalingChannel(stack, 'Channel');
      new RtcDriftMonitor(stack, 'Monitor').alarmOnDrift('Drift');
    })).toBe(1);
  });
});

test('a rule in the region of what is looked up is not refused', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack', { env });
  const there = new Stack(app, 'There', { env: { ...env, region: 'eu-west-1' } });
  const arn = ssm.StringParameter.valueFromLookup(stack, '/rtc/connector');
  VoiceConnectorStreaming.fromVoiceConnectorArn(stack, 'Imported', arn).onStreamingStatus('Status', { crossStackScope: there });
  expect(app.synth().manifest.missing).toHaveLength(1);
});

test('the value that was looked up is validated', () => {
  const channelIn = (app: App) => {
    const stack = new Stack(app, 'Stack', { env });
    new SignalingChannel(stack, 'Channel', { signalingChannelName: ssm.StringParameter.valueFromLookup(stack, '/rtc/name') });
    return app;
  };
  const [{ key }] = channelIn(new App()).synth().manifest.missing!;
  expect(() => channelIn(new App({ context: { [key]: 'a b' } })))
    .toThrow('signalingChannelName: may hold only letters');
});

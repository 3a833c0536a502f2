import {
  type App, ArnFormat, CfnOutput, CfnParameter, CfnResource, Duration, RemovalPolicy, Stack, type StackProps, Tags, Validations,
} from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  ChannelType, ChimeMeetingPool, ChimeNamespace, IngestConfiguration, type IVoiceConnector, LivePublisherPolicy, NotificationTarget, mixins,
  OriginationProtocol, ParticipantRecordingMediaType, PhoneNumber, PhoneNumberAssociation, PhoneNumberProductType, PhoneNumberSource,
  RealTimeStage, RtcDriftMonitor, RtcProvider, type RtcProviderOptions, SignalingChannel, SignalingOperation, StorageConfiguration, StorageTier,
  ThumbnailStorage, TollFreePrefix, VideoStream, VoiceConnector, VoiceConnectorLogging, VoiceConnectorNetworkType, VoiceConnectorOrigination,
  VoiceConnectorStreaming, VoiceConnectorTermination,
} from '../../src';

/** What a user brings along. Whatever a linter says about what is in here is not about the library. */
export const GIVEN = 'Given';

const given = (stack: Stack): Construct => (stack.node.tryFindChild(GIVEN) as Construct | undefined) ?? new Construct(stack, GIVEN);
const key = (stack: Stack) => given(stack).node.tryFindChild('Key') as kms.Key | undefined ?? new kms.Key(given(stack), 'Key', { enableKeyRotation: true });
const role = (stack: Stack, id: string) => new iam.Role(given(stack), id, { assumedBy: new iam.AccountRootPrincipal() });
const stage = (stack: Stack) => new ivs.CfnStage(given(stack), 'Stage');
const bucket = (stack: Stack) => new s3.Bucket(given(stack), 'Bucket', { enforceSSL: true });
const target = (stack: Stack) => new targets.SnsTopic(new sns.Topic(given(stack), 'Topic', { enforceSSL: true }), {
  deadLetterQueue: new sqs.Queue(given(stack), 'DeadLetters', { enforceSSL: true }),
});
/** Whoever makes an alarm gives it its actions. */
const heard = (stack: Stack, ...alarms: cloudwatch.Alarm[]) => {
  const operators = given(stack).node.tryFindChild('Operators') as sns.ITopic | undefined
    ?? sns.Topic.fromTopicArn(given(stack), 'Operators', stack.formatArn({ service: 'sns', resource: 'operators' }));
  const action = new actions.SnsAction(operators);
  for (const alarm of alarms) {
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    alarm.addInsufficientDataAction(action);
  }
};
const connector = (stack: Stack) => {
  const existing = stack.node.tryFindChild('Connector') as IVoiceConnector | undefined;
  if (existing) return existing;
  const made = new CfnResource(given(stack), 'Trunk', { type: 'AWS::Chime::VoiceConnector', properties: { Name: 'trunk', RequireEncryption: true } });
  Validations.of(made).acknowledge({ id: 'CloudFormation-Validate::F3006', reason: 'The type is younger than the list of this aws-cdk-lib.' });
  return VoiceConnector.fromVoiceConnectorArn(stack, 'Connector', made.ref);
};
const sipUser = (stack: Stack) => secretsmanager.Secret.fromSecretAttributes(given(stack), 'SipUser', {
  secretCompleteArn: stack.formatArn({ service: 'secretsmanager', resource: 'secret', resourceName: 'sip-user-AbCdEf', arnFormat: ArnFormat.COLON_RESOURCE_NAME }),
  encryptionKey: key(stack),
});
/** An imported VPC has no resources of its own, as with companies that have a network account. */
const vpc = (stack: Stack) => ec2.Vpc.fromVpcAttributes(given(stack), 'Vpc', {
  vpcId: 'vpc-0123456789abcdef0',
  vpcCidrBlock: '10.0.0.0/16',
  availabilityZones: ['first', 'second'],
  privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
});

const imageBucket = (stack: Stack) => new s3.Bucket(given(stack), 'Images', { encryptionKey: key(stack), enforceSSL: true });
const encryptedTopic = (stack: Stack) => new sns.Topic(given(stack), 'Fragments', { masterKey: key(stack), enforceSSL: true });
const doorbell = (stack: Stack) => new kinesisvideo.CfnSignalingChannel(given(stack), 'Doorbell');
const recordings = (stack: Stack) => new kinesisvideo.CfnStream(given(stack), 'Recordings', { dataRetentionInHours: 24 });

// A number of each stack, because a number can be associated only once in an app.
const imported = (stack: Stack) => PhoneNumber.fromE164PhoneNumber(given(stack), 'Reception', new CfnParameter(given(stack), 'Number').valueAsString);

const ROUTES = [{ host: 'sip.example.com' }];

/**
 * Each construct, as small as it gets: what every rule must hold for. A new construct of the library belongs here, and into WITH_EVERYTHING.
 */
export const MINIMAL: Record<string, (stack: Stack) => void> = {
  SignalingChannel: (stack) => { new SignalingChannel(stack, 'Channel'); },
  SignalingChannelMediaStorage: (stack) => {
    doorbell(stack).with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream: recordings(stack) }));
  },
  VideoStream: (stack) => {
    const images = s3.Bucket.fromBucketName(given(stack), 'Images', 'images');
    new VideoStream(stack, 'Camera', { dataRetention: Duration.hours(1), imageGeneration: { bucket: images, samplingInterval: Duration.seconds(3) } });
  },
  VoiceConnectorStreaming: (stack) => { new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: connector(stack) }); },
  VoiceConnector: (stack) => { new VoiceConnector(stack, 'Phones', { origination: { routes: ROUTES } }); },
  VoiceConnectorTermination: (stack) => {
    new VoiceConnectorTermination(stack, 'Termination', { voiceConnector: connector(stack), allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'] });
  },
  VoiceConnectorOrigination: (stack) => { new VoiceConnectorOrigination(stack, 'Origination', { voiceConnector: connector(stack), routes: ROUTES }); },
  VoiceConnectorLogging: (stack) => { new VoiceConnectorLogging(stack, 'Logging', { voiceConnector: connector(stack) }); },
  PhoneNumber: (stack) => {
    // With the fewest properties that cause no warning.
    new PhoneNumber(stack, 'Hotline', { source: PhoneNumberSource.exactly('+12065550101'), removalPolicy: RemovalPolicy.DESTROY });
  },
  PhoneNumberAssociation: (stack) => { new PhoneNumberAssociation(stack, 'Calls', { voiceConnector: connector(stack), phoneNumber: imported(stack) }); },
  IngestConfiguration: (stack) => { new IngestConfiguration(stack, 'Ingest'); },
  RealTimeStage: (stack) => { new RealTimeStage(stack, 'Stage'); },
  StorageConfiguration: (stack) => { new StorageConfiguration(stack, 'Storage', { bucket: bucket(stack) }); },
  RealTimeStageEndpoints: (stack) => { new CfnOutput(stack, 'Server', { value: new RealTimeStage(stack, 'LiveStage').rtmpsEndpoint }); },
  ChimeMeetingPool: (stack) => { new ChimeMeetingPool(stack, 'Pool', { size: 1 }); },
  RtcDriftMonitor: (stack) => { new RtcDriftMonitor(stack, 'DriftMonitor'); },
};

/** The constructs that need no functions. */
export const WITHOUT_FUNCTIONS = ['RealTimeStage', 'StorageConfiguration'];

/** Each construct, with every property, grant, rule and alarm that adds to the template. */
export const WITH_EVERYTHING: Record<string, (stack: Stack) => void> = {
  SignalingChannel: (stack) => {
    const channel = new SignalingChannel(stack, 'Channel', {
      signalingChannelName: 'front-door',
      channelType: ChannelType.SINGLE_MASTER,
      messageTtl: Duration.seconds(30),
      mediaStorageStream: new kinesisvideo.CfnStream(given(stack), 'Stream', { dataRetentionInHours: 24 }),
      adoptExisting: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Tags.of(channel).add('team', 'doors');
    heard(stack, channel.alarmOnFailures('Failures', SignalingOperation.CONNECT_AS_MASTER));
    channel.grants.master(role(stack, 'Master'));
    channel.grants.viewer(role(stack, 'Viewer'));
    channel.grants.joinStorage(role(stack, 'Storage'));
    channel.grants.iceServers(role(stack, 'Agent'));
  },
  VideoStream: (stack) => {
    const stream = new VideoStream(stack, 'Camera', {
      streamName: 'camera',
      dataRetention: Duration.days(30),
      mediaType: 'video/h264',
      deviceName: 'camera',
      encryptionKey: key(stack),
      defaultStorageTier: StorageTier.WARM,
      imageGeneration: {
        bucket: imageBucket(stack), keyPrefix: 'front', samplingInterval: Duration.seconds(3), widthPixels: 640, adoptExisting: true, removalPolicy: RemovalPolicy.RETAIN,
      },
      notification: { topic: encryptedTopic(stack), adoptExisting: true, removalPolicy: RemovalPolicy.RETAIN },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Tags.of(stream).add('team', 'doors');
    heard(stack, stream.alarmOnNoMedia('NoMedia'));
    stream.grants.putMedia(role(stack, 'Producer'));
    stream.grants.getMedia(role(stack, 'LiveReader'));
    stream.grants.listFragments(role(stack, 'FragmentReader'));
    stream.grants.play(role(stack, 'Player'));
    stream.grants.getClip(role(stack, 'ClipReader'));
    stream.grants.getImages(role(stack, 'ImageReader'));
  },
  SignalingChannelMediaStorage: (stack) => {
    doorbell(stack).with(new mixins.SignalingChannelMediaStorage({
      mediaStorageStream: recordings(stack), adoptExisting: true, removalPolicy: RemovalPolicy.RETAIN,
    }));
  },
  VoiceConnectorStreaming: (stack) => {
    const streaming = new VoiceConnectorStreaming(stack, 'Streaming', {
      voiceConnector: connector(stack),
      dataRetention: Duration.hours(2),
      notificationTargets: [NotificationTarget.EVENT_BRIDGE, NotificationTarget.SNS, NotificationTarget.SQS],
      mediaInsights: { configurationArn: stack.formatArn({ service: 'chime', resource: 'media-insights-pipeline-configuration', resourceName: 'insights' }) },
      adoptExisting: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    streaming.grants.readMedia(role(stack, 'Reader'));
    heard(stack, streaming.alarmOnCallFailures('CallFailures'), streaming.alarmOnThrottles('Throttles'));
    streaming.onStreamingStatus('Calls', { target: target(stack) });
  },
  VoiceConnector: (stack) => {
    const phones = new VoiceConnector(stack, 'Phones', {
      voiceConnectorName: 'Front desk',
      networkType: VoiceConnectorNetworkType.DUAL_STACK,
      mediaRegion: 'us-west-2',
      termination: {
        allowedCidrs: ['203.0.113.0/27'], callingRegions: ['US', 'CA'], defaultPhoneNumber: imported(stack), credentials: [sipUser(stack)], credentialsVersion: '1',
      },
      origination: { routes: [{ host: 'sip.example.com', port: 5071, protocol: OriginationProtocol.TCP, priority: 2, weight: 60 }] },
      logging: { sipMessages: true },
      streaming: { dataRetention: Duration.hours(2) },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Tags.of(phones).add('team', 'phones');
    heard(stack, phones.alarmOnCallFailures('CallFailures'), phones.alarmOnThrottles('Throttles'), phones.alarmOnOutboundCallVolume('CallVolume'));
  },
  VoiceConnectorTermination: (stack) => {
    new VoiceConnectorTermination(stack, 'Termination', {
      voiceConnector: connector(stack),
      allowedCidrs: ['203.0.113.10/32'],
      callingRegions: ['US'],
      credentials: [sipUser(stack)],
      enabled: false,
      adoptExisting: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  },
  VoiceConnectorOrigination: (stack) => {
    new VoiceConnectorOrigination(stack, 'Origination', {
      voiceConnector: connector(stack), routes: ROUTES, enabled: false, adoptExisting: true, removalPolicy: RemovalPolicy.RETAIN,
    });
  },
  VoiceConnectorLogging: (stack) => {
    new VoiceConnectorLogging(stack, 'Logging', {
      voiceConnector: connector(stack), sipMessages: true, mediaMetrics: false, adoptExisting: true, removalPolicy: RemovalPolicy.RETAIN,
    });
  },
  PhoneNumber: (stack) => {
    new PhoneNumber(stack, 'Hotline', {
      source: PhoneNumberSource.local({ areaCode: '206', state: 'WA', city: 'Seattle' }),
      productType: PhoneNumberProductType.VOICE_CONNECTOR,
      phoneNumberName: 'Hotline',
      callingName: 'Example Corp',
      orderTimeout: Duration.minutes(50),
    });
    new PhoneNumber(stack, 'TollFree', { source: PhoneNumberSource.tollFree(TollFreePrefix.P800), removalPolicy: RemovalPolicy.RETAIN });
    new PhoneNumber(stack, 'Adopted', { source: PhoneNumberSource.exactly('+12065550101'), adoptExisting: true, region: 'us-west-2' });
  },
  PhoneNumberAssociation: (stack) => {
    new PhoneNumberAssociation(stack, 'Calls', { voiceConnector: connector(stack), phoneNumber: imported(stack), reassign: true });
  },
  IngestConfiguration: (stack) => {
    const ingest = new IngestConfiguration(stack, 'Ingest', {
      ingestConfigurationName: 'studio',
      stage: stage(stack),
      redundantIngest: true,
      userId: 'camera',
      attributes: { room: '1' },
      onLivePublisher: LivePublisherPolicy.DISCONNECT,
      streamKeySecretEncryptionKey: key(stack),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Tags.of(ingest).add('team', 'studio');
    ingest.grants.readStreamKey(role(stack, 'Encoder'));
    heard(stack, ingest.alarmOnNoPublisher('NoPublisher'));
    ingest.onPublished('OnAir', { target: target(stack) });
  },
  ChimeMeetingPool: (stack) => {
    const pool = new ChimeMeetingPool(stack, 'Pool', {
      size: 5,
      mediaRegion: 'eu-central-1',
      notifications: { sqsQueue: new sqs.Queue(given(stack), 'Queue', { enforceSSL: true }) },
      tenantIds: ['tenant'],
      attendees: [{ externalUserId: 'recorder' }],
      minimumRemainingLifetime: Duration.minutes(3),
      endLeasedMeetings: false,
      encryptionKey: key(stack),
    });
    Tags.of(pool).add('team', 'rooms');
    pool.grants.checkout(role(stack, 'Caller'));
    pool.grants.manageAttendees(role(stack, 'Host'));
    pool.grants.endMeetings(role(stack, 'Moderator'));
    heard(stack, pool.alarmOnEmpty('Empty'), pool.alarmOnRefillErrors('RefillErrors'), pool.alarmOnLowMeetingQuota('LowMeetingQuota'));
    pool.onMeetingEvent('Events', { target: target(stack) });
  },
  RealTimeStage: (stack) => {
    const storageConfiguration = new StorageConfiguration(stack, 'Storage', { bucket: bucket(stack) });
    const studio = new RealTimeStage(stack, 'Stage', {
      stageName: 'studio',
      autoParticipantRecording: {
        storageConfiguration,
        mediaType: ParticipantRecordingMediaType.AUDIO_VIDEO,
        recordingReconnectWindow: Duration.minutes(1),
        targetSegmentDuration: Duration.seconds(4),
        thumbnails: { targetInterval: Duration.seconds(10), storage: [ThumbnailStorage.LATEST] },
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Tags.of(studio).add('team', 'studio');
    studio.grants.createParticipantToken(role(stack, 'Tokens'));
    studio.grants.disconnectParticipant(role(stack, 'Moderator'));
    studio.grants.getStage(role(stack, 'Viewer'));
    studio.grants.readSessions(role(stack, 'Reports'));
    studio.grants.startComposition(role(stack, 'Composer'), {
      encoderConfigurations: [new ivs.CfnEncoderConfiguration(given(stack), 'Encoder')],
      storageConfigurations: [storageConfiguration],
      channels: [new ivs.CfnChannel(given(stack), 'Channel')],
    });
    heard(stack, studio.alarmOnNoPublisher('NoPublisher'));
    studio.onStageUpdate('Updates', { target: target(stack) });
  },
  StorageConfiguration: (stack) => {
    const storage = new StorageConfiguration(stack, 'Storage', {
      storageConfigurationName: 'recordings', bucket: bucket(stack), removalPolicy: RemovalPolicy.RETAIN,
    });
    Tags.of(storage).add('team', 'studio');
  },
  LegacyChimeMeetingPool: (stack) => {
    new ChimeMeetingPool(stack, 'Pool', { size: 1, namespace: ChimeNamespace.CHIME });
  },
  RtcDriftMonitor: (stack) => {
    const monitor = new RtcDriftMonitor(stack, 'DriftMonitor', {
      resources: [stack],
      schedule: scheduler.ScheduleExpression.cron({ hour: '3', minute: '0' }),
    });
    new IngestConfiguration(stack, 'Ingest', { streamKeySecretEncryptionKey: key(stack) });
    new ChimeMeetingPool(stack, 'Pool', { size: 1, encryptionKey: key(stack) });
    for (const name of [
      'SignalingChannel', 'SignalingChannelMediaStorage', 'VoiceConnectorStreaming', 'VoiceConnectorTermination', 'VoiceConnectorOrigination', 'VoiceConnectorLogging', 'PhoneNumber', 'PhoneNumberAssociation', 'RealTimeStageEndpoints',
    ]) MINIMAL[name](stack);
    heard(stack, monitor.alarmOnDrift('Drift'), monitor.alarmOnUnobserved('Unobserved'), RtcProvider.alarmOnHandlerErrors(stack, 'HandlerErrors'));
    monitor.onDriftDetected('ToChanges', { target: target(stack) });
  },
};

/** The functions behind the constructs, with the options that add to the template. */
export const CONFIGURED: Record<string, (stack: Stack) => void> = {
  vpc: (stack) => {
    RtcProvider.configure(stack, { vpc: vpc(stack) });
    MINIMAL.ChimeMeetingPool(stack);
  },
  encryptionKey: (stack) => {
    RtcProvider.configure(stack, { encryptionKey: key(stack) });
    MINIMAL.ChimeMeetingPool(stack);
  },
  tracing: (stack) => {
    RtcProvider.configure(stack, { tracing: lambda.Tracing.ACTIVE });
    MINIMAL.ChimeMeetingPool(stack);
  },
  everything: (stack) => {
    RtcProvider.configure(stack, everyOption(stack));
    MINIMAL.ChimeMeetingPool(stack);
    MINIMAL.SignalingChannel(stack);
  },
};

export const everyOption = (stack: Stack): RtcProviderOptions => ({
  vpc: vpc(stack),
  encryptionKey: key(stack),
  logRetention: logs.RetentionDays.TEN_YEARS,
  logRemovalPolicy: RemovalPolicy.RETAIN,
  memorySize: 512,
  tracing: lambda.Tracing.ACTIVE,
  permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyName(given(stack), 'Boundary', 'boundary'),
  tags: { team: 'platform' },
  tagConditions: false,
});

/** All of them, each for a stack of its own, whose name says what is in it. */
export const STACKS: Record<string, (stack: Stack) => void> = Object.fromEntries(
  Object.entries({ Minimal: MINIMAL, Full: WITH_EVERYTHING, Configured: CONFIGURED })
    .flatMap(([prefix, stacks]) => Object.entries(stacks).map(([name, build]) => [`${prefix}-${name}`, build])),
);

/** One app with a stack for each, by name. */
export function stacksIn(app: App, builds: Record<string, (stack: Stack) => void>, props?: StackProps): Record<string, Stack> {
  return Object.fromEntries(Object.entries(builds).map(([name, build]) => {
    const stack = new Stack(app, name, props);
    build(stack);
    return [name, stack];
  }));
}

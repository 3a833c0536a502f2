import { App, CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { withoutTemplateValidation } from './template-validation';
import {
  ChimeMeetingPool, ChimeNamespace, IngestConfiguration, mixins, NotificationTarget, PhoneNumber, PhoneNumberAssociation, PhoneNumberSource,
  RealTimeStage, RtcDriftMonitor, SignalingChannel, VideoStream, VoiceConnector, VoiceConnectorLogging, VoiceConnectorOrigination,
  VoiceConnectorStreaming, VoiceConnectorTermination,
} from '../src';

/** The media insights configuration of the handler tests. */
const INSIGHTS = 'arn:aws:chime:us-east-1:123456789012:media-insights-pipeline-configuration/calls';

/** One construct of each kind with every option that adds permissions to a monitor, and the monitor of the stack. */
export function oneOfEach(stack: Stack): RtcDriftMonitor {
  const monitor = new RtcDriftMonitor(stack, 'DriftMonitor');
  const key = new kms.Key(stack, 'Key');
  new SignalingChannel(stack, 'Channel');
  new IngestConfiguration(stack, 'Ingest', { streamKeySecretEncryptionKey: key });
  new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: voiceConnector(stack) });
  new ChimeMeetingPool(stack, 'Rooms', { size: 1, encryptionKey: key });
  return monitor;
}

function voiceConnector(stack: Stack) {
  return VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdefghijklmnopqrstuv');
}

/** A stage whose endpoints the stack uses. */
export function stageEndpoints(stack: Stack): void {
  new CfnOutput(stack, 'Server', { value: new RealTimeStage(stack, 'LiveStage').rtmpsEndpoint });
}

/** All secrets of SIP users that the handler tests and the simulation create. */
export const SIP_SECRETS = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:sip-*';

/** The key of those secrets. */
export const SIP_KEY = 'arn:aws:kms:us-east-1:123456789012:key/15111111-2222-3333-4444-555555555555';

const TERMINATION = { allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'] };

/** Termination with credentials and origination: what a stack without logging has. */
export function callSettings(stack: Stack) {
  const connector = VoiceConnector.fromVoiceConnectorId(stack, 'Trunk', 'abcdefghijklmnopqrstuv');
  const encryptionKey = kms.Key.fromKeyArn(stack, 'SipKey', SIP_KEY);
  const credentials = [secretsmanager.Secret.fromSecretAttributes(stack, 'SipUsers', { secretPartialArn: SIP_SECRETS, encryptionKey })];
  new VoiceConnectorTermination(stack, 'Termination', { voiceConnector: connector, ...TERMINATION, credentials });
  new VoiceConnectorOrigination(stack, 'Origination', { voiceConnector: connector, routes: [{ host: 'sip.example.com' }] });
  return connector;
}

export function allSettings(stack: Stack): void {
  new VoiceConnectorLogging(stack, 'Logging', { voiceConnector: callSettings(stack) });
}

/** The association of an imported number: the stack orders no number. */
export function phoneNumberAssociation(stack: Stack): void {
  new PhoneNumberAssociation(stack, 'ReceptionCalls', {
    voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'ReceptionTrunk', 'abcdefghijklmnopqrstuv'),
    phoneNumber: PhoneNumber.fromE164PhoneNumber(stack, 'Reception', '+12065550100'),
  });
}

/** A number that the stack orders, and its association. */
export function phoneNumbers(stack: Stack): void {
  new PhoneNumberAssociation(stack, 'HotlineCalls', {
    voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'HotlineTrunk', 'abcdefghijklmnopqrstuv'),
    phoneNumber: new PhoneNumber(stack, 'Hotline', { source: PhoneNumberSource.local({ areaCode: '206' }) }),
  });
}

/** A channel of CloudFormation that records. */
export function mediaStorage(stack: Stack): void {
  const mediaStorageStream = new kinesisvideo.CfnStream(stack, 'DoorbellRecordings', { dataRetentionInHours: 24 });
  new kinesisvideo.CfnSignalingChannel(stack, 'Doorbell').with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream }));
}

/** A stream with both settings. */
export function videoStreamSettings(stack: Stack): void {
  new VideoStream(stack, 'VideoStream', {
    dataRetention: Duration.hours(24),
    imageGeneration: { bucket: s3.Bucket.fromBucketName(stack, 'Images', 'images'), samplingInterval: Duration.seconds(3) },
    notification: { topic: sns.Topic.fromTopicArn(stack, 'Fragments', 'arn:aws:sns:us-east-1:123456789012:fragments') },
  });
}

/**
 * The stacks whose policies the handler tests and the simulation play under. Read them through `resourcesOf` in stored-templates.ts, which
 * synthesizes them only when the library has changed. The key of the stored templates covers this file, template-validation.ts, and src:
 * a stack must not depend on any other file of the project.
 */
export const POLICY_STACKS = {
  signalingChannel: (stack: Stack) => { new SignalingChannel(stack, 'Channel'); },
  signalingChannelMediaStorage: mediaStorage,
  ingestConfiguration: (stack: Stack) => { new IngestConfiguration(stack, 'Ingest', { streamKeySecretEncryptionKey: new kms.Key(stack, 'Key') }); },
  voiceConnectorStreaming: (stack: Stack) => {
    new VoiceConnectorStreaming(stack, 'Streaming', {
      voiceConnector: voiceConnector(stack), notificationTargets: [NotificationTarget.SNS], mediaInsights: { configurationArn: INSIGHTS },
    });
  },
  voiceConnectorCallSettings: (stack: Stack) => { callSettings(stack); },
  voiceConnectorSettings: allSettings,
  phoneNumbers,
  phoneNumberAssociation,
  videoStreamSettings,
  /** A pool in each namespace. */
  meetingPools: (stack: Stack) => {
    new ChimeMeetingPool(stack, 'Rooms', { size: 5 });
    new ChimeMeetingPool(stack, 'LegacyRooms', { size: 5, namespace: ChimeNamespace.CHIME, region: 'us-east-1' });
  },
  realTimeStage: stageEndpoints,
  driftMonitor: (stack: Stack) => {
    oneOfEach(stack);
    allSettings(stack);
    phoneNumbers(stack);
    stageEndpoints(stack);
    videoStreamSettings(stack);
    mediaStorage(stack);
  },
  simulatedSignalingChannel: (stack: Stack) => {
    new SignalingChannel(stack, 'Channel', { mediaStorageStream: new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 1 }) });
  },
  simulatedIngestConfiguration: (stack: Stack) => { new IngestConfiguration(stack, 'Ingest'); },
  simulatedVoiceConnectorStreaming: (stack: Stack) => {
    new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: voiceConnector(stack), notificationTargets: [NotificationTarget.SNS] });
  },
  simulatedMeetingPool: (stack: Stack) => { new ChimeMeetingPool(stack, 'Rooms', { size: 5 }); },
  simulatedLegacyMeetingPool: (stack: Stack) => {
    new ChimeMeetingPool(stack, 'Rooms', { size: 5, namespace: ChimeNamespace.CHIME, region: 'us-east-1' });
  },
} as const;

/** The template of a stack, synthesized without the checks that other tests make. */
export function synthesised(build: (stack: Stack) => void): Template {
  const app = new App();
  Validations.of(app).addPlugins(withoutTemplateValidation);
  const stack = new Stack(app, 'Policies');
  build(stack);
  return Template.fromStack(stack);
}

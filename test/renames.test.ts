import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CONSTRUCTS } from './constructs';
import {
  ChimeMeetingPool, IngestConfiguration, mixins, PhoneNumber, PhoneNumberAssociation, PhoneNumberSource, RealTimeStage, RtcDriftMonitor,
  SignalingChannel, StorageConfiguration, VideoStream, VoiceConnector, VoiceConnectorLogging, VoiceConnectorOrigination,
  VoiceConnectorStreaming, VoiceConnectorTermination,
} from '../src';

/*
 * `cdk refactor` takes a renamed construct for a move if the resources of both templates are equal except for logical IDs.
 * https://docs.aws.amazon.com/cdk/v2/guide/refactor.html
 */

/** The resources of a stack in their order, with the places of resources in the stead of logical IDs. */
function withoutIds(build: (scope: Construct) => void, id: string): unknown {
  const stack = new Stack(new App(), 'Stack');
  build(new Construct(stack, id));
  const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Record<string, { Metadata?: unknown }> };
  // A schedule has logical IDs inside of its input. The longer ones first, because another one may be a part of them.
  const ids = Object.keys(Resources).map((logicalId, index) => ({ logicalId, place: `#${index}#` })).sort((a, b) => b.logicalId.length - a.logicalId.length);
  const text = JSON.stringify(Object.values(Resources).map(({ Metadata, ...resource }) => resource));
  return JSON.parse(ids.reduce((json, { logicalId, place }) => json.replaceAll(logicalId, place), text));
}

const connectorIn = (scope: Construct) => VoiceConnector.fromVoiceConnectorId(scope, 'Connector', 'abcdefghijklmnopqrstuv');

const BUILDS: [string, (scope: Construct) => void][] = [
  ['SignalingChannel', (scope) => { new SignalingChannel(scope, 'It'); }],
  ['SignalingChannelMediaStorage', (scope) => {
    const mediaStorageStream = new kinesisvideo.CfnStream(scope, 'Stream', { dataRetentionInHours: 24 });
    new kinesisvideo.CfnSignalingChannel(scope, 'It').with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream }));
  }],
  ['VideoStream', (scope) => {
    const imageGeneration = { bucket: new s3.Bucket(scope, 'Bucket'), samplingInterval: Duration.seconds(3) };
    new VideoStream(scope, 'It', { dataRetention: Duration.hours(1), imageGeneration, notification: { topic: new sns.Topic(scope, 'Topic') } });
  }],
  ['IngestConfiguration', (scope) => { new IngestConfiguration(scope, 'It', { stage: new ivs.CfnStage(scope, 'Stage') }); }],
  ['RealTimeStage with endpoints', (scope) => {
    const stage = new RealTimeStage(scope, 'It', { stageName: 'studio' });
    new CfnOutput(scope, 'Server', { value: stage.rtmpsEndpoint });
    new RtcDriftMonitor(scope, 'Monitor');
  }],
  ['VoiceConnectorStreaming', (scope) => {
    new VoiceConnectorStreaming(scope, 'It', { voiceConnector: connectorIn(scope) });
  }],
  ['VoiceConnectorTermination', (scope) => {
    const credentials = [new secretsmanager.Secret(scope, 'SipUser')];
    new VoiceConnectorTermination(scope, 'It', { voiceConnector: connectorIn(scope), allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'], credentials });
  }],
  ['VoiceConnectorOrigination', (scope) => {
    new VoiceConnectorOrigination(scope, 'It', { voiceConnector: connectorIn(scope), routes: [{ host: 'sip.example.com' }] });
  }],
  ['VoiceConnectorLogging', (scope) => { new VoiceConnectorLogging(scope, 'It', { voiceConnector: connectorIn(scope) }); }],
  ['PhoneNumber and PhoneNumberAssociation', (scope) => {
    const phoneNumber = new PhoneNumber(scope, 'It', { source: PhoneNumberSource.tollFree() });
    new PhoneNumberAssociation(scope, 'Calls', { voiceConnector: connectorIn(scope), phoneNumber });
  }],
  ['VoiceConnector with a name', (scope) => { new VoiceConnector(scope, 'It', { voiceConnectorName: 'Phones', logging: {} }); }],
  ['RealTimeStage and StorageConfiguration with names', (scope) => {
    const storageConfiguration = new StorageConfiguration(scope, 'Storage', { storageConfigurationName: 'Recordings', bucket: new s3.Bucket(scope, 'Bucket') });
    new RealTimeStage(scope, 'It', { stageName: 'Studio', autoParticipantRecording: { storageConfiguration } });
  }],
  ['ChimeMeetingPool', (scope) => { new ChimeMeetingPool(scope, 'It', { size: 1 }); }],
  ['RtcDriftMonitor', (scope) => {
    new SignalingChannel(scope, 'Channel');
    new RtcDriftMonitor(scope, 'It');
  }],
];

test.each(BUILDS)('a renamed %s has the same resources except for their logical IDs', (_, build) => {
  expect(withoutIds(build, 'Renamed')).toEqual(withoutIds(build, 'Former'));
});

test('every construct of the library is in the list', () => {
  const names = BUILDS.flatMap(([title]) => title.match(/\w+/g)!);
  expect(CONSTRUCTS.filter((name) => !names.includes(name))).toEqual([]);
});

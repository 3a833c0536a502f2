import { App, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { MINIMAL, STACKS, stacksIn } from './stacks';
import {
  PhoneNumber, PhoneNumberAssociation, RtcProvider, VoiceConnector, VoiceConnectorLogging, VoiceConnectorOrigination, VoiceConnectorStreaming,
  VoiceConnectorTermination,
} from '../../src';

const ENVIRONMENTS = [
  ['China', { account: '111122223333', region: 'cn-north-1' }],
  ['GovCloud', { account: '111122223333', region: 'us-gov-west-1' }],
  ['an unknown partition', undefined],
] as const;

/** From this flag on, the partition of a known region is written out, so a wrong one would show. */
const FLAGS = [['no', {}], ['literal partitions as', { '@aws-cdk/core:enablePartitionLiterals': true }]] as const;

/** Stacks of resources that refer to each other only, or whose permissions name no resource. */
const WITHOUT_ARNS = ['Minimal-PhoneNumber', 'Full-PhoneNumber', 'Minimal-RealTimeStage', 'Minimal-StorageConfiguration', 'Full-StorageConfiguration'];

const PARTITION_OF: Record<string, string> = { 'cn-north-1': 'aws-cn', 'us-gov-west-1': 'aws-us-gov' };

describe.each(ENVIRONMENTS)('in %s', (_name, env) => {
  test.each(FLAGS)('no ARN is of another partition, with %s flag', (_flag, context) => {
    const { 'Full-LegacyChimeMeetingPool': legacy, ...stacksOfAnyRegion } = STACKS;
    const stacks = stacksIn(new App({ context }), env ? stacksOfAnyRegion : STACKS, { env });
    for (const [name, stack] of Object.entries(stacks)) {
      const partitions = [...JSON.stringify(Template.fromStack(stack).toJSON()).matchAll(/arn:(aws[a-z-]*):/g)].map(([, partition]) => partition);
      const expected = env && Object.keys(context).length > 0 && !WITHOUT_ARNS.includes(name) ? [PARTITION_OF[env.region]] : [];
      expect({ name, partitions: [...new Set(partitions)] }).toEqual({ name, partitions: expected });
    }
  });
});

test('CloudWatch Logs is let use the key under its name in that partition', () => {
  const { stack } = stacksIn(new App(), {
    stack: (scope: Stack) => {
      RtcProvider.configure(scope, { encryptionKey: new kms.Key(scope, 'Key') });
      MINIMAL.SignalingChannel(scope);
    },
  }, { env: { region: 'cn-north-1' } });
  Template.fromStack(stack).hasResourceProperties('AWS::KMS::Key', {
    KeyPolicy: {
      Statement: Match.arrayWith([Match.objectLike({
        Principal: { Service: { 'Fn::Join': ['', ['logs.cn-north-1.', { Ref: 'AWS::URLSuffix' }]] } },
      })]),
    },
  });
});

/** Of a voice connector by its ARN, which is a token, the region is not known. */
const connectorIn = (stack: Stack) => VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdefghijklmnopqrstuv');
const inTheStacksRegion: Record<string, (stack: Stack) => void> = {
  VoiceConnectorStreaming: (stack) => { new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: connectorIn(stack) }); },
  VoiceConnectorTermination: (stack) => {
    new VoiceConnectorTermination(stack, 'Termination', { voiceConnector: connectorIn(stack), allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'] });
  },
  VoiceConnectorOrigination: (stack) => {
    new VoiceConnectorOrigination(stack, 'Origination', { voiceConnector: connectorIn(stack), routes: [{ host: 'sip.example.com' }] });
  },
  VoiceConnectorLogging: (stack) => { new VoiceConnectorLogging(stack, 'Logging', { voiceConnector: connectorIn(stack) }); },
  PhoneNumberAssociation: (stack) => {
    new PhoneNumberAssociation(stack, 'Calls', { voiceConnector: connectorIn(stack), phoneNumber: PhoneNumber.fromE164PhoneNumber(stack, 'Number', '+12065550100') });
  },
};

describe('a service that is not there is named', () => {
  const warnings = (region: string) => {
    const stacks = stacksIn(new App(), { ...MINIMAL, ...inTheStacksRegion }, { env: { account: '111122223333', region } });
    return Object.fromEntries(Object.entries(stacks).map(([name, stack]) =>
      [name, Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('.*')).map(({ entry }) => entry.data)]));
  };

  test('in China there are signaling and video streams in Beijing, and nothing else', () => {
    expect(warnings('cn-north-1')).toEqual({
      SignalingChannel: [],
      VideoStream: [],
      SignalingChannelMediaStorage: [expect.stringContaining('channels are not known to record in cn-north-1')],
      VoiceConnectorStreaming: [expect.stringContaining('Amazon Chime SDK voice is not known to be in cn-north-1')],
      VoiceConnectorTermination: [expect.stringContaining('Amazon Chime SDK voice is not known to be in cn-north-1')],
      VoiceConnectorOrigination: [expect.stringContaining('Amazon Chime SDK voice is not known to be in cn-north-1')],
      VoiceConnectorLogging: [expect.stringContaining('Amazon Chime SDK voice is not known to be in cn-north-1')],
      PhoneNumber: [expect.stringContaining('the inventory of phone numbers of Amazon Chime SDK is not known to be in cn-north-1')],
      PhoneNumberAssociation: [expect.stringContaining('Amazon Chime SDK voice is not known to be in cn-north-1')],
      // And its origination.
      VoiceConnector: [expect.stringContaining('Amazon Chime SDK voice is not known to be in cn-north-1'), expect.stringContaining('Amazon Chime SDK voice is not known to be in cn-north-1')],
      IngestConfiguration: [expect.stringContaining('IVS real-time is not known to be in cn-north-1')],
      RealTimeStage: [expect.stringContaining('IVS real-time is not known to be in cn-north-1')],
      StorageConfiguration: [expect.stringContaining('IVS real-time is not known to be in cn-north-1')],
      RealTimeStageEndpoints: [expect.stringContaining('IVS real-time is not known to be in cn-north-1')],
      ChimeMeetingPool: [expect.stringContaining('Amazon Chime SDK meetings is not known to have an endpoint in cn-north-1')],
      RtcDriftMonitor: [],
    });
  });

  test('in GovCloud there are signaling, video streams, and meetings', () => {
    expect(warnings('us-gov-west-1')).toEqual({
      SignalingChannel: [],
      VideoStream: [],
      SignalingChannelMediaStorage: [],
      VoiceConnectorStreaming: [expect.stringContaining('Amazon Chime SDK voice is not known to be in us-gov-west-1')],
      VoiceConnectorTermination: [expect.stringContaining('Amazon Chime SDK voice is not known to be in us-gov-west-1')],
      VoiceConnectorOrigination: [expect.stringContaining('Amazon Chime SDK voice is not known to be in us-gov-west-1')],
      VoiceConnectorLogging: [expect.stringContaining('Amazon Chime SDK voice is not known to be in us-gov-west-1')],
      PhoneNumber: [expect.stringContaining('the inventory of phone numbers of Amazon Chime SDK is not known to be in us-gov-west-1')],
      PhoneNumberAssociation: [expect.stringContaining('Amazon Chime SDK voice is not known to be in us-gov-west-1')],
      // And its origination.
      VoiceConnector: [expect.stringContaining('Amazon Chime SDK voice is not known to be in us-gov-west-1'), expect.stringContaining('Amazon Chime SDK voice is not known to be in us-gov-west-1')],
      IngestConfiguration: [expect.stringContaining('IVS real-time is not known to be in us-gov-west-1')],
      RealTimeStage: [expect.stringContaining('IVS real-time is not known to be in us-gov-west-1')],
      StorageConfiguration: [expect.stringContaining('IVS real-time is not known to be in us-gov-west-1')],
      RealTimeStageEndpoints: [expect.stringContaining('IVS real-time is not known to be in us-gov-west-1')],
      ChimeMeetingPool: [],
      RtcDriftMonitor: [],
    });
  });

  test('where everything is, nothing is said', () => {
    for (const [name, messages] of Object.entries(warnings('us-east-1'))) expect({ name, messages }).toEqual({ name, messages: [] });
  });
});

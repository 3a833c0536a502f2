import * as fs from 'node:fs';
import { App, Aspects, CfnCondition, CfnOutput, CfnResource, Duration, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { IConstruct } from 'constructs';
import { CONSTRUCTS, isConstruct } from './constructs';
import { TemplateGraph } from './template-graph';
import {
  ChimeMeetingPool, IngestConfiguration, mixins, PhoneNumber, PhoneNumberAssociation, PhoneNumberSource, RealTimeStage, RtcDriftMonitor,
  SignalingChannel, SignalingOperation, StorageConfiguration,
  VideoStream, VoiceConnector, VoiceConnectorLogging, VoiceConnectorOrigination, VoiceConnectorStreaming,
  VoiceConnectorTermination,
} from '../src';

const TOPIC_ARN = 'arn:aws:sns:us-east-1:123456789012:fragments';
const RECOMMENDED = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));

function constructsIn(stack: Stack): IConstruct[] {
  const pool = new ChimeMeetingPool(stack, 'Pool', { size: 1, encryptionKey: new kms.Key(stack, 'Key') });
  pool.alarmOnEmpty('Empty');
  pool.onMeetingEvent('Events');
  const channel = new SignalingChannel(stack, 'Channel');
  channel.alarmOnFailures('Failures', SignalingOperation.CONNECT_AS_VIEWER);
  const voiceConnector = VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdefghijklmnopqrstuv');
  const credentials = [new secretsmanager.Secret(stack, 'SipUser')];
  const stage = new RealTimeStage(stack, 'Stage');
  new CfnOutput(stack, 'Server', { value: stage.rtmpsEndpoint });
  return [
    pool,
    channel,
    new IngestConfiguration(stack, 'Ingest'),
    stage.node.findChild('Endpoints'),
    new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector }),
    new VoiceConnectorTermination(stack, 'Termination', { voiceConnector, allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'], credentials }),
    new VoiceConnectorOrigination(stack, 'Origination', { voiceConnector, routes: [{ host: 'sip.example.com' }] }),
    new VoiceConnectorLogging(stack, 'Logging', { voiceConnector }),
    new PhoneNumber(stack, 'Number', { source: PhoneNumberSource.tollFree() }),
    new PhoneNumberAssociation(stack, 'Association', { voiceConnector, phoneNumber: PhoneNumber.fromE164PhoneNumber(stack, 'Imported', '+12065550100') }),
  ];
}

/** How apps put a construct under a condition. */
const MANNERS: [string, (construct: IConstruct, condition: CfnCondition) => void][] = [
  ['on the custom resource', ({ node }, condition) => { (node.findChild('Resource') as CfnResource).cfnOptions.condition = condition; }],
  ['by an aspect on the construct', (construct, condition) => Aspects.of(construct).add({
    visit: (node) => { if (CfnResource.isCfnResource(node)) node.cfnOptions.condition = condition; },
  })],
  ['by an aspect on the stack, for the custom resources', (construct, condition) => Aspects.of(Stack.of(construct)).add({
    visit: (node) => { if (CfnResource.isCfnResource(node) && node.cfnResourceType.startsWith('Custom::')) node.cfnOptions.condition = condition; },
  })],
];

describe.each([['no', {}], ['all recommended', RECOMMENDED]])('with %s feature flags', (_flags, context) => {
  describe.each(MANNERS)('a condition %s', (_manner, apply) => {
    const synthesized = (monitored: boolean) => {
      const stack = new Stack(new App({ context }), 'Stack');
      const condition = new CfnCondition(stack, 'Wanted', { expression: Fn.conditionEquals('a', 'b') });
      // Before and after what it monitors.
      if (monitored) new RtcDriftMonitor(stack, 'First');
      for (const construct of constructsIn(stack)) apply(construct, condition);
      if (monitored) new RtcDriftMonitor(stack, 'Last');
      return new TemplateGraph(Template.fromStack(stack));
    };

    test('nothing that always exists refers to what the condition leaves out', () => {
      expect(synthesized(true).danglingReferences()).toEqual([]);
    });

    test('what belongs to the resources exists under the same condition', () => {
      const { resources } = synthesized(false);
      const own = Object.entries(resources).filter(([id]) => /^(Pool|Channel|Ingest|StageEndpoints|Streaming|Termination|Origination|Logging|Number|Association)/.test(id));
      // Ten custom resources, and of the pool a table, a policy, two functions with their roles, two rules, a permission and an alarm; a secret; an alarm;
      // of the termination a policy.
      expect(own).toHaveLength(23);
      expect(own.filter(([, { Condition }]) => Condition !== 'Wanted').map(([id]) => id)).toEqual([]);
      // The stage exists without its endpoints.
      expect(Object.values(resources).filter(({ Type }) => Type === 'AWS::IVS::Stage')).toMatchObject([expect.not.objectContaining({ Condition: 'Wanted' })]);
      const shared = Object.entries(resources).filter(([id]) => id.startsWith('CdkRtc'));
      expect(shared.filter(([, { Condition }]) => Condition !== undefined)).toEqual([]);
    });
  });
});

describe.each(MANNERS.slice(0, 2))('a condition %s, on a construct whose main resource is one of CloudFormation', (_manner, apply) => {
  const MAKE: Record<string, (stack: Stack) => IConstruct> = {
    VideoStream: (stack) => {
      const stream = new VideoStream(stack, 'Camera', { dataRetention: Duration.days(1), notification: { topic: sns.Topic.fromTopicArn(stack, 'Topic', TOPIC_ARN) } });
      stream.alarmOnNoMedia('NoMedia');
      return stream;
    },
    RealTimeStage: (stack) => {
      const stage = new RealTimeStage(stack, 'Stage');
      stage.alarmOnNoPublisher('NoPublisher');
      stage.onStageUpdate('Updates');
      new CfnOutput(stack, 'Server', { value: stage.rtmpsEndpoint });
      return stage;
    },
    StorageConfiguration: (stack) => new StorageConfiguration(stack, 'Storage', { bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'recordings') }),
    VoiceConnector: (stack) => {
      const connector = new VoiceConnector(stack, 'Phones', { logging: { sipMessages: true } });
      connector.alarmOnCallFailures('CallFailures');
      return connector;
    },
  };
  const EXPECTED: Record<string, string[]> = {
    VideoStream: ['AWS::CloudWatch::Alarm', 'AWS::KinesisVideo::Stream', 'Custom::RtcVideoStreamNotification'],
    RealTimeStage: ['AWS::CloudWatch::Alarm', 'AWS::Events::Rule', 'AWS::IVS::Stage', 'Custom::RtcRealTimeStageEndpoints'],
    StorageConfiguration: ['AWS::IVS::StorageConfiguration'],
    VoiceConnector: ['AWS::Chime::VoiceConnector', 'AWS::CloudWatch::Alarm', 'Custom::RtcVoiceConnectorLogging'],
  };

  test('every construct is in one of the lists, except for the monitor, to which nothing belongs', () => {
    const all = [...constructsIn(new Stack(new App(), 'Stack')), ...Object.values(MAKE).map((make) => make(new Stack(new App(), 'Stack')))];
    expect(CONSTRUCTS.filter((name) => !all.some((construct) => isConstruct(name, construct)))).toEqual(['RtcDriftMonitor']);
  });

  test.each(Object.keys(MAKE))('%s: its alarms, rules, and custom resources exist under the same condition', (name) => {
    const stack = new Stack(new App(), 'Stack');
    const condition = new CfnCondition(stack, 'Wanted', { expression: Fn.conditionEquals('a', 'b') });
    new RtcDriftMonitor(stack, 'Monitor');
    apply(MAKE[name](stack), condition);
    const graph = new TemplateGraph(Template.fromStack(stack));
    expect(Object.values(graph.resources).filter(({ Condition }) => Condition === 'Wanted').map(({ Type }) => Type).sort()).toEqual(EXPECTED[name]);
    expect(graph.danglingReferences()).toEqual([]);
  });
});

test('the monitor may read the table of a conditional pool under the condition, and that of another pool always', () => {
  const stack = new Stack(new App(), 'Stack');
  const [wanted] = ['Wanted', 'Always'].map((id) => new ChimeMeetingPool(stack, id, { size: 1 }));
  (wanted.node.findChild('Resource') as CfnResource).cfnOptions.condition = new CfnCondition(stack, 'Condition', { expression: Fn.conditionEquals('a', 'b') });
  new RtcDriftMonitor(stack, 'Monitor');
  const [role] = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role')).filter(([id]) => id.startsWith('MonitorFunctionRole')).map(([, resource]) => resource);
  const statements: object[] = role.Properties.Policies[0].PolicyDocument.Statement;
  const read = (id: string) => ({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: { 'Fn::GetAtt': [expect.stringContaining(`${id}Table`), 'Arn'] } });
  expect(statements).toContainEqual(read('Always'));
  expect(statements).toContainEqual({ 'Fn::If': ['Condition', read('Wanted'), { Ref: 'AWS::NoValue' }] });
  expect(statements).not.toContainEqual(read('Wanted'));
});

test('a condition of its own that a part of a construct has stays', () => {
  const stack = new Stack(new App(), 'Stack');
  const [wanted, other] = ['Wanted', 'Other'].map((id) => new CfnCondition(stack, id, { expression: Fn.conditionEquals('a', 'b') }));
  const channel = new SignalingChannel(stack, 'Channel');
  const alarm = channel.alarmOnFailures('Failures', SignalingOperation.CONNECT_AS_VIEWER);
  (channel.node.findChild('Resource') as CfnResource).cfnOptions.condition = wanted;
  (alarm.node.defaultChild as CfnResource).cfnOptions.condition = other;
  const resources = Object.values(new TemplateGraph(Template.fromStack(stack)).resources);
  const conditions = resources.map(({ Condition }) => Condition).filter((condition) => condition !== undefined);
  expect(conditions.sort()).toEqual(['Other', 'Wanted']);
});

describe('a resource of a mixin', () => {
  const synthesized = (apply: (channel: kinesisvideo.CfnSignalingChannel, condition: CfnCondition) => void) => {
    const stack = new Stack(new App(), 'Stack');
    const condition = new CfnCondition(stack, 'Wanted', { expression: Fn.conditionEquals('a', 'b') });
    const mediaStorageStream = new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 1 });
    const channel = new kinesisvideo.CfnSignalingChannel(stack, 'Channel');
    new RtcDriftMonitor(stack, 'Monitor');
    channel.with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream }));
    apply(channel, condition);
    const graph = new TemplateGraph(Template.fromStack(stack));
    const conditions = Object.entries(graph.resources).filter(([, { Condition }]) => Condition !== undefined).map(([, { Type }]) => Type);
    return { dangling: graph.danglingReferences(), conditions: conditions.sort() };
  };

  test('exists under the condition of the resource that it configures, given after the mixin', () => {
    expect(synthesized((channel, condition) => { channel.cfnOptions.condition = condition; }))
      .toEqual({ dangling: [], conditions: ['AWS::KinesisVideo::SignalingChannel', 'Custom::RtcSignalingChannelMediaStorage'] });
  });

  test('can have a condition of its own, which the resource that it configures does not get', () => {
    expect(synthesized(({ node }, condition) => { (node.findChild('MediaStorage') as CfnResource).cfnOptions.condition = condition; }))
      .toEqual({ dangling: [], conditions: ['Custom::RtcSignalingChannelMediaStorage'] });
  });
});

import { App, Duration, Fn, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import {
  ChimeMeetingPool, IngestConfiguration, RealTimeStage, type RtcAlarmOptions, RtcProvider, SignalingChannel, SignalingOperation, VideoStream,
  VoiceConnector,
  VoiceConnectorStreaming,
} from '../src';

type Make = (stack: Stack, options?: RtcAlarmOptions) => cloudwatch.Alarm;

const streaming = (stack: Stack) =>
  new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdefghijklmnopqrstuv') });
const pool = (stack: Stack) => new ChimeMeetingPool(stack, 'Rooms', { size: 1 });
const sum = (...names: string[]) => Match.arrayWith(names.map((MetricName) => Match.objectLike({ MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName }), Stat: 'Sum' }) })));

const ALARMS: Record<string, [Make, object]> = {
  'failures of an operation': [
    (stack, options) => new SignalingChannel(stack, 'Channel').alarmOnFailures('Alarm', SignalingOperation.CONNECT_AS_MASTER, options),
    { MetricName: 'Failure', Dimensions: Match.arrayWith([{ Name: 'Operation', Value: 'ConnectAsMaster' }]), Statistic: 'Sum', Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching' },
  ],
  'a video stream without media': [
    (stack, options) => new VideoStream(stack, 'Camera').alarmOnNoMedia('Alarm', options),
    { MetricName: 'PutMedia.IncomingFragments', Statistic: 'Sum', Threshold: 1, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching' },
  ],
  'failed calls': [
    (stack, options) => streaming(stack).alarmOnCallFailures('Alarm', options),
    { Metrics: sum('InboundCallFailures', 'OutboundCallFailures'), Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching' },
  ],
  'throttled calls': [
    (stack, options) => streaming(stack).alarmOnThrottles('Alarm', options),
    { MetricName: 'Throttles', Statistic: 'Sum', Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching' },
  ],
  'calls through a voice connector that fail': [
    (stack, options) => new VoiceConnector(stack, 'Trunk').alarmOnCallFailures('Alarm', options),
    { Metrics: sum('InboundCallFailures', 'OutboundCallFailures'), Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching' },
  ],
  'toll fraud': [
    (stack, options) => streaming(stack).alarmOnOutboundCallVolume('Alarm', options),
    { MetricName: 'OutboundCallAttempts', Statistic: 'Sum', Threshold: 100, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching' },
  ],
  'a stage without publisher': [
    (stack, options) => new IngestConfiguration(stack, 'Ingest', { stage: new ivs.CfnStage(stack, 'Stage') }).alarmOnNoPublisher('Alarm', options),
    {
      MetricName: 'Publishers',
      Statistic: 'Maximum',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      AlarmDescription: Match.stringLikeRegexp('the encoder is off'),
    },
  ],
  'a stage of the library without publisher': [
    (stack, options) => new RealTimeStage(stack, 'Studio').alarmOnNoPublisher('Alarm', options),
    {
      MetricName: 'Publishers',
      Statistic: 'Maximum',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      // Any participant publishes to a stage, not only an encoder.
      AlarmDescription: 'No participant publishes to the stage: check the participants, their tokens, and their network connections.',
    },
  ],
  'meetings that are not made': [
    (stack, options) => pool(stack).alarmOnRefillErrors('Alarm', options),
    { MetricName: 'RefillErrors', Statistic: 'Sum', Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching' },
  ],
  'a quota that is used up': [
    (stack, options) => pool(stack).alarmOnLowMeetingQuota('Alarm', options),
    { MetricName: 'RemainingMeetingQuota', Statistic: 'Minimum', Threshold: 25, ComparisonOperator: 'LessThanOrEqualToThreshold', TreatMissingData: 'notBreaching' },
  ],
  'errors of the handlers': [
    (stack, options) => {
      new SignalingChannel(stack, 'Channel');
      return RtcProvider.alarmOnHandlerErrors(stack, 'Alarm', options);
    },
    {
      Metrics: Match.arrayWith(['OnEvent', 'IsComplete'].map((id) => Match.objectLike({
        MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp(`^CdkRtc${id}`) } }] }) }),
      }))),
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    },
  ],
};

const template = (make: Make, options?: RtcAlarmOptions) => {
  const stack = new Stack(new App(), 'Stack');
  make(stack, options);
  return Template.fromStack(stack);
};

describe.each(Object.entries(ALARMS))('an alarm for %s', (_, [make, expected]) => {
  test('sets itself off and says what to do', () => {
    const alarms = template(make);
    alarms.resourceCountIs('AWS::CloudWatch::Alarm', 1);
    alarms.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmDescription: Match.stringLikeRegexp('.{40}'), ...expected, EvaluationPeriods: 1 });
  });

  test('takes other numbers and names', () => {
    const alarms = template(make, { threshold: 7, evaluationPeriods: 3, period: Duration.minutes(1), alarmName: 'mine', alarmDescription: 'call me' });
    alarms.hasResourceProperties('AWS::CloudWatch::Alarm', { Threshold: 7, EvaluationPeriods: 3, AlarmName: 'mine', AlarmDescription: 'call me' });
    const periods = JSON.stringify(alarms.findResources('AWS::CloudWatch::Alarm')).match(/"Period":\d+/g);
    expect(new Set(periods)).toEqual(new Set(['"Period":60']));
  });
});

describe('in a stack of a known region', () => {
  const stackIn = (region: string) => new Stack(new App(), 'Stack', { env: { account: '123456789012', region } });
  const connector = (stack: Stack, arn: string) =>
    new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: VoiceConnector.fromVoiceConnectorArn(stack, 'Connector', arn) });

  test('a voice connector whose ARN is known at deployment only is taken to be there', () => {
    const stack = stackIn('us-east-1');
    const streamed = connector(stack, Fn.importValue('Trunk'));
    streamed.alarmOnThrottles('Throttles');
    streamed.alarmOnCallFailures('CallFailures');
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', 2);
  });

  test('of one that is elsewhere an alarm would hear nothing, and is refused', () => {
    const streamed = connector(stackIn('eu-central-1'), 'arn:aws:chime:us-east-1:123456789012:vc/abcdefghijklmnopqrstuv');
    expect(() => streamed.alarmOnThrottles('Throttles')).toThrow('Cannot create an Alarm in region \'eu-central-1\'');
  });
});

import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { SUBJECTS } from '../../acceptance/cases';
import { VARIANTS } from '../../acceptance/cases/subject';
import { SEARCHES } from '../../acceptance/leftovers';
import { synthesised } from '../policy-stacks';

/** Resources that exist only as a part of another resource, which a search finds. */
const PARTS: Record<string, string> = {
  'AWS::IAM::Policy': 'AWS::IAM::Role',
  'AWS::Lambda::Permission': 'AWS::Lambda::Function',
  'AWS::S3::BucketPolicy': 'AWS::S3::Bucket',
  'AWS::SQS::QueuePolicy': 'AWS::SQS::Queue',
  'Custom::RtcSignalingChannel': 'AWS::KinesisVideo::SignalingChannel',
  'Custom::RtcVideoStreamImageGeneration': 'AWS::KinesisVideo::Stream',
  'Custom::RtcVideoStreamNotification': 'AWS::KinesisVideo::Stream',
  'Custom::RtcVoiceConnectorTermination': 'AWS::Chime::VoiceConnector',
  'Custom::RtcVoiceConnectorOrigination': 'AWS::Chime::VoiceConnector',
  'Custom::RtcVoiceConnectorLogging': 'AWS::Chime::VoiceConnector',
  'Custom::RtcVoiceConnectorStreaming': 'AWS::Chime::VoiceConnector',
  'Custom::RtcPhoneNumberAssociation': 'AWS::Chime::VoiceConnector',
  'Custom::RtcIngestConfiguration': 'AWS::IVS::IngestConfiguration',
  'Custom::RtcRealTimeStageEndpoints': 'AWS::IVS::Stage',
  // Its meetings can't be listed. They end by themselves.
  'Custom::RtcChimeMeetingPool': 'AWS::DynamoDB::Table',
};

const searched = new Set(SEARCHES.flatMap(({ types }) => types));

test('the search for leftovers finds every type of resource that a run creates', () => {
  const created = new Set(SUBJECTS.flatMap((subject) => VARIANTS.filter((variant) => subject.expected(variant, 'x')).flatMap((variant) => {
    const build = (stack: Stack) => { subject.build(new Construct(stack, subject.id), variant, 'CdkRtcAcceptance-1'); };
    return Object.values<{ Type: string }>(synthesised(build).toJSON().Resources).map(({ Type }) => Type);
  })));
  expect(created.size).toBeGreaterThan(20);
  expect([...created].filter((type) => !searched.has(PARTS[type] ?? type))).toEqual([]);
  expect(Object.keys(PARTS).filter((type) => !created.has(type))).toEqual([]);
});

import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as rtc from 'cdk-rtc';
import { Construct } from 'constructs';

/*
 * The resources that users of a snippet create themselves: its lines with `declare const`, and the names that every snippet can use.
 */
type Creation = (scope: Construct, id: string) => unknown;

const stream = (scope: Construct, id: string) => new rtc.VideoStream(scope, id, { dataRetention: Duration.days(1) });

const BY_NAME: Record<string, Creation> = {
  // A role of another account can't be created by the stack.
  callerOfAnotherAccount: (scope, id) => iam.Role.fromRoleArn(scope, id, 'arn:aws:iam::111122223333:role/caller'),
  // A construct with a channel that it doesn't show.
  wrapper: (scope, id) => {
    const wrapper = new Construct(scope, id);
    new kinesisvideo.CfnSignalingChannel(wrapper, 'Channel');
    return wrapper;
  },
  voiceConnectorId: (scope, id) => new rtc.VoiceConnector(scope, id).voiceConnectorId,
};

const BY_TYPE: Record<string, Creation> = {
  // An AWS::Chime::VoiceConnector, whose L1 construct aws-cdk-lib 2.262.0 doesn't have.
  'CfnResource': (scope, id) => new rtc.VoiceConnector(scope, id).node.defaultChild,
  'ec2.Vpc': (scope, id) => new ec2.Vpc(scope, id, { maxAzs: 2, natGateways: 0 }),
  'ecr.Repository': (scope, id) => new ecr.Repository(scope, id),
  'ecs.TaskDefinition': (scope, id) => new ecs.FargateTaskDefinition(scope, id),
  'iam.Role': (scope, id) => new iam.Role(scope, id, { assumedBy: new iam.AccountRootPrincipal() }),
  'ivs.Stage': (scope, id) => new ivs.CfnStage(scope, id),
  'kinesisvideo.SignalingChannel': (scope, id) => new kinesisvideo.CfnSignalingChannel(scope, id),
  'kinesisvideo.Stream': (scope, id) => new kinesisvideo.CfnStream(scope, id, { dataRetentionInHours: 24 }),
  'kms.Key': (scope, id) => new kms.Key(scope, id),
  'lambda.Function': (scope, id) => new lambda.Function(scope, id, {
    runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = async () => {};'),
  }),
  'rtc.ChimeMeetingPool': (scope, id) => new rtc.ChimeMeetingPool(scope, id, { size: 1 }),
  'rtc.IngestConfiguration': (scope, id) => new rtc.IngestConfiguration(scope, id, { stage: new rtc.RealTimeStage(scope, `${id}Stage`) }),
  'rtc.PhoneNumber': (scope, id) => new rtc.PhoneNumber(scope, id, { source: rtc.PhoneNumberSource.local({ areaCode: '415' }) }),
  'rtc.RtcDriftMonitor': (scope, id) => new rtc.RtcDriftMonitor(scope, id),
  'rtc.SignalingChannel': (scope, id) => new rtc.SignalingChannel(scope, id, { mediaStorageStream: stream(scope, `${id}Recordings`) }),
  'rtc.VideoStream': stream,
  'rtc.VoiceConnector': (scope, id) => new rtc.VoiceConnector(scope, id),
  'rtc.VoiceConnectorStreaming': (scope, id) => new rtc.VoiceConnectorStreaming(scope, id, { voiceConnector: new rtc.VoiceConnector(scope, `${id}Trunk`) }),
  's3.Bucket': (scope, id) => new s3.Bucket(scope, id),
  'sns.Topic': (scope, id) => new sns.Topic(scope, id),
};

/** Interfaces and L1 constructs have the name of the resource: `kms.IKey`, `ivs.CfnStage`. */
const resourceOf = (type: string) => type.replace(/\.(?:I(?=[A-Z])|Cfn)/, '.');

export function given(scope: Construct, name: string, type: string): any {
  const create = BY_NAME[name] ?? BY_TYPE[resourceOf(type)];
  if (!create) throw new Error(`${name}: ${type}: test/packed/snippets/given.ts has no such resource`);
  return create(scope.node.tryFindChild('Given') as Construct ?? new Construct(scope, 'Given'), name);
}

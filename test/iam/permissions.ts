import type { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import {
  ChimeMeetingPool, ChimeNamespace, IngestConfiguration, type IVoiceConnectorRef, NotificationTarget, RealTimeStage, RtcDriftMonitor, RtcProvider,
  type RtcProviderOptions, SignalingChannel, StorageConfiguration, VideoStream, VoiceConnector, VoiceConnectorStreaming,
} from '../../src';
import { poolNameOf, TABLE } from '../chime-sdk-meetings/pool-setup';
import { ACCOUNT, REGION, STACK_ID } from '../handler-setup';
import { allSettings, callSettings, mediaStorage, phoneNumberAssociation, phoneNumbers, stageEndpoints, synthesised, videoStreamSettings } from '../policy-stacks';

const keyArn = (n: number) => `arn:aws:kms:${REGION}:${ACCOUNT}:key/1${n}111111-2222-3333-4444-555555555555`;

/** Of the stream key. */
export const KEY = keyArn(1);
export const TABLE_KEY = keyArn(2);
export const FUNCTION_KEY = keyArn(3);
export const RECORDINGS_KEY = keyArn(4);

/** One action of one statement of one role, as IAM would see it. */
export interface Permission {
  readonly role: string;
  /** The policy that it is in; the role itself for inline ones. */
  readonly policy: string;
  readonly action: string;
  readonly resources: string[];
  readonly conditions: Record<string, Record<string, unknown>>;
}

/** What a stack may hold, alone and together. */
export const STACKS: Record<string, (stack: Stack) => void> = {
  'SignalingChannel, minimal': (stack) => { new SignalingChannel(stack, 'Channel'); },
  'SignalingChannel': signaling,
  'SignalingChannelMediaStorage': mediaStorage,
  'VoiceConnectorStreaming, minimal': (stack) => { new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: connector(stack) }); },
  'VoiceConnectorStreaming': streaming,
  'VoiceConnectorTermination and VoiceConnectorOrigination': (stack) => { callSettings(stack); },
  'VoiceConnectorLogging': allSettings,
  'PhoneNumber': phoneNumbers,
  'PhoneNumberAssociation': phoneNumberAssociation,
  'VideoStream': videoStream,
  'IngestConfiguration, minimal': (stack) => { new IngestConfiguration(stack, 'Ingest'); },
  'IngestConfiguration': ingest,
  'RealTimeStage': recordedStage,
  'RealTimeStage with endpoints': stageEndpoints,
  'ChimeMeetingPool, minimal': (stack) => { new ChimeMeetingPool(stack, 'Rooms', { size: 1, keepWarm: false }); },
  'ChimeMeetingPool': pool,
  'ChimeMeetingPool, legacy': (stack) => legacyPool(stack),
  'RtcDriftMonitor': (stack) => {
    const builds = [monitor, signaling, mediaStorage, videoStream, streaming, allSettings, phoneNumbers, ingest, stageEndpoints, pool];
    for (const build of builds) build(stack);
  },
  'everything': (stack) => everything(stack),
};

/** But phone numbers, for which the quota of IAM leaves no room next to every other construct and every option; the policies of what services may do to a stack's resources, and the option that takes conditions away. */
export function everything(stack: Stack, options: RtcProviderOptions = {}): void {
  const network = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-12345678', availabilityZones: ['a'], privateSubnetIds: ['subnet-12345678'] });
  RtcProvider.configure(stack, { vpc: network, encryptionKey: key(stack, 'LogKey', FUNCTION_KEY), tracing: lambda.Tracing.ACTIVE, ...options });
  for (const build of [
    monitor, signaling, mediaStorage, videoStream, streaming, allSettings, ingest, recordedStage, stageEndpoints, pool, legacyPool,
  ]) build(stack);
}

/** With whatever of a stack lets services in by a policy of its own. */
export function withResourcePolicies(stack: Stack): void {
  RtcProvider.configure(stack, { encryptionKey: new kms.Key(stack, 'FunctionKey') });
  const notifications = {
    snsTopic: new sns.Topic(stack, 'Topic'),
    sqsQueue: new sqs.Queue(stack, 'Queue', { encryptionMasterKey: new kms.Key(stack, 'QueueKey') }),
    lambdaFunction: lambda.Function.fromFunctionAttributes(stack, 'Notified', {
      functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:notified`, sameEnvironment: true,
    }),
  };
  new ChimeMeetingPool(stack, 'Rooms', { size: 1, notifications });
  monitor(stack);
}

function signaling(stack: Stack): void {
  const stream = VideoStream.fromStreamArn(stack, 'Stream', `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:stream/recordings/1700000000000`);
  const { grants } = new SignalingChannel(stack, 'Channel', { mediaStorageStream: stream });
  grants.master(grantee(stack, 'Master'));
  grants.viewer(grantee(stack, 'Viewer'));
  const recordingsKey = key(stack, 'RecordingsKey', RECORDINGS_KEY);
  grants.joinStorage(grantee(stack, 'StorageMaster'), recordingsKey);
  grants.joinStorageAsViewer(grantee(stack, 'StorageViewer'), recordingsKey);
  grants.iceServers(grantee(stack, 'VoiceAgent'));
}

function videoStream(stack: Stack): void {
  videoStreamSettings(stack);
  const { grants } = stack.node.findChild('VideoStream') as VideoStream;
  grants.putMedia(grantee(stack, 'Producer'));
  grants.getMedia(grantee(stack, 'LiveReader'));
  grants.listFragments(grantee(stack, 'FragmentReader'));
  grants.play(grantee(stack, 'Player'));
  grants.getClip(grantee(stack, 'ClipReader'));
  grants.getImages(grantee(stack, 'ImageReader'));
}

function streaming(stack: Stack): void {
  new VoiceConnectorStreaming(stack, 'Streaming', {
    voiceConnector: connector(stack),
    notificationTargets: [NotificationTarget.SNS, NotificationTarget.SQS, NotificationTarget.EVENT_BRIDGE],
    mediaInsights: { configurationArn: `arn:aws:chime:${REGION}:${ACCOUNT}:media-insights-pipeline-configuration/calls` },
  }).grants.readMedia(grantee(stack, 'MediaReader'));
}

function ingest(stack: Stack): void {
  const stage = new ivs.CfnStage(stack, 'Stage');
  new IngestConfiguration(stack, 'Ingest', { stage, streamKeySecretEncryptionKey: key(stack, 'StreamKeyKey') }).grants.readStreamKey(grantee(stack, 'Encoder'));
}

function recordedStage(stack: Stack): void {
  const storageConfiguration = new StorageConfiguration(stack, 'Recordings', { bucket: new s3.Bucket(stack, 'RecordingsBucket') });
  const { grants } = new RealTimeStage(stack, 'RealTimeStage', { autoParticipantRecording: { storageConfiguration } });
  grants.createParticipantToken(grantee(stack, 'TokenCreator'));
  grants.disconnectParticipant(grantee(stack, 'Moderator'));
  grants.getStage(grantee(stack, 'StageReader'));
  grants.readSessions(grantee(stack, 'SessionReader'));
  grants.startComposition(grantee(stack, 'Composer'), {
    encoderConfigurations: [new ivs.CfnEncoderConfiguration(stack, 'EncoderConfiguration')],
    storageConfigurations: [storageConfiguration],
    channels: [new ivs.CfnChannel(stack, 'Broadcast')],
  });
}

function pool(stack: Stack): void {
  const { grants } = new ChimeMeetingPool(stack, 'Rooms', { size: 1, encryptionKey: key(stack, 'TableKey', TABLE_KEY) });
  grants.checkout(grantee(stack, 'Application'));
  grants.manageAttendees(grantee(stack, 'AttendeeManager'));
  grants.endMeetings(grantee(stack, 'MeetingEnder'));
}

function legacyPool(stack: Stack): void {
  const { grants } = new ChimeMeetingPool(stack, 'LegacyRooms', { size: 1, namespace: ChimeNamespace.CHIME, region: 'us-east-1' });
  grants.manageAttendees(grantee(stack, 'LegacyAttendeeManager'));
}

function monitor(stack: Stack): void {
  new RtcDriftMonitor(stack, 'DriftMonitor');
}

function monitoredPhoneNumbers(stack: Stack): void {
  monitor(stack);
  phoneNumbers(stack);
}

function connector(scope: Construct): IVoiceConnectorRef {
  return VoiceConnector.fromVoiceConnectorId(scope, 'Connector', 'abcdefghijklmnopqrstuv');
}

function key(scope: Construct, id: string, arn = KEY): kms.IKey {
  return kms.Key.fromKeyArn(scope, id, arn);
}

function grantee(scope: Construct, id: string): iam.Role {
  return new iam.Role(scope, id, { assumedBy: new iam.AccountRootPrincipal() });
}

/** Every permission of every role of a stack, with what CloudFormation would put for references. */
export function permissionsOf(build: (stack: Stack) => void): Permission[] {
  const resources = resourcesOf(build);
  const permissions: Permission[] = [];
  const add = (roleId: string, policyId: string, document: any) => {
    for (const { Effect, Action, Resource, Condition = {} } of fill(document, resources).Statement) {
      if (Effect !== 'Allow') throw new Error(`${roleId} has a statement that is not Allow`);
      const statement = { role: nameOf(roleId), policy: nameOf(policyId), resources: [Resource].flat(), conditions: Condition };
      for (const action of [Action].flat()) permissions.push({ ...statement, action });
    }
  };
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    if (Type === 'AWS::IAM::Role') for (const { PolicyDocument } of Properties.Policies ?? []) add(id, id, PolicyDocument);
    if (Type === 'AWS::IAM::Role' && Properties.ManagedPolicyArns) throw new Error(`${id} has managed policies, whose actions are not known here`);
    if (Type === 'AWS::IAM::Policy') for (const { Ref } of Properties.Roles) add(Ref, id, Properties.PolicyDocument);
  }
  return permissions;
}

/** Every permission of every construct, with every option. */
export function everyPermission(): Permission[] {
  const permissions = [STACKS.everything, monitoredPhoneNumbers].flatMap(permissionsOf);
  return [...new Map(permissions.map((permission) => [JSON.stringify(permission), permission])).values()];
}

/** Every role of a stack, and who may take it. */
export function rolesOf(build: (stack: Stack) => void): { readonly role: string; readonly assumedBy: string }[] {
  const resources = resourcesOf(build);
  return Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role').map(([id, { Properties }]) => {
    const statements: any[] = fill(Properties.AssumeRolePolicyDocument, resources).Statement;
    const takers = statements.map(({ Principal: { Service, AWS }, Condition = {} }) => {
      const conditions = Object.values<any>(Condition).flatMap((operator) => Object.entries(operator).map((pair) => pair.join(' = ')));
      return [Service ?? AWS, ...conditions].join(' if ');
    });
    return { role: nameOf(id), assumedBy: takers.join(', ') };
  });
}

export interface LetIn {
  readonly service: string;
  readonly actions: string[];
  /** The logical id of what it may be done to. */
  readonly resource: string;
  readonly conditions: Record<string, Record<string, unknown>>;
}

/** What a stack's queues, topics, functions and keys allow to services. */
export function servicesLetIn(build: (stack: Stack) => void): LetIn[] {
  const resources = resourcesOf(build);
  return Object.entries(resources).flatMap(([id, { Type, Properties = {} }]) => {
    if (Type === 'AWS::Lambda::Permission') {
      const { Principal, Action, SourceAccount, SourceArn } = fill(Properties, resources);
      const conditions = { 'aws:SourceAccount': SourceAccount, 'aws:SourceArn': SourceArn };
      return [{ service: Principal, actions: [Action], resource: nameOf(id), conditions: { StringEquals: JSON.parse(JSON.stringify(conditions)) } }];
    }
    const { Statement = [] } = fill(Properties.KeyPolicy ?? (/Policy$/.test(Type) && !/IAM/.test(Type) ? Properties.PolicyDocument : {}), resources);
    return Statement.filter(({ Principal }: any) => Principal?.Service).map(({ Principal, Action, Condition = {} }: any) =>
      ({ service: Principal.Service, actions: [Action].flat(), resource: nameOf(id), conditions: Condition }));
  });
}

const templates = new Map<(stack: Stack) => void, Resources>();

function resourcesOf(build: (stack: Stack) => void): Resources {
  const resources = templates.get(build) ?? synthesised(build).toJSON().Resources;
  templates.set(build, resources);
  return resources;
}

type Resources = Record<string, { Type: string; Properties: any }>;

function nameOf(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

const ARNS: Record<string, (id: string) => string> = {
  'AWS::DynamoDB::Table': () => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${TABLE}`,
  'AWS::Logs::LogGroup': (id) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${id}:*`,
  'AWS::Lambda::Function': (id) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${id}`,
  'AWS::StepFunctions::StateMachine': (id) => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${id}`,
  'AWS::SecretsManager::Secret': (id) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${id}-AbCdEf`,
  'Custom::RtcSignalingChannel': (id) => `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:channel/${id}/1700000000000`,
  'AWS::IVS::Channel': (id) => `arn:aws:ivs:${REGION}:${ACCOUNT}:channel/${id}`,
  'AWS::IVS::EncoderConfiguration': (id) => `arn:aws:ivs:${REGION}:${ACCOUNT}:encoder-configuration/${id}`,
  'AWS::IVS::Stage': (id) => `arn:aws:ivs:${REGION}:${ACCOUNT}:stage/${id}`,
  'AWS::IVS::StorageConfiguration': (id) => `arn:aws:ivs:${REGION}:${ACCOUNT}:storage-configuration/${id}`,
  'AWS::KinesisVideo::Stream': (id) => `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:stream/${id}/1700000000000`,
  'AWS::KMS::Key': () => KEY,
  'AWS::SQS::Queue': (id) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${id}`,
  'AWS::SNS::Topic': (id) => `arn:aws:sns:${REGION}:${ACCOUNT}:${id}`,
  'AWS::Events::Rule': (id) => `arn:aws:events:${REGION}:${ACCOUNT}:rule/${id}`,
};

const PSEUDO: Record<string, string> = {
  'AWS::StackId': STACK_ID, 'AWS::AccountId': ACCOUNT, 'AWS::Partition': 'aws', 'AWS::Region': REGION, 'AWS::URLSuffix': 'amazonaws.com', 'AWS::NoValue': '',
};

function fill(value: any, resources: Resources): any {
  if (Array.isArray(value)) return value.map((item) => fill(item, resources));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute, 'Fn::Select': select, 'Fn::Split': split } = value;
  if (Ref !== undefined) return PSEUDO[Ref] ?? arnOf(Ref, resources);
  if (attribute?.[1] === 'PoolName') return poolNameOf(STACK_ID);
  if (attribute) return arnOf(attribute[0], resources);
  if (join) return fill(join[1], resources).join(join[0]);
  if (select) return fill(select[1], resources)[select[0]];
  if (split) return fill(split[1], resources).split(split[0]);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(item, resources)]));
}

function arnOf(id: string, resources: Resources): string {
  const arn = ARNS[resources[id]?.Type]?.(id);
  if (arn === undefined) throw new Error(`nothing to put for ${id} (${resources[id]?.Type})`);
  return arn;
}

export function textOf({ role, action, resources, conditions }: Permission): string {
  return `${role} ${action} on ${resources.join(', ')}${Object.keys(conditions).length > 0 ? ` if ${JSON.stringify(conditions)}` : ''}`;
}

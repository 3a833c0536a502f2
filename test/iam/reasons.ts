import { type Exception, excuses } from './exceptions';
import type { Permission } from './permissions';

/** What a role is for. */
export const ROLES: { readonly role: RegExp; readonly name: string; readonly purpose: string }[] = [
  { role: /^CdkRtcHandlerRole$/, name: 'handlers', purpose: 'both handler functions: what creates, changes and deletes what the constructs stand for' },
  { role: /^CdkRtcFrameworkOnEventRole$/, name: 'framework (events)', purpose: 'the provider framework of the AWS CDK: takes the requests of CloudFormation' },
  { role: /^CdkRtcFrameworkCompleteRole$/, name: 'framework (completion)', purpose: 'the provider framework: asks until all is as wished, or the time is over' },
  { role: /^CdkRtcProviderwaiterstatemachineRole$/, name: 'waiter', purpose: 'the state machine that asks every two seconds' },
  { role: /^RoomsCheckoutRole$/, name: 'checkout of a pool', purpose: 'hands out the meetings of one pool' },
  { role: /^RoomsMaintainerRole$/, name: 'maintainer of a pool', purpose: 'replaces the meetings of one pool that have ended; only with `keepWarm`' },
  { role: /^LegacyRoomsCheckoutRole$/, name: 'checkout of a legacy pool', purpose: 'the same in the legacy namespace' },
  { role: /^LegacyRoomsMaintainerRole$/, name: 'maintainer of a legacy pool', purpose: 'the same in the legacy namespace' },
  { role: /^DriftMonitorFunctionRole$/, name: 'drift monitor', purpose: 'compares what is there with what is wished' },
  { role: /^DriftMonitorScheduleRole$/, name: 'schedule of a drift monitor', purpose: 'starts it' },
];

/** Which roles of the templates have which grant. */
export const GRANTS: { readonly role: string; readonly name: string }[] = [
  { role: 'Master', name: 'SignalingChannel.grants.master' },
  { role: 'Viewer', name: 'SignalingChannel.grants.viewer' },
  { role: 'StorageMaster', name: 'SignalingChannel.grants.joinStorage' },
  { role: 'StorageViewer', name: 'SignalingChannel.grants.joinStorageAsViewer' },
  { role: 'MediaReader', name: 'VoiceConnectorStreaming.grants.readMedia' },
  { role: 'Encoder', name: 'IngestConfiguration.grants.readStreamKey' },
  { role: 'Application', name: 'ChimeMeetingPool.grants.checkout' },
  { role: 'AttendeeManager', name: 'ChimeMeetingPool.grants.manageAttendees' },
  { role: 'LegacyAttendeeManager', name: 'ChimeMeetingPool.grants.manageAttendees (legacy)' },
  { role: 'MeetingEnder', name: 'ChimeMeetingPool.grants.endMeetings' },
];

/** What a permission is for. The first that fits holds. */
export const REASONS: Exception[] = [
  // Where functions run.
  { action: /^logs:/, reason: 'Its log, in the one log group of the stack.' },
  { action: /^ec2:/, reason: 'AWS Lambda attaches it to the VPC. Only with `vpc`.' },
  { action: /^xray:/, reason: 'Its traces. Only with `tracing`.' },
  { action: /^kms:Decrypt$/, resource: /:key\/13/, reason: 'AWS Lambda decrypts its environment variables. Only with `encryptionKey`.' },
  { role: /Framework/, action: /^lambda:GetFunction$/, reason: 'After a failed call the framework waits until the handler is active again.' },
  { role: /Framework/, action: /^lambda:InvokeFunction$/, reason: 'The one handler that it serves.' },
  { action: /^states:StartExecution$/, reason: 'Starts the waiter.' },
  { role: /waiter/, action: /^lambda:InvokeFunction$/, reason: 'Asks for completion, and tells that time is over.' },
  { role: /Schedule/, action: /^lambda:InvokeFunction$/, reason: 'Starts the drift monitor.' },
  { role: /Checkout/, action: /^lambda:InvokeFunction$/, reason: 'Has what was handed out replaced at once. Only with `keepWarm`.' },
  // Signaling channels.
  { action: /^kinesisvideo:CreateSignalingChannel$/, reason: 'Creates a channel, only with the owner tag of the stack.' },
  { action: /^kinesisvideo:DescribeSignalingChannel$/, reason: 'Its state. Without a condition: under one, what is missing would be denied instead of not found.' },
  { action: /^kinesisvideo:DescribeMediaStorageConfiguration$/, reason: 'Into which stream it records.' },
  { action: /^kinesisvideo:GetSignalingChannelEndpoint$/, reason: 'The endpoints, which are attributes of the construct.' },
  { action: /^kinesisvideo:ListTagsForResource$/, reason: 'Who owns it.' },
  { action: /^kinesisvideo:ListSignalingChannels$/, reason: 'Finds what an interrupted create may have left.' },
  { action: /^kinesisvideo:DescribeMappedResourceConfiguration$/, reason: 'Which channel records into a stream: one at a time.' },
  { action: /^kinesisvideo:UpdateMediaStorageConfiguration$/, resource: /:stream\//, reason: 'Whether the service asks for it on the stream is not documented; without it nothing would be recorded.' },
  { action: /^kinesisvideo:(Update\w+|UntagResource|DeleteSignalingChannel)$/, reason: 'Changes and deletes the stack\'s own channels.' },
  // Tags of all kinds.
  { action: /:TagResource$/, resource: /:vc\//, reason: 'Marks whose the streaming configuration is.' },
  { action: /^chime:TagResource$/, reason: 'Tags a meeting in the call that makes it.' },
  { action: /:TagResource$/, reason: 'Marks what has no owner, and tags what is the stack\'s own: nothing can be seized by tagging.' },
  // Voice connectors.
  { action: /^chime:PutVoiceConnectorStreamingConfiguration$/, resource: /media-insights/, reason: 'The service asks for it on the pipeline configuration that a connector is to use. Only with `mediaInsights`.' },
  { action: /^chime:GetMediaInsightsPipelineConfiguration$/, reason: 'The service reads it when a connector is to use it. Only with `mediaInsights`.' },
  { action: /^chime:(Get|Put|Delete)VoiceConnectorStreamingConfiguration$/, reason: 'The streaming configuration. Voice connectors have no tag conditions: the handler compares the owner before.' },
  { action: /^chime:ListTagsForResource$/, reason: 'Who owns the streaming configuration.' },
  { action: /^chime:UntagResource$/, reason: 'Takes the mark off with the configuration.' },
  { action: /^iam:CreateServiceLinkedRole$/, reason: 'The service makes its role with the caller\'s rights, the first time that an account streams.' },
  { action: /^(sns|sqs):/, reason: 'The service makes or finds its topic or queue with the caller\'s rights. Only with such a target.' },
  // Ingest configurations.
  { action: /^ivs:CreateIngestConfiguration$/, reason: 'Creates an ingest configuration, only with the owner tag of the stack.' },
  { action: /^ivs:GetIngestConfiguration$/, reason: 'Its state and its stream key, which goes into the secret. Without a condition: under one, what is missing would be denied instead of not found.' },
  { action: /^ivs:ListIngestConfigurations$/, reason: 'Finds what an interrupted create may have left.' },
  { action: /^ivs:ListTagsForResource$/, reason: 'Who owns it.' },
  { action: /^ivs:(Update|Delete|Untag)/, reason: 'Changes and deletes the stack\'s own ingest configurations.' },
  { action: /^secretsmanager:GetSecretValue$/, reason: 'Whether the stack\'s own secret holds the stream key.' },
  { action: /^secretsmanager:PutSecretValue$/, reason: 'Puts the stream key there.' },
  { action: /^kms:(Decrypt|GenerateDataKey)$/, resource: /:key\/\*$/, reason: 'Secrets Manager uses the key of the stack\'s own secrets. Only with `streamKeySecretEncryptionKey`.' },
  // Meeting pools.
  { role: /^Legacy|^CdkRtcHandlerRole$/, action: /^chime:CreateMeeting/, reason: 'Makes meetings; outside of the legacy namespace only with the owner tag of the stack.' },
  { action: /^chime:CreateMeeting/, reason: 'Makes meetings, only with the owner tag of the stack.' },
  { action: /^chime:(Batch)?CreateAttendee$/, reason: 'Invites people into the pool\'s meetings.' },
  { action: /^chime:DeleteMeeting$/, reason: 'Ends what is not wished any more.' },
  { action: /^chime:GetMeeting$/, reason: 'Whether a meeting lives. Without a condition: the tags go with the meeting, and an ended one would be denied instead of not found.' },
  { action: /^chime:(GetAttendee|ListAttendees)$/, reason: 'The same token gives the same meeting again, with the people who are in it.' },
  { action: /^chime:ListMeetings$/, reason: 'Finds meetings that the table has lost; the legacy namespace only.' },
  { action: /^dynamodb:Scan$/, reason: 'Finds the pool that an interrupted create has left in the table.' },
  { role: /^DriftMonitor/, action: /^dynamodb:GetItem$/, reason: 'What the pool is to be; its meetings are not read.' },
  { action: /^dynamodb:/, reason: 'The pool\'s own table: which meetings there are.' },
  { action: /^kms:/, resource: /:key\/12/, reason: 'DynamoDB uses the table\'s key in the caller\'s name. Only with `encryptionKey` of the pool.' },
  // The drift monitor.
  { action: /^cloudformation:DescribeStacks$/, reason: 'Whether a deployment is under way: then nothing is compared.' },
  { action: /^events:PutEvents$/, reason: 'Tells of drift, as source `cdk-rtc` only.' },
];

export function reasonFor(permission: Permission): string | undefined {
  return REASONS.find((one) => excuses(one, permission))?.reason;
}

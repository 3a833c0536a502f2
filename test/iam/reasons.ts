import { type Exception, excuses } from './exceptions';
import type { Permission } from './permissions';

/** The purpose of each role. */
export const ROLES: { readonly role: RegExp; readonly name: string; readonly purpose: string }[] = [
  { role: /^CdkRtcHandlerRole$/, name: 'handlers', purpose: 'Runs both handler functions, which create, update, and delete the resources of the constructs' },
  { role: /^CdkRtcFrameworkOnEventRole$/, name: 'framework (events)', purpose: 'Runs the function of the AWS CDK provider framework that receives the requests of CloudFormation' },
  { role: /^CdkRtcFrameworkCompleteRole$/, name: 'framework (completion)', purpose: 'Runs the functions of the provider framework that check for completion and report a timeout' },
  { role: /^CdkRtcProviderwaiterstatemachineRole$/, name: 'waiter', purpose: 'Runs the state machine that checks for completion every two seconds' },
  { role: /^RoomsCheckoutRole$/, name: 'checkout of a pool', purpose: 'Checks out the meetings of one pool' },
  { role: /^RoomsMaintainerRole$/, name: 'maintainer of a pool', purpose: 'Replaces ended meetings of one pool. Only with `keepWarm`' },
  { role: /^LegacyRoomsCheckoutRole$/, name: 'checkout of a legacy pool', purpose: 'Same as above, in the legacy namespace' },
  { role: /^LegacyRoomsMaintainerRole$/, name: 'maintainer of a legacy pool', purpose: 'Same as above, in the legacy namespace' },
  { role: /^DriftMonitorFunctionRole$/, name: 'drift monitor', purpose: 'Compares the observed state with the desired state' },
  { role: /^DriftMonitorScheduleRole$/, name: 'schedule of a drift monitor', purpose: 'Starts the drift monitor' },
];

/** The grant that each role of the templates has. */
export const GRANTS: { readonly role: string; readonly name: string }[] = [
  { role: 'Master', name: 'SignalingChannel.grants.master' },
  { role: 'Viewer', name: 'SignalingChannel.grants.viewer' },
  { role: 'StorageMaster', name: 'SignalingChannel.grants.joinStorage' },
  { role: 'StorageViewer', name: 'SignalingChannel.grants.joinStorageAsViewer' },
  { role: 'VoiceAgent', name: 'SignalingChannel.grants.iceServers' },
  { role: 'Producer', name: 'VideoStream.grants.putMedia' },
  { role: 'LiveReader', name: 'VideoStream.grants.getMedia' },
  { role: 'FragmentReader', name: 'VideoStream.grants.listFragments' },
  { role: 'Player', name: 'VideoStream.grants.play' },
  { role: 'ClipReader', name: 'VideoStream.grants.getClip' },
  { role: 'ImageReader', name: 'VideoStream.grants.getImages' },
  { role: 'MediaReader', name: 'VoiceConnectorStreaming.grants.readMedia' },
  { role: 'Encoder', name: 'IngestConfiguration.grants.readStreamKey' },
  { role: 'TokenCreator', name: 'RealTimeStage.grants.createParticipantToken' },
  { role: 'Moderator', name: 'RealTimeStage.grants.disconnectParticipant' },
  { role: 'StageReader', name: 'RealTimeStage.grants.getStage' },
  { role: 'SessionReader', name: 'RealTimeStage.grants.readSessions' },
  { role: 'Composer', name: 'RealTimeStage.grants.startComposition' },
  { role: 'Application', name: 'ChimeMeetingPool.grants.checkout' },
  { role: 'AttendeeManager', name: 'ChimeMeetingPool.grants.manageAttendees' },
  { role: 'LegacyAttendeeManager', name: 'ChimeMeetingPool.grants.manageAttendees (legacy)' },
  { role: 'MeetingEnder', name: 'ChimeMeetingPool.grants.endMeetings' },
];

/** The reason for each permission. The first matching entry applies. */
export const REASONS: Exception[] = [
  // Logging of voice connectors, before the logs of functions.
  {
    role: /^CdkRtcHandlerRole$/,
    action: /^logs:(?!CreateLogStream|PutLogEvents)/,
    reason: 'The service delivers the logs of a voice connector with the caller\'s permissions. Only with `VoiceConnectorLogging`.',
  },
  // Where functions run.
  { action: /^logs:/, reason: 'Writes the log of the function to the log group of the stack.' },
  { action: /^ec2:/, reason: 'AWS Lambda attaches the function to the VPC. Only with `vpc`.' },
  { action: /^xray:/, reason: 'Sends traces. Only with `tracing`.' },
  { action: /^kms:Decrypt$/, resource: /:key\/13/, reason: 'AWS Lambda decrypts the environment variables of the function. Only with `encryptionKey`.' },
  { role: /Framework/, action: /^lambda:GetFunction$/, reason: 'After a failed call, the framework waits until the handler is active again.' },
  { role: /Framework/, action: /^lambda:InvokeFunction$/, reason: 'Invokes the handler that the framework serves.' },
  { action: /^states:StartExecution$/, reason: 'Starts the state machine.' },
  { role: /waiter/, action: /^lambda:InvokeFunction$/, reason: 'Checks for completion, and reports a timeout.' },
  { role: /Schedule/, action: /^lambda:InvokeFunction$/, reason: 'Starts the drift monitor.' },
  { role: /Checkout/, action: /^lambda:InvokeFunction$/, reason: 'Starts the maintainer, so that a checked-out meeting is replaced immediately. Only with `keepWarm`.' },
  // Signaling channels.
  { action: /^kinesisvideo:(Tag|Untag)Stream$/, reason: 'Marks the owner of each setting of a stream.' },
  { action: /^kinesisvideo:ListTagsForStream$/, reason: 'Reads the owners of the settings.' },
  { action: /^kinesisvideo:Describe(ImageGeneration|Notification)Configuration$/, reason: 'Reads the setting of the stream.' },
  { role: /^CdkRtcHandlerRole$/, action: /^kinesisvideo:DescribeStream$/, reason: 'Reads the status of the stream, which can be configured only if it is active.' },
  { action: /^kinesisvideo:Update(ImageGeneration|Notification)Configuration$/, reason: 'Configures the stream.' },
  { action: /^kinesisvideo:CreateSignalingChannel$/, reason: 'Creates a channel, only with the owner tag of the stack.' },
  { action: /^kinesisvideo:DescribeSignalingChannel$/, reason: 'Reads the state of the channel. There is no condition, because a call about a missing channel would then be denied instead of not found.' },
  { action: /^kinesisvideo:DescribeMediaStorageConfiguration$/, reason: 'Reads the stream into which the channel records.' },
  { action: /^kinesisvideo:GetSignalingChannelEndpoint$/, reason: 'Reads the endpoints, which are attributes of the construct.' },
  { action: /^kinesisvideo:ListTagsForResource$/, reason: 'Reads the owner tags.' },
  { action: /^kinesisvideo:ListSignalingChannels$/, reason: 'Finds resources of an interrupted create.' },
  { action: /^kinesisvideo:DescribeMappedResourceConfiguration$/, reason: 'Reads which channel records into the stream. A stream records only one channel.' },
  { action: /^kinesisvideo:UpdateMediaStorageConfiguration$/, resource: /:stream\//, reason: 'Links the stream. AWS doesn\'t document whether the service requires this permission on the stream. If it does, recording would fail without it.' },
  { action: /^kinesisvideo:(Update\w+|UntagResource|DeleteSignalingChannel)$/, reason: 'Updates and deletes the stack\'s own channels, and the recording of channels that CloudFormation created.' },
  // Tags of all kinds.
  { action: /:TagResource$/, resource: /:vc\//, reason: 'Writes the owner tag of a setting, and which SIP users the handler created.' },
  { action: /^chime:TagResource$/, reason: 'Tags a meeting in the call that creates the meeting.' },
  { action: /:TagResource$/, reason: 'Tags unowned resources and the stack\'s own resources. Tagging can\'t take over a resource of another stack.' },
  // Voice connectors.
  { action: /^chime:PutVoiceConnectorStreamingConfiguration$/, resource: /media-insights/, reason: 'The service requires this permission on the pipeline configuration of the voice connector. Only with `mediaInsights`.' },
  { action: /^chime:GetMediaInsightsPipelineConfiguration$/, reason: 'The service reads the pipeline configuration with the caller\'s permissions. Only with `mediaInsights`.' },
  { action: /^chime:(Get|Put|Delete)VoiceConnectorStreamingConfiguration$/, reason: 'Manages the streaming configuration. The service evaluates no tag conditions for voice connectors, so the handler checks the owner first.' },
  { action: /^chime:\w+VoiceConnectorTerminationCredentials$/, reason: 'Manages the SIP users of `credentials`. No call returns a password.' },
  { action: /^chime:(Get|Put|Delete)VoiceConnector/, reason: 'Manages the setting. The service evaluates no tag conditions for voice connectors, so the handler checks the owner first.' },
  { action: /^secretsmanager:GetSecretValue$/, resource: /:secret:sip-/, reason: 'Reads the SIP users of one construct. Only with `credentials`.' },
  { action: /^kms:Decrypt$/, resource: /:key\/15/, reason: 'Secrets Manager uses the key of such a secret. Only with `credentials` whose secrets have a key of their own.' },
  { action: /^chime:ListTagsForResource$/, reason: 'Reads the owner tag of a setting.' },
  { action: /^chime:UntagResource$/, reason: 'Removes the owner tag when a setting is deleted.' },
  { action: /^iam:CreateServiceLinkedRole$/, reason: 'The service creates its service-linked role with the caller\'s permissions when an account turns streaming on for the first time.' },
  { action: /^(sns|sqs):/, reason: 'The service creates or finds its topic or queue with the caller\'s permissions. Only with such a target.' },
  // Phone numbers.
  { action: /^chime:CreatePhoneNumberOrder$/, reason: 'Orders the number. Only in a stack with `PhoneNumber`. The service supports no narrower resource for phone numbers.' },
  { action: /^chime:SearchAvailablePhoneNumbers$/, reason: 'Finds a number that is for sale. Only in a stack with `PhoneNumber`.' },
  { action: /^chime:ListPhoneNumberOrders$/, reason: 'Finds the order of a number, and reads its state. Only in a stack with `PhoneNumber`.' },
  { action: /^chime:ListPhoneNumbers$/, reason: 'Finds the number of an interrupted order by its owner mark. Only in a stack with `PhoneNumber`.' },
  { action: /^chime:UpdatePhoneNumber$/, reason: 'Changes the name, the calling name, and the product type of the number. Only in a stack with `PhoneNumber`.' },
  { action: /^chime:DeletePhoneNumber$/, reason: 'Releases the stack\'s own number. Only in a stack with `PhoneNumber`.' },
  { action: /^chime:RestorePhoneNumber$/, reason: 'Restores the number of `PhoneNumberSource.exactly` from the deletion queue. Only in a stack with `PhoneNumber`.' },
  { action: /^chime:GetPhoneNumber$/, reason: 'Reads the status, the owner mark, and the voice connector of the number.' },
  { action: /^chime:(AssociatePhoneNumbersWith|DisassociatePhoneNumbersFrom)VoiceConnector$/, reason: 'Associates and disassociates the number of a `PhoneNumberAssociation`.' },
  // Ingest configurations.
  { action: /^ivs:CreateIngestConfiguration$/, reason: 'Creates an ingest configuration, only with the owner tag of the stack.' },
  { action: /^ivs:GetIngestConfiguration$/, reason: 'Reads the state and the stream key, which the handler writes to the secret. There is no condition, because a call about a missing ingest configuration would then be denied instead of not found.' },
  { action: /^ivs:GetStage$/, reason: 'Reads the endpoints of a stage: attributes of the construct, and the server URL in the secret of an ingest configuration. The stage may be of another stack.' },
  { action: /^ivs:ListIngestConfigurations$/, reason: 'Finds resources of an interrupted create.' },
  { action: /^ivs:ListTagsForResource$/, reason: 'Reads the owner tags.' },
  { action: /^ivs:(Update|Delete|Untag)/, reason: 'Updates and deletes the stack\'s own ingest configurations.' },
  { action: /^secretsmanager:GetSecretValue$/, reason: 'Checks whether the stack\'s own secret holds the stream key.' },
  { action: /^secretsmanager:PutSecretValue$/, reason: 'Writes the stream key to the secret.' },
  { action: /^kms:(Decrypt|GenerateDataKey)$/, resource: /:key\/\*$/, reason: 'Secrets Manager uses the key of the stack\'s own secrets. Only with `streamKeySecretEncryptionKey`.' },
  // Meeting pools.
  { role: /^Legacy|^CdkRtcHandlerRole$/, action: /^chime:CreateMeeting/, reason: 'Creates meetings. Outside of the legacy namespace, only with the owner tag of the stack.' },
  { action: /^chime:CreateMeeting/, reason: 'Creates meetings, only with the owner tag of the stack.' },
  { action: /^chime:(Batch)?CreateAttendee$/, reason: 'Adds attendees to the pool\'s meetings.' },
  { action: /^chime:DeleteMeeting$/, reason: 'Ends meetings that are no longer needed.' },
  { action: /^chime:GetMeeting$/, reason: 'Checks whether a meeting still exists. There is no condition, because an ended meeting has no tags, so the call would be denied instead of not found.' },
  { action: /^chime:(GetAttendee|ListAttendees)$/, reason: 'Returns the attendees of a meeting again for the same `clientRequestToken`.' },
  { action: /^chime:ListMeetings$/, reason: 'Finds meetings that are missing in the table. Only in the legacy namespace.' },
  { action: /^dynamodb:Scan$/, reason: 'Finds the pool of an interrupted create in the table.' },
  { role: /^DriftMonitor/, action: /^dynamodb:GetItem$/, reason: 'Reads the settings of the pool. The monitor doesn\'t read the meetings.' },
  { action: /^dynamodb:/, reason: 'Manages the meeting records in the pool\'s own table.' },
  { action: /^kms:/, resource: /:key\/12/, reason: 'DynamoDB uses the table\'s key with the caller\'s permissions. Only with `encryptionKey` of the pool.' },
  // The drift monitor.
  { action: /^cloudformation:DescribeStacks$/, reason: 'Checks whether a deployment is in progress. The monitor compares nothing during a deployment.' },
  { action: /^events:PutEvents$/, reason: 'Sends drift events, only with the source `cdk-rtc`.' },
];

export function reasonFor(permission: Permission): string | undefined {
  return REASONS.find((one) => excuses(one, permission))?.reason;
}

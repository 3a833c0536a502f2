import type { Permission } from './permissions';

/** An exception from a rule, with its reason. The tests fail if an exception matches no permission. */
export interface Exception {
  readonly role?: RegExp;
  readonly action: RegExp;
  readonly resource?: RegExp;
  readonly reason: string;
}

export function excuses({ role, action, resource }: Exception, permission: Permission): boolean {
  return (role?.test(permission.role) ?? true) && action.test(permission.action)
    && (resource === undefined || permission.resources.some((arn) => resource.test(arn)));
}

/** Roles that `grants` are given to: what they do is up to applications. */
export const GRANTEES = /^(Master|Viewer|StorageMaster|StorageViewer|VoiceAgent|Producer|LiveReader|FragmentReader|Player|ClipReader|ImageReader|MediaReader|Encoder|TokenCreator|Moderator|StageReader|SessionReader|Composer|Application|AttendeeManager|MeetingEnder|LegacyAttendeeManager)$/;

const VPC = /^ec2:(AssignPrivateIpAddresses|CreateNetworkInterface|DeleteNetworkInterface|DescribeNetworkInterfaces|DescribeSubnets|UnassignPrivateIpAddresses)$/;

const XRAY = /^xray:(GetSamplingRules|GetSamplingTargets|PutTelemetryRecords|PutTraceSegments)$/;

/** Asked for, but denied. */
export const DENIED: Exception[] = [
  {
    action: /^chime:(BatchCreateAttendee|DeleteMeeting)$/,
    resource: /:meeting\/[0-9a-f-]+$/,
    reason: 'An ended meeting has no tags. The handlers then check whether the meeting exists.',
  },
];

/** Allowed, though no call of the handlers and functions against the emulator asks for it. */
export const UNUSED: Exception[] = [
  { action: /^logs:(CreateLogStream|PutLogEvents)$/, reason: 'The Lambda runtime writes the logs with the function\'s role.' },
  { action: VPC, reason: 'Lambda attaches a function to its VPC with the function\'s role. Only with `vpc`.' },
  { action: XRAY, reason: 'The Lambda runtime and Step Functions write the traces with the role. Only with `tracing`.' },
  { action: /^kms:Decrypt$/, resource: /:key\/13/, reason: 'Lambda decrypts environment variables with the function\'s role. Only with `encryptionKey`.' },
  { action: /^kms:(Decrypt|DescribeKey|Encrypt|GenerateDataKey\*|ReEncrypt\*)$/, resource: /:key\/12/, reason: 'DynamoDB uses the key of a table with the caller\'s permissions. The emulator doesn\'t emulate KMS for tables.' },
  { role: /^CdkRtcFramework/, action: /^(lambda:GetFunction|lambda:InvokeFunction|states:StartExecution)$/, reason: 'The provider framework of the AWS CDK uses it. The end-to-end tests run the framework.' },
  { role: /^CdkRtcProviderwaiterstatemachineRole$/, action: /^lambda:InvokeFunction$/, reason: 'The state machine of the provider framework uses it. The end-to-end tests run the state machine.' },
  { role: /^DriftMonitorScheduleRole$/, action: /^lambda:InvokeFunction$/, reason: 'EventBridge Scheduler starts the monitor with it. The end-to-end tests run the schedule.' },
  {
    role: /^DriftMonitorFunctionRole$/,
    action: /^(cloudformation:DescribeStacks|events:PutEvents)$/,
    reason: 'The monitor calls CloudFormation and EventBridge, which the emulator doesn\'t have. The end-to-end tests run these calls.',
  },
  { role: /CheckoutRole$/, action: /^lambda:InvokeFunction$/, reason: 'Checkout starts the maintainer. The emulator has no Lambda. The end-to-end tests run the call.' },
  {
    action: /^kinesisvideo:UpdateMediaStorageConfiguration$/,
    resource: /:stream\//,
    reason: 'AWS doesn\'t document whether the service requires this permission on the stream in addition to the channel.',
  },
  {
    role: /^LegacyRoomsCheckoutRole$/,
    action: /^chime:GetMeeting$/,
    reason: 'Used only after a denied call, to distinguish an ended meeting from a missing permission. Without tag conditions, denials are rare.',
  },
  { role: GRANTEES, action: /./, reason: 'A grant gives the permissions that the AWS guide lists for an application. The library itself doesn\'t make these calls.' },
];

/** On every resource, though the action knows resources. */
export const ON_EVERYTHING: Exception[] = [
  {
    role: /^CdkRtcHandlerRole$/,
    action: /^logs:(CreateLogGroup|DescribeLogGroups|PutResourcePolicy|DescribeResourcePolicies)$/,
    reason: 'The guide of the service lists these permissions of vended logs on every resource. Only in a stack with `VoiceConnectorLogging`.',
  },
  { action: VPC, reason: 'The names of the network interfaces that Lambda creates aren\'t known before. The AWS managed policy for functions in a VPC has the same permissions.' },
];

/** Resources or condition keys that the service authorization reference does not list for the action. */
export const NOT_IN_REFERENCE: Exception[] = [
  {
    action: /^chime:CreateMeeting$/,
    resource: /:meeting\//,
    reason: 'The reference lists no resource, but denials of the service name this resource.',
  },
  { action: /^logs:(CreateLogStream|PutLogEvents)$/, reason: 'The ARN of the log group ends in :*, which covers its streams.' },
  {
    action: /^kinesisvideo:UpdateMediaStorageConfiguration$/,
    resource: /:stream\//,
    reason: 'The reference lists only the channel. AWS doesn\'t document whether the service requires this permission on the stream, too. If it does, recording would fail without it.',
  },
];

/** Mutations that the policies allow on what belongs to another stack. */
export const REACHES_NEIGHBOURS: Exception[] = [
  {
    role: /^Producer$/,
    action: /^s3:PutObject$/,
    reason: 'The service generates the names of the images. The grant covers only the bucket and the prefix of the stream.',
  },
  {
    action: /^chime:((Delete|Put)VoiceConnector(LoggingConfiguration|Origination|StreamingConfiguration|Termination|TerminationCredentials)|TagResource|UntagResource)$/,
    resource: /:vc\//,
    reason: 'A voice connector isn\'t created by the library and carries no owner tag before its first configuration. The handler reads its tags and rejects a voice connector of another stack.',
  },
  {
    role: /^CdkRtcHandlerRole$/,
    action: /^chime:(CreatePhoneNumberOrder|(Delete|Restore|Update)PhoneNumber)$/,
    resource: /^\*$/,
    reason: 'The service supports no resource, no tags, and no condition for phone numbers. The handler reads the owner mark in the name of a number and rejects a number of another stack. Only in a stack with `PhoneNumber`.',
  },
  {
    role: /^CdkRtcHandlerRole$/,
    action: /^chime:(AssociatePhoneNumbersWith|DisassociatePhoneNumbersFrom)VoiceConnector$/,
    resource: /:vc\//,
    reason: 'A voice connector isn\'t created by the library. The handler associates and disassociates only the number of its resource, and takes the number from another voice connector only with `reassign`.',
  },
  {
    action: /^kinesisvideo:(TagStream|UntagStream|Update(ImageGeneration|Notification)Configuration)$/,
    resource: /:stream\//,
    reason: 'The user owns the stream, which carries no owner tag before its first configuration. The handler reads its tags and rejects a setting of another stack. Conditions for the owner tags of both settings don\'t fit the quota of IAM.',
  },
  {
    action: /^chime:PutVoiceConnectorStreamingConfiguration$/,
    resource: /:media-insights-pipeline-configuration\//,
    reason: 'The service requires this permission on the pipeline configuration of a voice connector. The call doesn\'t change the pipeline configuration.',
  },
  { action: /^(sns:CreateTopic|sqs:CreateQueue)$/, reason: 'The service creates its own topic and queue, with fixed names, with the caller\'s permissions. An existing topic or queue isn\'t changed.' },
  {
    role: /^(CdkRtcHandlerRole|Legacy.*)$/,
    action: /^chime:(BatchCreateAttendee|CreateAttendee|DeleteMeeting|TagResource)$/,
    resource: /:meeting\//,
    reason: 'The legacy endpoint evaluates no tag conditions. The pool\'s table contains the meetings of the pool. Only with a pool in the legacy namespace.',
  },
  {
    role: /^Composer$/,
    action: /^ivs:StopComposition$/,
    reason: 'The ARN of a composition is known only after its start, so the grant covers all compositions of the account and region, as its documentation says.',
  },
  {
    role: /^LegacyAttendeeManager$/,
    action: /^chime:(BatchUpdateAttendeeCapabilitiesExcept|DeleteAttendee|UpdateAttendeeCapabilities)$/,
    reason: 'A grant on the meetings of a legacy pool covers all legacy meetings of the account, as its documentation says.',
  },
  {
    role: /^(CdkRtcHandlerRole|Legacy.*)$/,
    action: /^chime:CreateMeeting(WithAttendees)?$/,
    resource: /^\*$/,
    reason: 'Creates a new meeting, which has no owner yet. The legacy endpoint evaluates no request tags.',
  },
  {
    action: /^kinesisvideo:UpdateMediaStorageConfiguration$/,
    resource: /:stream\//,
    reason: 'The stream isn\'t created by the library and carries no owner tag. The call changes the channel, which must be the stack\'s own. The handler rejects a stream that another channel uses.',
  },
  {
    action: /^kms:(Decrypt|GenerateDataKey)$/,
    resource: /:key\/\*$/,
    reason: 'Only through Secrets Manager, and only for the stack\'s own secrets. The policy of the key can deny the use.',
  },
  { action: VPC, reason: 'Lambda creates and deletes network interfaces with the function\'s role. Only with `vpc`.' },
  { action: XRAY, reason: 'The actions only add traces. They change no resource of another stack. Only with `tracing`.' },
];

import type { Permission } from './permissions';

/** What a rule does not hold for, and why. Each must be needed: one that excuses nothing fails. */
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
export const GRANTEES = /^(Master|Viewer|StorageMaster|StorageViewer|MediaReader|Encoder|Application|AttendeeManager|MeetingEnder|LegacyAttendeeManager)$/;

const VPC = /^ec2:(AssignPrivateIpAddresses|CreateNetworkInterface|DeleteNetworkInterface|DescribeNetworkInterfaces|DescribeSubnets|UnassignPrivateIpAddresses)$/;

const XRAY = /^xray:(GetSamplingRules|GetSamplingTargets|PutTelemetryRecords|PutTraceSegments)$/;

/** Asked for, but denied. */
export const DENIED: Exception[] = [
  {
    action: /^chime:(BatchCreateAttendee|DeleteMeeting)$/,
    resource: /:meeting\/[0-9a-f-]+$/,
    reason: 'Of a meeting that has ended: its tags have gone with it. The handlers then look whether it is there.',
  },
];

/** Allowed, though no call of the handlers and functions against the emulator asks for it. */
export const UNUSED: Exception[] = [
  { action: /^logs:(CreateLogStream|PutLogEvents)$/, reason: 'The Lambda runtime writes the logs with the function\'s role.' },
  { action: VPC, reason: 'Lambda attaches a function to its VPC with the function\'s role; only where a VPC is configured.' },
  { action: XRAY, reason: 'The Lambda runtime and Step Functions write the traces with the role; only with tracing.' },
  { action: /^kms:Decrypt$/, resource: /:key\/13/, reason: 'Lambda decrypts environment variables with the function\'s role; only where a key is configured.' },
  { action: /^kms:(Decrypt|DescribeKey|Encrypt|GenerateDataKey\*|ReEncrypt\*)$/, resource: /:key\/12/, reason: 'DynamoDB uses the key of a table in the caller\'s name; the emulator has no KMS behind tables.' },
  { role: /^CdkRtcFramework/, action: /^(lambda:GetFunction|lambda:InvokeFunction|states:StartExecution)$/, reason: 'The provider framework of the AWS CDK; the end-to-end tests run it.' },
  { role: /^CdkRtcProviderwaiterstatemachineRole$/, action: /^lambda:InvokeFunction$/, reason: 'The waiter of the provider framework of the AWS CDK; the end-to-end tests run it.' },
  { role: /^DriftMonitorScheduleRole$/, action: /^lambda:InvokeFunction$/, reason: 'EventBridge Scheduler starts the monitor with it; the end-to-end tests run it.' },
  {
    role: /^DriftMonitorFunctionRole$/,
    action: /^(cloudformation:DescribeStacks|events:PutEvents)$/,
    reason: 'What it asks CloudFormation, and tells EventBridge; the emulator has neither, the end-to-end tests run them.',
  },
  { role: /CheckoutRole$/, action: /^lambda:InvokeFunction$/, reason: 'Checkout starts the maintainer; the emulator has no Lambda, the end-to-end tests run it.' },
  {
    action: /^kinesisvideo:UpdateMediaStorageConfiguration$/,
    resource: /:stream\//,
    reason: 'Whether the service asks for it on the stream besides the channel is not documented.',
  },
  {
    role: /^LegacyRoomsCheckoutRole$/,
    action: /^chime:GetMeeting$/,
    reason: 'Asked only where a call was denied, to tell a meeting that has ended from a missing permission; without tag conditions that is rare.',
  },
  { role: GRANTEES, action: /./, reason: 'A grant: what AWS\'s guide for that role of an application lists; the library makes none of these calls with it.' },
];

/** On every resource, though the action knows resources. */
export const ON_EVERYTHING: Exception[] = [
  { action: VPC, reason: 'Network interfaces that Lambda makes have no names that are known before; AWS\'s own policy for functions in a VPC has the same.' },
];

/** Resources or condition keys that the service authorization reference does not list for the action. */
export const NOT_IN_REFERENCE: Exception[] = [
  {
    action: /^chime:CreateMeeting$/,
    resource: /:meeting\//,
    reason: 'The reference lists no resource, but denials of the service name this one.',
  },
  { action: /^logs:(CreateLogStream|PutLogEvents)$/, reason: 'The ARN of the log group ends in :*, which covers its streams.' },
  {
    action: /^kinesisvideo:UpdateMediaStorageConfiguration$/,
    resource: /:stream\//,
    reason: 'The reference lists the channel only; whether the service asks for it on the stream too is not documented, and without it nothing would be recorded.',
  },
];

/** Mutations that the policies allow on what belongs to another stack. */
export const REACHES_NEIGHBOURS: Exception[] = [
  {
    action: /^chime:(DeleteVoiceConnectorStreamingConfiguration|PutVoiceConnectorStreamingConfiguration|TagResource|UntagResource)$/,
    resource: /:vc\//,
    reason: 'A voice connector is the user\'s and carries no owner tag when it is configured first: the handler reads its tags and refuses those of another stack.',
  },
  {
    action: /^chime:PutVoiceConnectorStreamingConfiguration$/,
    resource: /:media-insights-pipeline-configuration\//,
    reason: 'The service asks for it on the configuration that a voice connector is to use; the configuration itself is not changed.',
  },
  { action: /^(sns:CreateTopic|sqs:CreateQueue)$/, reason: 'The service makes its own topic and queue with the caller\'s rights, of fixed names; what exists is not changed.' },
  {
    role: /^(CdkRtcHandlerRole|Legacy.*)$/,
    action: /^chime:(BatchCreateAttendee|CreateAttendee|DeleteMeeting|TagResource)$/,
    resource: /:meeting\//,
    reason: 'The legacy endpoint evaluates no tag conditions: the pool\'s table says which meetings are its own. Only with a pool in the legacy namespace.',
  },
  {
    role: /^LegacyAttendeeManager$/,
    action: /^chime:(BatchUpdateAttendeeCapabilitiesExcept|DeleteAttendee|UpdateAttendeeCapabilities)$/,
    reason: 'A grant on the meetings of a legacy pool reaches all of the account, as its documentation says.',
  },
  {
    role: /^(CdkRtcHandlerRole|Legacy.*)$/,
    action: /^chime:CreateMeeting(WithAttendees)?$/,
    resource: /^\*$/,
    reason: 'Makes what nobody has yet; the legacy endpoint evaluates no request tags.',
  },
  {
    action: /^kinesisvideo:UpdateMediaStorageConfiguration$/,
    resource: /:stream\//,
    reason: 'The stream is the user\'s and carries no owner tag; the call changes the channel, which must be the stack\'s own. The handler refuses a stream that another channel records into.',
  },
  {
    action: /^kms:(Decrypt|GenerateDataKey)$/,
    resource: /:key\/\*$/,
    reason: 'Only through Secrets Manager, and there only for the stack\'s own secrets. The policy of a key has the last word.',
  },
  { action: VPC, reason: 'Lambda makes and removes network interfaces with the function\'s role; only where a VPC is configured.' },
  { action: XRAY, reason: 'Traces are only added; nothing of another stack is changed. Only with tracing.' },
];

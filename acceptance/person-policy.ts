import { SEARCHES } from './leftovers';
import { OWNER_TAG, PREFIX, RUN_TAG } from './names';

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

/** The reads of the cases and the probes, in addition to those of the searches. They return no credentials. */
const READS = [
  'chime:GetMeeting', 'chime:GetPhoneNumber', 'chime:GetVoiceConnector', 'chime:GetVoiceConnectorLoggingConfiguration', 'chime:GetVoiceConnectorOrigination',
  'chime:GetVoiceConnectorStreamingConfiguration', 'chime:GetVoiceConnectorTermination', 'chime:ListAttendees', 'chime:ListVoiceConnectorTerminationCredentials',
  'cloudformation:DescribeStackResource',
  'ivs:GetIngestConfiguration', 'ivs:GetParticipant', 'ivs:GetStage',
  'kinesisvideo:DescribeImageGenerationConfiguration', 'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:DescribeNotificationConfiguration',
  'kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:DescribeStream', 'kinesisvideo:DescribeStreamStorageConfiguration',
  'kinesisvideo:GetSignalingChannelEndpoint',
  'lambda:GetAccountSettings',
  'scheduler:GetSchedule',
];

/** Reads of resources of runs only: the configuration of a function can contain secrets, and a bucket or a table can contain data of customers. */
const LIMITED_READS = ['dynamodb:DescribeTable', 'lambda:GetFunctionConfiguration', 's3:ListBucket'];

/** Changes of resources whose ARN contains the name. */
const VIDEO_CHANGES = [
  'CreateSignalingChannel', 'CreateStream', 'DeleteSignalingChannel', 'DeleteStream', 'TagResource', 'TagStream', 'UntagResource', 'UpdateDataRetention',
  'UpdateImageGenerationConfiguration', 'UpdateMediaStorageConfiguration', 'UpdateNotificationConfiguration', 'UpdateSignalingChannel',
].map((operation) => `kinesisvideo:${operation}`);

/** Changes of resources whose ARN contains an ID that the service chooses. */
const CREATIONS = [
  'chime:CreateMeeting', 'chime:CreateMeetingWithAttendees', 'chime:CreateVoiceConnector',
  'ivs:CreateIngestConfiguration', 'ivs:CreateStage', 'ivs:CreateStorageConfiguration',
];
const TAGGED_CHANGES = [
  'chime:BatchCreateAttendee', 'chime:CreateAttendee', 'chime:DeleteMeeting',
  'ivs:DeleteIngestConfiguration', 'ivs:DeleteStage', 'ivs:DeleteStorageConfiguration', 'ivs:UpdateIngestConfiguration', 'ivs:UpdateStage',
];

/** Whether the service evaluates conditions for the tags of a voice connector is unknown (unverified: F-01), and its ARN contains no name. */
const VOICE_CONNECTOR_CHANGES = [
  'chime:DeleteVoiceConnector', 'chime:DeleteVoiceConnectorTermination', 'chime:PutVoiceConnectorOrigination', 'chime:PutVoiceConnectorStreamingConfiguration',
  'chime:PutVoiceConnectorTermination', 'chime:PutVoiceConnectorTerminationCredentials', 'chime:TagResource', 'chime:UntagResource',
];

/** IVS reads and changes the policy of a bucket with the permissions of the caller who creates or deletes the storage configuration. */
const BUCKET_CHANGES = [
  's3:CreateBucket', 's3:DeleteBucket', 's3:DeleteBucketPolicy', 's3:DeleteObject', 's3:GetBucketLocation', 's3:GetBucketPolicy', 's3:ListBucket',
  's3:PutBucketPolicy', 's3:PutBucketTagging',
];

/** Only with `--order-number`. Numbers have no ARN of their own. */
const NUMBER_CHANGES = ['chime:CreatePhoneNumberOrder', 'chime:DeletePhoneNumber', 'chime:SearchAvailablePhoneNumbers', 'chime:UpdatePhoneNumber'];

/**
 * What the person who starts a run must be allowed to do, in any region. The AWS CDK deploys with the roles of its bootstrap stack. The changes are
 * limited to resources of runs: by their name if the ARN contains the name, and otherwise by a tag. Changes of voice connectors aren't limited.
 */
export function personPolicy(accountId: string): Policy {
  const regional = (service: string, resource: string) => `arn:aws:${service}:*:${accountId}:${resource}`;
  const global = (service: string, resource: string) => `arn:aws:${service}::${accountId}:${resource}`;
  const reads = SEARCHES.flatMap(({ actions }) => actions).filter((action) => /:(List|Describe|Get)/.test(action) && !LIMITED_READS.includes(action));
  const allow = (Sid: string, Action: readonly string[], Resource: string | readonly string[], Condition?: PolicyStatement['Condition']): PolicyStatement => (
    { Sid, Effect: 'Allow', Action, Resource, ...Condition && { Condition } }
  );
  const isTagged = (key: 'RequestTag' | 'ResourceTag') => ({ Null: { [`aws:${key}/${RUN_TAG}`]: 'false' } });
  const ivs = [regional('ivs', 'ingest-configuration/*'), regional('ivs', 'stage/*'), regional('ivs', 'storage-configuration/*')];
  const meetings = [global('chime', 'meeting/*'), regional('chime', 'meeting/*')];
  return {
    Version: '2012-10-17',
    Statement: [
      allow('DeployWithTheBootstrapRoles', ['sts:AssumeRole'], global('iam', 'role/cdk-*')),
      allow('Read', [...new Set([...reads, ...READS])].sort(), '*'),
      allow('ManageStacksOfRuns', [
        'cloudformation:CancelUpdateStack', 'cloudformation:CreateStack', 'cloudformation:DeleteStack', 'cloudformation:UpdateStack',
      ], regional('cloudformation', `stack/${PREFIX}-*/*`)),
      allow('UseFunctionsOfRuns', ['lambda:GetFunctionConfiguration', 'lambda:InvokeFunction'], regional('lambda', `function:${PREFIX}-*`)),
      allow('ReadTablesOfRuns', ['dynamodb:DescribeTable', 'dynamodb:Scan'], regional('dynamodb', `table/${PREFIX}-*`)),
      allow('ReadStreamKeysOfRuns', ['secretsmanager:DeleteSecret', 'secretsmanager:GetSecretValue'], regional('secretsmanager', 'secret:*'), isTagged('ResourceTag')),
      allow('DecryptStreamKeysOfRuns', ['kms:Decrypt'], regional('kms', 'key/*'), isTagged('ResourceTag')),
      allow('ManageVideoOfRuns', VIDEO_CHANGES, [regional('kinesisvideo', `channel/${PREFIX}-*/*`), regional('kinesisvideo', `stream/${PREFIX}-*/*`)]),
      allow('CreateTaggedResources', CREATIONS, '*', isTagged('RequestTag')),
      allow('TagNewResources', ['chime:TagResource', 'ivs:TagResource'], [...ivs, ...meetings], isTagged('RequestTag')),
      allow('ManageTaggedResources', TAGGED_CHANGES, [...ivs, ...meetings], isTagged('ResourceTag')),
      allow('ManageVoiceConnectors', VOICE_CONNECTOR_CHANGES, [global('chime', 'vc/*'), regional('chime', 'vc/*')]),
      // A resource that an interrupted deployment left can lack the tag of the run, but not the owner tag.
      allow('DeleteOwnedResources', TAGGED_CHANGES.filter((action) => /:Delete/.test(action)), [...ivs, ...meetings], {
        StringLike: { [`aws:ResourceTag/${OWNER_TAG}`]: `arn:aws:cloudformation:*:${accountId}:stack/${PREFIX}-*` },
      }),
      allow('ManageBucketsOfRuns', BUCKET_CHANGES, ['', '/*'].map((objects) => `arn:aws:s3:::${PREFIX.toLowerCase()}-*${objects}`)),
      allow('OrderNumbers', NUMBER_CHANGES, '*'),
      allow('ManageRolesOfRuns', [
        'iam:CreateRole', 'iam:DeleteRole', 'iam:DeleteRolePolicy', 'iam:PutRolePolicy', 'sts:AssumeRole',
      ], global('iam', `role/${PREFIX}-*`)),
      allow('DeleteSchedulesOfRuns', ['scheduler:DeleteSchedule'], regional('scheduler', `schedule/default/${PREFIX}-*`)),
      allow('DeleteLogGroupsOfRuns', ['logs:DeleteLogGroup'], [PREFIX, `/aws/lambda/${PREFIX}`, `/aws/vendedlogs/states/${PREFIX}`, '/aws/ChimeVoiceConnector']
        .map((prefix) => regional('logs', `log-group:${prefix}*`))),
    ],
  };
}

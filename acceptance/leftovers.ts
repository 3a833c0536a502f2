import {
  ChimeSDKVoiceClient, DeletePhoneNumberCommand, DeleteVoiceConnectorCommand, ListPhoneNumbersCommand,
  ListTagsForResourceCommand as ListVoiceTagsCommand, ListVoiceConnectorsCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DeleteLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient, ListRolePoliciesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  DeleteIngestConfigurationCommand, DeleteStageCommand, DeleteStorageConfigurationCommand, IVSRealTimeClient, ListIngestConfigurationsCommand,
  ListStagesCommand, ListStorageConfigurationsCommand, ListTagsForResourceCommand as ListIvsTagsCommand,
} from '@aws-sdk/client-ivs-realtime';
import {
  DeleteSignalingChannelCommand, DeleteStreamCommand, KinesisVideoClient, ListSignalingChannelsCommand, ListStreamsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-kinesis-video';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { DeleteBucketCommand, DeleteObjectsCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { DeleteSecretCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { whileBusy } from './cleanup';
import { isOwnName, OWNER_TAG, PREFIX, RUN_TAG, stackNameOf } from './names';
import { pagesOf } from './pages';
import { describeProblem } from './problems';
import type { Leftover, LeftoverResult } from './report';

export interface SearchContext {
  readonly region: string;
  client<T>(constructor: new (configuration: any) => T): T;
}

/** A resource that a search found. */
export interface Found extends Leftover {
  /** `own`: an acceptance run created the resource. `foreign`: another stack owns it by the owner tag of the library. */
  readonly owner: 'own' | 'foreign';
  /** The stack that owns a foreign resource. */
  readonly stack?: string;
  /** When AWS deletes the resource. */
  readonly when?: string;
}

/** One search in one service. */
export interface Search {
  /** The prefix of the service in IAM actions. */
  readonly service: string;
  /** The CloudFormation types that the search finds. */
  readonly types: readonly string[];
  /** The IAM actions of the search and of the deletions. */
  readonly actions: readonly string[];
  search(context: SearchContext): Promise<readonly (Found | undefined)[]>;
  /** Undefined: only CloudFormation deletes these resources. */
  delete?(context: SearchContext, id: string): Promise<unknown>;
}

/** Days for which a released phone number stays in the deletion queue. */
const NUMBER_QUEUE_DAYS = 7;

const ownerOf = (name: string, tags: Readonly<Record<string, string>> = {}): Pick<Found, 'owner' | 'stack'> | undefined => {
  const stack = tags[OWNER_TAG] && stackNameOf(tags[OWNER_TAG]);
  if (isOwnName(name) || tags[RUN_TAG] !== undefined || (stack && isOwnName(stack))) return { owner: 'own' };
  return stack ? { owner: 'foreign', stack } : undefined;
};

type TagMap = Readonly<Record<string, string>>;

const found = (context: SearchContext, type: string, id: string, name: string, tags?: TagMap, when?: string): Found | undefined => {
  const owner = ownerOf(name, tags);
  return owner && { type, id, region: context.region, ...owner, ...when !== undefined && { when } };
};

const mapOf = (tags: readonly { Key?: string; Value?: string }[] = []) => Object.fromEntries(tags.map(({ Key, Value }) => [Key!, Value ?? '']));

const isDeleted = (status = '') => status === 'DELETE_COMPLETE';

/** The CloudFormation types of resources that the tagging API finds, by the service and the resource of their ARN. */
const TAGGED_TYPES: readonly [RegExp, string][] = [
  [/^arn:[^:]+:lambda:.*:function:/, 'AWS::Lambda::Function'],
  [/^arn:[^:]+:states:.*:stateMachine:/, 'AWS::StepFunctions::StateMachine'],
  [/^arn:[^:]+:dynamodb:.*:table\//, 'AWS::DynamoDB::Table'],
  [/^arn:[^:]+:sns:/, 'AWS::SNS::Topic'],
  [/^arn:[^:]+:sqs:/, 'AWS::SQS::Queue'],
  [/^arn:[^:]+:events:.*:rule\//, 'AWS::Events::Rule'],
  [/^arn:[^:]+:kms:/, 'AWS::KMS::Key'],
  [/^arn:[^:]+:cloudwatch:.*:alarm:/, 'AWS::CloudWatch::Alarm'],
];

/** Reads that show whether a resource still exists. */
const EXISTS: Readonly<Record<string, (context: SearchContext, arn: string) => Promise<boolean>>> = {
  'AWS::DynamoDB::Table': (context, arn) => isFound(context.client(DynamoDBClient).send(new DescribeTableCommand({ TableName: arn.split('/').at(-1) }))),
  'AWS::Lambda::Function': (context, arn) => isFound(context.client(LambdaClient).send(new GetFunctionConfigurationCommand({ FunctionName: arn }))),
};

async function isFound(read: Promise<unknown>): Promise<boolean> {
  try {
    await read;
    return true;
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return false;
    throw error;
  }
}

const byTag: Search = {
  service: 'tag',
  types: TAGGED_TYPES.map(([, type]) => type),
  actions: ['tag:GetResources', 'dynamodb:DescribeTable', 'kms:DescribeKey', 'lambda:GetFunctionConfiguration'],
  search: async (context) => {
    const client = context.client(ResourceGroupsTaggingAPIClient);
    const lists = await Promise.all([RUN_TAG, OWNER_TAG].map((Key) => pagesOf(async (PaginationToken) => {
      const page = await client.send(new GetResourcesCommand({ TagFilters: [{ Key }], PaginationToken }));
      // The last page has an empty token.
      return { items: page.ResourceTagMappingList, next: page.PaginationToken || undefined };
    })));
    const resources = [...new Map(lists.flat().map((resource) => [resource.ResourceARN!, resource])).values()];
    return Promise.all(resources.map(async ({ ResourceARN: arn, Tags }) => {
      // The other searches find the resources of the other types, with more details.
      const type = TAGGED_TYPES.find(([pattern]) => pattern.test(arn!))?.[1];
      if (!type) return undefined;
      // The tagging API also returns resources that were deleted a short time ago.
      const exists = EXISTS[type];
      if (exists && !await exists(context, arn!)) return undefined;
      const when = type === 'AWS::KMS::Key' ? await deletionOfKey(context, arn!) : undefined;
      return found(context, type, arn!, arn!.split(/[:/]/).at(-1)!, mapOf(Tags), when);
    }));
  },
};

async function deletionOfKey(context: SearchContext, KeyId: string): Promise<string | undefined> {
  const { KeyMetadata } = await context.client(KMSClient).send(new DescribeKeyCommand({ KeyId }));
  return KeyMetadata?.DeletionDate?.toISOString();
}

/** Every search. Deletions follow the order of the searches, after the deletion of the stacks. */
export const SEARCHES: readonly Search[] = [
  {
    service: 'cloudformation',
    types: ['AWS::CloudFormation::Stack'],
    actions: ['cloudformation:ListStacks', 'cloudformation:DescribeStacks', 'cloudformation:DescribeStackEvents', 'cloudformation:DeleteStack'],
    search: async (context) => {
      const client = context.client(CloudFormationClient);
      const stacks = await pagesOf(async (NextToken) => {
        const page = await client.send(new ListStacksCommand({ NextToken }));
        return { items: page.StackSummaries, next: page.NextToken };
      });
      return stacks.filter(({ StackStatus }) => !isDeleted(StackStatus)).map(({ StackName }) => found(context, 'AWS::CloudFormation::Stack', StackName!, StackName!));
    },
  },
  {
    service: 'kinesisvideo',
    types: ['AWS::KinesisVideo::SignalingChannel'],
    actions: ['kinesisvideo:ListSignalingChannels', 'kinesisvideo:ListTagsForResource', 'kinesisvideo:DeleteSignalingChannel'],
    search: async (context) => {
      const client = context.client(KinesisVideoClient);
      const channels = await pagesOf(async (NextToken) => {
        const page = await client.send(new ListSignalingChannelsCommand({ NextToken }));
        return { items: page.ChannelInfoList, next: page.NextToken };
      });
      return Promise.all(channels.filter(({ ChannelStatus }) => ChannelStatus !== 'DELETING').map(async ({ ChannelARN, ChannelName }) => {
        const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: ChannelARN! }));
        return found(context, 'AWS::KinesisVideo::SignalingChannel', ChannelARN!, ChannelName!, Tags);
      }));
    },
    delete: (context, id) => context.client(KinesisVideoClient).send(new DeleteSignalingChannelCommand({ ChannelARN: id })),
  },
  {
    service: 'kinesisvideo',
    types: ['AWS::KinesisVideo::Stream'],
    actions: ['kinesisvideo:ListStreams', 'kinesisvideo:DeleteStream'],
    search: async (context) => {
      const client = context.client(KinesisVideoClient);
      const streams = await pagesOf(async (NextToken) => {
        const page = await client.send(new ListStreamsCommand({ NextToken }));
        return { items: page.StreamInfoList, next: page.NextToken };
      });
      return streams.filter(({ Status }) => Status !== 'DELETING').map(({ StreamARN, StreamName }) => found(context, 'AWS::KinesisVideo::Stream', StreamARN!, StreamName!));
    },
    delete: (context, id) => context.client(KinesisVideoClient).send(new DeleteStreamCommand({ StreamARN: id })),
  },
  {
    service: 'chime',
    types: ['Custom::RtcPhoneNumber'],
    actions: ['chime:ListPhoneNumbers', 'chime:DeletePhoneNumber'],
    search: async (context) => {
      const client = context.client(ChimeSDKVoiceClient);
      const numbers = await pagesOf(async (NextToken) => {
        const page = await client.send(new ListPhoneNumbersCommand({ NextToken }));
        return { items: page.PhoneNumbers, next: page.NextToken };
      });
      return numbers.map(({ PhoneNumberId, Name = '', DeletionTimestamp }) => {
        const when = DeletionTimestamp && new Date(DeletionTimestamp.getTime() + NUMBER_QUEUE_DAYS * 86_400_000).toISOString();
        return found(context, 'Custom::RtcPhoneNumber', PhoneNumberId!, isAcceptanceNumber(Name) ? `${PREFIX}-number` : Name, {}, when);
      });
    },
    delete: (context, id) => context.client(ChimeSDKVoiceClient).send(new DeletePhoneNumberCommand({ PhoneNumberId: id })),
  },
  {
    service: 'chime',
    types: ['AWS::Chime::VoiceConnector'],
    actions: ['chime:ListVoiceConnectors', 'chime:ListTagsForResource', 'chime:DeleteVoiceConnector'],
    search: async (context) => {
      const client = context.client(ChimeSDKVoiceClient);
      const connectors = await pagesOf(async (NextToken) => {
        const page = await client.send(new ListVoiceConnectorsCommand({ NextToken }));
        return { items: page.VoiceConnectors, next: page.NextToken };
      });
      return Promise.all(connectors.map(async ({ VoiceConnectorArn, VoiceConnectorId, Name }) => {
        const { Tags } = await client.send(new ListVoiceTagsCommand({ ResourceARN: VoiceConnectorArn! }));
        return found(context, 'AWS::Chime::VoiceConnector', VoiceConnectorId!, Name!, mapOf(Tags));
      }));
    },
    delete: (context, id) => context.client(ChimeSDKVoiceClient).send(new DeleteVoiceConnectorCommand({ VoiceConnectorId: id })),
  },
  {
    service: 'ivs',
    types: ['AWS::IVS::IngestConfiguration'],
    actions: ['ivs:ListIngestConfigurations', 'ivs:ListTagsForResource', 'ivs:DeleteIngestConfiguration'],
    search: async (context) => {
      const client = context.client(IVSRealTimeClient);
      const configurations = await pagesOf(async (nextToken) => {
        const page = await client.send(new ListIngestConfigurationsCommand({ nextToken }));
        return { items: page.ingestConfigurations, next: page.nextToken };
      });
      const all: (Found | undefined)[] = [];
      // One after another: the service accepts 5 calls per second from the whole account.
      for (const { arn, name = '' } of configurations) {
        const { tags } = await client.send(new ListIvsTagsCommand({ resourceArn: arn! }));
        all.push(found(context, 'AWS::IVS::IngestConfiguration', arn!, name, tags));
      }
      return all;
    },
    delete: (context, id) => context.client(IVSRealTimeClient).send(new DeleteIngestConfigurationCommand({ arn: id, force: true })),
  },
  {
    service: 'ivs',
    types: ['AWS::IVS::Stage'],
    actions: ['ivs:ListStages', 'ivs:DeleteStage'],
    search: async (context) => {
      const client = context.client(IVSRealTimeClient);
      const stages = await pagesOf(async (nextToken) => {
        const page = await client.send(new ListStagesCommand({ nextToken }));
        return { items: page.stages, next: page.nextToken };
      });
      return stages.map(({ arn, name = '', tags }) => found(context, 'AWS::IVS::Stage', arn!, name, tags));
    },
    delete: (context, id) => context.client(IVSRealTimeClient).send(new DeleteStageCommand({ arn: id })),
  },
  {
    service: 'ivs',
    types: ['AWS::IVS::StorageConfiguration'],
    actions: ['ivs:ListStorageConfigurations', 'ivs:DeleteStorageConfiguration'],
    search: async (context) => {
      const client = context.client(IVSRealTimeClient);
      const configurations = await pagesOf(async (nextToken) => {
        const page = await client.send(new ListStorageConfigurationsCommand({ nextToken }));
        return { items: page.storageConfigurations, next: page.nextToken };
      });
      return configurations.map(({ arn, name = '', tags }) => found(context, 'AWS::IVS::StorageConfiguration', arn!, name, tags));
    },
    delete: (context, id) => context.client(IVSRealTimeClient).send(new DeleteStorageConfigurationCommand({ arn: id })),
  },
  {
    service: 's3',
    types: ['AWS::S3::Bucket'],
    actions: ['s3:ListAllMyBuckets', 's3:ListBucket', 's3:DeleteObject', 's3:DeleteBucket'],
    search: async (context) => (await bucketsOf(context, PREFIX.toLowerCase())).map((name) => found(context, 'AWS::S3::Bucket', name, name)),
    delete: deleteBucket,
  },
  {
    service: 'secretsmanager',
    types: ['AWS::SecretsManager::Secret'],
    actions: ['secretsmanager:ListSecrets', 'secretsmanager:DeleteSecret'],
    search: async (context) => {
      const client = context.client(SecretsManagerClient);
      const secrets = await pagesOf(async (NextToken) => {
        const page = await client.send(new ListSecretsCommand({ NextToken, IncludePlannedDeletion: true }));
        return { items: page.SecretList, next: page.NextToken };
      });
      return secrets.map(({ ARN, Name, Tags, DeletedDate }) => found(context, 'AWS::SecretsManager::Secret', ARN!, Name!, mapOf(Tags), DeletedDate?.toISOString()));
    },
    delete: (context, id) => context.client(SecretsManagerClient).send(new DeleteSecretCommand({ SecretId: id, ForceDeleteWithoutRecovery: true })),
  },
  {
    service: 'scheduler',
    types: ['AWS::Scheduler::Schedule'],
    actions: ['scheduler:ListSchedules', 'scheduler:DeleteSchedule'],
    search: async (context) => {
      const client = context.client(SchedulerClient);
      const schedules = await pagesOf(async (NextToken) => {
        const page = await client.send(new ListSchedulesCommand({ NamePrefix: PREFIX, NextToken }));
        return { items: page.Schedules, next: page.NextToken };
      });
      return schedules.map(({ Name }) => found(context, 'AWS::Scheduler::Schedule', Name!, Name!));
    },
    delete: (context, id) => context.client(SchedulerClient).send(new DeleteScheduleCommand({ Name: id })),
  },
  {
    service: 'logs',
    types: ['AWS::Logs::LogGroup'],
    actions: ['logs:DescribeLogGroups', 'logs:DeleteLogGroup'],
    search: async (context) => {
      const client = context.client(CloudWatchLogsClient);
      const prefixes = [PREFIX, `/aws/lambda/${PREFIX}`, `/aws/vendedlogs/states/${PREFIX}`];
      const groups = await Promise.all(prefixes.map((logGroupNamePrefix) => pagesOf(async (nextToken) => {
        const page = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }));
        return { items: page.logGroups, next: page.nextToken };
      })));
      return groups.flat().map(({ logGroupName }) => found(context, 'AWS::Logs::LogGroup', logGroupName!, logGroupName!.split('/').at(-1)!));
    },
    delete: (context, id) => context.client(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName: id })),
  },
  {
    service: 'iam',
    types: ['AWS::IAM::Role'],
    actions: ['iam:ListRoles', 'iam:ListRolePolicies', 'iam:DeleteRolePolicy', 'iam:DeleteRole'],
    search: async (context) => {
      const client = context.client(IAMClient);
      const roles = await pagesOf(async (Marker) => {
        const page = await client.send(new ListRolesCommand({ Marker }));
        return { items: page.Roles, next: page.IsTruncated ? page.Marker : undefined };
      });
      return roles.map(({ RoleName }) => found(context, 'AWS::IAM::Role', RoleName!, RoleName!));
    },
    delete: deleteRole,
  },
  byTag,
];

/** The name of a number of a run, with or without the owner mark. */
function isAcceptanceNumber(name: string): boolean {
  return new RegExp(`^${PREFIX}\\d?( cdk-rtc\\.|$)`).test(name);
}

/** Deletes a role with its inline policies. */
export async function deleteRole(context: SearchContext, RoleName: string): Promise<void> {
  const client = context.client(IAMClient);
  const { PolicyNames = [] } = await client.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of PolicyNames) await client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  await client.send(new DeleteRoleCommand({ RoleName }));
}

/** The names of the buckets of the region that begin with a prefix. */
export async function bucketsOf(context: SearchContext, Prefix: string): Promise<string[]> {
  const client = context.client(S3Client);
  const buckets = await pagesOf(async (ContinuationToken) => {
    const page = await client.send(new ListBucketsCommand({ Prefix, BucketRegion: context.region, ContinuationToken }));
    return { items: page.Buckets, next: page.ContinuationToken };
  });
  return buckets.map(({ Name }) => Name!).filter((name) => name.startsWith(Prefix));
}

/** Deletes a bucket with its objects. */
export async function deleteBucket(context: SearchContext, Bucket: string): Promise<void> {
  const client = context.client(S3Client);
  for (;;) {
    const page = await ifBucket(client.send(new ListObjectsV2Command({ Bucket })));
    // ListBuckets can return a bucket for some time after its deletion.
    if (!page) return;
    const { Contents = [] } = page;
    if (Contents.length === 0) break;
    const Objects = Contents.map(({ Key }) => ({ Key: Key! }));
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    if (Errors.length > 0) throw Object.assign(new Error(`${Errors[0].Key}: ${Errors[0].Message}`), { name: Errors[0].Code });
  }
  await ifBucket(client.send(new DeleteBucketCommand({ Bucket })));
}

/** Undefined: there is no such bucket. */
async function ifBucket<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if ((error as Error).name === 'NoSuchBucket') return undefined;
    throw error;
  }
}

export interface SearchResult {
  readonly searches: LeftoverResult['searches'];
  readonly found: readonly Found[];
}

/** Runs every search, also if another one fails. */
export async function searchEverything(context: SearchContext, searches: readonly Search[] = SEARCHES): Promise<SearchResult> {
  const results = await Promise.all(searches.map(async ({ service, types, search }) => {
    const about = { service, resource: types.join(', ') };
    try {
      const results_ = (await search(context)).filter((resource) => resource !== undefined);
      return { search: { ...about, outcome: 'searched' as const }, found: results_ };
    } catch (error) {
      return { search: { ...about, outcome: 'failed' as const, error: describeProblem(error) }, found: [] };
    }
  }));
  return { searches: results.map(({ search }) => search), found: results.flatMap((result) => result.found) };
}

/** What the report says about the resources that a search found. */
export function leftoverResult({ searches, found: all }: SearchResult): LeftoverResult {
  const own = all.filter(({ owner }) => owner === 'own').map(({ type, id, region, when }) => ({ type, id, region, when }));
  return {
    searches,
    left: own.filter(({ when }) => when === undefined).map(({ when: _, ...resource }) => resource),
    deletedLater: own.flatMap(({ when, ...resource }) => (when === undefined ? [] : [{ ...resource, when }])),
  };
}

/** The sentence about leftovers. "Nothing is left" requires that every search succeeded. */
export function leftoverSentence({ searches, left, deletedLater }: LeftoverResult): string {
  const failed = searches.filter(({ outcome }) => outcome === 'failed');
  const later = deletedLater.length > 0 ? ` AWS deletes ${count(deletedLater.length, 'resource')} later.` : '';
  if (left.length > 0) return `${count(left.length, 'resource')} left.${later}`;
  if (failed.length > 0) return `Unknown whether a resource is left: ${count(failed.length, 'search', 'searches')} failed (${failed.map(({ service }) => service).join(', ')}).${later}`;
  return `Nothing is left: ${count(searches.length, 'search', 'searches')} found no resource.${later}`;
}

function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

export interface Removal {
  readonly removed: readonly Leftover[];
  readonly failed: readonly (Leftover & { readonly error: string })[];
}

export interface RemovalOptions {
  /** The pause before the deletion of a busy resource is repeated. */
  readonly pauseSeconds: number;
  destroyStack(name: string): Promise<void>;
}

/** Deletes what runs left: first the stacks, then each resource that no stack has deleted. */
export async function removeLeftovers(
  context: SearchContext, { destroyStack, pauseSeconds }: RemovalOptions, searches: readonly Search[] = SEARCHES,
): Promise<Removal> {
  const removed: Leftover[] = [];
  const failed: (Leftover & { error: string })[] = [];
  const attempt = async ({ type, id, region }: Leftover, deletion: () => Promise<unknown>) => {
    try {
      await whileBusy(deletion, pauseSeconds);
      removed.push({ type, id, region });
    } catch (error) {
      failed.push({ type, id, region, error: describeProblem(error) });
    }
  };
  const isStack = ({ type }: Leftover) => type === 'AWS::CloudFormation::Stack';
  const mine = async () => leftoverResult(await searchEverything(context, searches)).left;
  for (const stack of (await mine()).filter(isStack)) await attempt(stack, () => destroyStack(stack.id));
  const remaining = (await mine()).filter((resource) => !isStack(resource));
  for (const { types, delete: deletion } of searches) {
    for (const resource of remaining.filter(({ type }) => types.includes(type))) {
      if (deletion) await attempt(resource, () => deletion(context, resource.id));
      else failed.push({ ...resource, error: 'Delete the resource in the console, or with the AWS CLI.' });
    }
  }
  return { removed, failed };
}

import * as fs from 'node:fs';
import { App, CfnOutput, CfnParameter, Duration, PhysicalName, PropertyInjectors, Stack, Tags, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  AttendeeCapability, ChimeMeetingPool, type ChimeMeetingPoolProps, ChimeNamespace, ContentMaxResolution, MeetingEventType,
  type MeetingNotifications, type PoolAttendee, RtcProvider, VideoMaxResolution,
} from '../../src';
import { validateMeetingPool } from '../../src/chime-sdk-meetings/private/meeting-pool-validation';
import { problem } from '../problem';

const recommendedFlags = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));
const TYPE = 'Custom::RtcChimeMeetingPool';
const env = { account: '123456789012', region: 'us-east-1' };

type Props = Partial<ChimeMeetingPoolProps>;
type Resources = Record<string, { Type: string; Properties: any; DependsOn?: string[] }>;

const newStack = (props: { env?: { account: string; region: string } } = {}, id = 'Stack', app = new App()) => new Stack(app, id, props);
const build = (stack: Stack, props: Props = {}, id = 'Pool') => new ChimeMeetingPool(stack, id, { size: 5, ...props });

function template(props?: Props, also: (stack: Stack, pool: ChimeMeetingPool) => void = () => {}, stack = newStack()): Template {
  also(stack, build(stack, props));
  return Template.fromStack(stack);
}

const resources = (synthesised: Template) => synthesised.toJSON().Resources as Resources;
const named = (synthesised: Template, prefix: string) =>
  Object.entries(resources(synthesised)).filter(([id]) => id.startsWith(prefix)).map(([, resource]) => resource);
const propertiesOf = (props?: Props) => {
  const { ServiceToken, TableName, ...rest } = Object.values(template(props).findResources(TYPE))[0].Properties;
  return rest;
};
const arn = (service: string, resource: string, region: unknown = '*') => ({
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...typeof region === 'string' ? [`:${service}:${region}:`] : [`:${service}:`, region, ':'], { Ref: 'AWS::AccountId' }, `:${resource}`]],
});
const newFunction = (stack: Stack, id = 'Handler') => new lambda.Function(stack, id, { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('//') });
const people = (count: number): PoolAttendee[] => Array.from({ length: count }, (_, index) => ({ externalUserId: `p${index}` }));

/** Compared exactly, so that no change of them goes unseen; the README names them. */
const FIRST_POOL_BYTES = 26584;
const FURTHER_POOL_BYTES = 12435;

describe('cost', () => {
  const pools = (count: number, props?: Props) => {
    const stack = newStack();
    for (let index = 0; index < count; index += 1) build(stack, props, `Pool${index}`);
    return Template.fromStack(stack).toJSON();
  };
  const bytes = (count: number) => Buffer.byteLength(JSON.stringify(pools(count), undefined, 1));

  test('the first pool: 13 shared resources and 9 of its own; each further one 9', () => {
    const own = [
      'AWS::DynamoDB::Table', 'AWS::Events::Rule', 'AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Lambda::Function',
      'AWS::Lambda::Permission', TYPE,
    ];
    const types = (synthesised: { [key: string]: any }) => Object.entries(synthesised.Resources as Resources).filter(([id]) => id.startsWith('Pool')).map(([, { Type }]) => Type).sort();
    expect(types(pools(1))).toEqual(own);
    expect(Object.keys(pools(1).Resources)).toHaveLength(22);
    expect(Object.keys(pools(2).Resources)).toHaveLength(31);
  });

  test('not kept warm: 5 of its own', () => {
    expect(Object.keys(pools(1, { keepWarm: false }).Resources)).toHaveLength(18);
  });

  test('template bytes, pretty-printed', () => {
    expect([bytes(1), bytes(3) - bytes(2)]).toEqual([FIRST_POOL_BYTES, FURTHER_POOL_BYTES]);
  });
});

describe('as many as one stack takes', () => {
  const pools = (count: number, stack = newStack()) => {
    for (let index = 0; index < count; index += 1) build(stack, {}, `Pool${index}`);
    return () => Template.fromStack(stack);
  };
  const tooMany = (count: number) => new RegExp(
    `^\\s*\\[[^\\]]+/CdkRtc\\] HandlerRole: its inline policies must have at most 10240 characters together, got about 1\\d{4}; put some of the ${count} constructs`
    + ` that have one each into another stack, such as \\S+/Pool${count - 3}, \\S+/Pool${count - 2}, \\S+/Pool${count - 1}$`, 'm');

  test('the 28th could go beyond what IAM takes for the handlers\' role', () => {
    expect(pools(27)).not.toThrow();
    expect(pools(28)).toThrow(tooMany(28));
  });

  test('one more where the region is known, and with it how long the names are', () => {
    expect(pools(28, newStack({ env }))).not.toThrow();
    expect(pools(29, newStack({ env }))).toThrow(tooMany(29));
  });

  test('fewer in a stack with a long name, because the tables have it too', () => {
    const long = () => newStack({}, 'S'.repeat(128));
    expect(pools(15, long())).not.toThrow();
    expect(pools(27, long())).toThrow(tooMany(27));
  });

  test('any number where a role of the user\'s own is in place of the library\'s', () => {
    const app = new App();
    iam.Role.customizeRoles(app, { usePrecreatedRoles: { 'Stack/CdkRtc/HandlerRole': 'of-our-own' } });
    expect(pools(28, newStack({}, 'Stack', app))).not.toThrow();
  });
});

describe('properties', () => {
  test('only table and size are sent by default, also where defaults are given', () => {
    const defaults: Props = {
      keepWarm: true, endLeasedMeetings: true, namespace: ChimeNamespace.CHIME_SDK, tenantIds: [], attendees: [],
    };
    for (const props of [{}, defaults]) expect(propertiesOf(props)).toEqual({ Size: 5, ServiceTimeout: 900 });
    template().hasResourceProperties(TYPE, { TableName: { Ref: Match.stringLikeRegexp('^PoolTable') } });
  });

  test('all are sent, in the words of the API', () => {
    expect(propertiesOf({
      size: 20,
      mediaRegion: 'eu-central-1',
      meetingFeatures: {
        echoReduction: true, videoMaxResolution: VideoMaxResolution.FHD, contentMaxResolution: ContentMaxResolution.UHD, attendeeMaxCount: 20,
      },
      tenantIds: ['acme', 'acme-2'],
      attendees: [{ externalUserId: 'recorder', capabilities: { audio: AttendeeCapability.RECEIVE } }, { externalUserId: 'bot' }],
      minimumRemainingLifetime: Duration.seconds(90),
      endLeasedMeetings: false,
      region: 'eu-central-1',
    })).toEqual({
      ServiceTimeout: 900,
      Size: 20,
      MediaRegion: 'eu-central-1',
      MeetingFeatures: { Audio: { EchoReduction: 'AVAILABLE' }, Video: { MaxResolution: 'FHD' }, Content: { MaxResolution: 'UHD' }, Attendee: { MaxCount: 20 } },
      TenantIds: ['acme', 'acme-2'],
      Attendees: '[{"ExternalUserId":"recorder","Capabilities":{"Audio":"Receive","Video":"SendReceive","Content":"SendReceive"}},{"ExternalUserId":"bot"}]',
      MinimumRemainingLifetimeSeconds: 90,
      EndLeasedMeetings: false,
      Region: 'eu-central-1',
    });
    expect(propertiesOf({ namespace: ChimeNamespace.CHIME })).toEqual({ Size: 5, ServiceTimeout: 900, Namespace: 'CHIME' });
  });

  test('groups of features that are not given are left to the service', () => {
    expect(propertiesOf({ meetingFeatures: { echoReduction: false, attendeeMaxCount: 10 } }).MeetingFeatures).toEqual({ Attendee: { MaxCount: 10 } });
  });

  test('tokens pass through, in attendees too', () => {
    const stack = newStack();
    const parameter = (id: string, type = 'String') => new CfnParameter(stack, id, { type });
    build(stack, {
      size: parameter('Size', 'Number').valueAsNumber,
      mediaRegion: parameter('Media').valueAsString,
      meetingFeatures: { attendeeMaxCount: parameter('Count', 'Number').valueAsNumber, videoMaxResolution: VideoMaxResolution.FHD },
      tenantIds: [parameter('Tenant').valueAsString],
      attendees: [{ externalUserId: parameter('Recorder').valueAsString }],
      minimumRemainingLifetime: Duration.seconds(parameter('Lifetime', 'Number').valueAsNumber),
      notifications: { snsTopic: sns.Topic.fromTopicArn(stack, 'Topic', parameter('TopicArn').valueAsString) },
    });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      Size: { Ref: 'Size' },
      MediaRegion: { Ref: 'Media' },
      MeetingFeatures: { Attendee: { MaxCount: { Ref: 'Count' } }, Video: { MaxResolution: 'FHD' } },
      TenantIds: [{ Ref: 'Tenant' }],
      Attendees: { 'Fn::Join': ['', ['[{"ExternalUserId":"', { Ref: 'Recorder' }, '"}]']] },
      MinimumRemainingLifetimeSeconds: { Ref: 'Lifetime' },
      Notifications: { SnsTopicArn: { Ref: 'TopicArn' } },
    });
  });

  test('tags reach the meetings', () => {
    template({}, (_, pool) => Tags.of(pool).add('team', 'a')).hasResourceProperties(TYPE, { Tags: [{ Key: 'team', Value: 'a' }] });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: ChimeMeetingPool.PROPERTY_INJECTION_ID,
      inject: (original: ChimeMeetingPoolProps) => ({ mediaRegion: 'eu-west-1', ...original }),
    });
    build(stack);
    Template.fromStack(stack).hasResourceProperties(TYPE, { MediaRegion: 'eu-west-1' });
  });
});

describe('the table', () => {
  test('is on demand, expires what has ended, has no backups, and goes with the stack', () => {
    template().hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pool', KeyType: 'HASH' }, { AttributeName: 'item', KeyType: 'RANGE' }],
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        PointInTimeRecoverySpecification: Match.absent(),
        SSESpecification: Match.absent(),
        GlobalSecondaryIndexes: [{
          IndexName: 'ReadyMeetings',
          KeySchema: [{ AttributeName: 'readyIn', KeyType: 'HASH' }, { AttributeName: 'endsAt', KeyType: 'RANGE' }],
          Projection: { ProjectionType: 'ALL' },
        }],
      },
    });
  });

  test('is encrypted with a key of your own, which all three roles may use through DynamoDB only', () => {
    const stack = newStack();
    const synthesised = template({ encryptionKey: new kms.Key(stack, 'Key') }, undefined, stack);
    const key = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
    synthesised.hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key } });
    const statement = {
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      Resource: key,
      Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['dynamodb.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } } },
    };
    const document = { Statement: Match.arrayWith([statement]) };
    synthesised.hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: document, Roles: [{ Ref: Match.stringLikeRegexp('^CdkRtcHandlerRole') }] });
    synthesised.resourcePropertiesCountIs('AWS::IAM::Role', { Policies: [{ PolicyName: 'Inline', PolicyDocument: document }] }, 2);
  });
});

describe('life and death in order', () => {
  const reference = (synthesised: Template) => ({ 'Fn::GetAtt': [Object.keys(synthesised.findResources(TYPE))[0], 'PoolName'] });

  test('checkout and maintainer know the pool by its custom resource: they come after it and go before it', () => {
    const synthesised = template();
    const tableName = { Ref: expect.stringMatching('^PoolTable') };
    expect(named(synthesised, 'PoolMaintainer5')[0].Properties).toMatchObject({
      Handler: 'index.maintain', Timeout: 60, Environment: { Variables: { POOL_NAME: reference(synthesised), TABLE_NAME: tableName } },
    });
    expect(named(synthesised, 'PoolCheckoutF')[0].Properties).toMatchObject({
      Handler: 'index.checkout',
      Timeout: 29,
      Environment: { Variables: { POOL_NAME: reference(synthesised), TABLE_NAME: tableName, MAINTAINER_FUNCTION_NAME: { Ref: expect.stringMatching('^PoolMaintainer') } } },
    });
  });

  test('the maintainer runs every minute, without retries of missed runs', () => {
    template().hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^PoolMaintainer'), 'Arn'] }, RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } })],
    });
  });

  test('not kept warm: there is no maintainer, and checkout does not call one', () => {
    const synthesised = template({ keepWarm: false });
    synthesised.resourceCountIs('AWS::Events::Rule', 0);
    expect(named(synthesised, 'PoolMaintainer')).toEqual([]);
    expect(Object.keys(named(synthesised, 'PoolCheckoutF')[0].Properties.Environment.Variables).sort()).toEqual(['POOL_NAME', 'TABLE_NAME']);
    expect(JSON.stringify(named(synthesised, 'PoolCheckoutRole'))).not.toContain('lambda:InvokeFunction');
  });

  test('the custom resource waits for its permissions, which so outlive it', () => {
    const { DependsOn } = Object.values(template().findResources(TYPE))[0];
    expect(DependsOn).toEqual([expect.stringMatching('^CdkRtcChimeMeetingPoolPolicy[0-9A-F]{8}$'), expect.stringMatching('^PoolTablePolicy[0-9A-F]{8}$')]);
    expect(Object.values(template({ namespace: ChimeNamespace.CHIME }).findResources(TYPE))[0].DependsOn)
      .toContainEqual(expect.stringMatching('^CdkRtcLegacyChimeMeetingPoolPolicy[0-9A-F]{8}$'));
  });
});

describe('permissions', () => {
  const stackId = { Ref: 'AWS::StackId' };
  const requested = { StringEquals: { 'aws:RequestTag/cdk-rtc:stack': stackId } };
  const owned = { StringEquals: { 'aws:ResourceTag/cdk-rtc:stack': stackId } };
  const poolName = { 'Fn::GetAtt': [expect.stringMatching('^Pool[0-9A-F]{8}$'), 'PoolName'] };
  const ofThisPool = { StringEquals: { ...owned.StringEquals, 'aws:ResourceTag/cdk-rtc:pool': poolName } };
  const meetings = arn('chime', 'meeting/*');
  const allow = (actions: string[], resource: unknown, condition?: unknown) => ({
    Effect: 'Allow', Action: actions.length === 1 ? actions[0] : actions, Resource: resource, ...condition ? { Condition: condition } : {},
  });
  const keep = ['chime:BatchCreateAttendee', 'chime:CreateAttendee', 'chime:DeleteMeeting'];
  const create = ['chime:CreateMeeting', 'chime:CreateMeetingWithAttendees'];
  const createForCheckout = ['chime:CreateMeetingWithAttendees'];
  const onMeetings = (changes: string[], changed: unknown = owned, creates = create) => [
    // Denials of the service name meeting/* for CreateMeeting. For CreateMeetingWithAttendees none is known.
    allow(['chime:CreateMeetingWithAttendees'], '*', requested),
    allow([...creates.filter((action) => action === 'chime:CreateMeeting'), 'chime:TagResource'], meetings, { ...requested, Null: { 'aws:ResourceTag/cdk-rtc:stack': 'true' } }),
    allow(changes, meetings, changed),
    allow(['chime:GetMeeting'], meetings),
  ];
  const onLegacyMeetings = (changes: string[], creates = create) => [
    allow(creates, '*'),
    allow([...changes, 'chime:GetMeeting', 'chime:TagResource'], meetings),
  ];
  const table = { 'Fn::GetAtt': [expect.stringMatching('^PoolTable'), 'Arn'] };
  const onTable = (resource: unknown, ...more: string[]) => allow(
    ['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem', ...more], resource,
  );
  const onTableAndIndex = [
    allow(['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], table),
    allow(['dynamodb:Query'], { 'Fn::Join': ['', [table, '/index/ReadyMeetings']] }),
  ];
  const log = allow(['logs:CreateLogStream', 'logs:PutLogEvents'], { 'Fn::GetAtt': [expect.stringMatching('^CdkRtcLogGroup'), 'Arn'] });
  const kinds = (synthesised: Template) => Object.entries(resources(synthesised))
    .filter(([id]) => /^CdkRtc\w*ChimeMeetingPoolPolicy/.test(id))
    .map(([, { Properties }]) => Properties.PolicyDocument.Statement);
  const roleOf = (synthesised: Template, id: string) => named(synthesised, `Pool${id}Role`)[0].Properties.Policies[0].PolicyDocument.Statement;
  const everything: Props = {
    size: 100,
    mediaRegion: 'eu-west-1',
    keepWarm: false,
    tenantIds: ['acme'],
    attendees: people(30),
    region: 'eu-central-1',
    endLeasedMeetings: false,
    meetingFeatures: { echoReduction: true },
    minimumRemainingLifetime: Duration.minutes(3),
  };

  test('of the handlers on meetings stand on the owner tag; * only for what has no resource', () => {
    expect(kinds(template())).toEqual([onMeetings(keep)]);
  });

  test('of the handlers are the same for every count and every set of properties', () => {
    const two = template({}, (stack) => build(stack, everything, 'Second'));
    for (const synthesised of [template(everything), two]) expect(kinds(synthesised)).toEqual(kinds(template()));
  });

  test('of the handlers on the table are one small policy a pool', () => {
    const [policy] = named(template(), 'PoolTablePolicy');
    expect(policy.Properties).toMatchObject({ Roles: [{ Ref: expect.stringMatching('^CdkRtcHandlerRole') }] });
    expect(policy.Properties.PolicyDocument.Statement).toEqual([onTable(table, 'dynamodb:Scan')]);
  });

  test('of the maintainer: it changes the meetings of its own pool', () => {
    expect(roleOf(template(), 'Maintainer')).toEqual([log, ...onMeetings(keep, ofThisPool), onTable(table)]);
  });

  test('of checkout: also to read attendees, and to call the maintainer', () => {
    expect(roleOf(template(), 'Checkout')).toEqual([
      log, ...onMeetings([...keep, 'chime:GetAttendee', 'chime:ListAttendees'], ofThisPool, createForCheckout), ...onTableAndIndex,
      allow(['lambda:InvokeFunction'], { 'Fn::GetAtt': [expect.stringMatching('^PoolMaintainer'), 'Arn'] }),
    ]);
  });

  test('in the legacy namespace stand on no tags, which it does not evaluate', () => {
    const synthesised = template({ namespace: ChimeNamespace.CHIME });
    expect(kinds(synthesised)).toEqual([onMeetings(keep), onLegacyMeetings(keep, [...create, 'chime:ListMeetings'])]);
    expect(roleOf(synthesised, 'Maintainer').slice(1, 3)).toEqual(onLegacyMeetings(keep));
    expect(roleOf(synthesised, 'Checkout').slice(1, 3)).toEqual(onLegacyMeetings([...keep, 'chime:GetAttendee', 'chime:ListAttendees'], createForCheckout));
  });

  test('have no conditions where tag conditions are off', () => {
    const stack = newStack();
    RtcProvider.configure(stack, { tagConditions: false });
    const synthesised = template({}, undefined, stack);
    expect(JSON.stringify([kinds(synthesised), roleOf(synthesised, 'Maintainer'), roleOf(synthesised, 'Checkout')])).not.toContain('Condition"');
  });

  test.each<[string, ChimeNamespace | undefined, string[]]>([
    ['the new namespace', undefined, ['chime:CreateMeetingWithAttendees']],
    ['the legacy namespace', ChimeNamespace.CHIME, ['chime:CreateMeetingWithAttendees', 'chime:CreateMeeting', 'chime:ListMeetings']],
  ])('in %s nothing else is on *', (_, namespace, expected) => {
    const statements = Object.values(resources(template({ namespace })))
      .flatMap(({ Type, Properties }) => Type === 'AWS::IAM::Policy' ? [Properties.PolicyDocument] : (Properties.Policies ?? []).map((policy: any) => policy.PolicyDocument))
      .flatMap(({ Statement }) => Statement).filter(({ Resource }) => [Resource].flat().includes('*'));
    const actions = [...new Set(statements.flatMap(({ Action }) => Action))].filter((action) => !action.startsWith('xray:') && !action.startsWith('logs:'));
    expect(actions.sort()).toEqual(expected.sort());
  });
});

describe('settings for a whole stack reach the functions of the pool', () => {
  const configured = (options: Parameters<typeof RtcProvider.configure>[1], stack = newStack()) => {
    RtcProvider.configure(stack, options);
    return template({}, undefined, stack);
  };
  const functions = (synthesised: Template) => ['PoolMaintainer5', 'PoolCheckoutF'].map((id) => named(synthesised, id)[0].Properties);
  const roles = (synthesised: Template) => ['PoolMaintainerRole', 'PoolCheckoutRole'].map((id) => named(synthesised, id)[0].Properties);

  test('one log group', () => {
    for (const synthesised of [template(), template({}, undefined, new Stack(new App({ context: recommendedFlags }), 'Stack'))]) {
      for (const { LoggingConfig } of functions(synthesised)) expect(LoggingConfig.LogGroup).toEqual({ Ref: expect.stringMatching('^CdkRtcLogGroup') });
      synthesised.resourceCountIs('AWS::Logs::LogGroup', 1);
    }
  });

  test('memory, tags, permissions boundary', () => {
    const stack = newStack();
    const permissionsBoundary = iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary');
    const synthesised = configured({ memorySize: 1024, tags: { team: 'a' }, permissionsBoundary }, stack);
    for (const { MemorySize, Tags: tags } of functions(synthesised)) expect([MemorySize, tags]).toEqual([1024, [{ Key: 'team', Value: 'a' }]]);
    for (const { PermissionsBoundary } of roles(synthesised)) expect(PermissionsBoundary).toBeDefined();
    synthesised.hasResourceProperties(TYPE, { Tags: Match.absent() });
  });

  test('VPC and key', () => {
    const stack = newStack();
    const synthesised = configured({ vpc: new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }), encryptionKey: new kms.Key(stack, 'Key') }, stack);
    for (const { VpcConfig, KmsKeyArn } of functions(synthesised)) {
      expect(VpcConfig.SecurityGroupIds).toEqual([{ 'Fn::GetAtt': [expect.stringMatching('^CdkRtcSecurityGroup'), 'GroupId'] }]);
      expect(KmsKeyArn).toEqual({ 'Fn::GetAtt': [expect.stringMatching('^Key'), 'Arn'] });
    }
    for (const { Policies } of roles(synthesised)) expect(JSON.stringify(Policies)).toMatch(/kms:Decrypt.*ec2:CreateNetworkInterface/);
  });
});

describe('bad input', () => {
  const capabilities = (audio: string, video: string, content: string) =>
    ({ audio: audio as AttendeeCapability, video: video as AttendeeCapability, content: content as AttendeeCapability });
  const attendee = (given: PoolAttendee['capabilities']) => [{ externalUserId: 'bot', capabilities: given }];
  const quota = 'an account can have 250 at the same time, including leased and replaced meetings';
  const legacy = (given: string) => `${given}: the legacy namespace does not know them, got them with namespace CHIME; leave them out, or leave the namespace out for CHIME_SDK`;

  test.each<[string, Props, string]>([
    ['size 0', { size: 0 }, `size: must be a whole number of meetings from 1 to 200, got 0; ${quota}`],
    ['size 1.5', { size: 1.5 }, `size: must be a whole number of meetings from 1 to 200, got 1.5; ${quota}`],
    ['size 201', { size: 201 }, `size: must be a whole number of meetings from 1 to 200, got 201; ${quota}`],
    ['251 attendees', { attendees: people(251) }, 'attendees: at most 250 can be in one meeting with these features, got 251; invite fewer'],
    ['more attendees than the features allow', { attendees: people(6), meetingFeatures: { attendeeMaxCount: 5 } }, 'attendees: at most 5 can be in one meeting with these features, got 6; invite fewer'],
    ['one id twice, in either case', { attendees: [...people(2), { externalUserId: 'P0' }] }, 'attendees[2].externalUserId: "P0" is given twice; give it once'],
    ['an id of 1 character', { attendees: [{ externalUserId: 'a' }] }, 'attendees[0].externalUserId: must have 2 to 64 characters, got 1 ("a")'],
    ['an id of 65 characters', { attendees: [{ externalUserId: 'a'.repeat(65) }] }, `attendees[0].externalUserId: must have 2 to 64 characters, got 65 ("${'a'.repeat(40)}")`],
    ['an id starting with aws:', { attendees: [{ externalUserId: 'AWS:bot' }] }, 'attendees[0].externalUserId: must not start with aws:, got "AWS:bot"; choose another'],
    ['an id of a reserved attendee', { attendees: [{ externalUserId: 'CDK-rtc-reserved-1' }] },
      'attendees[0].externalUserId: must not start with cdk-rtc-reserved-, got "CDK-rtc-reserved-1"; choose another'],
    ['21 reserved attendees', { reservedAttendees: 21 }, 'reservedAttendees: must be a whole number of attendees from 0 to 20, got 21; checkout adds further users'],
    ['minus one reserved attendee', { reservedAttendees: -1 }, 'reservedAttendees: must be a whole number of attendees from 0 to 20, got -1; checkout adds further users'],
    ['half a reserved attendee', { reservedAttendees: 0.5 }, 'reservedAttendees: must be a whole number of attendees from 0 to 20, got 0.5; checkout adds further users'],
    ['more reserved attendees than one call creates', { reservedAttendees: 18, attendees: people(3) },
      'reservedAttendees: must be at most 20 together with attendees, because one call creates no more, got 18 and 3; reserve fewer'],
    ['more reserved attendees than one call of the legacy namespace creates', { reservedAttendees: 11, namespace: ChimeNamespace.CHIME, region: 'us-east-1' },
      'reservedAttendees: must be at most 10 together with attendees, because one call creates no more, got 11 and 0; reserve fewer'],
    ['more reserved attendees than the features allow', { reservedAttendees: 4, attendees: people(2), meetingFeatures: { attendeeMaxCount: 5 } },
      'reservedAttendees: must be at most 5 together with attendees, because a meeting with these features has no more, got 4 and 2; reserve fewer'],
    ['an id with other characters', { attendees: [{ externalUserId: 'a;b' }] }, 'attendees[0].externalUserId: may hold only letters, digits, blanks, and -_&@+=,(){}[]/«».:|\'"#, got "a;b"'],
    ['more than 10 KB of attendees', { attendees: people(150).map(({ externalUserId }) => ({ externalUserId: externalUserId.padEnd(60, '-') })) },
      'attendees: must take at most 10240 bytes as JSON, got 12301; invite fewer, or shorten their ids, and add the others at checkout'],
    ['FHD without a count', { meetingFeatures: { videoMaxResolution: VideoMaxResolution.FHD } }, 'meetingFeatures.attendeeMaxCount: must be given with FHD video or UHD content, got none; give 1 to 25'],
    ['UHD without a count', { meetingFeatures: { contentMaxResolution: ContentMaxResolution.UHD } }, 'meetingFeatures.attendeeMaxCount: must be given with FHD video or UHD content, got none; give 1 to 25'],
    ['FHD with a count above its cap', { meetingFeatures: { videoMaxResolution: VideoMaxResolution.FHD, attendeeMaxCount: 26 } },
      'meetingFeatures.attendeeMaxCount: must be at most 25 with FHD video or UHD content, got 26; lower it, or use HD video and FHD content'],
    ['a count of 251', { meetingFeatures: { attendeeMaxCount: 251 } }, 'meetingFeatures.attendeeMaxCount: must be a whole number of attendees from 1 to 250, got 251; leave it out for 250'],
    ['a resolution that is none', { meetingFeatures: { videoMaxResolution: 'UHD' as VideoMaxResolution } }, 'meetingFeatures.videoMaxResolution: must be one of None, HD, FHD, got "UHD"'],
    ['a capability that is none', { attendees: attendee(capabilities('Shout', 'None', 'None')) }, 'attendees[0].capabilities.audio: must be one of SendReceive, Send, Receive, None, got "Shout"'],
    ['video in a meeting without', { meetingFeatures: { videoMaxResolution: VideoMaxResolution.NONE }, attendees: attendee(capabilities('Send', 'Send', 'None')) },
      'attendees[0].capabilities.video: must be None in a meeting without video, got Send'],
    ['content in a meeting without', { meetingFeatures: { contentMaxResolution: ContentMaxResolution.NONE }, attendees: attendee({ audio: AttendeeCapability.SEND }) },
      'attendees[0].capabilities.content: must be None in a meeting without content, got SendReceive'],
    ['content without video', { attendees: attendee(capabilities('Send', 'Send', 'Receive')) }, 'attendees[0].capabilities.video: must include Receive where content does (Receive), got Send'],
    ['six tenants', { tenantIds: ['aa', 'bb', 'cc', 'dd', 'ee', 'ff'] }, 'tenantIds: at most 5 are possible, got 6'],
    ['a tenant twice', { tenantIds: ['acme', 'acme'] }, 'tenantIds[1]: "acme" is given twice; give it once'],
    ['a tenant of 1 character', { tenantIds: ['a'] }, 'tenantIds[0]: must have 2 to 256 characters, got 1 ("a")'],
    ['a tenant with a character four times', { tenantIds: ['aaaa'] }, 'tenantIds[0]: may hold only letters, digits, and -_!@#$, and no character four times in a row, got "aaaa"'],
    ['half a minute', { minimumRemainingLifetime: Duration.seconds(30) }, 'minimumRemainingLifetime: must be a whole number of seconds from 60 to 240, got 30 s; leave it out for 120 s'],
    ['five minutes', { minimumRemainingLifetime: Duration.minutes(5) }, 'minimumRemainingLifetime: must be a whole number of seconds from 60 to 240, got 300 s; leave it out for 120 s'],
    ['a fraction of a second', { minimumRemainingLifetime: Duration.millis(90_500) }, 'minimumRemainingLifetime: must be a whole number of seconds from 60 to 240, got 90.5 s; leave it out for 120 s'],
    ['a media region of 1 character', { mediaRegion: 'x' }, 'mediaRegion: must be the name of a region, such as us-east-1, got "x"; leave it out for the default'],
    ['legacy with features', { namespace: ChimeNamespace.CHIME, meetingFeatures: {} }, legacy('meetingFeatures')],
    ['legacy with tenants', { namespace: ChimeNamespace.CHIME, tenantIds: ['acme'] }, legacy('tenantIds')],
    ['legacy with capabilities', { namespace: ChimeNamespace.CHIME, attendees: attendee({}) }, legacy('attendees[].capabilities')],
    ['a namespace that is none', { namespace: 'ZOOM' as ChimeNamespace }, 'namespace: must be CHIME_SDK or CHIME, got "ZOOM"; leave it out for CHIME_SDK'],
    ['legacy in another region', { namespace: ChimeNamespace.CHIME, region: 'eu-central-1' },
      'namespace: CHIME has an endpoint in us-east-1 only, got a pool in eu-central-1; give region: \'us-east-1\', or leave the namespace out for CHIME_SDK'],
  ])('%s', (_, props, message) => {
    expect(problem(() => build(newStack(), props)).replace('[Stack/Pool] ', '').split('\n  ')).toContain(message);
  });

  test('all findings in one error', () => {
    expect(problem(() => build(newStack(), {
      size: 0, attendees: [{ externalUserId: 'a' }], minimumRemainingLifetime: Duration.seconds(1), tenantIds: ['a'], mediaRegion: 'x',
    })).split('\n')).toHaveLength(5);
  });

  test('what the limits allow passes', () => {
    const fullest: Props = {
      size: 200,
      minimumRemainingLifetime: Duration.seconds(240),
      tenantIds: ['a@', 'b'.repeat(3), 'cc', 'dd', 'ee'],
      mediaRegion: 'us-west-1',
      attendees: people(250),
      meetingFeatures: { attendeeMaxCount: 250, videoMaxResolution: VideoMaxResolution.HD },
    };
    expect(() => template(fullest)).not.toThrow();
    expect(() => template({ size: 1, minimumRemainingLifetime: Duration.seconds(60), attendees: [{ externalUserId: 'Zoë (host) «1»' }] })).not.toThrow();
  });

  test('the handler checks the same, also ARNs', () => {
    expect(validateMeetingPool({ Size: 1, Notifications: { SnsTopicArn: 'arn:aws:sns:eu-west-1:123456789012:topic', SqsQueueArn: 'queue', LambdaFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:f' } }, { region: 'us-east-1' })).toEqual([
      'notifications.snsTopic: must be in the region of the pool, us-east-1, got one in eu-west-1; use one there',
      'notifications.sqsQueue: must be an ARN of sqs, at most 1024 characters, got "queue"',
    ]);
    expect(validateMeetingPool({ Size: 1, Namespace: 'CHIME', Notifications: { LambdaFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:f' } }, {})).toEqual([legacy('notifications.lambdaFunction')]);
  });

  test.each<[string, string, string, ChimeNamespace | undefined, string]>([
    ['a key with a blank', 'a b', 'c', undefined, 'tags: the key "a b" has a blank or an @, which meetings take in values only; choose another key'],
    ['an empty value in the legacy namespace', 'a', '', ChimeNamespace.CHIME, 'tags: the value of "a" is empty, which the legacy namespace refuses; give one'],
    ['a reserved prefix', 'cdk-rtc:a', 'b', undefined, 'tags: "cdk-rtc:a" starts with a reserved prefix (aws: or cdk-rtc:); choose another key'],
  ])('tags: %s', (_, key, value, namespace, message) => {
    const stack = newStack();
    Tags.of(build(stack, { namespace })).add(key, value, { includeResourceTypes: [TYPE] });
    expect(problem(() => (stack.node.root as App).synth())).toContain(message);
  });

  test('48 tags', () => {
    const stack = newStack();
    const pool = build(stack);
    for (let index = 0; index < 48; index += 1) Tags.of(pool).add(`k${index}`, 'v', { includeResourceTypes: [TYPE] });
    expect(problem(() => (stack.node.root as App).synth())).toContain('tags: at most 47 are possible in addition to the owner tags, got 48');
  });
});

describe('warnings', () => {
  const warned = (props: Props, stack = newStack({ env })) => {
    build(stack, props);
    return Annotations.fromStack(stack);
  };

  test('more than 100 meetings', () => {
    warned({ size: 101 }).hasWarning('/Stack/Pool', Match.stringLikeRegexp('^size: 101 of the 250 meetings that an account can have'));
    warned({ size: 100 }).hasNoWarning('*', Match.anyValue());
  });

  test.each<[string, Props]>([
    ['cdk-rtc:ChimeMeetingPool.size', { size: 101 }],
    ['cdk-rtc:ChimeMeetingPool.mediaRegion', { mediaRegion: 'mars-1' }],
  ])('%s can be acknowledged', (id, props) => {
    const stack = newStack({ env });
    Validations.of(build(stack, props)).acknowledge({ id, reason: 'Accepted.' });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('not kept warm: says what that means', () => {
    warned({ keepWarm: false }).hasInfo('/Stack/Pool', Match.stringLikeRegexp('^keepWarm: false: a meeting without attendees ends after 5 minutes'));
  });

  test('a region without an endpoint, a region without media', () => {
    warned({}, newStack({ env: { ...env, region: 'eu-west-1' } })).hasWarning('/Stack/Pool', Match.stringLikeRegexp('not known to have an endpoint in eu-west-1; it has in af-south-1, .*us-west-2'));
    warned({ region: 'il-central-1' }).hasWarning('/Stack/Pool', Match.stringLikeRegexp('^mediaRegion: il-central-1 is not a known media region; known are'));
    warned({ mediaRegion: 'mars-1' }).hasWarning('/Stack/Pool', Match.stringLikeRegexp('^mediaRegion: mars-1 is not a known media region'));
  });
});

describe('notifications', () => {
  const account = { Ref: 'AWS::AccountId' };
  const fromAccount = { StringEquals: { 'aws:SourceAccount': account } };

  test.each([[undefined, 'meetings.chime.amazonaws.com'], [ChimeNamespace.CHIME, 'chime.amazonaws.com']])('namespace %s: %s may notify topic and queue, for this account', (namespace, Service) => {
    const stack = newStack();
    const [snsTopic, sqsQueue] = [new sns.Topic(stack, 'Topic'), new sqs.Queue(stack, 'Queue')];
    const synthesised = template({ namespace, notifications: { snsTopic, sqsQueue } }, undefined, stack);
    const statement = (Action: string | string[], Resource: unknown) => ({ Effect: 'Allow', Principal: { Service }, Action, Resource, Condition: fromAccount });
    synthesised.hasResourceProperties('AWS::SNS::TopicPolicy', { PolicyDocument: { Statement: [Match.objectLike(statement('sns:Publish', { Ref: Match.stringLikeRegexp('^Topic') }))] } });
    synthesised.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: { Statement: [statement(['sqs:GetQueueUrl', 'sqs:SendMessage'], { 'Fn::GetAtt': [Match.stringLikeRegexp('^Queue'), 'Arn'] })] },
    });
    synthesised.hasResourceProperties(TYPE, { Notifications: { SnsTopicArn: { Ref: Match.stringLikeRegexp('^Topic') }, SqsQueueArn: Match.anyValue(), LambdaFunctionArn: Match.absent() } });
    expect(Object.values(synthesised.findResources(TYPE))[0].DependsOn).toEqual(expect.arrayContaining([expect.stringMatching('^TopicPolicy'), expect.stringMatching('^QueuePolicy')]));
  });

  test('the service may invoke a function, once for all pools', () => {
    const stack = newStack();
    const lambdaFunction = newFunction(stack);
    build(stack, { notifications: { lambdaFunction } }, 'Other');
    const synthesised = template({ notifications: { lambdaFunction } }, undefined, stack);
    synthesised.resourcePropertiesCountIs('AWS::Lambda::Permission', { Principal: 'meetings.chime.amazonaws.com', SourceAccount: account, Action: 'lambda:InvokeFunction' }, 1);
    for (const { DependsOn } of Object.values(synthesised.findResources(TYPE))) expect(DependsOn).toContainEqual(expect.stringMatching('^HandlerCdkRtcNotifications'));
  });

  test('the service may use the keys of topic and queue', () => {
    const stack = newStack();
    const masterKey = new kms.Key(stack, 'Key');
    const notifications = { snsTopic: new sns.Topic(stack, 'Topic', { masterKey }), sqsQueue: new sqs.Queue(stack, 'Queue', { encryptionMasterKey: masterKey }) };
    template({ notifications }, undefined, stack).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([{
          Effect: 'Allow',
          Principal: { Service: 'meetings.chime.amazonaws.com' },
          Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          Resource: '*',
          // AWS documents aws:SourceAccount for topics and queues, not for their keys.
          Condition: { StringEqualsIfExists: { 'aws:SourceAccount': account } },
        }]),
      },
    });
  });

  const ofKey = 'meetings.chime.amazonaws.com kms:Decrypt, kms:GenerateDataKey\\*, which is possible only for a key of your own, not for one that AWS manages';
  const importedKey = (stack: Stack) => kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555');

  test.each<[string, (stack: Stack) => MeetingNotifications]>([
    ['snsTopic', (stack) => ({ snsTopic: new sns.Topic(stack, 'Topic', { masterKey: importedKey(stack) }) })],
    ['sqsQueue', (stack) => ({ sqsQueue: new sqs.Queue(stack, 'Queue', { encryptionMasterKey: importedKey(stack) }) })],
  ])('%s with an imported key: warns of what the policy of the key must allow', (property, notifications) => {
    const stack = newStack({ env });
    build(stack, { notifications: notifications(stack) });
    Annotations.fromStack(stack).hasWarning('/Stack/Pool',
      Match.stringLikeRegexp(`^notifications.${property}: its key belongs to no stack of this app; the key's policy must allow ${ofKey}`));
  });

  test('an imported topic that may be encrypted: the warning says what the policy of its key must allow', () => {
    const stack = newStack({ env });
    build(stack, { notifications: { snsTopic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:topic') } });
    Annotations.fromStack(stack).hasWarning('/Stack/Pool', Match.stringLikeRegexp(`If it is encrypted, the policy of its key must allow ${ofKey}`));
  });

  test.each<[string, (stack: Stack) => MeetingNotifications, string]>([
    ['snsTopic', (stack) => ({ snsTopic: new sns.Topic(stack, 'Topic', { masterKey: kms.Alias.fromAliasName(stack, 'Key', 'alias/aws/sns') }) }), 'encrypt it with a key of your own'],
    ['sqsQueue', (stack) => ({ sqsQueue: new sqs.Queue(stack, 'Queue', { encryptionMasterKey: kms.Alias.fromAliasName(stack, 'Key', 'alias/aws/sqs') }) }),
      'encrypt it with SQS_MANAGED, or with a key of your own'],
  ])('%s with the alias of a key that AWS manages fails', (property, notifications, wayOut) => {
    const stack = newStack();
    expect(problem(() => build(stack, { notifications: notifications(stack) })))
      .toBe(`[Stack/Pool] notifications.${property}: is encrypted with the key that AWS manages, which the service cannot use; ${wayOut}`);
  });

  test('a queue with the key of AWS fails', () => {
    const stack = newStack();
    const sqsQueue = new sqs.Queue(stack, 'Queue', { encryption: sqs.QueueEncryption.KMS_MANAGED });
    expect(problem(() => build(stack, { notifications: { sqsQueue } })))
      .toBe('[Stack/Pool] notifications.sqsQueue: is encrypted with the key that AWS manages, which the service cannot use; encrypt it with SQS_MANAGED, or with a key of your own');
  });

  test('an imported topic: warns of what its policy must allow', () => {
    const stack = newStack({ env });
    build(stack, { notifications: { snsTopic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:topic') } });
    Annotations.fromStack(stack).hasWarning('/Stack/Pool', Match.stringLikeRegexp('its policy must allow meetings.chime.amazonaws.com sns:Publish where aws:SourceAccount is this account'));
  });

  test('a topic or queue in another region fails, by ARN or by its stack', () => {
    const app = new App();
    const there = newStack({ env: { ...env, region: 'eu-west-1' } }, 'There', app);
    const stack = newStack({ env }, 'Stack', app);
    const snsTopic = sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:123456789012:topic');
    const sqsQueue = new sqs.Queue(there, 'Queue');
    expect(problem(() => build(stack, { notifications: { snsTopic, sqsQueue } })).split('\n  ')).toEqual([
      '[Stack/Pool] notifications.snsTopic: must be in the region of the pool, us-east-1, got one in eu-west-1; use one there',
      'notifications.sqsQueue: must be in the region of the pool, us-east-1, got one in eu-west-1; use one there',
    ]);
  });

  test('a function in another region warns, in the legacy namespace it fails', () => {
    const stack = newStack({ env });
    const lambdaFunction = lambda.Function.fromFunctionArn(stack, 'There', 'arn:aws:lambda:eu-west-1:123456789012:function:f');
    build(stack, { notifications: { lambdaFunction } });
    Annotations.fromStack(stack).hasWarning('/Stack/Pool', Match.stringLikeRegexp('not known to call functions in another region \\(eu-west-1\\)'));
    expect(problem(() => build(stack, { namespace: ChimeNamespace.CHIME, notifications: { lambdaFunction: newFunction(stack) } }, 'Legacy')))
      .toContain('notifications.lambdaFunction: the legacy namespace does not know them');
  });
});

describe('grants', () => {
  const granted = (props: Props, grant: (pool: ChimeMeetingPool, role: iam.Role) => void, stack = newStack()) => {
    const synthesised = template(props, (_, pool) => grant(pool, new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() })), stack);
    return named(synthesised, 'RoleDefaultPolicy')[0].Properties.PolicyDocument.Statement;
  };
  const poolName = { 'Fn::GetAtt': [expect.stringMatching('^Pool[0-9A-F]{8}$'), 'PoolName'] };
  const ofThisPool = { StringEquals: { 'aws:ResourceTag/cdk-rtc:pool': poolName } };
  const meetings = arn('chime', 'meeting/*', { Ref: 'AWS::Region' });
  const manage = [
    'chime:BatchCreateAttendee', 'chime:BatchUpdateAttendeeCapabilitiesExcept', 'chime:CreateAttendee', 'chime:DeleteAttendee', 'chime:GetAttendee',
    'chime:GetMeeting', 'chime:ListAttendees', 'chime:UpdateAttendeeCapabilities',
  ];

  test('checkout: the function only', () => {
    const checkout = { 'Fn::GetAtt': [expect.stringMatching('^PoolCheckout'), 'Arn'] };
    expect(granted({}, (pool, role) => pool.grants.checkout(role))).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: [checkout, { 'Fn::Join': ['', [checkout, ':*']] }] },
    ]);
  });

  test('manageAttendees: those of this pool', () => {
    expect(granted({}, (pool, role) => pool.grants.manageAttendees(role))).toEqual([{ Effect: 'Allow', Action: manage, Resource: meetings, Condition: ofThisPool }]);
  });

  test('endMeetings: those of this pool, in its region', () => {
    expect(granted({ region: 'eu-central-1' }, (pool, role) => pool.grants.endMeetings(role))).toEqual([
      { Effect: 'Allow', Action: ['chime:DeleteMeeting', 'chime:GetMeeting'], Resource: arn('chime', 'meeting/*', 'eu-central-1'), Condition: ofThisPool },
    ]);
  });

  test('in the legacy namespace, and where tag conditions are off, without condition', () => {
    const off = newStack();
    RtcProvider.configure(off, { tagConditions: false });
    const expected = [{ Effect: 'Allow', Action: ['chime:DeleteMeeting', 'chime:GetMeeting'], Resource: meetings }];
    expect(granted({ namespace: ChimeNamespace.CHIME }, (pool, role) => pool.grants.endMeetings(role))).toEqual(expected);
    expect(granted({}, (pool, role) => pool.grants.endMeetings(role), off)).toEqual(expected);
  });
});

describe('events', () => {
  const externalMeetingId = [{ prefix: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^Pool'), 'PoolName'] }, '/']] } }];
  const pattern = { 'source': ['aws.chime'], 'detail-type': ['Chime Meeting State Change'] };

  test('a rule for all events of this pool, or for some', () => {
    const synthesised = template({}, (stack, pool) => {
      pool.onMeetingEvent('All', { target: new targets.LambdaFunction(newFunction(stack)) });
      pool.onMeetingEvent('Some', { eventTypes: [MeetingEventType.MEETING_ENDED, MeetingEventType.ATTENDEE_LEFT], description: 'ends' });
    });
    synthesised.hasResourceProperties('AWS::Events::Rule', { EventPattern: { ...pattern, detail: { externalMeetingId } }, Targets: [Match.anyValue()] });
    synthesised.hasResourceProperties('AWS::Events::Rule', { Description: 'ends', EventPattern: { ...pattern, detail: { externalMeetingId, eventType: ['chime:MeetingEnded', 'chime:AttendeeLeft'] } } });
  });

  test('onEvent is a rule for every event of the pool\'s meetings, and an event pattern narrows it', () => {
    const synthesised = template({}, (stack, pool) => {
      pool.onEvent('All', { target: new targets.LambdaFunction(newFunction(stack)) });
      pool.onEvent('Some', { description: 'some', eventPattern: { detail: { eventType: ['chime:TranscriptionStarted'] } } });
    });
    synthesised.hasResourceProperties('AWS::Events::Rule', { EventPattern: { source: ['aws.chime'], detail: { externalMeetingId } }, Targets: [Match.anyValue()] });
    synthesised.hasResourceProperties('AWS::Events::Rule', {
      Description: 'some', EventPattern: { source: ['aws.chime'], detail: { externalMeetingId, eventType: ['chime:TranscriptionStarted'] } },
    });
  });

  test('onEvent in another region than the events\' fails', () => {
    const pool = build(newStack({ env }), { region: 'eu-central-1' });
    expect(() => pool.onEvent('Rule')).toThrow('[Stack/Pool] onEvent: the events come in eu-central-1, the rule Rule would be in us-east-1; give crossStackScope a stack of eu-central-1');
  });

  test('a rule in another region than the events\' fails', () => {
    const pool = build(newStack({ env }), { region: 'eu-central-1' });
    expect(() => pool.onMeetingEvent('Rule')).toThrow('[Stack/Pool] onMeetingEvent: the events come in eu-central-1, the rule Rule would be in us-east-1; give crossStackScope a stack of eu-central-1');
  });

  test('go to a stack of that region by crossStackScope', () => {
    const app = new App();
    const [here, there] = ['us-east-1', 'eu-central-1'].map((region) =>
      new Stack(app, `Stack-${region}`, { env: { account: '123456789012', region }, crossRegionReferences: true }));
    new ChimeMeetingPool(here, 'Pool', { size: 1, region: 'eu-central-1' }).onMeetingEvent('Rule', { crossStackScope: there });
    Template.fromStack(there).resourceCountIs('AWS::Events::Rule', 1);
  });
});

describe('metrics', () => {
  test('have one dimension and the statistic that fits, and are read where the functions are', () => {
    const stack = newStack({ env });
    const pool = build(stack, { region: 'eu-central-1' });
    const summary = ({ namespace, metricName, statistic, dimensions, region }: ReturnType<typeof pool.metric>) => {
      expect(stack.resolve({ namespace, dimensions, region })).toEqual({ namespace: 'CdkRtc', dimensions: { PoolName: { 'Fn::GetAtt': [expect.any(String), 'PoolName'] } }, region: 'us-east-1' });
      return [metricName, statistic];
    };
    expect([
      pool.metricReadyMeetings(), pool.metricLeasedMeetings(), pool.metricEndedMeetings(), pool.metricRefillErrors(), pool.metricCheckouts(),
      pool.metricEmptyPoolCheckouts(), pool.metricCheckoutLatency(), pool.metricRemainingMeetingQuota(), pool.metricCheckoutLatency({ statistic: 'p99' }),
      pool.metricReservedAttendees(), pool.metricCreatedAttendees(),
    ].map(summary)).toEqual([
      ['ReadyMeetings', 'Minimum'], ['LeasedMeetings', 'Maximum'], ['EndedMeetings', 'Sum'], ['RefillErrors', 'Sum'], ['Checkouts', 'Sum'],
      ['EmptyPoolCheckouts', 'Sum'], ['CheckoutLatency', 'Average'], ['RemainingMeetingQuota', 'Minimum'], ['CheckoutLatency', 'p99'],
      ['ReservedAttendees', 'Minimum'], ['CreatedAttendees', 'Sum'],
    ]);
  });

  test('of all meetings of the account and region have no dimension', () => {
    const summary = ({ namespace, metricName, statistic, dimensions, region }: cloudwatch.Metric) => {
      expect({ namespace, dimensions, region }).toEqual({ namespace: 'AWS/ChimeSDK', dimensions: undefined, region: undefined });
      return [metricName, statistic];
    };
    expect([
      ChimeMeetingPool.metricAll('AttendeeAuthorizationSuccess'), ChimeMeetingPool.metricAllAttendeeAuthorizationErrors(),
      ChimeMeetingPool.metricAllAttendeeAudioDrops(), ChimeMeetingPool.metricAllAttendeeAudioDrops({ statistic: 'Average' }),
      ChimeMeetingPool.metricAllSqsNotificationErrors(), ChimeMeetingPool.metricAllSnsNotificationErrors(),
    ].map(summary)).toEqual([
      ['AttendeeAuthorizationSuccess', 'Average'], ['AttendeeAuthorizationError', 'Sum'],
      ['AttendeeAudioDrops', 'Sum'], ['AttendeeAudioDrops', 'Average'],
      ['MeetingSQSNotificationErrors', 'Sum'], ['MeetingSNSNotificationErrors', 'Sum'],
    ]);
  });

  test('an alarm for an empty pool', () => {
    const synthesised = template({}, (_, pool) => {
      pool.alarmOnEmpty('Empty');
      pool.alarmOnEmpty('Often', { threshold: 10, period: Duration.minutes(1), evaluationPeriods: 3, alarmName: 'rooms', alarmDescription: 'larger' });
    });
    const common = { Namespace: 'CdkRtc', MetricName: 'EmptyPoolCheckouts', Statistic: 'Sum', ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching' };
    synthesised.hasResourceProperties('AWS::CloudWatch::Alarm', { ...common, Threshold: 1, Period: 300, EvaluationPeriods: 1, AlarmDescription: Match.stringLikeRegexp('Make it larger') });
    synthesised.hasResourceProperties('AWS::CloudWatch::Alarm', { ...common, Threshold: 10, Period: 60, EvaluationPeriods: 3, AlarmName: 'rooms', AlarmDescription: 'larger' });
  });
});

describe('imports', () => {
  test('a pool by its attributes: checkout, grants, events, metrics', () => {
    const stack = newStack({ env });
    const pool = ChimeMeetingPool.fromChimeMeetingPoolAttributes(stack, 'Pool', {
      poolName: 'rooms', checkoutFunction: lambda.Function.fromFunctionArn(stack, 'Checkout', 'arn:aws:lambda:us-east-1:123456789012:function:checkout'),
    });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    pool.grants.checkout(role);
    pool.grants.endMeetings(role);
    pool.onMeetingEvent('Rule');
    const synthesised = Template.fromStack(stack);
    expect(named(synthesised, 'RoleDefaultPolicy')[0].Properties.PolicyDocument.Statement).toMatchObject([
      { Action: 'lambda:InvokeFunction' },
      { Action: ['chime:DeleteMeeting', 'chime:GetMeeting'], Condition: { StringEquals: { 'aws:ResourceTag/cdk-rtc:pool': 'rooms' } } },
    ]);
    synthesised.hasResourceProperties('AWS::Events::Rule', { EventPattern: Match.objectLike({ detail: { externalMeetingId: [{ prefix: 'rooms/' }] } }) });
    expect(pool.metricReadyMeetings()).toMatchObject({ dimensions: { PoolName: 'rooms' } });
    expect(pool.namespace).toBe(ChimeNamespace.CHIME_SDK);
  });

  test('of the legacy namespace, whose functions are in another region', () => {
    const stack = newStack({ env });
    const pool = ChimeMeetingPool.fromChimeMeetingPoolAttributes(stack, 'Pool', {
      poolName: 'rooms',
      namespace: ChimeNamespace.CHIME,
      region: 'us-east-1',
      checkoutFunction: lambda.Function.fromFunctionArn(stack, 'Checkout', 'arn:aws:lambda:eu-west-1:123456789012:function:checkout'),
    });
    expect(pool.metricCheckouts().region).toBe('eu-west-1');
  });
});

test('synthesises with all recommended feature flags', () => {
  const stack = new Stack(new App({ context: recommendedFlags }), 'Stack', { env });
  const pool = build(stack, { notifications: { snsTopic: new sns.Topic(stack, 'Topic') } });
  new CfnOutput(stack, 'Name', { value: pool.poolName });
  pool.alarmOnEmpty('Empty');
  Template.fromStack(stack).resourceCountIs(TYPE, 1);
});

describe('checkoutFunctionName', () => {
  const checkoutOf = (synthesised: Template) => Object.values(synthesised.findResources('AWS::Lambda::Function')).find(({ Properties }) => Properties.Handler === 'index.checkout')!;

  test('names the checkout function and no other', () => {
    const synthesised = template({ checkoutFunctionName: 'rooms-checkout' });
    expect(checkoutOf(synthesised).Properties.FunctionName).toBe('rooms-checkout');
    expect(Object.values(synthesised.findResources('AWS::Lambda::Function')).filter(({ Properties }) => Properties.FunctionName)).toHaveLength(1);
  });

  test('leaves the name to CloudFormation by default, and if no other account needs it', () => {
    expect(checkoutOf(template()).Properties).not.toHaveProperty('FunctionName');
    expect(checkoutOf(template({ checkoutFunctionName: PhysicalName.GENERATE_IF_NEEDED })).Properties).not.toHaveProperty('FunctionName');
  });

  test.each([['a name', 'rooms-checkout', 'rooms-checkout'], ['a generated name', PhysicalName.GENERATE_IF_NEEDED, expect.stringMatching(/^stack.*pool.*checkout/)]])(
    'lets a role of another account check out (%s)', (_, checkoutFunctionName, name) => {
      const app = new App();
      const stack = newStack({ env }, 'Stack', app);
      const other = newStack({ env: { ...env, account: '210987654321' } }, 'Other', app);
      const caller = new iam.Role(other, 'Caller', { roleName: 'caller', assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
      build(stack, { checkoutFunctionName }).grants.checkout(caller);
      const checkout = checkoutOf(Template.fromStack(stack));
      expect(checkout.Properties.FunctionName).toEqual(name);
      Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Permission', {
        Action: 'lambda:InvokeFunction',
        Principal: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::210987654321:role/caller']] },
      });
      const invoke = `:lambda:us-east-1:123456789012:function:${checkout.Properties.FunctionName}`;
      Template.fromStack(other).hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: {
          Statement: [{
            Action: 'lambda:InvokeFunction',
            Resource: [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, invoke]] }, { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `${invoke}:*`]] }],
          }],
        },
      });
    });

  test.each(['', 'a b', 'a'.repeat(65)])('refuses the name "%s"', (checkoutFunctionName) => {
    expect(problem(() => build(newStack(), { checkoutFunctionName })))
      .toBe(`[Stack/Pool] checkoutFunctionName: must have 1 to 64 letters, digits, - or _, got ${JSON.stringify(checkoutFunctionName)}; choose another, or leave it out for a generated one`);
  });
});

describe('FIFO targets of notifications', () => {
  const message = (property: string, kind: string) => `notifications.${property}: must be a standard ${kind}, got a FIFO ${kind}, to which the service is not known to send the message `
    + `group ID that each message needs; use a standard ${kind}`;

  test('are refused, also if they are imported', () => {
    const stack = newStack();
    const notifications = { snsTopic: new sns.Topic(stack, 'Topic', { fifo: true }), sqsQueue: new sqs.Queue(stack, 'Queue', { fifo: true }) };
    expect(problem(() => build(stack, { notifications })).split('\n  ')).toEqual([`[Stack/Pool] ${message('snsTopic', 'topic')}`, message('sqsQueue', 'queue')]);
    const imported = {
      snsTopic: sns.Topic.fromTopicArn(stack, 'ImportedTopic', 'arn:aws:sns:us-east-1:123456789012:topic.fifo'),
      sqsQueue: sqs.Queue.fromQueueArn(stack, 'ImportedQueue', 'arn:aws:sqs:us-east-1:123456789012:queue.fifo'),
    };
    expect(problem(() => build(stack, { notifications: imported }, 'Other')).split('\n  ')).toEqual([`[Stack/Other] ${message('snsTopic', 'topic')}`, message('sqsQueue', 'queue')]);
  });
});

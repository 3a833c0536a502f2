import * as fs from 'node:fs';
import { App, Aspects, CfnResource, NestedStack, RemovalPolicy, Stack, Stage, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  ChannelType, ChimeMeetingPool, IngestConfiguration, RtcProvider, type RtcProviderOptions, SignalingChannel, type SignalingChannelProps,
  VoiceConnector, VoiceConnectorStreaming,
} from '../../src';
import { TIMING } from '../../src/private/contract';

const SERVICE_TOKEN = 'CdkRtcProviderframeworkonEvent042BFB0C';
const recommendedFlags = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));

function synth(build: (stack: Stack) => void, context: Record<string, unknown> = {}): Template {
  const stack = new Stack(new App({ context }), 'Stack');
  build(stack);
  return Template.fromStack(stack);
}

const channels = (count: number, props?: SignalingChannelProps) => (stack: Stack) => {
  for (let index = 0; index < count; index += 1) new SignalingChannel(stack, `Channel${index}`, props);
};

const resources = (template: Template) => template.toJSON().Resources as Record<string, { Type: string; Properties: any; DependsOn?: string[] }>;
const policyOf = (template: Template, kind = 'SignalingChannel') =>
  Object.entries(resources(template)).find(([id]) => id.startsWith(`CdkRtc${kind}Policy`))![1].Properties.PolicyDocument;

describe('cost', () => {
  test('one construct: 13 shared resources and its own', () => {
    expect(Object.keys(resources(synth(channels(1))))).toHaveLength(14);
  });

  test('400 constructs: 13 shared resources and 400', () => {
    expect(Object.keys(resources(synth(channels(400))))).toHaveLength(413);
  });

  test('one more construct with defaults adds at most 450 bytes of pretty-printed template', () => {
    const bytes = (count: number) => Buffer.byteLength(JSON.stringify(synth(channels(count)).toJSON(), undefined, 1));
    const added = `,
  "Channel1000123ABCD": {
   "Type": "Custom::RtcSignalingChannel",
   "Properties": {
    "ServiceToken": {
     "Fn::GetAtt": [
      "${SERVICE_TOKEN}",
      "Arn"
     ]
    },
    "ServiceTimeout": 900
   },
   "DependsOn": [
    "CdkRtcSignalingChannelPolicy0123ABCD"
   ]
  }`;
    expect(bytes(101) - bytes(100)).toBe(added.length);
    expect(added.length).toBeLessThanOrEqual(450);
  });
});

describe('handler policy', () => {
  const stream = (stack: Stack) => new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 1 });

  test('is the same for every count and every set of properties', () => {
    const documents = [
      synth(channels(1)),
      synth(channels(400)),
      synth(channels(1, { signalingChannelName: 'front-door', adoptExisting: true, removalPolicy: RemovalPolicy.RETAIN })),
      synth(channels(2, { channelType: ChannelType.FULL_MESH, region: 'eu-west-1' })),
      synth((stack) => new SignalingChannel(stack, 'Channel', { mediaStorageStream: stream(stack) })),
    ].map((template) => policyOf(template));
    for (const document of documents) expect(document).toEqual(documents[0]);
  });

  test('requires the owner tags: of the request for creates and tags, of the resource for changes', () => {
    const own = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':kinesisvideo:*:', { Ref: 'AWS::AccountId' }, ':channel/*/*']] };
    const stack = { Ref: 'AWS::StackId' };
    expect(policyOf(synth(channels(1))).Statement).toEqual([
      { Effect: 'Allow', Resource: own, Action: 'kinesisvideo:CreateSignalingChannel', Condition: { StringEquals: { 'aws:RequestTag/cdk-rtc:stack': stack } } },
      {
        Effect: 'Allow',
        Resource: own,
        Action: 'kinesisvideo:TagResource',
        Condition: { StringEquals: { 'aws:RequestTag/cdk-rtc:stack': stack }, Null: { 'aws:ResourceTag/cdk-rtc:stack': 'true' } },
      },
      {
        Effect: 'Allow',
        Resource: own,
        Condition: { StringEquals: { 'aws:ResourceTag/cdk-rtc:stack': stack } },
        Action: [
          'kinesisvideo:DeleteSignalingChannel', 'kinesisvideo:TagResource', 'kinesisvideo:UntagResource', 'kinesisvideo:UpdateMediaStorageConfiguration',
          'kinesisvideo:UpdateSignalingChannel',
        ],
      },
      {
        Effect: 'Allow',
        Resource: own,
        Action: ['kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:GetSignalingChannelEndpoint', 'kinesisvideo:ListTagsForResource'],
      },
      {
        Effect: 'Allow',
        Action: ['kinesisvideo:DescribeMappedResourceConfiguration', 'kinesisvideo:UpdateMediaStorageConfiguration'],
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':kinesisvideo:*:', { Ref: 'AWS::AccountId' }, ':stream/*/*']] },
      },
      { Effect: 'Allow', Action: 'kinesisvideo:ListSignalingChannels', Resource: '*' },
    ]);
  });

  test('has no conditions where tag conditions are off', () => {
    const template = synth((stack) => {
      RtcProvider.configure(stack, { tagConditions: false });
      new SignalingChannel(stack, 'Channel');
    });
    expect(JSON.stringify(policyOf(template))).not.toContain('Condition');
  });

  test('every resource of the type depends on it, so that it is deleted last', () => {
    const template = synth(channels(3));
    const policyId = Object.keys(resources(template)).find((id) => id.startsWith('CdkRtcSignalingChannelPolicy'));
    for (const resource of Object.values(resources(template)).filter(({ Type }) => Type === 'Custom::RtcSignalingChannel')) {
      expect(resource.DependsOn).toEqual([policyId]);
    }
  });
});

describe('service token', () => {
  const options: [string, (stack: Stack) => RtcProviderOptions][] = [
    ['none', () => ({})],
    ['vpc', (stack) => ({ vpc: new ec2.Vpc(stack, 'Vpc') })],
    ['securityGroups', (stack) => {
      const vpc = new ec2.Vpc(stack, 'Vpc');
      return { vpc, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }, securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })] };
    }],
    ['logRetention', () => ({ logRetention: logs.RetentionDays.ONE_DAY })],
    ['logRemovalPolicy', () => ({ logRemovalPolicy: RemovalPolicy.RETAIN })],
    ['encryptionKey', (stack) => ({ encryptionKey: new kms.Key(stack, 'Key') })],
    ['memorySize', () => ({ memorySize: 1024 })],
    ['permissionsBoundary', (stack) => ({ permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary') })],
    ['tags', () => ({ tags: { team: 'a' } })],
    ['tagConditions', () => ({ tagConditions: false })],
  ];

  test.each(options.flatMap(([name, make]) => [[name, 'no', make, {}], [name, 'all recommended', make, recommendedFlags]] as const))('is the same with %s and %s flags', (_name, _flags, make, context) => {
    const template = synth((stack) => {
      RtcProvider.configure(stack, make(stack));
      new SignalingChannel(stack, 'Channel');
    }, context);
    expect(resources(template)[SERVICE_TOKEN].Type).toBe('AWS::Lambda::Function');
    template.hasResourceProperties('Custom::RtcSignalingChannel', { ServiceToken: { 'Fn::GetAtt': [SERVICE_TOKEN, 'Arn'] } });
  });

  test('is the same in every stack, stage and nested stack', () => {
    const app = new App();
    const stage = new Stage(app, 'Stage');
    const stack = new Stack(stage, 'Inner');
    const nested = new NestedStack(stack, 'Nested');
    new SignalingChannel(stack, 'Channel');
    new SignalingChannel(nested, 'Channel');
    for (const scope of [stack, nested]) {
      const ids = Object.keys(resources(Template.fromStack(scope))).filter((id) => id.startsWith('CdkRtcProviderframeworkonEvent'));
      expect(ids).toEqual([SERVICE_TOKEN]);
    }
  });

  test('no function has a fixed name', () => {
    const template = synth(channels(1));
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { FunctionName: Match.anyValue() }, 0);
  });
});

describe('functions and roles', () => {
  test('the limits strike in their order: step, deadline, waiter, CloudFormation', () => {
    expect(TIMING.step).toBeLessThan(10);
    expect(TIMING.create).toBeLessThan(TIMING.onEventTimeout);
    expect(TIMING.deadline).toBeLessThan(TIMING.queryInterval * TIMING.queryAttempts);
    // Whatever the handlers still answer, they answer before CloudFormation stops waiting.
    expect(TIMING.onEventTimeout + TIMING.deadline + TIMING.queryInterval + TIMING.isCompleteTimeout).toBeLessThan(TIMING.serviceTimeout);
    expect(TIMING.longestDeadline).toBeLessThan(TIMING.queryInterval * TIMING.queryAttempts);
    const { onEventTimeout, longestDeadline, queryInterval, isCompleteTimeout, longestServiceTimeout } = TIMING;
    expect(onEventTimeout + longestDeadline + queryInterval + isCompleteTimeout).toBeLessThan(longestServiceTimeout);
    expect(TIMING.longestServiceTimeout).toBeLessThanOrEqual(3600);
  });

  test('CloudFormation waits 15 minutes for an answer, not an hour', () => {
    const template = synth((stack) => {
      new SignalingChannel(stack, 'Channel');
      new IngestConfiguration(stack, 'Ingest');
      new ChimeMeetingPool(stack, 'Pool', { size: 1 });
      new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdefghijklmnopqrstuv') });
    });
    const timeouts = Object.values(resources(template)).filter(({ Type }) => Type.startsWith('Custom::')).map(({ Properties }) => Properties.ServiceTimeout);
    expect(timeouts).toEqual([900, 900, 900, 900]);
  });

  test('the waiter polls as the contract says', () => {
    const { DefinitionString } = Object.values(resources(synth(channels(1)))).find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine')!.Properties;
    expect(JSON.stringify(DefinitionString)).toContain('\\"IntervalSeconds\\":2,\\"MaxAttempts\\":1530,\\"BackoffRate\\":1');
  });

  test('all five functions write to one log group with retention, and may create no other', () => {
    const template = synth(channels(1));
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 30 }, DeletionPolicy: 'Delete' });
    const functions = Object.values(resources(template)).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    expect(functions).toHaveLength(5);
    for (const { Properties } of functions) expect(Properties.LoggingConfig.LogGroup).toEqual({ Ref: expect.stringContaining('CdkRtcLogGroup') });
    expect(JSON.stringify(template.toJSON())).not.toContain('logs:CreateLogGroup');
    expect(JSON.stringify(template.toJSON())).not.toContain('ManagedPolicyArns');
  });

  test('the log group stays one with all recommended flags', () => {
    synth(channels(1), recommendedFlags).resourceCountIs('AWS::Logs::LogGroup', 1);
  });

  test('the framework\'s functions may call only the handler they are for, and start only their own waiter', () => {
    const template = synth(channels(1));
    const roles = Object.entries(resources(template));
    const statements = (role: string) => roles.find(([id]) => id.startsWith(role))![1].Properties.Policies[0].PolicyDocument.Statement.slice(1);
    const invoke = (id: string) => ({ Effect: 'Allow', Action: ['lambda:GetFunction', 'lambda:InvokeFunction'], Resource: { 'Fn::GetAtt': [expect.stringMatching(id), 'Arn'] } });
    expect(statements('CdkRtcFrameworkOnEventRole')).toEqual([
      invoke('^CdkRtcOnEvent'),
      { Effect: 'Allow', Action: 'states:StartExecution', Resource: { Ref: expect.stringMatching('^CdkRtcProviderwaiterstatemachine') } },
    ]);
    expect(statements('CdkRtcFrameworkCompleteRole')).toEqual([invoke('^CdkRtcIsComplete')]);
  });

  test('the handlers run on a current Node.js', () => {
    const [runtime] = Object.entries(resources(synth(channels(1)))).filter(([id]) => id.startsWith('CdkRtcOnEvent')).map(([, { Properties }]) => Properties.Runtime);
    expect(Number(/^nodejs(\d+)\.x$/.exec(runtime)![1])).toBeGreaterThanOrEqual(22);
  });
});

describe('configure', () => {
  const configured = (options: (stack: Stack) => RtcProviderOptions) => synth((stack) => {
    RtcProvider.configure(stack, options(stack));
    new SignalingChannel(stack, 'Channel');
  });

  test('a VPC: all functions are in it, behind one security group, and may manage their network interfaces', () => {
    const template = configured((stack) => ({ vpc: new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }) }));
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    const group = { 'Fn::GetAtt': [expect.stringContaining('CdkRtcSecurityGroup'), 'GroupId'] };
    const functions = Object.entries(resources(template)).filter(([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith('CdkRtc'));
    expect(functions).toHaveLength(5);
    for (const [, { Properties }] of functions) expect(Properties.VpcConfig.SecurityGroupIds).toEqual([group]);
    const roles = Object.entries(resources(template)).filter(([id]) => /^CdkRtc(HandlerRole|Framework)/.test(id));
    for (const [, { Properties }] of roles) expect(JSON.stringify(Properties.Policies)).toContain('ec2:CreateNetworkInterface');
  });

  test('a key: encrypts the log group and the environment of all functions, which may decrypt', () => {
    const template = configured((stack) => ({ encryptionKey: new kms.Key(stack, 'Key') }));
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } });
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { KmsKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } }, 5);
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] } } })]) },
    });
    const roles = Object.entries(resources(template)).filter(([id]) => /^CdkRtc(HandlerRole|Framework)/.test(id));
    expect(roles).toHaveLength(3);
    for (const [, { Properties }] of roles) expect(JSON.stringify(Properties.Policies)).toContain('kms:Decrypt');
  });

  test('a permissions boundary: reaches every role of the set', () => {
    const template = configured((stack) => ({ permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary') }));
    template.allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: Match.anyValue() });
    template.resourceCountIs('AWS::IAM::Role', 4);
  });

  test('retention, memory and tags', () => {
    const template = configured(() => ({ logRetention: logs.RetentionDays.ONE_DAY, memorySize: 1024, tags: { team: 'a' } }));
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 1 });
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { MemorySize: 1024 }, 2);
    template.allResourcesProperties('AWS::Lambda::Function', { Tags: [{ Key: 'team', Value: 'a' }] });
    template.hasResourceProperties('Custom::RtcSignalingChannel', { Tags: Match.absent() });
  });

  test.each([
    [undefined, 'Delete'], [RemovalPolicy.DESTROY, 'Delete'], [RemovalPolicy.RETAIN, 'Retain'], [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate'],
  ])('the log group with removal policy %s has the deletion policy %s', (logRemovalPolicy, DeletionPolicy) => {
    configured(() => ({ logRemovalPolicy })).hasResource('AWS::Logs::LogGroup', { DeletionPolicy });
  });

  test('a snapshot of the log group fails', () => {
    expect(() => RtcProvider.configure(new Stack(undefined, 'Stack'), { logRemovalPolicy: RemovalPolicy.SNAPSHOT }))
      .toThrow('[Stack] RtcProvider.configure: logRemovalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN');
  });

  test('an outer scope reaches the stacks in it, and the inner one holds', () => {
    const app = new App();
    RtcProvider.configure(app, { memorySize: 512, logRetention: logs.RetentionDays.ONE_DAY });
    const [outer, inner] = ['Outer', 'Inner'].map((id) => new Stack(app, id));
    RtcProvider.configure(inner, { memorySize: 1024 });
    for (const stack of [outer, inner]) new SignalingChannel(stack, 'Channel');
    Template.fromStack(outer).resourcePropertiesCountIs('AWS::Lambda::Function', { MemorySize: 512 }, 2);
    Template.fromStack(inner).resourcePropertiesCountIs('AWS::Lambda::Function', { MemorySize: 1024 }, 2);
    Template.fromStack(inner).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 1 });
  });

  test.each([5, 10241, 256.5])('memory of %d MiB fails', (memorySize) => {
    expect(() => RtcProvider.configure(new Stack(undefined, 'Stack'), { memorySize }))
      .toThrow(`[Stack] RtcProvider.configure: memorySize: must be a whole number of MiB from 128 to 10240, got ${memorySize}; leave it out for 256`);
  });

  test('twice for one scope fails', () => {
    const stack = new Stack(undefined, 'Stack');
    RtcProvider.configure(stack, {});
    expect(() => RtcProvider.configure(stack, {})).toThrow('[Stack] RtcProvider.configure: this scope is configured already; give all options in one call');
  });

  test('after the first construct fails', () => {
    const stack = new Stack(undefined, 'Stack');
    new SignalingChannel(stack, 'Channel');
    expect(() => RtcProvider.configure(stack.node.root, {})).toThrow('CdkRtc exists already; configure before the first construct of cdk-rtc in this scope');
  });

  test('a construct that has the reserved id fails with a sentence', () => {
    const stack = new Stack(undefined, 'Stack');
    new Construct(stack, 'CdkRtc');
    expect(() => new SignalingChannel(stack, 'Channel'))
      .toThrow('[Stack] CdkRtc: this id is reserved for the functions of cdk-rtc, and another construct of the stack has it; give that construct another id');
  });

  test('an aspect reaches every function and role', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    new SignalingChannel(stack, 'Channel');
    const visited: string[] = [];
    Aspects.of(app).add({ visit: (node) => { if (node instanceof CfnResource) visited.push(node.cfnResourceType); } });
    Tags.of(stack).add('a', 'b');
    app.synth();
    expect(visited.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(5);
    expect(visited.filter((type) => type === 'AWS::IAM::Role')).toHaveLength(4);
  });
});

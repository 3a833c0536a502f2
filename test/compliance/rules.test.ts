import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  App, Aspects, CfnResource, CliCredentialsStackSynthesizer, DefaultStackSynthesizer, Duration, type IStackSynthesizer, LegacyStackSynthesizer,
  NestedStack, Stack, Stage, Tags,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { MINIMAL, WITH_EVERYTHING, WITHOUT_FUNCTIONS } from './stacks';
import {
  ChimeMeetingPool, IngestConfiguration, RealTimeStage, RtcProvider, SignalingChannel, StorageConfiguration, VideoStream, VoiceConnector,
  VoiceConnectorOrigination, VoiceConnectorStreaming,
} from '../../src';
import { CONSTRUCTS, MIXINS } from '../constructs';

type Resources = Record<string, { Type: string; Properties: any; DependsOn?: string[] }>;

const SERVICE_TOKEN = 'CdkRtcProviderframeworkonEvent042BFB0C';

const resourcesOf = (stack: Stack) => Template.fromStack(stack).toJSON().Resources as Resources;
const ofType = (stack: Stack, type: string) => Object.entries(resourcesOf(stack)).filter(([, { Type }]) => Type === type);
/** Every construct of the library, in one stack. */
const everyConstruct = (stack: Stack) => { for (const build of Object.values(MINIMAL)) build(stack); };

test.each([['MINIMAL', MINIMAL], ['WITH_EVERYTHING', WITH_EVERYTHING]])('every construct and mixin of the library is in %s', (_name, builds) => {
  // The mixins of a stream have the options of a VideoStream.
  const expected = [...CONSTRUCTS, ...MIXINS].filter((name) => !['StreamImageGeneration', 'StreamNotification'].includes(name));
  expect(expected.filter((name) => !(name in builds))).toEqual([]);
});

describe('a permissions boundary reaches every role', () => {
  const boundaries = (app: App) => {
    const stack = app.node.findChild('Stack') as Stack;
    everyConstruct(stack);
    return ofType(stack, 'AWS::IAM::Role').map(([, { Properties }]) => JSON.stringify(Properties.PermissionsBoundary ?? 'none'));
  };
  const appWithStack = (context: Record<string, unknown> = {}) => {
    const app = new App({ context });
    return { app, stack: new Stack(app, 'Stack') };
  };

  test.each<[string, () => App]>([
    ['of an aspect', () => {
      const { app, stack } = appWithStack();
      iam.PermissionsBoundary.of(app).apply(iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'company'));
      return app;
    }],
    ['of the app\'s context', () => appWithStack({ '@aws-cdk/core:permissionsBoundary': { name: 'company' } }).app],
    ['of the provider', () => {
      const { app, stack } = appWithStack();
      RtcProvider.configure(app, { permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'company') });
      return app;
    }],
  ])('%s', (_name, make) => {
    const found = boundaries(make());
    // Handlers, the two of the framework, the waiter; maintainer and checkout of the pool; the monitor and its schedule.
    expect(found).toHaveLength(8);
    for (const boundary of found) expect(boundary).toContain(':policy/company');
  });
});

describe('roles that users create', () => {
  const PATHS = [
    'Stack/CdkRtc/HandlerRole', 'Stack/CdkRtc/FrameworkOnEventRole', 'Stack/CdkRtc/FrameworkCompleteRole', 'Stack/CdkRtc/Provider/waiter-state-machine/Role',
    'Stack/Pool/MaintainerRole', 'Stack/Pool/CheckoutRole', 'Stack/DriftMonitor/FunctionRole', 'Stack/DriftMonitor/ScheduleRole',
  ];
  const nameOf = (rolePath: string) => rolePath.replaceAll('/', '-');

  test('Role.customizeRoles: nothing of IAM is left in the template, and every function has its role', () => {
    const app = new App();
    iam.Role.customizeRoles(app, { usePrecreatedRoles: Object.fromEntries(PATHS.map((rolePath) => [rolePath, nameOf(rolePath)])) });
    const stack = new Stack(app, 'Stack');
    everyConstruct(stack);
    const types = new Set(Object.values(resourcesOf(stack)).map(({ Type }) => Type));
    expect([...types].filter((type) => type.startsWith('AWS::IAM'))).toEqual([]);
    const roles = ofType(stack, 'AWS::Lambda::Function').map(([, { Properties }]) => JSON.stringify(Properties.Role));
    expect(roles).toHaveLength(8);
    for (const role of roles) expect(PATHS.map(nameOf).some((name) => role.includes(`:role/${name}"`))).toBe(true);
    expect(resourcesOf(stack)[SERVICE_TOKEN].Type).toBe('AWS::Lambda::Function');
  });

  test('Role.customizeRoles: the report asks for all that the handlers need', () => {
    const app = new App();
    iam.Role.customizeRoles(app, { preventSynthesis: false });
    const stack = new Stack(app, 'Stack');
    everyConstruct(stack);
    const directory = app.synth().directory;
    const { roles } = JSON.parse(fs.readFileSync(path.join(directory, 'iam-policy-report.json'), 'utf8'));
    const actionsOf = (rolePath: string) => roles.find(({ roleConstructPath }: { roleConstructPath: string }) => roleConstructPath === rolePath)
      .identityPolicyStatements.flatMap(({ Action }: { Action: string | string[] }) => Action);
    expect(actionsOf('Stack/DriftMonitor/FunctionRole')).toEqual(expect.arrayContaining([
      'kinesisvideo:DescribeSignalingChannel', 'chime:GetVoiceConnectorStreamingConfiguration', 'ivs:GetIngestConfiguration', 'dynamodb:GetItem',
    ]));
    expect(actionsOf('Stack/CdkRtc/HandlerRole')).toEqual(expect.arrayContaining([
      'logs:PutLogEvents', 'kinesisvideo:CreateSignalingChannel', 'chime:PutVoiceConnectorStreamingConfiguration', 'chime:PutVoiceConnectorTermination', 'ivs:CreateIngestConfiguration',
      'chime:CreateMeeting', 'dynamodb:Scan',
    ]));
    expect(roles.map(({ roleConstructPath }: { roleConstructPath: string }) => roleConstructPath)).toEqual(expect.arrayContaining(PATHS));
  });
});

describe('options of the provider reach the functions of every construct', () => {
  test('VPC and key', () => {
    const stack = new Stack(undefined, 'Stack');
    RtcProvider.configure(stack, { vpc: new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }), encryptionKey: new kms.Key(stack, 'Key') });
    everyConstruct(stack);
    const functions = ofType(stack, 'AWS::Lambda::Function');
    expect(functions).toHaveLength(8);
    for (const [, { Properties }] of functions) {
      expect(Properties).toMatchObject({ VpcConfig: { SubnetIds: expect.anything() }, KmsKeyArn: { 'Fn::GetAtt': [expect.stringMatching('^Key'), 'Arn'] } });
    }
    const roles = ofType(stack, 'AWS::IAM::Role').filter(([id]) => !/waiter|Schedule/.test(id));
    expect(roles).toHaveLength(6);
    for (const [, { Properties }] of roles) expect(JSON.stringify(Properties.Policies)).toMatch(/kms:Decrypt.*ec2:CreateNetworkInterface/);
  });

  test('tracing: the functions, the waiter, and the permission of each role', () => {
    const stack = new Stack(undefined, 'Stack');
    RtcProvider.configure(stack, { tracing: lambda.Tracing.ACTIVE });
    everyConstruct(stack);
    const functions = ofType(stack, 'AWS::Lambda::Function');
    expect(functions).toHaveLength(8);
    for (const [, { Properties }] of functions) expect(Properties.TracingConfig).toEqual({ Mode: 'Active' });
    const roles = ofType(stack, 'AWS::IAM::Role').filter(([id]) => !/waiter|Schedule/.test(id));
    for (const [, { Properties }] of roles) expect(JSON.stringify(Properties.Policies)).toContain('xray:PutTraceSegments');
    const [[, waiter]] = ofType(stack, 'AWS::StepFunctions::StateMachine');
    expect(waiter.Properties.TracingConfiguration).toEqual({ Enabled: true });
    const waiterPolicy = ofType(stack, 'AWS::IAM::Policy').filter(([id]) => id.includes('waiter'));
    expect(JSON.stringify(waiterPolicy)).toContain('xray:PutTraceSegments');
    expect(functions.map(([id]) => id)).toContain(SERVICE_TOKEN);
  });

  test('no tracing unless asked for', () => {
    const stack = new Stack(undefined, 'Stack');
    everyConstruct(stack);
    expect(JSON.stringify(resourcesOf(stack))).not.toMatch(/xray|Tracing/);
  });
});

describe('aspects of the company', () => {
  test('change every function and every role', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    everyConstruct(stack);
    Aspects.of(app).add({
      visit: (node) => {
        if (node instanceof lambda.CfnFunction) node.runtime = 'nodejs-of-the-company';
        if (node instanceof iam.CfnRole) node.path = '/company/';
      },
    });
    const runtimes = ofType(stack, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.Runtime);
    expect(runtimes).toEqual(Array(8).fill('nodejs-of-the-company'));
    const paths = ofType(stack, 'AWS::IAM::Role').map(([, { Properties }]) => Properties.Path);
    expect(paths).toEqual(Array(8).fill('/company/'));
  });

  test('tags reach every taggable resource', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    everyConstruct(stack);
    Tags.of(app).add('cost-centre', '42');
    // Policies, bucket policies, permissions, schedules, and settings have no tags; the voice connector that isn't the library's is a plain resource.
    const untagged = Object.values(resourcesOf(stack)).filter(({ Properties }) => !JSON.stringify(Properties?.Tags ?? []).includes('cost-centre'));
    expect([...new Set(untagged.map(({ Type }) => Type))].sort()).toEqual(
      [
        'AWS::Chime::VoiceConnector', 'AWS::IAM::Policy', 'AWS::Lambda::Permission', 'AWS::S3::BucketPolicy', 'AWS::Scheduler::Schedule',
        'Custom::RtcPhoneNumber', 'Custom::RtcPhoneNumberAssociation', 'Custom::RtcRealTimeStageEndpoints', 'Custom::RtcSignalingChannelMediaStorage', 'Custom::RtcVideoStreamImageGeneration', 'Custom::RtcVoiceConnectorLogging', 'Custom::RtcVoiceConnectorOrigination', 'Custom::RtcVoiceConnectorStreaming', 'Custom::RtcVoiceConnectorTermination',
      ].sort());
    const connectors = untagged.filter(({ Type }) => Type === 'AWS::Chime::VoiceConnector');
    expect(connectors.map(({ Properties }) => Properties.Name)).toEqual(['trunk']);
  });
});

describe('bootstrapped in the company\'s way', () => {
  const synth = (synthesizer?: IStackSynthesizer, context: Record<string, unknown> = {}) => {
    const app = new App({ context });
    const stack = new Stack(app, 'Stack', { synthesizer });
    everyConstruct(stack);
    const assembly = app.synth();
    const text = fs.readdirSync(assembly.directory).filter((file) => /^(Stack\.|manifest)/.test(file))
      .map((file) => fs.readFileSync(path.join(assembly.directory, file), 'utf8')).join();
    return { template: assembly.getStackByName('Stack').template as { Resources: Resources; Parameters?: object }, text };
  };

  test.each<[string, () => ReturnType<typeof synth>]>([
    ['a qualifier', () => synth(new DefaultStackSynthesizer({ qualifier: 'company' }))],
    ['a qualifier of the context', () => synth(undefined, { '@aws-cdk/core:bootstrapQualifier': 'company' })],
    ['credentials of the CLI', () => synth(new CliCredentialsStackSynthesizer({ qualifier: 'company' }))],
  ])('%s: no asset is anywhere else', (_name, make) => {
    const { template, text } = make();
    expect(text).toContain('cdk-company-assets');
    expect(text).not.toContain('hnb659fds');
    expect(template.Resources[SERVICE_TOKEN].Type).toBe('AWS::Lambda::Function');
  });

  test('the legacy way: assets are parameters, the service token is the same', () => {
    const { template } = synth(new LegacyStackSynthesizer());
    expect(Object.keys(template.Parameters ?? {}).filter((name) => name.startsWith('AssetParameters'))).not.toEqual([]);
    expect(template.Resources[SERVICE_TOKEN].Type).toBe('AWS::Lambda::Function');
  });
});

describe.each(Object.entries(MINIMAL))('%s in parts of an app', (name, build) => {
  const expected = WITHOUT_FUNCTIONS.includes(name) ? 0 : 5;
  const functions = (stack: Stack) => ofType(stack, 'AWS::Lambda::Function').map(([id]) => id).filter((id) => id.startsWith('CdkRtc'));

  test('in nested stacks: each has its own functions, the parent has none', () => {
    const stack = new Stack(new App(), 'Stack');
    const nested = ['First', 'Second'].map((id) => new NestedStack(stack, id));
    nested.forEach(build);
    for (const inner of nested) {
      expect(functions(inner)).toHaveLength(expected);
      expect(functions(inner).includes(SERVICE_TOKEN)).toBe(expected > 0);
    }
    expect(functions(stack)).toEqual([]);
  });

  test('in a stage: as in an app', () => {
    const app = new App();
    const stage = new Stage(app, 'Production');
    const stack = new Stack(stage, 'Stack');
    build(stack);
    expect(functions(stack)).toHaveLength(expected);
    expect(() => app.synth()).not.toThrow();
  });
});

describe('across stacks', () => {
  const two = () => {
    const app = new App();
    return { app, mine: new Stack(app, 'Mine'), theirs: new Stack(app, 'Theirs') };
  };
  const role = (stack: Stack) => new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
  const imported = (stack: Stack) => JSON.stringify(resourcesOf(stack)).includes('Fn::ImportValue');

  test.each<[string, (mine: Stack, theirs: Stack) => void]>([
    ['a channel, granted to a role', (mine, theirs) => { new SignalingChannel(mine, 'Channel').grants.viewer(role(theirs)); }],
    ['a stream key, granted to a role', (mine, theirs) => { new IngestConfiguration(mine, 'Ingest').grants.readStreamKey(role(theirs)); }],
    ['a checkout, granted to a role', (mine, theirs) => { new ChimeMeetingPool(mine, 'Pool', { size: 1 }).grants.checkout(role(theirs)); }],
    ['meetings, granted to a role', (mine, theirs) => { new ChimeMeetingPool(mine, 'Pool', { size: 1 }).grants.manageAttendees(role(theirs)); }],
    ['a stream, recorded into', (mine, theirs) => {
      new SignalingChannel(theirs, 'Channel', { mediaStorageStream: new kinesisvideo.CfnStream(mine, 'Stream', { dataRetentionInHours: 1 }) });
    }],
    ['a stream with a key and images, granted to a role', (mine, theirs) => {
      const imageGeneration = { bucket: new s3.Bucket(mine, 'Bucket', { encryptionKey: new kms.Key(mine, 'BucketKey') }), samplingInterval: Duration.seconds(3) };
      new VideoStream(mine, 'Camera', { dataRetention: Duration.hours(1), encryptionKey: new kms.Key(mine, 'Key'), imageGeneration }).grants.putMedia(role(theirs));
    }],
    ['a stage, published to', (mine, theirs) => { new IngestConfiguration(theirs, 'Ingest', { stage: new ivs.CfnStage(mine, 'Stage') }); }],
    ['a stage of the library, published to', (mine, theirs) => { new IngestConfiguration(theirs, 'Ingest', { stage: new RealTimeStage(mine, 'Stage') }); }],
    ['a stage, granted to a role', (mine, theirs) => { new RealTimeStage(mine, 'Stage').grants.createParticipantToken(role(theirs)); }],
    ['a bucket, recorded into', (mine, theirs) => {
      const storageConfiguration = new StorageConfiguration(mine, 'Storage', { bucket: new s3.Bucket(mine, 'Bucket') });
      new RealTimeStage(theirs, 'Stage', { autoParticipantRecording: { storageConfiguration } });
    }],
    ['a voice connector, streamed', (mine, theirs) => {
      const trunk = new CfnResource(mine, 'Trunk', { type: 'AWS::Chime::VoiceConnector', properties: { Name: 'trunk' } });
      new VoiceConnectorStreaming(theirs, 'Streaming', { voiceConnector: VoiceConnector.fromVoiceConnectorArn(mine, 'Connector', trunk.ref) });
    }],
    ['a voice connector, configured', (mine, theirs) => {
      const voiceConnector = new VoiceConnector(mine, 'Phones');
      new VoiceConnectorOrigination(theirs, 'Origination', { voiceConnector, routes: [{ host: 'sip.example.com' }] });
    }],
    ['a secret, of a SIP user', (mine, theirs) => {
      const termination = { allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'], credentials: [new secretsmanager.Secret(mine, 'SipUser')] };
      new VoiceConnector(theirs, 'Phones', { termination });
    }],
    ['a key, of secrets and logs', (mine, theirs) => {
      const key = new kms.Key(mine, 'Key');
      RtcProvider.configure(theirs, { encryptionKey: key });
      new IngestConfiguration(theirs, 'Ingest', { streamKeySecretEncryptionKey: key });
    }],
  ])('%s', (_name, connect) => {
    const { mine, theirs } = two();
    connect(mine, theirs);
    expect(imported(theirs)).toBe(true);
    expect(imported(mine)).toBe(false);
  });
});

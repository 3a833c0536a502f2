import { App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { EXAMPLES, exampleApp } from './examples';
import { type Finding, nagFindings } from './findings';
import { everyOption, GIVEN, MINIMAL, STACKS, stacksIn, WITH_EVERYTHING } from './stacks';
import * as library from '../../src';
import { StackProvider } from '../../src/provider/private/stack-provider';

/** What only the company can decide: the finding stays until it has, by the option here. */
const DECISIONS: Record<string, string> = {
  LambdaInsideVPC: 'RtcProvider.configure({ vpc })',
  CloudWatchLogGroupEncrypted: 'RtcProvider.configure({ encryptionKey })',
  SecretsManagerUsingKMSKey: 'IngestConfigurationProps.streamKeySecretEncryptionKey',
};
const decision = ({ rule }: Finding) => rule.replace(/^.*?-/, '');
const isDecided = (finding: Finding) => !(decision(finding) in DECISIONS);
const outsideOfGiven = ({ path }: Finding) => !path.includes(`/${GIVEN}/`);
const text = ({ rule, path }: Finding) => `${path}: ${rule}`;

/** As the CLI asks for no stack traces; they take most of the time. */
const context = { 'aws:cdk:disable-stack-trace': true };

describe('the constructs, in every pack', () => {
  let findings: Finding[];

  beforeAll(() => {
    const app = new App({ context });
    stacksIn(app, STACKS);
    findings = nagFindings(app);
  });

  const of = (name: string) => findings.filter(outsideOfGiven).filter(({ path }) => path.startsWith(`${name}/`));

  test.each(Object.keys(STACKS))('%s: nothing but what the company decides', (name) => {
    expect(of(name).filter(isDecided).map(text)).toEqual([]);
  });

  test.each(Object.keys(DECISIONS))('%s is asked for where nothing is decided', (rule) => {
    const undecided = Object.keys(MINIMAL).flatMap((name) => of(`Minimal-${name}`)).filter((finding) => decision(finding) === rule);
    expect(undecided).not.toEqual([]);
    expect(undecided.filter(({ rule: id }) => /^(AwsSolutions|Serverless)-/.test(id))).toEqual([]);
  });
});

test('nothing is left where the company has decided', () => {
  const app = new App({ context });
  stacksIn(app, Object.fromEntries(Object.entries(WITH_EVERYTHING).map(([name, build]) => [name, (stack: Stack) => {
    library.RtcProvider.configure(stack, { ...everyOption(stack), tagConditions: true });
    build(stack);
  }])));
  expect(nagFindings(app).filter(outsideOfGiven).map(text)).toEqual([]);
});

test.each([['no', {}], ['literal partitions as', { '@aws-cdk/core:enablePartitionLiterals': true }]])('what a grant gives is answered for, with %s flag', (_name, flags) => {
  const app = new App({ context: { ...context, ...flags } });
  stacksIn(app, WITH_EVERYTHING, { env: { account: '111122223333', region: 'us-east-1' } });
  expect(nagFindings(app).filter(({ rule }) => rule.startsWith('AwsSolutions-IAM5')).map(text)).toEqual([]);
});

describe.each<[string, 'channel' | 'stream', (stack: Stack, name: string, role: iam.Role) => void]>([
  ['channel', 'channel', (stack, name, role) => { library.SignalingChannel.fromSignalingChannelName(stack, 'Channel', name).grants.master(role); }],
  ['producer of a stream', 'stream', (stack, name, role) => { library.VideoStream.fromStreamName(stack, 'Stream', name).grants.putMedia(role); }],
  ['consumer of a stream', 'stream', (stack, name, role) => { library.VideoStream.fromStreamName(stack, 'Stream', name).grants.play(role); }],
  ['stream into which an imported channel records', 'stream', (stack, name, role) => {
    const signalingChannelArn = 'arn:aws:kinesisvideo:us-east-1:111122223333:channel/doorbell/1700000000000';
    const mediaStorageStream = library.VideoStream.fromStreamName(stack, 'Stream', name);
    library.SignalingChannel.fromSignalingChannelAttributes(stack, 'Channel', { signalingChannelArn, mediaStorageStream }).grants.joinStorage(role);
  }],
])('an import by name: %s', (_, type, grant) => {
  test.each([
    ['front-door', []],
    // In the notation of cdk-nag, `${…}` is `<…>`.
    ['${credentials-iot:ThingName}', []],
    ['camera-*', [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:kinesisvideo:<AWS::Region>:<AWS::AccountId>:${type}/camera-*/*]`]],
  ])('for %s, only the wildcards that the user wrote are findings', (name, expected) => {
    const app = new App({ context });
    const stack = new Stack(app, 'Stack');
    grant(stack, name, new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(nagFindings(app).map(({ rule }) => rule).filter((rule) => rule.startsWith('AwsSolutions-IAM5'))).toEqual(expected);
  });
});

test('what is not the library\'s own stays a finding, in the same stack', () => {
  const app = new App({ context });
  const stack = new Stack(app, 'Stack');
  MINIMAL.ChimeMeetingPool(stack);
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
  role.addToPolicy(new iam.PolicyStatement({ actions: ['chime:CreateMeeting'], resources: ['*'] }));
  expect(nagFindings(app).filter(({ path }) => path.startsWith('Stack/Role/')).map(text)).toEqual(expect.arrayContaining([
    'Stack/Role/DefaultPolicy/Resource: AwsSolutions-IAM5[Resource::*]',
    'Stack/Role/DefaultPolicy/Resource: HIPAA.Security-IAMNoInlinePolicy',
  ]));
});

describe('the examples', () => {
  /** They show the library; their functions are as short as the tools of aws-cdk-lib make them. */
  const OWN = /^AwsSolutions-(IAM4\[Policy::.*AWSLambdaBasicExecutionRole\]|L1)$/;

  const constructs = Object.values(library).filter((value) => typeof value === 'function') as unknown as (new () => unknown)[];
  const ofLibrary = (app: App) => ({ path }: Finding) => app.node.findAll().find(({ node }) => node.path === path)!.node.scopes
    .some((scope) => scope instanceof StackProvider || constructs.some((construct) => scope instanceof construct));

  test.each(EXAMPLES)('%s', (name) => {
    const app = exampleApp(name, context);
    const findings = nagFindings(app);
    expect(findings.filter(({ rule }) => rule.startsWith('AwsSolutions-') && !OWN.test(rule)).map(text)).toEqual([]);
    const decided = (finding: Finding) => isDecided(finding) && !['EventBusDLQ', 'CloudWatchAlarmAction'].includes(decision(finding));
    expect(findings.filter(ofLibrary(app)).filter(decided).map(text)).toEqual([]);
  });
});

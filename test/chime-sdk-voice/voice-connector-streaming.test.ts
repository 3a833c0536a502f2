import * as fs from 'node:fs';
import { App, Aws, CfnOutput, CfnParameter, CfnResource, Duration, Fn, PropertyInjectors, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  ChimeNamespace, type IVoiceConnectorRef, NotificationTarget, RtcDriftMonitor, StreamingStatus, VoiceConnector,
  VoiceConnectorStreaming, VoiceConnectorStreamingGrants, type VoiceConnectorStreamingProps,
} from '../../src';
import { problem } from '../problem';

const recommendedFlags = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));
const TYPE = 'Custom::RtcVoiceConnectorStreaming';
const ID = 'abcdefghijklmnopqrstuv';
const ARN = `arn:aws:chime:us-east-1:123456789012:vc/${ID}`;
const INSIGHTS = 'arn:aws:chime:us-east-1:123456789012:media-insights-pipeline-configuration/calls';
const env = { account: '123456789012', region: 'us-east-1' };

const newStack = (props: { env?: { account: string; region: string } } = {}, id = 'Stack', app = new App()) => new Stack(app, id, props);
const imported = (stack: Stack, id = 'Connector') => VoiceConnector.fromVoiceConnectorArn(stack, id, ARN);

/** CfnVoiceConnector, as it can be had at our aws-cdk-lib floor. */
function l1VoiceConnector(stack: Stack): IVoiceConnectorRef & CfnResource {
  const l1 = new CfnResource(stack, 'Connector', { type: 'AWS::Chime::VoiceConnector', properties: { Name: 'trunk', RequireEncryption: true } });
  Validations.of(l1).acknowledge({ id: 'CloudFormation-Validate::F3006', reason: 'newer than our aws-cdk-lib floor' });
  return Object.assign(l1, { voiceConnectorRef: { voiceConnectorArn: l1.ref } });
}

type Props = Omit<VoiceConnectorStreamingProps, 'voiceConnector'>;
const build = (stack: Stack, props: Props = {}) => new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: imported(stack), ...props });

function template(props?: Props): Template {
  const stack = newStack();
  build(stack, props);
  return Template.fromStack(stack);
}

describe('properties', () => {
  test('only the voice connector is sent by default, also where defaults are given', () => {
    const defaults = {
      enabled: true, notificationTargets: [], adoptExisting: false, namespace: ChimeNamespace.CHIME_SDK,
    };
    for (const props of [{}, defaults]) {
      const { ServiceToken, ...rest } = Object.values(template(props).findResources(TYPE))[0].Properties;
      expect(ServiceToken).toBeDefined();
      expect(rest).toEqual({ VoiceConnectorArn: ARN, ServiceTimeout: 900 });
    }
  });

  test('all are sent', () => {
    template({
      enabled: false,
      dataRetention: Duration.days(2),
      notificationTargets: [NotificationTarget.EVENT_BRIDGE, NotificationTarget.SNS, NotificationTarget.SQS],
      mediaInsights: { configurationArn: INSIGHTS, enabled: false },
      adoptExisting: true,
    }).hasResourceProperties(TYPE, {
      VoiceConnectorArn: ARN,
      Enabled: false,
      DataRetentionInHours: 48,
      NotificationTargets: ['EventBridge', 'SNS', 'SQS'],
      MediaInsights: { ConfigurationArn: INSIGHTS, Enabled: false },
      ExistingConfiguration: 'OVERWRITE',
    });
    template({ namespace: ChimeNamespace.CHIME, dataRetention: Duration.hours(0) }).hasResourceProperties(TYPE, { Namespace: 'CHIME', DataRetentionInHours: 0 });
  });

  test.each([[RemovalPolicy.RETAIN, 'Retain'], [RemovalPolicy.DESTROY, 'Delete']])('removalPolicy %s', (removalPolicy, deletionPolicy) => {
    template({ removalPolicy }).hasResource(TYPE, { DeletionPolicy: deletionPolicy });
  });

  test('adoptExisting that is known only at deployment is refused', () => {
    const stack = newStack();
    const adoptExisting = Token.asAny(new CfnParameter(stack, 'Adopt').value) as unknown as boolean;
    expect(problem(() => build(stack, { adoptExisting }))).toBe('[Stack/Streaming] adoptExisting: must be known at synth, got a token; give true or false');
  });

  test('tokens pass through', () => {
    const stack = newStack();
    const parameter = (id: string, type = 'String') => new CfnParameter(stack, id, { type });
    new VoiceConnectorStreaming(stack, 'Streaming', {
      voiceConnector: VoiceConnector.fromVoiceConnectorArn(stack, 'Connector', parameter('Arn').valueAsString),
      dataRetention: Duration.hours(parameter('Hours', 'Number').valueAsNumber),
      mediaInsights: { configurationArn: parameter('Insights').valueAsString },
      notificationTargets: [parameter('Target').valueAsString as NotificationTarget],
    });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      VoiceConnectorArn: { Ref: 'Arn' }, DataRetentionInHours: { Ref: 'Hours' }, MediaInsights: { ConfigurationArn: { Ref: 'Insights' } }, NotificationTargets: [{ Ref: 'Target' }],
    });
  });

  test('works with a voice connector of the same stack, newer than our aws-cdk-lib', () => {
    const stack = newStack();
    const streaming = new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: l1VoiceConnector(stack) });
    new CfnOutput(stack, 'Id', { value: streaming.voiceConnectorId });
    Template.fromStack(stack).hasResourceProperties(TYPE, { VoiceConnectorArn: { Ref: 'Connector' } });
    Template.fromStack(stack).hasOutput('Id', { Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Streaming'), 'VoiceConnectorId'] } });
  });

  test('works with another stack\'s voice connector', () => {
    const app = new App();
    const [producer, consumer] = ['Producer', 'Consumer'].map((id) => new Stack(app, id, { env }));
    new VoiceConnectorStreaming(consumer, 'Streaming', { voiceConnector: l1VoiceConnector(producer) });
    app.synth();
    expect(consumer.dependencies).toContain(producer);
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: VoiceConnectorStreaming.PROPERTY_INJECTION_ID,
      inject: (original: VoiceConnectorStreamingProps) => ({ dataRetention: Duration.hours(1), ...original }),
    });
    build(stack);
    Template.fromStack(stack).hasResourceProperties(TYPE, { DataRetentionInHours: 1 });
  });
});

describe('bad input', () => {
  test.each<[string, Props, string]>([
    ['fractional retention', { dataRetention: Duration.minutes(90) }, 'dataRetention: must be a whole number of hours from 0 to 2147483647, got 1.5 h; leave it out for 24 h'],
    ['four targets', { notificationTargets: ['SNS', 'SQS', 'EventBridge', 'SNS'] as NotificationTarget[] }, 'notificationTargets: at most 3 are possible, got 4; give each of EventBridge, SNS, SQS at most once'],
    ['a target twice', { notificationTargets: [NotificationTarget.SNS, NotificationTarget.SNS] }, 'notificationTargets[1]: SNS is given twice; give it once'],
    ['a target that is none', { notificationTargets: ['Pager' as NotificationTarget] }, 'notificationTargets[0]: must be one of EventBridge, SNS, SQS, got "Pager"'],
    ['media insights with the legacy namespace', { namespace: ChimeNamespace.CHIME, mediaInsights: { configurationArn: INSIGHTS } },
      'mediaInsights: the legacy namespace does not know them, got them with namespace CHIME; leave them out, or leave the namespace out for CHIME_SDK'],
    ['insights that are no ARN', { mediaInsights: { configurationArn: 'calls' } }, 'mediaInsights.configurationArn: must be the ARN of a media insights pipeline configuration (arn:…:chime:REGION:ACCOUNT:media-insights-pipeline-configuration/NAME), at most 1024 characters, got "calls"'],
    ['SNAPSHOT', { removalPolicy: RemovalPolicy.SNAPSHOT }, 'removalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN'],
  ])('%s', (_, props, message) => {
    expect(problem(() => build(newStack(), props)).split('\n  ')).toContain(`[Stack/Streaming] ${message}`);
  });

  test('negative retention cannot even be said', () => {
    expect(() => build(newStack(), { dataRetention: Duration.hours(-1) })).toThrow();
  });

  test('all findings in one error', () => {
    expect(problem(() => build(newStack(), {
      dataRetention: Duration.minutes(90), notificationTargets: [NotificationTarget.SNS, NotificationTarget.SNS], mediaInsights: { configurationArn: 'calls' },
    })).split('\n')).toHaveLength(3);
  });

  test.each(['trunk', 'ABCDEFGHIJKLMNOPQRSTUV', `${ID}x`])('the id %s', (id) => {
    expect(() => VoiceConnector.fromVoiceConnectorId(newStack(), 'Connector', id))
      .toThrow(`[Stack/Connector] voiceConnectorId: must be 21 or 22 letters and digits in lower case, or a UUID, got "${id}"; it stands in the console, and at the end of the ARN`);
  });

  test.each(['arn:aws:chime:us-east-1:123456789012:vc/Trunk', 'arn:aws:s3:::bucket', ID])('the ARN %s', (arn) => {
    expect(() => VoiceConnector.fromVoiceConnectorArn(newStack(), 'Connector', arn)).toThrow('[Stack/Connector] voiceConnector');
  });

  test('legacy in another region', () => {
    const stack = newStack();
    const voiceConnector = VoiceConnector.fromVoiceConnectorArn(stack, 'Connector', ARN.replace('us-east-1', 'eu-west-1'));
    expect(problem(() => new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector, namespace: ChimeNamespace.CHIME })))
      .toBe('[Stack/Streaming] namespace: CHIME has an endpoint in us-east-1 only, got a voice connector in eu-west-1; leave it out for CHIME_SDK');
  });

  test('a region without the service warns, and names those that have it', () => {
    const stack = newStack();
    new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: VoiceConnector.fromVoiceConnectorArn(stack, 'Connector', ARN.replace('us-east-1', 'eu-north-1')) });
    Annotations.fromStack(stack).hasWarning('/Stack/Streaming', Match.stringLikeRegexp('not known to be in eu-north-1; it is in ap-northeast-1, .*us-west-2'));
  });

  const twice = 'configures this voice connector already, and it can have only one streaming configuration; remove one of the two';

  test('two constructs on one voice connector in an app, by id and by ARN', () => {
    const app = new App();
    build(newStack({ env }, 'One', app));
    expect(problem(() => build(newStack({ env }, 'Two', app)))).toBe(`[Two/Streaming] voiceConnector: One/Streaming ${twice}`);
  });

  test('two constructs on one voice connector of the stack', () => {
    const stack = newStack();
    const voiceConnector = l1VoiceConnector(stack);
    new VoiceConnectorStreaming(stack, 'One', { voiceConnector });
    expect(problem(() => new VoiceConnectorStreaming(stack, 'Two', { voiceConnector }))).toBe(`[Stack/Two] voiceConnector: Stack/One ${twice}`);
  });

  test('the same logical id in two stacks is no finding', () => {
    const app = new App();
    const [one, two] = ['One', 'Two'].map((id) => l1VoiceConnector(newStack({ env }, id, app)));
    const stack = newStack({ env }, 'Stack', app);
    new VoiceConnectorStreaming(stack, 'First', { voiceConnector: one });
    expect(() => new VoiceConnectorStreaming(stack, 'Second', { voiceConnector: two })).not.toThrow();
  });

  test('one voice connector by id and by ARN', () => {
    const stack = newStack({ env });
    build(stack);
    const voiceConnector = VoiceConnector.fromVoiceConnectorId(stack, 'Same', ID);
    expect(problem(() => new VoiceConnectorStreaming(stack, 'Second', { voiceConnector }))).toBe(`[Stack/Second] voiceConnector: Stack/Streaming ${twice}`);
  });

  test('a voice connector of another account', () => {
    const stack = newStack({ env: { ...env, account: '210987654321' } });
    expect(problem(() => build(stack))).toBe(`[Stack/Streaming] voiceConnector: must be in the stack's own account (210987654321), got ${ARN}; create the stack there`);
  });

  test('the same id in two stacks whose account is not known is no finding', () => {
    const app = new App();
    for (const id of ['One', 'Two']) {
      const stack = newStack({}, id, app);
      new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'Connector', ID) });
    }
    expect(() => app.synth()).not.toThrow();
  });
});

describe('permissions', () => {
  const policies = (props: Props) => Object.entries(template(props).findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith('CdkRtcVoice'))
    .map(([id, { Properties }]) => [id.slice('CdkRtc'.length, -'Policy01234567'.length), Properties.PolicyDocument.Statement] as const);
  const arn = (service: string, resource: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:${service}:*:`, { Ref: 'AWS::AccountId' }, `:${resource}`]] });

  test('are on any voice connector of the account, and the same for all properties', () => {
    const [[kind, statements]] = policies({});
    expect(kind).toBe('VoiceConnectorStreaming');
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Resource: arn('chime', 'vc/*'),
        Action: [
          'chime:DeleteVoiceConnectorStreamingConfiguration', 'chime:GetVoiceConnectorStreamingConfiguration', 'chime:ListTagsForResource',
          'chime:PutVoiceConnectorStreamingConfiguration', 'chime:TagResource', 'chime:UntagResource',
        ],
      },
      {
        Effect: 'Allow',
        Action: 'iam:CreateServiceLinkedRole',
        Condition: { StringEquals: { 'iam:AWSServiceName': 'voiceconnector.chime.amazonaws.com' } },
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':role/aws-service-role/voiceconnector.chime.amazonaws.com/AWSServiceRoleForAmazonChimeVoiceConnector']] },
      },
    ]);
    const others = {
      enabled: false, dataRetention: Duration.hours(1), namespace: ChimeNamespace.CHIME, notificationTargets: [NotificationTarget.EVENT_BRIDGE],
    };
    expect(policies(others)).toEqual([[kind, statements]]);
  });

  test.each([NotificationTarget.SNS, NotificationTarget.SQS])('for topics and queues come with a target %s', (target) => {
    expect(policies({ notificationTargets: [target] }).slice(1)).toEqual([['VoiceConnectorStreamingTargets', [
      { Effect: 'Allow', Action: ['sns:CreateTopic', 'sns:GetTopicAttributes'], Resource: arn('sns', 'ChimeVoiceConnector-Streaming*') },
      { Effect: 'Allow', Action: ['sqs:CreateQueue', 'sqs:GetQueueAttributes'], Resource: arn('sqs', 'ChimeVoiceConnector-Streaming*') },
    ]]]);
  });

  test('for insights come with insights', () => {
    expect(policies({ mediaInsights: { configurationArn: INSIGHTS } }).slice(1)).toEqual([['VoiceConnectorStreamingInsights', [
      { Effect: 'Allow', Action: ['chime:GetMediaInsightsPipelineConfiguration', 'chime:PutVoiceConnectorStreamingConfiguration'], Resource: arn('chime', 'media-insights-pipeline-configuration/*') },
    ]]]);
  });

  test('outlive what needs them', () => {
    const synthesised = template({ notificationTargets: [NotificationTarget.SNS], mediaInsights: { configurationArn: INSIGHTS } });
    const { DependsOn } = Object.values(synthesised.findResources(TYPE))[0];
    for (const kind of ['VoiceConnectorStreaming', 'VoiceConnectorStreamingTargets', 'VoiceConnectorStreamingInsights']) {
      expect(DependsOn).toContainEqual(expect.stringMatching(`^CdkRtc${kind}Policy[0-9A-F]{8}$`));
    }
    expect(DependsOn).toHaveLength(3);
  });

  test('with everything the stack stays within 15 shared resources', () => {
    const all = template({ notificationTargets: [NotificationTarget.SNS], mediaInsights: { configurationArn: INSIGHTS } }).toJSON().Resources;
    expect(Object.values(all).filter((resource: any) => resource.Type !== TYPE)).toHaveLength(15);
  });
});

describe('grants', () => {
  test('readMedia: the streams of this voice connector and no others', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    build(stack).grants.readMedia(role);
    const policy = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).find(([id]) => id.startsWith('Role'))![1];
    expect(policy.Properties.PolicyDocument.Statement).toEqual([{
      Effect: 'Allow',
      Action: ['kinesisvideo:DescribeStream', 'kinesisvideo:GetClip', 'kinesisvideo:GetDataEndpoint', 'kinesisvideo:GetMedia', 'kinesisvideo:GetMediaForFragmentList', 'kinesisvideo:ListFragments'],
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:kinesisvideo:us-east-1:123456789012:stream/ChimeVoiceConnector-${ID}-*/*`]] },
    }]);
  });

  test('readMedia of an L1', () => {
    const stack = newStack({ env });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    VoiceConnectorStreamingGrants.fromVoiceConnector(l1VoiceConnector(stack)).readMedia(role);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain('stream/ChimeVoiceConnector-",{"Fn::Select":[1,{"Fn::Split":["/",{"Ref":"Connector"}]}]},"-*/*"');
  });
});

describe('events', () => {
  const handler = (stack: Stack) => new lambda.Function(stack, 'Handler', { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('//') });

  test('a rule for all, or for some', () => {
    const stack = newStack();
    const streaming = build(stack);
    streaming.onStreamingStatus('All', { target: new targets.LambdaFunction(handler(stack)) });
    streaming.onStreamingStatus('Some', { status: [StreamingStatus.STARTED, StreamingStatus.FAILED], description: 'calls' });
    const voiceConnectorId = [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^Streaming'), 'VoiceConnectorId'] }];
    const pattern = { 'source': ['aws.chime'], 'detail-type': ['Chime VoiceConnector Streaming Status'] };
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', { EventPattern: { ...pattern, detail: { voiceConnectorId } }, Targets: [Match.anyValue()] });
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', { Description: 'calls', EventPattern: { ...pattern, detail: { voiceConnectorId, streamingStatus: ['STARTED', 'FAILED'] } } });
  });

  test('onEvent is a rule for every event of the voice connector, and an event pattern narrows it', () => {
    const stack = newStack();
    const streaming = build(stack);
    streaming.onEvent('All', { target: new targets.LambdaFunction(handler(stack)) });
    streaming.onEvent('Some', { description: 'some', eventPattern: { detailType: ['Another Event'], detail: { direction: ['Outbound'] } } });
    const voiceConnectorId = [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^Streaming'), 'VoiceConnectorId'] }];
    const synthesised = Template.fromStack(stack);
    synthesised.hasResourceProperties('AWS::Events::Rule', { EventPattern: { source: ['aws.chime'], detail: { voiceConnectorId } }, Targets: [Match.anyValue()] });
    synthesised.hasResourceProperties('AWS::Events::Rule', {
      Description: 'some', EventPattern: { 'source': ['aws.chime'], 'detail-type': ['Another Event'], 'detail': { voiceConnectorId, direction: ['Outbound'] } },
    });
  });

  test('onEvent adds EventBridge to the notification targets, and a note says so', () => {
    const stack = newStack();
    build(stack).onEvent('Rule');
    expect(targetsOf(stack)).toEqual(['EventBridge']);
    Annotations.fromStack(stack).hasInfo('/Stack/Streaming', Match.stringLikeRegexp('^notificationTargets: EventBridge is added because onEvent was called'));
  });

  test('onEvent of an imported configuration adds a note that asks to check the targets', () => {
    const stack = newStack({ env });
    VoiceConnectorStreaming.fromVoiceConnectorArn(stack, 'Streaming', ARN).onEvent('Rule');
    Annotations.fromStack(stack).hasInfo('/Stack/Streaming', Match.stringLikeRegexp('^onEvent: the imported streaming configuration is not changed'));
  });

  test('onEvent in another region than the events\' fails', () => {
    const streaming = build(newStack({ env: { ...env, region: 'eu-west-1' } }));
    expect(() => streaming.onEvent('Rule')).toThrow('[Stack/Streaming] onEvent: the events come in us-east-1, the rule Rule would be in eu-west-1; give crossStackScope a stack of us-east-1');
  });

  const added = 'notificationTargets: EventBridge is added because onStreamingStatus was called [ack: cdk-rtc:VoiceConnectorStreaming.eventBridge]';
  const targetsOf = (stack: Stack) => Object.values(Template.fromStack(stack).findResources(TYPE))[0].Properties.NotificationTargets;

  test.each<[string, NotificationTarget[] | undefined, string[]]>([
    ['the only target', undefined, ['EventBridge']],
    ['one more target', [NotificationTarget.SNS, NotificationTarget.SQS], ['SNS', 'SQS', 'EventBridge']],
  ])('rules add EventBridge once, as %s, and a note says so', (_, notificationTargets, expected) => {
    const stack = newStack();
    const streaming = build(stack, { notificationTargets });
    streaming.onStreamingStatus('One');
    streaming.onStreamingStatus('Two');
    expect(targetsOf(stack)).toEqual(expected);
    expect(Annotations.fromStack(stack).findInfo('/Stack/Streaming', Match.anyValue()).map(({ entry }) => entry.data)).toEqual([added]);
  });

  test('the drift monitor expects the added target', () => {
    const stack = newStack();
    new RtcDriftMonitor(stack, 'Monitor');
    build(stack).onStreamingStatus('Rule');
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::Scheduler::Schedule'));
    expect(JSON.stringify(Properties.Target.Input).replaceAll('\\', '')).toContain('"NotificationTargets":["EventBridge"]');
  });

  test('a target that was given is not added, without a note', () => {
    const stack = newStack();
    build(stack, { notificationTargets: [NotificationTarget.EVENT_BRIDGE] }).onStreamingStatus('Rule');
    expect(targetsOf(stack)).toEqual(['EventBridge']);
    Annotations.fromStack(stack).hasNoInfo('/Stack/Streaming', Match.anyValue());
  });

  test.each<[string, (stack: Stack) => NotificationTarget[], unknown]>([
    ['one of them', (stack) => [NotificationTarget.SNS, new CfnParameter(stack, 'Target').valueAsString as NotificationTarget], ['SNS', { Ref: 'Target' }]],
    ['all of them', (stack) => new CfnParameter(stack, 'Targets', { type: 'CommaDelimitedList' }).valueAsList as NotificationTarget[], { Ref: 'Targets' }],
  ])('targets known only at deployment, %s, stay as they are, and a note asks to check them', (_, given, expected) => {
    const stack = newStack();
    build(stack, { notificationTargets: given(stack) }).onStreamingStatus('Rule');
    expect(targetsOf(stack)).toEqual(expected);
    Annotations.fromStack(stack).hasInfo('/Stack/Streaming', Match.stringLikeRegexp('^onStreamingStatus: notificationTargets are known only at deployment, so EventBridge is not added'));
  });

  test('of an imported configuration a note asks to check the targets', () => {
    const stack = newStack({ env });
    VoiceConnectorStreaming.fromVoiceConnectorArn(stack, 'Streaming', ARN).onStreamingStatus('Rule');
    Annotations.fromStack(stack).hasInfo('/Stack/Streaming', Match.stringLikeRegexp('^onStreamingStatus: the imported streaming configuration is not changed'));
  });

  test('a rule in another region than the events\' fails', () => {
    const stack = newStack({ env: { ...env, region: 'eu-west-1' } });
    const streaming = build(stack);
    expect(() => streaming.onStreamingStatus('Rule')).toThrow('[Stack/Streaming] onStreamingStatus: the events come in us-east-1, the rule Rule would be in eu-west-1; give crossStackScope a stack of us-east-1');
  });
});

describe('metrics', () => {
  test('have the namespace and dimension of the service', () => {
    const stack = newStack();
    const streaming = build(stack);
    const summary = ({ namespace, metricName, statistic, dimensions }: ReturnType<typeof streaming.metric>) =>
      stack.resolve({ namespace, metricName, statistic, dimensions });
    const expected = (metricName: string, statistic: string) => ({
      namespace: 'AWS/ChimeVoiceConnector', metricName, statistic, dimensions: { VoiceConnectorId: { 'Fn::GetAtt': [expect.any(String), 'VoiceConnectorId'] } },
    });
    expect(summary(streaming.metricInboundCallsActive())).toEqual(expected('InboundCallsActive', 'Maximum'));
    expect(summary(streaming.metricOutboundCallsActive())).toEqual(expected('OutboundCallsActive', 'Maximum'));
    expect(summary(streaming.metricInboundCallFailures())).toEqual(expected('InboundCallFailures', 'Sum'));
    expect(summary(streaming.metricOutboundCallFailures())).toEqual(expected('OutboundCallFailures', 'Sum'));
    expect(summary(streaming.metricThrottles())).toEqual(expected('Throttles', 'Sum'));
  });

  test('are read in the region of the voice connector', () => {
    expect(build(newStack({ env: { ...env, region: 'eu-west-1' } })).metric('Throttles').region).toBe('us-east-1');
  });
});

describe('imports', () => {
  test('a voice connector by id, in the stack\'s region or another', () => {
    const stack = newStack();
    const arn = (region: unknown) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...region === undefined ? [':chime:', { Ref: 'AWS::Region' }, ':'] : [`:chime:${region}:`], { Ref: 'AWS::AccountId' }, `:vc/${ID}`]] });
    expect(stack.resolve(VoiceConnector.fromVoiceConnectorId(stack, 'Here', ID).voiceConnectorRef)).toEqual({ voiceConnectorArn: arn(undefined) });
    expect(stack.resolve(VoiceConnector.fromVoiceConnectorId(stack, 'There', ID, 'eu-west-1').voiceConnectorRef)).toEqual({ voiceConnectorArn: arn('eu-west-1') });
  });

  test('a streaming configuration by the ARN of its voice connector', () => {
    const stack = newStack({ env });
    const streaming = VoiceConnectorStreaming.fromVoiceConnectorArn(stack, 'Streaming', ARN);
    expect(streaming).toMatchObject({ voiceConnectorId: ID, env: { region: 'us-east-1' } });
    streaming.onStreamingStatus('Rule');
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', { EventPattern: Match.objectLike({ detail: { voiceConnectorId: [ID] } }) });
  });

  test('by an ARN that is a token', () => {
    const stack = newStack();
    expect(stack.resolve(VoiceConnectorStreaming.fromVoiceConnectorArn(stack, 'Streaming', Fn.importValue('Arn')).voiceConnectorId))
      .toEqual({ 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::ImportValue': 'Arn' }] }] });
  });
});

test('synthesises with all recommended feature flags', () => {
  const stack = new Stack(new App({ context: recommendedFlags }), 'Stack', { env });
  build(stack, { mediaInsights: { configurationArn: `arn:${Aws.PARTITION}:chime:us-east-1:123456789012:media-insights-pipeline-configuration/calls` } });
  Template.fromStack(stack).resourceCountIs(TYPE, 1);
});

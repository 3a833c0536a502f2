import { App, type CfnResource, NestedStack, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as eventSources from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { generatedName, ownerOf } from '../../lambda/engine/ownership';
import { ChimeMeetingPool, ChimeNamespace, type MeetingNotifications } from '../../src';
import { notifiedPrincipalOf } from '../../src/chime-sdk-meetings/private/notified-principal';
import { problem } from '../problem';

const TYPE = 'Custom::RtcChimeMeetingPool';
const env = { account: '123456789012', region: 'us-east-1' };

const newStack = (id = 'Stack', app = new App()) => new Stack(app, id, { env });
const newFunction = (stack: Stack, props: Partial<lambda.FunctionProps> = {}) => new lambda.Function(stack, 'Handler', {
  runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('//'), ...props,
});
const newPool = (stack: Stack, notifications: MeetingNotifications, id = 'Rooms') => new ChimeMeetingPool(stack, id, { size: 1, notifications });
/** The assertions of the AWS CDK refuse a template with a cycle. */
const synthesised = (stack: Stack) => Template.fromStack(stack);
const dependenciesOf = (stack: Stack): string[] => Object.values(synthesised(stack).findResources(TYPE))[0].DependsOn;
const wayOut = 'notify a topic or a queue from which the function takes its events, or use onMeetingEvent';

describe('a notified function', () => {
  test('manages attendees, ends meetings, and is the target of rules', () => {
    const stack = newStack();
    const handler = newFunction(stack);
    const pool = newPool(stack, { lambdaFunction: handler });
    pool.grants.manageAttendees(handler);
    pool.grants.endMeetings(handler);
    pool.onMeetingEvent('Rule', { target: new targets.LambdaFunction(handler) });
    expect(dependenciesOf(stack)).toContainEqual(expect.stringMatching('^HandlerCdkRtcNotifications'));
  });

  test('also by an alias', () => {
    const stack = newStack();
    const handler = newFunction(stack);
    const alias = handler.addAlias('live');
    const pool = newPool(stack, { lambdaFunction: alias });
    pool.grants.manageAttendees(alias);
    pool.grants.endMeetings(handler);
    pool.onMeetingEvent('Rule', { target: new targets.LambdaFunction(alias) });
    synthesised(stack).hasResourceProperties(TYPE, { Notifications: { LambdaFunctionArn: { Ref: Match.stringLikeRegexp('^HandlerAliaslive') } } });
  });

  test('with a role of its own', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const pool = newPool(stack, { lambdaFunction: newFunction(stack, { role }) });
    pool.grants.manageAttendees(role);
    expect(() => synthesised(stack)).not.toThrow();
  });

  test('in another stack than the pool', () => {
    const app = new App();
    const handler = newFunction(newStack('Handlers', app));
    const stack = newStack('Pools', app);
    newPool(stack, { lambdaFunction: handler }).grants.manageAttendees(handler);
    app.synth();
    expect(stack.dependencies).toEqual([handler.stack]);
  });

  test('the grant stands on the stack and the beginning of the pool\'s name', () => {
    const stack = newStack();
    const handler = newFunction(stack);
    newPool(stack, { lambdaFunction: handler }).grants.manageAttendees(handler);
    const statement = (StringLike: unknown) => ({
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Condition: { StringLike } })]) },
    });
    synthesised(stack).hasResourceProperties('AWS::IAM::Policy', statement({
      'aws:ResourceTag/cdk-rtc:stack': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudformation:us-east-1:123456789012:stack/Stack/*']] },
      'aws:ResourceTag/cdk-rtc:pool': Match.stringLikeRegexp('^Stack-Rooms[0-9A-F]+-\\*$'),
    }));
  });

  test.each(['Stack', 'AStackWithAVeryLongNameOfItsOwn'])('the name that the handler generates begins so: %s', (stackName) => {
    const stack = newStack(stackName);
    const pool = newPool(stack, { lambdaFunction: newFunction(stack) });
    const LogicalResourceId = stack.resolve((pool.node.findChild('Resource') as CfnResource).logicalId);
    const owner = ownerOf({ StackId: `arn:aws:cloudformation:us-east-1:123456789012:stack/${stackName}/uuid`, LogicalResourceId, RequestId: 'request' });
    const pattern: string = stack.resolve(notifiedPrincipalOf(pool)!.poolNamePattern);
    expect(pattern.endsWith('-*')).toBe(true);
    expect(generatedName(owner, 47).name.startsWith(pattern.slice(0, -1))).toBe(true);
  });

  test('in a nested stack, whose name is known only at deployment', () => {
    const stack = new NestedStack(newStack(), 'Nested');
    const handler = newFunction(stack);
    newPool(stack, { lambdaFunction: handler }).grants.manageAttendees(handler);
    expect(JSON.stringify(synthesised(stack).findResources('AWS::IAM::Policy'))).toContain('"aws:ResourceTag/cdk-rtc:pool":"*"');
  });

  test('other grantees keep the name of the pool', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    newPool(stack, { lambdaFunction: newFunction(stack) }).grants.manageAttendees(role);
    synthesised(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Condition: { StringEquals: { 'aws:ResourceTag/cdk-rtc:pool': { 'Fn::GetAtt': [Match.anyValue(), 'PoolName'] } } } })] },
    });
  });

  test.each<[string, (pool: ChimeMeetingPool, handler: lambda.Function) => void, string]>([
    ['invokes checkout', (pool, handler) => pool.grants.checkout(handler), 'Stack/Handler → Stack/Handler/ServiceRole/DefaultPolicy → Stack/Rooms/Checkout → Stack/Rooms'],
    ['has the name of the pool in its environment', (pool, handler) => handler.addEnvironment('POOL', pool.poolName), 'Stack/Handler → Stack/Rooms'],
    ['has the name of the checkout function in its environment', (pool, handler) => handler.addEnvironment('CHECKOUT', pool.checkoutFunction.functionName),
      'Stack/Handler → Stack/Rooms/Checkout → Stack/Rooms'],
    ['waits for the pool', (pool, handler) => handler.node.addDependency(pool), 'Stack/Handler → Stack/Rooms'],
  ])('fails at synth if it %s', (_, use, path) => {
    const stack = newStack();
    const handler = newFunction(stack);
    use(newPool(stack, { lambdaFunction: handler }), handler);
    expect(problem(() => (stack.node.root as App).synth()))
      .toContain(`notifications.lambdaFunction: must not depend on the pool, which depends on it, got the cycle Stack/Rooms → ${path}; ${wayOut}`);
  });

  test('fails at synth by an alias, too', () => {
    const stack = newStack();
    const handler = newFunction(stack);
    newPool(stack, { lambdaFunction: handler.addAlias('live') }).grants.checkout(handler);
    expect(problem(() => (stack.node.root as App).synth())).toContain('must not depend on the pool, which depends on it, got the cycle Stack/Rooms → Stack/Handler/Aliaslive → ');
  });

  test.each<[string, (stack: Stack, handler: lambda.Function) => MeetingNotifications]>([
    ['a topic', (stack, handler) => {
      const snsTopic = new sns.Topic(stack, 'Topic');
      snsTopic.addSubscription(new subscriptions.LambdaSubscription(handler));
      return { snsTopic };
    }],
    ['a queue', (stack, handler) => {
      const sqsQueue = new sqs.Queue(stack, 'Queue');
      handler.addEventSource(new eventSources.SqsEventSource(sqsQueue));
      return { sqsQueue };
    }],
    ['onMeetingEvent', () => ({})],
  ])('the way out, %s, allows all of it', (_, notifications) => {
    const stack = newStack();
    const handler = newFunction(stack);
    const pool = newPool(stack, notifications(stack, handler));
    pool.onMeetingEvent('Rule', { target: new targets.LambdaFunction(handler) });
    pool.grants.checkout(handler);
    pool.grants.manageAttendees(handler);
    handler.addEnvironment('POOL', pool.poolName);
    expect(() => synthesised(stack)).not.toThrow();
  });
});

describe('one target for notifications and for a rule', () => {
  test('a queue: its policy depends on the rule, so the pool does not wait for the policy', () => {
    const stack = newStack();
    const sqsQueue = new sqs.Queue(stack, 'Queue');
    newPool(stack, { sqsQueue }).onMeetingEvent('Rule', { target: new targets.SqsQueue(sqsQueue) });
    expect(dependenciesOf(stack)).not.toContainEqual(expect.stringMatching('^Queue'));
    synthesised(stack).hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: 'meetings.chime.amazonaws.com' } }), Match.objectLike({ Principal: { Service: 'events.amazonaws.com' } })]) },
    });
  });

  test('a dead-letter queue of a rule', () => {
    const stack = newStack();
    const sqsQueue = new sqs.Queue(stack, 'Queue');
    const rule = newPool(stack, { sqsQueue }).onMeetingEvent('Rule');
    rule.addTarget(new targets.LambdaFunction(newFunction(stack), { deadLetterQueue: sqsQueue }));
    expect(() => synthesised(stack)).not.toThrow();
  });

  test('a topic', () => {
    const stack = newStack();
    const snsTopic = new sns.Topic(stack, 'Topic');
    newPool(stack, { snsTopic }).onMeetingEvent('Rule', { target: new targets.SnsTopic(snsTopic) });
    expect(dependenciesOf(stack)).toContainEqual(expect.stringMatching('^TopicPolicy'));
  });

  test('a topic whose policy names the rule', () => {
    const stack = newStack();
    const snsTopic = new sns.Topic(stack, 'Topic');
    const rule = newPool(stack, { snsTopic }).onMeetingEvent('Rule', { target: new targets.SnsTopic(snsTopic) });
    snsTopic.addToResourcePolicy(new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [snsTopic.topicArn],
      conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
    }));
    expect(dependenciesOf(stack)).not.toContainEqual(expect.stringMatching('^TopicPolicy'));
  });

  test('a queue of its own is waited for', () => {
    const stack = newStack();
    const pool = newPool(stack, { sqsQueue: new sqs.Queue(stack, 'Queue') });
    pool.onMeetingEvent('Rule', { target: new targets.SqsQueue(new sqs.Queue(stack, 'Other')) });
    expect(dependenciesOf(stack)).toContainEqual(expect.stringMatching('^QueuePolicy'));
  });

  test('a queue of another stack', () => {
    const app = new App();
    const sqsQueue = new sqs.Queue(newStack('Queues', app), 'Queue');
    const stack = newStack('Pools', app);
    newPool(stack, { sqsQueue });
    app.synth();
    expect(stack.dependencies).toEqual([sqsQueue.stack]);
  });
});

test.each<[string, (stack: Stack) => MeetingNotifications]>([
  ['snsTopic', (stack) => ({ snsTopic: new sns.Topic(stack, 'Target') })],
  ['sqsQueue', (stack) => ({ sqsQueue: new sqs.Queue(stack, 'Target') })],
])('%s that depends on the pool fails at synth', (property, notifications) => {
  const stack = newStack();
  const pool = newPool(stack, notifications(stack));
  stack.node.findChild('Target').node.addDependency(pool.checkoutFunction);
  expect(problem(() => (stack.node.root as App).synth())).toContain(
    `notifications.${property}: must not depend on the pool, which depends on it, got the cycle Stack/Rooms → Stack/Target → Stack/Rooms/Checkout → Stack/Rooms; `);
});

test('grants in the legacy namespace refer to no pool', () => {
  const stack = newStack();
  const handler = newFunction(stack);
  const sqsQueue = new sqs.Queue(stack, 'Queue');
  const pool = new ChimeMeetingPool(stack, 'Rooms', { size: 1, namespace: ChimeNamespace.CHIME, notifications: { sqsQueue } });
  pool.grants.manageAttendees(handler);
  pool.onMeetingEvent('Rule', { target: new targets.SqsQueue(sqsQueue) });
  expect(() => synthesised(stack)).not.toThrow();
});

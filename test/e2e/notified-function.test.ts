import { CfnOutput, type Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { LocalDeployment } from './local-deployment';
import { ChimeMeetingPool } from '../../src';

let local: LocalDeployment;

beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
afterEach(() => {
  expect(local.meetings()).toEqual([]);
  local.emulator.reset();
});

/** Removes the only attendee of a meeting, and ends the meeting: the emulator judges both by the policies of the function's role. */
const ACTS_ON_MEETINGS = `
exports.handler = async ({ meetingId, attendeeId }) => {
  const authorization = 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/chime/aws4_request, SignedHeaders=host, Signature=' + '0'.repeat(64);
  const remove = async (path) => (await fetch(process.env.AWS_ENDPOINT_URL_CHIME_SDK_MEETINGS + path, { method: 'DELETE', headers: { authorization } })).status;
  return [await remove('/meetings/' + meetingId + '/attendees/' + attendeeId), await remove('/meetings/' + meetingId)];
};`;

const newFunction = (stack: Stack) => new lambda.Function(stack, 'Handler', {
  runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline(ACTS_ON_MEETINGS),
});

/** The function acts on a meeting of the pool. */
async function act(stackName: string, outputs: Record<string, string>): Promise<unknown> {
  const { Meeting, Attendees } = await local.cloud.invoke(outputs.Checkout, { externalUserIds: ['alice'] }) as any;
  const answer = await local.cloud.invoke(outputs.HandlerName, { meetingId: Meeting.MeetingId, attendeeId: Attendees[0].AttendeeId });
  expect(local.meetings().map(({ id }) => id)).not.toContain(Meeting.MeetingId);
  await local.destroyed(stackName);
  return answer;
}

const withOutputs = (stack: Stack, pool: ChimeMeetingPool, handler: lambda.IFunction) => {
  new CfnOutput(stack, 'Checkout', { value: pool.checkoutFunction.functionName });
  new CfnOutput(stack, 'HandlerName', { value: handler.functionName });
};

test.each([['itself', false], ['by an alias', true]])('a notified function, %s, acts on its pool and is the target of its rule, as are the notified queue and topic', async (_, byAlias) => {
  const stackName = byAlias ? 'NotifiedAlias' : 'Notified';
  const { outputs } = await local.deployed(stackName, (stack) => {
    const handler = newFunction(stack);
    const lambdaFunction = byAlias ? handler.addAlias('live') : handler;
    const [sqsQueue, snsTopic] = [new sqs.Queue(stack, 'Queue'), new sns.Topic(stack, 'Topic')];
    const pool = new ChimeMeetingPool(stack, 'Rooms', { size: 1, notifications: { lambdaFunction, sqsQueue, snsTopic } });
    pool.grants.manageAttendees(lambdaFunction);
    pool.grants.endMeetings(lambdaFunction);
    pool.onMeetingEvent('ToFunction', { target: new targets.LambdaFunction(lambdaFunction) });
    pool.onMeetingEvent('ToQueue', { target: new targets.SqsQueue(sqsQueue) });
    pool.onMeetingEvent('ToTopic', { target: new targets.SnsTopic(snsTopic) });
    withOutputs(stack, pool, handler);
  });
  expect(await act(stackName, outputs[stackName])).toEqual([204, 204]);
});

test('a function that subscribes to the notified topic also checks out, and knows its pool', async () => {
  const { outputs } = await local.deployed('Subscribed', (stack) => {
    const handler = newFunction(stack);
    const snsTopic = new sns.Topic(stack, 'Topic');
    snsTopic.addSubscription(new subscriptions.LambdaSubscription(handler));
    const pool = new ChimeMeetingPool(stack, 'Rooms', { size: 1, notifications: { snsTopic } });
    pool.grants.manageAttendees(handler);
    pool.grants.endMeetings(handler);
    pool.grants.checkout(handler);
    pool.onMeetingEvent('ToFunction', { target: new targets.LambdaFunction(handler) });
    handler.addEnvironment('POOL', pool.poolName);
    handler.addEnvironment('CHECKOUT', pool.checkoutFunction.functionName);
    withOutputs(stack, pool, handler);
  });
  expect(await act('Subscribed', outputs.Subscribed)).toEqual([204, 204]);
});

test('a cycle fails before anything is deployed, and the error names the way out', async () => {
  const calls = local.emulator.calls.length;
  await expect(local.deploy('Cycle', (stack) => {
    const handler = newFunction(stack);
    new ChimeMeetingPool(stack, 'Rooms', { size: 1, notifications: { lambdaFunction: handler } }).grants.checkout(handler);
  })).rejects.toThrow('notify a topic or a queue from which the function takes its events, or use onMeetingEvent');
  expect(local.emulator.calls).toHaveLength(calls);
});

import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { LocalDeployment } from './local-deployment';
import { IngestConfiguration, RealTimeStage, RtcDriftMonitor, SignalingChannel } from '../../src';
import { eventually } from '../eventually';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());

const watched = (ttl = 60) => (stack: Stack) => {
  const queue = new sqs.Queue(stack, 'Queue');
  new SignalingChannel(stack, 'Front', { messageTtl: Duration.seconds(ttl) });
  new SignalingChannel(stack, 'Back');
  const stage = new RealTimeStage(stack, 'Show');
  const encoder = new IngestConfiguration(stack, 'Encoder', { stage, forceUpdateNonce: `${ttl}` });
  const moderator = new iam.Role(stack, 'Moderator', { assumedBy: new iam.AccountRootPrincipal() });
  stage.grants.disconnectParticipant(moderator);
  new CfnOutput(stack, 'StageArn', { value: stage.stageArn });
  new CfnOutput(stack, 'ParticipantId', { value: encoder.participantId });
  new CfnOutput(stack, 'ModeratorArn', { value: moderator.roleArn });
  const monitor = new RtcDriftMonitor(stack, 'DriftMonitor', { schedule: scheduler.ScheduleExpression.rate(Duration.minutes(1)) });
  monitor.onDriftDetected('Drift', { target: new targets.SqsQueue(queue) });
  new CfnOutput(stack, 'QueueUrl', { value: queue.queueUrl });
};

/** The next event in the queue. */
async function nextEvent(QueueUrl: string): Promise<any> {
  const { env, region, url } = local.cloud;
  return eventually(async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'authorization': `AWS4-HMAC-SHA256 Credential=${env.AWS_ACCESS_KEY_ID}/20260101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.ReceiveMessage',
      },
      body: JSON.stringify({ QueueUrl }),
    });
    const { Messages: [message] = [] } = await response.json() as { Messages?: { Body: string }[] };
    return message && JSON.parse(message.Body);
  }, 500);
}

test('out-of-band changes are reported as events, from the input of the schedule; the next deployment corrects them', async () => {
  const { outputs } = await local.deployed('Watched', watched());
  const front = local.channels().find(({ name }) => name.includes('Front'))!;
  local.emulator.edit({ service: 'kinesisvideo', resource: front.arn, messageTtlSeconds: 5 });
  // An ordinary call of an application: the moderator disconnects the live encoder, and the service detaches its configuration from the stage.
  const { StageArn: stageArn, ParticipantId: participantId, ModeratorArn, QueueUrl } = outputs.Watched;
  const [encoder] = local.ingestConfigurations();
  local.emulator.edit({ service: 'ivs-realtime', resource: encoder.arn, state: 'ACTIVE' });
  const moderator = await local.assume(ModeratorArn);
  expect(await local.call(moderator, 'ivs-realtime', 'ivs', '/DisconnectParticipant', { stageArn, participantId, reason: 'off topic' })).toEqual({ status: 200, body: {} });
  const calls = local.emulator.calls.length;

  const events: any[] = [];
  const eventOf = (logicalId: string) => events.find(({ detail }) => detail.logicalResourceId.startsWith(logicalId));
  while (!eventOf('Encoder') || !eventOf('Front')) events.push(await nextEvent(QueueUrl));
  expect(eventOf('Encoder').detail).toMatchObject({
    physicalResourceId: encoder.arn,
    resourceType: 'Custom::RtcIngestConfiguration',
    driftStatus: 'MODIFIED',
    propertyDifferences: expect.arrayContaining([{
      propertyPath: '/StageArn',
      expectedValue: stageArn,
      actualValue: 'none',
      possibleCause: 'DisconnectParticipant of the encoder, or the deletion of the stage',
    }]),
  });
  expect(eventOf('Front')).toMatchObject({
    'source': 'cdk-rtc',
    'detail-type': 'RTC Resource Drift',
    'detail': {
      logicalResourceId: expect.stringMatching(/^Front/),
      physicalResourceId: front.arn,
      resourceType: 'Custom::RtcSignalingChannel',
      driftStatus: 'MODIFIED',
      propertyDifferences: [{ propertyPath: '/MessageTtlSeconds', expectedValue: '60', actualValue: '5' }],
    },
  });
  const reads = new Set(['DescribeSignalingChannel', 'ListTagsForResource', 'DescribeMediaStorageConfiguration', 'GetIngestConfiguration', 'GetStage']);
  const since = () => local.emulator.calls.slice(calls);
  const operations = () => new Set(since().map(({ operation }) => operation));
  // The check that found the changes can have made its first calls before `calls` was counted. The next check makes all of them.
  await eventually(() => operations().size >= reads.size);
  expect(since().filter(({ mutated }) => mutated)).toEqual([]);
  expect(operations()).toEqual(reads);
  await local.deployed('Watched', watched(45));
  expect(local.channels().map(({ messageTtlSeconds }) => messageTtlSeconds).sort()).toEqual([45, 60]);
  expect(local.ingestConfigurations().map((one) => one.stageArn)).toEqual([stageArn]);
  await local.destroyed('Watched');
  expect({ left: [...local.channels(), ...local.ingestConfigurations()], denied: local.denied() }).toEqual({ left: [], denied: [] });
});

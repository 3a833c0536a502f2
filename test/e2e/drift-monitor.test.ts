import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { LocalDeployment } from './local-deployment';
import { RtcDriftMonitor, SignalingChannel } from '../../src';
import { eventually } from '../eventually';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());

const channels = (ttl = 60) => (stack: Stack) => {
  const queue = new sqs.Queue(stack, 'Queue');
  new SignalingChannel(stack, 'Front', { messageTtl: Duration.seconds(ttl) });
  new SignalingChannel(stack, 'Back');
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

test('an out-of-band change is reported as an event, from the input of the schedule; the next deployment corrects it', async () => {
  const { outputs } = await local.deployed('Watched', channels());
  const front = local.channels().find(({ name }) => name.includes('Front'))!;
  const calls = local.emulator.calls.length;
  local.emulator.edit({ service: 'kinesisvideo', resource: front.arn, messageTtlSeconds: 5 });
  expect(await nextEvent(outputs.Watched.QueueUrl)).toMatchObject({
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
  const since = local.emulator.calls.slice(calls);
  expect(since.filter(({ mutated }) => mutated)).toEqual([]);
  expect(new Set(since.map(({ operation }) => operation))).toEqual(new Set(['DescribeSignalingChannel', 'ListTagsForResource', 'DescribeMediaStorageConfiguration']));
  await local.deployed('Watched', channels(45));
  expect(local.channels().map(({ messageTtlSeconds }) => messageTtlSeconds).sort()).toEqual([45, 60]);
  await local.destroyed('Watched');
  expect({ left: local.channels(), denied: local.denied() }).toEqual({ left: [], denied: [] });
});

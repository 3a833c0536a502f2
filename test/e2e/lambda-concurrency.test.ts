import { Duration, type Stack } from 'aws-cdk-lib';
import { LocalDeployment } from './local-deployment';
import { RtcProvider, SignalingChannel } from '../../src';
import { eventually } from '../eventually';

/** That of many new accounts. */
const QUOTA = 10;
/** What the documentation says for it. */
const MAX_CONCURRENCY = 4;

let local: LocalDeployment;
let unfinished: Promise<unknown> | undefined;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(async () => {
  await local?.stop();
  await unfinished;
});
// CloudFormation starts whatever its dependencies allow.
beforeEach(() => local.cloud.configure({ lambdaConcurrency: QUOTA, customResourceConcurrency: 100 }));

const channels = (count: number, maxConcurrency?: number, messageTtl = 60) => (stack: Stack) => {
  if (maxConcurrency !== undefined) RtcProvider.configure(stack, { maxConcurrency });
  for (let index = 0; index < count; index += 1) new SignalingChannel(stack, `Channel${index}`, { messageTtl: Duration.seconds(messageTtl) });
};

test('40 channels are created, updated and deleted in an account with a quota of 10 concurrent executions', async () => {
  await local.deployed('Limited', channels(40, MAX_CONCURRENCY));
  expect(local.channels().map(({ status }) => status)).toEqual(Array(40).fill('ACTIVE'));
  await local.deployed('Limited', channels(40, MAX_CONCURRENCY, 90));
  expect(local.channels().map(({ messageTtlSeconds }) => messageTtlSeconds)).toEqual(Array(40).fill(90));
  await local.destroyed('Limited');
  expect(local.channels()).toEqual([]);

  const requests = await local.cloud.customResources({ stackName: 'Limited' });
  expect(requests.map(({ requestType, outcome }) => `${requestType} ${outcome}`).sort()).toEqual(
    ['Create SUCCESS', 'Delete SUCCESS', 'Update SUCCESS'].flatMap((request) => Array(40).fill(request)));
  for (const { sentAt } of requests) {
    const inFlight = requests.filter((other) => other.sentAt <= sentAt && sentAt < other.endedAt!);
    expect(inFlight.length).toBeLessThanOrEqual(MAX_CONCURRENCY);
  }
  expect((await local.cloud.lambdaConcurrency()).peak).toBeLessThanOrEqual(QUOTA);
});

test('without the limit, the same account refuses to run the functions of 12 channels', async () => {
  // Not waited for: a request whose functions were all refused has no answer, so the resource fails only with its ServiceTimeout.
  unfinished = local.deploy('Unlimited', channels(12)).catch(() => undefined);
  await eventually(async () => (await local.cloud.lambdaConcurrency()).throttled > 0);
});

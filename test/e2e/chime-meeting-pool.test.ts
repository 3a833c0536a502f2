import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { failsAfter, LocalDeployment } from './local-deployment';
import type { CheckedOut, CheckoutErrorResponse } from '../../lambda/chime-sdk-meetings/meeting-pool/checkout';
import { joinTokens } from '../../local/emulator';
import { ChimeMeetingPool, type ChimeMeetingPoolProps, ChimeNamespace, ContentMaxResolution } from '../../src';
import { eventually } from '../eventually';

let local: LocalDeployment;
/** Of all that were given out; answers of checkout are theirs who asked, and not kept. */
const tokens = new Set<string>();

beforeAll(async () => {
  local = await LocalDeployment.start({}, { POWERTOOLS_LOG_LEVEL: 'DEBUG', AWS_LAMBDA_LOG_LEVEL: 'DEBUG', POWERTOOLS_LOGGER_LOG_EVENT: 'true' });
});
afterAll(() => local?.stop());
// Each test leaves no meeting behind and meets no refusal.
afterEach(async () => {
  joinTokens(local.emulator).forEach((token) => tokens.add(token));
  local.written.push(local.emulator.calls, local.emulator.state(), await local.cloud.customResources());
  local.assertNothingLeft([...local.meetings(), ...local.meetings('chime')].map(({ externalMeetingId }) => externalMeetingId));
});

type Props = Partial<ChimeMeetingPoolProps>;

const rooms = (props: Props = {}, also: (stack: Stack, pool: ChimeMeetingPool) => void = () => {}) => (stack: Stack) => {
  const pool = new ChimeMeetingPool(stack, 'Rooms', { size: 3, ...props });
  new CfnOutput(stack, 'Checkout', { value: pool.checkoutFunction.functionName });
  new CfnOutput(stack, 'PoolName', { value: pool.poolName });
  also(stack, pool);
};
const failing = (props: Props = {}) => rooms(props, (stack, pool) => failsAfter(stack, pool));
const failed = async (stackName: string, build: (stack: Stack) => void) => {
  const run = await local.deploy(stackName, build);
  expect(run.exitCode).not.toBe(0);
  return run;
};

const destroyed = async (stackName: string) => {
  await local.keepWritten();
  await local.destroyed(stackName);
};

/** A stack with its pool, and what its checkout answers. */
async function deployed(stackName: string, props?: Props) {
  const { outputs } = await local.deployed(stackName, rooms(props));
  const { Checkout: checkout, PoolName: poolName } = outputs[stackName];
  return {
    poolName,
    checkout: async (event: object) => await local.cloud.invoke(checkout, event) as CheckedOut & CheckoutErrorResponse,
  };
}

/** The maintainer is called, and not waited for. */
async function becomes(check: () => void): Promise<void> {
  await eventually(() => {
    check();
    return true;
  }, 200);
}

test('create, hand out, refill, destroy: with people in meetings, nothing is left', async () => {
  const { poolName, checkout } = await deployed('Lifecycle');
  expect(local.meetings()).toHaveLength(3);
  for (const { externalMeetingId, tags } of local.meetings()) {
    expect(externalMeetingId.startsWith(`${poolName}/`)).toBe(true);
    expect(tags['cdk-rtc:pool']).toBe(poolName);
  }

  // More than there are: the others are made on the spot.
  const answers = await Promise.all(Array.from({ length: 8 }, (_, caller) => checkout({ clientRequestToken: `room-${caller}`, externalUserIds: [`p${caller}`] })));
  expect(answers.filter(({ error }) => error)).toEqual([]);
  expect(new Set(answers.map(({ Meeting }) => Meeting.MeetingId)).size).toBe(8);
  await becomes(() => expect(local.meetings()).toHaveLength(8 + 3));

  // A second person of a room.
  const second = await checkout({ clientRequestToken: 'room-0', externalUserIds: ['somebody else'] });
  expect(second.error).toBeUndefined();
  expect(second.Meeting.MeetingId).toBe(answers[0].Meeting.MeetingId);
  expect(second.Attendees[0]).toMatchObject({ ExternalUserId: 'somebody else', JoinToken: expect.any(String) });

  expect(await checkout({ externalUserIds: ['a'] })).toMatchObject({ statusCode: 400, error: { code: 'InvalidRequest', message: expect.stringContaining('externalUserIds[0]') } });

  local.emulator.edit({ service: 'chime-sdk-meetings', resource: answers[0].Meeting.MeetingId, connect: ['p0'] });
  await destroyed('Lifecycle');
});

test('meetings that end are handed out to nobody', async () => {
  const { checkout } = await deployed('Ended');
  for (const { id } of local.meetings()) local.emulator.edit({ service: 'chime-sdk-meetings', resource: id, end: true });
  const { Meeting } = await checkout({ externalUserIds: ['alice'] });
  expect(local.meetings().map(({ id }) => id)).toContain(Meeting.MeetingId);
  await becomes(() => expect(local.meetings().length).toBe(1 + 3));
  // Looked for by id, they are gone; IAM sees no tags of them any more.
  local.emulator.calls.splice(0);
  await destroyed('Ended');
});

test('an update grows, shrinks and changes the meetings, in place', async () => {
  const { poolName, checkout } = await deployed('Update');
  const { Meeting } = await checkout({ externalUserIds: ['alice'] });
  await becomes(() => expect(local.meetings()).toHaveLength(1 + 3));

  expect((await deployed('Update', { size: 5 })).poolName).toBe(poolName);
  await becomes(() => expect(local.meetings()).toHaveLength(1 + 5));

  await deployed('Update', { size: 2 });
  await becomes(() => expect(local.meetings()).toHaveLength(1 + 2));

  await local.deployed('Update', (stack) => rooms({
    size: 2,
    meetingFeatures: { contentMaxResolution: ContentMaxResolution.NONE, attendeeMaxCount: 10 },
    attendees: [{ externalUserId: 'recorder' }],
    tenantIds: ['acme'],
    minimumRemainingLifetime: Duration.minutes(3),
    notifications: { snsTopic: new sns.Topic(stack, 'Topic'), sqsQueue: new sqs.Queue(stack, 'Queue') },
  })(stack));
  const recorded = local.meetings().filter(({ attendees }) => attendees.some(({ externalUserId }) => externalUserId === 'recorder'));
  expect(recorded).toHaveLength(2);
  await becomes(() => expect(local.meetings()).toHaveLength(1 + 2));
  expect(local.meetings().map(({ id }) => id)).toContain(Meeting.MeetingId);
  await destroyed('Update');
});

test('a later resource fails: the pool is rolled back', async () => {
  await failed('CreateRollback', failing());
  expect(local.meetings()).toEqual([]);
  await destroyed('CreateRollback');
});

test('an update is rolled back', async () => {
  const { poolName, checkout } = await deployed('UpdateRollback');
  await failed('UpdateRollback', failing({ size: 5, tenantIds: ['acme'] }));
  await becomes(() => expect(local.meetings()).toHaveLength(3));
  expect((await checkout({ externalUserIds: ['alice'] })).Meeting.ExternalMeetingId!.startsWith(`${poolName}/`)).toBe(true);
  await destroyed('UpdateRollback');
});

test('meetings that are handed out stay on request, and end by themselves', async () => {
  const { checkout } = await deployed('Stay', { endLeasedMeetings: false, keepWarm: false });
  const { Meeting } = await checkout({ externalUserIds: ['alice'] });
  await destroyed('Stay');
  expect(local.meetings().map(({ id }) => id)).toEqual([Meeting.MeetingId]);
  local.emulator.edit({ service: 'chime-sdk-meetings', resource: Meeting.MeetingId, end: true });
});

test.each(['new', 'old'] as const)('from the new namespace to the legacy one, rolled back by an Update with the %s id, and again, and back', async (rollbackPhysicalId) => {
  await local.cloud.configure({ rollbackPhysicalId });
  const { checkout } = await deployed('Namespaces');
  const { Meeting } = await checkout({ externalUserIds: ['alice'] });
  await becomes(() => expect(local.meetings()).toHaveLength(1 + 3));
  await failed('Namespaces', failing({ namespace: ChimeNamespace.CHIME }));
  expect(local.meetings('chime')).toEqual([]);
  expect(local.meetings().map(({ id }) => id)).toContain(Meeting.MeetingId);

  const legacy = await deployed('Namespaces', { namespace: ChimeNamespace.CHIME });
  expect(local.meetings()).toEqual([]);
  expect(local.meetings('chime')).toHaveLength(3);
  expect((await legacy.checkout({ externalUserIds: ['alice'] })).Attendees).toMatchObject([{ ExternalUserId: 'alice', JoinToken: expect.any(String) }]);

  await deployed('Namespaces');
  expect(local.meetings('chime')).toEqual([]);
  expect(local.meetings()).toHaveLength(3);
  await destroyed('Namespaces');
});

test('the response of a create is lost, and the request comes twice', async () => {
  local.emulator.addFault({ kind: 'lostResponse', operation: 'CreateMeeting', times: 2 });
  await local.cloud.injectFault({ fault: 'duplicate', requestType: 'Create' });
  await deployed('Lost');
  await becomes(() => expect(local.meetings()).toHaveLength(3));
  await destroyed('Lost');
});

// Last: of all that the others have done.
test('no join token is in any template, event, output, answer, state machine history or function log', () => {
  const everything = JSON.stringify(local.written);
  expect(everything).toMatch(/message\W+accepted\W/);
  for (const sign of ['checked out', 'ExecutionSucceeded', 'AWS::CloudFormation::Stack', 'Custom::RtcChimeMeetingPool']) expect(everything).toContain(sign);
  expect(tokens.size).toBeGreaterThanOrEqual(4);
  for (const token of tokens) expect(everything.includes(token)).toBe(false);
});

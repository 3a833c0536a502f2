import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import * as fc from 'fast-check';
import { Attempts } from './attempts';
import { around, durations, flag, hostileText, members, mostly, numbersAround, regions, RUN, tags } from './hostile';
import {
  AttendeeCapability, ChimeMeetingPool, type ChimeMeetingPoolProps, ChimeNamespace, ContentMaxResolution, type MeetingNotifications,
  VideoMaxResolution,
} from '../../src';
import { PoolSetup, TABLE } from '../chime-sdk-meetings/pool-setup';
import { ACCOUNT, OTHER_REGION, REGION } from '../handler-setup';

let setup: PoolSetup;

beforeAll(async () => {
  setup = new PoolSetup();
});

afterAll(async () => setup.stop());

const capability = members(AttendeeCapability);

const attendees = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 2).map((count) => ['alice', 'bob'].slice(0, count).map((externalUserId) => ({ externalUserId }))) },
  fc.array(fc.record({
    externalUserId: mostly(fc.oneof(fc.constantFrom('alice', 'bob', 'Bob', 'a b@c'), around(64)), hostileText),
    capabilities: fc.record({ audio: capability, video: capability, content: capability }, { requiredKeys: [] }),
  }, { requiredKeys: ['externalUserId'] }), { maxLength: 3 }),
  fc.constantFrom(25, 26, 249, 250, 251).map((count) => Array.from({ length: count }, (_, i) => ({ externalUserId: `user-${i}` }))),
  // Around 10 KB in all.
  fc.constantFrom(114, 115, 116, 117).map((count) => Array.from({ length: count }, (_, i) => ({ externalUserId: `${i}`.padStart(64, 'x') }))),
);

const tenantIds = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<string[][]>([], ['studio'], ['a1', 'b2', 'c3', 'd4', 'e5']) },
  fc.constantFrom<string[][]>(['a1', 'b2', 'c3', 'd4', 'e5', 'f6'], ['same', 'same'], ['aaaa'], ['aaab']),
  fc.array(fc.oneof(hostileText, around(2, '-'), around(256, 'ab').map((text) => text.slice(0, text.length / 2))), { maxLength: 3 }),
);

const arn = (service: string) => mostly(
  fc.constantFrom(...Array(9).fill(REGION), OTHER_REGION).map((region) => `arn:aws:${service}:${region}:${ACCOUNT}:${service === 'lambda' ? 'function:' : ''}rooms`),
  fc.constantFrom(1023, 1024, 1025).map((length) => `arn:aws:${service}:${REGION}:${ACCOUNT}:`.padEnd(length, 'x')),
);

const notifications = fc.record({ snsTopic: arn('sns'), sqsQueue: arn('sqs'), lambdaFunction: arn('lambda') }, { requiredKeys: [] });

type Given = Omit<ChimeMeetingPoolProps, 'notifications'> & { readonly notifications?: { [property in keyof MeetingNotifications]: string } };

const props: fc.Arbitrary<Given> = fc.record({
  size: mostly(fc.constantFrom(1, 2, 3), numbersAround(1, 200)),
  mediaRegion: regions,
  meetingFeatures: fc.record({
    echoReduction: flag,
    videoMaxResolution: members(VideoMaxResolution),
    contentMaxResolution: members(ContentMaxResolution),
    attendeeMaxCount: mostly(fc.constantFrom(1, 25, 250), numbersAround(1, 25, 250)),
  }, { requiredKeys: [] }),
  notifications,
  tenantIds,
  attendees,
  reservedAttendees: mostly(fc.constantFrom(0, 1, 3), numbersAround(0, 10, 20)),
  keepWarm: flag,
  minimumRemainingLifetime: durations(mostly(fc.constantFrom(60, 120, 240), numbersAround(60, 240))) as fc.Arbitrary<Duration>,
  endLeasedMeetings: flag,
  namespace: mostly(fc.constant(ChimeNamespace.CHIME_SDK), members(ChimeNamespace)),
  region: regions,
}, { requiredKeys: ['size'] });

function notified(scope: Construct, id: string, { snsTopic, sqsQueue, lambdaFunction }: NonNullable<Given['notifications']>): MeetingNotifications {
  return {
    ...snsTopic && { snsTopic: sns.Topic.fromTopicArn(scope, `${id}-topic`, snsTopic) },
    ...sqsQueue && { sqsQueue: sqs.Queue.fromQueueArn(scope, `${id}-queue`, sqsQueue) },
    ...lambdaFunction && { lambdaFunction: lambda.Function.fromFunctionArn(scope, `${id}-function`, lambdaFunction) },
  };
}

test('any input is either rejected at synth, with path and property, or accepted by the service', async () => {
  const attempts = new Attempts();
  await fc.assert(fc.asyncProperty(props, tags, async ({ notifications: told, ...given }, tagged) => {
    const outcome = attempts.of(
      (scope, id) => new ChimeMeetingPool(scope, id, { ...given, notifications: told && notified(scope, id, told) }), tagged,
    );
    if ('refused' in outcome) return;
    const { Size, ...properties } = outcome.properties;
    const resource = setup.resource(`Rooms${attempts.counts.accepted}`);
    // Each of them is made in the same way; two hundred would only take time.
    await resource.create({ ...properties, Size: Math.min(Number(Size), 3), TableName: TABLE });
    await resource.delete();
  }), RUN);
  expect(attempts.counts.accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 8);
});

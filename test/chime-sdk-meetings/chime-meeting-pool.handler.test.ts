import { PoolSetup, TABLE } from './pool-setup';
import { PoolTable, tableClient } from '../../lambda/chime-sdk-meetings/meeting-pool/table';
import { requestHandler } from '../../local/emulator';
import { ResourceFailed, type StackResource } from '../cloudformation';
import { REGION, STACK_ID } from '../handler-setup';

let setup: PoolSetup;
beforeEach(async () => { setup = new PoolSetup(); });
afterEach(() => setup.stop());

const restart = async (...options: ConstructorParameters<typeof PoolSetup>) => {
  await setup.stop();
  setup = new PoolSetup(...options);
};
const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
const POOL = { TableName: TABLE, Size: 3 };
const LEGACY = { Namespace: 'CHIME' };
const ids = () => setup.meetings().map(({ id }) => id).sort();
const inputs = (operation: string) => setup.calls(operation).map(({ input }) => input as Record<string, any>);
const people = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => ({ ExternalUserId: `bot-${index}` })));

describe('create', () => {
  test('costs one create call and one write per meeting and one transaction per 16 meetings, and returns the name', async () => {
    const { mutations, reads } = await setup.counting(async () => {
      const { physicalId, attributes, polls } = await setup.resource().create(POOL);
      expect(physicalId).toMatch(/^Doorbells-Rooms-[0-9a-f]{16}-[0-9a-f]{8}$/);
      expect(attributes).toEqual({ PoolName: physicalId });
      expect(polls).toBe(1);
    });
    expect(reads).toEqual({ GetItem: 1, Query: 2 });
    expect(mutations.sort()).toEqual([
      'CreateMeeting', 'CreateMeeting', 'CreateMeeting', 'PutItem', 'TransactWriteItems', 'UpdateItem', 'UpdateItem', 'UpdateItem', 'UpdateItem', 'UpdateItem',
    ]);
    expect(setup.meetingStates()).toEqual({ ready: 3 });
    expect(setup.ready()).toHaveLength(3);
  });

  test('tags the meetings with their owner and their pool', async () => {
    const { physicalId } = await setup.resource().create({ ...POOL, Tags: [{ Key: 'team', Value: 'events' }] });
    for (const { tags, externalMeetingId, mediaRegion, features } of setup.meetings()) {
      expect(tags).toEqual({
        'team': 'events',
        'cdk-rtc:stack': STACK_ID,
        'cdk-rtc:resource': expect.stringMatching(/^[0-9a-f]{16}\.[0-9a-f]{8}\.[0-9a-f]{8}$/),
        'cdk-rtc:pool': physicalId,
      });
      expect(externalMeetingId).toMatch(new RegExp(`^${physicalId}/[0-9a-f]{16}$`));
      expect({ mediaRegion, features }).toEqual({ mediaRegion: REGION, features: {} });
    }
  });

  test('sends every setting in the shape of the API', async () => {
    await setup.resource().create({
      ...POOL,
      Size: 1,
      MediaRegion: 'eu-central-1',
      MeetingFeatures: { Audio: { EchoReduction: 'AVAILABLE' }, Video: { MaxResolution: 'FHD' }, Content: { MaxResolution: 'UHD' }, Attendee: { MaxCount: 12 } },
      Notifications: {
        LambdaFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:told',
        SnsTopicArn: 'arn:aws:sns:us-east-1:123456789012:told',
        SqsQueueArn: 'arn:aws:sqs:us-east-1:123456789012:told',
      },
      TenantIds: ['tenant'],
      MinimumRemainingLifetimeSeconds: 180,
      Attendees: JSON.stringify([{ ExternalUserId: 'recorder', Capabilities: { Audio: 'Receive', Video: 'Receive', Content: 'Receive' } }]),
    });
    expect(setup.items('pool')).toEqual([expect.objectContaining({ minimumRemainingLifetime: 180_000 })]);
    expect(inputs('CreateMeetingWithAttendees')).toEqual([{
      ClientRequestToken: '***',
      ExternalMeetingId: '***',
      MediaRegion: 'eu-central-1',
      MeetingFeatures: { Audio: { EchoReduction: 'AVAILABLE' }, Video: { MaxResolution: 'FHD' }, Content: { MaxResolution: 'UHD' }, Attendee: { MaxCount: 12 } },
      NotificationsConfiguration: {
        LambdaFunctionArn: '***',
        SnsTopicArn: '***',
        SqsQueueArn: '***',
      },
      TenantIds: ['tenant'],
      Tags: expect.any(Array),
      Attendees: [{ ExternalUserId: '***', Capabilities: { Audio: 'Receive', Video: 'Receive', Content: 'Receive' } }],
    }]);
  });

  test.each([['CHIME_SDK', {}, 20, 'chime-sdk-meetings'], ['CHIME', LEGACY, 10, 'chime']] as const)('%s: many attendees are invited in batches', async (_, namespace, first, service) => {
    await setup.resource().create({ ...POOL, ...namespace, Size: 1, Attendees: people(125) });
    expect(inputs('CreateMeetingWithAttendees').map(({ Attendees }) => Attendees.length)).toEqual([first]);
    expect(inputs('BatchCreateAttendee').map(({ Attendees }) => Attendees.length)).toEqual([100, 25 - first]);
    expect(setup.callsOf(service)).toHaveLength(3);
    expect(setup.meetings()[0].attendees).toHaveLength(125);
  });

  test('invites an attendee alone whom a batch refuses', async () => {
    setup.emulator.addFault({ kind: 'itemError', item: 'bot-1', error: 'Throttling', times: 1 });
    setup.emulator.addFault({ kind: 'itemError', item: 'bot-21', error: 'Throttling', times: 1 });
    await setup.resource().create({ ...POOL, Size: 1, Attendees: people(22) });
    expect(setup.calls('CreateAttendee')).toHaveLength(2);
    expect(setup.meetings()[0].attendees).toHaveLength(22);
  });

  test('fails if the service refuses an attendee again, and leaves nothing', async () => {
    setup.emulator.addFault({ kind: 'itemError', item: 'bot-1', error: 'BadRequest' });
    setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', message: 'not this one', operation: 'CreateAttendee' });
    const resource = setup.resource();
    const failed = await failure(resource.create({ ...POOL, Attendees: people(2) }));
    expect(failed.message).toBe('Rooms: BadRequestException: attendees: bot-1: not this one');
    expect(setup.meetings()).toEqual([]);
    await resource.delete(failed.physicalId, POOL);
    expect(setup.items('meeting#')).toEqual([]);
  });

  test('waits while the service throttles', async () => {
    setup.emulator.addFault({ kind: 'throttle', operation: 'CreateMeeting', times: 4 });
    await setup.resource().create(POOL);
    expect(setup.ready()).toHaveLength(3);
  });

  test('fails at once with the message of the service if the quota is reached, and the Delete leaves nothing', async () => {
    await restart({ meetings: { quotas: { meetings: 2 } } });
    const resource = setup.resource();
    const failed = await failure(resource.create(POOL));
    expect(failed.message).toMatch(/^Rooms: LimitExceededException: The account has 2 meetings in us-east-1/);
    await resource.delete(failed.physicalId, POOL);
    expect(setup.meetings()).toEqual([]);
  });

  test.each([
    ['size', { Size: 0 }],
    ['size', { Size: 201 }],
    ['Size', { Size: 1.5 }],
    ['Attendees', { Attendees: 'no JSON' }],
    ['attendees', { Attendees: people(251) }],
    ['attendees[1].externalUserId', { Attendees: JSON.stringify([{ ExternalUserId: 'twin' }, { ExternalUserId: 'twin' }]) }],
    ['attendees[0].externalUserId', { Attendees: JSON.stringify([{ ExternalUserId: 'x' }]) }],
    ['attendees[0].externalUserId', { Attendees: JSON.stringify([{ ExternalUserId: 'aws:me' }]) }],
    ['meetingFeatures.attendeeMaxCount', { MeetingFeatures: { Video: { MaxResolution: 'FHD' } } }],
    ['meetingFeatures', { ...LEGACY, MeetingFeatures: { Video: { MaxResolution: 'HD' } } }],
    ['minimumRemainingLifetime', { MinimumRemainingLifetimeSeconds: 241 }],
    ['region', { Region: 'Nowhere' }],
    ['Unknown', { Unknown: 'x' }],
  ])('refuses an invalid %s before it creates meetings', async (path, properties) => {
    const failed = await failure(setup.resource().create({ ...POOL, ...properties }));
    expect(failed.message).toContain(`${path}: `);
    expect(failed.physicalId).toBeUndefined();
    expect(setup.calls()).toEqual([]);
  });

  test('reports all findings in one error', async () => {
    const failed = await failure(setup.resource().create({ ...POOL, Size: 0, MinimumRemainingLifetimeSeconds: 241 }));
    expect(failed.message).toMatch(/^Rooms: size: .*\n  minimumRemainingLifetime: .*$/);
  });

  test('explains that the account has no access to the legacy API, and what to do', async () => {
    await restart({ legacy: { refusedAccounts: 'all' } });
    const resource = setup.resource();
    const failed = await failure(resource.create({ ...POOL, ...LEGACY }));
    expect(failed.message).toMatch(/^Rooms: namespace: AWS refuses the legacy chime API to this account .*leave the namespace out for CHIME_SDK/);
    expect(failed.message).toContain('whose meetings are made in the same way');
  });

  test('creates one pool if it is delivered twice at the same time', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create', requestId: 'r', properties: POOL } as const;
    const [one, other] = await Promise.all([resource.deliver(delivery), resource.deliver(delivery)]);
    expect(one.physicalId).toBe(other.physicalId);
    expect(setup.ready()).toHaveLength(3);
    expect(setup.calls('CreateMeeting')).toHaveLength(3);
  });
});

describe('update', () => {
  test('adds slots, and only verifies the existing ones', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(POOL);
    const before = ids();
    expect((await resource.update({ ...POOL, Size: 5 })).physicalId).toBe(physicalId);
    expect(setup.ready()).toHaveLength(5);
    expect(ids()).toEqual(expect.arrayContaining(before));
    expect(setup.calls('GetMeeting')).toHaveLength(3);
    expect(setup.calls('CreateMeeting')).toHaveLength(5);
  });

  test('removes slots: their ready meetings are ended, leased ones stay', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ...POOL, Size: 5 });
    const checkout = setup.checkoutFunction(physicalId);
    const leased = await Promise.all(['one', 'two', 'three', 'four'].map((name) => checkout({ externalUserIds: [name] })));
    await setup.maintain(physicalId);
    await resource.update({ ...POOL, Size: 2 });
    expect(setup.ready()).toHaveLength(2);
    for (const { Meeting } of leased) expect(setup.meeting(Meeting!.MeetingId)).toBeDefined();
    expect(setup.meetings()).toHaveLength(6);
  });

  test('creates new meetings if slots are removed and added again while the service remembers the tokens', async () => {
    await restart({ meetings: { requestToken: { ended: 'conflict' } } });
    const resource = setup.resource();
    await resource.create(POOL);
    await resource.update({ ...POOL, Size: 1 });
    await resource.update(POOL);
    expect(setup.ready()).toHaveLength(3);
  });

  test('replaces meetings with previous settings slot by slot, the new meeting first', async () => {
    const resource = setup.resource();
    await resource.create(POOL);
    let fewest = Infinity;
    setup.emulator.onCall(() => { fewest = Math.min(fewest, setup.ready().length); });
    await resource.update({ ...POOL, MediaRegion: 'eu-central-1' });
    expect(fewest).toBe(3);
    expect(setup.meetings().map(({ mediaRegion }) => mediaRegion)).toEqual(['eu-central-1', 'eu-central-1', 'eu-central-1']);
    expect(setup.meetingStates()).toEqual({ ready: 3 });
  });

  test('ends the previous meeting first if meetings outside of the pool use up the quota', async () => {
    await restart({ meetings: { quotas: { meetings: 3 } } });
    const resource = setup.resource();
    await resource.create(POOL);
    await resource.update({ ...POOL, MediaRegion: 'eu-central-1' });
    expect(setup.meetings().map(({ mediaRegion }) => mediaRegion)).toEqual(['eu-central-1', 'eu-central-1', 'eu-central-1']);
  });

  test('replaces meetings that have expired', async () => {
    const resource = setup.resource();
    await resource.create(POOL);
    await setup.clock.sleep(24 * 3600_000);
    await resource.update({ ...POOL, MinimumRemainingLifetimeSeconds: 60 });
    expect(setup.ready()).toHaveLength(3);
    expect(setup.meetings()).toHaveLength(3);
  });

  test('replaces meetings that were ended out of band', async () => {
    const resource = setup.resource();
    await resource.create(POOL);
    setup.emulator.edit({ service: 'chime-sdk-meetings', resource: ids()[0], end: true });
    await resource.update({ ...POOL, MinimumRemainingLifetimeSeconds: 60 });
    expect(setup.ready()).toHaveLength(3);
  });

  test('waits while the maintainer holds the lock', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(POOL);
    await setup.clock.sleep(150_000);
    await Promise.all([setup.maintain(physicalId), resource.update({ ...POOL, Size: 6 })]);
    expect(setup.ready()).toHaveLength(6);
    expect(setup.calls('CreateMeeting').every(({ outcome }) => outcome === 'success')).toBe(true);
  });

  test.each([
    ['namespace', LEGACY],
    ['region', { Region: 'us-west-2' }],
  ])('replaces the pool if the %s changes', async (_, change) => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(POOL);
    const former = ids();
    const { physicalId: next } = await resource.update({ ...POOL, ...change });
    expect(next).not.toBe(physicalId);
    expect(setup.meetings()).toHaveLength(3);
    expect(ids().filter((id) => former.includes(id))).toEqual([]);
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
  });

  test('replaces the pool if the table changes', async () => {
    setup.addTable('others');
    // Its policy names the table that the stack has now.
    setup.unrestricted = true;
    const resource = setup.resource();
    await resource.create(POOL);
    const { physicalId: former } = resource as { physicalId: string };
    const properties = { ...POOL, TableName: 'others' };
    const { physicalId } = await resource.deliverUpdate(properties);
    await resource.delete(former, POOL);
    expect(setup.meetings()).toHaveLength(3);
    await resource.delete(physicalId, properties);
    expect(setup.meetings()).toEqual([]);
  });

  describe('a replacement that is rolled back', () => {
    const REPLACED = { ...POOL, ...LEGACY };

    test('with the new ID: finds the previous pool, and the clean-up deletes the new one', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create(POOL);
      const { physicalId: replacement } = await resource.deliverUpdate(REPLACED);
      const back = await resource.deliverUpdate(POOL, { physicalId: replacement, properties: REPLACED });
      expect(back.physicalId).toBe(physicalId);
      await resource.delete(replacement, REPLACED);
      expect(setup.meetings()).toHaveLength(3);
      expect(setup.ready()).toHaveLength(3);
      await resource.delete(physicalId);
      expect(setup.meetings()).toEqual([]);
    });

    test('with the previous ID: deletes the orphan', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create(POOL);
      await resource.deliverUpdate(REPLACED);
      const back = await resource.deliverUpdate(POOL, { physicalId, properties: REPLACED });
      expect(back.physicalId).toBe(physicalId);
      expect(setup.meetings()).toHaveLength(3);
      await resource.delete(physicalId);
      expect(setup.meetings()).toEqual([]);
    });
  });

  describe('a rolled-back replacement whose name CloudFormation never received', () => {
    const REPLACED = { ...POOL, ...LEGACY };
    const LOOKING = 'looking for a pool that the rolled-back replacement may have left, or may still create';
    /** Back with the id of the pool that was to be replaced. */
    const rollBack = async (resource: StackResource, from: Record<string, unknown>) => {
      const start = setup.clock.now();
      const { physicalId } = await resource.deliverUpdate(POOL, { properties: from });
      expect(physicalId).toBe(resource.physicalId);
      return setup.clock.now() - start;
    };

    test('is looked for until it can\'t be created any more', async () => {
      const resource = setup.resource();
      await resource.create(POOL);
      const time = await rollBack(resource, REPLACED);
      expect(time).toBeGreaterThanOrEqual(180_000);
      expect(time).toBeLessThan(190_000);
      expect(setup.said('pending')).toEqual([LOOKING]);
    });

    test('is deleted even if it is created only during the clean-up', async () => {
      const resource = setup.resource();
      await resource.create(POOL);
      const delivery = { type: 'Update', requestId: 'late', physicalId: resource.physicalId, properties: REPLACED, oldProperties: POOL } as const;
      const [, time] = await Promise.all([setup.clock.sleep(60_000).then(() => resource.onEvent(delivery)), rollBack(resource, REPLACED)]);
      expect(time).toBeLessThan(70_000);
      expect(setup.items('pool').map(({ state }) => state).sort()).toEqual(['closed', 'open']);
    });

    test('is deleted with the meetings that it didn\'t record', async () => {
      const resource = setup.resource();
      await resource.create(POOL);
      const delivery = { type: 'Update', requestId: 'given-up', physicalId: resource.physicalId, properties: REPLACED, oldProperties: POOL } as const;
      const accepted = await resource.onEvent(delivery);
      // GetItem, UpdateItem, Query, TransactWriteItems, CreateMeeting.
      await setup.crash(5, 'after', () => resource.poll(delivery, accepted));
      expect(setup.meetings().length).toBeGreaterThan(3);
      await rollBack(resource, REPLACED);
      expect(setup.meetings()).toHaveLength(3);
    });

    test('is looked for again if the search was denied', async () => {
      const resource = setup.resource();
      await resource.create(POOL);
      await resource.deliverUpdate(REPLACED);
      setup.emulator.addFault({ kind: 'accessDenied', operation: 'Scan', times: 1 });
      await rollBack(resource, REPLACED);
      expect(setup.meetings()).toHaveLength(3);
    });

    test('doesn\'t exist if its table doesn\'t exist', async () => {
      setup.unrestricted = true;
      const resource = setup.resource();
      await resource.create(POOL);
      expect(await rollBack(resource, { ...POOL, TableName: 'gone' })).toBeLessThan(10_000);
    });
  });

  test('creates a new pool if the item of the pool was deleted out of band', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(POOL);
    setup.emulator.edit({ service: 'dynamodb', resource: TABLE, deleteItem: { pool: { S: physicalId }, item: { S: 'pool' } } });
    const { physicalId: next } = await resource.update({ ...POOL, Size: 4 });
    expect(next).not.toBe(physicalId);
    expect(setup.meetings()).toHaveLength(4);
  });
});

describe('delete', () => {
  test('ends all meetings, including leased ones, and leaves only the closed pool in the table', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(POOL);
    await setup.checkoutFunction(physicalId)({ externalUserIds: ['alice'] });
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
    expect(setup.items().map(({ item, state }) => [item, state])).toEqual([['pool', 'closed']]);
  });

  test.each([['CHIME_SDK', {}], ['CHIME', LEGACY]])('%s: leaves leased meetings to end by themselves if endLeasedMeetings is false', async (_, namespace) => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ...POOL, ...namespace, EndLeasedMeetings: false });
    const { Meeting } = await setup.checkoutFunction(physicalId)({ externalUserIds: ['alice'] });
    await resource.delete();
    expect(ids()).toEqual([Meeting!.MeetingId]);
  });

  test.each([['CHIME_SDK', {}], ['CHIME', LEGACY]])('%s: succeeds if all meetings have ended', async (_, namespace) => {
    const resource = setup.resource();
    await resource.create({ ...POOL, ...namespace });
    for (const id of ids()) setup.emulator.edit({ service: 'Namespace' in namespace ? 'chime' : 'chime-sdk-meetings', resource: id, end: true });
    await resource.delete();
    expect(setup.items('meeting#')).toEqual([]);
  });

  // Until the table itself forgets them: it is right about the time, and the clock here may not be.
  test.each([['half an hour', 1800_000, 3], ['a day', 24 * 3600_000, 0]])('%s later ends each meeting that the table has a record of', async (_, time, calls) => {
    const resource = setup.resource();
    await resource.create(POOL);
    await setup.clock.sleep(time);
    await resource.delete();
    expect(setup.calls('DeleteMeeting')).toHaveLength(calls);
    expect(setup.items('meeting#')).toEqual([]);
  });

  test('completes if the table doesn\'t exist', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(POOL);
    await resource.delete(physicalId, { ...POOL, TableName: 'gone' }).catch(() => setup.emulator.calls);
    setup.emulator.applyResource({ action: 'delete', type: 'AWS::DynamoDB::Table', account: '123456789012', region: REGION, physicalId: TABLE });
    await resource.delete();
  });

  test('completes if it is repeated, and for a pool that never existed', async () => {
    const resource = setup.resource();
    await resource.create(POOL);
    await resource.delete();
    await resource.delete();
  });

  test('accepts the properties of another version', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(POOL);
    await resource.delete(physicalId, { TableName: TABLE, Size: 'many', Whatever: [1] });
    expect(setup.meetings()).toEqual([]);
    await resource.delete(physicalId, {});
  });

  test('with an ID that CloudFormation invented completes soon if it finds the pool, and otherwise waits for a create', async () => {
    const resource = setup.resource();
    await resource.deliver({ type: 'Create', requestId: 'r', properties: POOL });
    const start = setup.clock.now();
    await resource.delete('Doorbells-Rooms-1ABC', POOL);
    expect(setup.meetings()).toEqual([]);
    expect(setup.clock.now() - start).toBeLessThanOrEqual(15_000);
    const again = setup.clock.now();
    await resource.delete('Doorbells-Rooms-1ABC', POOL);
    expect(setup.clock.now() - again).toBeGreaterThanOrEqual(180_000);
  });

  test('with an ID that CloudFormation invented leaves nothing, even if the create is still running', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create', requestId: 'r', properties: POOL } as const;
    const accepted = await resource.onEvent(delivery);
    const [created] = await Promise.allSettled([resource.settle(delivery, accepted), resource.delete('Doorbells-Rooms-1ABC', POOL)]);
    expect(setup.meetings()).toEqual([]);
    // Or the pool was complete before the Delete came.
    if (created.status === 'rejected') expect(created.reason.message).toMatch(/was closed/);
    // A delivery that comes later still makes nothing.
    expect((await failure(resource.deliver(delivery))).message).toMatch(/closed/);
    expect(setup.meetings()).toEqual([]);
  });

  test('leaves nothing while the create fills the pool', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create', requestId: 'r', properties: { ...POOL, Size: 100 } } as const;
    const accepted = await resource.onEvent(delivery);
    const filling = failure(resource.settle(delivery, accepted));
    await setup.clock.sleep(3_000);
    await resource.delete(accepted.PhysicalResourceId, POOL);
    expect((await filling).message).toMatch(/closed/);
    expect(setup.calls('CreateMeeting').length).toBeGreaterThan(5);
    expect(setup.meetings()).toEqual([]);
    expect(setup.items('meeting#')).toEqual([]);
  });

  test('leaves nothing of a create with an unknown outcome', async () => {
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'PutItem', times: 3 });
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'PutItem' });
    const resource = setup.resource();
    const failed = await failure(resource.create(POOL));
    setup.emulator.removeFaults();
    expect(failed.physicalId).toMatch(/^cdk-rtc-unconfirmed:/);
    const start = setup.clock.now();
    await resource.delete(failed.physicalId, POOL);
    // Its name is known, so there is nothing to be looked for.
    expect(setup.clock.now() - start).toBeLessThan(10_000);
    expect(setup.items().map(({ state }) => state)).toEqual(['closed']);
  });

  test.each(['accessDenied', 'serverError', 'throttle'] as const)('leaves nothing of a create whose record is there, and can not be read: %s', async (kind) => {
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'PutItem', times: 1 });
    setup.emulator.addFault({ kind, operation: 'GetItem' });
    const resource = setup.resource();
    const failed = await failure(resource.create(POOL));
    setup.emulator.removeFaults();
    // Without an ID, no Delete follows.
    expect(failed.physicalId).toMatch(/^cdk-rtc-unconfirmed:/);
    await resource.delete(failed.physicalId, POOL);
    expect(setup.items().map(({ state }) => state)).toEqual(['closed']);
  });

  test('legacy: ends meetings without a record', async () => {
    const resource = setup.resource();
    await resource.create({ ...POOL, ...LEGACY, Size: 1 });
    const [{ pool, item }] = setup.items('meeting#');
    setup.emulator.edit({ service: 'dynamodb', resource: TABLE, deleteItem: { pool: { S: pool }, item: { S: item } } });
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
    expect(setup.items('slot#')).toEqual([]);
  });

  test('ends the meeting of a create that was interrupted right after the call', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create', requestId: 'r', properties: { ...POOL, Size: 1 } } as const;
    const accepted = await resource.onEvent(delivery);
    // GetItem, UpdateItem, Query, TransactWriteItems, CreateMeeting.
    await setup.crash(5, 'after', () => resource.poll(delivery, accepted));
    expect([setup.meetingStates(), setup.meetings().length]).toEqual([{ creating: 1 }, 1]);
    const start = setup.clock.now();
    await resource.delete(accepted.PhysicalResourceId, delivery.properties);
    expect(setup.meetings()).toEqual([]);
    expect(setup.items('meeting#')).toEqual([]);
    // As soon as no function can be working on the intent any more.
    expect(setup.clock.now() - start).toBeLessThan(100_000);
    expect(setup.said('pending')).toContain(`${accepted.PhysicalResourceId}: ending 0 meetings; 1 creates have no known outcome`);
  });

  test('legacy: leaves meetings outside of the pool unchanged', async () => {
    const [one, other] = [setup.resource(), setup.resource('Others')];
    await one.create({ ...POOL, ...LEGACY });
    await other.create({ ...POOL, ...LEGACY });
    await one.delete();
    expect(setup.ready()).toHaveLength(3);
  });

  test('continues after a failure', async () => {
    const resource = setup.resource();
    await resource.create(POOL);
    setup.emulator.addFault({ kind: 'error', error: 'ServiceFailureException', operation: 'DeleteMeeting', times: 4 });
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'DeleteMeeting', after: 4, times: 2 });
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
  });

  test('leaves other pools of the stack unchanged', async () => {
    const [one, other] = [setup.resource(), setup.resource('Others')];
    await one.create(POOL);
    await other.create(POOL);
    await one.delete();
    expect(setup.meetings()).toHaveLength(3);
    await one.delete('Doorbells-Rooms-1ABC', POOL);
    expect(setup.said('pending')).toContain('nothing is left; a create may still be running for 180 s');
    expect(setup.ready()).toHaveLength(3);
  });
});

test('no log line, call, attribute, or response of the handler has a join token', async () => {
  const resource = setup.resource();
  const properties = { ...POOL, Attendees: people(22) };
  const outcomes: unknown[] = [await resource.create(properties)];
  outcomes.push(await resource.update({ ...properties, Size: 2, MediaRegion: 'eu-central-1' }));
  setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', operation: 'BatchCreateAttendee' });
  outcomes.push((await failure(resource.update({ ...properties, Size: 4 }))).message);
  setup.emulator.removeFaults();
  outcomes.push(await resource.delete());
  expect(setup.leakedJoinTokens(outcomes, setup.items())).toEqual([]);
});

describe('an operation waits', () => {
  test('for creates that are denied at first', async () => {
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'CreateMeeting', times: 3 });
    const { polls } = await setup.resource().create(POOL);
    expect(polls).toBe(2);
    expect(setup.ready()).toHaveLength(3);
  });

  test('for creates of additional meetings that are denied at first', async () => {
    const resource = setup.resource();
    await resource.create(POOL);
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'CreateMeeting', times: 1 });
    await resource.update({ ...POOL, Size: 6 });
    expect(setup.ready()).toHaveLength(6);
  });

  test('for nothing after a terminal error', async () => {
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'CreateMeeting', times: 1 });
    setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', message: 'the words of the service', operation: 'CreateMeeting' });
    const failed = await failure(setup.resource().create(POOL));
    expect(failed.message).toContain('the words of the service');
    expect(failed.polls).toBe(1);
  });

  test('for the end of surplus meetings', async () => {
    const resource = setup.resource();
    await resource.create(POOL);
    // Still when all slots have been seen.
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'DeleteMeeting', times: 4 });
    const { polls } = await resource.update({ ...POOL, Size: 1 });
    expect(polls).toBe(3);
    expect(setup.meetings()).toHaveLength(1);
  });

  test('for a create that another function may be working on, and reports it', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create', requestId: 'r', properties: POOL } as const;
    const accepted = await resource.onEvent(delivery);
    // GetItem, UpdateItem, Query, TransactWriteItems, the three creates, and what notes two of them.
    await setup.crash(8, 'after', () => resource.poll(delivery, accepted));
    expect(setup.meetingStates()).toEqual({ creating: 1, ready: 2 });
    await resource.settle(delivery, accepted);
    expect(setup.said('pending')).toContain('2 of 3 slots have a verified meeting, 0 meetings are to be ended');
    // One look a second, for a minute and a half.
    expect(setup.calls('Query').length).toBeLessThan(100);
    expect(setup.ready()).toHaveLength(3);
  });

  test('for another function that writes the same intents, and reports it', async () => {
    const writeIntents = jest.spyOn(PoolTable.prototype, 'writeIntents').mockResolvedValueOnce('conflict');
    const { polls } = await setup.resource().create(POOL);
    writeIntents.mockRestore();
    expect(polls).toBe(2);
    expect(setup.said('pending')).toEqual(['another function fills the pool at the same time']);
    expect(setup.ready()).toHaveLength(3);
  });

  test('for a running maintainer, and reports it', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ...POOL, Size: 20 });
    await setup.clock.sleep(150_000);
    const maintained = setup.maintain(physicalId);
    await setup.clock.sleep(500);
    await resource.update({ ...POOL, Size: 21 });
    await maintained;
    expect(setup.said('pending')).toContain(`${physicalId} is being refilled by its maintainer`);
    expect(setup.ready()).toHaveLength(21);
  });

  test('the maintainer does nothing during a deployment, and continues after it', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create', requestId: 'r', properties: { ...POOL, Size: 20 } } as const;
    const accepted = await resource.onEvent(delivery);
    const settled = resource.settle(delivery, accepted);
    await setup.clock.sleep(500);
    await setup.maintain(accepted.PhysicalResourceId);
    expect(setup.measured).toEqual([]);
    await settled;
    await setup.maintain(accepted.PhysicalResourceId);
    expect(setup.measured).toEqual([expect.objectContaining({ ready: 20 })]);
  });
});

test('a meeting whose intent was abandoned during its creation is ended at once', async () => {
  const resource = setup.resource();
  const delivery = { type: 'Create', requestId: 'r', properties: { ...POOL, Size: 1 } } as const;
  const markReady = jest.spyOn(PoolTable.prototype, 'markReady').mockResolvedValueOnce(false);
  await resource.poll(delivery, await resource.onEvent(delivery));
  markReady.mockRestore();
  expect(setup.calls('CreateMeeting')).toHaveLength(1);
  expect(setup.meetings()).toEqual([]);
});

describe('a closed or missing pool', () => {
  const accept = async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create', requestId: 'r', properties: POOL } as const;
    return { resource, delivery, accepted: await resource.onEvent(delivery) };
  };
  const takeOut = (pool: string) => setup.emulator.edit({ service: 'dynamodb', resource: TABLE, deleteItem: { pool: { S: pool }, item: { S: 'pool' } } });

  test('fails a create whose Delete has arrived', async () => {
    const { resource, delivery, accepted } = await accept();
    const name = accepted.PhysicalResourceId;
    await resource.delete(name, POOL);
    expect((await failure(resource.settle(delivery, accepted))).message).toBe(`Rooms: the pool ${name} was closed by a Delete`);
    expect((await failure(resource.onEvent(delivery))).message).toBe(`Rooms: the pool ${name} was closed by an earlier Delete`);
  });

  test('fails a create if the item of the pool was deleted out of band', async () => {
    const { resource, delivery, accepted } = await accept();
    takeOut(accepted.PhysicalResourceId);
    expect((await failure(resource.settle(delivery, accepted))).message).toBe(`Rooms: the pool ${accepted.PhysicalResourceId} is not in its table any more`);
  });

  test('is replaced by an update', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(POOL);
    await resource.delete();
    const next = await resource.deliverUpdate(POOL);
    expect(next.physicalId).not.toBe(physicalId);
    expect(setup.ready()).toHaveLength(3);
  });

  test('is replaced by an update that is running when the pool is closed', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create(POOL);
    let isClosed = false;
    setup.emulator.onCall(({ phase, call }) => {
      if (phase !== 'after' || call.operation !== 'GetItem' || isClosed) return;
      isClosed = true;
      const item = { pool: { S: physicalId }, item: { S: 'pool' }, name: { S: physicalId }, state: { S: 'closed' } };
      setup.emulator.edit({ service: 'dynamodb', resource: TABLE, putItem: item } as never);
    });
    const next = await resource.deliverUpdate(POOL);
    expect(next.physicalId).not.toBe(physicalId);
    expect(setup.items('pool').map(({ state }) => state).sort()).toEqual(['closed', 'open']);
  });

  test('needs no search if the create-only properties of the pool match', async () => {
    const resource = setup.resource();
    await resource.create(POOL);
    await resource.update({ ...POOL, Size: 1 });
    expect(setup.calls('Scan')).toEqual([]);
  });

  test('needs no search if the region changes', async () => {
    const elsewhere = { ...POOL, Region: 'us-west-2' };
    const resource = setup.resource();
    await resource.create(elsewhere);
    await resource.update({ ...elsewhere, Size: 1 });
    expect(setup.calls('Scan')).toEqual([]);
  });
});

describe('rare failures', () => {
  const REFUSED = { ...POOL, ...LEGACY, Region: 'us-east-1' };

  /** An intent whose maker died before its meeting was noted. */
  const interrupted = async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create', requestId: 'r', properties: { ...POOL, Size: 1 } } as const;
    const accepted = await resource.onEvent(delivery);
    for (let n = 1; n < 12 && setup.items('meeting#').length === 0; n += 1) {
      await setup.crash(n, 'after', () => resource.poll(delivery, accepted));
      await setup.clock.sleep(31_000);
    }
    expect(setup.meetingStates()).toEqual({ creating: 1 });
    return { resource, physicalId: accepted.PhysicalResourceId };
  };

  test('completes the Delete after a create that failed because the account has no access to the legacy API', async () => {
    await restart({ legacy: { refusedAccounts: 'all' } });
    const resource = setup.resource();
    const failed = await failure(resource.create(REFUSED));
    await resource.delete(failed.physicalId, REFUSED);
    expect(setup.items('meeting#')).toEqual([]);
  });

  test.each(['the new', 'the old'])('rolls back an update to the inaccessible legacy API with %s ID', async (form) => {
    await restart({ legacy: { refusedAccounts: 'all' } });
    const resource = setup.resource();
    await resource.create(POOL);
    const failed = await failure(resource.deliverUpdate(REFUSED));
    const known = form === 'the new' ? failed.physicalId : resource.physicalId;
    const rolledBack = await resource.deliverUpdate(POOL, { physicalId: known!, properties: REFUSED });
    expect(rolledBack.physicalId).toBe(resource.physicalId);
    if (form === 'the new') await resource.delete(failed.physicalId, REFUSED);
    expect(setup.ready()).toHaveLength(3);
  });

  test('legacy: completes a Delete without permission to list meetings', async () => {
    const resource = setup.resource();
    await resource.create({ ...POOL, ...LEGACY });
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'ListMeetings' });
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
  });

  test('legacy: retries a throttled list', async () => {
    const resource = setup.resource();
    await resource.create({ ...POOL, ...LEGACY });
    const [{ pool, item }] = setup.items('meeting#');
    setup.emulator.edit({ service: 'dynamodb', resource: TABLE, deleteItem: { pool: { S: pool }, item: { S: item } } });
    setup.emulator.addFault({ kind: 'throttle', operation: 'ListMeetings', times: 5 });
    await resource.delete();
    expect(setup.meetings()).toEqual([]);
  });

  test.each([
    ['refused', { error: 'BadRequestException', message: 'the queue is gone' }, undefined],
    ['of an unknown outcome', { error: 'ServiceUnavailableException' }, undefined],
    ['refused, and the name is unknown,', { error: 'BadRequestException', message: 'the queue is gone' }, 'Doorbells-Rooms-1ABC'],
  ])('completes a Delete before its deadline if creates are %s after an interrupted one', async (_, fault, invented) => {
    const { resource, physicalId } = await interrupted();
    setup.emulator.addFault({ kind: 'error', operation: 'CreateMeeting', ...fault });
    const start = setup.clock.now();
    await resource.delete(invented ?? physicalId, { ...POOL, Size: 1 });
    expect(setup.clock.now() - start).toBeLessThan(450_000);
    expect(setup.items('meeting#')).toEqual([]);
    expect(setup.meetings()).toEqual([]);
  });

  test('keeps most meetings if the service refuses the new settings at the quota', async () => {
    await restart({ meetings: { quotas: { meetings: 5 } } });
    const resource = setup.resource();
    await resource.create({ ...POOL, Size: 5 });
    setup.emulator.addFault({ kind: 'error', error: 'LimitExceededException', operation: 'CreateMeeting', times: 1 });
    setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', message: 'no such queue', operation: 'CreateMeeting' });
    await failure(resource.update({ ...POOL, Size: 5, MediaRegion: 'eu-central-1' }));
    expect(setup.ready()).toHaveLength(4);
  });

  test('marks a meeting ready without its attendees if 250 of them have the longest join tokens', async () => {
    setup.unrestricted = true;
    const { physicalId } = await setup.resource().create(POOL);
    const client = tableClient(REGION);
    Object.assign(client.config, { requestHandler: requestHandler(setup.emulator, 'dynamodb') });
    const table = new PoolTable({ client, tableName: TABLE, abortSignal: new AbortController().signal });
    const pool = (await table.pool(physicalId!))!;
    const token = 'x'.repeat(64);
    await table.writeIntents(pool, [{ slot: 7, generation: 0, endPrevious: 'never' }], () => ({ ClientRequestToken: token }) as never, setup.clock.now());
    const attendees = Array.from({ length: 250 }, (_, index) => ({ AttendeeId: 'a'.repeat(36), ExternalUserId: `bot-${index}`, JoinToken: 'j'.repeat(2048) }));
    expect(await table.markReady(pool, { token, createdAt: setup.clock.now(), meeting: { MeetingId: 'm' } }, { attendees })).toBe(true);
  });

  test('retries throttled batches of attendees without creating another meeting', async () => {
    setup.emulator.addFault({ kind: 'throttle', operation: 'BatchCreateAttendee', times: 12 });
    await setup.resource().create({ ...POOL, Attendees: people(25) });
    expect([setup.calls('CreateMeetingWithAttendees').length, setup.calls('DeleteMeeting').length]).toEqual([3, 0]);
  });
});

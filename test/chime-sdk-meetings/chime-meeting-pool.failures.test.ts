import { PoolSetup, TABLE } from './pool-setup';
import type { ResourceFailed } from '../cloudformation';
import { OTHER_REGION } from '../handler-setup';

let setup: PoolSetup;
beforeEach(async () => { setup = new PoolSetup(); });
afterEach(() => setup.stop());

const restart = async () => {
  await setup.stop();
  setup = new PoolSetup();
};
const PHASES = ['before', 'after'] as const;
const PROPERTIES = { TableName: TABLE, Size: 2 };

/** What must be true after all of them. */
const sound = async (poolName: string) => {
  // Until no function can be working any more.
  await setup.maintainFor(3, poolName);
  const known = setup.items('meeting#').map(({ meetingId }) => meetingId);
  expect(setup.meetings().filter(({ id }) => !known.includes(id))).toEqual([]);
  expect(setup.ready().filter(({ endsAt }) => endsAt - setup.clock.now() >= 120_000)).toHaveLength(2);
};

test.each(PHASES)('a crash of create %s any call: the next poll completes it', async (phase) => {
  for (let n = 1; ; n += 1) {
    await restart();
    const resource = setup.resource();
    const delivery = { type: 'Create', requestId: 'r', properties: PROPERTIES } as const;
    const died = await setup.crash(n, phase, () => resource.deliver(delivery));
    const { physicalId } = await resource.deliver(delivery);
    await sound(physicalId);
    await resource.delete(physicalId, PROPERTIES);
    expect(setup.meetings()).toEqual([]);
    if (!died) return;
  }
});

test.each(PHASES)('a crash of a create %s any call: the Delete leaves nothing', async (phase) => {
  for (let n = 1; ; n += 1) {
    await restart();
    const resource = setup.resource();
    const properties = { TableName: TABLE, Size: 1 };
    const died = await setup.crash(n, phase, () => resource.deliver({ type: 'Create', requestId: 'r', properties }));
    await resource.delete('Doorbells-Rooms-1ABC', properties);
    expect(setup.meetings()).toEqual([]);
    expect(setup.items('meeting#')).toEqual([]);
    if (!died) return;
  }
});

test.each(PHASES)('a crash of a roll-over %s any call: the next poll completes it', async (phase) => {
  for (let n = 1; ; n += 1) {
    await restart();
    const resource = setup.resource();
    const { physicalId } = await resource.create(PROPERTIES);
    const properties = { ...PROPERTIES, MediaRegion: 'eu-central-1' };
    const delivery = { type: 'Update', requestId: 'u', physicalId, properties, oldProperties: PROPERTIES } as const;
    const died = await setup.crash(n, phase, () => resource.deliver(delivery));
    await resource.deliver(delivery);
    await sound(physicalId);
    expect(setup.meetings().map(({ mediaRegion }) => mediaRegion)).not.toContain('us-east-1');
    await resource.delete(physicalId, properties);
    expect(setup.meetings()).toEqual([]);
    if (!died) return;
  }
});

test.each(PHASES)('a crash of delete %s any call: the next poll completes it', async (phase) => {
  for (let n = 1; ; n += 1) {
    await restart();
    const resource = setup.resource();
    const { physicalId } = await resource.create(PROPERTIES);
    await setup.checkoutFunction(physicalId)({ externalUserIds: ['alice'] });
    const died = await setup.crash(n, phase, () => resource.delete(physicalId, PROPERTIES));
    await resource.delete(physicalId, PROPERTIES);
    expect(setup.meetings()).toEqual([]);
    expect(setup.items('meeting#')).toEqual([]);
    if (!died) return;
  }
});

test('create fails in a region without the service, and can be deleted', async () => {
  const resource = setup.resource();
  const properties = { ...PROPERTIES, Region: OTHER_REGION };
  const failed: ResourceFailed = await resource.create(properties).then(() => { throw new Error('did not fail'); }, (error) => error);
  expect(failed.message).toContain('ENOTFOUND');
  await resource.delete(failed.physicalId, properties);
  expect(setup.items('meeting#')).toEqual([]);
});

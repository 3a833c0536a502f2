import { IngestSetup } from './handler-setup';
import { ResourceFailed } from '../cloudformation';
import { OTHER_REGION, stackId } from '../handler-setup';

let setup: IngestSetup;
let SecretArn: string;
let StageArn: string;
beforeEach(async () => {
  setup = new IngestSetup();
  SecretArn = setup.secret();
  StageArn = setup.stage();
});
afterEach(() => setup.stop());

const OTHER_STACK = stackId('OtherStack', '2');
const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
const publish = (arn: string, live = true) => setup.edit(arn, { state: live ? 'ACTIVE' : 'INACTIVE' });
const secretOf = (arn: string) => expect.objectContaining({ ingestConfigurationArn: arn, participantId: setup.configuration(arn).participantId });

describe('replacement', () => {
  test.each<[string, Record<string, unknown>]>([
    ['the name', { Name: 'studio' }],
    ['the protocol', { IngestProtocol: 'RTMP', InsecureIngest: true }],
    ['insecure ingest, which the service never returns', { InsecureIngest: true }],
    ['the user id', { UserId: 'camera' }],
    ['the attributes', { Attributes: { lens: 'wide' } }],
    ['the region', { Region: OTHER_REGION }],
  ])('for %s: a new configuration, the secret with its key, the old one last', async (_, change) => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ SecretArn });
    const oldKey = (await setup.content(SecretArn)).streamKey;
    const outcome = await resource.deliverUpdate({ SecretArn, ...change });
    expect(outcome.physicalId).not.toBe(old);
    // Before the old one goes.
    expect(setup.configurations()).toHaveLength(2);
    expect(await setup.content(SecretArn)).toEqual(secretOf(outcome.physicalId));
    expect((await setup.content(SecretArn)).streamKey).not.toBe(oldKey);
    await resource.delete(old);
    expect(setup.configuration().arn).toBe(outcome.physicalId);
    expect(await setup.content(SecretArn)).toEqual(secretOf(outcome.physicalId));
  });

  test('to the previous properties is another replacement', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, UserId: 'a' });
    await resource.update({ SecretArn, UserId: 'b' });
    await resource.update({ SecretArn, UserId: 'a' });
    expect(setup.configuration().userId).toBe('a');
  });

  test('the same attributes in another order are no change', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn, Attributes: { a: '1', b: '2' } });
    await resource.update({ SecretArn, Attributes: { b: '2', a: '1' }, Tags: [{ Key: 'a', Value: 'b' }] });
    expect(setup.configuration().arn).toBe(physicalId);
  });

  test('two concurrent deliveries of a replacing update create one configuration', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ SecretArn });
    const delivery = { type: 'Update' as const, requestId: 'u-1', physicalId: old, properties: { SecretArn, UserId: 'b' }, oldProperties: { SecretArn } };
    const [first, second] = await Promise.all([resource.onEvent(delivery), resource.onEvent(delivery)]);
    expect(second.PhysicalResourceId).toBe(first.PhysicalResourceId);
    await resource.settle(delivery, first);
    expect(setup.configurations().map(({ arn }) => arn).sort()).toEqual([old, first.PhysicalResourceId].sort());
  });

  test('killed after the create, and delivered again: one new configuration', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ SecretArn });
    const delivery = { type: 'Update' as const, requestId: 'u-1', physicalId: old, properties: { SecretArn, UserId: 'b' }, oldProperties: { SecretArn } };
    await setup.killed('CreateIngestConfiguration', () => resource.onEvent(delivery));
    const outcome = await resource.deliver(delivery);
    expect(setup.configurations().map(({ arn }) => arn).sort()).toEqual([old, outcome.physicalId].sort());
  });

  test.each<[string, Record<string, unknown>, number]>([
    ['in the same region', { UserId: 'b' }, 2],
    ['in another region', { Region: OTHER_REGION }, 2],
  ])('%s lists twice: before the create, and afterwards for what another delivery of it may have left', async (_, change, lists) => {
    await setup.resource('Other').create({ SecretArn: setup.secret('other') });
    const resource = setup.resource();
    await resource.create({ SecretArn });
    const before = setup.calls('ListIngestConfigurations').length;
    await resource.deliverUpdate({ SecretArn, ...change });
    expect(setup.calls('ListIngestConfigurations')).toHaveLength(before + lists);
  });

  test('a list that never shows an existing configuration is accepted in the end', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    setup.emulator.addFault({ kind: 'laggingReads', operation: 'ListIngestConfigurations', milliseconds: 3_600_000 });
    const { physicalId } = await resource.update({ SecretArn, UserId: 'b' });
    expect(setup.configuration().arn).toBe(physicalId);
  });

  describe('rolled back', () => {
    const to = () => ({ SecretArn, UserId: 'b' });
    const back = () => ({ SecretArn });

    test.each(['new', 'old'])('by an Update with the %s id: the old configuration and its key are there again', async (which) => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create(back());
      const before = await setup.content(SecretArn);
      const made = await resource.deliverUpdate(to());
      const outcome = await resource.deliverUpdate(back(), { physicalId: which === 'new' ? made.physicalId : old, properties: to() });
      expect(outcome.physicalId).toBe(old);
      // Nothing more can come, so nothing is waited for.
      expect(outcome.polls).toBe(1);
      await resource.delete(made.physicalId, to());
      expect(setup.configuration().arn).toBe(old);
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test('after the replacement read the old configuration late: the old configuration is not treated as deleted, and remains', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create(back());
      setup.emulator.addFault({ kind: 'laggingReads', operation: 'GetIngestConfiguration', milliseconds: 8000, times: 1 });
      const made = await resource.deliverUpdate(to());
      expect(made.physicalId).not.toBe(old);
      expect(setup.configuration(old).arn).toBe(old);
    });

    test('while reads of the secret lag: the secret holds the key of the remaining configuration', async () => {
      const resource = setup.resource();
      await resource.create(back());
      await setup.clock.sleep(60_000);
      const before = await setup.content(SecretArn);
      const made = await resource.deliverUpdate(to());
      setup.emulator.addFault({ kind: 'laggingReads', operation: 'GetSecretValue', milliseconds: 8000 });
      await resource.deliverUpdate(back(), { physicalId: made.physicalId, properties: to() });
      setup.emulator.removeFaults();
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test.each(['', 'studio'])('with the old ID, whose tags were removed (name: %p): the configuration is recognized by its properties', async (name) => {
      const resource = setup.resource();
      const camera = { SecretArn, UserId: 'a', ...name && { Name: name } };
      const { physicalId } = await resource.create(camera);
      setup.emulator.edit({ service: 'ivs-realtime', resource: physicalId, replaceTags: {} } as never);
      const outcome = await resource.deliverUpdate(camera, { physicalId, properties: to() });
      expect(outcome.physicalId).toBe(physicalId);
      expect(setup.configurations()).toHaveLength(1);
    });

    test('while the list shows neither configuration: no third one is created', async () => {
      // Of those it has, none is the one that lives.
      await setup.resource('Other').create({ SecretArn: setup.secret('other') });
      await setup.clock.sleep(70_000);
      const resource = setup.resource();
      const { physicalId: old } = await resource.create(back());
      const made = await resource.deliverUpdate(to());
      setup.emulator.addFault({ kind: 'laggingReads', operation: 'ListIngestConfigurations', milliseconds: 60_000, times: 1 });
      const outcome = await resource.deliverUpdate(back(), { physicalId: made.physicalId, properties: to() });
      expect(outcome.physicalId).toBe(old);
    });

    test('from redundant ingest, while reads of the secret lag: the secret holds no key of the deleted configuration', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create(back());
      await setup.clock.sleep(60_000);
      const before = await setup.content(SecretArn);
      const redundant = { SecretArn, RedundantIngest: true };
      await resource.deliverUpdate(redundant);
      setup.emulator.addFault({ kind: 'laggingReads', operation: 'GetSecretValue', milliseconds: 8000 });
      await resource.deliverUpdate(back(), { physicalId, properties: redundant });
      setup.emulator.removeFaults();
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test('by only a Delete of the new ID: the secret holds the key of the remaining configuration', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create(back());
      const before = await setup.content(SecretArn);
      const made = await resource.deliverUpdate(to());
      expect(await setup.content(SecretArn)).not.toEqual(before);
      await resource.delete(made.physicalId, to());
      expect(setup.configuration().arn).toBe(old);
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test('while the replacement still runs: the configuration that it creates late is deleted', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create(back());
      await setup.killed('CreateIngestConfiguration', () => resource.onEvent({ type: 'Update', requestId: 'u-1', physicalId: old, properties: to(), oldProperties: back() }));
      expect(setup.configurations()).toHaveLength(2);
      const outcome = await resource.deliverUpdate(back(), { physicalId: old, properties: to() });
      expect(outcome.physicalId).toBe(old);
      expect(setup.configuration().arn).toBe(old);
    });

    test('while the replacement still runs, and writes the secret late: the secret finally holds the key of the remaining configuration', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create(back());
      const before = await setup.content(SecretArn);
      const back1 = { type: 'Update' as const, requestId: 'u-2', physicalId: old, properties: back(), oldProperties: to() };
      let rollback: Promise<unknown> | undefined;
      setup.emulator.onCall(async ({ phase, call }) => {
        if (phase !== 'before' || call.operation !== 'PutSecretValue' || rollback) return;
        rollback = resource.deliver(back1);
        // Until the rollback has deleted the configuration that this delivery has created.
        while (setup.calls('DeleteIngestConfiguration').length === 0) await new Promise(setImmediate);
      });
      const late = resource.onEvent({ type: 'Update', requestId: 'u-1', physicalId: old, properties: to(), oldProperties: back() });
      await late.catch(() => undefined);
      await rollback;
      expect(setup.configuration().arn).toBe(old);
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test('a configuration in another region is deleted there', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create(back());
      const moved = { SecretArn, Region: OTHER_REGION };
      await setup.killed('CreateIngestConfiguration', () => resource.onEvent({ type: 'Update', requestId: 'u-1', physicalId: old, properties: moved, oldProperties: back() }));
      await resource.deliverUpdate(back(), { physicalId: old, properties: moved });
      expect(setup.configuration().arn).toBe(old);
    });

    test('a configuration that an earlier replacement retained is never deleted', async () => {
      const resource = setup.resource();
      const kept = { SecretArn, UserId: 'b', Retain: true };
      const { physicalId: retained } = await resource.create(kept);
      const next = await resource.deliverUpdate({ SecretArn, Retain: true });
      const attempted = await resource.deliverUpdate(kept, { physicalId: next.physicalId, properties: { SecretArn, Retain: true } });
      // A retained configuration with the desired properties is adopted again.
      expect(attempted.physicalId).toBe(retained);
      await resource.deliverUpdate({ SecretArn, Retain: true }, { physicalId: next.physicalId, properties: kept });
      expect(setup.configurations().map(({ arn }) => arn).sort()).toEqual([retained, next.physicalId].sort());
    });
  });
});

describe('races, out-of-band changes, and denied requests', () => {
  describe('rolled back by only a Delete of the new ID: the secret holds the key of the remaining configuration', () => {
    test('if the fixed name changed', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create({ SecretArn, Name: 'studio' });
      const before = await setup.content(SecretArn);
      const made = await resource.deliverUpdate({ SecretArn, Name: 'studio2' });
      await resource.delete(made.physicalId, { SecretArn, Name: 'studio2' });
      expect(setup.configuration().arn).toBe(old);
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test('if both versions of the secret belong to the deleted configuration', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create({ SecretArn });
      const before = await setup.content(SecretArn);
      const made = await resource.deliverUpdate({ SecretArn, Name: 'studio2' });
      await setup.storeAgain(SecretArn);
      await resource.delete(made.physicalId, { SecretArn, Name: 'studio2' });
      expect(setup.configuration().arn).toBe(old);
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test('a Delete of the replaced configuration does not change the secret', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create({ SecretArn });
      await resource.deliverUpdate({ SecretArn, UserId: 'encoder' });
      const { mutations } = await setup.counting(() => resource.delete(old, { SecretArn }));
      expect(mutations).toEqual(['DeleteIngestConfiguration']);
    });

    test('unless another stack owns the remaining configuration', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create({ SecretArn });
      const made = await resource.deliverUpdate({ SecretArn, Name: 'studio2' });
      const kept = await setup.content(SecretArn);
      setup.edit(old, { tags: { 'cdk-rtc:stack': OTHER_STACK } });
      await resource.delete(made.physicalId, { SecretArn, Name: 'studio2' });
      expect(await setup.content(SecretArn)).toEqual(kept);
    });

    test('if a generated name replaced a fixed name', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create({ SecretArn, Name: 'studio' });
      const before = await setup.content(SecretArn);
      const made = await resource.deliverUpdate({ SecretArn });
      await resource.delete(made.physicalId, { SecretArn });
      expect(setup.configuration().arn).toBe(old);
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test('if the region changed', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create({ SecretArn });
      const before = await setup.content(SecretArn);
      const made = await resource.deliverUpdate({ SecretArn, Region: OTHER_REGION });
      await resource.delete(made.physicalId, { SecretArn, Region: OTHER_REGION });
      expect(setup.configuration().arn).toBe(old);
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test('if an earlier replacement retained another configuration, which is listed first', async () => {
      const resource = setup.resource();
      const to = async (properties: Record<string, unknown>) => {
        const { physicalId } = await resource.deliverUpdate(properties);
        // UpdateReplacePolicy: what was replaced is retained, and not deleted.
        Object.assign(resource, { physicalId, properties });
        return physicalId;
      };
      const { physicalId: current } = await resource.create({ SecretArn, UserId: 'b', Retain: true });
      const retained = await to({ SecretArn, UserId: 'a', Retain: true });
      expect(await to({ SecretArn, UserId: 'b', Retain: true })).toBe(current);
      const before = await setup.content(SecretArn);
      expect(before.ingestConfigurationArn).toBe(current);
      const made = await resource.deliverUpdate({ SecretArn, UserId: 'c' });
      await resource.delete(made.physicalId, { SecretArn, UserId: 'c' });
      expect(setup.configurations().map(({ arn }) => arn).sort()).toEqual([current, retained].sort());
      expect((await setup.content(SecretArn)).ingestConfigurationArn).toBe(current);
    });

    test('if access to the secret is denied once, while IAM propagates', async () => {
      const resource = setup.resource();
      await resource.create({ SecretArn });
      const before = await setup.content(SecretArn);
      const made = await resource.deliverUpdate({ SecretArn, UserId: 'b' });
      setup.emulator.addFault({ kind: 'accessDenied', operation: 'GetSecretValue', times: 1 });
      await resource.delete(made.physicalId, { SecretArn, UserId: 'b' });
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test('if the new configuration is live and FAIL leaves it', async () => {
      const resource = setup.resource();
      await resource.create({ SecretArn, OnLivePublisher: 'FAIL' });
      const before = await setup.content(SecretArn);
      const to = { SecretArn, UserId: 'b', OnLivePublisher: 'FAIL' };
      const made = await resource.deliverUpdate(to);
      publish(made.physicalId);
      await failure(resource.delete(made.physicalId, to));
      expect(await setup.content(SecretArn)).toEqual(before);
    });

    test('if the owner tags of the remaining configuration were removed', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create({ SecretArn });
      const before = await setup.content(SecretArn);
      setup.edit(old, { replaceTags: {} });
      const made = await resource.deliverUpdate({ SecretArn, UserId: 'b' });
      await resource.delete(made.physicalId, { SecretArn, UserId: 'b' });
      expect(setup.configuration().arn).toBe(old);
      expect(await setup.content(SecretArn)).toEqual(before);
    });
  });

  test('a delete of a rolled-back replacement completes also if the secret is scheduled for deletion', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ SecretArn });
    const made = await resource.deliverUpdate({ SecretArn, UserId: 'b' });
    setup.emulator.edit({ service: 'secrets-manager', resource: SecretArn, scheduleDeletion: setup.clock.now() + 7 * 86_400_000 });
    await resource.delete(made.physicalId, { SecretArn, UserId: 'b' });
    expect(setup.configuration().arn).toBe(old);
  });

  test.each(['new', 'old'])('rolled back by an Update with the %s ID, without the owner tags of the old configuration: one configuration remains', async (which) => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ SecretArn });
    setup.edit(old, { replaceTags: {} });
    const to = { SecretArn, UserId: 'b' };
    const made = await resource.deliverUpdate(to);
    const known = which === 'new' ? made.physicalId : old;
    const outcome = await resource.deliverUpdate({ SecretArn }, { physicalId: known, properties: to });
    // The clean-up of whatever CloudFormation knows besides.
    for (const other of new Set([known, made.physicalId])) {
      if (other !== outcome.physicalId) await resource.delete(other, other === old ? { SecretArn } : to);
    }
    expect(setup.configurations().map(({ arn }) => arn)).toEqual([outcome.physicalId]);
    expect(outcome.physicalId).toBe(old);
  });

  test.each<[string, number]>([['WAIT', 389], ['FAIL', Infinity]])('%s: a rollback by an Update with the old ID does not disconnect a publisher of the replacement before %d s', async (OnLivePublisher, seconds) => {
    const resource = setup.resource();
    const back = { SecretArn, OnLivePublisher };
    const to = { ...back, UserId: 'b' };
    const { physicalId: old } = await resource.create(back);
    const made = await resource.deliverUpdate(to);
    // The encoder was restarted, and has read the secret.
    publish(made.physicalId);
    const from = setup.clock.now();
    const disconnectedAfter: number[] = [];
    setup.emulator.onCall(({ phase, call }) => {
      if (phase === 'before' && call.operation === 'DeleteIngestConfiguration') disconnectedAfter.push((setup.clock.now() - from) / 1000);
    });
    await resource.deliverUpdate(back, { physicalId: old, properties: to }).catch(() => undefined);
    expect(Math.min(...disconnectedAfter, Infinity)).toBeGreaterThanOrEqual(seconds);
  });

  test('a rollback while the rolled-back replacement writes the secret between two calls of one step: the secret finally holds the right key', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ SecretArn });
    const before = await setup.content(SecretArn);
    const to = { SecretArn, UserId: 'b' };
    let release!: () => void;
    const held = new Promise<void>((resolve) => { release = resolve; });
    let late: Promise<unknown> | undefined;
    let rollback: Promise<unknown> | undefined;
    setup.emulator.onCall(async ({ phase, call }) => {
      if (phase !== 'before') return;
      if (call.operation === 'PutSecretValue' && !rollback) {
        rollback = resource.deliver({ type: 'Update', requestId: 'u-2', physicalId: old, properties: { SecretArn }, oldProperties: to });
        await held;
      } else if (call.operation === 'ListIngestConfigurations' && rollback) {
        // The rollback has seen its own key in the secret; now comes the other's.
        release();
        await setup.clock.sleep(500);
      }
    });
    late = resource.onEvent({ type: 'Update', requestId: 'u-1', physicalId: old, properties: to, oldProperties: { SecretArn } });
    await late.catch(() => undefined);
    await rollback;
    expect(setup.configuration().arn).toBe(old);
    expect(await setup.content(SecretArn)).toEqual(before);
  });

  test('FAIL: a second delivery of a replacing update returns the same response as the first, although a publisher is now live', async () => {
    const resource = setup.resource();
    const properties = { SecretArn, OnLivePublisher: 'FAIL' };
    const { physicalId: old } = await resource.create(properties);
    const delivery = { type: 'Update' as const, requestId: 'u-1', physicalId: old, properties: { ...properties, UserId: 'b' }, oldProperties: properties };
    const first = await resource.onEvent(delivery);
    publish(old);
    expect((await resource.onEvent(delivery)).PhysicalResourceId).toBe(first.PhysicalResourceId);
  });

  test('empty attributes equal no attributes: no replacement', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    await resource.update({ SecretArn, Attributes: {} });
    expect(setup.configuration().arn).toBe(physicalId);
  });

  test('a stage that was deleted out of band fails neither an update of another property nor its rollback', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    setup.edit(StageArn, { delete: true });
    const tagged = { SecretArn, StageArn, Tags: [{ Key: 'a', Value: 'b' }] };
    await resource.deliverUpdate(tagged);
    await resource.deliverUpdate({ SecretArn, StageArn }, { properties: tagged });
    expect(setup.configuration()).toMatchObject({ stageArn: '', redundantIngest: false });
    expect(setup.configuration().tags).not.toHaveProperty('a');
  });

  test('orphans are found behind more than a page of other configurations', async () => {
    for (let index = 0; index < 130; index += 1) await setup.resource(`N${index}`, OTHER_STACK).onEvent({ type: 'Create', requestId: 'x', properties: { SecretArn: setup.secret(`n${index}`, OTHER_STACK) } });
    const resource = setup.resource();
    await resource.onEvent({ type: 'Create', requestId: 'r-1', properties: { SecretArn } });
    await resource.delete('Doorbells-Ingest-1ABCDEFGHIJKL', { SecretArn });
    expect(setup.configurations()).toHaveLength(130);
    expect(setup.calls('ListIngestConfigurations').length).toBeGreaterThan(2);
  });

  test('two concurrent deliveries with a quota for one more configuration: the configuration of one delivery is not left behind if the other is rejected', async () => {
    await setup.stop();
    setup = new IngestSetup({ quota: 1 });
    SecretArn = setup.secret();
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r-1', properties: { SecretArn } };
    const answers = await Promise.allSettled([resource.onEvent(delivery), resource.onEvent(delivery)]);
    // An onEvent that throws is reported as CREATE_FAILED at once, before any waiter is done, and the framework swallows the Delete that follows.
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  test('a killed replacement is rolled back after an out-of-band deletion of the old configuration: one configuration remains', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ SecretArn });
    const to = { SecretArn, UserId: 'b' };
    await setup.killed('CreateIngestConfiguration', () => resource.onEvent({ type: 'Update', requestId: 'u-1', physicalId: old, properties: to, oldProperties: { SecretArn } }));
    setup.edit(old, { delete: true });
    const outcome = await resource.deliverUpdate({ SecretArn }, { physicalId: old, properties: to });
    expect(setup.configurations().map(({ arn }) => arn)).toEqual([outcome.physicalId]);
  });

  test.each(['new', 'old'])('in-place change and replacement in one update, rolled back (%s ID) while the encoder of the old configuration is live', async (which) => {
    const resource = setup.resource();
    const back = { SecretArn, StageArn };
    const to = { SecretArn, StageArn: setup.stage(), UserId: 'b' };
    const { physicalId: old } = await resource.create(back);
    publish(old);
    const made = await resource.deliverUpdate(to);
    const outcome = await resource.deliverUpdate(back, { physicalId: which === 'new' ? made.physicalId : old, properties: to });
    expect(outcome.physicalId).toBe(old);
    await resource.delete(made.physicalId, to);
    expect(setup.configuration()).toMatchObject({ arn: old, state: 'ACTIVE' });
    expect((await setup.content(SecretArn)).ingestConfigurationArn).toBe(old);
  });

  test.each(['not-found', 'unchecked'] as const)('create with a stage that does not exist (%s) fails, and creates nothing', async (missingStage) => {
    await setup.stop();
    setup = new IngestSetup({ missingStage });
    [SecretArn, StageArn] = [setup.secret(), setup.stage()];
    const failed = await failure(setup.resource().create({ SecretArn, StageArn: StageArn.replace(/[^/]+$/, 'missing') }));
    expect(failed.message).toMatch(/there is no .*missing/);
    expect(setup.configurations()).toEqual([]);
  });

  test.each([['delete', (resource: any) => resource.delete()], ['update', (resource: any) => resource.update({ SecretArn, StageArn })]])(
    'WAIT, with the end of the stream driven by calls and not by a sleeper: a %s polls until then', async (_, operate) => {
      const resource = setup.resource();
      const { physicalId } = await resource.create({ SecretArn });
      publish(physicalId);
      const from = setup.clock.now();
      let isOver = false;
      setup.emulator.onCall(() => {
        if (isOver || setup.clock.now() - from < 100_000) return;
        isOver = true;
        publish(physicalId, false);
      });
      const { polls } = await operate(resource);
      expect(polls).toBeGreaterThan(40);
      expect((setup.clock.now() - from) / 1000).toBeLessThan(110);
    });

  test('FAIL: the command of its error message works', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ SecretArn, OnLivePublisher: 'FAIL' });
    publish(old);
    const failed = await failure(resource.update({ SecretArn, OnLivePublisher: 'FAIL', UserId: 'b' }));
    expect(failed.message).toContain('or set onLivePublisher to WAIT, in a deployment of its own');
    await resource.update({ SecretArn, OnLivePublisher: 'WAIT' });
    const { physicalId } = await resource.update({ SecretArn, OnLivePublisher: 'WAIT', UserId: 'b' });
    expect(setup.configuration().arn).toBe(physicalId);
  });

  test('a secret that was deleted out of band fails an update with the possible causes', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    setup.emulator.edit({ service: 'secrets-manager', resource: SecretArn, delete: true });
    const failed = await failure(resource.deliverUpdate({ SecretArn, StageArn }));
    expect(failed.message).toContain('unless IAM was changed, the secret is gone or has lost its tag cdk-rtc:stack');
  });

  test('another delivery of the last create that the quota allows returns the response of the first', async () => {
    await setup.stop();
    setup = new IngestSetup({ quota: 1 });
    SecretArn = setup.secret();
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r-1', properties: { SecretArn } };
    const [first, second] = await Promise.all([resource.onEvent(delivery), resource.onEvent(delivery)]);
    expect(second.PhysicalResourceId).toBe(first.PhysicalResourceId);
    await resource.settle(delivery, first);
  });
});

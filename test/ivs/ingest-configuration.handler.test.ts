import { IngestSetup } from './handler-setup';
import { secretValues, streamKeys } from '../../local/emulator';
import { ResourceFailed } from '../cloudformation';
import { ACCOUNT, OTHER_REGION, REGION, STACK_ID, stackId } from '../handler-setup';

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
/** What the owner tag says of resource and request. */
const resourceTag = (arn: string) => setup.configuration(arn).tags['cdk-rtc:resource'];
const secretOf = (arn: string) => expect.objectContaining({ ingestConfigurationArn: arn, participantId: setup.configuration(arn).participantId });

describe('create', () => {
  test('creates one configuration with the defaults and without a stage, and writes its stream key to the secret', async () => {
    const { physicalId, attributes } = await setup.resource().create({ SecretArn });
    expect(setup.configuration()).toMatchObject({
      arn: physicalId, ingestProtocol: 'RTMPS', insecureIngest: false, stageArn: '', userId: '', attributes: {}, redundantIngest: false,
    });
    expect(attributes).toEqual({ Name: setup.configuration().name, ParticipantId: setup.configuration().participantId });
    expect(await setup.content(SecretArn)).toEqual({
      ingestConfigurationArn: physicalId, participantId: attributes.ParticipantId, streamKey: streamKeys(setup.emulator)[0],
    });
  });

  test('costs two mutations and five reads', async () => {
    const { mutations, reads } = await setup.counting(() => setup.resource().create({ SecretArn, StageArn }));
    expect(mutations).toEqual(['CreateIngestConfiguration', 'PutSecretValue']);
    expect(reads).toEqual({ GetIngestConfiguration: 1, ListIngestConfigurations: 1, GetSecretValue: 2, GetStage: 1 });
  });

  test('sets every property', async () => {
    await setup.resource().create({
      SecretArn,
      StageArn,
      Name: 'studio',
      IngestProtocol: 'RTMP',
      InsecureIngest: true,
      RedundantIngest: true,
      UserId: 'camera 1',
      Attributes: { position: 'left', lens: 'wide' },
      Tags: [{ Key: 'team', Value: 'a b' }],
    });
    expect(setup.configuration()).toMatchObject({
      name: 'studio',
      stageArn: StageArn,
      ingestProtocol: 'RTMP',
      insecureIngest: true,
      redundantIngest: true,
      userId: 'camera 1',
      attributes: { position: 'left', lens: 'wide' },
      tags: { 'team': 'a b', 'cdk-rtc:stack': STACK_ID },
    });
    expect(setup.configuration().tags['cdk-rtc:resource']).toMatch(/^[0-9a-f]{16}\.[0-9a-f]{8}\.[0-9a-f]{8}$/);
  });

  test('with redundant ingest the secret has the credentials of every encoder', async () => {
    await setup.resource().create({ SecretArn, RedundantIngest: true });
    const { streamKey, redundantIngestCredentials } = await setup.content(SecretArn);
    expect([streamKey, ...redundantIngestCredentials!.map((credential) => credential.streamKey)].sort()).toEqual(streamKeys(setup.emulator).sort());
    expect(redundantIngestCredentials).toHaveLength(2);
  });

  test('generates a name from stack, logical id, their hash, and the request, cut to the limit', async () => {
    await setup.resource('Front').create({ SecretArn });
    expect(setup.configuration().name).toMatch(/^Doorbells-Front-[0-9a-f]{16}-[0-9a-f]{8}$/);
    const { attributes } = await setup.resource('L'.repeat(255)).create({ SecretArn: setup.secret('other') });
    expect(attributes.Name).toHaveLength(128);
    expect(attributes.Name).toMatch(/-[0-9a-f]{16}-[0-9a-f]{8}$/);
  });

  test('creates the configuration in the given region, and its secret stays in the stack\'s region', async () => {
    const { physicalId } = await setup.resource().create({ SecretArn, Region: OTHER_REGION, StageArn: setup.stage(OTHER_REGION) });
    expect(physicalId).toContain(`:${OTHER_REGION}:`);
    expect(setup.calls().filter(({ service }) => service === 'ivs-realtime').every(({ region }) => region === OTHER_REGION)).toBe(true);
    expect(await setup.content(SecretArn)).toEqual(secretOf(physicalId));
  });

  test('uses the secret\'s own key', async () => {
    const encrypted = setup.secret('encrypted', STACK_ID, `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`);
    const { physicalId } = await setup.resource().create({ SecretArn: encrypted });
    expect(await setup.content(encrypted)).toEqual(secretOf(physicalId));
  });

  test('names are not unique: another owner\'s configuration with the same name is neither adopted nor changed', async () => {
    const { physicalId: theirs } = await setup.resource('Ingest', OTHER_STACK).create({ SecretArn: setup.secret('theirs', OTHER_STACK), Name: 'studio' });
    const before = setup.configuration(theirs);
    const { physicalId } = await setup.resource().create({ SecretArn, Name: 'studio' });
    expect(physicalId).not.toBe(theirs);
    expect(setup.configuration(theirs)).toEqual(before);
  });

  test('a stage that does not exist fails and names it, and nothing is created', async () => {
    const missing = StageArn.replace(/[^/]+$/, 'missing');
    const failed = await failure(setup.resource().create({ SecretArn, StageArn: missing }));
    expect(failed.message).toBe(`Ingest: stage: there is no ${missing}`);
    expect(setup.calls('CreateIngestConfiguration')).toEqual([]);
    expect(failed.physicalId).toBeUndefined();
    expect(setup.configurations()).toEqual([]);
  });

  test('a deleted secret fails before anything is created', async () => {
    setup.emulator.edit({ service: 'secrets-manager', resource: SecretArn, delete: true });
    const failed = await failure(setup.resource().create({ SecretArn }));
    // The tag by which the policy knows the secret is gone with it.
    expect(failed.message).toContain(`not authorized to perform: secretsmanager:GetSecretValue on resource: ${SecretArn}`);
    expect(failed.physicalId).toBeUndefined();
    expect(setup.calls('CreateIngestConfiguration')).toEqual([]);
  });

  test('a secret that is deleted during the create fails with the ARN of the new configuration, and the following Delete removes the configuration', async () => {
    setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', message: 'no such secret', operation: 'PutSecretValue' });
    const resource = setup.resource();
    const failed = await failure(resource.create({ SecretArn }));
    expect(failed.message).toContain('ResourceNotFoundException: no such secret');
    expect(failed.physicalId).toBe(setup.configuration().arn);
    await resource.delete(failed.physicalId, { SecretArn });
    expect(setup.configurations()).toEqual([]);
  });
});

describe('deliveries of a create', () => {
  const delivery = () => ({ type: 'Create' as const, requestId: 'r-1', properties: { SecretArn, StageArn } });

  test('two deliveries in sequence: one configuration, the same response', async () => {
    const resource = setup.resource();
    const first = await resource.onEvent(delivery());
    expect((await resource.onEvent(delivery())).PhysicalResourceId).toBe(first.PhysicalResourceId);
    expect(setup.configuration().arn).toBe(first.PhysicalResourceId);
  });

  test.each([2, 5])('%d concurrent deliveries: one configuration, the same response for all', async (count) => {
    const resource = setup.resource();
    const answers = await Promise.all(Array.from({ length: count }, () => resource.onEvent(delivery())));
    expect(new Set(answers.map(({ PhysicalResourceId }) => PhysicalResourceId)).size).toBe(1);
    await resource.settle(delivery(), answers[0]);
    expect(setup.configuration().arn).toBe(answers[0].PhysicalResourceId);
    // All have created, so that it was the secret that decided.
    expect(setup.calls('CreateIngestConfiguration').filter(({ outcome }) => outcome === 'success').length).toBeGreaterThan(1);
    expect(await setup.content(SecretArn)).toEqual(secretOf(answers[0].PhysicalResourceId));
  });

  test('concurrent creates of two resources: each has its own configuration', async () => {
    const [one, other] = await Promise.all([
      setup.resource('One').create({ SecretArn }), setup.resource('Other').create({ SecretArn: setup.secret('other') }),
    ]);
    expect(one.physicalId).not.toBe(other.physicalId);
    expect(setup.configurations()).toHaveLength(2);
  });

  test('lost response of the create: the configuration is found, and no second one is created', async () => {
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreateIngestConfiguration', times: 1 });
    const { physicalId } = await setup.resource().create({ SecretArn });
    expect(setup.calls('CreateIngestConfiguration')).toHaveLength(1);
    expect(setup.configuration().arn).toBe(physicalId);
  });

  test('lost response and lagging lists: the configuration is found', async () => {
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreateIngestConfiguration', times: 1 });
    setup.emulator.addFault({ kind: 'laggingReads', service: 'ivs-realtime', milliseconds: 5000 });
    const { physicalId } = await setup.resource().create({ SecretArn });
    expect(setup.calls('CreateIngestConfiguration')).toHaveLength(1);
    expect(setup.configuration().arn).toBe(physicalId);
  });

  test('lost request: the create is retried', async () => {
    setup.emulator.addFault({ kind: 'lostRequest', operation: 'CreateIngestConfiguration', times: 1 });
    await setup.resource().create({ SecretArn });
    expect(setup.configurations()).toHaveLength(1);
  });

  test('lost response while lists fail: no second configuration is created before a list succeeds', async () => {
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreateIngestConfiguration', times: 1 });
    setup.emulator.addFault({ kind: 'throttle', operation: 'ListIngestConfigurations', times: 60 });
    const { physicalId } = await setup.resource().create({ SecretArn });
    expect(setup.calls('CreateIngestConfiguration')).toHaveLength(1);
    expect(setup.configuration().arn).toBe(physicalId);
  });

  test('lost responses while lists fail: fails with a physical ID, and the following Delete removes all configurations', async () => {
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreateIngestConfiguration' });
    setup.emulator.addFault({ kind: 'throttle', operation: 'ListIngestConfigurations' });
    const resource = setup.resource();
    const failed = await failure(resource.create({ SecretArn }));
    expect(failed.physicalId).toMatch(/^cdk-rtc-unconfirmed:/);
    expect(setup.configurations().length).toBeGreaterThan(0);
    setup.emulator.removeFaults();
    await resource.delete(failed.physicalId, { SecretArn });
    expect(setup.configurations()).toEqual([]);
  });

  test.each(['CreateIngestConfiguration', 'PutSecretValue'])('killed after %s, and delivered again: one configuration', async (operation) => {
    const resource = setup.resource();
    await setup.killed(operation, () => resource.onEvent(delivery()));
    const outcome = await resource.deliver(delivery());
    expect(setup.configuration().arn).toBe(outcome.physicalId);
    expect(await setup.content(SecretArn)).toEqual(secretOf(outcome.physicalId));
  });

  test('killed after the create, and only then the stack is deleted: nothing is left', async () => {
    const resource = setup.resource();
    await setup.killed('CreateIngestConfiguration', () => resource.onEvent(delivery()));
    await resource.delete('Doorbells-Ingest-INVENTED', { SecretArn });
    expect(setup.configurations()).toEqual([]);
  });

  test('a second delivery that cannot delete its configuration leaves the deletion to the first delivery', async () => {
    const resource = setup.resource();
    setup.emulator.addFault({ kind: 'throttle', operation: 'DeleteIngestConfiguration', times: 1 });
    const [first] = await Promise.all([resource.onEvent(delivery()), resource.onEvent(delivery())]);
    expect(setup.configurations()).toHaveLength(2);
    await resource.settle(delivery(), first);
    expect(setup.configuration().arn).toBe(first.PhysicalResourceId);
  });

  test('the first delivery recognizes that configuration also if its tags are read late', async () => {
    const resource = setup.resource();
    setup.emulator.addFault({ kind: 'throttle', operation: 'DeleteIngestConfiguration', times: 1 });
    const [first] = await Promise.all([resource.onEvent(delivery()), resource.onEvent(delivery())]);
    setup.emulator.addFault({ kind: 'laggingReads', operation: 'ListTagsForResource', milliseconds: 60_000, times: 1 });
    await resource.settle(delivery(), first);
    expect(setup.configuration().arn).toBe(first.PhysicalResourceId);
  });

  test('a deleted configuration in a list delays the create only as long as reads can lag', async () => {
    const other = setup.resource('Other');
    await other.create({ SecretArn: setup.secret('other'), Name: 'studio' });
    await setup.clock.sleep(2 * 3_600_000);
    await other.delete();
    setup.emulator.addFault({ kind: 'laggingReads', operation: 'ListIngestConfigurations', milliseconds: 3_600_000 });
    setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', operation: 'ListTagsForResource' });
    const { physicalId } = await setup.resource().create({ SecretArn, Name: 'studio' });
    expect(setup.configuration().arn).toBe(physicalId);
  });

  test('lost response of PutSecretValue: the SDK retries with the same value', async () => {
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'PutSecretValue', times: 1 });
    const { physicalId } = await setup.resource().create({ SecretArn });
    expect(setup.configuration().arn).toBe(physicalId);
  });

  test.each(['PendingVerification', 'ServiceQuotaExceededException'])('%s fails immediately with the service\'s message, without a retry', async (error) => {
    setup.emulator.addFault({ kind: 'error', error, message: 'ask for more', operation: 'CreateIngestConfiguration' });
    const failed = await failure(setup.resource().create({ SecretArn }));
    expect(failed.message).toMatch(new RegExp(`^Ingest: ${error}: ask for more \\(request id `));
    expect(failed.physicalId).toBeUndefined();
    expect(setup.calls('CreateIngestConfiguration')).toHaveLength(1);
  });

  test('access denied is retried in the first minute, while IAM propagates', async () => {
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'CreateIngestConfiguration', times: 5 });
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'PutSecretValue', times: 5 });
    await setup.resource().create({ SecretArn });
    expect(setup.configurations()).toHaveLength(1);
  });

  test('permanently denied access to the secret fails with the ARN, and the following Delete removes the configuration', async () => {
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'PutSecretValue' });
    const resource = setup.resource();
    const failed = await failure(resource.create({ SecretArn }));
    expect(failed.message).toContain('AccessDenied');
    await resource.delete(failed.physicalId, { SecretArn });
    expect(setup.configurations()).toEqual([]);
  });
});

describe('update', () => {
  test('without a difference makes no mutation, and three reads in addition to the read that finds the configuration', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    const { mutations, reads } = await setup.counting(() => resource.deliverUpdate({ SecretArn, StageArn }));
    expect(mutations).toEqual([]);
    expect(reads).toEqual({ GetIngestConfiguration: 2, GetSecretValue: 1, GetStage: 1 });
  });

  test('attaches, moves, and detaches the stage in place, and sends the redundancy each time', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn, RedundantIngest: true });
    const other = setup.stage();
    for (const stage of [StageArn, other, undefined]) {
      const { mutations } = await setup.counting(() => resource.update({ SecretArn, RedundantIngest: true, ...stage && { StageArn: stage } }));
      // The secret has the server URL of the stage.
      expect(mutations).toEqual(['UpdateIngestConfiguration', 'PutSecretValue']);
      expect(setup.configuration()).toMatchObject({ arn: physicalId, stageArn: stage ?? '', redundantIngest: true });
    }
  });

  test('reaches the desired state however the service treats members that an update omits', async () => {
    await setup.stop();
    setup = new IngestSetup({ omittedOnUpdate: 'cleared', unset: 'empty' });
    [SecretArn, StageArn] = [setup.secret(), setup.stage()];
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    await resource.update({ SecretArn, StageArn, RedundantIngest: true });
    expect(setup.configuration()).toMatchObject({ stageArn: StageArn, redundantIngest: true });
  });

  test('turns redundant ingest on and off in place, and the secret follows', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    await resource.update({ SecretArn, RedundantIngest: true });
    expect((await setup.content(SecretArn)).redundantIngestCredentials).toHaveLength(2);
    await resource.update({ SecretArn });
    expect(await setup.content(SecretArn)).toEqual(secretOf(physicalId));
    expect(await setup.content(SecretArn)).not.toHaveProperty('redundantIngestCredentials');
    expect(setup.configuration().arn).toBe(physicalId);
  });

  test('adds, changes, and removes tags, and keeps tags that the template does not name', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }] });
    setup.edit(resource.physicalId!, { tags: { theirs: 'x' } });
    await resource.update({ SecretArn, Tags: [{ Key: 'b', Value: '3' }, { Key: 'c', Value: '4' }] });
    expect(setup.configuration().tags).toEqual({ 'b': '3', 'c': '4', 'theirs': 'x', 'cdk-rtc:stack': STACK_ID, 'cdk-rtc:resource': expect.any(String) });
  });

  test('restores removed owner tags before any other change', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    setup.edit(physicalId, { replaceTags: {} });
    const { mutations } = await setup.counting(() => resource.update({ SecretArn, StageArn }));
    expect(mutations).toEqual(['TagResource', 'UpdateIngestConfiguration', 'PutSecretValue']);
    expect(setup.configuration()).toMatchObject({ arn: physicalId, stageArn: StageArn, tags: { 'cdk-rtc:stack': STACK_ID } });
  });

  test('fails for a configuration with another stack\'s tag, names stack and command, and changes nothing', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    setup.edit(physicalId, { tags: { 'cdk-rtc:stack': OTHER_STACK } });
    const before = setup.configuration();
    const failed = await failure(resource.update({ SecretArn, StageArn }));
    expect(failed.message).toContain(`belongs to the stack ${OTHER_STACK}`);
    expect(failed.message).toContain(`aws ivs-realtime untag-resource --region ${REGION} --resource-arn ${physicalId} --tag-keys cdk-rtc:stack cdk-rtc:resource`);
    expect(setup.configuration()).toEqual(before);
  });

  test('attaches the stage again after the deletion of a stage detached it', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    setup.edit(StageArn, { delete: true });
    expect(setup.configuration().stageArn).toBe('');
    const other = setup.stage();
    await resource.update({ SecretArn, StageArn: other });
    expect(setup.configuration().stageArn).toBe(other);
  });

  test.each(['modelled', 'not-found', 'invalid'] as const)('to a stage that does not exist (%s) fails and names it, and is rolled back', async (missingStage) => {
    await setup.stop();
    setup = new IngestSetup({ missingStage });
    [SecretArn, StageArn] = [setup.secret(), setup.stage()];
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    const missing = StageArn.replace(/[^/]+$/, 'missing');
    const failed = await failure(resource.update({ SecretArn, StageArn: missing }));
    expect(failed.message).toContain(missing);
    expect(failed.polls).toBeLessThan(60);
    await resource.deliverUpdate({ SecretArn, StageArn }, { properties: { SecretArn, StageArn: missing } });
    expect(setup.configuration().stageArn).toBe(StageArn);
  });

  test('creates a configuration again that was deleted out of band, and the secret has the new key', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn, StageArn });
    setup.edit(physicalId, { delete: true });
    await resource.update({ SecretArn, StageArn, RedundantIngest: true });
    expect(setup.configuration().arn).toBe(resource.physicalId);
    expect(resource.physicalId).not.toBe(physicalId);
    expect(await setup.content(SecretArn)).toEqual(secretOf(resource.physicalId!));
  });

  test('corrects a secret that was overwritten out of band', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    const before = await setup.content(SecretArn);
    setup.emulator.edit({ service: 'secrets-manager', resource: SecretArn, secretString: 'not json' });
    await resource.update({ SecretArn, Tags: [{ Key: 'a', Value: 'b' }] });
    expect(await setup.content(SecretArn)).toEqual(before);
  });

  test('neither changes nor reports a secret that holds the credentials of the encoders in another order', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, RedundantIngest: true });
    const { redundantIngestCredentials, ...value } = await setup.content(SecretArn);
    setup.store(SecretArn, { ...value, redundantIngestCredentials: [...redundantIngestCredentials!].reverse() });
    expect(await setup.driftOf([resource])).toMatchObject({ observed: 1, drifted: [] });
    const { mutations } = await setup.counting(() => resource.update({ SecretArn, RedundantIngest: true, ForceUpdateNonce: '1' }));
    expect(mutations).toEqual([]);
  });

  test('corrects a secret that lacks the credentials of one encoder', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, RedundantIngest: true });
    const before = await setup.content(SecretArn);
    setup.store(SecretArn, { ...before, redundantIngestCredentials: before.redundantIngestCredentials!.slice(1) });
    await resource.update({ SecretArn, RedundantIngest: true, ForceUpdateNonce: '1' });
    expect(await setup.content(SecretArn)).toEqual(before);
  });

  test('fails if the key of the secret can\'t decrypt it, and says nothing about the tag of the secret', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    setup.emulator.addFault({ kind: 'error', error: 'DecryptionFailure', service: 'secrets-manager', operation: 'GetSecretValue' });
    const failed = await failure(resource.update({ SecretArn, ForceUpdateNonce: '1' }));
    expect(failed.message).toContain('DecryptionFailure: ');
    expect(failed.message).not.toContain('has lost its tag');
  });

  test('fills a new secret', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    const other = setup.secret('other');
    await resource.update({ SecretArn: other });
    expect(await setup.content(other)).toEqual(await setup.content(SecretArn));
  });

  test('with lagging reads makes each mutation once', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    setup.emulator.addFault({ kind: 'laggingReads', service: 'ivs-realtime', milliseconds: 6000 });
    const { mutations } = await setup.counting(() => resource.update({ SecretArn, StageArn }));
    expect(mutations).toEqual(['UpdateIngestConfiguration', 'PutSecretValue']);
  });

  test('with a lost response reads the state before a retry', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'UpdateIngestConfiguration', times: 1 });
    await resource.update({ SecretArn, StageArn });
    expect(setup.calls('UpdateIngestConfiguration')).toHaveLength(1);
  });
});

describe('while a publisher is live', () => {
  /** When a call is made after so many seconds: time would jump to a sleeper while a request is on its way over a socket. */
  const soon = (arn: string, seconds: number) => {
    const until = setup.clock.now() + seconds * 1000;
    let isOver = false;
    setup.emulator.onCall(() => {
      if (isOver || setup.clock.now() < until) return;
      isOver = true;
      publish(arn, false);
    });
  };

  describe('WAIT', () => {
    test('a change of the stage waits for the stream to end', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create({ SecretArn });
      publish(physicalId);
      soon(physicalId, 100);
      const { polls } = await resource.update({ SecretArn, StageArn });
      // One in two seconds.
      expect(polls).toBeGreaterThan(40);
      expect(setup.calls('UpdateIngestConfiguration')).toHaveLength(1);
    });

    test('a change fails at the deadline with the reason, and can be rolled back while the publisher is live', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create({ SecretArn });
      publish(physicalId);
      const failed = await failure(resource.update({ SecretArn, StageArn }));
      expect(failed.message).toMatch(new RegExp(`^Ingest: not done after 4\\d\\d s; last observed: ${physicalId} is live, and cannot be changed before the stream ends \\(publishes to no stage, desired ${StageArn}\\)$`));
      await resource.deliverUpdate({ SecretArn }, { properties: { SecretArn, StageArn } });
      expect(setup.configuration().state).toBe('ACTIVE');
    });

    test('a change that the service rejects because a stream has just started also waits', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create({ SecretArn });
      setup.emulator.onCall(({ phase, call }) => {
        if (phase === 'before' && call.operation === 'UpdateIngestConfiguration' && setup.calls('UpdateIngestConfiguration').length <= 1) {
          publish(physicalId);
          soon(physicalId, 30);
        }
      });
      await resource.update({ SecretArn, StageArn });
      expect(setup.calls('UpdateIngestConfiguration').map(({ outcome }) => outcome)).toEqual(['ConflictException', 'success']);
    });

    test('tags are changed without waiting', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create({ SecretArn });
      publish(physicalId);
      await resource.update({ SecretArn, Tags: [{ Key: 'a', Value: 'b' }] });
      expect(setup.configuration().tags.a).toBe('b');
    });

    test('a delete waits for the stream to end', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create({ SecretArn });
      publish(physicalId);
      soon(physicalId, 100);
      const from = setup.clock.now();
      expect((await resource.delete()).polls).toBeGreaterThan(40);
      expect((setup.clock.now() - from) / 1000).toBeLessThan(110);
      expect(setup.configurations()).toEqual([]);
    });

    test('a delete disconnects the publisher before its deadline', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create({ SecretArn });
      publish(physicalId);
      const from = setup.clock.now();
      await resource.delete();
      expect((setup.clock.now() - from) / 1000).toBeGreaterThan(389);
      expect(setup.configurations()).toEqual([]);
      expect(setup.logged.join()).toContain('or else to be disconnected after 6.5 min');
    });

    test('a replacement is created immediately, and the old configuration is deleted after the stream ends', async () => {
      const resource = setup.resource();
      const { physicalId: old } = await resource.create({ SecretArn });
      publish(old);
      const made = await resource.deliverUpdate({ SecretArn, UserId: 'b' });
      soon(old, 60);
      expect((await resource.delete(old, { SecretArn })).polls).toBeGreaterThan(25);
      expect(setup.configuration().arn).toBe(made.physicalId);
    });
  });

  describe('DISCONNECT', () => {
    test('a delete disconnects immediately', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create({ SecretArn, OnLivePublisher: 'DISCONNECT' });
      publish(physicalId);
      const { polls } = await resource.delete();
      expect(polls).toBe(1);
      expect(setup.configurations()).toEqual([]);
    });

    test('a change waits, because the service cannot disconnect for it', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create({ SecretArn, OnLivePublisher: 'DISCONNECT' });
      publish(physicalId);
      soon(physicalId, 60);
      expect((await resource.update({ SecretArn, StageArn, OnLivePublisher: 'DISCONNECT' })).polls).toBeGreaterThan(25);
      expect(setup.configuration().stageArn).toBe(StageArn);
    });
  });

  describe('FAIL', () => {
    const properties = () => ({ SecretArn, OnLivePublisher: 'FAIL' });

    test('a change fails immediately', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create(properties());
      publish(physicalId);
      const failed = await failure(resource.update({ ...properties(), StageArn }));
      expect(failed.polls).toBe(1);
      expect(failed.message).toBe(`Ingest: ${physicalId} is live, and cannot be changed then (publishes to no stage, desired ${StageArn}); end the stream first, or set onLivePublisher to WAIT, in a deployment of its own`);
      expect(setup.configuration().stageArn).toBe('');
    });

    test('a replacement fails before anything is created', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create(properties());
      publish(physicalId);
      const failed = await failure(resource.update({ ...properties(), UserId: 'b' }));
      expect(failed.message).toBe(`Ingest: ${physicalId} is live, and this change would replace it; end the stream first, or set onLivePublisher to WAIT, in a deployment of its own`);
      expect(setup.configuration().arn).toBe(physicalId);
      expect(setup.calls('CreateIngestConfiguration')).toHaveLength(1);
    });

    test('a delete fails immediately with the ARN and the command, and the configuration remains', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create(properties());
      publish(physicalId);
      const failed = await failure(resource.delete());
      expect(failed.polls).toBe(1);
      expect(failed.message).toBe(`Ingest: ${physicalId} is live, so it is left as it is; when the stream has ended, delete it with \`aws ivs-realtime delete-ingest-configuration --region ${REGION} --arn ${physicalId}\``);
      expect(setup.configuration().state).toBe('ACTIVE');
      expect(setup.calls('DeleteIngestConfiguration')).toEqual([]);
      publish(physicalId, false);
      await resource.delete();
      expect(setup.configurations()).toEqual([]);
    });

    test('a rollback of a change that was never applied does not change the live configuration', async () => {
      const resource = setup.resource();
      const { physicalId } = await resource.create(properties());
      publish(physicalId);
      await failure(resource.update({ ...properties(), StageArn }));
      const { mutations } = await setup.counting(() => resource.deliverUpdate(properties(), { properties: { ...properties(), StageArn } }));
      expect(mutations).toEqual([]);
    });
  });
});

describe('delete', () => {
  test('costs one mutation, four reads, and one poll', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    const { mutations, reads } = await setup.counting(async () => expect((await resource.delete()).polls).toBe(1));
    expect(mutations).toEqual(['DeleteIngestConfiguration']);
    expect(reads).toEqual({ GetIngestConfiguration: 1, ListIngestConfigurations: 1, GetSecretValue: 2 });
    expect(setup.configurations()).toEqual([]);
  });

  test('of a missing configuration succeeds, although the policy denies changes to missing resources', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    setup.edit(physicalId, { delete: true });
    await resource.delete();
  });

  test('of a configuration that disappears between the read and the delete succeeds', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    let first = true;
    setup.emulator.onCall(({ phase, call }) => {
      if (phase === 'before' && call.operation === 'DeleteIngestConfiguration' && first) {
        first = false;
        setup.edit(physicalId, { delete: true });
      }
    });
    await resource.delete();
  });

  test('of a rolled-back replacement completes also if the secret was deleted', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    const { physicalId } = await resource.deliverUpdate({ SecretArn, UserId: 'b' });
    setup.emulator.edit({ service: 'secrets-manager', resource: SecretArn, delete: true });
    await resource.delete(physicalId, { SecretArn, UserId: 'b' });
    expect(setup.configuration().arn).toBe(resource.physicalId);
  });

  test('after the deletion of the secret succeeds', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    setup.emulator.edit({ service: 'secrets-manager', resource: SecretArn, delete: true });
    await resource.delete();
    expect(setup.configurations()).toEqual([]);
  });

  test('does not rely on a single lagging read', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    setup.emulator.addFault({ kind: 'laggingReads', service: 'ivs-realtime', milliseconds: 8000, times: 3 });
    await resource.delete();
    expect(setup.configurations()).toEqual([]);
  });

  test('whose response is lost still ends', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'DeleteIngestConfiguration', times: 1 });
    await resource.delete();
    expect(setup.configurations()).toEqual([]);
  });

  test('of another stack\'s configuration succeeds and leaves it as it is', async () => {
    const { physicalId: theirs } = await setup.resource('Ingest', OTHER_STACK).create({ SecretArn: setup.secret('theirs', OTHER_STACK) });
    const before = setup.configuration();
    await setup.resource().delete(theirs, { SecretArn });
    expect(setup.configuration()).toEqual(before);
  });

  test('of a configuration without its owner tags tags it again and deletes it', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    setup.edit(physicalId, { replaceTags: {} });
    const { mutations } = await setup.counting(() => resource.delete());
    expect(mutations).toEqual(['TagResource', 'DeleteIngestConfiguration']);
  });

  test('with a fixed name and without owner tags tags it again and deletes it', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn, Name: 'studio' });
    setup.edit(physicalId, { replaceTags: {} });
    await resource.delete();
    expect(setup.configurations()).toEqual([]);
  });

  test('also deletes orphans of the same request', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r-1', properties: { SecretArn } };
    const { physicalId } = await resource.deliver(delivery);
    // A delivery that arrived after the others had finished, and was killed before it wrote the secret.
    setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', operation: 'GetSecretValue', times: 1 });
    await setup.killed('CreateIngestConfiguration', () => resource.onEvent(delivery));
    expect(setup.configurations()).toHaveLength(2);
    await resource.delete(physicalId, { SecretArn });
    expect(setup.configurations()).toEqual([]);
  });

  test('reads properties of any version leniently', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    await resource.delete(physicalId, { Unknown: { nested: ['x'] }, Attributes: 'x', OnLivePublisher: 'LATER' });
    expect(setup.configurations()).toEqual([]);
  });

  describe('with an ID that CloudFormation generated', () => {
    const INVENTED = 'Doorbells-Ingest-1ABCDEFGHIJKL';

    test('finds and removes the configuration of the create, and completes quickly', async () => {
      const resource = setup.resource();
      await resource.onEvent({ type: 'Create', requestId: 'r-1', properties: { SecretArn } });
      const began = setup.clock.now();
      await resource.delete(INVENTED, { SecretArn });
      expect(setup.configurations()).toEqual([]);
      expect(setup.clock.now() - began).toBeLessThanOrEqual(15_000);
      // A delivery that comes later still makes nothing.
      await resource.onEvent({ type: 'Create', requestId: 'r-1', properties: { SecretArn } });
      expect(setup.configurations()).toEqual([]);
    });

    test('waits for another delivery if the first one stored no stream key', async () => {
      const resource = setup.resource();
      await setup.killed('CreateIngestConfiguration', () => resource.onEvent({ type: 'Create', requestId: 'r-1', properties: { SecretArn } }));
      const removed = resource.delete(INVENTED, { SecretArn });
      await setup.clock.sleep(60_000);
      await resource.onEvent({ type: 'Create', requestId: 'r-1', properties: { SecretArn } });
      await removed;
      expect(setup.configurations()).toEqual([]);
    });

    test('waits if the secret was deleted, and completes', async () => {
      const resource = setup.resource();
      await resource.onEvent({ type: 'Create', requestId: 'r-1', properties: { SecretArn } });
      const began = setup.clock.now();
      await resource.delete(INVENTED, {});
      expect(setup.configurations()).toEqual([]);
      expect(setup.clock.now() - began).toBeGreaterThanOrEqual(180_000);
    });

    test('finds a configuration with a fixed name', async () => {
      const resource = setup.resource();
      await resource.onEvent({ type: 'Create', requestId: 'r-1', properties: { SecretArn, Name: 'studio' } });
      await resource.delete(INVENTED, { SecretArn, Name: 'studio' });
      expect(setup.configurations()).toEqual([]);
    });

    test('removes the configuration of a create that is still running', async () => {
      const resource = setup.resource();
      const removed = resource.delete(INVENTED, { SecretArn });
      await setup.clock.sleep(20_000);
      await resource.onEvent({ type: 'Create', requestId: 'r-1', properties: { SecretArn } });
      await removed;
      expect(setup.configurations()).toEqual([]);
    });

    test('a waiter that outlived its resource fails, and creates nothing', async () => {
      const resource = setup.resource();
      const delivery = { type: 'Create' as const, requestId: 'r-1', properties: { SecretArn } };
      const accepted = await resource.onEvent(delivery);
      await resource.delete(accepted.PhysicalResourceId, { SecretArn });
      expect((await failure(resource.settle(delivery, accepted))).message).toContain('deleted out of band during this deployment');
      expect(setup.configurations()).toEqual([]);
    });

    test('changes no configuration of the same name, of another stack, or of another resource', async () => {
      await setup.resource('Ingest', OTHER_STACK).create({ SecretArn: setup.secret('theirs', OTHER_STACK), Name: 'studio' });
      await setup.resource('Other').create({ SecretArn: setup.secret('other'), Name: 'studio' });
      const before = setup.configurations();
      await setup.resource().delete(INVENTED, { SecretArn, Name: 'studio' });
      expect(setup.configurations()).toEqual(before);
    });

    test('leaves a configuration that an earlier resource with the same ID retained', async () => {
      const resource = setup.resource();
      await resource.create({ SecretArn, Retain: true });
      await resource.delete(INVENTED, { SecretArn });
      expect(setup.configurations()).toHaveLength(1);
    });

    test('in a region without the service completes', async () => {
      const began = setup.clock.now();
      await setup.resource().delete(INVENTED, { SecretArn, Region: 'eu-north-1' });
      expect(setup.clock.now() - began).toBeGreaterThanOrEqual(180_000);
      expect(setup.clock.now() - began).toBeLessThan(200_000);
    });
  });
});

describe('retain', () => {
  test.each([true, false])('an unowned configuration with the desired properties is adopted again only if it is also retained: %p', async (Retain) => {
    const resource = setup.resource();
    const { physicalId: retained } = await resource.create({ SecretArn, Retain: true });
    await resource.create({ SecretArn, UserId: 'b' });
    const { physicalId } = await resource.deliverUpdate({ SecretArn, Retain });
    expect(physicalId === retained).toBe(Retain);
  });

  test('is recorded and removed by an update', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn, Retain: true });
    expect(resourceTag(physicalId)).toMatch(/\.retained$/);
    await resource.update({ SecretArn });
    expect(resourceTag(physicalId)).not.toMatch(/retained/);
  });
});

/** The failure at the deadline ends with the last of these. */
describe('the reason for waiting', () => {
  const INVENTED = 'Doorbells-Ingest-1ABCDEFGHIJKL';
  const delivered = async (properties: Record<string, unknown>) => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r-1', properties };
    return { resource, delivery, accepted: await resource.onEvent(delivery) };
  };

  test('a configuration that no read shows yet', async () => {
    const { resource, delivery, accepted } = await delivered({ SecretArn });
    setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', operation: 'GetIngestConfiguration', times: 20 });
    expect(await resource.poll(delivery, accepted)).toEqual({ IsComplete: false });
    expect(setup.said('pending')).toEqual([`${accepted.PhysicalResourceId} is not found, as a configuration just created may be for a while`]);
  });

  test('a stage that is not found, until a minute has passed', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    const missing = StageArn.replace(/[^/]+$/, 'missing');
    expect((await failure(resource.update({ SecretArn, StageArn: missing }))).message).toBe(`Ingest: stage: there is no ${missing}`);
    expect(setup.said('pending')).toEqual([`the stage ${missing} is not found, as one just created may be for a while`]);
  });

  test('one change after another, each with the actual and the desired state', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    await resource.update({ SecretArn, StageArn });
    await resource.update({ SecretArn, RedundantIngest: true });
    await resource.update({ SecretArn: setup.secret('other'), RedundantIngest: true });
    expect(setup.said('apply change')).toEqual([
      `publishes to no stage, desired ${StageArn}`, `the secret does not hold the server URL ${setup.endpoints(StageArn).rtmps}`,
      `publishes to ${StageArn}, desired no stage with redundant ingest`,
      `the secret does not hold the stream key of ${physicalId}`,
    ]);
  });

  test('at most one change per step', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    const properties = { SecretArn, StageArn, Tags: [{ Key: 'team', Value: 'studio' }] };
    const delivery = { type: 'Update' as const, requestId: 'u-1', physicalId: resource.physicalId, properties, oldProperties: { SecretArn } };
    const accepted = await resource.onEvent(delivery);
    const { mutations } = await setup.counting(() => resource.poll(delivery, accepted));
    expect(mutations).toEqual(['TagResource']);
    expect(setup.said('pending')).toEqual([`publishes to no stage, desired ${StageArn}`]);
  });

  test('a configuration that a rolled-back replacement may still create', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    const began = setup.clock.now();
    await resource.deliverUpdate({ SecretArn }, { physicalId, properties: { SecretArn, UserId: 'b' } });
    expect(setup.said('pending')).toEqual([
      `whether ${SecretArn} was given another value just now may not be readable yet`,
      'looking for a resource that the rolled-back replacement may have left, or may still create',
    ]);
    expect(setup.clock.now() - began).toBeGreaterThanOrEqual(180_000);
  });

  test('a live configuration that a rolled-back replacement left', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    const to = { SecretArn, UserId: 'b' };
    const { PhysicalResourceId: orphan } = await resource.onEvent({ type: 'Update', requestId: 'u-1', physicalId, properties: to, oldProperties: { SecretArn } });
    publish(orphan);
    void setup.clock.sleep(20_000).then(() => publish(orphan, false));
    await resource.deliverUpdate({ SecretArn }, { physicalId, properties: to });
    expect(setup.said('pending')).toContain(`found ${orphan} of the rolled-back replacement: ${orphan} is live: waiting for the stream to end, or else to be disconnected after 6.5 min`);
    expect(setup.configuration().arn).toBe(physicalId);
  });

  test('a delete with an ID that CloudFormation generated', async () => {
    const { resource, accepted } = await delivered({ SecretArn });
    // Without the secret, the handler can't know whether another delivery is still to come.
    await resource.delete(INVENTED, {});
    const [first, second] = setup.said('pending');
    expect(first).toBe(`found ${accepted.PhysicalResourceId}, deleting`);
    expect(second).toMatch(/^found nothing; a create may still be running for 1[67]\d s$/);
  });

  test('a delete of a configuration that is not found, and of one without its tags', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    setup.edit(physicalId, { replaceTags: {} });
    await resource.delete();
    await resource.delete(physicalId, { SecretArn });
    expect(setup.said('pending')).toEqual([`${physicalId}: tagged again, to be deleted`, `${physicalId} is not found, which must be so for a while`]);
  });
});

test('a list that fails for minutes is not treated as empty', async () => {
  const resource = setup.resource();
  await resource.onEvent({ type: 'Create', requestId: 'r', properties: { SecretArn } });
  setup.emulator.addFault({ kind: 'serverError', operation: 'ListIngestConfigurations' });
  const deleted = resource.delete('Doorbells-Ingest-1ABCDEFGHIJKL', { SecretArn });
  await setup.clock.sleep(300_000);
  setup.emulator.removeFaults();
  await deleted;
  expect(setup.configurations()).toEqual([]);
});

test('the Delete after an update with an unknown outcome removes only the configuration of that update, and completes quickly', async () => {
  const resource = setup.resource();
  const { physicalId } = await resource.create({ SecretArn });
  const to = { SecretArn, UserId: 'b' };
  // The configuration is created, and then lists fail.
  setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreateIngestConfiguration' });
  setup.emulator.onCall(({ phase, call }) => {
    if (phase === 'after' && call.operation === 'CreateIngestConfiguration') setup.emulator.addFault({ kind: 'serverError', operation: 'ListIngestConfigurations' });
  });
  const failed = await failure(resource.deliverUpdate(to));
  expect(failed.physicalId).toMatch(/^cdk-rtc-unconfirmed:/);
  setup.emulator.removeFaults();
  expect(setup.configurations().length).toBeGreaterThan(1);
  const began = setup.clock.now();
  await resource.delete(failed.physicalId, to);
  expect(setup.clock.now() - began).toBeLessThan(60_000);
  expect(setup.configuration().arn).toBe(physicalId);
});

describe('a step', () => {
  test('ends within its time budget, however slow the service is, and the next step continues', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r-1', properties: { SecretArn } };
    const accepted = await resource.onEvent(delivery);
    // Each call in less than the client waits, and three of them in more than a step lasts.
    setup.emulator.addFault({ kind: 'delay', milliseconds: 3_500 });
    const began = setup.clock.now();
    expect(await resource.poll(delivery, accepted)).toEqual({ IsComplete: false });
    expect(setup.clock.now() - began).toBe(9_000);
    setup.emulator.removeFaults();
    await resource.settle(delivery, accepted);
  });

  test.each(['GetSecretValue'])('ends within its time budget, however long %s takes', async (operation) => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r-1', properties: { SecretArn } };
    const accepted = await resource.onEvent(delivery);
    setup.emulator.addFault({ kind: 'delay', milliseconds: 60_000, operation });
    const began = setup.clock.now();
    expect(await resource.poll(delivery, accepted)).toEqual({ IsComplete: false });
    expect(setup.clock.now() - began).toBe(9_000);
  });
});

test('the rollback of a replacement in a region without the service succeeds', async () => {
  const resource = setup.resource();
  const { physicalId } = await resource.create({ SecretArn });
  const attempted = { SecretArn, Region: 'eu-north-1' };
  await failure(resource.deliverUpdate(attempted));
  const back = await resource.deliverUpdate({ SecretArn }, { properties: attempted });
  expect(back.physicalId).toBe(physicalId);
});

describe('a forged request that names a configuration without owner tags', () => {
  const victim = async () => {
    const { physicalId } = await setup.resource('Other').create({ SecretArn: setup.secret('other') });
    setup.edit(physicalId, { replaceTags: {} });
    return physicalId;
  };

  test('leaves it as it is in a Delete', async () => {
    const arn = await victim();
    const before = setup.configuration();
    const { mutations } = await setup.counting(async () => {
      await setup.resource().delete(arn, { SecretArn });
      await setup.resource().delete(arn, { SecretArn, Name: 'studio' });
    });
    expect(mutations).toEqual([]);
    expect(setup.configuration()).toEqual(before);
  });

  test.each([{}, { UserId: 'b' }])('leaves it as it is in an Update with %p', async (change) => {
    const arn = await victim();
    const before = setup.configuration();
    const resource = setup.resource();
    await resource.deliverUpdate({ SecretArn, ...change }, { physicalId: arn, properties: { SecretArn } }).catch(() => undefined);
    expect(setup.configuration(arn)).toEqual(before);
  });

  test('leaves it as it is in an Update that skips onEvent', async () => {
    const arn = await victim();
    const before = setup.configuration();
    const delivery = { type: 'Update' as const, requestId: 'forged', physicalId: arn, properties: { SecretArn }, oldProperties: { SecretArn } };
    const forged = setup.resource().poll(delivery, { PhysicalResourceId: arn, RtcStamp: { At: setup.clock.now(), Accepted: { physicalId: arn } } });
    expect((await failure(forged)).message).toBe(`Ingest: ${arn} has neither an owner tag nor a name of this resource, so it is left as it is`);
    expect(setup.configuration()).toEqual(before);
  });
});

test.each([true, false])('a replacement tags an old configuration without tags as before, retained: %p', async (Retain) => {
  const resource = setup.resource();
  const { physicalId } = await resource.create({ SecretArn, Retain });
  setup.edit(physicalId, { replaceTags: {} });
  await resource.deliverUpdate({ SecretArn, Retain, UserId: 'b' });
  expect(resourceTag(physicalId).endsWith('.retained')).toBe(Retain);
});

describe('bad input that was a token at synth', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['RTMP without insecureIngest', { IngestProtocol: 'RTMP' }, 'insecureIngest: must be true with ingestProtocol RTMP'],
    ['a name with a blank', { Name: 'a b' }, 'ingestConfigurationName: may hold only letters, digits, - and _, got "a b"'],
    ['a name of 129 characters', { Name: 'a'.repeat(129) }, 'ingestConfigurationName: must have 1 to 128 characters, got 129'],
    ['a user id of 129 characters', { UserId: 'a'.repeat(129) }, 'userId: must have 1 to 128 characters, got 129'],
    ['attributes of 1025 bytes', { Attributes: { ä: 'é'.repeat(511), a: '' } }, 'attributes: keys and values may have 1024 bytes of UTF-8 together, got 1025'],
    ['a stage of another region', { StageArn: 'arn:aws:ivs:eu-west-1:123456789012:stage/s' }, 'stage: must be in the ingest configuration\'s own account and region (123456789012, us-east-1)'],
    ['a policy that is none', { OnLivePublisher: 'HOPE' }, 'onLivePublisher: must be WAIT, DISCONNECT or FAIL, got "HOPE"'],
    ['a property of a newer version', { Colour: 'red' }, 'Colour'],
    ['no secret', { SecretArn: undefined }, 'SecretArn'],
  ])('%s', async (_, change, message) => {
    const failed = await failure(setup.resource().create({ SecretArn, ...change }));
    expect(failed.message).toContain(message);
    expect(failed.physicalId).toBeUndefined();
    expect(setup.configurations()).toEqual([]);
  });

  test('1024 bytes of attributes are within the limits', async () => {
    await setup.resource().create({ SecretArn, Attributes: { ä: 'é'.repeat(511) } });
    expect(setup.configuration().attributes).toEqual({ ä: 'é'.repeat(511) });
  });

  test('in an update does not change the configuration', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    const before = setup.configuration();
    const failed = await failure(resource.update({ SecretArn, UserId: 'a'.repeat(129), Name: 'a b' }));
    expect(failed.message.split('\n')).toHaveLength(2);
    expect(setup.configuration()).toEqual(before);
  });
});

describe('the stream keys', () => {
  test('are written to the secret, and to nothing else', async () => {
    const written: unknown[] = [];
    const resource = setup.resource();
    const keep = async (work: Promise<unknown>) => written.push(await work.catch((error) => `${error.stack} ${JSON.stringify(error)}`));
    await keep(resource.create({ SecretArn, RedundantIngest: true }));
    await keep(resource.update({ SecretArn, StageArn, UserId: 'b' }));
    publish(resource.physicalId!);
    await keep(resource.update({ SecretArn, UserId: 'b', OnLivePublisher: 'FAIL' }));
    setup.emulator.addFault({ kind: 'error', error: 'InvalidRequestException', operation: 'PutSecretValue', times: 1 });
    await keep(setup.resource('Other').create({ SecretArn: setup.secret('other') }));
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'GetIngestConfiguration', times: 2 });
    await keep(resource.deliverUpdate({ SecretArn, UserId: 'c', OnLivePublisher: 'DISCONNECT' }));
    await keep(resource.delete());
    const keys = streamKeys(setup.emulator);
    expect(keys.length).toBeGreaterThan(4);
    const everything = JSON.stringify([written, setup.logged, setup.emulator.calls, setup.emulator.state()]);
    for (const key of keys) expect(everything).not.toContain(key);
    // And this can see: the keys are where they belong.
    expect(secretValues(setup.emulator).join()).toContain(keys[0]);
  });
});

import { IngestSetup } from './handler-setup';
import { streamKeys } from '../../local/emulator';
import type { ResourceFailed } from '../cloudformation';
import { OTHER_REGION } from '../handler-setup';

/* The server URL of the stage, next to the stream key in the secret. */

let setup: IngestSetup;
let SecretArn: string;
let StageArn: string;
beforeEach(async () => {
  setup = new IngestSetup();
  SecretArn = setup.secret();
  StageArn = setup.stage();
});
afterEach(() => setup.stop());

const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
const OTHER = 'rtmps://other.global-contribute.live-video.net:443/app/';
const changeEndpoint = (rtmps = OTHER) => setup.edit(StageArn, { endpoints: { rtmps } });
const url = async () => (await setup.content(SecretArn)).rtmpsEndpoint;
/** The secret as a version of this library wrote it that knew no server URL. */
const storeWithoutUrl = async () => {
  const { rtmpsEndpoint, ...value } = await setup.content(SecretArn);
  setup.store(SecretArn, value);
  return value;
};

describe('create', () => {
  test('writes the RTMPS endpoint of the stage', async () => {
    await setup.resource().create({ SecretArn, StageArn });
    expect(await url()).toBe(setup.endpoints(StageArn).rtmps);
    expect(await setup.content(SecretArn)).not.toHaveProperty('rtmpEndpoint');
  });

  test('writes the RTMP endpoint with the protocol RTMP', async () => {
    await setup.resource().create({ SecretArn, StageArn, IngestProtocol: 'RTMP', InsecureIngest: true });
    expect(await setup.content(SecretArn)).toMatchObject({ rtmpEndpoint: setup.endpoints(StageArn).rtmp });
    expect(await setup.content(SecretArn)).not.toHaveProperty('rtmpsEndpoint');
  });

  test.each(['RTMP', 'RTMPS'])('writes no endpoint if the service returns none (%s)', async (IngestProtocol) => {
    setup.edit(StageArn, { endpoints: { rtmp: undefined, rtmps: undefined } });
    await setup.resource().create({ SecretArn, StageArn, IngestProtocol, InsecureIngest: true });
    expect(Object.keys(await setup.content(SecretArn)).sort()).toEqual(['ingestConfigurationArn', 'participantId', 'streamKey']);
  });

  test('reads the stage in the region of the configuration, before it creates the configuration', async () => {
    const stage = setup.stage(OTHER_REGION);
    await setup.resource().create({ SecretArn, StageArn: stage, Region: OTHER_REGION });
    expect(setup.calls('GetStage')).toMatchObject([{ region: OTHER_REGION }]);
    const order = setup.calls().map(({ operation }) => operation).filter((operation) => /GetStage|Create|Put/.test(operation));
    expect(order).toEqual(['GetStage', 'CreateIngestConfiguration', 'PutSecretValue']);
    expect(await url()).toBe(setup.endpoints(stage).rtmps);
  });

  test('without a stage reads none', async () => {
    await setup.resource().create({ SecretArn });
    expect(setup.calls('GetStage')).toEqual([]);
    expect(await url()).toBeUndefined();
  });

  test('creates nothing if the stage may not be read', async () => {
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'GetStage' });
    const failed = await failure(setup.resource().create({ SecretArn, StageArn }));
    expect(failed.message).toContain('AccessDeniedException: ');
    expect(setup.calls('GetStage').length).toBeGreaterThan(1);
    expect(failed.physicalId).toBeUndefined();
    expect(setup.mutations()).toEqual([]);
  });

  test('waits for a stage that reads do not show yet', async () => {
    setup.emulator.addFault({ kind: 'laggingReads', operation: 'GetStage', milliseconds: 8000 });
    await setup.resource().create({ SecretArn, StageArn });
    expect(await url()).toBe(setup.endpoints(StageArn).rtmps);
  });

  test.each(['GetStage', 'CreateIngestConfiguration', 'PutSecretValue'])('killed after %s, and delivered again after the endpoint has changed: one configuration, and the next update corrects the endpoint', async (operation) => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r-1', properties: { SecretArn, StageArn } };
    await setup.killed(operation, () => resource.onEvent(delivery));
    changeEndpoint();
    const { physicalId } = await resource.deliver(delivery);
    const { streamKey } = await setup.content(SecretArn);
    expect(setup.configuration().arn).toBe(physicalId);
    expect((await setup.content(SecretArn)).ingestConfigurationArn).toBe(physicalId);
    await resource.deliverUpdate({ SecretArn, StageArn, ForceUpdateNonce: '1' }, { physicalId, properties: { SecretArn, StageArn } });
    expect(await setup.content(SecretArn)).toMatchObject({ streamKey, rtmpsEndpoint: OTHER });
  });

  test('delivered twice at once, with an endpoint that changes in between: one configuration, and one value', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r-1', properties: { SecretArn, StageArn } };
    let reads = 0;
    setup.emulator.onCall(({ phase, call }) => { if (phase === 'after' && call.operation === 'GetStage' && (reads += 1) === 1) changeEndpoint(); });
    const [first, second] = await Promise.all([resource.deliver(delivery), resource.deliver(delivery)]);
    expect(first.physicalId).toBe(second.physicalId);
    expect(setup.configuration().arn).toBe(first.physicalId);
    expect((await setup.content(SecretArn)).ingestConfigurationArn).toBe(first.physicalId);
  });
});

describe('update', () => {
  test('with a new endpoint writes it by one call, and keeps the stream key', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn, StageArn });
    const before = await setup.content(SecretArn);
    changeEndpoint();
    const { mutations, reads } = await setup.counting(() => resource.update({ SecretArn, StageArn, ForceUpdateNonce: '1' }));
    expect(mutations).toEqual(['PutSecretValue']);
    // The change is compared once more, without another read of the stage.
    expect(reads).toEqual({ GetIngestConfiguration: 2, GetSecretValue: 2, GetStage: 1 });
    expect(await setup.content(SecretArn)).toEqual({ ...before, rtmpsEndpoint: OTHER });
    expect(resource.physicalId).toBe(physicalId);
  });

  test('adds the endpoint to the secret of an earlier version, and creates no stream key', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn, StageArn });
    const former = await storeWithoutUrl();
    await resource.update({ SecretArn, StageArn, ForceUpdateNonce: '1' });
    expect(await setup.content(SecretArn)).toEqual({ ...former, rtmpsEndpoint: setup.endpoints(StageArn).rtmps });
    expect(resource.physicalId).toBe(physicalId);
    expect(streamKeys(setup.emulator)).toHaveLength(1);
  });

  test('attaches, moves, and detaches: the secret follows', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    const other = setup.stage();
    for (const stage of [StageArn, other]) {
      await resource.update({ SecretArn, StageArn: stage });
      expect(await url()).toBe(setup.endpoints(stage).rtmps);
    }
    await resource.update({ SecretArn });
    expect(await setup.content(SecretArn)).not.toHaveProperty('rtmpsEndpoint');
  });

  test('to a stage that reads do not show yet waits for it', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', operation: 'GetStage', times: 5 });
    await resource.update({ SecretArn, StageArn });
    expect(await url()).toBe(setup.endpoints(StageArn).rtmps);
  });

  test('of a configuration whose stage was deleted out of band keeps the endpoint, and does not wait', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    const before = await setup.content(SecretArn);
    setup.edit(StageArn, { delete: true });
    const { polls } = await resource.update({ SecretArn, StageArn, ForceUpdateNonce: '1' });
    expect(polls).toBe(1);
    expect(await setup.content(SecretArn)).toEqual(before);
  });

  test('delivered twice, with a stale secret and an endpoint that changes in between: the last endpoint, under a token of its own', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    await setup.clock.sleep(60_000);
    changeEndpoint('rtmps://second.global-contribute.live-video.net:443/app/');
    const properties = { SecretArn, StageArn, ForceUpdateNonce: '1' };
    const delivery = { type: 'Update' as const, requestId: 'u-1', physicalId: resource.physicalId, properties, oldProperties: { SecretArn, StageArn } };
    const accepted = await resource.onEvent(delivery);
    expect(await resource.poll(delivery, accepted)).toMatchObject({ IsComplete: true });
    changeEndpoint();
    setup.emulator.addFault({ kind: 'laggingReads', operation: 'GetSecretValue', milliseconds: 5000 });
    await resource.settle(delivery, accepted);
    expect(await url()).toBe(OTHER);
  });

  test('that moves the stage and is rolled back, while reads of the secret are stale: the former endpoint', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    const before = await setup.content(SecretArn);
    await setup.clock.sleep(60_000);
    const to = { SecretArn, StageArn: setup.stage() };
    await resource.deliverUpdate(to);
    expect(await url()).toBe(setup.endpoints(to.StageArn).rtmps);
    setup.emulator.addFault({ kind: 'laggingReads', operation: 'GetSecretValue', milliseconds: 8000 });
    await resource.deliverUpdate({ SecretArn, StageArn }, { properties: to });
    setup.emulator.removeFaults();
    expect(await setup.content(SecretArn)).toEqual(before);
  });
});

describe('the Delete of a rolled-back replacement', () => {
  const to = () => ({ SecretArn, StageArn, UserId: 'b' });
  const rolledBack = async (fault?: object) => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    const before = await setup.content(SecretArn);
    const made = await resource.deliverUpdate(to());
    if (fault) setup.emulator.addFault({ operation: 'GetStage', ...fault } as never);
    await resource.delete(made.physicalId, to());
    expect(setup.configuration().arn).toBe(resource.physicalId);
    return before;
  };

  test.each<[string, object | undefined]>([
    ['without a fault', undefined], ['with a throttled read of the stage', { kind: 'throttle', times: 3 }],
  ])('restores stream key and endpoint, %s', async (_, fault) => {
    const before = await rolledBack(fault);
    expect(await setup.content(SecretArn)).toEqual(before);
  });

  test.each<[string, object]>([
    ['may not be read', { kind: 'accessDenied' }], ['cannot be read', { kind: 'error', error: 'ValidationException', message: 'no' }],
    ['is gone', { kind: 'error', error: 'ResourceNotFoundException', message: 'no' }],
  ])('restores the stream key also if the stage %s', async (_, fault) => {
    const { rtmpsEndpoint, ...keys } = await rolledBack(fault);
    expect(await setup.content(SecretArn)).toEqual(keys);
  });

  test('restores the stream key of a configuration without a stage', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    const before = await setup.content(SecretArn);
    const made = await resource.deliverUpdate(to());
    await resource.delete(made.physicalId, to());
    expect(await setup.content(SecretArn)).toEqual(before);
  });
});

describe('the drift monitor', () => {
  test('reports another endpoint, and nothing that the secret holds', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    expect(await setup.driftOf([resource])).toMatchObject({ observed: 1, drifted: [] });
    const leaked = `${setup.endpoints(StageArn).rtmps}${(await setup.content(SecretArn)).streamKey}`;
    setup.store(SecretArn, { ...await setup.content(SecretArn), rtmpsEndpoint: leaked });
    changeEndpoint();
    const { drifted } = await setup.driftOf([resource]);
    expect(drifted).toMatchObject([{
      driftStatus: 'MODIFIED', propertyDifferences: [{ propertyPath: '/SecretArn', expectedValue: `holds the server URL ${OTHER}`, actualValue: 'holds something else' }],
    }]);
    const [key] = streamKeys(setup.emulator);
    expect(JSON.stringify([setup.logged, setup.reported])).not.toContain(key);
  });

  test('reports no secret of an earlier version, which has no endpoint', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    await storeWithoutUrl();
    expect(await setup.driftOf([resource])).toMatchObject({ observed: 1, drifted: [], unobserved: [] });
  });

  test('reports an encoder that was disconnected as a missing stage, with the endpoint unchanged, and the next update attaches the stage again', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    setup.edit(resource.physicalId!, { state: 'ACTIVE' });
    const { participantId } = setup.configuration();
    setup.disconnectParticipant(StageArn, participantId);
    expect((await setup.driftOf([resource])).drifted).toMatchObject([{ propertyDifferences: [{ propertyPath: '/StageArn', expectedValue: StageArn, actualValue: 'none' }] }]);
    await resource.update({ SecretArn, StageArn });
    expect(setup.configuration()).toMatchObject({ stageArn: StageArn, participantId });
    expect((await setup.driftOf([resource])).drifted).toEqual([]);
  });

  test('reports an endpoint that is left in the secret after its stage was removed', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn });
    setup.store(SecretArn, { ...await setup.content(SecretArn), rtmpsEndpoint: OTHER });
    expect((await setup.driftOf([resource])).drifted).toMatchObject([{ propertyDifferences: [{ propertyPath: '/SecretArn', expectedValue: 'holds a value without a server URL' }] }]);
  });

  test('of a stage that was deleted out of band reports the stage only', async () => {
    const resource = setup.resource();
    await resource.create({ SecretArn, StageArn });
    setup.edit(StageArn, { delete: true });
    expect((await setup.driftOf([resource])).drifted).toMatchObject([{ propertyDifferences: [{ propertyPath: '/StageArn' }] }]);
  });
});

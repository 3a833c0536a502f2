import { StageEndpointsSetup } from './handler-setup';
import type { ResourceFailed } from '../cloudformation';
import { ACCOUNT, OTHER_REGION, REGION } from '../handler-setup';

let setup: StageEndpointsSetup;
let StageArn: string;
beforeEach(async () => {
  setup = new StageEndpointsSetup();
  StageArn = setup.stage();
});
afterEach(() => setup.stop());

const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
const OTHER_RTMPS = 'rtmps://other.global-contribute.live-video.net:443/app/';

describe('create', () => {
  test('returns the four endpoints of the stage by one call', async () => {
    const { mutations, reads } = await setup.counting(async () => {
      const { physicalId, attributes } = await setup.resource().create({ StageArn });
      expect(physicalId).toBe(StageArn);
      expect(attributes).toEqual({
        EventsEndpoint: expect.stringMatching(/^wss:\/\//),
        WhipEndpoint: expect.stringMatching(/^https:\/\//),
        RtmpEndpoint: expect.stringMatching(/^rtmp:\/\/.+\/app\/$/),
        RtmpsEndpoint: expect.stringMatching(/^rtmps:\/\/.+:443\/app\/$/),
      });
    });
    expect({ mutations, reads }).toEqual({ mutations: [], reads: { GetStage: 1 } });
  });

  test('reads the stage in the region of its ARN', async () => {
    const elsewhere = setup.stage(OTHER_REGION);
    await setup.resource().create({ StageArn: elsewhere });
    expect(setup.calls('GetStage')).toMatchObject([{ region: OTHER_REGION }]);
  });

  test('ignores the properties that only make CloudFormation send an update', async () => {
    const { attributes } = await setup.resource().create({ StageArn, StageProperties: { Name: 'studio', Recording: { MediaTypes: ['x'] } }, ForceUpdateNonce: '1', Retain: true });
    expect(Object.keys(attributes)).toHaveLength(4);
  });

  test('delivered twice, also concurrently, returns the same', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r-1', properties: { StageArn } };
    const [first, second] = await Promise.all([resource.deliver(delivery), resource.deliver(delivery)]);
    expect(second).toEqual(first);
    expect(setup.mutations()).toEqual([]);
  });

  test.each(['arn:aws:ivs:us-east-1:123456789012:channel/abc', 'studio'])('refuses %s without a call', async (given) => {
    expect((await failure(setup.resource().create({ StageArn: given }))).message).toContain('stage: must be the ARN of an IVS stage');
    expect(setup.calls()).toEqual([]);
  });

  test('refuses an unknown property', async () => {
    expect((await failure(setup.resource().create({ StageArn, Color: 'red' }))).message).toContain('Color');
  });
});

describe('update', () => {
  test('reads the endpoints again', async () => {
    const resource = setup.resource();
    const { attributes } = await resource.create({ StageArn });
    setup.edit(StageArn, { endpoints: { rtmps: OTHER_RTMPS } });
    expect((await resource.update({ StageArn, ForceUpdateNonce: '1' })).attributes).toEqual({ ...attributes, RtmpsEndpoint: OTHER_RTMPS });
  });

  test('to another stage returns its endpoints, and the Delete of the former ID makes no call', async () => {
    const resource = setup.resource();
    const { attributes } = await resource.create({ StageArn });
    const other = setup.stage();
    const updated = await resource.deliverUpdate({ StageArn: other });
    expect(updated.physicalId).toBe(other);
    expect(updated.attributes.RtmpsEndpoint).not.toBe(attributes.RtmpsEndpoint);
    const before = setup.calls().length;
    await resource.delete(StageArn);
    expect(setup.calls()).toHaveLength(before);
  });

  test('rolled back returns the endpoints of the former stage', async () => {
    const resource = setup.resource();
    const { attributes } = await resource.create({ StageArn });
    const other = setup.stage();
    const back = await resource.deliverUpdate({ StageArn }, { physicalId: other, properties: { StageArn: other } });
    expect(back).toMatchObject({ physicalId: StageArn, attributes });
  });
});

test.each([['its ID', undefined], ['an ID that CloudFormation generated', 'Doorbells-Endpoints-1ABCDEFGHIJKL']])('a delete with %s completes without a call, also if the stage is gone', async (_, id) => {
  const resource = setup.resource();
  await resource.create({ StageArn });
  setup.edit(StageArn, { delete: true });
  const before = setup.calls().length;
  expect((await resource.delete(id ?? StageArn)).polls).toBe(1);
  expect(setup.calls()).toHaveLength(before);
});

describe('a stage', () => {
  test('that reads do not show yet is waited for', async () => {
    setup.emulator.addFault({ kind: 'laggingReads', operation: 'GetStage', milliseconds: 8000 });
    const { polls } = await setup.resource().create({ StageArn });
    expect(polls).toBeGreaterThan(1);
    expect(setup.said('pending')).toEqual([`there is no ${StageArn} yet`]);
  });

  test('that does not exist fails after a minute and is named', async () => {
    const missing = StageArn.replace(/[^/]+$/, 'missing');
    const began = setup.clock.now();
    const failed = await failure(setup.resource().create({ StageArn: missing }));
    expect(failed.message).toBe(`Endpoints: stage: there is no ${missing}`);
    expect(setup.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    expect(setup.clock.now() - began).toBeLessThan(70_000);
  });

  test('without one of the endpoints fails after a minute and says which', async () => {
    setup.edit(StageArn, { endpoints: { rtmps: undefined } });
    expect((await failure(setup.resource().create({ StageArn }))).message).toBe(`Endpoints: stage: the service returns no RtmpsEndpoint for ${StageArn}`);
  });

  test('of another account is denied after a minute', async () => {
    const foreign = `arn:aws:ivs:${REGION}:999999999999:stage/abcdABCDefgh`;
    const failed = await failure(setup.resource().create({ StageArn: foreign }));
    expect(failed.message).toContain('AccessDenied');
    expect(ACCOUNT).not.toBe('999999999999');
  });
});

describe('GetStage', () => {
  test.each<[string, object]>([
    ['throttled', { kind: 'throttle', times: 3 }],
    ['failing', { kind: 'serverError', status: 500, times: 3 }],
    ['without a response', { kind: 'lostResponse', times: 2 }],
    ['denied while IAM propagates', { kind: 'accessDenied', times: 3 }],
  ])('%s is called again', async (_, fault) => {
    setup.emulator.addFault({ operation: 'GetStage', ...fault } as never);
    const { attributes } = await setup.resource().create({ StageArn });
    expect(attributes.RtmpsEndpoint).toMatch(/^rtmps:/);
  });

  test('denied for good fails with the words of the service', async () => {
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'GetStage' });
    expect((await failure(setup.resource().create({ StageArn }))).message).toContain('AccessDeniedException: ');
  });

  test('invalid for the service fails at once', async () => {
    setup.emulator.addFault({ kind: 'error', error: 'ValidationException', message: 'the words of the service', operation: 'GetStage' });
    expect(await failure(setup.resource().create({ StageArn }))).toMatchObject({ polls: 1, message: expect.stringContaining('ValidationException: the words of the service') });
  });
});

describe('the drift monitor', () => {
  test('reports an endpoint that is not the deployed one, and a deleted stage', async () => {
    const resource = setup.resource();
    const { attributes: Deployed } = await resource.create({ StageArn });
    const run = { overrides: { Deployed } };
    expect(await setup.driftOf([resource], run)).toMatchObject({ observed: 1, drifted: [], unobserved: [] });
    setup.edit(StageArn, { endpoints: { rtmps: OTHER_RTMPS } });
    expect((await setup.driftOf([resource], run)).drifted).toMatchObject([{
      driftStatus: 'MODIFIED',
      propertyDifferences: [{ propertyPath: '/RtmpsEndpoint', expectedValue: Deployed.RtmpsEndpoint, actualValue: OTHER_RTMPS }],
    }]);
    setup.edit(StageArn, { delete: true });
    expect((await setup.driftOf([resource], run)).drifted).toMatchObject([{ driftStatus: 'DELETED' }]);
  });

  test('says nothing about a stage that it may not read', async () => {
    const resource = setup.resource();
    const { attributes: Deployed } = await resource.create({ StageArn });
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'GetStage' });
    expect(await setup.driftOf([resource], { overrides: { Deployed } })).toMatchObject({ observed: 0, drifted: [], unobserved: [{ logicalResourceId: 'Endpoints' }] });
  });
});

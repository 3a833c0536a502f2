import { IngestSetup } from './handler-setup';

let setup: IngestSetup;
let StageArn: string;
beforeEach(async () => {
  setup = new IngestSetup();
  StageArn = setup.stage();
});
afterEach(() => setup.stop());

const publish = (arn: string, live = true) => setup.edit(arn, { state: live ? 'ACTIVE' : 'INACTIVE' });

// 30 that wait read six times a second, which is more than the service allows.
describe('30 that are live', () => {
  const made = async (OnLivePublisher: string) => {
    const resources = Array.from({ length: 30 }, (_, index) => setup.resource(`Ingest${index}`));
    const properties = resources.map((_, index) => ({ SecretArn: setup.secret(`key-${index}`), OnLivePublisher }));
    await Promise.all(resources.map((resource, index) => resource.create(properties[index])));
    setup.configurations().forEach(({ arn }) => publish(arn));
    return { resources, properties };
  };
  test('are deleted under WAIT, and none fails', async () => {
    const { resources } = await made('WAIT');
    const outcomes = await Promise.all(resources.map((resource) => resource.delete().then(() => 'ok', (error) => error.message)));
    expect(outcomes.filter((outcome) => outcome !== 'ok')).toEqual([]);
    expect(setup.configurations()).toEqual([]);
  });

  test('are changed under WAIT when the stream ends, and none fails', async () => {
    const { resources, properties } = await made('WAIT');
    const from = setup.clock.now();
    let isOver = false;
    setup.emulator.onCall(() => {
      if (isOver || setup.clock.now() - from < 300_000) return;
      isOver = true;
      setup.configurations().forEach(({ arn }) => publish(arn, false));
    });
    const outcomes = await Promise.all(resources.map((resource, index) => resource.update({ ...properties[index], StageArn }).then(() => 'ok', (error) => error.message)));
    expect(outcomes.filter((outcome) => outcome !== 'ok')).toEqual([]);
  });
});

test('60 configurations are created, changed and deleted at five calls a second, and none fails', async () => {
  const resources = Array.from({ length: 60 }, (_, index) => setup.resource(`Ingest${index}`));
  const properties = resources.map((_, index) => ({ SecretArn: setup.secret(`key-${index}`) }));
  const timed = async (work: (index: number) => Promise<unknown>) => {
    const from = setup.clock.now();
    await Promise.all(resources.map((_, index) => work(index)));
    return (setup.clock.now() - from) / 1000;
  };
  // Nothing is faster than 60 calls of one operation at 5 a second; an update reads three times, when it is found and before each of its
  // two changes, of the configuration and of the secret.
  const floor = 60 / 5;
  expect(await timed((index) => resources[index].create(properties[index]))).toBeLessThan(1.5 * floor);
  expect(setup.configurations()).toHaveLength(60);
  expect(setup.calls('CreateIngestConfiguration').filter(({ mutated }) => mutated)).toHaveLength(60);
  expect(await timed((index) => resources[index].update({ ...properties[index], StageArn }))).toBeLessThan(1.5 * 3 * floor);
  expect(setup.configurations().every(({ stageArn }) => stageArn === StageArn)).toBe(true);
  expect(await timed((index) => resources[index].delete())).toBeLessThan(1.5 * floor);
  expect(setup.configurations()).toEqual([]);
});

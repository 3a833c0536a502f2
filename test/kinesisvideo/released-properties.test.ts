import { SignalingSetup } from './handler-setup';

/** Every shape in which a released version of this library has written the properties. A later version must be able to update and to delete them all. */
const RELEASED: Record<string, Record<string, unknown>[]> = {
  0.1: [
    {},
    { ChannelName: 'front-door', ChannelType: 'SINGLE_MASTER', MessageTtlSeconds: 30, AdoptExisting: true, Retain: true, Tags: [{ Key: 'a', Value: 'b' }] },
    { ChannelType: 'FULL_MESH', Region: 'us-east-1' },
  ],
};

const shapes = Object.entries(RELEASED).flatMap(([version, list]) => list.map((properties) => [version, properties] as const));

let setup: SignalingSetup;
beforeEach(async () => { setup = new SignalingSetup(); });
afterEach(() => setup.stop());

test.each(shapes)('%s: %j is created, updated and deleted', async (_, properties) => {
  const resource = setup.resource();
  await resource.create(properties);
  await resource.update({ ...properties, Tags: [{ Key: 'new', Value: '1' }] });
  await resource.delete();
  expect(setup.channels()).toEqual([]);
});

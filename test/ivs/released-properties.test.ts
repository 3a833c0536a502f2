import { createHash } from 'node:crypto';
import { IngestSetup } from './handler-setup';

/** Every shape in which a released version of this library has written the properties. A later version must be able to update and to delete them all. */
const RELEASED: Record<string, Record<string, unknown>[]> = {
  0.1: [
    {},
    {
      Name: 'studio',
      IngestProtocol: 'RTMP',
      InsecureIngest: true,
      RedundantIngest: true,
      UserId: 'camera',
      Attributes: { lens: 'wide' },
      OnLivePublisher: 'FAIL',
      Retain: true,
      Tags: [{ Key: 'a', Value: 'b' }],
    },
    { OnLivePublisher: 'DISCONNECT', Region: 'us-east-1' },
  ],
};

const shapes = Object.entries(RELEASED).flatMap(([version, list]) => list.map((properties) => [version, properties] as const));

let setup: IngestSetup;
beforeEach(async () => { setup = new IngestSetup(); });
afterEach(() => setup.stop());

test.each(shapes)('%s: %j is created, updated in place, and deleted', async (_, properties) => {
  const SecretArn = setup.secret();
  const resource = setup.resource();
  const { physicalId } = await resource.create({ SecretArn, ...properties });
  await resource.update({ SecretArn, ...properties, Tags: [{ Key: 'new', Value: '1' }] });
  expect(setup.configuration().arn).toBe(physicalId);
  await resource.delete();
  expect(setup.configurations()).toEqual([]);
});

test('the hash of the create-only properties is for ever: if it changed, everything that is deployed would be replaced', async () => {
  const expected = createHash('sha256').update('{"protocol":"RTMPS","region":"us-east-1"}').digest('hex').slice(0, 8);
  await setup.resource().create({ SecretArn: setup.secret() });
  expect(setup.configuration().tags['cdk-rtc:resource'].split('.')[2]).toBe(expected);
});

import { deploy, KINDS } from '../../bench/lifecycles';

/** What a stack of a version without `ServiceTimeout` meets in the first deployment with it: CloudFormation sends an Update to each resource. */
test.each(KINDS.map((kind) => [kind.name, kind] as const))('%s: a change of ServiceTimeout alone is no change', async (_, kind) => {
  const { clock, emulator, resource, properties: [properties] } = deploy(kind);
  const callsOf = async (work: () => Promise<unknown>) => {
    await clock.sleep(60_000);
    const first = emulator.calls.length;
    await work();
    return emulator.calls.slice(first).map(({ operation, mutated }) => ({ operation, mutated }));
  };
  const { physicalId } = await resource.create({ ...properties, ServiceTimeout: undefined });
  const upgraded = await callsOf(() => resource.update({ ...properties, ServiceTimeout: 900 }));
  expect(resource.physicalId).toBe(physicalId);
  expect(upgraded).toEqual(await callsOf(() => resource.update({ ...properties, ServiceTimeout: 900 })));
  // The pool's own table has locks and times, which are written in any case.
  const written = upgraded.filter(({ operation, mutated }) => mutated && operation !== 'UpdateItem').map(({ operation }) => operation);
  expect(written).toEqual([]);
});

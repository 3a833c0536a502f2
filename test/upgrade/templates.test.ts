import { readReleased, releasedTemplates } from './released';
import { appOf } from '../compliance/examples';

const released = readReleased();

/** CloudFormation's own answer to each of these is a replacement, or an error. */
describe.each(Object.keys(released.apps))('%s, as an earlier version deployed it', (example) => {
  const before = releasedTemplates(released, example);
  let after: typeof before;
  beforeAll(() => {
    const stacks = appOf(released.apps[example], { 'aws:cdk:disable-stack-trace': true }).synth().stacks;
    after = Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template]));
  });

  const types = (templates: typeof before) => Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([id, { Type }]) => `${stack}/${id}: ${Type}`));

  test('keeps every logical ID and every resource type', () => {
    expect(types(before).length).toBeGreaterThan(10);
    expect(types(after)).toEqual(expect.arrayContaining(types(before)));
  });

  test('keeps every property of its custom resources, with its value', () => {
    const custom = (templates: typeof before) => Object.entries(templates).flatMap(([stack, { Resources }]) => Object.entries(Resources)
      .filter(([, { Type }]) => Type.startsWith('Custom::Rtc'))
      .flatMap(([id, { Properties = {} }]) => Object.entries(Properties).map(([name, value]) => `${stack}/${id}.${name} = ${JSON.stringify(value)}`)));
    expect(custom(before).length).toBeGreaterThan(1);
    expect(custom(after)).toEqual(expect.arrayContaining(custom(before)));
  });
});

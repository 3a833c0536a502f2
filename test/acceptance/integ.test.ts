import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as rtc from '../../src';

const APPS = readdirSync(__dirname).filter((file) => /^integ\..*\.ts$/.test(file) && file !== 'integ.test.ts');

/** SignalingChannel: signaling-channel. */
const fileOf = (construct: string) => `integ.${construct.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()}.ts`;

test('each construct has an app of its own', () => {
  // A construct that deploys something has an ID for property injection. The provider comes with every other construct.
  const constructs = Object.entries(rtc).filter(([, value]) => typeof value === 'function' && 'PROPERTY_INJECTION_ID' in value).map(([name]) => name);
  expect(constructs.length).toBeGreaterThan(10);
  expect([...APPS].sort()).toEqual(constructs.map(fileOf).sort());
});

test.each(APPS)('%s synthesizes one stack with its construct', (file) => {
  const construct = Object.keys(rtc).find((name) => fileOf(name) === file)!;
  expect(readFileSync(path.join(__dirname, file), 'utf8')).toContain(`new ${construct}(`);
  const apps: { stacks: { stackName: string; template: { Resources: object } }[] }[] = [];
  const { App } = jest.requireActual<typeof import('aws-cdk-lib')>('aws-cdk-lib');
  const synth = jest.spyOn(App.prototype, 'synth').mockImplementation(function (this: InstanceType<typeof App>, ...args) {
    synth.mockRestore();
    const assembly = this.synth(...args);
    apps.push(assembly as never);
    return assembly;
  });
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  require(path.join(__dirname, file));
  expect(apps).toHaveLength(1);
  expect(apps[0].stacks.map(({ stackName }) => stackName)).toEqual([`cdk-rtc-${file.replace(/^integ\.|\.ts$/g, '').replace(/^/, 'integ-')}`]);
  expect(Object.keys(apps[0].stacks[0].template.Resources).length).toBeGreaterThan(0);
});

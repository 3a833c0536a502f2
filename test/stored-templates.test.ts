import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { keyOf, type PolicyStack, resourcesOf, synthesizeAll } from './stored-templates';

test('the stored templates are what the library synthesizes now', () => {
  const synthesized = synthesizeAll();
  expect(Object.keys(synthesized).length).toBeGreaterThan(0);
  for (const stack of Object.keys(synthesized) as PolicyStack[]) {
    expect([stack, resourcesOf(stack)]).toEqual([stack, JSON.parse(JSON.stringify(synthesized[stack]))]);
  }
});

describe('the key of the stored templates', () => {
  const root = path.join(__dirname, '..');
  let copy: string;
  const version = (library: string, value: string) => {
    mkdirSync(path.join(copy, 'node_modules', library), { recursive: true });
    writeFileSync(path.join(copy, 'node_modules', library, 'package.json'), JSON.stringify({ version: value }));
  };
  beforeEach(() => {
    copy = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-key-'));
    cpSync(path.join(root, 'src'), path.join(copy, 'src'), { recursive: true });
    mkdirSync(path.join(copy, 'test'));
    for (const file of ['policy-stacks.ts', 'stored-templates.ts', 'template-validation.ts']) cpSync(path.join(root, 'test', file), path.join(copy, 'test', file));
    version('aws-cdk-lib', '1.0.0');
    version('constructs', '1.0.0');
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  test('is the same for equal sources', () => {
    expect(keyOf(copy)).toBe(keyOf(copy));
  });

  test.each<[string, () => void]>([
    ['a changed construct', () => writeFileSync(path.join(copy, 'src/ivs/ingest-configuration.ts'), '// changed')],
    ['a changed file in a folder of a folder', () => writeFileSync(path.join(copy, 'src/ivs/private/contract.ts'), '// changed')],
    ['a new file', () => writeFileSync(path.join(copy, 'src/ivs/new.ts'), '')],
    ['a removed file', () => rmSync(path.join(copy, 'src/ivs/real-time-stage.ts'))],
    ['a changed stack', () => writeFileSync(path.join(copy, 'test/policy-stacks.ts'), '// changed')],
    ['another version of the AWS CDK', () => version('aws-cdk-lib', '1.0.1')],
    ['another version of constructs', () => version('constructs', '1.0.1')],
  ])('is another one after %s', (_, change) => {
    const before = keyOf(copy);
    change();
    expect(keyOf(copy)).not.toBe(before);
  });
});

test('the stacks depend on nothing that the key does not cover', () => {
  const source = readFileSync(path.join(__dirname, 'policy-stacks.ts'), 'utf8');
  const imported = [...source.matchAll(/from '(\.[^']*)'/g)].map(([, name]) => name);
  expect(imported).toEqual(['./template-validation', '../src']);
});

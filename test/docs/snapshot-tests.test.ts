import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ChimeMeetingPool, SignalingChannel } from '../../src';

const page = readFileSync(path.join(__dirname, '..', '..', 'docs', 'snapshot-tests.md'), 'utf8');
const snippetsIn = (language: string) => [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code);

const HASH = /[0-9a-f]{64}/g;

function templateOfApp(messageTtl?: number): object {
  const stack = new Stack(new App(), 'App');
  const channel = new SignalingChannel(stack, 'Channel');
  new ChimeMeetingPool(stack, 'Rooms', { size: 1 });
  if (messageTtl) stack.exportValue(channel.viewerWssEndpoint, { name: 'Endpoint' });
  return Template.fromStack(stack).toJSON();
}

/** The same template as a version of the library with other handlers creates it. */
const ofAnotherVersion = (template: object) => JSON.parse(JSON.stringify(template).replace(HASH, (hash) => [...hash].reverse().join('')));

const template = templateOfApp();
const changed = templateOfApp(30);

test('the template has two different asset hashes, each at several functions', () => {
  const hashes = JSON.stringify(template).match(HASH)!;
  expect(new Set(hashes).size).toBe(2);
  expect(hashes.length).toBeGreaterThan(4);
  expect(ofAnotherVersion(template)).not.toEqual(template);
});

describe('the serializer for Jest', () => {
  interface Serializer {
    readonly test: (value: unknown) => boolean;
    readonly serialize: (value: unknown) => string;
  }
  let serializer: Serializer;
  const [setup] = snippetsIn('js');
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  new Function('expect', setup)({
    addSnapshotSerializer: (added: Serializer) => {
      serializer = added;
      expect.addSnapshotSerializer(added as never);
    },
  });
  const snapshot = (value: unknown) => JSON.stringify(value, (_name, part) => serializer.test(part) ? serializer.serialize(part) : part);

  test('Jest uses it', () => {
    expect({ S3Bucket: 'assets', S3Key: `${'0a'.repeat(32)}.zip` }).toMatchInlineSnapshot(`
{
  "S3Bucket": "assets",
  "S3Key": "ASSET_HASH.zip",
}
`);
  });

  test('prints the same snapshot for another version of the library', () => {
    expect(snapshot(template)).not.toMatch(HASH);
    expect(snapshot(template)).toContain('ASSET_HASH.zip');
    expect(snapshot(ofAnotherVersion(template))).toBe(snapshot(template));
  });

  test('prints another snapshot for another template', () => {
    expect(snapshot(changed)).not.toBe(snapshot(template));
  });
});

describe('the function for Python', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'snapshot-tests-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  // The function calls one method of aws-cdk-lib, which takes seconds to load in Python.
  mkdirSync(path.join(folder, 'aws_cdk'));
  writeFileSync(path.join(folder, 'aws_cdk', '__init__.py'), '');
  writeFileSync(path.join(folder, 'aws_cdk', 'assertions.py'), 'class Template:\n    def __init__(self, template): self.to_json = lambda: template\n');
  const [definition] = snippetsIn('python');
  const call = `${definition}
import sys
print(json.dumps([without_asset_hashes(Template(template)) for template in json.load(sys.stdin)]))
`;
  const withoutHashes = (...templates: object[]) => JSON.parse(execFileSync('python3', ['-c', call], { cwd: folder, input: JSON.stringify(templates), encoding: 'utf8' }));

  test('returns the same for another version of the library, and something else for another template', () => {
    const [own, another, different] = withoutHashes(template, ofAnotherVersion(template), changed);
    expect(JSON.stringify(own)).not.toMatch(HASH);
    expect(another).toEqual(own);
    expect(different).not.toEqual(own);
  });
});

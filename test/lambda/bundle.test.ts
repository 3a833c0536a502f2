import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import * as path from 'node:path';

const BUNDLE = path.join(__dirname, '..', '..', 'lib', 'lambda', 'index.js');

/** In a process of its own: what the bundle exports, and which modules of Node.js are loaded before and after a delivery. */
function deliver(resourceType: string): { exports: string[]; before: string[]; after: string[] } {
  const script = `
    const handlers = require(${JSON.stringify(BUNDLE)});
    const loaded = () => process.moduleLoadList.map((name) => name.replace('NativeModule ', ''));
    const before = loaded();
    handlers.onEvent({
      RequestType: 'Delete', RequestId: 'r', StackId: 'arn:aws:cloudformation:us-east-1:1:stack/S/u', LogicalResourceId: 'L',
      PhysicalResourceId: 'p', ResourceProperties: {}, ResourceType: ${JSON.stringify(resourceType)},
    }).catch(() => {}).then(() => process.stderr.write(JSON.stringify({ exports: Object.keys(handlers), before, after: loaded() })));
  `;
  return JSON.parse(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { AWS_REGION: 'us-east-1', NODE_NO_WARNINGS: '1' } }).stderr);
}

test('both handlers are in one bundle', () => {
  expect(deliver('Custom::RtcNothing').exports.sort()).toEqual(['isComplete', 'onEvent']);
});

test('an SDK client is loaded only when its resource is asked for', () => {
  // The clients are what needs https.
  const nothing = deliver('Custom::RtcNothing');
  expect(nothing.after).not.toContain('https');
  const channel = deliver('Custom::RtcSignalingChannel');
  expect(channel.before).not.toContain('https');
  expect(channel.after).toContain('https');
});

test('the bundle needs nothing beside Node.js, and has no path of the machine that built it', () => {
  const text = readFileSync(BUNDLE, 'utf8');
  const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name.replace('node:', ''));
  const builtins = new Set(builtinModules);
  // The SDK tries this one only for multi-region signatures, which no call here uses.
  const optional = '@aws-sdk/signature-v4-crt';
  expect(required.filter((name) => !builtins.has(name) && name !== optional)).toEqual([]);
  expect(text).not.toContain(path.resolve(__dirname, '..', '..'));
});

test('the bundle stays below 400 KB', () => {
  expect(statSync(BUNDLE).size).toBeLessThan(400 * 1024);
});

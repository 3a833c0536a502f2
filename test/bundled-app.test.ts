import { cpSync } from 'node:fs';
import * as path from 'node:path';
import { ANSWER, Installation } from './installation';

// A bundler has put an app and this library into one file.
let installation: Installation;
let library: string;
let bundle: string;
// Two levels up from the bundle, as from the library's own files.
const handlers = () => path.join(installation.folder, 'lib', 'lambda');

const APP = `${ANSWER}
  const { App, Stack } = require('aws-cdk-lib');
  const rtc = require('cdk-rtc');
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const message = messageOf(() => {
    new rtc.SignalingChannel(stack, 'Channel');
    app.synth();
  });
  answer(message ?? 'synthesized');
`;

beforeEach(() => {
  installation = new Installation();
  library = installation.installCopy('1.2.3');
  installation.write('app.js', APP);
  bundle = installation.bundle('app.js', 'dist/app/index.js');
});
afterEach(() => installation.remove());

const sentence = (found: string) => `[Stack/CdkRtc] handlers: ${handlers()} must have the handlers of cdk-rtc 1.2.3, and has ${found}. `
  + `If your app is bundled, leave cdk-rtc out of the bundle (esbuild: --external:cdk-rtc), or copy node_modules/cdk-rtc/lib/lambda to ${handlers()}`;

test('without a bundle the handlers are those of the package', () => {
  expect(installation.runFile(path.join(installation.folder, 'app.js'))).toBe('synthesized');
});

test('the user\'s own code in that folder is rejected, not deployed', () => {
  installation.write('lib/lambda/index.js', 'exports.handler = async () => "the user\'s own";');
  expect(installation.runFile(bundle)).toBe(sentence('none'));
});

test('a missing folder is rejected with the same message', () => {
  expect(installation.runFile(bundle)).toBe(sentence('none'));
});

test('the handlers of another package with the same marker file are rejected', () => {
  installation.write('lib/lambda/cdk-rtc.json', JSON.stringify({ name: 'another', version: '1.2.3' }));
  expect(installation.runFile(bundle)).toBe(sentence('none'));
});

test('handlers of another version are rejected', () => {
  installation.write('lib/lambda/cdk-rtc.json', JSON.stringify({ name: 'cdk-rtc', version: '1.2.2' }));
  expect(installation.runFile(bundle)).toBe(sentence('those of 1.2.2'));
});

test('the handlers of the package, copied to that folder, are used', () => {
  cpSync(path.join(library, 'lib', 'lambda'), handlers(), { recursive: true });
  expect(installation.runFile(bundle)).toBe('synthesized');
});

test('outside of the bundle the library finds its handlers by itself', () => {
  expect(installation.runFile(installation.bundle('app.js', 'dist/app/external.js', ['cdk-rtc']))).toBe('synthesized');
});

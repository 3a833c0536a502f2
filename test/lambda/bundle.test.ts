import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import * as path from 'node:path';

const FOLDER = path.join(__dirname, '..', '..', 'lib', 'lambda');

const BUNDLE = path.join(FOLDER, 'index.js');

/** All files of it. */
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.js')).map((file) => path.join(FOLDER, file));

const LEGACY = path.join(FOLDER, 'chime-legacy', 'index.js');

interface Loaded {
  /** What the poll ended with. */
  readonly error: string;
  readonly exports: string[];
  /** Modules of Node.js that are loaded before and after the delivery. */
  readonly before: string[];
  readonly after: string[];
  /** Files that are loaded after it. */
  readonly files: string[];
}

const ENVIRONMENT = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', NODE_NO_WARNINGS: '1' };

/** One poll of an Update in a process of its own; nothing answers there. */
function deliver(resourceType: string, properties: Record<string, string> = {}): Loaded {
  const script = `
    const handlers = require(${JSON.stringify(BUNDLE)});
    const loaded = () => process.moduleLoadList.map((name) => name.replace('NativeModule ', ''));
    const before = loaded();
    handlers.isComplete({
      RequestType: 'Update', RequestId: 'r', StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/S/u', LogicalResourceId: 'L',
      PhysicalResourceId: ${JSON.stringify(properties.VoiceConnectorArn ?? 'p')}, OldResourceProperties: {}, ResourceProperties: ${JSON.stringify(properties)}, ResourceType: ${JSON.stringify(resourceType)},
    }).catch((error) => String(error)).then((error) => {
      process.stderr.write(JSON.stringify({ error, exports: Object.keys(handlers), before, after: loaded(), files: Object.keys(require.cache) }));
      process.exit(0);
    });
  `;
  const { stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { ...ENVIRONMENT, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' } });
  // After what the logger has to say.
  return JSON.parse(stderr.trim().split('\n').at(-1)!);
}

test('all functions are in one bundle', () => {
  expect(deliver('Custom::RtcNothing').exports.sort()).toEqual(['checkout', 'driftMonitor', 'isComplete', 'maintain', 'onEvent']);
});

test('a resource of another version fails, and says what helps', () => {
  const { error } = deliver('Custom::RtcNothing');
  expect(error).toContain('Custom::RtcNothing is not a resource type of this version of cdk-rtc; deploy with the version that made it');
});

test('a function works in its own region', () => {
  const script = `
    const server = require('node:http').createServer(({ headers: { authorization } }) => {
      process.stderr.write('asked with ' + authorization);
      process.exit(0);
    });
    server.listen(0, '127.0.0.1', () => {
      process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:' + server.address().port;
      require(${JSON.stringify(BUNDLE)}).onEvent({
        RequestType: 'Create', RequestId: 'r', StackId: 'arn:aws:cloudformation:eu-central-1:123456789012:stack/S/u', LogicalResourceId: 'L',
        ResourceProperties: {}, ResourceType: 'Custom::RtcSignalingChannel',
      }).catch(() => {});
    });
  `;
  const { stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { ...ENVIRONMENT, AWS_REGION: 'eu-central-1' } });
  expect(stderr).toMatch(/asked with .*\/eu-central-1\/kinesisvideo\//);
});

test('an SDK client is loaded only when its resource is asked for', () => {
  // The clients are what needs https.
  const nothing = deliver('Custom::RtcNothing');
  expect(nothing.after).not.toContain('https');
  for (const resourceType of ['Custom::RtcIngestConfiguration', 'Custom::RtcSignalingChannel', 'Custom::RtcVoiceConnectorStreaming', 'Custom::RtcChimeMeetingPool']) {
    const { before, after } = deliver(resourceType);
    expect(before).not.toContain('https');
    expect(after).toContain('https');
  }
});

test.each([
  ['Custom::RtcNothing', []],
  ['Custom::RtcSignalingChannel', ['kinesisvideo.js', 'shared.js']],
  ['Custom::RtcVideoStreamImageGeneration', ['kinesisvideo.js', 'shared.js']],
  ['Custom::RtcVideoStreamNotification', ['kinesisvideo.js', 'shared.js']],
  ['Custom::RtcSignalingChannelMediaStorage', ['kinesisvideo.js', 'shared.js']],
  ['Custom::RtcIngestConfiguration', ['ivs.js', 'secrets-manager.js', 'shared.js']],
  ['Custom::RtcRealTimeStageEndpoints', ['ivs.js', 'shared.js']],
  ['Custom::RtcVoiceConnectorStreaming', ['chime-sdk-voice.js', 'shared.js']],
  ['Custom::RtcVoiceConnectorTermination', ['chime-sdk-voice.js', 'secrets-manager.js', 'shared.js']],
  ['Custom::RtcVoiceConnectorOrigination', ['chime-sdk-voice.js', 'shared.js']],
  ['Custom::RtcVoiceConnectorLogging', ['chime-sdk-voice.js', 'shared.js']],
  ['Custom::RtcChimeMeetingPool', ['meeting-pool.js', 'shared.js']],
])('%s loads no file of another', (resourceType, files) => {
  expect(deliver(resourceType).files.map((file) => path.relative(FOLDER, file)).sort()).toEqual(['common.js', 'index.js', ...files].sort());
});

describe('the functions of a pool', () => {
  interface Start {
    /** Files and modules that are loaded before the first invocation. */
    readonly files: string[];
    readonly modules: string[];
    readonly requests: string[];
    readonly connections: number;
  }

  /** Two checkouts, 50 ms apart, in a process of their own. Its table doesn't exist, so each checkout reads the pool and the ready meetings, and fails. */
  const start = (environment: Record<string, string>): Start => {
    // Without the time limits of the clients: a busy machine can exceed them, and the clients would repeat their calls.
    const script = `
      const wait = setTimeout;
      globalThis.setTimeout = (callback, ms, ...rest) => wait(callback, ms >= 1000 ? 2 ** 31 - 1 : ms, ...rest);
      let connections = 0;
      const requests = [];
      const server = require('node:http').createServer((request, response) => {
        requests.push(request.headers['x-amz-target'].split('.')[1]);
        request.resume().on('end', () => {
          response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end('{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}');
        });
      });
      server.on('connection', () => { connections += 1; });
      server.listen(0, '127.0.0.1', async () => {
        process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:' + server.address().port;
        const { checkout } = require(${JSON.stringify(BUNDLE)});
        const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
        await pause();
        const modules = process.moduleLoadList.map((name) => name.replace('NativeModule ', ''));
        const files = Object.keys(require.cache);
        for (const awsRequestId of ['first', 'second']) {
          await checkout({ externalUserIds: ['alice'] }, { awsRequestId });
          await pause();
        }
        process.stderr.write(JSON.stringify({ files, modules, requests, connections }));
        process.exit(0);
      });
    `;
    const { stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { ...ENVIRONMENT, ...environment } });
    const { files, ...rest } = JSON.parse(stderr.trim().split('\n').at(-1)!) as Start;
    return { ...rest, files: files.map((file) => path.relative(FOLDER, file)).sort() };
  };

  test('load their code and create their clients before the first invocation, and reuse their connections', () => {
    const { files, modules, requests, connections } = start({ POOL_NAME: 'Rooms', TABLE_NAME: 'rooms' });
    expect(files).toEqual(['common.js', 'index.js', 'meeting-pool.js', 'shared.js']);
    // Every client of the SDK needs https.
    expect(modules).toContain('https');
    expect(requests.sort()).toEqual(['GetItem', 'GetItem', 'Query', 'Query']);
    // The pool and its ready meetings are read at the same time.
    expect(connections).toBe(2);
  });

  test('are loaded early in no other function', () => {
    expect(start({}).files).toEqual(['common.js', 'index.js']);
  });
});

test('the legacy client is in a file of its own, which the default path never loads', () => {
  expect(readFileSync(LEGACY, 'utf8')).toContain('chime.us-east-1.amazonaws.com');
  // It has an endpoint like this, and nothing else has.
  for (const file of FILES) expect(readFileSync(file, 'utf8')).not.toContain('chime.us-east-1.amazonaws.com');
  const load = (Namespace?: string) => {
    const { files } = deliver('Custom::RtcVoiceConnectorStreaming', {
      VoiceConnectorArn: 'arn:aws:chime:us-east-1:123456789012:vc/abcdefghijklmnopqrstuv', ...Namespace ? { Namespace } : {},
    });
    return files.filter((file) => file.includes('chime-legacy'));
  };
  expect(load()).toEqual([]);
  expect(load('CHIME')).toEqual([LEGACY]);
});

test('the bundle needs only Node.js, and has no path of the machine that built it', () => {
  const text = FILES.map((file) => readFileSync(file, 'utf8')).join('\n');
  const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name.replace('node:', ''));
  const builtins = new Set(builtinModules);
  const own = new Set(FILES.map((file) => `./${path.basename(file)}`));
  // The SDK tries this one only for multi-region signatures, which no call here uses.
  const optional = '@aws-sdk/signature-v4-crt';
  expect(required.filter((name) => !builtins.has(name) && !own.has(name) && name !== optional)).toEqual([]);
  expect(text).not.toContain(path.resolve(__dirname, '..', '..'));
});

// A third of it was credential sources that no function has, operations that are never called, and the SDK's own package.json files.
test('the bundle stays below 565 KB, that of the legacy namespace below 115', () => {
  expect(FILES.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(565 * 1024);
  expect(statSync(LEGACY).size).toBeLessThan(115 * 1024);
});

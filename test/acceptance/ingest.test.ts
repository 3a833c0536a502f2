import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { CreateIngestConfigurationCommand, GetStageCommand, IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ingest, publishing } from '../../acceptance/cases/ingest';
import type { CaseContext, Use } from '../../acceptance/cases/subject';
import { ffmpegEncoder, ffmpegOnPath } from '../../acceptance/encoder';
import { Emulator, ivsRealtime, type RunningServer, secretsManager, startServer, streamKeys } from '../../local/emulator';
import type { StreamKeySecretValue } from '../../src/ivs/private/contract';
import { SUITE_TIMEOUT_MS } from '../eventually';

/* The executable `ffmpeg` of these tests sends its arguments to a media server, which decides how the stream ends. */

const REGION = 'us-east-1';

interface Answer {
  readonly status: number;
  readonly text?: string;
}

let emulator: Emulator;
let server: RunningServer;
let mediaServer: Server;
let folder: string;
let clients: { destroy(): void }[];
/** Accepts a stream, and answers when the stream ends. */
let onStream: (url: string) => Promise<Answer>;
let published: string[][];

beforeEach(async () => {
  [clients, published] = [[], []];
  onStream = async () => ({ status: 200 });
  emulator = new Emulator({ rates: 'off', services: [ivsRealtime(), secretsManager()] });
  server = await startServer(emulator);
  mediaServer = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk)).on('end', async () => {
      const args = JSON.parse(Buffer.concat(chunks).toString()) as string[];
      published.push(args);
      const { status, text } = await onStream(args.at(-1)!);
      response.writeHead(status).end(text);
    });
  });
  mediaServer.listen(0, '127.0.0.1');
  await once(mediaServer, 'listening');
  folder = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-ffmpeg-'));
});

afterEach(async () => {
  for (const created of clients) created.destroy();
  await server.close();
  mediaServer.closeAllConnections();
  await new Promise((resolve) => mediaServer.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** An executable that takes the arguments of FFmpeg. Like FFmpeg, it writes its error to the standard error output. */
function installFfmpeg(mode = 0o755, first = ''): void {
  const url = `http://127.0.0.1:${(mediaServer.address() as AddressInfo).port}`;
  writeFileSync(path.join(folder, 'ffmpeg'), `#!${process.execPath}
${first}
fetch('${url}', { method: 'POST', body: JSON.stringify(process.argv.slice(2)) }).then(async (response) => {
  process.stderr.write(await response.text());
  process.exitCode = response.ok ? 0 : 1;
});
`, { mode });
}

function client<T>(constructor: new (configuration: any) => T, service: string): T {
  const created = new constructor({ region: REGION, endpoint: server.endpoint(service), credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' } });
  clients.push(created as never);
  return created;
}

const SERVICES: Record<string, string> = { IVSRealTimeClient: 'ivs-realtime', SecretsManagerClient: 'secrets-manager' };

const contextOf = (isAws = true): CaseContext => ({
  region: REGION,
  namePrefix: 'CdkRtcAcceptance-1',
  isAws,
  client: (constructor) => client(constructor, SERVICES[constructor.name]),
  onCleanup: () => { throw new Error('creates nothing'); },
});

/** A deployed ingest configuration, as the construct leaves it. */
async function deploy({ redundantIngest = false } = {}) {
  const ivs = client(IVSRealTimeClient, 'ivs-realtime');
  const create = (type: string, properties = {}) => emulator.applyResource({ action: 'create', type, region: REGION, properties }).physicalId;
  const stageArn = create('AWS::IVS::Stage');
  const { ingestConfiguration } = await ivs.send(new CreateIngestConfigurationCommand({ stageArn, ingestProtocol: 'RTMPS', redundantIngest }));
  const { stage } = await ivs.send(new GetStageCommand({ arn: stageArn }));
  const { arn = '', participantId, streamKey, redundantIngestCredentials } = ingestConfiguration!;
  const rtmpsEndpoint = stage!.endpoints!.rtmps!;
  const secret = { ingestConfigurationArn: arn, participantId, streamKey, rtmpsEndpoint, redundantIngestCredentials } as StreamKeySecretValue;
  const secretArn = create('AWS::SecretsManager::Secret', { Name: 'stream-key' });
  await client(SecretsManagerClient, 'secrets-manager').send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: JSON.stringify(secret) }));
  return { arn, secret, outputs: { IngestSecret: secretArn, IngestStage: stageArn } };
}

const use = (): Use => publishing({ path: folder, pollSeconds: 0.02, waits: { connection: SUITE_TIMEOUT_MS / 1000, stop: SUITE_TIMEOUT_MS / 1000 } });
const edit = (resource: string, state: 'ACTIVE' | 'INACTIVE') => emulator.edit({ service: 'ivs-realtime', resource, state });
const isAsked = () => emulator.calls.some(({ operation }) => operation === 'GetParticipant');

/** The configuration whose key the URL contains, is live until the participant was looked at. */
async function accept(arn: string): Promise<Answer> {
  edit(arn, 'ACTIVE');
  while (!isAsked()) await new Promise((resolve) => setTimeout(resolve, 5));
  edit(arn, 'INACTIVE');
  return { status: 200 };
}

async function problemOf(work: Promise<unknown>): Promise<string> {
  const { message } = await work.then(() => { throw new Error('It passed.'); }, (error: Error) => error);
  return message;
}

test('the case of the run uses FFmpeg of the path', () => {
  expect(ingest.uses!.map(({ title }) => title)).toEqual([publishing().title]);
});

test('passes if the participant publishes, with the server URL and the stream key of the secret', async () => {
  installFfmpeg();
  const { arn, secret, outputs } = await deploy();
  onStream = async () => accept(arn);
  expect(use().skipped!(contextOf())).toBeUndefined();
  expect(await use().run(contextOf(), outputs)).toBe('FFmpeg published for 10 seconds, and the service reported the participant as published.');
  expect(published).toHaveLength(1);
  expect(published[0].at(-1)).toBe(`${secret.rtmpsEndpoint}${secret.streamKey}`);
  expect(published[0][published[0].indexOf('-t') + 1]).toBe('10');
});

test('publishes with the credentials of one encoder if the ingest is redundant', async () => {
  installFfmpeg();
  const { arn, secret, outputs } = await deploy({ redundantIngest: true });
  onStream = async () => accept(arn);
  await use().run(contextOf(), outputs);
  expect(published.map((args) => args.at(-1))).toEqual([`${secret.rtmpsEndpoint}${secret.redundantIngestCredentials![0].streamKey}`]);
});

test('fails with the error of FFmpeg, without the stream key', async () => {
  installFfmpeg();
  const { outputs } = await deploy();
  onStream = async (url) => ({ status: 403, text: `[rtmps @ 0x1] Server error\n${url}: Operation not permitted\n` });
  const problem = await problemOf(use().run(contextOf(), outputs));
  expect(problem).toMatch(/^FFmpeg ended with 1: \[rtmps @ 0x1\] Server error\nrtmps:\/\/\S+\/app\/\[redacted\]: Operation not permitted$/);
  expect(streamKeys(emulator).filter((key) => problem.includes(key))).toEqual([]);
});

test('fails if FFmpeg ends, and the participant never published', async () => {
  installFfmpeg();
  const { outputs } = await deploy();
  expect(await problemOf(use().run(contextOf(), outputs))).toBe('FFmpeg ended without an error, but the service never reported the participant as published.');
});

test('fails if another participant of the stage published', async () => {
  installFfmpeg();
  const { outputs } = await deploy();
  const command = new CreateIngestConfigurationCommand({ stageArn: outputs.IngestStage, ingestProtocol: 'RTMPS' });
  const { ingestConfiguration } = await client(IVSRealTimeClient, 'ivs-realtime').send(command);
  onStream = async () => accept(ingestConfiguration!.arn!);
  expect(await problemOf(use().run(contextOf(), outputs))).toContain('the service never reported the participant as published');
});

test('fails if FFmpeg can\'t be executed', async () => {
  installFfmpeg(0o644);
  const { outputs } = await deploy();
  expect(await problemOf(use().run(contextOf(), outputs))).toMatch(/^FFmpeg didn't start: .*EACCES/);
});

test('ends FFmpeg if a call fails meanwhile', async () => {
  installFfmpeg();
  const { outputs } = await deploy();
  const ended = new Promise<void>((resolve) => {
    mediaServer.once('request', (request) => request.socket.once('close', () => resolve()));
  });
  onStream = () => {
    emulator.addFault({ kind: 'accessDenied', operation: 'GetStage' });
    return new Promise(() => undefined);
  };
  await expect(use().run(contextOf(), outputs)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await ended;
});

test('is skipped with the reason if FFmpeg isn\'t installed, and on the local cloud', () => {
  expect(use().skipped!(contextOf())).toBe('FFmpeg isn\'t installed.');
  expect(publishing({ path: '' }).skipped!(contextOf())).toBe('FFmpeg isn\'t installed.');
  installFfmpeg();
  expect(use().skipped!(contextOf(false))).toBe('The local cloud has no media server.');
});

test('FFmpeg is found in the folders of the path', () => {
  installFfmpeg();
  expect(ffmpegOnPath([__dirname, folder].join(path.delimiter))).toBe(path.join(folder, 'ffmpeg'));
  expect(ffmpegOnPath(__dirname)).toBeUndefined();
});

describe('an encoder that does not end by itself', () => {
  const start = (waits: { connection: number; stop: number }, seconds: number) => {
    installFfmpeg(0o755, 'process.on(\'SIGTERM\', () => {});');
    onStream = () => new Promise(() => undefined);
    return ffmpegEncoder(path.join(folder, 'ffmpeg'), waits)({ rtmpsEndpoint: 'rtmps://localhost/app/', streamKey: 'rt-key' }, seconds);
  };

  test('is killed if it doesn\'t stop', async () => {
    const request = once(mediaServer, 'request');
    const { ended, stop } = start({ connection: 600, stop: 0.05 }, 600);
    await request;
    stop();
    expect(await ended).toBeUndefined();
  });

  test('is killed after the length of its film and the time to connect, and has failed', async () => {
    const { ended } = start({ connection: 0.05, stop: 600 }, 0);
    expect((await ended)?.message).toBe('FFmpeg ended with null:');
  });

  test('doesn\'t start without a stream key', () => {
    installFfmpeg();
    expect(() => ffmpegEncoder(path.join(folder, 'ffmpeg'))({ rtmpsEndpoint: 'rtmps://localhost/app/', streamKey: '' }, 1)).toThrow('There is no stream key.');
  });
});

test('an encoder that is stopped has not failed', async () => {
  installFfmpeg();
  const started = once(mediaServer, 'request');
  onStream = () => new Promise(() => undefined);
  const { ended, stop } = ffmpegEncoder(path.join(folder, 'ffmpeg'))({ rtmpsEndpoint: 'rtmps://localhost/app/', streamKey: 'rt-key' }, 600);
  await started;
  stop();
  expect(await ended).toBeUndefined();
});

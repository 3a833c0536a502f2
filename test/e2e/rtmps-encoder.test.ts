import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { LocalDeployment } from './local-deployment';
import { type RtmpsServer, startRtmpsServer } from './rtmps-server';
import { ffmpegEncoder } from '../../acceptance/encoder';
import { preparePythonEnvironment } from '../../local/launcher/python-environment';
import { IngestConfiguration, RealTimeStage } from '../../src';
import type { StreamKeySecretValue } from '../../src/ivs/private/contract';
import { SUITE_TIMEOUT_MS } from '../eventually';

/* FFmpeg publishes with nothing but the secret of an ingest configuration, by the command that the example shows. */

const run = promisify(execFile);

let local: LocalDeployment;
let secrets: SecretsManagerClient;
let server: RtmpsServer;
let ffmpeg: string;
let expectedKey = '';

beforeAll(async () => {
  // A package with the executable of FFmpeg.
  const { python, env } = await preparePythonEnvironment({ requirements: ['imageio-ffmpeg==0.6.0'] });
  ffmpeg = (await run(python, ['-c', 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())'], { env: { ...process.env, ...env } })).stdout.trim();
  server = await startRtmpsServer(() => expectedKey);
  local = await LocalDeployment.start();
  secrets = new SecretsManagerClient({ endpoint: local.cloud.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
});
afterAll(async () => {
  secrets?.destroy();
  await local?.stop();
  await server?.stop();
});

/** The command of the example's README, with a generated film of two seconds. */
function commandOf({ rtmpsEndpoint, streamKey }: StreamKeySecretValue): string[] {
  const readme = readFileSync('examples/typescript/live-ingest/README.md', 'utf8');
  const [, options] = /^ffmpeg -re -i film\.mp4 (.*) <rtmpsEndpoint><streamKey>$/m.exec(readme)!;
  const film = ['-f', 'lavfi', '-i', 'testsrc=size=128x72:rate=10', '-f', 'lavfi', '-i', 'sine', '-t', '2', '-pix_fmt', 'yuv420p'];
  return ['-hide_banner', '-loglevel', 'error', ...film, ...options.split(' ').map((option) => option.replaceAll("'", '')), `${rtmpsEndpoint}${streamKey}`];
}

test('the encoder of the acceptance run publishes audio and video, and reports the error of FFmpeg without the stream key', async () => {
  expectedKey = 'rt-key-of-the-encoder';
  const encoder = ffmpegEncoder(ffmpeg, { connection: SUITE_TIMEOUT_MS / 1000, stop: 5 });
  const publish = async (streamKey: string) => encoder({ rtmpsEndpoint: server.url, streamKey }, 2).ended;
  expect(await publish(expectedKey)).toBeUndefined();
  const { app, streamKey, media } = server.publications.at(-1)!;
  expect({ app, streamKey }).toEqual({ app: 'app', streamKey: expectedKey });
  // A film of two seconds, with 30 pictures per second.
  expect(media.video).toBeGreaterThanOrEqual(60);
  expect(media.audio).toBeGreaterThanOrEqual(10);
  const failure = await publish('rt-another-key');
  expect(failure!.message).toMatch(/^FFmpeg ended with \d+: .*unknown stream key/s);
  expect(failure!.message).toContain('[redacted]');
  expect(failure!.message).not.toContain('rt-another-key');
});

test('FFmpeg accepts the server URL and the stream key in the form of the secret, and a wrong key is refused', async () => {
  const build = (forceUpdateNonce?: string) => (stack: Stack) => {
    const ingest = new IngestConfiguration(stack, 'Ingest', { stage: new RealTimeStage(stack, 'Stage'), forceUpdateNonce });
    new CfnOutput(stack, 'Secret', { value: ingest.streamKeySecret.secretArn });
  };
  const { outputs: { Encoder: { Secret } } } = await local.deployed('Encoder', build());
  const content = async (): Promise<StreamKeySecretValue> =>
    JSON.parse((await secrets.send(new GetSecretValueCommand({ SecretId: Secret }))).SecretString!);
  expectedKey = (await content()).streamKey;
  // The stage moves to the server of this test.
  const [{ stageArn }] = local.ingestConfigurations();
  local.emulator.edit({ service: 'ivs-realtime', resource: stageArn, endpoints: { rtmps: server.url } } as never);
  await local.deployed('Encoder', build('2'));

  const secret = await content();
  const before = server.publications.length;
  await run(ffmpeg, commandOf(secret));
  expect(server.publications.slice(before)).toEqual([{
    // FFmpeg takes the first part of the path for the application, and the rest for the stream key.
    tcUrl: expect.stringMatching(/^rtmps:\/\/127\.0\.0\.1:\d+\/app$/),
    app: 'app',
    streamKey: secret.streamKey,
    media: { audio: expect.any(Number), video: expect.any(Number) },
  }].map((publication) => expect.objectContaining(publication)));
  const { media } = server.publications[before];
  expect([media.audio, media.video].filter((count) => count < 10)).toEqual([]);

  await expect(run(ffmpeg, commandOf({ ...secret, streamKey: `${secret.streamKey}x` }))).rejects.toThrow('unknown stream key');
  expect(server.publications).toHaveLength(before + 1);
  await local.destroyed('Encoder');
});

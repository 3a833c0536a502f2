import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { GetIngestConfigurationCommand, GetParticipantCommand, GetStageCommand, IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CfnOutput, Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ifFound, type Subject, type Use } from './subject';
import { IngestConfiguration } from '../../src';
import type { StreamKeySecretValue } from '../../src/ivs/private/contract';

const PUBLISHING_SECONDS = 10;

/** The path of FFmpeg, if it is installed. */
export function ffmpegOnPath(pathVariable = process.env.PATH ?? ''): string | undefined {
  const names = process.platform === 'win32' ? ['ffmpeg.exe'] : ['ffmpeg'];
  return pathVariable.split(path.delimiter).flatMap((folder) => names.map((name) => path.join(folder, name))).find(existsSync);
}

/** A generated film, published as the documentation of IVS describes it. */
export function publishingArguments({ rtmpsEndpoint, streamKey }: StreamKeySecretValue): string[] {
  return [
    '-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=30', '-f', 'lavfi', '-i', 'sine', '-t', String(PUBLISHING_SECONDS),
    '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-profile:v', 'baseline', '-bf', '0', '-g', '60', '-b:v', '500k', '-c:a', 'aac', '-ar', '48000', '-f', 'flv',
    `${rtmpsEndpoint}${streamKey}`,
  ];
}

const publishes: Use = {
  title: 'an encoder publishes with the stream key',
  expected: `FFmpeg publishes for ${PUBLISHING_SECONDS} seconds with the server URL and the stream key of the secret, and the service reports the participant as published.`,
  skipped: ({ isAws }) => {
    if (!isAws) return 'The local cloud has no media server.';
    return ffmpegOnPath() ? undefined : 'FFmpeg isn\'t installed.';
  },
  run: async (context, outputs) => {
    const { SecretString } = await context.client(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: outputs.IngestSecret }));
    const secret = JSON.parse(SecretString!) as StreamKeySecretValue;
    const encoder = spawn(ffmpegOnPath()!, publishingArguments(secret), { stdio: ['ignore', 'ignore', 'pipe'] });
    const errors: Buffer[] = [];
    encoder.stderr.on('data', (chunk) => errors.push(chunk));
    const ended = new Promise<number>((resolve) => { encoder.once('error', () => resolve(-1)).once('close', (code) => resolve(code ?? -1)); });
    let isPublished: boolean | undefined = false;
    const client = context.client(IVSRealTimeClient);
    for (let second = 0; second < PUBLISHING_SECONDS && !isPublished; second += 1) {
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1000))]);
      isPublished = (await participantOf(client, outputs.IngestStage, secret.participantId))?.published;
    }
    const exitCode = await ended;
    if (exitCode !== 0) throw new Error(`FFmpeg ended with ${exitCode}: ${Buffer.concat(errors).toString().trim()}`);
    if (!isPublished) throw new Error('FFmpeg ended without an error, but the service never reported the participant as published.');
    return `FFmpeg published for ${PUBLISHING_SECONDS} seconds, and the service reported the participant as published.`;
  },
};

/** Undefined: the stage has no session, or the session doesn't have the participant. */
async function participantOf(client: IVSRealTimeClient, stageArn: string, participantId: string) {
  const sessionId = (await client.send(new GetStageCommand({ arn: stageArn }))).stage?.activeSessionId;
  return sessionId ? (await ifFound(client.send(new GetParticipantCommand({ stageArn, sessionId, participantId }))))?.participant : undefined;
}

export const ingest: Subject = {
  area: 'ingest',
  construct: 'IngestConfiguration',
  id: 'Ingest',
  type: 'Custom::RtcIngestConfiguration',
  expected: (variant, namePrefix) => {
    switch (variant) {
      case 'created': return { state: { hasStage: true, redundantIngest: false } };
      case 'updated': return { state: { hasStage: true, redundantIngest: true, tags: { team: 'studio' } } };
      case 'replaced': return { state: { hasStage: true, redundantIngest: false, userId: 'camera' }, isReplaced: true };
      case 'renamed': return { state: { name: `${namePrefix}-ingest`, userId: 'camera' }, isReplaced: true };
      default: return undefined;
    }
  },
  build: (scope, variant, namePrefix) => {
    const stage = new ivs.CfnStage(scope, 'Stage');
    const configuration = new IngestConfiguration(scope, 'Configuration', {
      stage,
      streamKeySecretEncryptionKey: new kms.Key(scope, 'Key', { pendingWindow: Duration.days(7), removalPolicy: RemovalPolicy.DESTROY }),
      redundantIngest: variant === 'updated',
      userId: ['replaced', 'renamed'].includes(variant) ? 'camera' : undefined,
      ingestConfigurationName: variant === 'renamed' ? `${namePrefix}-ingest` : undefined,
    });
    if (variant === 'updated') Tags.of(configuration).add('team', 'studio');
    new CfnOutput(scope, 'SecretArn', { value: configuration.streamKeySecret.secretArn }).overrideLogicalId('IngestSecret');
    new CfnOutput(scope, 'StageArn', { value: stage.ref }).overrideLogicalId('IngestStage');
    return configuration.ingestConfigurationArn;
  },
  observe: async (context, id) => {
    const found = await ifFound(context.client(IVSRealTimeClient).send(new GetIngestConfigurationCommand({ arn: id })));
    if (!found) return undefined;
    const { name, stageArn, userId, redundantIngest, tags } = found.ingestConfiguration!;
    return { name, hasStage: Boolean(stageArn), userId, redundantIngest: redundantIngest ?? false, tags };
  },
  uses: [publishes],
};

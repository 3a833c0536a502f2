import { GetIngestConfigurationCommand, GetParticipantCommand, GetStageCommand, IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CfnOutput, Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ifFound, type Subject, type Use } from './subject';
import { IngestConfiguration } from '../../src';
import type { StreamKeySecretValue } from '../../src/ivs/private/contract';
import { ffmpegEncoder, ffmpegOnPath } from '../encoder';

const PUBLISHING_SECONDS = 10;

export interface PublishingOptions {
  /** The folders that can contain FFmpeg. Default: those of the variable `PATH`. */
  readonly path?: string;
  /** The pause between two looks at the participant. Default: a second. */
  readonly pollSeconds?: number;
}

/** FFmpeg publishes, if it is installed. */
export function publishing({ path, pollSeconds = 1 }: PublishingOptions = {}): Use {
  return {
    title: 'an encoder publishes with the stream key',
    expected: `FFmpeg publishes for ${PUBLISHING_SECONDS} seconds with the server URL and the stream key of the secret, and the service reports the participant as published.`,
    skipped: ({ isAws }) => {
      if (!isAws) return 'The local cloud has no media server.';
      return ffmpegOnPath(path) ? undefined : 'FFmpeg isn\'t installed.';
    },
    run: async (context, outputs) => {
      const { SecretString } = await context.client(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: outputs.IngestSecret }));
      const { rtmpsEndpoint, redundantIngestCredentials, ...main } = JSON.parse(SecretString!) as StreamKeySecretValue;
      // With redundant ingest, each encoder has credentials of its own.
      const { participantId, streamKey } = redundantIngestCredentials?.[0] ?? main;
      const isPublished = publishedIn(context.client(IVSRealTimeClient), outputs.IngestStage, participantId);
      const { ended, stop } = ffmpegEncoder(ffmpegOnPath(path)!)({ rtmpsEndpoint: rtmpsEndpoint!, streamKey }, PUBLISHING_SECONDS);
      let isRunning = true;
      void ended.then(() => { isRunning = false; });
      try {
        while (isRunning && !await isPublished()) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1000 * pollSeconds))]);
        const failure = await ended;
        if (failure) throw failure;
      } finally {
        stop();
      }
      if (!await isPublished()) throw new Error('FFmpeg ended without an error, but the service never reported the participant as published.');
      return `FFmpeg published for ${PUBLISHING_SECONDS} seconds, and the service reported the participant as published.`;
    },
  };
}

/** Whether the participant has published in a session of the stage. After the end of a session, the stage no longer names it. */
function publishedIn(client: IVSRealTimeClient, stageArn: string, participantId: string): () => Promise<boolean> {
  let sessionId: string | undefined;
  return async () => {
    sessionId = (await client.send(new GetStageCommand({ arn: stageArn }))).stage?.activeSessionId ?? sessionId;
    if (sessionId === undefined) return false;
    const found = await ifFound(client.send(new GetParticipantCommand({ stageArn, sessionId, participantId })));
    return found?.participant?.published ?? false;
  };
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
  uses: [publishing()],
};

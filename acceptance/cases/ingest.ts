import {
  DeleteIngestConfigurationCommand, GetIngestConfigurationCommand, GetParticipantCommand, GetStageCommand, IVSRealTimeClient,
} from '@aws-sdk/client-ivs-realtime';
import { DeleteSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CfnOutput, Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { ifFound, ONE_REGION, type PropertyCases, type Subject, type Use, type Variant } from './subject';
import { IngestConfiguration, type IngestConfigurationProps, IngestProtocol, LivePublisherPolicy } from '../../src';
import type { StreamKeySecretValue } from '../../src/ivs/private/contract';
import { ffmpegEncoder, ffmpegOnPath, type Waits } from '../encoder';

const PUBLISHING_SECONDS = 10;
const READS_AFTER_THE_END = 10;

export interface PublishingOptions {
  /** The folders that can contain FFmpeg. Default: those of the variable `PATH`. */
  readonly path?: string;
  /** The pause between two looks at the participant. Default: a second. */
  readonly pollSeconds?: number;
  /** Default: those of `ffmpegEncoder`. */
  readonly waits?: Waits;
}

/** FFmpeg publishes, if it is installed. */
export function publishing({ path, pollSeconds = 1, waits }: PublishingOptions = {}): Use {
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
      const { ended, stop } = ffmpegEncoder(ffmpegOnPath(path)!, waits)({ rtmpsEndpoint: rtmpsEndpoint!, streamKey }, PUBLISHING_SECONDS);
      let isRunning = true;
      void ended.then(() => { isRunning = false; });
      try {
        while (isRunning && !await isPublished()) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1000 * pollSeconds))]);
        const failure = await ended;
        if (failure) throw failure;
      } finally {
        stop();
      }
      // A read can be older than the end of the stream.
      for (let attempt = 0; attempt < READS_AFTER_THE_END && !await isPublished(); attempt += 1) {
        await new Promise((resolve) => setTimeout(resolve, 1000 * pollSeconds));
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

function propsOf(scope: Construct, variant: Variant, namePrefix: string): IngestConfigurationProps & { readonly stage: ivs.CfnStage } {
  // Every version has both stages, so that a rollback can attach the first one again.
  const [first, second] = ['FirstStage', 'SecondStage'].map((id) => new ivs.CfnStage(scope, id));
  if (variant === 'created') return { stage: first };
  const key = new kms.Key(scope, 'Key', { pendingWindow: Duration.days(7), removalPolicy: RemovalPolicy.DESTROY });
  const updated = { stage: second, streamKeySecretEncryptionKey: key, onLivePublisher: LivePublisherPolicy.DISCONNECT, forceUpdateNonce: '1' };
  if (variant === 'updated') return { ...updated, redundantIngest: true };
  const replaced = { ...updated, ingestProtocol: IngestProtocol.RTMP, insecureIngest: true, userId: 'camera', attributes: { place: 'lobby' } };
  if (variant === 'replaced') return replaced;
  const renamed = { ...replaced, ingestConfigurationName: `${namePrefix}-ingest` };
  return variant === 'renamed' ? renamed : { ...renamed, removalPolicy: RemovalPolicy.RETAIN };
}

const properties: PropertyCases<IngestConfigurationProps> = {
  construct: 'IngestConfiguration',
  props: propsOf,
  cases: {
    ingestConfigurationName: 'rename',
    stage: 'update',
    ingestProtocol: 'replacement',
    insecureIngest: 'replacement',
    redundantIngest: 'update',
    userId: 'replacement',
    attributes: 'replacement',
    onLivePublisher: 'update',
    streamKeySecretEncryptionKey: 'update',
    region: ONE_REGION,
    forceUpdateNonce: 'update',
    removalPolicy: 'retain',
  },
};

const REPLACED = { stage: 'second', protocol: 'rtmp', userId: 'camera', attributes: { place: 'lobby' }, redundantIngest: false };

export const ingest: Subject = {
  area: 'ingest',
  construct: 'IngestConfiguration',
  id: 'Ingest',
  type: 'Custom::RtcIngestConfiguration',
  properties: [properties],
  expected: (variant, namePrefix) => {
    switch (variant) {
      case 'created': return { state: { stage: 'first', protocol: 'rtmps', redundantIngest: false } };
      case 'updated': return { state: { stage: 'second', protocol: 'rtmps', redundantIngest: true, tags: { team: 'studio' } } };
      case 'replaced': return { state: REPLACED, isReplaced: true };
      case 'renamed': return { state: { ...REPLACED, name: `${namePrefix}-ingest` }, isReplaced: true };
      case 'retained': return { state: { ...REPLACED, name: `${namePrefix}-ingest` } };
    }
  },
  build: (scope, variant, namePrefix) => {
    const props = propsOf(scope, variant, namePrefix);
    const configuration = new IngestConfiguration(scope, 'Configuration', props);
    if (variant === 'updated') Tags.of(configuration).add('team', 'studio');
    const output = (name: string, value: string) => new CfnOutput(scope, `${name}Arn`, { value }).overrideLogicalId(`Ingest${name}`);
    output('Secret', configuration.streamKeySecret.secretArn);
    output('Stage', props.stage.ref);
    output('FirstStage', (scope.node.findChild('FirstStage') as ivs.CfnStage).ref);
    return configuration.ingestConfigurationArn;
  },
  observe: async (context, id, outputs) => {
    const found = await ifFound(context.client(IVSRealTimeClient).send(new GetIngestConfigurationCommand({ arn: id })));
    if (!found) return undefined;
    const { name, stageArn, ingestProtocol, userId, attributes, redundantIngest, tags } = found.ingestConfiguration!;
    const stage = stageArn ? (stageArn === outputs.IngestFirstStage ? 'first' : 'second') : 'none';
    return { name, stage, protocol: ingestProtocol?.toLowerCase(), userId, attributes, redundantIngest: redundantIngest ?? false, tags };
  },
  uses: [publishing()],
  deleteRetained: async (context, id, outputs) => {
    const client = context.client(IVSRealTimeClient);
    // IAM denies the deletion of a resource that is gone: the condition for its tag isn't met.
    if (!await ifFound(client.send(new GetIngestConfigurationCommand({ arn: id })))) return;
    const deletion = new DeleteSecretCommand({ SecretId: outputs.IngestSecret, ForceDeleteWithoutRecovery: true });
    await ifFound(context.client(SecretsManagerClient).send(deletion));
    await ifFound(client.send(new DeleteIngestConfigurationCommand({ arn: id, force: true })));
  },
};

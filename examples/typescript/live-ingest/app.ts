import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IngestConfiguration, LivePublisherPolicy } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'LiveIngest');

// Where the audience is.
const stage = new ivs.CfnStage(stack, 'Stage', { name: 'studio' });

// How an encoder gets there. The stream key goes straight into a secret.
const ingest = new IngestConfiguration(stack, 'Ingest', {
  stage,
  userId: 'studio-camera',
  redundantIngest: app.node.tryGetContext('redundant') === 'true',
  onLivePublisher: LivePublisherPolicy.WAIT,
});

// Something that publishes reads the key when it starts, and never before: a function here, a container with FFmpeg elsewhere.
const encoder = new lambda.Function(stack, 'Encoder', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  environment: { STREAM_KEY_SECRET: ingest.streamKeySecret.secretArn },
  code: lambda.Code.fromInline(`
    const { GetSecretValueCommand, SecretsManagerClient } = require('@aws-sdk/client-secrets-manager');
    const secrets = new SecretsManagerClient();
    exports.handler = async () => {
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.STREAM_KEY_SECRET }));
      const { participantId, streamKey, redundantIngestCredentials = [] } = JSON.parse(SecretString);
      // Here ffmpeg would start: -f flv <the stage's RTMPS endpoint><streamKey>
      return { participantId, hasStreamKey: streamKey.length > 0, encoders: Math.max(1, redundantIngestCredentials.length) };
    };
  `),
});
ingest.grants.readStreamKey(encoder);

// And something is told when the stream is there.
const onAir = new lambda.Function(stack, 'OnAir', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async ({ detail }) => console.log(detail.event_name, detail.participant_id);'),
});
ingest.onStageUpdate('OnAirRule', { target: new targets.LambdaFunction(onAir) });

new CfnOutput(stack, 'ParticipantId', { value: ingest.participantId });
new CfnOutput(stack, 'StreamKeySecret', { value: ingest.streamKeySecret.secretArn });
new CfnOutput(stack, 'EncoderFunction', { value: encoder.functionName });

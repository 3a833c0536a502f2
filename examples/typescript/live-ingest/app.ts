import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IngestConfiguration, LivePublisherPolicy, RealTimeStage } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'LiveIngest');

// The stage that the viewers join.
const stage = new RealTimeStage(stack, 'Stage', { stageName: 'studio' });

// The ingest configuration of the encoder. The stream key and the server URL are written directly to a secret.
const ingest = new IngestConfiguration(stack, 'Ingest', {
  stage,
  userId: 'studio-camera',
  redundantIngest: app.node.tryGetContext('redundant') === 'true',
  onLivePublisher: LivePublisherPolicy.WAIT,
});

// The publisher reads the secret when it starts. Here it is a function. In a real app, it is for example a container with FFmpeg.
const encoder = new lambda.Function(stack, 'Encoder', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  environment: { STREAM_KEY_SECRET: ingest.streamKeySecret.secretArn },
  code: lambda.Code.fromInline(`
    const { GetSecretValueCommand, SecretsManagerClient } = require('@aws-sdk/client-secrets-manager');
    const secrets = new SecretsManagerClient();
    exports.handler = async () => {
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.STREAM_KEY_SECRET }));
      const { participantId, rtmpsEndpoint, streamKey, redundantIngestCredentials = [] } = JSON.parse(SecretString);
      // Here ffmpeg would start: -f flv <rtmpsEndpoint><streamKey>
      return { participantId, server: rtmpsEndpoint, hasStreamKey: streamKey.length > 0, encoders: Math.max(1, redundantIngestCredentials.length) };
    };
  `),
});
ingest.grants.readStreamKey(encoder);

// Another function starts when the encoder publishes.
const onAir = new lambda.Function(stack, 'OnAir', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async ({ detail }) => console.log(detail.event_name, detail.participant_id);'),
});
ingest.onStageUpdate('OnAirRule', { target: new targets.LambdaFunction(onAir) });

new CfnOutput(stack, 'ParticipantId', { value: ingest.participantId });
new CfnOutput(stack, 'StreamKeySecret', { value: ingest.streamKeySecret.secretArn });
new CfnOutput(stack, 'EncoderFunction', { value: encoder.functionName });

import { App, CfnOutput, CfnResource, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NotificationTarget, StreamingStatus, VoiceConnector, VoiceConnectorStreaming } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'VoiceAnalytics');

// The connection to the phone network. Newer versions of aws-cdk-lib have chime.CfnVoiceConnector, which VoiceConnectorStreaming accepts directly.
// The template check of the minimum version doesn't know the type yet.
const trunk = new CfnResource(stack, 'Trunk', {
  type: 'AWS::Chime::VoiceConnector',
  properties: { Name: 'contact-centre', RequireEncryption: true },
});
Validations.of(trunk).acknowledge({ id: 'CloudFormation-Validate::F3006', reason: 'The type is younger than the list of this aws-cdk-lib.' });

// The service copies the audio of each call into a Kinesis video stream.
const streaming = new VoiceConnectorStreaming(stack, 'Streaming', {
  voiceConnector: VoiceConnector.fromVoiceConnectorArn(stack, 'TrunkConnector', trunk.ref),
  dataRetention: Duration.hours(Number(app.node.tryGetContext('retentionHours') ?? 24)),
  notificationTargets: [NotificationTarget.EVENT_BRIDGE],
});

// A function starts when a call starts, and has permission to read its media.
const analyser = new lambda.Function(stack, 'Analyser', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline(`
    exports.handler = async ({ detail }) => {
      console.log('analyse', detail.callId, 'from', detail.streamArn, 'at fragment', detail.startFragmentNumber);
    };
  `),
});
streaming.onStreamingStatus('CallBegins', { status: [StreamingStatus.STARTED], target: new targets.LambdaFunction(analyser) });
streaming.grants.readMedia(analyser);

new CfnOutput(stack, 'VoiceConnectorId', { value: streaming.voiceConnectorId });

import { App, CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { PhoneNumber, PhoneNumberAssociation, PhoneNumberSource, StreamingStatus, VoiceConnector } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'CallCenter');

// The user name and password with which the phone system of the call center makes calls. Store both in the secret before you deploy, as JSON with the
// fields `username` and `password`. After a rotation, deploy with another value of `credentialsVersion`.
const sipUser = secretsmanager.Secret.fromSecretNameV2(stack, 'SipUser', 'call-center/sip-user');

// The deployment orders a number, and the account is billed for the number from then on. The number stays when the stack is deleted: release it in the console,
// or deploy `removalPolicy: RemovalPolicy.DESTROY` before you delete the stack.
const hotline = new PhoneNumber(stack, 'Hotline', {
  source: PhoneNumberSource.local({ areaCode: '206' }),
  phoneNumberName: 'Hotline',
});
Validations.of(hotline).acknowledge({ id: 'cdk-rtc:PhoneNumber.orderedAgain', reason: 'A new deployment of this example needs a number of its own.' });

const trunk = new VoiceConnector(stack, 'Trunk', {
  voiceConnectorName: 'Call center',
  // Outbound calls: from the phone system to the United States and Canada.
  termination: {
    allowedCidrs: ['203.0.113.10/32', '203.0.113.11/32'],
    callingRegions: ['US', 'CA'],
    credentials: [sipUser],
    credentialsVersion: app.node.tryGetContext('credentialsVersion'),
    defaultPhoneNumber: hotline,
  },
  // Inbound calls: to the first host, and to the second host if the first host fails.
  origination: {
    routes: [
      { host: 'sip-1.example.com', priority: 1 },
      { host: 'sip-2.example.com', priority: 2 },
    ],
  },
  // The quality of each call, in CloudWatch Logs.
  logging: { mediaMetrics: true },
  // A copy of the audio of each call, in Kinesis Video Streams.
  streaming: { dataRetention: Duration.hours(24) },
});

// Calls to the number arrive at the hosts of the origination.
new PhoneNumberAssociation(stack, 'HotlineCalls', { voiceConnector: trunk, phoneNumber: hotline });

// A function that starts when a call starts, and has permission to read its audio.
const analyzer = new lambda.Function(stack, 'Analyzer', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline(`
    exports.handler = async ({ detail }) => {
      console.log('analyze', detail.callId, 'from', detail.streamArn, 'at fragment', detail.startFragmentNumber);
    };
  `),
});
trunk.streaming!.onStreamingStatus('CallStarts', { status: [StreamingStatus.STARTED], target: new targets.LambdaFunction(analyzer) });
trunk.streaming!.grants.readMedia(analyzer);

// Unusually many outbound calls can be toll fraud.
trunk.alarmOnOutboundCallVolume('CallVolume', { threshold: 50 });
trunk.alarmOnCallFailures('CallFailures', { threshold: 5 });

new CfnOutput(stack, 'HotlineNumber', { value: hotline.e164PhoneNumber });
new CfnOutput(stack, 'OutboundHostName', { value: trunk.outboundHostName });
new CfnOutput(stack, 'QualityLogGroup', { value: trunk.logging!.mediaMetricLogGroup.logGroupName });

import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { StreamingStatus, VoiceConnector } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'ContactCenter');

const trunk = new VoiceConnector(stack, 'Trunk', {
  termination: { allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'] },
  origination: { routes: [{ host: 'sip-1.example.com' }] },
  logging: { sipMessages: true },
  streaming: { dataRetention: Duration.hours(2) },
});

// The function finds the media endpoint of the call's stream, with the AWS SDK of the Lambda runtime.
const analyzer = new lambda.Function(stack, 'Analyzer', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  timeout: Duration.seconds(30),
  code: lambda.Code.fromInline(`
    const { KinesisVideo } = require('@aws-sdk/client-kinesis-video');
    const client = new KinesisVideo({});
    exports.handler = async ({ detail: { callId, streamArn } }) => {
      const answer = await client.getDataEndpoint({ StreamARN: streamArn, APIName: 'GET_MEDIA' }).catch(({ name }) => name);
      console.log(callId, answer);
      return { callId, answer };
    };
  `),
});
trunk.streaming!.onStreamingStatus('CallStarts', { status: [StreamingStatus.STARTED], target: new targets.LambdaFunction(analyzer) });
trunk.streaming!.grants.readMedia(analyzer);
trunk.alarmOnOutboundCallVolume('CallVolume', { threshold: 50 });
trunk.alarmOnCallFailures('CallFailures', { threshold: 5 });

// An alarm on an expression.
new cloudwatch.MathExpression({
  expression: '100 * errors / calls', usingMetrics: { errors: analyzer.metricErrors(), calls: analyzer.metricInvocations() },
}).createAlarm(stack, 'AnalyzerErrors', { threshold: 5, evaluationPeriods: 1 });

new CfnOutput(stack, 'OutboundHostName', { value: trunk.outboundHostName });
new CfnOutput(stack, 'AnalyzerName', { value: analyzer.functionName });

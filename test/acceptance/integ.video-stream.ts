import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { VideoStream } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-video-stream');
const bucket = new s3.Bucket(stack, 'Images', { removalPolicy: RemovalPolicy.DESTROY });
const stream = new VideoStream(stack, 'Stream', {
  dataRetention: Duration.hours(24), imageGeneration: { bucket, samplingInterval: Duration.seconds(3) }, removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(stack, 'StreamArn', { value: stream.streamArn });
app.synth();

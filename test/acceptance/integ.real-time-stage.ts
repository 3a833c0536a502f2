import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { RealTimeStage } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-real-time-stage');
const stage = new RealTimeStage(stack, 'Stage');
new CfnOutput(stack, 'RtmpsEndpoint', { value: stage.rtmpsEndpoint });
app.synth();

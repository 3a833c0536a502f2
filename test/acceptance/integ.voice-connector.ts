import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { VoiceConnector } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-voice-connector');
const connector = new VoiceConnector(stack, 'Connector');
new CfnOutput(stack, 'OutboundHostName', { value: connector.outboundHostName });
app.synth();

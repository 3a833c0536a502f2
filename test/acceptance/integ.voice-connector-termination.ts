import { App, Stack } from 'aws-cdk-lib';
import { VoiceConnector, VoiceConnectorTermination } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-voice-connector-termination');
new VoiceConnectorTermination(stack, 'Termination', {
  voiceConnector: new VoiceConnector(stack, 'Connector'), allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'],
});
app.synth();

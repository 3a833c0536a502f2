import { App, Stack } from 'aws-cdk-lib';
import { VoiceConnector, VoiceConnectorLogging } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-voice-connector-logging');
new VoiceConnectorLogging(stack, 'Logging', { voiceConnector: new VoiceConnector(stack, 'Connector') });
app.synth();

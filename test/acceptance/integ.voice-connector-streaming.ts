import { App, Duration, Stack } from 'aws-cdk-lib';
import { VoiceConnector, VoiceConnectorStreaming } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-voice-connector-streaming');
new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: new VoiceConnector(stack, 'Connector'), dataRetention: Duration.hours(24) });
app.synth();

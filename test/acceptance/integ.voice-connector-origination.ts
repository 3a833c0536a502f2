import { App, Stack } from 'aws-cdk-lib';
import { VoiceConnector, VoiceConnectorOrigination } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-voice-connector-origination');
new VoiceConnectorOrigination(stack, 'Origination', { voiceConnector: new VoiceConnector(stack, 'Connector'), routes: [{ host: 'sip.example.com' }] });
app.synth();

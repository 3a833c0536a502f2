import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PhoneNumber, PhoneNumberAssociation, PhoneNumberSource, VoiceConnector } from '../../src';

// The deployment orders a phone number, which costs about 1 US dollar.
const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-phone-number-association');
new PhoneNumberAssociation(stack, 'Calls', {
  voiceConnector: new VoiceConnector(stack, 'Connector'),
  phoneNumber: new PhoneNumber(stack, 'Number', { source: PhoneNumberSource.local({ areaCode: '206' }), removalPolicy: RemovalPolicy.DESTROY }),
});
app.synth();

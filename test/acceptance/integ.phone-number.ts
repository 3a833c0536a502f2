import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PhoneNumber, PhoneNumberSource } from '../../src';

// The deployment orders a phone number, which costs about 1 US dollar.
const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-phone-number');
const number = new PhoneNumber(stack, 'Number', { source: PhoneNumberSource.local({ areaCode: '206' }), removalPolicy: RemovalPolicy.DESTROY });
new CfnOutput(stack, 'PhoneNumber', { value: number.e164PhoneNumber });
app.synth();

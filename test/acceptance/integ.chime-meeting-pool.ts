import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { ChimeMeetingPool } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-chime-meeting-pool');
const pool = new ChimeMeetingPool(stack, 'Pool', { size: 1 });
new CfnOutput(stack, 'CheckoutFunction', { value: pool.checkoutFunction.functionName });
app.synth();

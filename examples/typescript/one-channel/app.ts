import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { SignalingChannel } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'Doorbell');

// The service creates the channel in the background. The deployment waits until the channel is active.
const channel = new SignalingChannel(stack, 'Channel');

new CfnOutput(stack, 'Endpoint', { value: channel.viewerWssEndpoint });

import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { SignalingChannel } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-signaling-channel');
const channel = new SignalingChannel(stack, 'Channel', { messageTtl: Duration.seconds(30) });
new CfnOutput(stack, 'ChannelArn', { value: channel.signalingChannelArn });
new CfnOutput(stack, 'MasterEndpoint', { value: channel.masterWssEndpoint });
app.synth();

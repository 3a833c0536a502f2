import { App, Stack } from 'aws-cdk-lib';
import { RtcDriftMonitor, SignalingChannel } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-rtc-drift-monitor');
new SignalingChannel(stack, 'Channel');
new RtcDriftMonitor(stack, 'DriftMonitor');
app.synth();

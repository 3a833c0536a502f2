import { App, CfnOutput, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { RtcDriftMonitor, SignalingChannel, VideoStream } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'Signaling');

// A doorbell with recorded sessions, kept for a day. Without the removal policy, the recordings would stay after the deletion of the stack.
const recordings = new VideoStream(stack, 'Recordings', { dataRetention: Duration.days(1), removalPolicy: RemovalPolicy.DESTROY });
const doorbell = new SignalingChannel(stack, 'Doorbell', {
  messageTtl: Duration.seconds(Number(app.node.tryGetContext('messageTtl') ?? 60)),
  mediaStorageStream: recordings,
});

// An intercom without recording. Its peers connect to each other.
const intercom = new SignalingChannel(stack, 'Intercom');

// The device connects as the master, the phone app as a viewer. On the doorbell, both join the recorded session instead of connecting to each other.
const device = new iam.Role(stack, 'Device', { assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com') });
doorbell.grants.joinStorage(device);
const phone = new iam.Role(stack, 'Phone', { assumedBy: new iam.AccountRootPrincipal() });
doorbell.grants.joinStorageAsViewer(phone);
recordings.grants.play(phone);
intercom.grants.viewer(phone);

const team = app.node.tryGetContext('team');
if (team) Tags.of(doorbell).add('team', team);

// The topic receives an event for each out-of-band change of a channel.
const changes = new sns.Topic(stack, 'Changes', { enforceSSL: true });
const monitor = new RtcDriftMonitor(stack, 'DriftMonitor');
monitor.onDriftDetected('ToChanges', { target: new targets.SnsTopic(changes) });

// The endpoints, so that a device or a page doesn't have to look them up.
new CfnOutput(stack, 'DoorbellArn', { value: doorbell.signalingChannelArn });
new CfnOutput(stack, 'DoorbellMasterEndpoint', { value: doorbell.masterWssEndpoint });
new CfnOutput(stack, 'DoorbellViewerEndpoint', { value: doorbell.viewerWssEndpoint });
new CfnOutput(stack, 'DoorbellRecordingEndpoint', { value: doorbell.masterWebrtcEndpoint });
new CfnOutput(stack, 'DoorbellViewerRecordingEndpoint', { value: doorbell.viewerWebrtcEndpoint });
new CfnOutput(stack, 'IntercomViewerEndpoint', { value: intercom.viewerWssEndpoint });
new CfnOutput(stack, 'DriftMonitorFunction', { value: monitor.monitorFunction.functionName });

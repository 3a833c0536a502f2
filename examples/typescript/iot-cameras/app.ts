import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as iot from 'aws-cdk-lib/aws-iot';
import { SignalingChannel } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'IotCameras');
const cameras: string[] = (app.node.tryGetContext('cameras') ?? 'camera-1,camera-2').split(',');

// Each camera is a thing of AWS IoT, and has a channel with the name of the thing.
for (const camera of cameras) {
  new iot.CfnThing(stack, `Thing-${camera}`, { thingName: camera });
  new SignalingChannel(stack, camera, { signalingChannelName: camera });
}

// All cameras use one role. The policy variable limits each camera to the channel that has its name.
const device = new iam.Role(stack, 'Device', { assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com') });
const own = SignalingChannel.fromSignalingChannelName(stack, 'OwnChannel', '${credentials-iot:ThingName}');
own.grants.master(device);

// A camera exchanges its certificate for credentials of the role at the credentials provider of AWS IoT.
const alias = new iot.CfnRoleAlias(stack, 'DeviceAlias', { roleArn: device.roleArn });
const policy = new iot.CfnPolicy(stack, 'DevicePolicy', {
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iot:AssumeRoleWithCertificate', Resource: alias.attrRoleAliasArn }],
  },
});

new CfnOutput(stack, 'RoleAlias', { value: alias.ref });
new CfnOutput(stack, 'CertificatePolicy', { value: policy.ref });

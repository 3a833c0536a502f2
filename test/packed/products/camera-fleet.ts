import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as iot from 'aws-cdk-lib/aws-iot';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { RtcProvider, SignalingChannel, VideoStream } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'CameraFleet');

// Cameras get credentials of a role from AWS IoT.
const device = new iam.Role(stack, 'Device', { assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com') });
const alias = new iot.CfnRoleAlias(stack, 'DeviceAlias', { roleArn: device.roleArn, credentialDurationSeconds: 3600 });
new iot.CfnPolicy(stack, 'DevicePolicy', {
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iot:AssumeRoleWithCertificate', Resource: alias.attrRoleAliasArn }],
  },
});

// Viewers sign in with Amazon Cognito.
const users = new cognito.UserPool(stack, 'Users', { removalPolicy: RemovalPolicy.DESTROY });
const client = users.addClient('Viewer');
const identities = new cognito.CfnIdentityPool(stack, 'Identities', {
  allowUnauthenticatedIdentities: false,
  cognitoIdentityProviders: [{ clientId: client.userPoolClientId, providerName: users.userPoolProviderName }],
});
const viewer = new iam.Role(stack, 'ViewerRole', {
  assumedBy: new iam.FederatedPrincipal('cognito-identity.amazonaws.com', {
    StringEquals: { 'cognito-identity.amazonaws.com:aud': identities.ref },
  }, 'sts:AssumeRoleWithWebIdentity'),
});
new cognito.CfnIdentityPoolRoleAttachment(stack, 'Roles', { identityPoolId: identities.ref, roles: { authenticated: viewer.roleArn } });

const images = new s3.Bucket(stack, 'Images', { removalPolicy: RemovalPolicy.DESTROY });
for (const camera of ['front', 'back']) {
  new iot.CfnThing(stack, `${camera}-thing`, { thingName: camera });
  // The stream of a channel's recordings can't have images.
  const recordings = new VideoStream(stack, `${camera}-recordings`, { dataRetention: Duration.hours(24), removalPolicy: RemovalPolicy.DESTROY });
  const stream = new VideoStream(stack, `${camera}-stream`, {
    dataRetention: Duration.hours(24),
    imageGeneration: { bucket: images, samplingInterval: Duration.seconds(3) },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const channel = new SignalingChannel(stack, camera, { mediaStorageStream: recordings });
  channel.grants.master(device);
  channel.grants.viewer(viewer);
  stream.grants.putMedia(device);
  stream.alarmOnNoMedia(`${camera}-offline`);
  new CfnOutput(stack, `${camera}Endpoint`, { value: channel.viewerWssEndpoint });
}
RtcProvider.alarmOnHandlerErrors(stack, 'HandlerErrors');
new CfnOutput(stack, 'RoleAlias', { value: alias.ref });

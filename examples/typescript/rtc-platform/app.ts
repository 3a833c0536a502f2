import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  AttendeeCapability, ChimeMeetingPool, IngestConfiguration, MeetingEventType, mixins, NotificationTarget, OriginationProtocol, PhoneNumber,
  PhoneNumberAssociation, PhoneNumberSource, RealTimeStage, RtcProvider, SignalingChannel, SignalingOperation, StageUpdate,
  StorageConfiguration, StreamingStatus, VideoMaxResolution, VideoStream, VideoStreamGrants, VoiceConnector,
  VoiceConnectorStreaming,
} from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'RtcPlatform');
RtcProvider.configure(stack, { logRetention: logs.RetentionDays.ONE_MONTH });

// Existing resources: a camera, a voice connector, a stage, and the meeting pool of another app.
const lobbyCamera = SignalingChannel.fromSignalingChannelArn(stack, 'LobbyCamera', stack.formatArn({
  service: 'kinesisvideo', resource: 'channel', resourceName: 'lobby-camera/1700000000000',
}));
const trunk = VoiceConnector.fromVoiceConnectorId(stack, 'Trunk', 'abcdefghijklmnopqrstuv');
const stage = RealTimeStage.fromStageArn(stack, 'Stage', stack.formatArn({ service: 'ivs', resource: 'stage', resourceName: 'AbCdEfGhIjKl' }));
const supportRooms = ChimeMeetingPool.fromChimeMeetingPoolAttributes(stack, 'SupportRooms', {
  poolName: 'support-rooms',
  checkoutFunction: lambda.Function.fromFunctionName(stack, 'SupportCheckout', 'support-checkout'),
});

// Principals: a device, users with a phone app, an encoder, and two functions.
const device = new iam.Role(stack, 'Device', { assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com') });
const phone = new iam.Role(stack, 'Phone', { assumedBy: new iam.AccountRootPrincipal() });
const encoder = new iam.Role(stack, 'Encoder', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
const reception = new lambda.Function(stack, 'Reception', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({ statusCode: 501 });'),
});
const bookkeeper = new lambda.Function(stack, 'Bookkeeper', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async (event) => console.log(JSON.stringify(event.detail));'),
});

// A doorbell with recorded sessions, kept for a day. The device and the phone join the recorded session instead of connecting to each other.
const recordings = new VideoStream(stack, 'Recordings', {
  dataRetention: Duration.hours(24),
  removalPolicy: RemovalPolicy.DESTROY,
});
const doorbell = new SignalingChannel(stack, 'Doorbell', {
  messageTtl: Duration.seconds(30),
  mediaStorageStream: recordings,
});
doorbell.grants.joinStorage(device);
doorbell.grants.joinStorageAsViewer(phone);
lobbyCamera.grants.viewer(phone);
doorbell.metricFailures(SignalingOperation.CONNECT_AS_MASTER, { period: Duration.minutes(1) }).createAlarm(stack, 'DeviceCannotConnect', {
  threshold: 5,
  evaluationPeriods: 1,
});

// A native channel of CloudFormation, which a mixin records into a stream of its own.
const intercom = new kinesisvideo.CfnSignalingChannel(stack, 'Intercom');
const intercomRecordings = new VideoStream(stack, 'IntercomRecordings', {
  dataRetention: Duration.hours(24),
  removalPolicy: RemovalPolicy.DESTROY,
});
intercom.with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream: intercomRecordings }));

// A camera that sends media into a stream. The service generates images and publishes notifications with the permissions of the camera.
const accessLogs = new s3.Bucket(stack, 'AccessLogs', { enforceSSL: true });
const media = new s3.Bucket(stack, 'Media', { enforceSSL: true, serverAccessLogsBucket: accessLogs });
const motion = new sns.Topic(stack, 'Motion', { enforceSSL: true });
const entrance = new VideoStream(stack, 'Entrance', {
  dataRetention: Duration.hours(24),
  removalPolicy: RemovalPolicy.DESTROY,
  imageGeneration: {
    bucket: media,
    keyPrefix: 'entrance/',
    samplingInterval: Duration.seconds(1),
  },
  notification: { topic: motion },
});
entrance.grants.putMedia(device);
entrance.grants.play(phone);

// A native stream of CloudFormation. Mixins add the images and the notifications of the camera in the garage.
const garage = new kinesisvideo.CfnStream(stack, 'Garage', { dataRetentionInHours: 24 });
garage.with(
  new mixins.StreamImageGeneration({ bucket: media, keyPrefix: 'garage/', samplingInterval: Duration.seconds(5) }),
  new mixins.StreamNotification({ topic: motion }),
);
VideoStreamGrants.fromStream(garage).putMedia(device);

// Streaming of phone calls.
const calls = new VoiceConnectorStreaming(stack, 'Calls', {
  voiceConnector: trunk,
  dataRetention: Duration.hours(2),
  notificationTargets: [NotificationTarget.EVENT_BRIDGE],
});
calls.grants.readMedia(bookkeeper);
calls.onStreamingStatus('CallBegins', {
  status: [StreamingStatus.STARTED],
  target: new targets.LambdaFunction(bookkeeper),
});

// A phone number for the office. The deployment orders the number, and the account is billed for it. The number stays when the stack is deleted.
const officeNumber = new PhoneNumber(stack, 'OfficeNumber', {
  source: PhoneNumberSource.local({ areaCode: '206' }),
  phoneNumberName: 'Office',
});

// A new voice connector for the office: outbound calls of a SIP user, inbound calls to two hosts, and logs of the call quality.
const office = new VoiceConnector(stack, 'Office', {
  voiceConnectorName: 'Office',
  termination: {
    allowedCidrs: ['203.0.113.10/32'],
    callingRegions: ['US', 'CA'],
    credentials: [secretsmanager.Secret.fromSecretNameV2(stack, 'OfficeSipUser', 'office/sip-user')],
    credentialsVersion: '1',
    defaultPhoneNumber: officeNumber,
  },
  origination: {
    routes: [
      { host: 'sip-1.example.com', protocol: OriginationProtocol.TCP },
      { host: 'sip-2.example.com', port: 5071, priority: 2, weight: 10 },
    ],
  },
  logging: { mediaMetrics: true },
});
new PhoneNumberAssociation(stack, 'OfficeCalls', { voiceConnector: office, phoneNumber: officeNumber });
office.alarmOnOutboundCallVolume('OfficeCallVolume', { threshold: 50 });

// An encoder on the stage. Its stream key is in a secret.
const camera = new IngestConfiguration(stack, 'StudioCamera', {
  stage,
  userId: 'studio-camera',
  attributes: { room: 'studio', language: 'en' },
  redundantIngest: true,
});
camera.grants.readStreamKey(encoder);
camera.onPublished('OnAir', { target: new targets.LambdaFunction(bookkeeper) });

// A new stage. Participants join with tokens from the reception, and the stage records each participant that publishes.
const lounge = new RealTimeStage(stack, 'Lounge', {
  autoParticipantRecording: {
    storageConfiguration: new StorageConfiguration(stack, 'LoungeRecordings', { bucket: media }),
  },
});
lounge.grants.createParticipantToken(reception);
lounge.onStageUpdate('LoungeOnAir', {
  updates: [StageUpdate.PARTICIPANT_PUBLISHED],
  target: new targets.LambdaFunction(bookkeeper),
});

// Meetings that are ready when users arrive, with a recorder in each.
const rooms = new ChimeMeetingPool(stack, 'Rooms', {
  size: 5,
  minimumRemainingLifetime: Duration.minutes(1),
  meetingFeatures: { echoReduction: true, videoMaxResolution: VideoMaxResolution.HD, attendeeMaxCount: 10 },
  attendees: [{ externalUserId: 'recorder', capabilities: { audio: AttendeeCapability.RECEIVE, video: AttendeeCapability.RECEIVE } }],
});
rooms.grants.checkout(reception);
rooms.grants.endMeetings(reception);
supportRooms.grants.checkout(reception);
reception.addEnvironment('CHECKOUT', rooms.checkoutFunction.functionName);
rooms.onMeetingEvent('PersonLeaves', {
  eventTypes: [MeetingEventType.ATTENDEE_LEFT],
  target: new targets.LambdaFunction(bookkeeper),
});
rooms.alarmOnEmpty('NoMeetingReady');

new CfnOutput(stack, 'DoorbellEndpoint', { value: doorbell.viewerWssEndpoint });
new CfnOutput(stack, 'StreamKeySecret', { value: camera.streamKeySecret.secretArn });
new CfnOutput(stack, 'LoungeServer', { value: lounge.rtmpsEndpoint });
new CfnOutput(stack, 'OfficeHost', { value: office.outboundHostName });
new CfnOutput(stack, 'PoolName', { value: rooms.poolName });

package com.example.rtcplatform;

import io.github.cdkrtc.AttendeeCapabilities;
import io.github.cdkrtc.AttendeeCapability;
import io.github.cdkrtc.AutoParticipantRecordingOptions;
import io.github.cdkrtc.ChimeMeetingPool;
import io.github.cdkrtc.ChimeMeetingPoolAttributes;
import io.github.cdkrtc.IChimeMeetingPool;
import io.github.cdkrtc.ISignalingChannel;
import io.github.cdkrtc.IRealTimeStage;
import io.github.cdkrtc.IVoiceConnector;
import io.github.cdkrtc.IngestConfiguration;
import io.github.cdkrtc.LocalNumberSearch;
import io.github.cdkrtc.MeetingEventType;
import io.github.cdkrtc.MeetingFeatures;
import io.github.cdkrtc.NotificationTarget;
import io.github.cdkrtc.OnMeetingEventOptions;
import io.github.cdkrtc.OnStageUpdateOptions;
import io.github.cdkrtc.OnStreamingStatusOptions;
import io.github.cdkrtc.OriginationProtocol;
import io.github.cdkrtc.OriginationRoute;
import io.github.cdkrtc.PhoneNumber;
import io.github.cdkrtc.PhoneNumberAssociation;
import io.github.cdkrtc.PhoneNumberSource;
import io.github.cdkrtc.PoolAttendee;
import io.github.cdkrtc.RealTimeStage;
import io.github.cdkrtc.RtcAlarmOptions;
import io.github.cdkrtc.RtcProvider;
import io.github.cdkrtc.RtcProviderOptions;
import io.github.cdkrtc.SignalingChannel;
import io.github.cdkrtc.SignalingOperation;
import io.github.cdkrtc.StageUpdate;
import io.github.cdkrtc.StorageConfiguration;
import io.github.cdkrtc.StreamingStatus;
import io.github.cdkrtc.VideoMaxResolution;
import io.github.cdkrtc.VideoStream;
import io.github.cdkrtc.VideoStreamGrants;
import io.github.cdkrtc.VideoStreamImageGenerationOptions;
import io.github.cdkrtc.VideoStreamNotificationOptions;
import io.github.cdkrtc.VoiceConnector;
import io.github.cdkrtc.VoiceConnectorLoggingOptions;
import io.github.cdkrtc.VoiceConnectorOriginationOptions;
import io.github.cdkrtc.VoiceConnectorStreaming;
import io.github.cdkrtc.VoiceConnectorTerminationOptions;
import io.github.cdkrtc.mixins.SignalingChannelMediaStorage;
import io.github.cdkrtc.mixins.StreamImageGeneration;
import io.github.cdkrtc.mixins.StreamNotification;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.CreateAlarmOptions;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.events.OnEventOptions;
import software.amazon.awscdk.services.events.targets.LambdaFunction;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kinesisvideo.CfnSignalingChannel;
import software.amazon.awscdk.services.kinesisvideo.CfnStream;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.sns.Topic;
import software.constructs.Construct;

public class RtcPlatformStack extends Stack {
    public RtcPlatformStack(final Construct scope, final String id) {
        super(scope, id);
        RtcProvider.configure(this, RtcProviderOptions.builder().logRetention(RetentionDays.ONE_MONTH).build());

        // Existing resources: a camera, a voice connector, a stage, and the meeting pool of another app.
        final ISignalingChannel lobbyCamera = SignalingChannel.fromSignalingChannelArn(this, "LobbyCamera", formatArn(ArnComponents.builder()
                .service("kinesisvideo")
                .resource("channel")
                .resourceName("lobby-camera/1700000000000")
                .build()));
        final IVoiceConnector trunk = VoiceConnector.fromVoiceConnectorId(this, "Trunk", "abcdefghijklmnopqrstuv");
        final IRealTimeStage stage = RealTimeStage.fromStageArn(this, "Stage", formatArn(ArnComponents.builder()
                .service("ivs")
                .resource("stage")
                .resourceName("AbCdEfGhIjKl")
                .build()));
        final IChimeMeetingPool supportRooms = ChimeMeetingPool.fromChimeMeetingPoolAttributes(this, "SupportRooms",
                ChimeMeetingPoolAttributes.builder()
                        .poolName("support-rooms")
                        .checkoutFunction(Function.fromFunctionName(this, "SupportCheckout", "support-checkout"))
                        .build());

        // Principals: a device, users with a phone app, an encoder, and two functions.
        final Role device = Role.Builder.create(this, "Device")
                .assumedBy(new ServicePrincipal("credentials.iot.amazonaws.com"))
                .build();
        final Role phone = Role.Builder.create(this, "Phone")
                .assumedBy(new AccountRootPrincipal())
                .build();
        final Role encoder = Role.Builder.create(this, "Encoder")
                .assumedBy(new ServicePrincipal("ecs-tasks.amazonaws.com"))
                .build();
        final Function reception = Function.Builder.create(this, "Reception")
                .runtime(Runtime.NODEJS_22_X)
                .handler("index.handler")
                .code(Code.fromInline("exports.handler = async () => ({ statusCode: 501 });"))
                .build();
        final Function bookkeeper = Function.Builder.create(this, "Bookkeeper")
                .runtime(Runtime.NODEJS_22_X)
                .handler("index.handler")
                .code(Code.fromInline("exports.handler = async (event) => console.log(JSON.stringify(event.detail));"))
                .build();

        // A doorbell with recorded sessions, kept for a day. The device and the phone join the recorded session instead of connecting to each other.
        final VideoStream recordings = VideoStream.Builder.create(this, "Recordings")
                .dataRetention(Duration.hours(24))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        final SignalingChannel doorbell = SignalingChannel.Builder.create(this, "Doorbell")
                .messageTtl(Duration.seconds(30))
                .mediaStorageStream(recordings)
                .build();
        doorbell.getGrants().joinStorage(device);
        doorbell.getGrants().joinStorageAsViewer(phone);
        lobbyCamera.getGrants().viewer(phone);
        doorbell.metricFailures(SignalingOperation.CONNECT_AS_MASTER, MetricOptions.builder().period(Duration.minutes(1)).build())
                .createAlarm(this, "DeviceCannotConnect", CreateAlarmOptions.builder()
                        .threshold(5)
                        .evaluationPeriods(1)
                        .build());

        // A native channel of CloudFormation, which a mixin records into a stream of its own.
        final CfnSignalingChannel intercom = CfnSignalingChannel.Builder.create(this, "Intercom").build();
        final VideoStream intercomRecordings = VideoStream.Builder.create(this, "IntercomRecordings")
                .dataRetention(Duration.hours(24))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        intercom.with(SignalingChannelMediaStorage.Builder.create().mediaStorageStream(intercomRecordings).build());

        // A camera that sends media into a stream. The service generates images and publishes notifications with the permissions of the camera.
        final Bucket accessLogs = Bucket.Builder.create(this, "AccessLogs").enforceSsl(true).build();
        final Bucket media = Bucket.Builder.create(this, "Media")
                .enforceSsl(true)
                .serverAccessLogsBucket(accessLogs)
                .build();
        final Topic motion = Topic.Builder.create(this, "Motion").enforceSsl(true).build();
        final VideoStream entrance = VideoStream.Builder.create(this, "Entrance")
                .dataRetention(Duration.hours(24))
                .removalPolicy(RemovalPolicy.DESTROY)
                .imageGeneration(VideoStreamImageGenerationOptions.builder()
                        .bucket(media)
                        .keyPrefix("entrance/")
                        .samplingInterval(Duration.seconds(1))
                        .build())
                .notification(VideoStreamNotificationOptions.builder().topic(motion).build())
                .build();
        entrance.getGrants().putMedia(device);
        entrance.getGrants().play(phone);

        // A native stream of CloudFormation. Mixins add the images and the notifications of the camera in the garage.
        final CfnStream garage = CfnStream.Builder.create(this, "Garage").dataRetentionInHours(24).build();
        garage.with(
                StreamImageGeneration.Builder.create()
                        .bucket(media)
                        .keyPrefix("garage/")
                        .samplingInterval(Duration.seconds(5))
                        .build(),
                StreamNotification.Builder.create().topic(motion).build());
        VideoStreamGrants.fromStream(garage).putMedia(device);

        // Streaming of phone calls.
        final VoiceConnectorStreaming calls = VoiceConnectorStreaming.Builder.create(this, "Calls")
                .voiceConnector(trunk)
                .dataRetention(Duration.hours(2))
                .notificationTargets(List.of(NotificationTarget.EVENT_BRIDGE))
                .build();
        calls.getGrants().readMedia(bookkeeper);
        calls.onStreamingStatus("CallBegins", OnStreamingStatusOptions.builder()
                .status(List.of(StreamingStatus.STARTED))
                .target(new LambdaFunction(bookkeeper))
                .build());

        // A phone number for the office. The deployment orders the number, and the account is billed for it. The number stays when the stack is deleted.
        final PhoneNumber officeNumber = PhoneNumber.Builder.create(this, "OfficeNumber")
                .source(PhoneNumberSource.local(LocalNumberSearch.builder().areaCode("206").build()))
                .phoneNumberName("Office")
                .build();

        // A new voice connector for the office: outbound calls of a SIP user, inbound calls to two hosts, and logs of the call quality.
        final VoiceConnector office = VoiceConnector.Builder.create(this, "Office")
                .voiceConnectorName("Office")
                .termination(VoiceConnectorTerminationOptions.builder()
                        .allowedCidrs(List.of("203.0.113.10/32"))
                        .callingRegions(List.of("US", "CA"))
                        .credentials(List.of(Secret.fromSecretNameV2(this, "OfficeSipUser", "office/sip-user")))
                        .credentialsVersion("1")
                        .defaultPhoneNumber(officeNumber)
                        .build())
                .origination(VoiceConnectorOriginationOptions.builder()
                        .routes(List.of(
                                OriginationRoute.builder().host("sip-1.example.com").protocol(OriginationProtocol.TCP).build(),
                                OriginationRoute.builder().host("sip-2.example.com").port(5071).priority(2).weight(10).build()))
                        .build())
                .logging(VoiceConnectorLoggingOptions.builder().mediaMetrics(true).build())
                .build();
        PhoneNumberAssociation.Builder.create(this, "OfficeCalls")
                .voiceConnector(office)
                .phoneNumber(officeNumber)
                .build();
        office.alarmOnOutboundCallVolume("OfficeCallVolume", RtcAlarmOptions.builder().threshold(50).build());

        // An encoder on the stage. Its stream key is in a secret.
        final IngestConfiguration camera = IngestConfiguration.Builder.create(this, "StudioCamera")
                .stage(stage)
                .userId("studio-camera")
                .attributes(Map.of("room", "studio", "language", "en"))
                .redundantIngest(true)
                .build();
        camera.getGrants().readStreamKey(encoder);
        camera.onPublished("OnAir", OnEventOptions.builder().target(new LambdaFunction(bookkeeper)).build());

        // A new stage. Participants join with tokens from the reception, and the stage records each participant that publishes.
        final RealTimeStage lounge = RealTimeStage.Builder.create(this, "Lounge")
                .autoParticipantRecording(AutoParticipantRecordingOptions.builder()
                        .storageConfiguration(StorageConfiguration.Builder.create(this, "LoungeRecordings").bucket(media).build())
                        .build())
                .build();
        lounge.getGrants().createParticipantToken(reception);
        lounge.onStageUpdate("LoungeOnAir", OnStageUpdateOptions.builder()
                .updates(List.of(StageUpdate.PARTICIPANT_PUBLISHED))
                .target(new LambdaFunction(bookkeeper))
                .build());

        // Meetings that are ready when users arrive, with a recorder in each.
        final ChimeMeetingPool rooms = ChimeMeetingPool.Builder.create(this, "Rooms")
                .size(5)
                .minimumRemainingLifetime(Duration.minutes(1))
                .meetingFeatures(MeetingFeatures.builder()
                        .echoReduction(true)
                        .videoMaxResolution(VideoMaxResolution.HD)
                        .attendeeMaxCount(10)
                        .build())
                .attendees(List.of(PoolAttendee.builder()
                        .externalUserId("recorder")
                        .capabilities(AttendeeCapabilities.builder()
                                .audio(AttendeeCapability.RECEIVE)
                                .video(AttendeeCapability.RECEIVE)
                                .build())
                        .build()))
                .build();
        rooms.getGrants().checkout(reception);
        rooms.getGrants().endMeetings(reception);
        supportRooms.getGrants().checkout(reception);
        reception.addEnvironment("CHECKOUT", rooms.getCheckoutFunction().getFunctionName());
        rooms.onMeetingEvent("PersonLeaves", OnMeetingEventOptions.builder()
                .eventTypes(List.of(MeetingEventType.ATTENDEE_LEFT))
                .target(new LambdaFunction(bookkeeper))
                .build());
        rooms.alarmOnEmpty("NoMeetingReady");

        CfnOutput.Builder.create(this, "DoorbellEndpoint").value(doorbell.getViewerWssEndpoint()).build();
        CfnOutput.Builder.create(this, "StreamKeySecret").value(camera.getStreamKeySecret().getSecretArn()).build();
        CfnOutput.Builder.create(this, "LoungeServer").value(lounge.getRtmpsEndpoint()).build();
        CfnOutput.Builder.create(this, "OfficeHost").value(office.getOutboundHostName()).build();
        CfnOutput.Builder.create(this, "PoolName").value(rooms.getPoolName()).build();
    }
}

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisvideo as kinesisvideo
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from cdk_rtc import (
    AttendeeCapabilities,
    AttendeeCapability,
    AutoParticipantRecordingOptions,
    ChimeMeetingPool,
    IngestConfiguration,
    MeetingEventType,
    MeetingFeatures,
    NotificationTarget,
    OriginationProtocol,
    OriginationRoute,
    PhoneNumber,
    PhoneNumberAssociation,
    PhoneNumberSource,
    PoolAttendee,
    RealTimeStage,
    RtcProvider,
    SignalingChannel,
    SignalingOperation,
    StageUpdate,
    StorageConfiguration,
    StreamingStatus,
    VideoMaxResolution,
    VideoStream,
    VideoStreamGrants,
    VideoStreamImageGenerationOptions,
    VideoStreamNotificationOptions,
    VoiceConnector,
    VoiceConnectorLoggingOptions,
    VoiceConnectorOriginationOptions,
    VoiceConnectorStreaming,
    VoiceConnectorTerminationOptions,
    mixins,
)
from constructs import Construct


class RtcPlatformStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        RtcProvider.configure(self, log_retention=logs.RetentionDays.ONE_MONTH)

        # Existing resources: a camera, a voice connector, a stage, and the meeting pool of another app.
        lobby_camera = SignalingChannel.from_signaling_channel_arn(
            self,
            "LobbyCamera",
            self.format_arn(service="kinesisvideo", resource="channel", resource_name="lobby-camera/1700000000000"),
        )
        trunk = VoiceConnector.from_voice_connector_id(self, "Trunk", "abcdefghijklmnopqrstuv")
        stage = RealTimeStage.from_stage_arn(
            self, "Stage", self.format_arn(service="ivs", resource="stage", resource_name="AbCdEfGhIjKl")
        )
        support_rooms = ChimeMeetingPool.from_chime_meeting_pool_attributes(
            self,
            "SupportRooms",
            pool_name="support-rooms",
            checkout_function=lambda_.Function.from_function_name(self, "SupportCheckout", "support-checkout"),
        )

        # Principals: a device, users with a phone app, an encoder, and two functions.
        device = iam.Role(self, "Device", assumed_by=iam.ServicePrincipal("credentials.iot.amazonaws.com"))
        phone = iam.Role(self, "Phone", assumed_by=iam.AccountRootPrincipal())
        encoder = iam.Role(self, "Encoder", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
        reception = lambda_.Function(
            self,
            "Reception",
            runtime=lambda_.Runtime.NODEJS_22_X,
            handler="index.handler",
            code=lambda_.Code.from_inline("exports.handler = async () => ({ statusCode: 501 });"),
        )
        bookkeeper = lambda_.Function(
            self,
            "Bookkeeper",
            runtime=lambda_.Runtime.NODEJS_22_X,
            handler="index.handler",
            code=lambda_.Code.from_inline("exports.handler = async (event) => console.log(JSON.stringify(event.detail));"),
        )

        # A doorbell with recorded sessions, kept for a day. The device and the phone join the recorded session
        # instead of connecting to each other.
        recordings = VideoStream(
            self,
            "Recordings",
            data_retention=Duration.hours(24),
            removal_policy=RemovalPolicy.DESTROY,
        )
        doorbell = SignalingChannel(
            self,
            "Doorbell",
            message_ttl=Duration.seconds(30),
            media_storage_stream=recordings,
        )
        doorbell.grants.join_storage(device)
        doorbell.grants.join_storage_as_viewer(phone)
        lobby_camera.grants.viewer(phone)
        doorbell.metric_failures(SignalingOperation.CONNECT_AS_MASTER, period=Duration.minutes(1)).create_alarm(
            self, "DeviceCannotConnect", threshold=5, evaluation_periods=1
        )

        # A native channel of CloudFormation, which a mixin records into a stream of its own.
        intercom = kinesisvideo.CfnSignalingChannel(self, "Intercom")
        intercom_recordings = VideoStream(
            self,
            "IntercomRecordings",
            data_retention=Duration.hours(24),
            removal_policy=RemovalPolicy.DESTROY,
        )
        intercom.with_(mixins.SignalingChannelMediaStorage(media_storage_stream=intercom_recordings))

        # A camera that sends media into a stream. The service generates images and publishes notifications with the permissions of the camera.
        access_logs = s3.Bucket(self, "AccessLogs", enforce_ssl=True)
        media = s3.Bucket(self, "Media", enforce_ssl=True, server_access_logs_bucket=access_logs)
        motion = sns.Topic(self, "Motion", enforce_ssl=True)
        entrance = VideoStream(
            self,
            "Entrance",
            data_retention=Duration.hours(24),
            removal_policy=RemovalPolicy.DESTROY,
            image_generation=VideoStreamImageGenerationOptions(
                bucket=media,
                key_prefix="entrance/",
                sampling_interval=Duration.seconds(1),
            ),
            notification=VideoStreamNotificationOptions(topic=motion),
        )
        entrance.grants.put_media(device)
        entrance.grants.play(phone)

        # A native stream of CloudFormation. Mixins add the images and the notifications of the camera in the garage.
        garage = kinesisvideo.CfnStream(self, "Garage", data_retention_in_hours=24)
        garage.with_(
            mixins.StreamImageGeneration(bucket=media, key_prefix="garage/", sampling_interval=Duration.seconds(5)),
            mixins.StreamNotification(topic=motion),
        )
        VideoStreamGrants.from_stream(garage).put_media(device)

        # Streaming of phone calls.
        calls = VoiceConnectorStreaming(
            self,
            "Calls",
            voice_connector=trunk,
            data_retention=Duration.hours(2),
            notification_targets=[NotificationTarget.EVENT_BRIDGE],
        )
        calls.grants.read_media(bookkeeper)
        calls.on_streaming_status(
            "CallBegins", status=[StreamingStatus.STARTED], target=targets.LambdaFunction(bookkeeper)
        )

        # A phone number for the office. The deployment orders the number, and the account is billed for it. The number stays when the stack is deleted.
        office_number = PhoneNumber(
            self,
            "OfficeNumber",
            source=PhoneNumberSource.local(area_code="206"),
            phone_number_name="Office",
        )

        # A new voice connector for the office: outbound calls of a SIP user, inbound calls to two hosts, and logs of the call quality.
        office = VoiceConnector(
            self,
            "Office",
            voice_connector_name="Office",
            termination=VoiceConnectorTerminationOptions(
                allowed_cidrs=["203.0.113.10/32"],
                calling_regions=["US", "CA"],
                credentials=[secretsmanager.Secret.from_secret_name_v2(self, "OfficeSipUser", "office/sip-user")],
                credentials_version="1",
                default_phone_number=office_number,
            ),
            origination=VoiceConnectorOriginationOptions(
                routes=[
                    OriginationRoute(host="sip-1.example.com", protocol=OriginationProtocol.TCP),
                    OriginationRoute(host="sip-2.example.com", port=5071, priority=2, weight=10),
                ],
            ),
            logging=VoiceConnectorLoggingOptions(media_metrics=True),
        )
        PhoneNumberAssociation(self, "OfficeCalls", voice_connector=office, phone_number=office_number)
        office.alarm_on_outbound_call_volume("OfficeCallVolume", threshold=50)

        # An encoder on the stage. Its stream key is in a secret.
        camera = IngestConfiguration(
            self,
            "StudioCamera",
            stage=stage,
            user_id="studio-camera",
            attributes={"room": "studio", "language": "en"},
            redundant_ingest=True,
        )
        camera.grants.read_stream_key(encoder)
        camera.on_published("OnAir", target=targets.LambdaFunction(bookkeeper))

        # A new stage. Participants join with tokens from the reception, and the stage records each participant that publishes.
        lounge = RealTimeStage(
            self,
            "Lounge",
            auto_participant_recording=AutoParticipantRecordingOptions(
                storage_configuration=StorageConfiguration(self, "LoungeRecordings", bucket=media),
            ),
        )
        lounge.grants.create_participant_token(reception)
        lounge.on_stage_update(
            "LoungeOnAir",
            updates=[StageUpdate.PARTICIPANT_PUBLISHED],
            target=targets.LambdaFunction(bookkeeper),
        )

        # Meetings that are ready when users arrive, with a recorder in each.
        rooms = ChimeMeetingPool(
            self,
            "Rooms",
            size=5,
            minimum_remaining_lifetime=Duration.minutes(1),
            meeting_features=MeetingFeatures(
                echo_reduction=True,
                video_max_resolution=VideoMaxResolution.HD,
                attendee_max_count=10,
            ),
            attendees=[
                PoolAttendee(
                    external_user_id="recorder",
                    capabilities=AttendeeCapabilities(
                        audio=AttendeeCapability.RECEIVE, video=AttendeeCapability.RECEIVE
                    ),
                )
            ],
        )
        rooms.grants.checkout(reception)
        rooms.grants.end_meetings(reception)
        support_rooms.grants.checkout(reception)
        reception.add_environment("CHECKOUT", rooms.checkout_function.function_name)
        rooms.on_meeting_event(
            "PersonLeaves",
            event_types=[MeetingEventType.ATTENDEE_LEFT],
            target=targets.LambdaFunction(bookkeeper),
        )
        rooms.alarm_on_empty("NoMeetingReady")

        CfnOutput(self, "DoorbellEndpoint", value=doorbell.viewer_wss_endpoint)
        CfnOutput(self, "StreamKeySecret", value=camera.stream_key_secret.secret_arn)
        CfnOutput(self, "LoungeServer", value=lounge.rtmps_endpoint)
        CfnOutput(self, "OfficeHost", value=office.outbound_host_name)
        CfnOutput(self, "PoolName", value=rooms.pool_name)

// Command rtc-platform synthesizes a platform for doorbells, cameras, phone calls, live stages, and meetings.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisvideo"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-rtc/cdk-rtc-go/cdkrtc"
	"github.com/cdk-rtc/cdk-rtc-go/cdkrtc/mixins"
)

// NewRtcPlatformStack creates the stack of the platform.
func NewRtcPlatformStack(scope constructs.Construct, id string, props *awscdk.StackProps) awscdk.Stack {
	stack := awscdk.NewStack(scope, &id, props)
	cdkrtc.RtcProvider_Configure(stack, &cdkrtc.RtcProviderOptions{LogRetention: awslogs.RetentionDays_ONE_MONTH})

	// Existing resources: a camera, a voice connector, a stage, and the meeting pool of another app.
	lobbyCamera := cdkrtc.SignalingChannel_FromSignalingChannelArn(stack, jsii.String("LobbyCamera"), stack.FormatArn(&awscdk.ArnComponents{
		Service:      jsii.String("kinesisvideo"),
		Resource:     jsii.String("channel"),
		ResourceName: jsii.String("lobby-camera/1700000000000"),
	}))
	trunk := cdkrtc.VoiceConnector_FromVoiceConnectorId(stack, jsii.String("Trunk"), jsii.String("abcdefghijklmnopqrstuv"), nil)
	stage := cdkrtc.RealTimeStage_FromStageArn(stack, jsii.String("Stage"), stack.FormatArn(&awscdk.ArnComponents{
		Service:      jsii.String("ivs"),
		Resource:     jsii.String("stage"),
		ResourceName: jsii.String("AbCdEfGhIjKl"),
	}))
	supportRooms := cdkrtc.ChimeMeetingPool_FromChimeMeetingPoolAttributes(stack, jsii.String("SupportRooms"), &cdkrtc.ChimeMeetingPoolAttributes{
		PoolName:         jsii.String("support-rooms"),
		CheckoutFunction: awslambda.Function_FromFunctionName(stack, jsii.String("SupportCheckout"), jsii.String("support-checkout")),
	})

	// Principals: a device, users with a phone app, an encoder, and two functions.
	device := awsiam.NewRole(stack, jsii.String("Device"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("credentials.iot.amazonaws.com"), nil),
	})
	phone := awsiam.NewRole(stack, jsii.String("Phone"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	encoder := awsiam.NewRole(stack, jsii.String("Encoder"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	})
	reception := awslambda.NewFunction(stack, jsii.String("Reception"), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_NODEJS_22_X(),
		Handler: jsii.String("index.handler"),
		Code:    awslambda.Code_FromInline(jsii.String("exports.handler = async () => ({ statusCode: 501 });")),
	})
	bookkeeper := awslambda.NewFunction(stack, jsii.String("Bookkeeper"), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_NODEJS_22_X(),
		Handler: jsii.String("index.handler"),
		Code:    awslambda.Code_FromInline(jsii.String("exports.handler = async (event) => console.log(JSON.stringify(event.detail));")),
	})

	// A doorbell with recorded sessions, kept for a day. The device and the phone join the recorded session instead of connecting to each other.
	recordings := cdkrtc.NewVideoStream(stack, jsii.String("Recordings"), &cdkrtc.VideoStreamProps{
		DataRetention: awscdk.Duration_Hours(jsii.Number(24)),
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	doorbell := cdkrtc.NewSignalingChannel(stack, jsii.String("Doorbell"), &cdkrtc.SignalingChannelProps{
		MessageTtl:         awscdk.Duration_Seconds(jsii.Number(30)),
		MediaStorageStream: recordings,
	})
	doorbell.Grants().JoinStorage(device, nil)
	doorbell.Grants().JoinStorageAsViewer(phone, nil)
	lobbyCamera.Grants().Viewer(phone)
	doorbell.MetricFailures(cdkrtc.SignalingOperation_CONNECT_AS_MASTER, &awscloudwatch.MetricOptions{
		Period: awscdk.Duration_Minutes(jsii.Number(1)),
	}).CreateAlarm(stack, jsii.String("DeviceCannotConnect"), &awscloudwatch.CreateAlarmOptions{
		Threshold:         jsii.Number(5),
		EvaluationPeriods: jsii.Number(1),
	})

	// A native channel of CloudFormation, which a mixin records into a stream of its own.
	intercom := awskinesisvideo.NewCfnSignalingChannel(stack, jsii.String("Intercom"), nil)
	intercomRecordings := cdkrtc.NewVideoStream(stack, jsii.String("IntercomRecordings"), &cdkrtc.VideoStreamProps{
		DataRetention: awscdk.Duration_Hours(jsii.Number(24)),
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	intercom.With(mixins.NewSignalingChannelMediaStorage(&mixins.SignalingChannelMediaStorageProps{MediaStorageStream: intercomRecordings}))

	// A camera that sends media into a stream. The service generates images and publishes notifications with the permissions of the camera.
	accessLogs := awss3.NewBucket(stack, jsii.String("AccessLogs"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	media := awss3.NewBucket(stack, jsii.String("Media"), &awss3.BucketProps{
		EnforceSSL:             jsii.Bool(true),
		ServerAccessLogsBucket: accessLogs,
	})
	motion := awssns.NewTopic(stack, jsii.String("Motion"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	entrance := cdkrtc.NewVideoStream(stack, jsii.String("Entrance"), &cdkrtc.VideoStreamProps{
		DataRetention: awscdk.Duration_Hours(jsii.Number(24)),
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		ImageGeneration: &cdkrtc.VideoStreamImageGenerationOptions{
			Bucket:           media,
			KeyPrefix:        jsii.String("entrance/"),
			SamplingInterval: awscdk.Duration_Seconds(jsii.Number(1)),
		},
		Notification: &cdkrtc.VideoStreamNotificationOptions{Topic: motion},
	})
	entrance.Grants().PutMedia(device)
	entrance.Grants().Play(phone)

	// A native stream of CloudFormation. Mixins add the images and the notifications of the camera in the garage.
	garage := awskinesisvideo.NewCfnStream(stack, jsii.String("Garage"), &awskinesisvideo.CfnStreamProps{DataRetentionInHours: jsii.Number(24)})
	garage.With(
		mixins.NewStreamImageGeneration(&cdkrtc.VideoStreamImageGenerationOptions{
			Bucket:           media,
			KeyPrefix:        jsii.String("garage/"),
			SamplingInterval: awscdk.Duration_Seconds(jsii.Number(5)),
		}),
		mixins.NewStreamNotification(&cdkrtc.VideoStreamNotificationOptions{Topic: motion}),
	)
	cdkrtc.VideoStreamGrants_FromStream(garage, nil).PutMedia(device)

	// Streaming of phone calls.
	calls := cdkrtc.NewVoiceConnectorStreaming(stack, jsii.String("Calls"), &cdkrtc.VoiceConnectorStreamingProps{
		VoiceConnector:      trunk,
		DataRetention:       awscdk.Duration_Hours(jsii.Number(2)),
		NotificationTargets: &[]cdkrtc.NotificationTarget{cdkrtc.NotificationTarget_EVENT_BRIDGE},
	})
	calls.Grants().ReadMedia(bookkeeper)
	calls.OnStreamingStatus(jsii.String("CallBegins"), &cdkrtc.OnStreamingStatusOptions{
		Status: &[]cdkrtc.StreamingStatus{cdkrtc.StreamingStatus_STARTED},
		Target: awseventstargets.NewLambdaFunction(bookkeeper, nil),
	})

	// A phone number for the office. The deployment orders the number, and the account is billed for it. The number stays when the stack is deleted.
	officeNumber := cdkrtc.NewPhoneNumber(stack, jsii.String("OfficeNumber"), &cdkrtc.PhoneNumberProps{
		Source:          cdkrtc.PhoneNumberSource_Local(&cdkrtc.LocalNumberSearch{AreaCode: jsii.String("206")}),
		PhoneNumberName: jsii.String("Office"),
	})

	// A new voice connector for the office: outbound calls of a SIP user, inbound calls to two hosts, and logs of the call quality.
	office := cdkrtc.NewVoiceConnector(stack, jsii.String("Office"), &cdkrtc.VoiceConnectorProps{
		VoiceConnectorName: jsii.String("Office"),
		Termination: &cdkrtc.VoiceConnectorTerminationOptions{
			AllowedCidrs:   jsii.Strings("203.0.113.10/32"),
			CallingRegions: jsii.Strings("US", "CA"),
			Credentials: &[]awssecretsmanager.ISecret{
				awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("OfficeSipUser"), jsii.String("office/sip-user")),
			},
			CredentialsVersion: jsii.String("1"),
			DefaultPhoneNumber: officeNumber,
		},
		Origination: &cdkrtc.VoiceConnectorOriginationOptions{
			Routes: &[]*cdkrtc.OriginationRoute{
				{Host: jsii.String("sip-1.example.com"), Protocol: cdkrtc.OriginationProtocol_TCP},
				{Host: jsii.String("sip-2.example.com"), Port: jsii.Number(5071), Priority: jsii.Number(2), Weight: jsii.Number(10)},
			},
		},
		Logging: &cdkrtc.VoiceConnectorLoggingOptions{MediaMetrics: jsii.Bool(true)},
	})
	cdkrtc.NewPhoneNumberAssociation(stack, jsii.String("OfficeCalls"), &cdkrtc.PhoneNumberAssociationProps{
		VoiceConnector: office,
		PhoneNumber:    officeNumber,
	})
	office.AlarmOnOutboundCallVolume(jsii.String("OfficeCallVolume"), &cdkrtc.RtcAlarmOptions{Threshold: jsii.Number(50)})

	// An encoder on the stage. Its stream key is in a secret.
	camera := cdkrtc.NewIngestConfiguration(stack, jsii.String("StudioCamera"), &cdkrtc.IngestConfigurationProps{
		Stage:           stage,
		UserId:          jsii.String("studio-camera"),
		Attributes:      &map[string]*string{"room": jsii.String("studio"), "language": jsii.String("en")},
		RedundantIngest: jsii.Bool(true),
	})
	camera.Grants().ReadStreamKey(encoder)
	camera.OnPublished(jsii.String("OnAir"), &awsevents.OnEventOptions{
		Target: awseventstargets.NewLambdaFunction(bookkeeper, nil),
	})

	// A new stage. Participants join with tokens from the reception, and the stage records each participant that publishes.
	lounge := cdkrtc.NewRealTimeStage(stack, jsii.String("Lounge"), &cdkrtc.RealTimeStageProps{
		AutoParticipantRecording: &cdkrtc.AutoParticipantRecordingOptions{
			StorageConfiguration: cdkrtc.NewStorageConfiguration(stack, jsii.String("LoungeRecordings"), &cdkrtc.StorageConfigurationProps{
				Bucket: media,
			}),
		},
	})
	lounge.Grants().CreateParticipantToken(reception)
	lounge.OnStageUpdate(jsii.String("LoungeOnAir"), &cdkrtc.OnStageUpdateOptions{
		Updates: &[]cdkrtc.StageUpdate{cdkrtc.StageUpdate_PARTICIPANT_PUBLISHED},
		Target:  awseventstargets.NewLambdaFunction(bookkeeper, nil),
	})

	// Meetings that are ready when users arrive, with a recorder in each.
	rooms := cdkrtc.NewChimeMeetingPool(stack, jsii.String("Rooms"), &cdkrtc.ChimeMeetingPoolProps{
		Size:                     jsii.Number(5),
		MinimumRemainingLifetime: awscdk.Duration_Minutes(jsii.Number(1)),
		MeetingFeatures: &cdkrtc.MeetingFeatures{
			EchoReduction:      jsii.Bool(true),
			VideoMaxResolution: cdkrtc.VideoMaxResolution_HD,
			AttendeeMaxCount:   jsii.Number(10),
		},
		Attendees: &[]*cdkrtc.PoolAttendee{{
			ExternalUserId: jsii.String("recorder"),
			Capabilities: &cdkrtc.AttendeeCapabilities{
				Audio: cdkrtc.AttendeeCapability_RECEIVE,
				Video: cdkrtc.AttendeeCapability_RECEIVE,
			},
		}},
	})
	rooms.Grants().Checkout(reception)
	rooms.Grants().EndMeetings(reception)
	supportRooms.Grants().Checkout(reception)
	reception.AddEnvironment(jsii.String("CHECKOUT"), rooms.CheckoutFunction().FunctionName(), nil)
	rooms.OnMeetingEvent(jsii.String("PersonLeaves"), &cdkrtc.OnMeetingEventOptions{
		EventTypes: &[]cdkrtc.MeetingEventType{cdkrtc.MeetingEventType_ATTENDEE_LEFT},
		Target:     awseventstargets.NewLambdaFunction(bookkeeper, nil),
	})
	rooms.AlarmOnEmpty(jsii.String("NoMeetingReady"), nil)

	awscdk.NewCfnOutput(stack, jsii.String("DoorbellEndpoint"), &awscdk.CfnOutputProps{Value: doorbell.ViewerWssEndpoint()})
	awscdk.NewCfnOutput(stack, jsii.String("StreamKeySecret"), &awscdk.CfnOutputProps{Value: camera.StreamKeySecret().SecretArn()})
	awscdk.NewCfnOutput(stack, jsii.String("LoungeServer"), &awscdk.CfnOutputProps{Value: lounge.RtmpsEndpoint()})
	awscdk.NewCfnOutput(stack, jsii.String("OfficeHost"), &awscdk.CfnOutputProps{Value: office.OutboundHostName()})
	awscdk.NewCfnOutput(stack, jsii.String("PoolName"), &awscdk.CfnOutputProps{Value: rooms.PoolName()})
	return stack
}

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	NewRtcPlatformStack(app, "RtcPlatform", nil)
	app.Synth(nil)
}

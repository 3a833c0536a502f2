"""The contact center in Python, with a function that uses boto3."""
from aws_cdk import App, CfnOutput, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from cdk_rtc import (
    OriginationRoute,
    StreamingStatus,
    VoiceConnector,
    VoiceConnectorLoggingOptions,
    VoiceConnectorOriginationOptions,
    VoiceConnectorStreamingOptions,
    VoiceConnectorTerminationOptions,
)

app = App()
stack = Stack(app, "ContactCenterInPython")

trunk = VoiceConnector(
    stack,
    "Trunk",
    termination=VoiceConnectorTerminationOptions(allowed_cidrs=["203.0.113.10/32"], calling_regions=["US"]),
    origination=VoiceConnectorOriginationOptions(routes=[OriginationRoute(host="sip-1.example.com")]),
    logging=VoiceConnectorLoggingOptions(sip_messages=True),
    streaming=VoiceConnectorStreamingOptions(data_retention=Duration.hours(2)),
)

# The function finds the media endpoint of the call's stream, with boto3 of the Lambda runtime.
analyzer = lambda_.Function(
    stack,
    "Analyzer",
    runtime=lambda_.Runtime.PYTHON_3_13,
    handler="index.handler",
    timeout=Duration.seconds(30),
    code=lambda_.Code.from_inline("""
import boto3
from botocore.exceptions import ClientError

client = boto3.client("kinesisvideo")


def handler(event, context):
    try:
        answer = client.get_data_endpoint(StreamARN=event["detail"]["streamArn"], APIName="GET_MEDIA")["DataEndpoint"]
    except ClientError as error:
        answer = error.response["Error"]["Code"]
    print(event["detail"]["callId"], answer)
    return answer
"""),
)
trunk.streaming.on_streaming_status("CallStarts", status=[StreamingStatus.STARTED], target=targets.LambdaFunction(analyzer))
trunk.streaming.grants.read_media(analyzer)
trunk.alarm_on_outbound_call_volume("CallVolume", threshold=50)
trunk.alarm_on_call_failures("CallFailures", threshold=5)

# An alarm on an expression.
cloudwatch.MathExpression(
    expression="100 * errors / calls",
    using_metrics={"errors": analyzer.metric_errors(), "calls": analyzer.metric_invocations()},
).create_alarm(stack, "AnalyzerErrors", threshold=5, evaluation_periods=1)

CfnOutput(stack, "OutboundHostName", value=trunk.outbound_host_name)
CfnOutput(stack, "AnalyzerName", value=analyzer.function_name)
app.synth()

#!/usr/bin/env python3
from aws_cdk import App

from rtc_platform import RtcPlatformStack

app = App()
RtcPlatformStack(app, "RtcPlatform")
app.synth()

package com.example.rtcplatform;

import software.amazon.awscdk.App;

public final class RtcPlatformApp {
    private RtcPlatformApp() {
    }

    public static void main(final String[] args) {
        final App app = new App();
        new RtcPlatformStack(app, "RtcPlatform");
        app.synth();
    }
}

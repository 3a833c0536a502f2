export * from './chime/chime-namespace';
export * from './chime/voice-connector';
export * from './chime/voice-connector-streaming';
export { VoiceConnectorStreamingGrants } from './chime/voice-connector-streaming-grants';
export * from './kinesisvideo/signaling-channel';
export * from './kinesisvideo/signaling-channel-grants';
export * from './kinesisvideo/video-stream';
export * from './rtc-provider';

export * from './kinesisvideo/signaling-channel';
export * from './kinesisvideo/signaling-channel-grants';
export * from './kinesisvideo/video-stream';
export * from './rtc-provider';

export * from './signaling-channel-media-storage';
export * from './stream-image-generation';
export * from './stream-notification';

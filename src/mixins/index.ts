export * from './signaling-channel-media-storage';

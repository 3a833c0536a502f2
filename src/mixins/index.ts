export * from './stream-image-generation';
export * from './stream-notification';

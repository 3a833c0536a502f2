/*
 * Public contract: a deployed stack finds its handler by these types. In a file of their own, because every function loads them, and not the validation of the
 * properties.
 */
export const SIGNALING_CHANNEL_RESOURCE_TYPE = 'Custom::RtcSignalingChannel';
export const SIGNALING_CHANNEL_MEDIA_STORAGE_RESOURCE_TYPE = 'Custom::RtcSignalingChannelMediaStorage';
export const VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE = 'Custom::RtcVideoStreamImageGeneration';
export const VIDEO_STREAM_NOTIFICATION_RESOURCE_TYPE = 'Custom::RtcVideoStreamNotification';

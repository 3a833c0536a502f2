/** The IAM actions for signaling channels, by purpose. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisvideostreams.html */

/** The actions with which the handlers change an existing channel. They are allowed only if the channel has the stack's owner tag. */
export const CHANGE_CHANNEL = [
  'kinesisvideo:DeleteSignalingChannel',
  'kinesisvideo:TagResource',
  'kinesisvideo:UntagResource',
  'kinesisvideo:UpdateMediaStorageConfiguration',
  'kinesisvideo:UpdateSignalingChannel',
];

/** The actions with which the handlers read a channel. With a tag condition, the service would answer AccessDenied instead of NotFound for a missing channel. */
export const READ_CHANNEL = [
  'kinesisvideo:DescribeMediaStorageConfiguration',
  'kinesisvideo:DescribeSignalingChannel',
  'kinesisvideo:GetSignalingChannelEndpoint',
  'kinesisvideo:ListTagsForResource',
];

/** The actions with which the drift monitor reads a channel. */
export const DETECT_CHANNEL_DRIFT = [
  'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:ListTagsForResource',
];

/** The actions of an application that only requests TURN servers. https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_signaling_GetIceServerConfig.html */
export const ICE_SERVERS = ['kinesisvideo:GetIceServerConfig', 'kinesisvideo:GetSignalingChannelEndpoint'];

/** The actions with which the handlers map a stream to a channel. The user owns the stream. */
export const MAP_STREAM = ['kinesisvideo:DescribeMappedResourceConfiguration', 'kinesisvideo:UpdateMediaStorageConfiguration'];

/** The actions with which the drift monitor reads the settings of a stream. */
export const DETECT_STREAM_SETTINGS_DRIFT = [
  'kinesisvideo:DescribeImageGenerationConfiguration', 'kinesisvideo:DescribeNotificationConfiguration', 'kinesisvideo:ListTagsForStream',
];

/** The actions with which the handlers configure the settings of a stream. */
export const CONFIGURE_STREAM_SETTINGS = [
  ...DETECT_STREAM_SETTINGS_DRIFT,
  'kinesisvideo:DescribeStream',
  'kinesisvideo:TagStream',
  'kinesisvideo:UntagStream',
  'kinesisvideo:UpdateImageGenerationConfiguration',
  'kinesisvideo:UpdateNotificationConfiguration',
];

/** The actions of every peer before it connects. https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-how-iam.html */
const PEER = ['kinesisvideo:DescribeSignalingChannel', ...ICE_SERVERS];

export const MASTER = ['kinesisvideo:ConnectAsMaster', ...PEER];
export const VIEWER = ['kinesisvideo:ConnectAsViewer', ...PEER];

/** https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/ingestion-grant-permission.html */
export const JOIN_STORAGE = [...MASTER, 'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:JoinStorageSession'];
export const JOIN_STORAGE_AS_VIEWER = [...VIEWER, 'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:JoinStorageSessionAsViewer'];
export const INGEST_INTO_STREAM = ['kinesisvideo:DescribeStream', 'kinesisvideo:GetDataEndpoint', 'kinesisvideo:PutMedia'];

/** The actions of the consumers of a stream. https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-iam.html */
export const GET_MEDIA = ['kinesisvideo:GetDataEndpoint', 'kinesisvideo:GetMedia'];
export const LIST_FRAGMENTS = ['kinesisvideo:GetDataEndpoint', 'kinesisvideo:GetMediaForFragmentList', 'kinesisvideo:ListFragments'];
export const PLAY = ['kinesisvideo:GetDASHStreamingSessionURL', 'kinesisvideo:GetDataEndpoint', 'kinesisvideo:GetHLSStreamingSessionURL'];
export const GET_CLIP = ['kinesisvideo:GetClip', 'kinesisvideo:GetDataEndpoint'];
export const GET_IMAGES = ['kinesisvideo:GetDataEndpoint', 'kinesisvideo:GetImages'];

/** The actions of producers and consumers of a stream with a customer-managed key (unverified: F-59). https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-kms.html */
export const READ_ENCRYPTED = ['kms:Decrypt'];
export const WRITE_ENCRYPTED = ['kms:GenerateDataKey'];
export const USE_STREAM_KEY = [...READ_ENCRYPTED, ...WRITE_ENCRYPTED];

/** On the keys of the stream and of the bucket. https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/s3-real-time-image-create.html */
export const GENERATE_ENCRYPTED_IMAGES = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'];

/** On the key of a topic. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
export const PUBLISH_ENCRYPTED = ['kms:Decrypt', 'kms:GenerateDataKey*'];

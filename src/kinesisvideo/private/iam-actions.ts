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

/** The actions with which the handlers map a stream to a channel. The user owns the stream. */
export const MAP_STREAM = ['kinesisvideo:DescribeMappedResourceConfiguration', 'kinesisvideo:UpdateMediaStorageConfiguration'];

/** The actions with which the handlers read the media storage of a channel, and find the channel that recorded into the stream before. */
export const READ_MEDIA_STORAGE = [
  'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:ListTagsForResource',
];

/** The actions with which the drift monitor reads the media storage of a channel. */
export const DETECT_MEDIA_STORAGE_DRIFT = ['kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:ListTagsForResource'];

/** The actions of every peer before it connects. https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-how-iam.html */
const PEER = ['kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:GetIceServerConfig', 'kinesisvideo:GetSignalingChannelEndpoint'];

export const MASTER = ['kinesisvideo:ConnectAsMaster', ...PEER];
export const VIEWER = ['kinesisvideo:ConnectAsViewer', ...PEER];

/** https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/ingestion-grant-permission.html */
export const JOIN_STORAGE = [...MASTER, 'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:JoinStorageSession'];
export const JOIN_STORAGE_AS_VIEWER = [...VIEWER, 'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:JoinStorageSessionAsViewer'];
export const INGEST_INTO_STREAM = ['kinesisvideo:DescribeStream', 'kinesisvideo:GetDataEndpoint', 'kinesisvideo:PutMedia'];

/** The actions of producers and consumers of a stream with a customer-managed key. https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-kms.html */
export const USE_STREAM_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];

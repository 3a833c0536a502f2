/** The IAM actions around signaling channels, by what they are for. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisvideostreams.html */

/** What the handlers do to a channel that exists; allowed only under the stack's owner tag. */
export const CHANGE_CHANNEL = [
  'kinesisvideo:DeleteSignalingChannel',
  'kinesisvideo:UntagResource',
  'kinesisvideo:UpdateMediaStorageConfiguration',
  'kinesisvideo:UpdateSignalingChannel',
];

/** What the handlers read. Under a tag condition a missing channel would answer AccessDenied instead of NotFound. */
export const READ_CHANNEL = [
  'kinesisvideo:DescribeMediaStorageConfiguration',
  'kinesisvideo:DescribeSignalingChannel',
  'kinesisvideo:GetSignalingChannelEndpoint',
  'kinesisvideo:ListTagsForResource',
];

/** What the drift monitor reads of a channel. */
export const COMPARE_CHANNEL = [
  'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:ListTagsForResource',
];

/** What every peer does before it connects. https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-how-iam.html */
const PEER = ['kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:GetIceServerConfig', 'kinesisvideo:GetSignalingChannelEndpoint'];

export const MASTER = ['kinesisvideo:ConnectAsMaster', ...PEER];
export const VIEWER = ['kinesisvideo:ConnectAsViewer', ...PEER];

/** https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/ingestion-grant-permission.html */
export const JOIN_STORAGE = [...MASTER, 'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:JoinStorageSession'];
export const JOIN_STORAGE_AS_VIEWER = [...VIEWER, 'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:JoinStorageSessionAsViewer'];
export const INGEST_INTO_STREAM = ['kinesisvideo:DescribeStream', 'kinesisvideo:GetDataEndpoint', 'kinesisvideo:PutMedia'];

/** For producers and for consumers of a stream with a customer-managed key. https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-kms.html */
export const USE_STREAM_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];

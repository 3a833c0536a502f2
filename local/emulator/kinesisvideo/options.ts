export interface KinesisVideoOptions {
  readonly quotas?: {
    /** Channels in an account and region. Default: 10,000 in us-east-1 and us-west-2, else 5,000. */
    readonly channels?: number;
    /** Of these, with media storage. Default: 100. */
    readonly channelsWithStorage?: number;
    /** Streams in an account and region. Default: 10,000. */
    readonly streams?: number;
  };
  /** Tags in one answer of ListTagsForResource and ListTagsForStream. Default: 10, small enough that callers must page. */
  readonly tagPageSize?: number;
  /** What a change of a channel or stream that is not ACTIVE answers; both have been seen on the real service (unverified: F-26). Default: 'in-use'. */
  readonly notActive?: 'in-use' | 'not-found' | 'either';
  /** Whether the service takes FULL_MESH channels: the model has them, the documentation says that they are not supported yet (unverified: F-64). Default: true. */
  readonly fullMesh?: boolean;
  /** What GetSignalingChannelEndpoint takes for FULL_MESH channels: the configuration of SINGLE_MASTER channels, no configuration, or no call at all (unverified: F-22). Default: 'as-single-master'. */
  readonly fullMeshEndpoints?: 'as-single-master' | 'without-configuration' | 'none';
  /** Whether a change of the media storage configuration makes a new channel version (unverified: F-24). Default: true. */
  readonly storageChangesVersion?: boolean;
  /** Whether a change of the image generation or the notification makes a stream UPDATING and gives it a new version (unverified: F-93). Default: true. */
  readonly settingsChangeStatus?: boolean;
  /** Whether a change of the retention to 0 deletes the image generation and the notification (unverified: F-92). Default: false. */
  readonly retentionDeletesSettings?: boolean;
  /** What CloudFormation makes of a changed storage tier (unverified: F-57). Default: 'changed'. */
  readonly changedTier?: 'changed' | 'ignored';
  /** Whether a notification can name a topic of another region (unverified: F-28). Default: 'accept'. */
  readonly otherRegionTopics?: 'accept' | 'refuse';
  /** What the service answers if a recording is ended on a channel that doesn't record (unverified: F-58). Default: 'accept'. */
  readonly endUnrecorded?: 'accept' | 'refuse';
  /** What the service fills in for members that an image generation does not name (unverified: F-65). Default: nothing. */
  readonly imageGenerationDefaults?: { readonly WidthPixels?: number; readonly HeightPixels?: number };
  /** Whether IAM knows the tags of channels, for conditions (unverified: F-01). Default: true. */
  readonly resourceTagConditions?: boolean;
  /** Whether to start a recording needs a permission for the stream, too (unverified: F-03). Default: false. */
  readonly recordingNeedsStreamPermission?: boolean;
  /** Whether creating with tags also needs kinesisvideo:TagResource (unverified: F-05). Default: false. */
  readonly tagOnCreateNeedsTagResource?: boolean;
}

/** Regions with an endpoint of the control plane. */
export const regions = [
  'af-south-1', 'ap-east-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-5',
  'ca-central-1', 'eu-central-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'il-central-1', 'me-south-1', 'sa-east-1',
  'us-east-1', 'us-east-2', 'us-west-2', 'cn-north-1', 'us-gov-east-1', 'us-gov-west-1',
];

/** Calls per second as documented; DescribeMappedResourceConfiguration, and creating, deleting, and listing streams have no limit here. */
export const rates = {
  CreateSignalingChannel: { perAccount: 50 },
  DescribeSignalingChannel: { perAccount: 300, perResource: 5 },
  UpdateSignalingChannel: { perAccount: 50, perResource: 5 },
  DeleteSignalingChannel: { perAccount: 50, perResource: 5 },
  ListSignalingChannels: { perAccount: 50 },
  GetSignalingChannelEndpoint: { perAccount: 300 },
  TagResource: { perAccount: 50, perResource: 5 },
  UntagResource: { perAccount: 50, perResource: 5 },
  ListTagsForResource: { perAccount: 50, perResource: 5 },
  DescribeMediaStorageConfiguration: { perAccount: 50, perResource: 5 },
  UpdateMediaStorageConfiguration: { perAccount: 10, perResource: 5 },
  DescribeStream: { perAccount: 300, perResource: 5 },
  TagStream: { perAccount: 50, perResource: 5 },
  UntagStream: { perAccount: 50, perResource: 5 },
  ListTagsForStream: { perAccount: 50, perResource: 5 },
  GetDataEndpoint: { perAccount: 300, perResource: 5 },
  UpdateDataRetention: { perAccount: 50, perResource: 5 },
  DescribeStreamStorageConfiguration: { perAccount: 50, perResource: 5 },
  UpdateStreamStorageConfiguration: { perAccount: 50, perResource: 5 },
  DescribeImageGenerationConfiguration: { perAccount: 50, perResource: 5 },
  UpdateImageGenerationConfiguration: { perAccount: 50, perResource: 5 },
  DescribeNotificationConfiguration: { perAccount: 50, perResource: 5 },
  UpdateNotificationConfiguration: { perAccount: 50, perResource: 5 },
};

export function channelQuota(region: string, options: KinesisVideoOptions): number {
  return options.quotas?.channels ?? (region === 'us-east-1' || region === 'us-west-2' ? 10_000 : 5_000);
}

export function streamQuota(options: KinesisVideoOptions): number {
  return options.quotas?.streams ?? 10_000;
}

export function storageQuota(options: KinesisVideoOptions): number {
  return options.quotas?.channelsWithStorage ?? 100;
}

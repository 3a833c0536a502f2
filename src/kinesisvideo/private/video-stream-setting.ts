/** The properties that every setting has. CloudFormation delivers every leaf as a string. */
export interface VideoStreamSettingProperties {
  readonly StreamArn: string;
  /** Absent: false. */
  readonly AdoptExisting?: boolean;
  /** A change makes CloudFormation send an update. The handlers ignore the value. */
  readonly ForceUpdateNonce?: string;
  /** Rendered from the deletion policy. Absent: false. */
  readonly Retain?: boolean;
}

/** The tags of one setting on the stream: its owner tag, and during a rename a second one. */
export const TAGS_PER_VIDEO_STREAM_SETTING = 2;

/** The region, the account, and the name of a stream. */
export const VIDEO_STREAM_ARN = /^arn:[a-z\d-]+:kinesisvideo:([a-z0-9-]+):(\d{12}):stream\/([a-zA-Z0-9_.-]{1,256})\/\d+$/;

/** The service's limit for the URI of a destination. https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_ImageGenerationDestinationConfig.html */
export const MAX_DESTINATION_URI_LENGTH = 255;

/** Returns findings: the ARN of a stream, which must be in the account of the stack. */
export function validateStreamOfSetting(arn: string | undefined, account: string | undefined): string[] {
  if (arn === undefined) return [];
  const owner = VIDEO_STREAM_ARN.exec(arn)?.[2];
  if (owner === undefined) {
    return [`stream: must be the ARN of a Kinesis video stream (arn:…:kinesisvideo:REGION:ACCOUNT:stream/NAME/TIME), got ${JSON.stringify(arn)}`];
  }
  if (account === undefined || owner === account) return [];
  return [`stream: must be in the stack's own account (${account}), got ${arn}; create the stack there`];
}

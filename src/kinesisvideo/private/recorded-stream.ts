import { type CfnResource, type Resource, Token } from 'aws-cdk-lib';
import type * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import { cfnStreamOf, retainsNothing } from './cfn-stream';
import { SETTINGS, settingOf } from './video-stream-settings';
import { differ } from '../../private/concrete';
import { referenceKey, validateExclusiveUse } from '../../private/exclusive';

/** A construct of a channel: of this library, or of CloudFormation. */
type Channel = Resource | CfnResource;

/** Claims the stream for one channel of the app. */
export function claimStream(channel: Channel, stream: kinesisvideo.IStreamRef): string[] {
  return validateExclusiveUse(channel, 'mediaStorageStream', referenceKey(channel, stream.streamRef.streamArn), 'records into this stream',
    'a stream can record only one channel; use another stream');
}

/** Returns findings about a stream whose ARN is a token. Otherwise, the validation of the properties finds them in the ARN. */
export function validateStreamReference({ env }: Channel, stream: kinesisvideo.IStreamRef): string[] {
  const { streamArn } = stream.streamRef;
  if (!Token.isUnresolved(streamArn)) return [];
  if (/[*?]/.test(streamArn)) {
    return [`mediaStorageStream: must be a stream whose ARN is known, got ${stream.node.path}, which is imported by its name, so its ARN has a wildcard; import the stream with VideoStream.fromStreamArn`];
  }
  if (!differ(stream.env.region, env.region) && !differ(stream.env.account, env.account)) return [];
  return [`mediaStorageStream: must be in the channel's own account and region (${env.account}, ${env.region}), got ${stream.node.path} in ${stream.env.account}, ${stream.env.region}; use a stream there`];
}

/** Returns findings about the retention and the settings of the stream. Call it in a validation, because both can be set until synthesis. */
export function validateRecordedStream(stream: kinesisvideo.IStreamRef): string[] {
  const { path } = stream.node;
  return [
    ...retainsNothing(cfnStreamOf(stream))
      ? [`mediaStorageStream: ${path} keeps no data (dataRetentionInHours 0), so nothing could be recorded; give it 1 hour or more`] : [],
    ...SETTINGS.filter((setting) => settingOf(setting, stream))
      .map(({ noun }) => `mediaStorageStream: ${path} has ${noun}, which the service doesn't support for a stream that records a channel; remove it, or use another stream`),
  ];
}

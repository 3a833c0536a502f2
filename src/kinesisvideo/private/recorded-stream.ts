import { type CfnResource, type Resource, Token } from 'aws-cdk-lib';
import type * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import { differ } from '../../private/concrete';
import { claim, referenceKey } from '../../private/exclusive';

/** A construct of a channel: of this library, or of CloudFormation. */
type Channel = Resource | CfnResource;

/** Claims the stream for one channel of the app. */
export function claimStream(channel: Channel, stream: kinesisvideo.IStreamRef): string[] {
  return claim(channel, 'mediaStorageStream', referenceKey(channel, stream.streamRef.streamArn), 'records into this stream',
    'a stream can record only one channel; use another stream');
}

/** Compares the environments if the ARN is a token. */
export function validateStreamEnvironment({ env }: Channel, stream: kinesisvideo.IStreamRef): string[] {
  if (!Token.isUnresolved(stream.streamRef.streamArn)) return [];
  if (!differ(stream.env.region, env.region) && !differ(stream.env.account, env.account)) return [];
  return [`mediaStorageStream: must be in the channel's own account and region (${env.account}, ${env.region}), got ${stream.node.path} in ${stream.env.account}, ${stream.env.region}; use a stream there`];
}

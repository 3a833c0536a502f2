import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import { isUnknown } from '../../private/concrete';

/** The resource that creates a stream: a `CfnStream`, or the one of a construct of which it is the default child. Undefined for an imported stream. */
export function cfnStreamOf(stream: kinesisvideo.IStreamRef): kinesisvideo.CfnStream | undefined {
  const { CfnStream } = kinesisvideo;
  return [stream, stream.node.defaultChild].find((construct): construct is kinesisvideo.CfnStream => CfnStream.isCfnStream(construct));
}

/** Whether a stream is known to retain no media. */
export function retainsNothing(stream: kinesisvideo.CfnStream | undefined): boolean {
  return stream !== undefined && !isUnknown(stream.dataRetentionInHours) && (stream.dataRetentionInHours ?? 0) === 0;
}

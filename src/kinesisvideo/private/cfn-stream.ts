import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';

/** The resource that creates a stream: a `CfnStream`, or the one of a construct of which it is the default child. Undefined for an imported stream. */
export function cfnStreamOf(stream: kinesisvideo.IStreamRef): kinesisvideo.CfnStream | undefined {
  const { CfnStream } = kinesisvideo;
  return [stream, stream.node.defaultChild].find((construct): construct is kinesisvideo.CfnStream => CfnStream.isCfnStream(construct));
}

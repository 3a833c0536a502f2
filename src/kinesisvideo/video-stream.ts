import { Resource } from 'aws-cdk-lib';
import type * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import type { Construct } from 'constructs';
import { nameFromArn } from './private/arn';
import { brand, isBranded } from '../private/brand';
import { opaque } from '../private/concrete';

/**
 * An existing Kinesis video stream. To create a stream, use `CfnStream` of aws-cdk-lib.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-it-works.html
 */
export class VideoStream extends Resource implements kinesisvideo.IStreamRef {
  /**
   * Returns whether a value is a `VideoStream`, also if another copy of this library in the app created it.
   *
   * @param x The value to test.
   */
  public static isVideoStream(x: any): x is VideoStream {
    return isBranded(x, 'VideoStream');
  }

  /**
   * Imports an existing stream by its ARN.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param streamArn The ARN of the stream.
   * @throws if the ARN is known at synth and isn't the ARN of a Kinesis video stream
   */
  public static fromStreamArn(scope: Construct, id: string, streamArn: string): VideoStream {
    return new VideoStream(scope, id, { streamArn: opaque(streamArn), streamName: nameFromArn(scope, id, 'streamArn', streamArn, 'stream') });
  }

  /**
   * The name and the ARN of the stream.
   */
  public readonly streamRef: kinesisvideo.StreamReference;

  private constructor(scope: Construct, id: string, streamRef: kinesisvideo.StreamReference) {
    super(scope, id, { environmentFromArn: streamRef.streamArn });
    brand(this, 'VideoStream');
    this.streamRef = streamRef;
  }
}

import { Duration } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { type Candidate, each } from './candidate';
import { VideoStream } from '../../src';

/** Each with its image generation: two resources. */
export const candidate: Candidate = {
  name: 'VideoStream with images',
  add: (stack, count) => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Images', 'images');
    each(count, (index) => new VideoStream(stack, `Camera${index}`, {
      dataRetention: Duration.hours(24),
      imageGeneration: { bucket, samplingInterval: Duration.seconds(3) },
    }));
  },
};

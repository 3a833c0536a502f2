import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type { ErrorClass } from '../engine/error-classes';

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_Operations_Amazon_Kinesis_Video_Streams.html */
export const KINESIS_VIDEO_ERROR_CLASSES: Record<string, ErrorClass> = {
  ResourceNotFoundException: 'gone',
  ResourceInUseException: 'busy',
  VersionMismatchException: 'conflict',
  ClientLimitExceededException: 'throttled',
  NotAuthorizedException: 'denied',
};

/** One client a region: the connections live as long as the function. */
export function kinesisVideoClient(region: string): KinesisVideoClient {
  const client = new KinesisVideoClient({
    region,
    retryMode: 'adaptive',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
  });
  // The service's throttle has a name that the SDK does not know, so it would not repeat the call.
  client.middlewareStack.add((next) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if ((error as Error).name === 'ClientLimitExceededException') Object.assign(error as Error, { $retryable: { throttling: true } });
      throw error;
    }
  }, { step: 'deserialize', priority: 'high', name: 'kinesisVideoThrottling' });
  return client;
}

import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type { ErrorClass } from '../engine/error-classes';
import { clientSettings } from '../engine/service-client';

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_Operations_Amazon_Kinesis_Video_Streams.html */
export const KINESIS_VIDEO_ERROR_CLASSES: Record<string, ErrorClass> = {
  // Each of the first three also is an answer for a resource that is being created, changed, or deleted (unverified: F-26).
  ResourceNotFoundException: 'gone',
  ResourceInUseException: 'busy',
  VersionMismatchException: 'conflict',
  ClientLimitExceededException: 'throttled',
  NotAuthorizedException: 'denied',
};

/** One client per region: its connections are reused as long as the function's environment exists. */
export function kinesisVideoClient(region: string): KinesisVideoClient {
  const client = new KinesisVideoClient(clientSettings(region));
  // The SDK doesn't know the name of the service's throttle, so it would not retry the call.
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

/** All tags of a resource. The SDK has no paginator for the operations that list tags. */
export async function allTags(
  list: (NextToken: string | undefined) => Promise<{ readonly Tags?: Record<string, string>; readonly NextToken?: string }>,
): Promise<Record<string, string>> {
  const tags: Record<string, string> = {};
  let NextToken: string | undefined;
  do {
    const page = await list(NextToken);
    Object.assign(tags, page.Tags);
    NextToken = page.NextToken;
  } while (NextToken);
  return tags;
}

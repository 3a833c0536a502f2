import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsRequest } from '../../engine/aws-request';

/**
 * Invokes a function without waiting for its result.
 *
 * @param client A client in the region of the function.
 */
export async function invokeAsynchronously({ config }: Pick<DynamoDBClient, 'config'>, functionName: string): Promise<void> {
  await awsRequest({
    service: 'lambda',
    endpointVariable: 'AWS_ENDPOINT_URL_LAMBDA',
    path: `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
    headers: { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' },
    body: '{}',
    region: await config.region(),
  });
}

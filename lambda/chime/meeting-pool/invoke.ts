import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SignatureV4 } from '@smithy/signature-v4';

/**
 * Calls a function without waiting for what it does: the one call to Lambda there is, for which its whole client would be loaded.
 *
 * @param client any, for its region and credentials
 */
export async function invokeAsynchronously(client: Pick<DynamoDBClient, 'config'>, functionName: string): Promise<void> {
  const { config } = client;
  const region = await config.region();
  const url = new URL(`/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`, endpointOf(region));
  const signer = new SignatureV4({ service: 'lambda', region, credentials: config.credentials, sha256: config.sha256 });
  const { headers, body } = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { 'host': url.host, 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' },
    body: '{}',
  });
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(4_000) });
  const answer = await response.text();
  if (!response.ok) throw Object.assign(new Error(answer.slice(0, 500)), { name: `LambdaError${response.status}` });
}

function endpointOf(region: string): string {
  const { AWS_ENDPOINT_URL_LAMBDA: own, AWS_ENDPOINT_URL: common } = process.env;
  return own ?? common ?? `https://lambda.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
}

import { type BinaryLike, createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

const NAMES = { cloudformation: 'CloudFormation', events: 'EventBridge', lambda: 'Lambda' };

/** A call to a service of which only this one is needed, so that its whole client is not loaded. */
export interface AwsRequest {
  /** As its host name and its signature name it. */
  readonly service: keyof typeof NAMES;
  /** The variable that tells where it is, as for the SDK's own clients. */
  readonly endpointVariable: string;
  readonly path?: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly region: string;
}

/** The answer's body; an error of the service is thrown. In a function, the credentials are in its environment. */
export async function awsRequest({ service, endpointVariable, path = '/', headers, body, region }: AwsRequest): Promise<string> {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = process.env;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
  const url = new URL(path, endpointOf(service, endpointVariable, region));
  const signed = await new SignatureV4({ service, region, credentials, sha256: Sha256 }).sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host, ...headers },
    body,
  });
  const response = await fetch(url, { method: 'POST', headers: signed.headers, body, signal: AbortSignal.timeout(4_000) });
  const answer = await response.text();
  if (!response.ok) throw Object.assign(new Error(answer.slice(0, 500)), { name: `${NAMES[service]}Error${response.status}` });
  return answer;
}

function endpointOf(service: string, variable: string, region: string): string {
  const { [variable]: own, AWS_ENDPOINT_URL: common } = process.env;
  return own ?? common ?? `https://${service}.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
}

type Data = string | ArrayBuffer | ArrayBufferView;

/** The hash that the signer needs. The signer passes text and typed arrays only, although its types allow an ArrayBuffer. */
class Sha256 {
  private readonly hash;

  constructor(secret?: Data) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as BinaryLike);
  }

  public update(data: Data): void {
    this.hash.update(data as BinaryLike);
  }

  public async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
}

import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { LocalCloud } from './local-cloud';

/** What a user of the account signs requests with. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A new IAM user who may call every function URL of the account. */
export async function createCaller(cloud: LocalCloud, name: string): Promise<AccessKey> {
  const root = { accessKeyId: cloud.env.AWS_ACCESS_KEY_ID, secretAccessKey: cloud.env.AWS_SECRET_ACCESS_KEY };
  const ask = async (parameters: Record<string, string>) => {
    const body = new URLSearchParams({ Version: '2010-05-08', UserName: name, ...parameters }).toString();
    return send(cloud, 'iam', root, { path: '/', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  };
  await ask({ Action: 'CreateUser' });
  const statement = { Effect: 'Allow', Action: ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'], Resource: '*' };
  await ask({ Action: 'PutUserPolicy', PolicyName: 'CallFunctions', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) });
  const answer = await ask({ Action: 'CreateAccessKey' });
  const [accessKeyId, secretAccessKey] = ['AccessKeyId', 'SecretAccessKey'].map((member) => new RegExp(`<${member}>([^<]+)<`).exec(answer)![1]);
  return { accessKeyId, secretAccessKey };
}

/** Calls the URL of a function with the authentication type AWS_IAM. */
export async function callFunctionUrl(cloud: LocalCloud, functionUrl: string, resource: string, caller: AccessKey): Promise<string> {
  const [id] = new URL(functionUrl).hostname.split('.');
  return send(cloud, 'lambda', caller, { path: `/_aws/lambda-url/${id}${resource}`, body: '', headers: {} });
}

interface Post {
  readonly path: string;
  readonly body: string;
  readonly headers: Record<string, string>;
}

async function send(cloud: LocalCloud, service: string, credentials: AccessKey, { path, body, headers }: Post): Promise<string> {
  const { protocol, host, hostname, port } = new URL(cloud.url);
  const signer = new SignatureV4({ service, region: cloud.region, credentials, sha256: Sha256 });
  const request = { method: 'POST', protocol, hostname, port: Number(port), path, query: {}, headers: { ...headers, host }, body };
  const { headers: { host: _, ...signed } } = await signer.sign(request);
  const response = await fetch(new URL(path, cloud.url), { method: 'POST', headers: signed, body });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer;
}

/** SHA-256 as the signer wants it: keyed if there is a secret. */
export class Sha256 {
  private readonly hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string | NodeJS.ArrayBufferView);
  }

  update(data: string | Uint8Array): void {
    this.hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  reset(): void {
    throw new Error('not used by the signer');
  }
}

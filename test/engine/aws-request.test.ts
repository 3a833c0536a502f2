import { createHash, createHmac } from 'node:crypto';
import { awsRequest } from '../../lambda/engine/aws-request';

const REQUEST = { service: 'events', endpointVariable: 'AWS_ENDPOINT_URL_EVENTBRIDGE', headers: { 'content-type': 'application/json' }, body: '{"a":1}', region: 'eu-west-1' } as const;

const { env } = process;
let fetched: jest.SpyInstance;
beforeEach(() => {
  process.env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' };
  fetched = jest.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('the answer'));
});
afterEach(() => {
  process.env = env;
  fetched.mockRestore();
});

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf(path: string, headers: Record<string, string>, body: string, signedHeaders: string): string {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const canonical = ['POST', path, '', ...signedHeaders.split(';').map((name) => `${name}:${headers[name]}`), '', signedHeaders, sha256(body)].join('\n');
  const date = headers['x-amz-date'];
  const scope = [date.slice(0, 8), 'eu-west-1', 'events', 'aws4_request'];
  const key = scope.reduce<string | Buffer>(hmac, 'AWS4secret');
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n')).toString('hex');
}

test('is sent as it is signed', async () => {
  expect(await awsRequest({ ...REQUEST, path: '/some/path' })).toBe('the answer');
  const [[url, { method, headers, body, signal }]] = fetched.mock.calls;
  expect({ url: String(url), method, body }).toEqual({ url: 'https://events.eu-west-1.amazonaws.com/some/path', method: 'POST', body: '{"a":1}' });
  expect(signal).toBeInstanceOf(AbortSignal);
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'host': 'events.eu-west-1.amazonaws.com', 'x-amz-security-token': 'session' });
  const [, signedHeaders, signature] = /SignedHeaders=(\S+), Signature=([0-9a-f]+)$/.exec(headers.authorization)!;
  expect(signature).toBe(signatureOf('/some/path', headers, body, signedHeaders));
});

test.each([
  ['eu-west-1', {}, 'https://events.eu-west-1.amazonaws.com/'],
  ['cn-north-1', {}, 'https://events.cn-north-1.amazonaws.com.cn/'],
  ['us-gov-west-1', {}, 'https://events.us-gov-west-1.amazonaws.com/'],
  ['eu-west-1', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1/'],
  ['eu-west-1', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_EVENTBRIDGE: 'http://127.0.0.1:2' }, 'http://127.0.0.1:2/'],
])('in %s with %j goes to %p', async (region, more, url) => {
  Object.assign(process.env, more);
  await awsRequest({ ...REQUEST, region });
  expect(String(fetched.mock.calls[0][0])).toBe(url);
});

test('an error of the service is thrown, with its name, its status and the beginning of its words', async () => {
  fetched.mockImplementation(async () => new Response('x'.repeat(600), { status: 403 }));
  await expect(awsRequest(REQUEST)).rejects.toMatchObject({ name: 'EventBridgeError403', message: 'x'.repeat(500) });
});

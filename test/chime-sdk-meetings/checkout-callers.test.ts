import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { exampleApp } from '../compliance/examples';

/* Checkout returns the join token of every user that it is asked for: who asks must not choose the user. */

const ROOT = path.join(__dirname, '..', '..');

/** What the API of the example asks checkout for. */
async function asked(event: object): Promise<{ clientRequestToken: string; externalUserIds: string[] }> {
  const app = exampleApp('meeting-rooms');
  const stack = app.node.findChild('MeetingRooms') as Stack;
  const { Properties } = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function')).find((one) => one.Properties.Code.ZipFile)!;
  const requests: string[] = [];
  class LambdaClient {
    async send({ Payload }: { Payload: string }) {
      requests.push(Payload);
      return { Payload: Buffer.from('{}') };
    }
  }
  class InvokeCommand {
    constructor(input: object) { Object.assign(this, input); }
  }
  const given = createRequire(__filename);
  const handlers: { handler?: (event: object) => Promise<unknown> } = {};
  new Function('require', 'exports', Properties.Code.ZipFile)((id: string) => (id === '@aws-sdk/client-lambda' ? { InvokeCommand, LambdaClient } : given(id)), handlers);
  await handlers.handler!(event);
  return JSON.parse(requests[0]);
}

const signedBy = (userId: string, more: object = {}) => ({ rawPath: '/kitchen', requestContext: { authorizer: { iam: { userId } } }, ...more });

describe('the example meeting-rooms', () => {
  test('takes the user from the authorizer, whatever the request names', async () => {
    const request = await asked(signedBy('AROAEXAMPLE:alice'));
    expect(request).toEqual({ clientRequestToken: 'kitchen', externalUserIds: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
    const forged = signedBy('AROAEXAMPLE:alice', { queryStringParameters: { user: 'bob' }, rawQueryString: 'user=bob', body: '{"user":"bob"}', headers: { user: 'bob' } });
    expect(await asked(forged)).toEqual(request);
    expect(await asked(signedBy('AROAEXAMPLE:bob'))).not.toEqual(request);
  });

  test('returns no meeting without an authorizer', async () => {
    await expect(asked({ rawPath: '/kitchen', requestContext: {}, queryStringParameters: { user: 'bob' } })).rejects.toThrow();
  });
});

describe('the documentation', () => {
  const files = ['README.md', ...fs.readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
  const snippets = files.flatMap((file) => [...fs.readFileSync(path.join(ROOT, file), 'utf8').matchAll(/^```js\n([^]*?)^```/gm)].map(([, code]) => ({ file, code })))
    .filter(({ code }) => code.includes('externalUserIds'));

  test('has snippets that check out', () => {
    expect(snippets.map(({ file }) => file)).toEqual(['docs/chime-meeting-pool.md']);
  });

  test.each(snippets)('takes the user from the authorizer: $file', ({ code }) => {
    const [, variable] = /externalUserIds: \[(\w+)\]/.exec(code) ?? [];
    expect(code).toMatch(new RegExp(`const ${variable} = event\\.requestContext\\.authorizer\\.`));
    expect(code).not.toMatch(/queryStringParameters|event\.body|pathParameters/);
  });
});

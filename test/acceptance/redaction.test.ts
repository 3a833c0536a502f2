import { aReport } from './report-setup';
import { CallLog, logCalls } from '../../acceptance/calls';
import { markdownOf } from '../../acceptance/markdown';
import { Redactor } from '../../acceptance/redaction';

const ACCOUNT = '123456789012';

/** One of each kind, in the response or in the secret that contains it. */
const PLANTED: Record<string, { readonly secret: string; readonly from: object }> = {
  'a stream key of a response': { secret: 'rt-key-0123456789', from: { ingestConfiguration: { streamKey: 'rt-key-0123456789' } } },
  'a stream key of a secret': { secret: 'rt-key-of-secret', from: { SecretString: JSON.stringify({ streamKey: 'rt-key-of-secret', rtmpsEndpoint: 'rtmps://a/app/' }) } },
  'the keys of redundant ingest': { secret: 'rt-second-key', from: { SecretString: JSON.stringify({ redundantIngestCredentials: [{ streamKey: 'rt-second-key' }] }) } },
  'a join token': { secret: 'join+token/1==', from: { Attendees: [{ AttendeeId: 'a', JoinToken: 'join+token/1==' }] } },
  'a SIP password': { secret: 'sip-Passw0rd', from: { Credentials: [{ Username: 'desk', Password: 'sip-Passw0rd' }] } },
  'the credentials of a session': { secret: 'secretAccess/Key+1', from: { Credentials: { SecretAccessKey: 'secretAccess/Key+1', SessionToken: 'session-token-1' } } },
};

describe.each(Object.entries(PLANTED))('%s', (_, { secret, from }) => {
  test('is in no text after a response contained it', () => {
    const redactor = new Redactor();
    redactor.learn(from);
    const written = redactor.redact({ observed: `ffmpeg rtmps://host/app/${secret} failed`, [`key ${secret}`]: [secret], from });
    expect(JSON.stringify(written)).not.toContain(secret);
    expect(JSON.stringify(written)).toContain('ffmpeg rtmps://host/app/[redacted] failed');
  });

  test('is neither in report.json nor in report.md', () => {
    const redactor = new Redactor();
    redactor.learn(from);
    const evidence = [{ service: 'IVS', operation: secret, requestId: secret, status: secret, milliseconds: 1 }];
    const report = redactor.redact(aReport({
      options: [secret],
      cases: [{ area: 'ingest', title: secret, kind: 'use', status: 'failed', expected: secret, observed: `failed: ${secret}`, seconds: 1, evidence }],
      facts: [{ id: 'F-1', statement: secret, question: secret, assumption: secret, verdict: 'failed', observed: secret, evidence }],
      leftovers: { searches: [{ service: 'ivs', resource: 'x', outcome: 'failed', error: secret }], left: [{ type: 'x', id: secret, region: 'us-east-1' }], deletedLater: [] },
    }));
    expect(JSON.stringify(report)).not.toContain(secret);
    expect(markdownOf(report)).not.toContain(secret);
    expect(markdownOf(report)).toContain('failed: [redacted]');
  });
});

test.each(['AKIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl', 'sk_us-west-2_abcDEF123456'])('%s is recognized by its form', (secret) => {
  expect(new Redactor().redact(`found ${secret} in a log`)).toBe('found [redacted] in a log');
});

test('the account ID is masked in ARNs, and other text remains', () => {
  const redactor = new Redactor();
  redactor.mask(ACCOUNT);
  expect(redactor.redact(`arn:aws:ivs:us-east-1:${ACCOUNT}:stage/abc has 2 participants`)).toBe('arn:aws:ivs:us-east-1:********9012:stage/abc has 2 participants');
});

test('a log of calls has request ID, status, attempts, and no content; the redactor learns each credential', async () => {
  const log = new CallLog();
  const redactor = new Redactor();
  let middleware!: (next: (args: object) => Promise<object>, context: object) => (args: object) => Promise<object>;
  const client = { config: { serviceId: 'IVS RealTime' }, middlewareStack: { add: (added: typeof middleware) => { middleware = added; } } };
  logCalls(client, log, redactor);
  const send = async (next: (args: object) => Promise<object>) => middleware(next, { commandName: 'GetIngestConfigurationCommand' })({ input: {} });
  await send(async () => ({ output: { ingestConfiguration: { streamKey: 'planted-key' }, $metadata: { requestId: 'r-1', httpStatusCode: 200, attempts: 3 } } }));
  const refused = Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { requestId: 'r-2', attempts: 1 } });
  await expect(send(async () => { throw refused; })).rejects.toBe(refused);
  expect(log.since(0)).toEqual([
    { service: 'IVS RealTime', operation: 'GetIngestConfiguration', requestId: 'r-1', status: 200, milliseconds: expect.any(Number) },
    { service: 'IVS RealTime', operation: 'GetIngestConfiguration', requestId: 'r-2', status: 'AccessDeniedException', milliseconds: expect.any(Number) },
  ]);
  expect(log.counts()).toEqual([{ service: 'IVS RealTime', operation: 'GetIngestConfiguration', calls: 2, repeated: 2 }]);
  expect(redactor.redact('planted-key')).toBe('[redacted]');
});

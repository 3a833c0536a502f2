import { createHash, createHmac } from 'crypto';
import { createServer, IncomingHttpHeaders } from 'http';
import { AddressInfo } from 'net';
import { DescribeSignalingChannelCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { start } from './harness';
import { Emulator, EmulatorRequest, Service, ServiceError, ServiceFactory, VirtualClock } from '../../../local/emulator';
import { asServiceModel, ServiceModel, signingName } from '../../../local/emulator/model';
import meetings from '../../../local/emulator/models/chime-sdk-meetings.json';
import voice from '../../../local/emulator/models/chime-sdk-voice.json';
import chime from '../../../local/emulator/models/chime.json';
import ivs from '../../../local/emulator/models/ivs-realtime.json';
import kinesisvideo from '../../../local/emulator/models/kinesisvideo.json';
import { findRoute } from '../../../local/emulator/routes';

const models: Record<string, ServiceModel> = {
  'chime': asServiceModel(chime),
  'chime-sdk-meetings': asServiceModel(meetings),
  'chime-sdk-voice': asServiceModel(voice),
  'ivs-realtime': asServiceModel(ivs),
  'kinesisvideo': asServiceModel(kinesisvideo),
};

function authorization(signing: string): string {
  return `AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/${signing}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
}

/** A service of any model, with operations that a test gives. */
function serviceOf(name: string, operations: Record<string, (input: any) => Record<string, unknown>>, more: Partial<Service> = {}): ServiceFactory {
  return () => ({
    name,
    model: models[name],
    iamPrefix: signingName(models[name]),
    errors: { invalid: 'BadRequestException', throttled: 'ThrottlingException', accessDenied: 'ForbiddenException' },
    rates: {},
    resourceTypes: {},
    operations: Object.fromEntries(Object.entries(operations).map(([operation, run]) =>
      [operation, { access: 'read' as const, targets: () => [{ arn: '*' }], run }])),
    changes: () => 0,
    edit: () => undefined,
    snapshot: () => ({}),
    reset: () => undefined,
    ...more,
  });
}

async function answer(services: ServiceFactory[], request: EmulatorRequest & { signing?: string }) {
  const emulator = new Emulator({ clock: new VirtualClock(), services });
  const { status, headers, body } = await emulator.handle({ headers: { Authorization: authorization(request.signing ?? 'chime') }, ...request });
  return { status, headers, body: body && JSON.parse(body) };
}

describe('SigV4', () => {
  /** What the real client sends to an endpoint with a path. */
  async function sent(): Promise<{ method: string; url: string; headers: IncomingHttpHeaders; body: string }> {
    return new Promise((resolve, reject) => {
      const server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', chunk => chunks.push(chunk)).on('end', () => {
          response.end('{}');
          server.close();
          resolve({ method: request.method!, url: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString() });
        });
      }).listen(0, '127.0.0.1', () => {
        const client = new KinesisVideoClient({
          endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/kinesisvideo`,
          region: 'eu-west-1',
          credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
        });
        client.send(new DescribeSignalingChannelCommand({ ChannelName: 'door' })).catch(reject).finally(() => client.destroy());
      });
    });
  }

  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

  test("the SDK keeps an endpoint's path and signs it", async () => {
    const { method, url, headers, body } = await sent();
    expect(url).toBe('/kinesisvideo/describeSignalingChannel');

    const [, date, signedHeaders, signature] = /\/(\d{8})\/.*SignedHeaders=([^,]+), Signature=(\w+)/.exec(headers.authorization!)!;
    const canonicalHeaders = signedHeaders.split(';').map(name => `${name}:${headers[name]}\n`).join('');
    const canonicalRequest = [method, url, '', canonicalHeaders, signedHeaders, hash(body)].join('\n');
    const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], `${date}/eu-west-1/kinesisvideo/aws4_request`, hash(canonicalRequest)].join('\n');
    const key = hmac(hmac(hmac(hmac('AWS4secret', date), 'eu-west-1'), 'kinesisvideo'), 'aws4_request');
    expect(hmac(key, toSign).toString('hex')).toBe(signature);
  });

  test('an unsigned request is refused', async () => {
    const { server } = await start();
    const response = await fetch(`${server.endpoint('kinesisvideo')}/describeSignalingChannel`, { method: 'POST', body: '{"ChannelName":"door"}' });
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([403, 'MissingAuthenticationTokenException']);
  });

  test('a request signed for another service is refused', async () => {
    expect(await answer([serviceOf('ivs-realtime', {})], { method: 'GET', path: '/ivs-realtime/tags/x', signing: 'ivsrealtime' }))
      .toMatchObject({ status: 403, headers: { 'x-amzn-errortype': 'InvalidSignatureException' } });
  });
});

describe('routing', () => {
  const everyOperation = Object.entries(models).flatMap(([service, model]) => Object.keys(model.operations).map(operation => [service, operation]));

  test.each(everyOperation)('%s %s is found at its own URI', (service, name) => {
    const model = models[service];
    const { method, requestUri } = model.operations[name].http;
    const [path, query] = requestUri.replace(/\{\w+\}/g, 'value').split('?');
    const parsed = Object.fromEntries([...new URLSearchParams(query)].map(([key, value]) => [key, [value]]));
    expect(findRoute(model, method, path, parsed)?.operation.name).toBe(name);
  });

  test('a label may hold an encoded slash', () => {
    const arn = 'arn:aws:ivs:us-east-1:000000000000:ingest-configuration/abc';
    expect(findRoute(models['ivs-realtime'], 'GET', `/tags/${encodeURIComponent(arn)}`, {})?.labels).toEqual({ resourceArn: arn });
  });

  test.each([['GET', '/createSignalingChannel'], ['POST', '/createSignalingChannels'], ['POST', '/a/createSignalingChannel']])('%s %s is no operation', (method, path) => {
    expect(findRoute(models.kinesisvideo, method, path, {})).toBeUndefined();
  });

  test('a service is chosen by the path, though three share a signing name', async () => {
    const services = [
      serviceOf('chime', { GetMeeting: () => ({ Meeting: { MeetingId: 'legacy' } }) }),
      serviceOf('chime-sdk-meetings', { GetMeeting: () => ({ Meeting: { MeetingId: 'new' } }) }),
    ];
    expect((await answer(services, { method: 'GET', path: '/chime/meetings/11111111-1111-1111-1111-111111111111' })).body.Meeting.MeetingId).toBe('legacy');
    expect((await answer(services, { method: 'GET', path: '/chime-sdk-meetings/meetings/11111111-1111-1111-1111-111111111111' })).body.Meeting.MeetingId)
      .toBe('new');
  });

  test.each([['/nothing/x', 'UnknownService'], ['/chime/nothing', 'UnknownOperationException']])('%s answers 404 %s', async (path, error) => {
    expect(await answer([serviceOf('chime', {})], { method: 'GET', path })).toMatchObject({ status: 404, headers: { 'x-amzn-errortype': error } });
  });

  test('an operation of the model that the emulator doesn\'t implement is unknown', async () => {
    const services = [serviceOf('chime', { GetMeeting: () => ({}), DeleteMeeting: () => ({}) })];
    expect(await answer(services, { method: 'GET', path: '/chime/meetings' })).toMatchObject({
      status: 404, body: { message: "The emulator of chime doesn't support GET /meetings. It supports DeleteMeeting, GetMeeting." },
    });
  });
});

describe('REST-JSON', () => {
  test('labels, query and body make the input', async () => {
    const seen: unknown[] = [];
    const remember = (input: unknown) => { seen.push(input); return {}; };
    const services = [
      serviceOf('chime-sdk-meetings', { ListAttendees: remember, CreateAttendee: remember }),
      serviceOf('ivs-realtime', { UntagResource: remember }, { ignoredPatterns: ['ResourceArn'] }),
    ];
    const meeting = '11111111-1111-1111-1111-111111111111';
    await answer(services, { method: 'GET', path: `/chime-sdk-meetings/meetings/${meeting}/attendees`, query: { 'max-results': '7', 'next-token': 'n' } });
    await answer(services, { method: 'POST', path: `/chime-sdk-meetings/meetings/${meeting}/attendees`, body: '{"ExternalUserId":"alice"}' });
    await answer(services, { method: 'DELETE', path: '/ivs-realtime/tags/arn%3Aaws%3Aivs?tagKeys=a&tagKeys=b', signing: 'ivs' });
    expect(seen).toEqual([
      { MeetingId: meeting, MaxResults: 7, NextToken: 'n' },
      { MeetingId: meeting, ExternalUserId: 'alice' },
      { resourceArn: 'arn:aws:ivs', tagKeys: ['a', 'b'] },
    ]);
  });

  test('a query parameter of the wrong type is refused', async () => {
    const services = [serviceOf('chime-sdk-meetings', { ListAttendees: () => ({}) })];
    expect(await answer(services, {
      method: 'GET', path: '/chime-sdk-meetings/meetings/11111111-1111-1111-1111-111111111111/attendees', query: { 'max-results': 'seven' },
    })).toMatchObject({ status: 400, headers: { 'x-amzn-errortype': 'BadRequestException' } });
  });

  test.each([
    ['chime-sdk-meetings', 'POST', '/meetings', 'CreateMeeting', '{"ClientRequestToken":"ab","MediaRegion":"eu-west-1","ExternalMeetingId":"ab"}', 200],
    ['chime', 'POST', '/meetings', 'CreateMeeting', '{"ClientRequestToken":"ab"}', 201],
    ['chime', 'DELETE', '/meetings/11111111-1111-1111-1111-111111111111', 'DeleteMeeting', '', 204],
  ])('%s %s %s answers the status of the model', async (service, method, path, operation, body, status) => {
    expect((await answer([serviceOf(service, { [operation]: () => ({}) })], { method, path: `/${service}${path}`, body })).status).toBe(status);
  });

  test('dates travel as the model says', async () => {
    const CreatedTimestamp = new Date('2026-01-01T00:00:00Z');
    const id = 'abcdefghijklmnopqrstu1';
    const { body } = await answer([serviceOf('chime-sdk-voice', { GetVoiceConnector: () => ({ VoiceConnector: { CreatedTimestamp } }) })],
      { method: 'GET', path: `/chime-sdk-voice/voice-connectors/${id}` });
    expect(body).toEqual({ VoiceConnector: { CreatedTimestamp: '2026-01-01T00:00:00.000Z' } });
  });

  test('an error has the status and the text member of its model', async () => {
    const services = [serviceOf('ivs-realtime', {
      GetIngestConfiguration: () => { throw new ServiceError('ResourceNotFoundException', 'gone'); },
    })];
    expect(await answer(services, {
      method: 'POST', path: '/ivs-realtime/GetIngestConfiguration', signing: 'ivs', body: '{"arn":"arn:aws:ivs:us-east-1:0:ingest-configuration/a"}',
    })).toMatchObject({ status: 404, headers: { 'x-amzn-errortype': 'ResourceNotFoundException' }, body: { exceptionMessage: 'gone' } });
  });

  test.each([['{', 'not valid JSON'], ['[]', 'not a JSON object']])('the body %s is refused', async (body, message) => {
    expect(await answer([serviceOf('kinesisvideo', { CreateSignalingChannel: () => ({}) })],
      { method: 'POST', path: '/kinesisvideo/createSignalingChannel', signing: 'kinesisvideo', body }))
      .toMatchObject({ status: 400, headers: { 'x-amzn-errortype': 'SerializationException' }, body: { message: expect.stringContaining(message) } });
  });

  test('an answer that the model does not know is a defect of the emulator', async () => {
    await expect(answer([serviceOf('chime-sdk-meetings', { GetMeeting: () => ({ Meeting: { Colour: 'red' } }) })],
      { method: 'GET', path: '/chime-sdk-meetings/meetings/11111111-1111-1111-1111-111111111111' })).rejects.toThrow('Member is unknown');
  });
});

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { invokeAsynchronously } from '../../lambda/chime-sdk-meetings/meeting-pool/invoke';
import { poolMetrics } from '../../lambda/chime-sdk-meetings/meeting-pool/metrics';
import { tableClient } from '../../lambda/chime-sdk-meetings/meeting-pool/table';
import { closed, waitWithoutLimit } from '../http-server';

test('metrics have the pool as their only dimension', () => {
  const lines: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  const metrics = poolMetrics('rooms');
  metrics.checkedOut({ milliseconds: 42, emptyPool: true });
  metrics.maintained({ ready: 3, leased: 2, remainingQuota: 245, ended: 1, refillErrors: 0 });
  write.mockRestore();
  const [checkout, maintenance] = lines.map((line) => JSON.parse(line));
  const units = ({ _aws }: any) =>
    Object.fromEntries(_aws.CloudWatchMetrics[0].Metrics.map(({ Name, Unit }: { Name: string; Unit: string }) => [Name, Unit]));
  for (const { _aws } of [checkout, maintenance]) expect(_aws.CloudWatchMetrics).toEqual([{ Namespace: 'CdkRtc', Dimensions: [['PoolName']], Metrics: expect.any(Array) }]);
  expect(units(checkout)).toEqual({ Checkouts: 'Count', EmptyPoolCheckouts: 'Count', CheckoutLatency: 'Milliseconds' });
  expect(units(maintenance)).toEqual({ ReadyMeetings: 'Count', LeasedMeetings: 'Count', RemainingMeetingQuota: 'Count', EndedMeetings: 'Count', RefillErrors: 'Count' });
  expect(checkout).toMatchObject({ PoolName: 'rooms', Checkouts: 1, EmptyPoolCheckouts: 1, CheckoutLatency: 42 });
  expect(maintenance).toMatchObject({ PoolName: 'rooms', ReadyMeetings: 3, LeasedMeetings: 2, RemainingMeetingQuota: 245, EndedMeetings: 1, RefillErrors: 0 });
});

test('metrics of a pool with reserved attendees have their numbers', () => {
  const lines: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  const metrics = poolMetrics('rooms');
  metrics.checkedOut({ milliseconds: 42, emptyPool: false, createdAttendees: 2 });
  metrics.maintained({ ready: 3, leased: 2, remainingQuota: 245, ended: 1, refillErrors: 0, reservedAttendees: 6 });
  write.mockRestore();
  const [checkout, maintenance] = lines.map((line) => JSON.parse(line));
  expect([checkout.CreatedAttendees, maintenance.ReservedAttendees]).toEqual([2, 6]);
});

describe('invoking the maintainer', () => {
  const requests: IncomingMessage[] = [];
  let status = 202;
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(request);
      response.writeHead(status).end(status === 202 ? '' : '{"Message":"Rate Exceeded."}');
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session',
    });
  });
  afterAll(async () => {
    delete process.env.AWS_ENDPOINT_URL_LAMBDA;
    delete process.env.AWS_SESSION_TOKEN;
    await closed(server);
  });
  beforeEach(() => { waitWithoutLimit(); });
  afterEach(() => { jest.restoreAllMocks(); });

  test('sends one signed asynchronous request', async () => {
    await invokeAsynchronously(tableClient('eu-west-1') as never, 'Stack-Maintainer-1');
    const [{ method, url, headers }] = requests;
    expect({ method, url }).toEqual({ method: 'POST', url: '/2015-03-31/functions/Stack-Maintainer-1/invocations' });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '2',
      'x-amz-invocation-type': 'Event',
      'x-amz-security-token': 'session',
      'authorization': expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-west-1\/lambda\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/),
    });
  });

  test('fails if the request is refused', async () => {
    status = 429;
    await expect(invokeAsynchronously(tableClient('eu-west-1') as never, 'f')).rejects.toMatchObject({ name: 'LambdaError429', message: '{"Message":"Rate Exceeded."}' });
  });
});

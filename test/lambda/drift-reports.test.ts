import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { driftReports, type DriftSummary } from '../../lambda/drift-monitor/reports';
import { deploymentsOf } from '../../lambda/drift-monitor/stack';
import { closed, waitWithoutLimit } from '../http-server';

const STACK = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/Doorbells/1';
const requests: { headers: IncomingHttpHeaders; body: string }[] = [];
let answer = '';
let status = 200;
let server: Server;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ headers: request.headers, body });
    response.writeHead(status).end(answer);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, { AWS_ENDPOINT_URL_EVENTBRIDGE: url, AWS_ENDPOINT_URL_CLOUDFORMATION: url, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
});
beforeEach(() => {
  requests.length = 0;
  status = 200;
  waitWithoutLimit();
});
afterEach(() => { jest.restoreAllMocks(); });
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_EVENTBRIDGE;
  delete process.env.AWS_ENDPOINT_URL_CLOUDFORMATION;
  await closed(server);
});

const drifted = (logicalResourceId: string): DriftSummary['drifted'][number] => ({
  stackId: STACK,
  logicalResourceId,
  physicalResourceId: `arn:${logicalResourceId}`,
  resourceType: 'Custom::RtcSignalingChannel',
  driftStatus: 'MODIFIED',
  propertyDifferences: [{ propertyPath: '/MessageTtlSeconds', expectedValue: '30', actualValue: '10' }],
});

async function published(summary: Partial<DriftSummary>): Promise<any> {
  const lines: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  try {
    await driftReports({ region: 'eu-west-1', functionName: 'Monitor-1' }).publish({ observed: 3, drifted: [], unobserved: [], ...summary });
  } finally {
    write.mockRestore();
  }
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0]);
}

test('two metrics by the function alone, also where nothing has drifted', async () => {
  const line = await published({ unobserved: [{ logicalResourceId: 'A', reason: 'denied' }] });
  expect(line).toMatchObject({ FunctionName: 'Monitor-1', DriftedResources: 0, UnobservedResources: 1 });
  expect(line._aws.CloudWatchMetrics).toEqual([{
    Namespace: 'CdkRtc', Dimensions: [['FunctionName']], Metrics: [{ Name: 'DriftedResources', Unit: 'Count' }, { Name: 'UnobservedResources', Unit: 'Count' }],
  }]);
  expect(requests).toEqual([]);
});

test('a signed event for each drifted resource', async () => {
  answer = '{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}';
  expect(await published({ drifted: [drifted('Front'), drifted('Back')] })).toMatchObject({ DriftedResources: 2 });
  expect(requests).toHaveLength(2);
  for (const [index, { headers, body }] of requests.entries()) {
    expect(headers).toMatchObject({
      'x-amz-target': 'AWSEvents.PutEvents',
      'content-type': 'application/x-amz-json-1.1',
      'authorization': expect.stringMatching(/Credential=key\/\d{8}\/eu-west-1\/events\/aws4_request, .*Signature=[0-9a-f]{64}$/),
    });
    const [{ Detail, ...entry }] = JSON.parse(body).Entries;
    expect(entry).toEqual({ Source: 'cdk-rtc', DetailType: 'RTC Resource Drift', Resources: [STACK] });
    expect(JSON.parse(Detail)).toEqual({ monitorFunctionName: 'Monitor-1', ...drifted(['Front', 'Back'][index]) });
  }
});

test('an event that is refused fails the run, after the metrics', async () => {
  answer = '{"FailedEntryCount":1,"Entries":[{"ErrorCode":"ThrottlingException","ErrorMessage":"slow down"}]}';
  await expect(published({ drifted: [drifted('Front')] })).rejects.toMatchObject({ name: 'ThrottlingException', message: 'slow down' });
});

test('the state of the stack, and when it was updated', async () => {
  const xml = (content: string) => `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>${content}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
  answer = xml('<StackStatus>UPDATE_COMPLETE_CLEANUP_IN_PROGRESS</StackStatus><LastUpdatedTime>2026-11-21T10:00:00Z</LastUpdatedTime>');
  const { last } = deploymentsOf('eu-west-1');
  expect(await last(STACK)).toEqual({ status: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', isUnderWay: true, updatedAt: '2026-11-21T10:00:00Z' });
  expect(Object.fromEntries(new URLSearchParams(requests[0].body))).toEqual({ Action: 'DescribeStacks', Version: '2010-05-15', StackName: STACK });
  answer = xml('<StackStatus>CREATE_COMPLETE</StackStatus>');
  expect(await last(STACK)).toEqual({ status: 'CREATE_COMPLETE', isUnderWay: false, updatedAt: '' });
  expect(requests[0].headers['content-type']).toBe('application/x-www-form-urlencoded');
  answer = '<DescribeStacksResponse/>';
  await expect(last(STACK)).rejects.toThrow(`DescribeStacks: the response contains no status of ${STACK}`);
  status = 403;
  await expect(last(STACK)).rejects.toMatchObject({ name: 'CloudFormationError403' });
});

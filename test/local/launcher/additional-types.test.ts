import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CreateFunctionCommand, GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { inlineFunction, Sandbox } from './sandbox';
import { Emulator, startServer, type RunningServer } from '../../../local/emulator';
import { localCloudPage, PAGE } from '../../../scripts/local-cloud-page';
import { eventually } from '../../eventually';

let emulator: Emulator;
let server: RunningServer;
let sandbox: Sandbox;
beforeAll(async () => {
  emulator = new Emulator();
  server = await startServer(emulator);
  // No package index: no test may need the network.
  const npm = { npm_config_registry: 'http://127.0.0.1:1', npm_config_fetch_retries: '0' };
  sandbox = await Sandbox.start({ emulatorUrl: server.url, environment: { LAUNCHER_NPM_ENVIRONMENT: JSON.stringify(npm) } });
});
afterAll(async () => {
  await sandbox?.stop();
  await server.close();
});

const RULE_ROLE = 'arn:aws:iam::000000000000:role/device';

/** The reasons of the resources that failed. */
async function failures(stackName: string, resources: Record<string, unknown>): Promise<string[]> {
  const { fullEvents } = await sandbox.create(stackName, resources);
  await sandbox.delete(stackName);
  return fullEvents.filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED').map(({ ResourceStatusReason }) => ResourceStatusReason!)
    .filter((reason) => !/cancelled|failed to create/.test(reason));
}

async function outputsOf(stackName: string): Promise<Record<string, string>> {
  const { Stacks: [{ Outputs = [] }] = [] as never } = await sandbox.cfn.describeStacks({ StackName: stackName });
  return Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue!]));
}

/** An answer of ministack's JSON protocols. */
async function call(service: string, target: string, body: object): Promise<any> {
  const response = await fetch(sandbox.cloud.url, {
    method: 'POST',
    headers: {
      'authorization': `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
    },
    body: JSON.stringify(body),
  });
  return response.json();
}

const describeAlarm = async (AlarmNames: string[]) => (await call('monitoring', 'GraniteServiceVersion20100801.DescribeAlarms', { AlarmNames })).MetricAlarms;

describe('AWS::CloudWatch::Alarm with metric math', () => {
  const queries = [
    { Id: 'rate', Expression: 'errors / calls', ReturnData: true },
    { Id: 'errors', MetricStat: { Metric: { Namespace: 'App', MetricName: 'Errors' }, Period: 60, Stat: 'Sum' }, ReturnData: false },
    { Id: 'calls', MetricStat: { Metric: { Namespace: 'App', MetricName: 'Calls' }, Period: 60, Stat: 'Sum' }, ReturnData: false },
  ];
  const alarm = (properties: object) => ({
    Type: 'AWS::CloudWatch::Alarm', Properties: { ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, ...properties },
  });

  test('is created with its queries, updated in place, and deleted', async () => {
    const stack = (Threshold: number) => ({ Alarm: alarm({ AlarmName: 'rate', Metrics: queries, Threshold }) });
    expect((await sandbox.create('metric-math', stack(1))).status).toBe('CREATE_COMPLETE');
    expect(await describeAlarm(['rate'])).toEqual([expect.objectContaining({ Metrics: queries, Threshold: 1, StateValue: 'INSUFFICIENT_DATA' })]);
    expect((await sandbox.update('metric-math', stack(2))).status).toBe('UPDATE_COMPLETE');
    const [updated] = await describeAlarm(['rate']);
    expect(updated).toMatchObject({ Metrics: queries, Threshold: 2 });
    expect(updated.MetricName).toBeUndefined();
    expect((await sandbox.delete('metric-math')).status).toBe('DELETE_COMPLETE');
    expect(await describeAlarm(['rate'])).toEqual([]);
  });

  test('can compare with an anomaly detection band', async () => {
    const band = [{ ...queries[1], ReturnData: true }, { Id: 'band', Expression: 'ANOMALY_DETECTION_BAND(errors)', ReturnData: true }];
    expect((await sandbox.create('band', { Alarm: alarm({ AlarmName: 'band', Metrics: band, ThresholdMetricId: 'band' }) })).status).toBe('CREATE_COMPLETE');
    expect(await describeAlarm(['band'])).toEqual([expect.objectContaining({ ThresholdMetricId: 'band' })]);
    await sandbox.delete('band');
  });

  test.each([
    ['a metric in addition', { Metrics: queries, Threshold: 1, MetricName: 'Errors' }, 'MetricName: must not be specified together with Metrics'],
    ['no threshold', { Metrics: queries }, 'Threshold: specify either Threshold or ThresholdMetricId'],
    ['no query that returns data', { Metrics: queries.slice(1), Threshold: 1 }, 'exactly one query must have ReturnData true, but 0 have'],
    ['two queries of one Id', { Metrics: [queries[0], queries[0]], Threshold: 1 }, 'each query must have an Id of its own'],
    ['a query with neither expression nor metric', { Metrics: [{ Id: 'x' }], Threshold: 1 }, 'Metrics x: specify either Expression or MetricStat'],
  ])('is rejected with %s', async (name, properties, reason) => {
    expect(await failures(`alarm-${name.replace(/\W/g, '-')}`, { Alarm: alarm(properties) })).toEqual([expect.stringContaining(reason)]);
  });
});

describe('AWS::IoT::RoleAlias', () => {
  const stack = (properties: object) => ({
    Alias: { Type: 'AWS::IoT::RoleAlias', Properties: { RoleAlias: 'camera', RoleArn: RULE_ROLE, ...properties } },
    Outputs: { Ref: { Value: { Ref: 'Alias' } }, Arn: { Value: { 'Fn::GetAtt': ['Alias', 'RoleAliasArn'] } } },
  });

  test('is created, updated in place, replaced by a change of its name, and deleted', async () => {
    expect((await sandbox.create('alias', stack({}))).status).toBe('CREATE_COMPLETE');
    expect(await outputsOf('alias')).toEqual({ Ref: 'camera', Arn: 'arn:aws:iot:us-east-1:000000000000:rolealias/camera' });
    expect((await sandbox.update('alias', stack({ CredentialDurationSeconds: 900 }))).status).toBe('UPDATE_COMPLETE');
    expect((await outputsOf('alias')).Ref).toBe('camera');
    expect((await sandbox.update('alias', stack({ RoleAlias: 'door' }))).status).toBe('UPDATE_COMPLETE');
    expect((await outputsOf('alias')).Ref).toBe('door');
    expect(await failures('alias-again', stack({ RoleAlias: 'door' }))).toEqual(['AWS::IoT::RoleAlias RoleAlias door: already exists']);
    expect((await sandbox.delete('alias')).status).toBe('DELETE_COMPLETE');
    expect((await sandbox.create('alias-after', stack({ RoleAlias: 'door' }))).status).toBe('CREATE_COMPLETE');
    await sandbox.delete('alias-after');
  });

  test.each([
    ['name', { RoleAlias: 'a b' }, 'RoleAlias a b: must have 1 to 128 letters'],
    ['role', { RoleArn: 'device' }, 'RoleArn device: must be the ARN of a role'],
    ['duration', { CredentialDurationSeconds: 60 }, 'CredentialDurationSeconds 60: must be 900 to 43200'],
  ])('is rejected with an invalid %s', async (name, properties, reason) => {
    expect(await failures(`alias-${name}`, stack(properties))).toEqual([expect.stringContaining(reason)]);
  });
});

describe('a NAT gateway with an Elastic IP address', () => {
  const network = {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
    Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' } },
  };
  const gateway = (AllocationId: unknown) => ({
    ...network,
    Address: { Type: 'AWS::EC2::EIP', Properties: { Domain: 'vpc' } },
    Gateway: { Type: 'AWS::EC2::NatGateway', Properties: { SubnetId: { Ref: 'Subnet' }, AllocationId } },
    Outputs: { Address: { Value: { Ref: 'Address' } }, Gateway: { Value: { 'Fn::GetAtt': ['Gateway', 'NatGatewayId'] } } },
  });

  test('is created and deleted', async () => {
    expect((await sandbox.create('nat', gateway({ 'Fn::GetAtt': ['Address', 'AllocationId'] }))).status).toBe('CREATE_COMPLETE');
    expect(await outputsOf('nat')).toEqual({ Address: expect.stringMatching(/^52(\.\d+){3}$/), Gateway: expect.stringMatching(/^nat-[0-9a-f]{17}$/i) });
    expect((await sandbox.delete('nat')).status).toBe('DELETE_COMPLETE');
  });

  test('needs an address that exists', async () => {
    expect(await failures('nat-rejected', gateway('eipalloc-1'))).toEqual(['AWS::EC2::NatGateway AllocationId eipalloc-1: there is no such Elastic IP address']);
  });
});

test('the documentation lists what the local cloud supports', async () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(localCloudPage(await sandbox.cloud.supported()));
});

test('a resource type that is not supported is rejected by its name, before anything is created', async () => {
  await expect(sandbox.create('unknown-type', { Thing: { Type: 'AWS::Connect::Instance', Properties: {} } }))
    .rejects.toThrow('Unrecognized resource types: [AWS::Connect::Instance]');
});

test('an operation of a service that is not supported is rejected by its name', async () => {
  const response = await fetch(`${sandbox.cloud.url}/channels`, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ivschat/aws4_request, SignedHeaders=host, Signature=0' },
    body: '{}',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    message: "The local cloud doesn't support POST /channels of the service ivschat. See the supported operations in docs/local-cloud-support.md.",
  });
});

describe('events of AWS services', () => {
  const event = { source: 'aws.chime', detailType: 'Chime Meeting State Change', detail: { eventType: 'chime:MeetingEnded' } };

  test('reach the function of a rule that matches, which PutEvents cannot do', async () => {
    const code = 'exports.handler = async ({ detail }) => { console.log(`received ${detail.eventType}`); };';
    await sandbox.create('rule', {
      ...inlineFunction('Fn', code),
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Name: 'meetings',
          EventPattern: { 'source': ['aws.chime'], 'detail-type': ['Chime Meeting State Change'] },
          Targets: [{ Id: 'Fn', Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] } }],
        },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: { Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Fn' }, Principal: 'events.amazonaws.com', SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] } },
      },
    });
    const before = (await sandbox.cloud.invocations()).at(-1)?.id ?? 0;
    expect(await sandbox.cloud.emitEvent(event)).toEqual(['meetings']);
    const [invocation] = await eventually(async () => {
      const all = await sandbox.cloud.invocations(before);
      return all.length > 0 && all.every(({ endedAt }) => endedAt) && all;
    });
    expect(invocation).toMatchObject({ functionName: expect.stringMatching(/^rule-Fn-/), outcome: 'SUCCESS' });
    expect(await sandbox.cloud.emitEvent({ ...event, source: 'aws.ivs' })).toEqual([]);
    const { Entries: [entry] } = await call('events', 'AWSEvents.PutEvents', {
      Entries: [{ Source: event.source, DetailType: event.detailType, Detail: JSON.stringify(event.detail) }],
    });
    expect(entry).toMatchObject({ ErrorCode: 'NotAuthorizedForSourceException' });
    await sandbox.delete('rule');
  });

  test('need a source, a detail type, and a detail', async () => {
    await expect(sandbox.cloud.emitEvent({ ...event, source: '' })).rejects.toThrow('source: needed for an event');
  });

  test.each(['{"source": ', '[]', ''])('need a JSON object: %s', async (body) => {
    const response = await fetch(`${sandbox.cloud.url}/_ministack/events`, { method: 'POST', body });
    expect([response.status, await response.json()]).toEqual([400, { message: 'The body must be a JSON object with source, detailType, and detail.' }]);
  });
});

describe('packages of the Lambda runtimes', () => {
  /** A function that returns the result of the code; `detail` has its error. */
  async function result(stackName: string, code: string, properties: object = {}): Promise<unknown> {
    const resources = inlineFunction('Fn', code, [{ Effect: 'Allow', Action: 'kinesisvideo:*', Resource: '*' }]);
    Object.assign(resources.Fn.Properties, properties);
    await sandbox.create(stackName, { ...resources, Outputs: { Name: { Value: { Ref: 'Fn' } } } });
    try {
      return await sandbox.cloud.invoke((await outputsOf(stackName)).Name, {});
    } finally {
      await sandbox.delete(stackName);
    }
  }

  test('a Node.js function finds clients of the AWS SDK that it doesn\'t contain, and reaches the emulators with them', async () => {
    const code = `const { KinesisVideo } = require('@aws-sdk/client-kinesis-video');
      exports.handler = async () => (await new KinesisVideo({}).listSignalingChannels({})).ChannelInfoList;`;
    expect(await result('node-sdk', code)).toEqual([]);
  });

  test('an ECMAScript module finds them, too', async () => {
    const zip = execFileSync('python3', ['-c', `
import base64, io, zipfile
data = io.BytesIO()
with zipfile.ZipFile(data, 'w') as code:
    code.writestr('index.mjs', "import { KinesisVideo } from '@aws-sdk/client-kinesis-video'; export const handler = async () => (await new KinesisVideo({}).listSignalingChannels({})).ChannelInfoList;")
print(base64.b64encode(data.getvalue()).decode())
`], { encoding: 'utf8' });
    const client = new LambdaClient({ endpoint: sandbox.cloud.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    await sandbox.create('esm-role', { Outputs: { Role: { Value: { 'Fn::GetAtt': ['FnRole', 'Arn'] } } }, ...inlineFunction('Fn', '', [{ Effect: 'Allow', Action: 'kinesisvideo:*', Resource: '*' }]) });
    await client.send(new CreateFunctionCommand({
      FunctionName: 'esm', Runtime: 'nodejs22.x', Handler: 'index.handler', Role: (await outputsOf('esm-role')).Role, Code: { ZipFile: Buffer.from(zip, 'base64') },
    }));
    await eventually(async () => (await client.send(new GetFunctionCommand({ FunctionName: 'esm' }))).Configuration?.State === 'Active');
    expect(await sandbox.cloud.invoke('esm', {})).toEqual([]);
    client.destroy();
    await sandbox.delete('esm-role');
  });

  test('a Python function finds boto3, and reaches the emulators with it', async () => {
    const code = `import boto3
def handler(event, context):
    return boto3.client('kinesisvideo').list_signaling_channels()['ChannelInfoList']`;
    expect(await result('boto3', code, { Runtime: 'python3.13', Handler: 'index.handler' })).toEqual([]);
  });

  test('a client that cannot be installed is named', async () => {
    await expect(result('no-client', "require('@aws-sdk/client-no-such-service'); exports.handler = async () => 1;"))
      .rejects.toThrow(/@aws-sdk\/client-no-such-service is part of the Node.js runtimes of Lambda, but couldn't be installed/);
  });
});

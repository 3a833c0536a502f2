import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { CreateSecretCommand, GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { inlineFunction, isAlive, Sandbox, SCRIPTED_PROVIDER, scripted } from './sandbox';
import { callFunctionUrl, createCaller } from '../../../local/launcher/function-url';
import { startLocalCloud } from '../../../local/launcher/local-cloud';
import { eventually } from '../../eventually';
import { otherAddresses } from '../../http-server';

/** The processes of a cloud: ministack and its functions are one process group. */
function processesOf(pid: number): number[] {
  return execFileSync('ps', ['-eo', 'pid=,pgid='], { encoding: 'utf8' }).trim().split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, group]) => group === pid).map(([own]) => own).filter(isAlive);
}

/** 20 lines that stand for the emulator's control route. */
class FakeEmulator {
  public readonly requests: Record<string, any>[] = [];
  public refuse?: string;
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      this.requests.push({ path: request.url, ...body });
      const refused = this.refuse && body.action === 'create';
      response.writeHead(refused ? 400 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(refused
        ? { message: this.refuse }
        : { physicalId: body.physicalId ?? `physical-${body.logicalId}`, attributes: { Arn: `arn:of:${body.logicalId}` } }));
    });
  });

  public async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

describe('a running cloud', () => {
  const emulator = new FakeEmulator();
  let emulatorUrl: string;
  let sandbox: Sandbox;
  beforeAll(async () => {
    emulatorUrl = await emulator.start();
    // The user's own profile. The cloud computes its environment when it starts.
    const environment = jest.replaceProperty(process, 'env', { ...process.env, AWS_PROFILE: 'production' });
    sandbox = await Sandbox.start({ emulatorUrl }).finally(() => environment.restore());
  });
  afterAll(async () => {
    await sandbox?.stop();
    await emulator.stop();
  });

  describe('hands resource types that ministack lacks to the emulator', () => {
    const types = [
      'AWS::Chime::VoiceConnector', 'AWS::IVS::Stage', 'AWS::IVS::StorageConfiguration', 'AWS::KinesisVideo::SignalingChannel', 'AWS::KinesisVideo::Stream',
    ];

    test.each(types)('%s: create, update, delete', async (type) => {
      const name = type.replaceAll('::', '-');
      const stack = (Name: string) => ({
        Thing: { Type: type, Properties: { Name } },
        Outputs: { Ref: { Value: { Ref: 'Thing' } }, Arn: { Value: { 'Fn::GetAtt': ['Thing', 'Arn'] } } },
      });
      emulator.requests.length = 0;
      expect((await sandbox.create(name, stack('one'))).status).toBe('CREATE_COMPLETE');
      expect((await sandbox.update(name, stack('two'))).status).toBe('UPDATE_COMPLETE');
      const { Stacks: [{ Outputs: outputs, StackId }] = [] as never } = await sandbox.cfn.describeStacks({ StackName: name });
      expect(Object.fromEntries(outputs!.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])))
        .toEqual({ Ref: 'physical-Thing', Arn: 'arn:of:Thing' });
      expect((await sandbox.delete(name)).status).toBe('DELETE_COMPLETE');
      const common = { path: '/_cloud/resources', type, account: '000000000000', region: 'us-east-1', logicalId: 'Thing', stackId: StackId };
      expect(emulator.requests).toEqual([
        { ...common, action: 'create', properties: { Name: 'one' } },
        { ...common, action: 'update', properties: { Name: 'two' }, oldProperties: { Name: 'one' }, physicalId: 'physical-Thing' },
        { ...common, action: 'delete', properties: { Name: 'two' }, physicalId: 'physical-Thing' },
      ]);
    });

    test('a refusal fails the resource with the emulator\'s sentence', async () => {
      emulator.refuse = 'A stage of this name exists already.';
      const { status, fullEvents } = await sandbox.create('refused', { Thing: { Type: types[1], Properties: {} } });
      emulator.refuse = undefined;
      expect(status).toBe('ROLLBACK_COMPLETE');
      expect(fullEvents.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason)
        .toBe('A stage of this name exists already.');
    });
  });

  describe('knows who calls', () => {
    const statement = (Action: string) => ({ Effect: 'Allow', Action, Resource: '*' });
    const keyOf = async (stackName: string) => {
      const [{ answer }] = await sandbox.journal(stackName);
      return JSON.parse(answer!.body).Data.AccessKeyId as string;
    };
    const stack = (roleProps: object = {}) => ({
      ...inlineFunction('Fn', SCRIPTED_PROVIDER, [statement('ivs:ListStages')], roleProps),
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'extra',
          Roles: [{ Ref: 'FnRole' }],
          PolicyDocument: { Version: '2012-10-17', Statement: [statement('ivs:GetStage')] },
        },
      },
      Thing: scripted({}, { props: { ServiceToken: { 'Fn::GetAtt': ['Fn', 'Arn'] } }, dependsOn: ['Policy'] }),
    });

    test('the user that signed the request to the URL of a function, which the function receives', async () => {
      const code = 'exports.handler = async ({ requestContext }) => ({ statusCode: 200, body: JSON.stringify(requestContext.authorizer.iam) });';
      await sandbox.create('url', {
        ...inlineFunction('Fn', code),
        Url: { Type: 'AWS::Lambda::Url', Properties: { TargetFunctionArn: { 'Fn::GetAtt': ['Fn', 'Arn'] }, AuthType: 'AWS_IAM' } },
        Outputs: { Url: { Value: { 'Fn::GetAtt': ['Url', 'FunctionUrl'] } } },
      });
      const { Stacks: [{ Outputs: outputs }] = [] as never } = await sandbox.cfn.describeStacks({ StackName: 'url' });
      const { Url } = Object.fromEntries(outputs!.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue!]));
      const alice = await createCaller(sandbox.cloud, 'alice');
      expect(JSON.parse(await callFunctionUrl(sandbox.cloud, Url, '/', alice))).toMatchObject({
        accessKey: alice.accessKeyId, accountId: '000000000000', userArn: 'arn:aws:iam::000000000000:user/alice', userId: expect.stringMatching(/^AIDA/),
      });
      await sandbox.delete('url');
    });

    test('a function by its role, with the inline and attached policies of that moment', async () => {
      const managed = {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { PolicyDocument: { Version: '2012-10-17', Statement: [statement('chime:*')] } },
      };
      await sandbox.create('caller', { Managed: managed, ...stack({ ManagedPolicyArns: [{ Ref: 'Managed' }] }) });
      const key = await keyOf('caller');
      const principal = await sandbox.cloud.principal(key) as Exclude<Awaited<ReturnType<typeof sandbox.cloud.principal>>, string>;
      expect(principal?.arn).toMatch(/^arn:aws:sts::000000000000:assumed-role\/caller-FnRole-\w+\/caller-Fn-\w+$/);
      expect(principal?.policies.flatMap(({ Statement }: any) => Statement)).toEqual(expect.arrayContaining([
        statement('ivs:ListStages'), statement('ivs:GetStage'), statement('chime:*'),
      ]));
      expect(principal?.boundary).toBeUndefined();
      expect(principal?.isRoleDeleted).toBeUndefined();

      await sandbox.delete('caller');
      expect(await sandbox.cloud.principal(key)).toMatchObject({ policies: [], isRoleDeleted: true });
    });

    test('a permissions boundary', async () => {
      const Boundary = {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { PolicyDocument: { Version: '2012-10-17', Statement: [statement('ivs:*')] } },
      };
      await sandbox.create('bounded', { Boundary, ...stack({ PermissionsBoundary: { Ref: 'Boundary' } }) });
      expect(await sandbox.cloud.principal(await keyOf('bounded'))).toMatchObject({ boundary: { Statement: [statement('ivs:*')] } });
    });

    test('the account itself, and an anonymous caller', async () => {
      expect(await sandbox.cloud.principal(sandbox.cloud.env.AWS_ACCESS_KEY_ID)).toBe('unrestricted');
      expect(await sandbox.cloud.principal('AKIAUNKNOWN')).toBeUndefined();
      expect((await fetch(`${sandbox.cloud.url}/_ministack/principal?accessKeyId=AKIAUNKNOWN`)).status).toBe(404);
    });
  });

  test('gives functions the emulator\'s endpoints', async () => {
    const code = `exports.handler = async (event) => fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify({
      Status: 'SUCCESS', PhysicalResourceId: 'x', StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId,
      Data: Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_ENDPOINT_URL'))),
    }) });`;
    await sandbox.create('endpoints', {
      ...inlineFunction('Fn', code),
      Thing: scripted({}, { props: { ServiceToken: { 'Fn::GetAtt': ['Fn', 'Arn'] } } }),
    });
    const [{ answer }] = await sandbox.journal('endpoints');
    expect(JSON.parse(answer!.body).Data).toEqual({
      AWS_ENDPOINT_URL: sandbox.cloud.url,
      AWS_ENDPOINT_URL_CHIME: `${emulatorUrl}/chime`,
      AWS_ENDPOINT_URL_CHIME_SDK_MEETINGS: `${emulatorUrl}/chime-sdk-meetings`,
      AWS_ENDPOINT_URL_CHIME_SDK_VOICE: `${emulatorUrl}/chime-sdk-voice`,
      AWS_ENDPOINT_URL_IVS_REALTIME: `${emulatorUrl}/ivs-realtime`,
      AWS_ENDPOINT_URL_KINESIS_VIDEO: `${emulatorUrl}/kinesisvideo`,
      AWS_ENDPOINT_URL_KINESIS_VIDEO_SIGNALING: `${emulatorUrl}/kinesis-video-signaling`,
    });
  });

  test('gives each invocation a trace id, by which its calls are known', async () => {
    const code = `exports.handler = async (event) => fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify({
      Status: 'SUCCESS', PhysicalResourceId: 'x', StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId,
      Data: { TraceId: process.env._X_AMZN_TRACE_ID },
    }) });`;
    const stack = (Secret: string) => ({
      ...inlineFunction('Fn', code),
      Thing: scripted({}, { props: { ServiceToken: { 'Fn::GetAtt': ['Fn', 'Arn'] }, Secret } }),
    });
    const before = (await sandbox.cloud.invocations()).at(-1)?.id;
    const { journal: [create] } = await sandbox.create('traced', stack('canary-1'));
    const { journal: [update] } = await sandbox.update('traced', stack('canary-2'));
    // A function may still run when CloudFormation has its answer.
    const invocations = await eventually(async () => {
      const all = await sandbox.cloud.invocations(before);
      return all.every(({ endedAt }) => endedAt) && all;
    });
    expect(invocations).toEqual([create, update].map(({ requestType, requestId, stackId, answer }) => ({
      id: expect.any(Number),
      requestId: expect.any(String),
      traceId: /^Root=(1-[0-9a-f]{8}-[0-9a-f]{24});Parent=[0-9a-f]{16};Sampled=0$/.exec(JSON.parse(answer!.body).Data.TraceId)![1],
      functionName: expect.stringMatching(/^traced-Fn-/),
      startedAt: expect.any(String),
      endedAt: expect.any(String),
      outcome: 'SUCCESS',
      stackId,
      logicalId: 'Thing',
      requestType,
      customResourceRequestId: requestId,
    })));
    expect(JSON.stringify(invocations)).not.toContain('canary');
    expect(new Set(invocations.map(({ traceId }) => traceId)).size).toBe(2);
  });

  test('keeps to the value that a token of PutSecretValue has first named', async () => {
    const client = new SecretsManagerClient({ endpoint: sandbox.cloud.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    const SecretId = (await client.send(new CreateSecretCommand({ Name: 'token' }))).ARN!;
    const put = (SecretString: string) => client.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken: 't'.repeat(64) }));
    await put('first');
    await expect(put('second')).rejects.toMatchObject({ name: 'ResourceExistsException' });
    await expect(put('first')).resolves.toMatchObject({ VersionId: 't'.repeat(64) });
    expect((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('first');
    client.destroy();
  });

  test('gives a secret its ARN as Ref, and updates and deletes it by that', async () => {
    const stack = (Description: string) => ({
      Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Description, SecretString: 'x' } },
      Thing: scripted({}, { props: { SecretRef: { Ref: 'Secret' }, Description } }),
    });
    const { journal: [{ properties }] } = await sandbox.create('secret', stack('one'));
    expect(properties.SecretRef).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:/);
    const updated = await sandbox.update('secret', stack('two'));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(updated.journal[0].properties.SecretRef).toBe(properties.SecretRef);
    expect((await sandbox.delete('secret')).status).toBe('DELETE_COMPLETE');
  });

  const queueArn = 'arn:aws:sqs:us-east-1:000000000000:failed';
  const topicArn = 'arn:aws:sns:us-east-1:000000000000:failed';

  test.each([
    ['a dead-letter queue', { DeadLetterConfig: { TargetArn: queueArn } }, 'sqs:SendMessage', queueArn, 'SendMessage on SQS'],
    ['a dead-letter topic', { DeadLetterConfig: { TargetArn: topicArn } }, 'sns:Publish', topicArn, 'Publish on SNS'],
    ['a VPC', { VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] } }, 'ec2:CreateNetworkInterface', '*', 'CreateNetworkInterface on EC2'],
    ['tracing', { TracingConfig: { Mode: 'Active' } }, 'xray:PutTraceSegments', '*', 'PutTraceSegments on XRAY'],
  ])('refuses a function whose role lacks the rights for %s, on update too', async (_, properties, Action, Resource, refused) => {
    const stack = (isAllowed: boolean, more: object) => {
      const resources = inlineFunction('Fn', SCRIPTED_PROVIDER, [{ Effect: 'Allow', Action: isAllowed ? Action : 'ivs:ListStages', Resource }]);
      Object.assign(resources.Fn.Properties, more);
      return resources;
    };
    const failures = ({ fullEvents }: { readonly fullEvents: StackEvent[] }) => fullEvents
      .filter(({ ResourceStatus, ResourceType }) => ResourceStatus!.endsWith('_FAILED') && ResourceType === 'AWS::Lambda::Function')
      .map(({ ResourceStatusReason }) => /The provided[^"]*/.exec(ResourceStatusReason!)?.[0]);
    const sentence = `The provided execution role does not have permissions to call ${refused}`;
    const stackName = Action.replace(':', '-');
    const created = await sandbox.create(`${stackName}-created`, stack(false, properties));
    expect([created.status, failures(created)]).toEqual(['ROLLBACK_COMPLETE', [sentence]]);
    await sandbox.delete(`${stackName}-created`);

    expect((await sandbox.create(stackName, stack(false, {}))).status).toBe('CREATE_COMPLETE');
    const updated = await sandbox.update(stackName, stack(false, properties));
    expect([updated.status, failures(updated)]).toEqual(['UPDATE_ROLLBACK_COMPLETE', [sentence]]);
    expect((await sandbox.update(stackName, stack(true, properties))).status).toBe('UPDATE_COMPLETE');
    await sandbox.delete(stackName);
  });

  describe('a resource whose condition does not hold', () => {
    const parameter = (Value: unknown, more: object = {}) => ({ Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value }, ...more });
    const create = (stackName: string, { Outputs, ...resources }: Record<string, unknown>) => sandbox.create(stackName, {}, {
      TemplateBody: JSON.stringify({
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
        Resources: { Missing: parameter('x', { Condition: 'Never' }), ...resources },
        Outputs,
      }),
    });
    const either = { 'Fn::If': ['Never', { Ref: 'Missing' }, 'none'] };
    const unresolved = (block: string) => `Template format error: Unresolved resource dependencies [Missing] in the ${block} block of the template`;

    test.each([
      ['Ref', { Other: parameter({ Ref: 'Missing' }) }, 'Resources'],
      ['Fn::GetAtt', { Other: parameter({ 'Fn::GetAtt': ['Missing', 'Value'] }) }, 'Resources'],
      ['Fn::Sub', { Other: parameter({ 'Fn::Sub': '${Missing}' }) }, 'Resources'],
      ['an output', { Other: parameter('y'), Outputs: { Out: { Value: { Ref: 'Missing' } } } }, 'Outputs'],
    ])('may not be referred to by %s', async (name, resources, block) => {
      const stackName = `unresolved-${name.replace(/\W/g, '-')}`;
      const { fullEvents } = await create(stackName, resources);
      expect(fullEvents.map(({ ResourceStatusReason }) => ResourceStatusReason)).toContain(unresolved(block));
      await sandbox.delete(stackName);
    });

    test('may be named in DependsOn, and in what has the same condition', async () => {
      const { status } = await create('resolved', {
        Other: parameter(either, { DependsOn: 'Missing' }),
        Same: parameter({ Ref: 'Missing' }, { Condition: 'Never' }),
        Outputs: { Out: { Value: either }, Conditional: { Condition: 'Never', Value: { Ref: 'Missing' } } },
      });
      expect(status).toBe('CREATE_COMPLETE');
      await sandbox.delete('resolved');
    });
  });

  test('listens on the loopback interface only', async () => {
    for (const other of otherAddresses()) {
      await expect(fetch(`http://${other}:${sandbox.cloud.port}/_ministack/health`)).rejects.toThrow();
    }
  });

  test('keeps the user\'s account out', () => {
    expect(sandbox.cloud.env.AWS_PROFILE).toBeUndefined();
    expect(existsSync(sandbox.cloud.env.AWS_CONFIG_FILE)).toBe(false);
  });
});

describe('without enforced IAM', () => {
  test('functions are known by their role as well', async () => {
    const sandbox = await Sandbox.start({ auth: false });
    try {
      const { journal: [{ answer }] } = await sandbox.create('open', { Thing: scripted() });
      expect(await sandbox.cloud.principal(JSON.parse(answer!.body).Data.AccessKeyId)).toMatchObject({ policies: [] });
    } finally {
      await sandbox.stop();
    }
  });
});

describe('start and stop', () => {
  /** Of this test alone: in the machine's own, others start and stop clouds. */
  let tempRoot: string;
  beforeEach(() => { tempRoot = mkdtempSync(path.join(os.tmpdir(), 'launcher-test-')); });
  afterEach(() => rmSync(tempRoot, { recursive: true, force: true }));

  test('stop() leaves no process and no folder, even with functions at work', async () => {
    const sandbox = await Sandbox.start({ tempRoot });
    expect(readdirSync(tempRoot)).toEqual([path.basename(sandbox.cloud.tempDir)]);
    const creation = sandbox.create('busy', { Slow: scripted({ Create: { gate: sandbox.gates.url('closed') } }) }).catch(() => undefined);
    await sandbox.requested('busy', 'Create', 'Slow');
    await eventually(() => processesOf(sandbox.cloud.pid).length > 1);
    await sandbox.stop();
    await eventually(() => processesOf(sandbox.cloud.pid).length === 0);
    expect(readdirSync(tempRoot)).toEqual([]);
    await creation;
  });

  test('two clouds at once do not disturb one another', async () => {
    const [one, two] = await Promise.all([startLocalCloud({ bootstrap: false }), startLocalCloud({ bootstrap: false })]);
    expect(one.port).not.toBe(two.port);
    await one.stop();
    expect((await fetch(`${two.url}/_ministack/health`)).ok).toBe(true);
    await two.stop();
  });

  test('a port that is in use is reported in one sentence', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const sentence = `Port ${port} on 127.0.0.1 is already in use; name another one, or none to get a free one.`;
    await expect(startLocalCloud({ port, bootstrap: false })).rejects.toThrow(sentence);
    // The same when the port is taken after the launcher has looked.
    await expect(startLocalCloud({ bootstrap: false, environment: { GATEWAY_PORT: String(port) } })).rejects.toThrow(`ministack did not start: ${sentence}`);
    await new Promise((resolve) => server.close(resolve));
  });

  test('a start that fails says why and leaves nothing', async () => {
    await expect(startLocalCloud({ tempRoot, bootstrap: false, environment: { CUSTOM_RESOURCE_CONCURRENCY: 'many' } }))
      .rejects.toThrow(/^ministack did not start: ValueError/);
    expect(readdirSync(tempRoot)).toEqual([]);
  });

  test.each([
    ['returns without stop()', 'return', undefined],
    ['throws', 'throw', undefined],
    ['gets Ctrl-C', 'wait', 'SIGINT'],
    ['gets SIGTERM', 'wait', 'SIGTERM'],
    ['is killed', 'wait', 'SIGKILL'],
  ] as const)('everything ends when the program %s', async (_, how, signal) => {
    const program = spawn(process.execPath, [require.resolve('tsx/cli'), path.join(__dirname, 'fixtures', 'program.ts'), how], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = new Promise((resolve) => program.once('exit', resolve));
    const { pid, folder, programPid } = await new Promise<{ pid: number; folder: string; programPid: number }>((resolve, reject) => {
      createInterface({ input: program.stdout }).once('line', (line) => resolve(JSON.parse(line))).once('close', () => reject(new Error('It did not start.')));
    });
    if (signal) {
      process.kill(programPid, signal);
    }
    await ended;
    await eventually(() => processesOf(pid).length === 0);
    await eventually(() => !existsSync(folder));
  });
});

import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { ChimeSDKVoice } from '@aws-sdk/client-chime-sdk-voice';
import { CfnOutput, RemovalPolicy, SecretValue, type Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { type Snippet, snippetApp, snippetsOf } from './snippet-app';
import { chime, chimeSdkMeetings, chimeSdkVoice, ivsRealtime, kinesisVideo } from '../../local/emulator';
import { type CdkApp, type CdkStackRun, deploy, tsxApp } from '../../local/launcher/cdk';
import { eventChoices, type KindOfEvent, serviceEventOf } from '../../local/page/service-events';
import { snippetsIn } from '../docs/snippets';
import { LocalDeployment } from '../e2e/local-deployment';
import { eventually } from '../eventually';

/*
 * Apps of users on the local cloud, without a change for it: each in a project of its own that has the packed library. scripts/verify-languages.sh packs the
 * library, creates the projects, and runs these tests. The products combine the constructs with other services, such as AWS IoT, Amazon Cognito, HTTP APIs, and
 * Amazon ECS.
 */
const ROOT = path.join(__dirname, '..', '..');
const PRODUCTS = path.join(__dirname, 'products');
const SNIPPETS = path.join(__dirname, 'snippets');

/** A folder with the package.json and the packages of a TypeScript project. */
const TYPESCRIPT = projectOf('TYPESCRIPT_PROJECT');
/** A folder with the virtual environment .venv of a Python project. */
const PYTHON = projectOf('PYTHON_PROJECT');

function projectOf(variable: string): string {
  const folder = process.env[variable];
  if (!folder) throw new Error(`${variable} must be the folder of a project with the packed library; scripts/verify-languages.sh sets it`);
  return folder;
}

let local: LocalDeployment;
beforeAll(async () => {
  // The snippets of all pages together need more than the default quotas.
  const voice = chimeSdkVoice({ quotas: { voiceConnectors: 100, phoneNumbers: 20 } });
  const services = [kinesisVideo(), ivsRealtime(), voice, chimeSdkMeetings(), chime()];
  local = await LocalDeployment.start({ services });
  for (const file of readdirSync(PRODUCTS)) copyFileSync(path.join(PRODUCTS, file), path.join(file.endsWith('.py') ? PYTHON : TYPESCRIPT, file));
  for (const file of readdirSync(SNIPPETS)) copyFileSync(path.join(SNIPPETS, file), path.join(TYPESCRIPT, file));
  // The check of the templates takes two thirds of the CPU time of the app with all snippets.
  copyFileSync(path.join(__dirname, '..', 'template-validation.ts'), path.join(TYPESCRIPT, 'template-validation.ts'));
});
afterAll(() => local?.stop());

const typescript = (file: string): CdkApp => ({ app: tsxApp(path.join(TYPESCRIPT, file)), cwd: TYPESCRIPT });
const python = (file: string): CdkApp => ({ app: `"${path.join(PYTHON, '.venv', 'bin', 'python')}" ${file}`, cwd: PYTHON });

/** Succeeds, or shows the reason. */
async function deployed(app: CdkApp, args?: string[]): Promise<CdkStackRun> {
  const run = await deploy(local.cloud, app, { args });
  if (run.exitCode !== 0) throw new Error(run.output.join('\n'));
  return run;
}

/** Deploys an app with one stack, uses its outputs, and destroys the stack. */
async function deployedWhile(app: CdkApp, use: (outputs: Record<string, string>) => unknown): Promise<void> {
  const { outputs } = await deployed(app);
  const [[stackName, ofStack]] = Object.entries(outputs);
  await use(ofStack);
  await local.destroyed(stackName);
  local.assertNothingLeft();
}

/** Emits an event about the only resource of its kind, and waits for the function that its rule invokes. */
async function emitted(kind: KindOfEvent, functionName: string): Promise<void> {
  const { cloud, emulator } = local;
  const before = (await cloud.invocations()).at(-1)?.id ?? 0;
  const { resources: [{ arn }] } = eventChoices(emulator.state()).find((choice) => choice.kind === kind)!;
  expect(await cloud.emitEvent(serviceEventOf({ kind, resource: arn }, emulator.state(), new Date()))).toHaveLength(1);
  const invocation = await eventually(async () => (await cloud.invocations(before)).find((one) => one.functionName === functionName && one.endedAt));
  expect(invocation.outcome).toBe('SUCCESS');
}

describe('the products', () => {
  test('camera fleet: AWS IoT, Amazon Cognito, images in a bucket, and an alarm with metric math', () =>
    deployedWhile(typescript('camera-fleet.ts'), (outputs) => {
      expect(outputs).toMatchObject({
        frontEndpoint: expect.stringMatching(/^wss:/), backEndpoint: expect.stringMatching(/^wss:/), RoleAlias: expect.stringContaining('CameraFleet-DeviceAlias'),
      });
    }));

  test.each([
    ['TypeScript', typescript('contact-center.ts')],
    ['Python', python('contact_center.py')],
  ])('contact center in %s: a call starts a function that uses the AWS SDK of the runtime', (_language, app) =>
    deployedWhile(app, ({ AnalyzerName }) => emitted('streamingStarted', AnalyzerName)));

  test('video visits: an HTTP API with an authorizer checks out meetings, and the end of a meeting starts a function', () =>
    deployedWhile(typescript('video-visits.ts'), async ({ ApiId, RecordName }) => {
      const address = `${local.cloud.url}/_aws/execute-api/${ApiId}/$default/visits`;
      const post = async (authorization: string) => fetch(address, { method: 'POST', headers: { authorization } });
      expect((await post('another patient')).status).toBe(403);
      const answer = await post('patient-1');
      expect(await answer.json()).toMatchObject({ Meeting: { MeetingId: expect.any(String) }, Attendees: [{ ExternalUserId: 'patient-1' }] });
      await emitted('meetingEnded', RecordName);
    }));

  test('live studio: a task of Amazon ECS in a VPC gets the stream key from its secret', () =>
    deployedWhile(typescript('live-studio.ts'), (outputs) => {
      expect(outputs).toMatchObject({ ParticipantId: expect.any(String), TaskDefinition: expect.stringContaining(':task-definition/') });
    }));

  test('each product has a test', () => {
    expect(readdirSync(PRODUCTS).sort()).toEqual(['camera-fleet.ts', 'contact-center.ts', 'contact_center.py', 'live-studio.ts', 'video-visits.ts']);
  });
});

const page = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

describe('the first app of a user', () => {
  const channelHasEndpoint = ({ Endpoint }: Record<string, string>) => expect(Endpoint).toMatch(/^wss:/);

  test('the README', () => {
    const [app] = snippetsIn(page('README.md'), 'ts', 'nofixture');
    writeFileSync(path.join(TYPESCRIPT, 'first.ts'), app);
    return deployedWhile(typescript('first.ts'), channelHasEndpoint);
  });

  test('the page for Python', () => {
    const [app] = snippetsIn(page('docs/python.md'), 'python');
    writeFileSync(path.join(PYTHON, 'first.py'), app);
    return deployedWhile(python('first.py'), channelHasEndpoint);
  });
});

describe('the snippets of the documentation', () => {
  /** Snippets with a resource type that the local cloud doesn't support. */
  const UNSUPPORTED = [
    { code: 'new agentcore.Runtime(', type: 'AWS::BedrockAgentCore::Runtime' },
    { code: 'new ivs.CfnEncoderConfiguration(', type: 'AWS::IVS::EncoderConfiguration' },
  ];
  /** Snippets that change only the removal policy of a resource of another library. */
  const OTHER_LIBRARY = 'declare const peer: Construct;';

  const files = ['README.md', ...readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
  const snippets = files.flatMap((file) => snippetsOf(path.basename(file, '.md'), page(file)));
  const isDeployed = ({ code }: Snippet) => !code.includes(OTHER_LIBRARY) && !UNSUPPORTED.some((unsupported) => code.includes(unsupported.code));

  const existing = (type: string, properties: Record<string, unknown>) => local.emulator.applyResource({ action: 'create', type, region: local.cloud.region, properties }).physicalId;

  const NUMBER = '+12065550100';

  /** What a user replaces: the IDs of existing resources, of which each snippet has its own, and names that must be unique. */
  const REPLACED: Record<string, (snippet: Snippet) => string> = {
    'abcdefghijklmnopqrstuv': ({ page: of, number }) => existing('AWS::Chime::VoiceConnector', { Name: `${of}-${number}`, RequireEncryption: true }).split('/').at(-1)!,
    // The stack may use only the configurations of its own account.
    'arn:aws:chime:us-east-1:111122223333:': () => `arn:aws:chime:${local.cloud.region}:${local.cloud.account}:`,
    'arn:aws:ivs:us-east-1:111122223333:stage/AbCdEfGhIjKl': () => existing('AWS::IVS::Stage', {}),
    'front-door': ({ page: of, number }) => `front-door-${of}-${number}`,
    [NUMBER]: ({ number }) => `+1206555010${number}`,
  };

  function asUsed(snippet: Snippet): Snippet {
    const replacements = Object.entries(REPLACED).filter(([name]) => snippet.code.includes(name));
    return { ...snippet, code: replacements.reduce((text, [name, replacement]) => text.replaceAll(name, replacement(snippet)), snippet.code) };
  }

  const company = (stack: Stack) => {
    new ec2.Vpc(stack, 'Vpc', { vpcName: 'company', maxAzs: 2, natGateways: 1 });
    new kms.Key(stack, 'Key', { alias: 'company', removalPolicy: RemovalPolicy.DESTROY });
    for (const managedPolicyName of ['company', 'developer-boundary']) {
      new iam.ManagedPolicy(stack, managedPolicyName, { managedPolicyName, statements: [new iam.PolicyStatement({ actions: ['*'], resources: ['*'] })] });
    }
    new secretsmanager.Secret(stack, 'SipUser', {
      secretName: 'phones/sip-user', secretStringValue: SecretValue.unsafePlainText(JSON.stringify({ username: 'reception', password: 'local-password-1' })),
    });
    new CfnOutput(stack, 'Name', { value: stack.stackName });
  };

  async function orderNumbers(...E164PhoneNumbers: string[]): Promise<void> {
    const { cloud, server } = local;
    const client = new ChimeSDKVoice({ endpoint: server.endpoint('chime-sdk-voice'), region: cloud.region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    await client.createPhoneNumberOrder({ ProductType: 'VoiceConnector', E164PhoneNumbers });
    client.destroy();
  }

  const used = snippets.filter(isDeployed);
  // The CLI runs an app with lookups twice.
  const looksUp = ({ code }: Snippet) => code.includes('.fromLookup(');

  beforeAll(async () => {
    await local.deployed('Company', company);
    // Custom resources at the same time need as many processes of each function of the provider.
    await local.cloud.configure({ customResourceConcurrency: 2 });
    await orderNumbers(...used.flatMap((snippet) => snippet.code.includes(NUMBER) ? [REPLACED[NUMBER](snippet)] : []));
  });

  test.each([
    ['without lookups', 'snippets.ts', used.filter((snippet) => !looksUp(snippet))],
    ['with lookups', 'lookups.ts', used.filter(looksUp)],
  ])('all %s are deployed', async (_title, file, list) => {
    writeFileSync(path.join(TYPESCRIPT, file), snippetApp(list.map(asUsed), page('rosetta/default.ts-fixture')));
    await deployed(typescript(file), ['--concurrency', '4']);
    expect(local.denied()).toEqual([]);
  });

  test('the local cloud doesn\'t support the resource types of the others', async () => {
    const { resourceTypes } = await local.cloud.supported();
    for (const { code, type } of UNSUPPORTED) {
      expect(snippets.some((snippet) => snippet.code.includes(code))).toBe(true);
      expect(resourceTypes).not.toContain(type);
    }
  });
});

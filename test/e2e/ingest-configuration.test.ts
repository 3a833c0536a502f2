import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CfnOutput, type Stack } from 'aws-cdk-lib';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { failsAfter, LocalDeployment } from './local-deployment';
import { streamKeys } from '../../local/emulator';
import { IngestConfiguration, type IngestConfigurationProps, LivePublisherPolicy, RealTimeStage, SignalingChannel } from '../../src';
import type { StreamKeySecretValue } from '../../src/ivs/private/contract';

let local: LocalDeployment;
let secrets: SecretsManagerClient;
const keys = new Set<string>();

beforeAll(async () => {
  local = await LocalDeployment.start({}, { POWERTOOLS_LOG_LEVEL: 'DEBUG', AWS_LAMBDA_LOG_LEVEL: 'DEBUG', POWERTOOLS_LOGGER_LOG_EVENT: 'true' });
  secrets = new SecretsManagerClient({ endpoint: local.cloud.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
});
afterAll(async () => {
  secrets?.destroy();
  await local?.stop();
});
// Each test leaves nothing behind and meets no refusal.
afterEach(async () => {
  streamKeys(local.emulator).forEach((key) => keys.add(key));
  local.written.push(local.emulator.calls, local.emulator.state(), await local.cloud.customResources());
  local.assertNothingLeft([...local.ingestConfigurations(), ...local.channels()].map(({ name }) => name));
});

type Props = Partial<IngestConfigurationProps>;

const ingest = (props: Props = {}, also: (stack: Stack, made: IngestConfiguration) => void = () => {}) => (stack: Stack) => {
  const made = new IngestConfiguration(stack, 'Ingest', { stage: new ivs.CfnStage(stack, 'Stage'), ...props });
  new CfnOutput(stack, 'Secret', { value: made.streamKeySecret.secretArn });
  also(stack, made);
};
const failing = (props: Props = {}) => ingest(props, (stack, made) => failsAfter(stack, made));

const deployed = async (stackName: string, build: (stack: Stack) => void) => {
  const { outputs } = await local.deployed(stackName, build);
  return outputs[stackName];
};
const failed = async (stackName: string, build: (stack: Stack) => void) => {
  const run = await local.deploy(stackName, build);
  expect(run.exitCode).not.toBe(0);
  return run.events.map(({ ResourceStatusReason }) => ResourceStatusReason ?? '').join('\n');
};
const destroyed = async (stackName: string) => {
  await local.keepWritten();
  await local.destroyed(stackName);
};
const content = async (secretArn: string): Promise<StreamKeySecretValue> =>
  JSON.parse((await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }))).SecretString!);
const endpointsOf = (stageArn: string): { rtmps: string; whip: string } =>
  (local.emulator.state()['ivs-realtime'] as any[]).flatMap(({ stages }) => stages).find(({ arn }) => arn === stageArn).endpoints;
const one = () => {
  expect(local.ingestConfigurations()).toHaveLength(1);
  return local.ingestConfigurations()[0];
};

test('create, update in place, replacement, destroy; the secret follows', async () => {
  const { Secret } = await deployed('Lifecycle', ingest());
  const first = one();
  expect(first).toMatchObject({ stageArn: expect.stringContaining(':stage/'), redundantIngest: false });
  const [streamKey] = streamKeys(local.emulator);
  const server = { rtmpsEndpoint: endpointsOf(first.stageArn).rtmps };
  expect(await content(Secret)).toEqual({ ingestConfigurationArn: first.arn, participantId: first.participantId, streamKey, ...server });

  await deployed('Lifecycle', ingest({ redundantIngest: true }));
  expect(one()).toMatchObject({ arn: first.arn, redundantIngest: true });
  expect((await content(Secret)).redundantIngestCredentials).toHaveLength(2);

  await deployed('Lifecycle', ingest({ userId: 'camera' }));
  expect(one()).toMatchObject({ userId: 'camera', redundantIngest: false });
  expect(one().arn).not.toBe(first.arn);
  expect(await content(Secret)).toMatchObject({ ingestConfigurationArn: one().arn });

  await deployed('Lifecycle', ingest({ userId: 'camera', stage: undefined }));
  expect(one().stageArn).toBe('');
  expect(await content(Secret)).not.toHaveProperty('rtmpsEndpoint');
  await destroyed('Lifecycle');
});

test('the endpoints of a stage are attributes; a new nonce reads them again, for the attributes and for the secret', async () => {
  const build = (forceUpdateNonce?: string) => (stack: Stack) => {
    const stage = new RealTimeStage(stack, 'Stage', { stageName: 'studio', forceUpdateNonce });
    const made = new IngestConfiguration(stack, 'Ingest', { stage, forceUpdateNonce });
    new CfnOutput(stack, 'Secret', { value: made.streamKeySecret.secretArn });
    new CfnOutput(stack, 'Server', { value: stage.rtmpsEndpoint });
    new CfnOutput(stack, 'Whip', { value: stage.whipEndpoint });
  };
  const { Secret, Server, Whip } = await deployed('Endpoints', build());
  const { stageArn } = one();
  expect({ Server, Whip }).toEqual({ Server: endpointsOf(stageArn).rtmps, Whip: endpointsOf(stageArn).whip });
  const before = await content(Secret);
  expect(before.rtmpsEndpoint).toBe(Server);

  const rtmps = 'rtmps://other.global-contribute.live-video.net:443/app/';
  local.emulator.edit({ service: 'ivs-realtime', resource: stageArn, endpoints: { rtmps } } as never);
  expect((await deployed('Endpoints', build('2'))).Server).toBe(rtmps);
  expect(await content(Secret)).toEqual({ ...before, rtmpsEndpoint: rtmps });
  await destroyed('Endpoints');
});

test('with a key of its own', async () => {
  const { Secret } = await deployed('Encrypted', (stack) => ingest({ streamKeySecretEncryptionKey: new kms.Key(stack, 'Key') })(stack));
  expect(await content(Secret)).toMatchObject({ ingestConfigurationArn: one().arn });
  await destroyed('Encrypted');
});

test('a later resource fails: the configuration is rolled back', async () => {
  await failed('CreateRollback', failing());
  await destroyed('CreateRollback');
});

test.each(['new', 'old'] as const)('a replacement is rolled back by an Update with the %s id: configuration and key are the former', async (rollbackPhysicalId) => {
  await local.cloud.configure({ rollbackPhysicalId });
  const { Secret } = await deployed('Back', ingest());
  const [before, secret] = [one(), await content(Secret)];
  await failed('Back', failing({ userId: 'camera' }));
  expect(one()).toEqual(before);
  expect(await content(Secret)).toEqual(secret);
  await destroyed('Back');
});

test('the request comes twice at once, and the response of the create is lost', async () => {
  local.emulator.addFault({ kind: 'lostResponse', operation: 'CreateIngestConfiguration', times: 1 });
  await local.cloud.injectFault({ fault: 'duplicate', requestType: 'Create' });
  const { Secret } = await deployed('Twice', ingest());
  expect(await content(Secret)).toMatchObject({ ingestConfigurationArn: one().arn });
  await destroyed('Twice');
});

test('a publisher is live: FAIL keeps the configuration, DISCONNECT deletes it', async () => {
  await deployed('Live', ingest({ onLivePublisher: LivePublisherPolicy.FAIL }));
  local.emulator.edit({ service: 'ivs-realtime', resource: one().arn, state: 'ACTIVE' });
  expect(await failed('Live', ingest({ onLivePublisher: LivePublisherPolicy.FAIL, redundantIngest: true }))).toContain('is live, and cannot be changed then');
  expect(one().state).toBe('ACTIVE');
  await deployed('Live', ingest({ onLivePublisher: LivePublisherPolicy.DISCONNECT }));
  await destroyed('Live');
});

test('destroy succeeds after stage and configuration were deleted out of band', async () => {
  await deployed('Gone', ingest());
  local.emulator.edit({ service: 'ivs-realtime', resource: one().stageArn, delete: true });
  local.emulator.edit({ service: 'ivs-realtime', resource: one().arn, delete: true });
  await destroyed('Gone');
});

test('the last ingest configuration is deleted while a channel remains: its policy is deleted later', async () => {
  const channel = (stack: Stack) => { new SignalingChannel(stack, 'Channel'); };
  await deployed('LastLeaves', ingest({}, channel));
  await deployed('LastLeaves', channel);
  expect(local.ingestConfigurations()).toEqual([]);
  await destroyed('LastLeaves');
});

/*
 * A Lambda environment variable and a parameter that CloudFormation fills from the secret. The function has no other reference to the ingest configuration,
 * so only the secret can order it. The parameter also has the ARN, as the docs advise. The local cloud resolves a dynamic reference again only if the
 * template of its resource has changed, so the user ID is in both, too.
 */
const withReaders = (props: Props = {}) => ingest(props, (stack, made) => {
  const streamKey = made.streamKeySecret.secretValueFromJson('streamKey').unsafeUnwrap();
  new ssm.CfnParameter(stack, 'Parameter', { name: '/studio/stream-key', type: 'String', value: streamKey, description: `${made.ingestConfigurationArn} ${props.userId}` });
  new lambda.Function(stack, 'Encoder', {
    functionName: 'encoder',
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {};'),
    environment: { STREAM_KEY: streamKey, USER_ID: `${props.userId}` },
  });
});
const read = async () => ({
  parameter: await local.parameterValue('/studio/stream-key'),
  environment: (await local.functionEnvironment('encoder')).STREAM_KEY,
});
const same = (streamKey: string) => ({ parameter: streamKey, environment: streamKey });

test('a Lambda environment and a parameter that read the stream key are created after it, and follow a replacement', async () => {
  const { Secret } = await deployed('Readers', withReaders());
  const { streamKey } = await content(Secret);
  expect(streamKey).not.toBe('');
  expect(await read()).toEqual(same(streamKey));

  await deployed('Readers', withReaders({ userId: 'camera' }));
  const replaced = await content(Secret);
  expect(replaced.streamKey).not.toBe(streamKey);
  expect(await read()).toEqual(same(replaced.streamKey));
  await destroyed('Readers');
});

test('readers are added to a deployed ingest configuration, which is not updated for them', async () => {
  await deployed('ReadersLater', ingest());
  const { Secret } = await deployed('ReadersLater', withReaders());
  expect(await read()).toEqual(same((await content(Secret)).streamKey));
  await destroyed('ReadersLater');
});

// Last: of all that the others have done.
test('no stream key is in any template, event, output, answer, state machine history or function log', () => {
  const everything = JSON.stringify(local.written);
  expect(everything).toMatch(/message\W+accepted\W/);
  for (const sign of ['ExecutionSucceeded', 'AWS::CloudFormation::Stack', 'Custom::RtcIngestConfiguration']) expect(everything).toContain(sign);
  expect(keys.size).toBeGreaterThanOrEqual(4);
  for (const key of keys) expect(everything.includes(key)).toBe(false);
});

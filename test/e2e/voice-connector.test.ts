import { CfnOutput, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { failsAfter, LocalDeployment } from './local-deployment';
import { sipCredentials } from '../../local/emulator';
import { RtcDriftMonitor, VoiceConnector, type VoiceConnectorProps } from '../../src';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
// Each test leaves no voice connector behind and meets no denial.
afterEach(() => local.assertNothingLeft(local.connectors().map(({ name }) => name)));

const INSIGHTS = 'arn:aws:chime:us-east-1:000000000000:media-insights-pipeline-configuration/calls';

/** A SIP user whose password only Secrets Manager knows. */
const sipUser = (stack: Stack, username: string) => new secretsmanager.Secret(stack, `User-${username}`, {
  generateSecretString: { secretStringTemplate: JSON.stringify({ username }), generateStringKey: 'password', excludePunctuation: true },
  removalPolicy: RemovalPolicy.DESTROY,
});

interface Version {
  readonly users: string[];
  readonly props?: Partial<VoiceConnectorProps>;
  readonly host?: string;
  readonly country?: string;
  readonly sipMessages?: boolean;
}

/** A voice connector with all settings. */
const callCenter = ({ users, host = 'sip-1.example.com', country = 'US', sipMessages = true, props }: Version, also: (stack: Stack, trunk: VoiceConnector) => void = () => {}) => (stack: Stack) => {
  const trunk = new VoiceConnector(stack, 'Trunk', {
    voiceConnectorName: 'Phones',
    termination: { allowedCidrs: ['203.0.113.10/32'], callingRegions: [country], credentials: users.map((user) => sipUser(stack, user)) },
    origination: { routes: [{ host }, { host: 'sip-2.example.com', priority: 2 }] },
    logging: { sipMessages },
    streaming: { mediaInsights: { configurationArn: INSIGHTS } },
    ...props,
  });
  also(stack, trunk);
};

/** The settings as the service has them, and who may make calls. */
const settings = () => local.connectors().map(({ name, termination, origination, logging, streaming, users }) => ({
  name,
  country: termination?.CallingRegions,
  hosts: (origination?.Routes as { Host: string }[] | undefined)?.map(({ Host }) => Host).sort(),
  logging,
  streaming,
  users: [...users].sort(),
}));
const EXPECTED = {
  name: 'Phones',
  country: ['US'],
  hosts: ['sip-1.example.com', 'sip-2.example.com'],
  logging: { EnableSIPLogs: true, EnableMediaMetricLogs: true },
  streaming: { DataRetentionInHours: 24, Disabled: false, MediaInsightsConfiguration: { ConfigurationArn: INSIGHTS, Disabled: false } },
};
const passwords = () => Object.assign({}, ...Object.values(sipCredentials(local.emulator, Date.now()))) as Record<string, string>;

test('a voice connector with all settings is created, updated, rolled back, and destroyed, and no password is written anywhere', async () => {
  const { outputs } = await local.deployed('Center', callCenter({ users: ['desk', 'door'] }, (stack, trunk) => {
    new CfnOutput(stack, 'Host', { value: trunk.outboundHostName });
    new CfnOutput(stack, 'Logs', { value: trunk.logging!.sipMessageLogGroup.logGroupName });
  }));
  expect(settings()).toEqual([{ ...EXPECTED, users: ['desk', 'door'] }]);
  const [{ id, arn }] = local.connectors();
  expect(outputs.Center).toEqual({ Host: `${id}.voiceconnector.chime.aws`, Logs: `/aws/ChimeVoiceConnectorSipMessages/${id}` });
  const secrets = Object.values(passwords());
  expect(secrets).toHaveLength(2);

  const changed = { users: ['desk', 'gate'], host: 'sip-3.example.com', country: 'CA', sipMessages: false };
  await local.deployed('Center', callCenter(changed));
  const after = {
    ...EXPECTED, country: ['CA'], hosts: ['sip-2.example.com', 'sip-3.example.com'], logging: { EnableSIPLogs: false, EnableMediaMetricLogs: true }, users: ['desk', 'gate'],
  };
  expect(settings()).toEqual([after]);
  secrets.push(...Object.values(passwords()));

  // Everything else of the update has succeeded before the last resource fails.
  const failed = await local.deploy('Center', callCenter({ users: ['door'] }, (stack, trunk) => failsAfter(stack, trunk)));
  expect(failed.exitCode).not.toBe(0);
  expect(settings()).toEqual([after]);
  expect(local.connectors()[0].arn).toBe(arn);

  await local.keepWritten();
  const written = JSON.stringify(local.written);
  expect(secrets.every((secret) => secret.length > 10)).toBe(true);
  expect(secrets.filter((secret) => written.includes(secret))).toEqual([]);
  await local.destroyed('Center');
});

test('settings that leave the template are deleted, and the voice connector stays', async () => {
  await local.deployed('Leaving', callCenter({ users: ['desk'] }));
  const none = { termination: undefined, origination: undefined, logging: undefined, streaming: undefined };
  await local.deployed('Leaving', callCenter({ users: ['desk'], props: none }));
  expect(settings()).toEqual([{
    name: 'Phones', country: undefined, hosts: undefined, logging: { EnableSIPLogs: false, EnableMediaMetricLogs: false }, streaming: undefined, users: [],
  }]);
  expect(Object.keys(local.connectors()[0].tags).filter((key) => key.startsWith('cdk-rtc:'))).toEqual([]);
  await local.destroyed('Leaving');
});

test('a replacement of the voice connector moves its settings', async () => {
  await local.deployed('Moving', callCenter({ users: ['desk'] }));
  const [before] = local.connectors();
  await local.deployed('Moving', callCenter({ users: ['desk'], props: { mediaRegion: 'eu-west-1' } }));
  expect(settings()).toEqual([{ ...EXPECTED, users: ['desk'] }]);
  expect(local.connectors()[0].arn).not.toBe(before.arn);
  await local.destroyed('Moving');
});

test('the first deployment fails: nothing is left', async () => {
  const failed = await local.deploy('First', callCenter({ users: ['desk'] }, (stack, trunk) => {
    new RtcDriftMonitor(stack, 'DriftMonitor');
    failsAfter(stack, trunk);
  }));
  expect(failed.exitCode).not.toBe(0);
  await local.destroyed('First');
});

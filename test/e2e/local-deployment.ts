import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import { App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Emulator, type EmulatorOptions, type RunningServer, startServer } from '../../local/emulator';
import { type CdkStackRun, cloudFormation, deploy, destroy, stackEvents } from '../../local/launcher/cdk';
import type { AccessKey } from '../../local/launcher/function-url';
import { type LocalCloud, startLocalCloud } from '../../local/launcher/local-cloud';
import type { IVoiceConnectorRef } from '../../src';
import { StackProvider } from '../../src/provider/private/stack-provider';
import { eventually } from '../eventually';

export { failsAfter } from '../../acceptance/cases/failing';

export interface ChannelState {
  readonly arn: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly messageTtlSeconds: number;
  readonly storageStreamArn?: string;
  readonly tags: Record<string, string>;
}

export interface ConnectorState {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly streaming?: Record<string, unknown>;
  readonly termination?: Record<string, unknown>;
  readonly origination?: Record<string, unknown>;
  readonly logging?: Record<string, unknown>;
  readonly users: string[];
  readonly tags: Record<string, string>;
}

export interface MeetingState {
  readonly id: string;
  readonly externalMeetingId: string;
  readonly attendees: { readonly externalUserId: string }[];
  readonly tags: Record<string, string>;
}

export interface IngestState {
  readonly arn: string;
  readonly name: string;
  readonly participantId: string;
  readonly stageArn: string;
  readonly userId: string;
  readonly state: string;
  readonly redundantIngest: boolean;
  readonly tags: Record<string, string>;
}

/** The credentials of a role. */
export interface Session extends AccessKey {
  readonly sessionToken: string;
}

/** Real `cdk deploy`s of stacks that a test builds, on the local cloud with IAM enforced everywhere. */
export class LocalDeployment {
  static async start(options: EmulatorOptions = {}, environment: Record<string, string> = {}): Promise<LocalDeployment> {
    let cloud: LocalCloud | undefined;
    const emulator = new Emulator({ ...options, principals: async (accessKeyId) => cloud?.principal(accessKeyId) as never });
    const server = await startServer(emulator);
    try {
      cloud = await startLocalCloud({ emulatorUrl: server.url, environment });
    } catch (error) {
      await server.close();
      throw error;
    }
    return new LocalDeployment(emulator, cloud, server);
  }

  /** All that was written anywhere, to look for secrets in: files of assemblies, what the CLI and CloudFormation said, and what `keepWritten` has found. */
  readonly written: unknown[] = [];

  private readonly cloudFormation: CloudFormation;

  private constructor(readonly emulator: Emulator, readonly cloud: LocalCloud, readonly server: RunningServer) {
    this.cloudFormation = cloudFormation(cloud);
  }

  async stop(): Promise<void> {
    this.cloudFormation.destroy();
    await this.cloud.stop();
    await this.server.close();
  }

  async deploy(stackName: string, build: (stack: Stack) => void): Promise<CdkStackRun> {
    const run = await this.withAssembly(stackName, build, (app) => deploy(this.cloud, app));
    this.written.push(run);
    return run;
  }

  /** Succeeds, or shows why not. */
  async deployed(stackName: string, build: (stack: Stack) => void): Promise<CdkStackRun> {
    const result = await this.deploy(stackName, build);
    if (result.exitCode !== 0) throw new Error(result.output.join('\n'));
    return result;
  }

  /** Through the API of CloudFormation, as the CLI does it after a synthesis of the app; see smoke.test.ts for the CLI itself. */
  async destroyed(stackName: string): Promise<void> {
    const { Stacks: [{ StackId, RoleARN }] = [] as never } = await this.cloudFormation.describeStacks({ StackName: stackName });
    const before = (await stackEvents(this.cloudFormation, StackId!)).length;
    await this.cloudFormation.deleteStack({ StackName: StackId, RoleARN });
    const status = await eventually(async () => {
      const { Stacks: [{ StackStatus }] = [] as never } = await this.cloudFormation.describeStacks({ StackName: StackId });
      return !StackStatus!.endsWith('_IN_PROGRESS') && StackStatus;
    }, 100);
    const events = (await stackEvents(this.cloudFormation, StackId!)).slice(before);
    this.written.push(events);
    if (status !== 'DELETE_COMPLETE') {
      throw new Error([status, ...events.map((event) => [event.LogicalResourceId, event.ResourceStatus, event.ResourceStatusReason].join(' '))].join('\n'));
    }
  }

  /** By the CLI. */
  async destroyedByCli(stackName: string, build: (stack: Stack) => void): Promise<CdkStackRun> {
    const result = await this.withAssembly(stackName, build, (app) => destroy(this.cloud, app));
    if (result.exitCode !== 0) throw new Error(result.output.join('\n'));
    return result;
  }

  /** Logs and histories go with a stack, so before it is destroyed; calls and state with a reset. */
  async keepWritten(): Promise<void> {
    const { written, emulator, cloud } = this;
    written.push(emulator.calls, emulator.state(), await cloud.customResources());
    const { logGroups } = await this.ask('logs', 'Logs_20140328.DescribeLogGroups', {});
    for (const { logGroupName } of logGroups) written.push(await this.ask('logs', 'Logs_20140328.FilterLogEvents', { logGroupName, limit: 10_000 }));
    const { stateMachines } = await this.ask('states', 'AWSStepFunctions.ListStateMachines', {});
    for (const { stateMachineArn } of stateMachines) {
      const { executions } = await this.ask('states', 'AWSStepFunctions.ListExecutions', { stateMachineArn });
      for (const { executionArn } of executions) {
        written.push(await this.ask('states', 'AWSStepFunctions.DescribeExecution', { executionArn }));
        written.push(await this.ask('states', 'AWSStepFunctions.GetExecutionHistory', { executionArn }));
      }
    }
  }

  channels(): ChannelState[] {
    return (this.emulator.state().kinesisvideo as { channels: ChannelState[] }[]).flatMap(({ channels }) => channels);
  }

  connectors(): ConnectorState[] {
    return (this.emulator.state()['chime-sdk-voice'] as { voiceConnectors: ConnectorState[] }[]).flatMap(({ voiceConnectors }) => voiceConnectors);
  }

  /** Those that are alive. */
  meetings(namespace: 'chime-sdk-meetings' | 'chime' = 'chime-sdk-meetings'): MeetingState[] {
    return (this.emulator.state()[namespace] as { meetings: MeetingState[] }[]).flatMap(({ meetings }) => meetings);
  }

  ingestConfigurations(): IngestState[] {
    return (this.emulator.state()['ivs-realtime'] as { ingestConfigurations: IngestState[] }[]).flatMap(({ ingestConfigurations }) => ingestConfigurations);
  }

  /** All resources of all services. */
  resources(): unknown[] {
    const regions = Object.values(this.emulator.state()).flat() as Record<string, unknown>[];
    return regions.flatMap((region) => Object.values(region).filter(Array.isArray).flat());
  }

  /** Stacks that exist, by name. */
  async stacks(): Promise<string[]> {
    const { StackSummaries = [] } = await this.cloudFormation.listStacks({});
    return StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE').map(({ StackName }) => StackName!);
  }

  async parameterValue(name: string): Promise<string> {
    return (await this.ask('ssm', 'AmazonSSM.GetParameter', { Name: name })).Parameter.Value;
  }

  async functionEnvironment(name: string): Promise<Record<string, string>> {
    const response = await fetch(`${this.cloud.url}/2015-03-31/functions/${name}/configuration`, { headers: { authorization: authorization('lambda') } });
    if (!response.ok) throw new Error(`GetFunctionConfiguration: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { Environment: { Variables: Record<string, string> } }).Environment.Variables;
  }

  /** Assumes a role of a stack. */
  async assume(roleArn: string): Promise<Session> {
    const response = await fetch(this.cloud.url, {
      method: 'POST',
      headers: { 'authorization': authorization('sts', this.cloud.env.AWS_ACCESS_KEY_ID), 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ Version: '2011-06-15', Action: 'AssumeRole', RoleArn: roleArn, RoleSessionName: 'session' }),
    });
    const answer = await response.text();
    const member = (name: string) => new RegExp(`<${name}>([^<]+)<`).exec(answer)![1];
    return { accessKeyId: member('AccessKeyId'), secretAccessKey: member('SecretAccessKey'), sessionToken: member('SessionToken') };
  }

  /** A POST request of a role to an emulated service, whose signature the emulator doesn't verify. `service`: the path of the service. */
  async call(
    { accessKeyId }: AccessKey, service: string, signingName: string, operation: string, input: object, region = this.cloud.region,
  ): Promise<{ status: number; body: any }> {
    const response = await fetch(`${this.server.url}/${service}${operation}`, {
      method: 'POST',
      headers: { 'authorization': authorization(signingName, accessKeyId, region, '0'.repeat(64)), 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    return { status: response.status, body: await response.json() };
  }

  /** Calls that IAM has refused. An invocation can run longer than its function and its role exist: its calls after that don't count. */
  denied(): string[] {
    const denied = this.emulator.calls.filter(({ outcome, isRoleDeleted }) => ['AccessDeniedException', 'ForbiddenException'].includes(outcome) && !isRoleDeleted);
    return denied.map(({ operation, message }) => `${operation}: ${message}`);
  }

  /** After a test: forgets its resources and calls. Fails if the test left a resource, or if IAM refused a call. */
  assertNothingLeft(left: unknown[] = this.resources()): void {
    const denied = this.denied();
    this.emulator.reset();
    expect({ left, denied }).toEqual({ left: [], denied: [] });
  }

  /** A request as the AWS clients make it, for services of which the project has no client. */
  private async ask(service: string, target: string, input: object): Promise<any> {
    const response = await fetch(this.cloud.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target,
        'authorization': authorization(service),
      },
      body: JSON.stringify(input),
    });
    if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  private async withAssembly<T>(
    stackName: string, build: (stack: Stack) => void, use: (app: { app: string; cwd: string }) => Promise<T>,
  ): Promise<T> {
    const outdir = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-e2e-'));
    try {
      const app = new App({ outdir });
      build(new Stack(app, stackName));
      app.synth();
      for (const file of readdirSync(outdir).filter((name) => name.endsWith('.json'))) this.written.push(readFileSync(path.join(outdir, file), 'utf8'));
      return await use({ app: outdir, cwd: outdir });
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }
}

/** The L1 of newer versions of aws-cdk-lib, as it can be had at our floor. */
export function voiceConnector(stack: Stack, id = 'Trunk'): IVoiceConnectorRef {
  const l1 = new CfnResource(stack, id, { type: 'AWS::Chime::VoiceConnector', properties: { Name: id, RequireEncryption: true } });
  Validations.of(l1).acknowledge({ id: 'CloudFormation-Validate::F3006', reason: 'newer than our aws-cdk-lib floor' });
  return Object.assign(l1, { voiceConnectorRef: { voiceConnectorArn: l1.ref } });
}

function authorization(service: string, accessKeyId = 'test', region = 'us-east-1', signature = '0'): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=${signature}`;
}

/** Stands for another kind of construct that stays in the stack when the last channel leaves it. */
export function anotherKind(stack: Stack): void {
  const policy = StackProvider.getOrCreate(stack).policies.policyFor({
    name: 'AnotherKind',
    statements: () => [new iam.PolicyStatement({ actions: ['ssm:GetParameter'], resources: ['*'] })],
  });
  new ssm.StringParameter(stack, 'AnotherKind', { stringValue: 'stays' }).node.addDependency(policy);
}

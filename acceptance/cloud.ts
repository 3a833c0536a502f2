import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type Clock, Emulator, type EmulatorOptions, startServer } from '../local/emulator';
import { type CdkTarget, endClis } from '../local/launcher/cdk';
import { type LocalCloud, RTC_SERVICES, startLocalCloud } from '../local/launcher/local-cloud';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where a run takes place: an AWS account, or the local cloud. */
export interface Cloud {
  readonly kind: 'aws' | 'local';
  readonly region: string;
  /** For the AWS CDK CLI, with the credentials of the person. */
  readonly cli: CdkTarget;
  /** Seconds between two looks at the same resource. */
  readonly pollSeconds: number;
  /** The configuration of an SDK client. Default credentials: those of the person. */
  configurationOf(clientName: string, credentials?: Credentials): Record<string, unknown>;
  wait(seconds: number): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The calls to the real-time services since a time, of all callers. Undefined in AWS. */
  callsSince?(time: number): { readonly calls: number; readonly throttledCalls: number };
  /** Ends the processes of the CLI. */
  interrupt(): Promise<void>;
  stop(): Promise<void>;
}

/** The deployed functions call the same operations at the same time. */
const MAX_ATTEMPTS = 6;

/** An AWS account, with the credentials and the profile that the AWS CLI uses. */
export function awsCloud(region: string, profile?: string): Cloud {
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  Object.assign(process.env, { AWS_REGION: region, AWS_DEFAULT_REGION: region });
  const tempDir = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-acceptance-'));
  const env = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined)) as Record<string, string>;
  const cli: CdkTarget = { region, env: { ...env, CDK_DISABLE_CLI_TELEMETRY: 'true' }, tempDir };
  return {
    kind: 'aws',
    region,
    cli,
    pollSeconds: 5,
    configurationOf: (_, credentials) => ({ region, maxAttempts: MAX_ATTEMPTS, ...credentials && { credentials } }),
    wait: sleep,
    now: Date.now,
    interrupt: () => endClis(cli),
    stop: async () => {
      await endClis(cli);
      rmSync(tempDir, { recursive: true, force: true });
    },
  };
}

const REAL_SECONDS_OF_A_WAIT = 0.05;

/** A clock that a wait moves at once. */
class SkippingClock implements Clock {
  private skipped = 0;

  now(): number {
    return Date.now() + this.skipped;
  }

  async sleep(milliseconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  skip(seconds: number): void {
    this.skipped += seconds * 1000;
  }
}

export interface LocalOptions {
  readonly region?: string;
  /** The policy of the person. Every call of the run and of the CLI is authorized with it. */
  readonly policy: object;
  readonly emulator?: EmulatorOptions;
  readonly onProgress?: (message: string) => void;
}

export interface LocalAccount extends Cloud {
  readonly emulator: Emulator;
  readonly local: LocalCloud;
}

/** The local cloud. IAM is enforced, and a role with exactly the policy of the person makes the calls. */
export async function localAccount({ region = 'us-east-1', policy, emulator: options, onProgress }: LocalOptions): Promise<LocalAccount> {
  const clock = new SkippingClock();
  let local: LocalCloud | undefined;
  const emulator = new Emulator({ ...options, clock, principals: async (accessKeyId) => local?.principal(accessKeyId) as never });
  const server = await startServer(emulator);
  try {
    local = await startLocalCloud({ emulatorUrl: server.url, region, onProgress });
    const { url, env, tempDir } = local;
    const root = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY };
    const person = await personOf({ region, endpoint: url, credentials: root }, policy);
    const cli: CdkTarget = {
      url,
      region,
      tempDir,
      env: { ...env, AWS_ACCESS_KEY_ID: person.accessKeyId, AWS_SECRET_ACCESS_KEY: person.secretAccessKey, AWS_SESSION_TOKEN: person.sessionToken! },
    };
    const stop = async () => {
      await endClis(cli);
      await local!.stop();
      await server.close();
    };
    return {
      kind: 'local',
      region,
      cli,
      emulator,
      local,
      pollSeconds: 0.1,
      configurationOf: (clientName, credentials = person) => (
        { region, maxAttempts: MAX_ATTEMPTS, credentials, endpoint: endpointOf(clientName, url, server.url) }
      ),
      // The services of ministack have the real time.
      wait: async (seconds) => {
        clock.skip(seconds);
        await sleep(Math.min(seconds, REAL_SECONDS_OF_A_WAIT));
      },
      now: () => clock.now(),
      callsSince: (start) => {
        const calls = emulator.calls.filter(({ service, time }) => time >= start && Object.values<string>(RTC_SERVICES).includes(service));
        return { calls: calls.length, throttledCalls: calls.filter(({ outcome }) => /Throttl|ClientLimitExceeded/.test(outcome)).length };
      },
      interrupt: () => endClis(cli),
      stop,
    };
  } catch (error) {
    await local?.stop();
    await server.close();
    throw error;
  }
}

/** The real-time services have emulators of their own. */
function endpointOf(clientName: string, cloudUrl: string, emulatorUrl: string): string {
  const name = clientName.replace(/Client$/, '').toLowerCase();
  const service = Object.values(RTC_SERVICES).find((candidate) => candidate.replaceAll('-', '') === name);
  return service ? `${emulatorUrl}/${service}` : cloudUrl;
}

/** The session of a new role that has one policy. */
async function personOf(configuration: { region: string; endpoint: string; credentials: Credentials }, policy: object): Promise<Credentials> {
  const [iam, sts] = [new IAMClient(configuration), new STSClient(configuration)];
  try {
    const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } }] };
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'AcceptanceRun', AssumeRolePolicyDocument: JSON.stringify(trust) }));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'AcceptanceRun', PolicyName: 'AcceptanceRun', PolicyDocument: JSON.stringify(policy) }));
    const { Credentials: session } = await sts.send(new AssumeRoleCommand({ RoleArn: Role!.Arn, RoleSessionName: 'acceptance' }));
    return { accessKeyId: session!.AccessKeyId!, secretAccessKey: session!.SecretAccessKey!, sessionToken: session!.SessionToken };
  } finally {
    iam.destroy();
    sts.destroy();
  }
}

async function sleep(seconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type CallLog, logCalls } from './calls';
import type { Cloud, Credentials } from './cloud';
import { deleteRole } from './leftovers';
import type { Redactor } from './redaction';

/** Seconds until a new role and its policies are valid everywhere. AWS documents no limit; a few seconds are usual. */
const PROPAGATION_SECONDS = 10;
const ASSUME_ATTEMPTS = 10;

interface RoleOptions {
  readonly roleName: string;
  readonly accountId: string;
  readonly policies: readonly object[];
  onCleanup(description: string, deletion: () => Promise<void>): void;
}

/** Creates SDK clients whose calls are logged and redacted. */
export class Clients {
  private readonly created: { destroy(): void }[] = [];
  private readonly sessions = new Map<string, Promise<Credentials>>();

  constructor(private readonly cloud: Cloud, private readonly redactor: Redactor) {}

  /** A client with the credentials of the person, or of a role. */
  create<T>(constructor: new (configuration: any) => T, log: CallLog, role?: RoleOptions): T {
    const configuration = this.cloud.configurationOf(constructor.name);
    // The role is created at the first call.
    const client = new constructor(role ? { ...configuration, credentials: () => this.sessionOf(role, log) } : configuration);
    this.created.push(client as { destroy(): void });
    return logCalls(client, log, this.redactor);
  }

  destroy(): void {
    for (const client of this.created) client.destroy();
  }

  private async sessionOf(role: RoleOptions, log: CallLog): Promise<Credentials> {
    const session = this.sessions.get(role.roleName) ?? this.createRole(role, log);
    this.sessions.set(role.roleName, session);
    return session;
  }

  private async createRole({ roleName, accountId, policies, onCleanup }: RoleOptions, log: CallLog): Promise<Credentials> {
    const context = { region: this.cloud.region, client: <T>(constructor: new (configuration: any) => T) => this.create(constructor, log) };
    const iam = context.client(IAMClient);
    const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: accountId } }] };
    onCleanup(`role ${roleName}`, () => deleteRole(context, roleName));
    await iam.send(new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
    for (const [index, document] of policies.entries()) {
      await iam.send(new PutRolePolicyCommand({ RoleName: roleName, PolicyName: `Synthesized${index + 1}`, PolicyDocument: JSON.stringify(document) }));
    }
    await this.cloud.wait(PROPAGATION_SECONDS);
    return this.assume(`arn:aws:iam::${accountId}:role/${roleName}`, context.client(STSClient));
  }

  private async assume(RoleArn: string, sts: STSClient): Promise<Credentials> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { Credentials: session } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'acceptance' }));
        return { accessKeyId: session!.AccessKeyId!, secretAccessKey: session!.SecretAccessKey!, sessionToken: session!.SessionToken };
      } catch (error) {
        // STS doesn't know the new role yet.
        if (attempt === ASSUME_ATTEMPTS || (error as Error).name !== 'AccessDenied') throw error;
        await this.cloud.wait(PROPAGATION_SECONDS);
      }
    }
  }
}

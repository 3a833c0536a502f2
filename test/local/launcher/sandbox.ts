import { existsSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormation, StackEvent } from '@aws-sdk/client-cloudformation';
import { cloudFormation, stackEvents } from '../../../local/launcher/cdk';
import { startLocalCloud, type CustomResourceRequest, type LocalCloud, type LocalCloudOptions } from '../../../local/launcher/local-cloud';
import { eventually } from '../../eventually';

/** What the scripted provider does on one type of request. */
export interface Script {
  readonly delayMs?: number;
  /** URL of a gate: the provider answers when it is open. */
  readonly gate?: string;
  /** Physical id of the answer. Default: the request's own, or `made-<logical id>`. */
  readonly id?: string;
  readonly data?: Record<string, unknown>;
  /** Fields of the answer to set, or to leave out (null). */
  readonly answer?: Record<string, unknown>;
  readonly fail?: string;
  readonly silent?: boolean;
}

export type Scripts = Partial<Record<'Create' | 'Update' | 'Delete', Script>>;

export interface Operation {
  readonly status: string;
  readonly reason: string;
  /** `<logical id> <status>`, oldest first. */
  readonly events: string[];
  readonly fullEvents: StackEvent[];
  /** `<request type> <logical id> <physical id>`, in the order of sending. */
  readonly requests: string[];
  readonly journal: CustomResourceRequest[];
}

type Resources = Record<string, unknown>;

const PROVIDER_STACK = 'provider';

/** What the scripted provider waits for. A delay would be right on one machine and too short on a busy one; a test that opens a gate decides itself. */
class Gates {
  private readonly opened = new Set<string>();
  private readonly waiting: { readonly gate: string; readonly response: ServerResponse }[] = [];
  private readonly server = createServer((request, response) => {
    this.waiting.push({ gate: request.url!.slice(1), response });
    this.letPass();
  });

  public async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  public url(gate: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${gate}`;
  }

  public open(gate: string): void {
    this.opened.add(gate);
    this.letPass();
  }

  public isWaiting(gate: string): boolean {
    return this.waiting.some((one) => one.gate === gate);
  }

  public async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private letPass(): void {
    for (const { gate, response } of this.waiting) if (this.opened.has(gate) && !response.writableEnded) response.end();
  }
}

/** A local cloud without the CDK, and a stack at a time in it: CloudFormation's API, inline functions, no synthesis. */
export class Sandbox {
  public static async start(options: LocalCloudOptions = {}): Promise<Sandbox> {
    const cloud = await startLocalCloud({ bootstrap: false, ...options });
    const sandbox = new Sandbox(cloud, cloudFormation(cloud));
    try {
      await sandbox.gates.start();
      const { status, reason } = await sandbox.create(PROVIDER_STACK, provider());
      if (status !== 'CREATE_COMPLETE') throw new Error(`The stack of the provider is ${status}: ${reason}`);
      return sandbox;
    } catch (error) {
      await sandbox.stop();
      throw error;
    }
  }

  public readonly gates = new Gates();

  private constructor(public readonly cloud: LocalCloud, public readonly cfn: CloudFormation) {}

  public async stop(): Promise<void> {
    this.cfn.destroy();
    await this.cloud.stop();
    await this.gates.stop();
  }

  public async create(stackName: string, resources: Resources, more: object = {}): Promise<Operation> {
    return this.operation(stackName, async () => this.cfn.createStack({ ...template(stackName, resources), ...more }));
  }

  public async update(stackName: string, resources: Resources, more: object = {}): Promise<Operation> {
    return this.operation(stackName, async () => this.cfn.updateStack({ ...template(stackName, resources), ...more }));
  }

  public async delete(stackName: string): Promise<Operation> {
    return this.operation(stackName, async () => this.cfn.deleteStack({ StackName: stackName }));
  }

  /** Start an operation and wait for its end. */
  public async operation(stackName: string, start: () => Promise<unknown>): Promise<Operation> {
    const eventsBefore = (await this.events(stackName)).length;
    const requestsBefore = (await this.journal(stackName)).length;
    await start();
    const stackId = await this.stackId(stackName);
    const { StackStatus: status = '', StackStatusReason: reason = '' } = await this.settled(stackId);
    const fullEvents = (await this.events(stackId)).slice(eventsBefore);
    const journal = (await this.journal(stackName)).slice(requestsBefore);
    return {
      status,
      reason,
      fullEvents,
      events: fullEvents.map(({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`),
      journal,
      requests: journal.map(({ requestType, logicalId, physicalId }) => [requestType, logicalId, physicalId].filter(Boolean).join(' ')),
    };
  }

  public async settled(stackId: string) {
    for (;;) {
      const { Stacks: [stack] = [] } = await this.cfn.describeStacks({ StackName: stackId });
      if (!stack.StackStatus!.endsWith('_IN_PROGRESS')) {
        return stack;
      }
      await sleep(25);
    }
  }

  public async journal(stackName: string): Promise<CustomResourceRequest[]> {
    return this.cloud.customResources({ stackName });
  }

  /** Wait until the journal has a request, for example one that is under way. */
  public async requested(stackName: string, requestType: string, logicalId: string): Promise<CustomResourceRequest> {
    return eventually(async () => (await this.journal(stackName))
      .find((request) => request.requestType === requestType && request.logicalId === logicalId));
  }

  private async events(stackNameOrId: string): Promise<StackEvent[]> {
    try {
      return await stackEvents(this.cfn, stackNameOrId);
    } catch {
      return []; // no such stack yet
    }
  }

  private async stackId(stackName: string): Promise<string> {
    const { StackSummaries: summaries = [] } = await this.cfn.listStacks({});
    return summaries.find((summary) => summary.StackName === stackName)!.StackId!;
  }
}

function template(stackName: string, { Outputs, ...Resources }: Resources) {
  return { StackName: stackName, TemplateBody: JSON.stringify({ Resources, Outputs }), Capabilities: ['CAPABILITY_NAMED_IAM' as const] };
}

/** A custom resource whose provider does what its properties say. */
export function scripted(scripts: Scripts = {}, more: { props?: object; dependsOn?: string[]; attributes?: object } = {}) {
  return {
    Type: 'Custom::Scripted',
    DependsOn: more.dependsOn ?? [],
    Properties: {
      ServiceToken: { 'Fn::Sub': 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:scripted-provider' },
      ...Object.fromEntries(Object.entries(scripts).map(([requestType, script]) => [`On${requestType}`, JSON.stringify(script)])),
      ...more.props,
    },
    ...more.attributes,
  };
}

/** A function with a role of its own; `code` sees the exports object and nothing else. */
export function inlineFunction(name: string, code: string, statements: object[] = [], roleProps: object = {}) {
  return {
    [`${name}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        ...statements.length > 0 ? { Policies: [{ PolicyName: 'inline', PolicyDocument: { Version: '2012-10-17', Statement: statements } }] } : {},
        ...roleProps,
      },
    },
    [name]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Timeout: 900,
        Role: { 'Fn::GetAtt': [`${name}Role`, 'Arn'] },
        Code: { ZipFile: code },
      },
    },
  };
}

export const SCRIPTED_PROVIDER = readFileSync(path.join(__dirname, 'fixtures', 'scripted-provider.js'), 'utf8');

function provider() {
  const resources = inlineFunction('Provider', SCRIPTED_PROVIDER);
  Object.assign(resources.Provider.Properties, { FunctionName: 'scripted-provider' });
  return resources;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  // A zombie only waits for its parent to look.
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}

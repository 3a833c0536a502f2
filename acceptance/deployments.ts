import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { CloudFormation, StackEvent } from '@aws-sdk/client-cloudformation';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { type CdkApp, type CdkRun, type CdkTarget, type CdkStackRun, cloudFormation, deployWithOutputs, stackEvents } from '../local/launcher/cdk';
import { withoutTemplateValidation } from '../test/template-validation';

export interface DeploymentsOptions {
  /** Receives each JSON file of a cloud assembly. */
  readonly onAssembly?: (content: string) => void;
  /** Receives each line of the CLI. */
  readonly onOutput?: (line: string) => void;
  /** Seconds between two looks at a stack that is being deleted. Default: 2. */
  readonly pollSeconds?: number;
  /** Throws if the run was interrupted. */
  readonly throwIfInterrupted?: () => void;
}

/** The outcome of a deployment, with the events of its stack. */
export type Deployed = Omit<CdkStackRun, 'outputs'> & { readonly outputs: Record<string, string> };

/** Deployments by the AWS CDK CLI of stacks that a function builds, in AWS or on the local cloud. */
export class Deployments {
  private readonly client: CloudFormation;
  private started = 0;

  constructor(private readonly target: CdkTarget, private readonly options: DeploymentsOptions = {}) {
    this.client = cloudFormation(target);
  }

  /** The number of deployments and deletions so far. */
  get count(): number {
    return this.started;
  }

  async deploy(stackName: string, build: (stack: Stack) => void): Promise<Deployed> {
    this.started += 1;
    const before = await this.read(stackName);
    const eventsBefore = before ? (await stackEvents(this.client, before.id)).length : 0;
    const run = await this.withAssembly(stackName, build, (app) => deployWithOutputs(this.target, app, { onOutput: this.options.onOutput }));
    const after = await this.read(stackName);
    const events = after ? (await stackEvents(this.client, after.id)).slice(after.id === before?.id ? eventsBefore : 0) : [];
    return { ...run, outputs: run.outputs[stackName] ?? {}, events };
  }

  /** Deletes a stack, also one that is being created or updated. Nothing happens if there is no such stack. */
  async destroy(stackName: string): Promise<void> {
    let stack = await this.read(stackName);
    if (!stack) return;
    this.started += 1;
    if (stack.status === 'UPDATE_IN_PROGRESS') await this.client.cancelUpdateStack({ StackName: stack.id }).catch(() => undefined);
    // A stack that is being created, or that has only a change set, can be deleted. Any other operation ends first.
    while (stack && /_IN_PROGRESS$/.test(stack.status) && !/^(CREATE|DELETE|REVIEW)_IN_PROGRESS$/.test(stack.status)) stack = await this.readLater(stack.id);
    await this.client.deleteStack({ StackName: stack!.id });
    do stack = await this.readLater(stack!.id); while (stack && stack.status !== 'DELETE_COMPLETE' && stack.status !== 'DELETE_FAILED');
    if (stack?.status === 'DELETE_FAILED') throw new Error(`The stack ${stackName} could not be deleted: ${reasonsOf(await stackEvents(this.client, stack.id)).join('; ')}`);
  }

  /** Runs a command of the CLI with the cloud assembly of a stack. */
  async withAssembly<T extends CdkRun>(stackName: string, build: (stack: Stack) => void, use: (app: CdkApp) => Promise<T>): Promise<T> {
    const outdir = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-assembly-'));
    try {
      const app = new App({ outdir });
      // To load the rules takes 5 seconds. The tests of the constructs check the templates.
      Validations.of(app).addPlugins(withoutTemplateValidation);
      build(new Stack(app, stackName));
      app.synth();
      for (const file of readdirSync(outdir).filter((name) => name.endsWith('.json'))) this.options.onAssembly?.(readFileSync(path.join(outdir, file), 'utf8'));
      return await use({ app: outdir, cwd: outdir });
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }

  close(): void {
    this.client.destroy();
  }

  private async readLater(id: string) {
    this.options.throwIfInterrupted?.();
    await new Promise((resolve) => setTimeout(resolve, 1000 * (this.options.pollSeconds ?? 2)));
    return this.read(id);
  }

  /** Undefined: there is no such stack. */
  private async read(stackName: string): Promise<{ readonly id: string; readonly status: string } | undefined> {
    try {
      const { Stacks: [{ StackId, StackStatus }] = [] as never } = await this.client.describeStacks({ StackName: stackName });
      return { id: StackId!, status: StackStatus! };
    } catch (error) {
      if (/does not exist/.test((error as Error).message)) return undefined;
      throw error;
    }
  }
}

/** The reasons of the failed resources, without those that CloudFormation cancelled because another one failed. */
export function reasonsOf(events: readonly StackEvent[]): string[] {
  const failed = events.filter(({ ResourceStatus = '', ResourceStatusReason = '' }) => /_FAILED$/.test(ResourceStatus) && !/cancelled/i.test(ResourceStatusReason));
  return failed.map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
}

/** The logical IDs of the resources that failed themselves. */
export function failedResources(events: readonly StackEvent[]): string[] {
  return reasonsOf(events).map((reason) => reason.slice(0, reason.indexOf(':')));
}

import {
  CloudFormationClient, CreateStackCommand, DeleteStackCommand, DescribeStackEventsCommand, DescribeStackResourceCommand, DescribeStacksCommand,
  type Stack, UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { ask, nameOf, readUntil, using } from './support';
import type { ProbeContext } from '../fact';
import { pagesOf } from '../pages';

/** Seconds in which a deployment of a few resources ends. */
const DEPLOYMENT_TIME = 600;

export interface StackEvent {
  readonly logicalId: string;
  readonly status: string;
}

/** A stack of one probe. */
export class ProbeStack {
  private readonly client: CloudFormationClient;
  private readonly name: string;

  constructor(private readonly context: ProbeContext, fact: string) {
    this.client = context.client(CloudFormationClient);
    this.name = nameOf(context, fact);
  }

  /** Deletes the stack after the work. */
  public using<T>(work: () => Promise<T>): Promise<T> {
    const { context, client, name } = this;
    return using(context, {
      kind: 'stack',
      name,
      find: async () => (await this.read() ? [name] : []),
      delete: async () => {
        await ask(context, () => client.send(new DeleteStackCommand({ StackName: name })));
        await this.untilEnd((stack) => stack === undefined);
      },
    }, work);
  }

  public async create(resources: Record<string, object>): Promise<void> {
    const { client, name } = this;
    await ask(this.context, () => client.send(new CreateStackCommand({ StackName: name, TemplateBody: templateOf(resources), Tags: this.tags, OnFailure: 'DO_NOTHING' })));
    await this.untilEnd((stack) => stack?.StackStatus === 'CREATE_COMPLETE');
  }

  public async update(resources: Record<string, object>): Promise<void> {
    if (!await this.accepts(resources)) throw new Error(`The update of the stack ${this.name} was rolled back.`);
  }

  /** Whether CloudFormation updates the stack. Otherwise, it rolls the update back. */
  public async accepts(resources: Record<string, object>): Promise<boolean> {
    const { client, name } = this;
    await ask(this.context, () => client.send(new UpdateStackCommand({ StackName: name, TemplateBody: templateOf(resources), Tags: this.tags })));
    const { StackStatus } = await this.untilEnd((stack) => ['UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'].includes(stack?.StackStatus ?? '')) ?? {};
    return StackStatus === 'UPDATE_COMPLETE';
  }

  /** The events of the resources, in the order of their times. */
  public async events(): Promise<StackEvent[]> {
    const events = await pagesOf(async (NextToken) => {
      const page = await ask(this.context, () => this.client.send(new DescribeStackEventsCommand({ StackName: this.name, NextToken })));
      return { items: page.StackEvents, next: page.NextToken };
    });
    return events.reverse().map(({ LogicalResourceId, ResourceStatus }) => ({ logicalId: LogicalResourceId ?? '', status: ResourceStatus ?? '' }));
  }

  public async physicalId(LogicalResourceId: string): Promise<string | undefined> {
    const command = new DescribeStackResourceCommand({ StackName: this.name, LogicalResourceId });
    return (await ask(this.context, () => this.client.send(command))).StackResourceDetail?.PhysicalResourceId;
  }

  private get tags() {
    return Object.entries(this.context.tags).map(([Key, Value]) => ({ Key, Value }));
  }

  private async untilEnd(isExpected: (stack: Stack | undefined) => boolean): Promise<Stack | undefined> {
    const stack = await readUntil(this.context, DEPLOYMENT_TIME, () => this.read(), (found) => !found?.StackStatus?.endsWith('_IN_PROGRESS'));
    if (!isExpected(stack)) throw new Error(`The stack ${this.name} is ${stack?.StackStatus ?? 'missing'}.`);
    return stack;
  }

  /** Undefined: there is no such stack. CloudFormation answers with a ValidationError. */
  private async read(): Promise<Stack | undefined> {
    try {
      return (await ask(this.context, () => this.client.send(new DescribeStacksCommand({ StackName: this.name })))).Stacks?.[0];
    } catch (error) {
      if ((error as Error).name === 'ValidationError' && /does not exist/.test((error as Error).message)) return undefined;
      throw error;
    }
  }
}

function templateOf(Resources: Record<string, object>): string {
  return JSON.stringify({ Resources });
}

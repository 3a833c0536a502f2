import type { Emulator } from '../../local/emulator';

/** What CloudFormation does in deployments. The first value of each option is the default. */
export interface CloudFormationOptions {
  /** Whether a reference in `Metadata` is a dependency (F-10). */
  readonly metadataOrders?: boolean;
  /** Whether a resource that stays orders the deletions of the others (F-11). */
  readonly keptResourcesOrder?: boolean;
  /** Whether an update keeps tags that the template doesn't contain (F-14). */
  readonly keepsForeignTags?: boolean;
  /** Whether another network type replaces a voice connector (F-83). */
  readonly replacesVoiceConnectors?: boolean;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: string;
  readonly Metadata?: { readonly after?: { readonly Ref: string } };
}

type Resources = Record<string, Resource>;

interface FakeStack {
  status: string;
  resources: Resources;
  readonly ids: Map<string, string>;
  readonly events: { readonly LogicalResourceId: string; readonly ResourceStatus: string }[];
}

/** A client of CloudFormation that deploys a few types of resources into the emulator, each deployment at once. */
export class FakeCloudFormation {
  public readonly operations: string[] = [];
  private readonly stacks = new Map<string, FakeStack>();

  constructor(private readonly emulator: Emulator, private readonly region: string, private readonly options: CloudFormationOptions) {}

  public get names(): string[] {
    return [...this.stacks.keys()];
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  public async send({ constructor, input }: { readonly constructor: { readonly name: string }; readonly input: any }): Promise<unknown> {
    this.operations.push(constructor.name.replace(/Command$/, ''));
    const stack = this.stacks.get(input.StackName);
    if (constructor.name === 'CreateStackCommand') return this.create(input.StackName, resourcesOf(input));
    if (!stack) throw Object.assign(new Error(`Stack with id ${input.StackName} does not exist`), { name: 'ValidationError', $metadata: { httpStatusCode: 400 } });
    switch (constructor.name) {
      case 'UpdateStackCommand': return this.update(stack, resourcesOf(input));
      case 'DeleteStackCommand': return this.delete(input.StackName, stack);
      case 'DescribeStacksCommand': return { Stacks: [{ StackStatus: stack.status }] };
      case 'DescribeStackEventsCommand': return { StackEvents: [...stack.events].reverse() };
      case 'DescribeStackResourceCommand': return { StackResourceDetail: { PhysicalResourceId: stack.ids.get(input.LogicalResourceId) } };
      default: throw new Error(`${constructor.name} is not emulated`);
    }
  }

  private create(name: string, resources: Resources): object {
    const stack: FakeStack = { status: 'CREATE_COMPLETE', resources, ids: new Map(), events: [] };
    this.stacks.set(name, stack);
    for (const wave of this.waves(resources)) {
      this.apply(stack, wave, 'CREATE', (id) => {
        const { physicalId } = this.emulator.applyResource({ action: 'create', region: this.region, type: resources[id].Type, properties: resources[id].Properties });
        stack.ids.set(id, physicalId);
      });
    }
    return {};
  }

  private update(stack: FakeStack, resources: Resources): object {
    const { resources: before, ids } = stack;
    for (const [id, { Type: type, Properties: properties }] of Object.entries(resources)) {
      const request = { region: this.region, type, physicalId: ids.get(id)! };
      const { physicalId } = this.emulator.applyResource({ action: 'update', ...request, properties: this.updated(type, properties, request.physicalId) });
      if (physicalId !== request.physicalId) this.emulator.applyResource({ action: 'delete', ...request });
      ids.set(id, physicalId);
    }
    this.remove(stack, Object.keys(before).filter((id) => !(id in resources)));
    Object.assign(stack, { status: 'UPDATE_COMPLETE', resources });
    return {};
  }

  private delete(name: string, stack: FakeStack): object {
    this.remove(stack, Object.keys(stack.resources));
    if (Object.keys(stack.resources).some((id) => this.isLeft(stack, id))) stack.status = 'DELETE_FAILED';
    else this.stacks.delete(name);
    return {};
  }

  /** Whether the last deletion of a resource failed. */
  private isLeft({ events }: FakeStack, id: string): boolean {
    return events.filter(({ LogicalResourceId }) => LogicalResourceId === id).at(-1)?.ResourceStatus === 'DELETE_FAILED';
  }

  private remove(stack: FakeStack, ids: readonly string[]): void {
    const { keptResourcesOrder = true } = this.options;
    // Only resources that are deleted order each other, unless a kept resource does, too.
    const known = keptResourcesOrder ? stack.resources : Object.fromEntries(ids.map((id) => [id, stack.resources[id]]));
    for (const wave of this.waves(known).reverse().map((all) => all.filter((id) => ids.includes(id)))) {
      this.apply(stack, wave, 'DELETE', (id) => {
        this.emulator.applyResource({ action: 'delete', region: this.region, type: stack.resources[id].Type, physicalId: stack.ids.get(id)! });
      });
    }
  }

  /** After an update, a resource whose deletion fails remains, and no longer belongs to the stack. */
  private apply({ events }: FakeStack, wave: readonly string[], action: 'CREATE' | 'DELETE', work: (id: string) => void): void {
    const add = (LogicalResourceId: string, status: string) => events.push({ LogicalResourceId, ResourceStatus: `${action}_${status}` });
    wave.forEach((id) => add(id, 'IN_PROGRESS'));
    const outcomes = wave.map((id) => {
      try {
        work(id);
        return 'COMPLETE';
      } catch (error) {
        if (action === 'CREATE') throw error;
        return 'FAILED';
      }
    });
    wave.forEach((id, index) => add(id, outcomes[index]));
  }

  /** The resources in groups: each group depends on the groups before. */
  private waves(resources: Resources): string[][] {
    const { metadataOrders = true } = this.options;
    const waves: string[][] = [];
    const done = () => waves.flat();
    const dependencies = ({ DependsOn, Metadata }: Resource) => [DependsOn, metadataOrders ? Metadata?.after?.Ref : undefined]
      .filter((id) => id !== undefined && id in resources);
    const isReady = (id: string) => !done().includes(id) && dependencies(resources[id]).every((other) => done().includes(other!));
    while (done().length < Object.keys(resources).length) {
      waves.push(Object.keys(resources).filter(isReady));
    }
    return waves;
  }

  private updated(type: string, properties: Record<string, unknown>, physicalId: string): Record<string, unknown> {
    const { keepsForeignTags = true, replacesVoiceConnectors = true } = this.options;
    if (type === 'AWS::Chime::VoiceConnector' && !replacesVoiceConnectors) return { ...properties, NetworkType: 'IPV4_ONLY' };
    if (!keepsForeignTags || !properties.Tags) return properties;
    const existing = this.tagsOf(physicalId);
    const given = Object.fromEntries((properties.Tags as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]));
    return { ...properties, Tags: Object.entries({ ...existing, ...given }).map(([Key, Value]) => ({ Key, Value })) };
  }

  /** The name of a channel and the ARN of a voice connector are physical IDs. */
  private tagsOf(physicalId: string): Record<string, string> {
    type Item = { readonly name: string; readonly arn: string; readonly tags: Record<string, string> };
    const state = this.emulator.state() as Record<string, Record<string, Item[]>[] | undefined>;
    const { channels = [] } = state.kinesisvideo?.[0] ?? {};
    const { voiceConnectors = [] } = state['chime-sdk-voice']?.[0] ?? {};
    return [...channels, ...voiceConnectors].find(({ name, arn }) => [name, arn].includes(physicalId))?.tags ?? {};
  }
}

function resourcesOf({ TemplateBody }: { readonly TemplateBody: string }): Resources {
  return JSON.parse(TemplateBody).Resources;
}

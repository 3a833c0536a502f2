import { type CfnResource, type IResolvable, type IResolveContext, Stack, Token } from 'aws-cdk-lib';
import { type LaneDependencies, type LaneLimit, type LaneMember, occupiedLanes, planLanes, type TemplateResource } from './dependency-lanes';

/** The lanes of a stack. On the construct itself, so that copies of this library share them. */
const LANES = Symbol.for('cdk-rtc.StackLanes');

/** The key of `Metadata` under which a member refers to resources that have a condition: DependsOn must name resources that exist. */
const METADATA_KEY = 'cdk-rtc:after';

interface RenderedResource extends TemplateResource {
  readonly Metadata?: Record<string, unknown>;
}

interface Rendered {
  readonly Resources?: Record<string, unknown>;
}

interface Internals {
  _toCloudFormation(): Rendered;
}

/** Of one rendering of the template, which asks for each member once, in the order of the template. */
interface Plan {
  readonly order: string[];
  readonly dependencies: Map<string, LaneDependencies>;
  /** Place in the order of the member that is asked for next. */
  next: number;
}

/**
 * Lets at most `maxConcurrency` resources of a stack be in flight at once: those that are added, and nested stacks that have such resources. Of the
 * resources of a group, such as the settings of one voice connector, lets only one be in flight.
 *
 * The dependencies are made when the template is rendered, because only then the references across stacks and the dependencies between
 * constructs are in it.
 */
export class StackLanes {
  /** Limits the resource in its stack. In each stack around a nested stack, limits the nested stack. */
  public static limit(resource: CfnResource, maxConcurrencyOf: (stack: Stack) => number | undefined): void {
    let [stack, member, nested]: [Stack, CfnResource, Stack | undefined] = [Stack.of(resource), resource, undefined];
    for (;;) {
      const maxConcurrency = maxConcurrencyOf(stack);
      if (maxConcurrency !== undefined) StackLanes.of(stack).limit(maxConcurrency, member, nested);
      const { nestedStackParent, nestedStackResource } = stack;
      if (!nestedStackParent) return;
      [stack, member, nested] = [nestedStackParent, nestedStackResource as CfnResource, stack];
    }
  }

  /** Lets only one of the resources of a group be in flight, among those that are in the same stack. */
  public static serialize(resource: CfnResource, group: string): void {
    StackLanes.of(Stack.of(resource)).serialize(resource, group);
  }

  private static of(stack: Stack): StackLanes {
    const holder: Stack & { [LANES]?: StackLanes } = stack;
    return holder[LANES] ??= new StackLanes(stack);
  }

  private maxConcurrency?: number;
  private readonly members = new Map<CfnResource, () => number>();
  private readonly groups = new Map<string, CfnResource[]>();
  private readonly completing = new Set<CfnResource>();
  private isPlanning = false;
  private plan: Plan = { order: [], dependencies: new Map(), next: 0 };

  private constructor(private readonly stack: Stack) {}

  private limit(maxConcurrency: number, resource: CfnResource, nested: Stack | undefined): void {
    this.maxConcurrency = maxConcurrency;
    if (!this.members.has(resource)) this.members.set(resource, () => nested ? nestedWeight(nested, maxConcurrency) : 1);
    this.complete(resource);
  }

  private serialize(resource: CfnResource, group: string): void {
    const resources = [...this.groups.get(group) ?? [], resource];
    this.groups.set(group, resources);
    // One alone needs no plan, which renders the template once more.
    if (resources.length > 1) resources.forEach((member) => this.complete(member));
  }

  private complete(resource: CfnResource): void {
    if (this.completing.has(resource)) return;
    this.completing.add(resource);
    // Not by core's own dependencies: they would be made too early, and they can't be taken back when the template changes before it is rendered again.
    const internals = resource as unknown as Internals;
    const render = internals._toCloudFormation.bind(resource);
    internals._toCloudFormation = () => {
      const rendered = render();
      if (this.isPlanning || !rendered.Resources) return rendered;
      const completed = Object.entries(rendered.Resources).map(([id, definition]) => [id, this.completed(resource, definition)]);
      return { ...rendered, Resources: Object.fromEntries(completed) };
    };
  }

  /** The definition with the dependencies of its member. */
  private completed(resource: CfnResource, definition: unknown): IResolvable {
    return {
      creationStack: [],
      toString: () => Token.asString(definition),
      resolve: (context: IResolveContext) => {
        const resolved = context.resolve(definition) as RenderedResource;
        // While core looks for references, there are none to find here.
        if (context.preparing) return resolved;
        return withDependencies(resolved, this.dependenciesOf(this.logicalIdOf(resource)));
      },
    };
  }

  private dependenciesOf(logicalId: string): LaneDependencies | undefined {
    if (this.plan.next === 0 || this.plan.order[this.plan.next] !== logicalId) this.plan = this.makePlan();
    // A resource that is rendered alone gets a plan of its own.
    if (this.plan.order[this.plan.next] !== logicalId) return this.plan.dependencies.get(logicalId);
    const { dependencies } = this.plan;
    this.plan.next = (this.plan.next + 1) % this.plan.order.length;
    return dependencies.get(logicalId);
  }

  private makePlan(): Plan {
    this.isPlanning = true;
    try {
      const resources = ((this.stack as unknown as Internals)._toCloudFormation().Resources ?? {}) as Record<string, RenderedResource>;
      const ids = new Set([...this.completing].map((resource) => this.logicalIdOf(resource)));
      return {
        order: Object.keys(resources).filter((id) => ids.has(id)),
        dependencies: planLanes(resources, this.limits()),
        next: 0,
      };
    } finally {
      this.isPlanning = false;
    }
  }

  private limits(): LaneLimit[] {
    const groups = [...this.groups.values()].filter((group) => group.length > 1)
      .map((group) => ({ members: group.map((resource) => ({ logicalId: this.logicalIdOf(resource), weight: 1 })), lanes: 1 }));
    return this.maxConcurrency === undefined ? groups : [...groups, { members: this.laneMembers(), lanes: this.maxConcurrency }];
  }

  private laneMembers(): LaneMember[] {
    return [...this.members].map(([resource, weight]) => ({ logicalId: this.logicalIdOf(resource), weight: weight() }));
  }

  private logicalIdOf(resource: CfnResource): string {
    return this.stack.resolve(resource.logicalId);
  }

  /** How many resources of this stack, and of those nested in it, are in flight at most. Undefined: their number isn't limited. */
  public get weight(): number | undefined {
    return this.maxConcurrency === undefined ? undefined : occupiedLanes(this.laneMembers(), this.maxConcurrency);
  }
}

/** All lanes, where the nested stack is not limited itself. */
function nestedWeight(nested: Stack, lanes: number): number {
  const holder: Stack & { [LANES]?: { readonly weight: number | undefined } } = nested;
  return holder[LANES]?.weight ?? lanes;
}

function withDependencies(resource: RenderedResource, dependencies: LaneDependencies | undefined): RenderedResource {
  if (!dependencies) return resource;
  const { always, conditional } = dependencies;
  return {
    ...resource,
    ...always.length > 0 ? { DependsOn: [...new Set([resource.DependsOn ?? [], always].flat())] } : {},
    ...conditional.length > 0 ? {
      Metadata: {
        ...resource.Metadata,
        [METADATA_KEY]: conditional.map(({ logicalId, condition }) => ({ 'Fn::If': [condition, { Ref: logicalId }, ''] })),
      },
    } : {},
  };
}

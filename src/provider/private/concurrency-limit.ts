import { type CfnResource, type IResolvable, type IResolveContext, Stack, Token } from 'aws-cdk-lib';
import { type ChainDependencies, type ChainLimit, type ChainMember, occupiedChains, planChains, type TemplateResource } from './dependency-chains';

/** The key of a stack's limit on the stack itself, so that all copies of this library share the limit. */
const LIMIT = Symbol.for('cdk-rtc.ConcurrencyLimit');

/** The key of `Metadata` under which a member refers to resources that have a condition: DependsOn must name resources that exist (unverified: F-10). */
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

/** The plan for one rendering of the template. A rendering resolves each member once, in the order of the template. */
interface Plan {
  readonly order: string[];
  readonly dependencies: Map<string, ChainDependencies>;
  /** The place, in the order, of the member that is resolved next. */
  next: number;
}

/**
 * Limits the resources of a stack that are in flight at once to `maxConcurrency`. The limit applies to the added resources, and to nested stacks
 * that have such resources. Of the resources of a group, such as the settings of one voice connector, only one is in flight at once.
 *
 * The dependencies are added when the template is rendered, because only then the template has the references across stacks and the dependencies
 * between constructs.
 */
export class ConcurrencyLimit {
  /** Limits the resource in its stack, and each nested stack that contains the resource in the parent of the nested stack. */
  public static limit(resource: CfnResource, maxConcurrencyOf: (stack: Stack) => number | undefined): void {
    let [stack, member, nested]: [Stack, CfnResource, Stack | undefined] = [Stack.of(resource), resource, undefined];
    for (;;) {
      const maxConcurrency = maxConcurrencyOf(stack);
      if (maxConcurrency !== undefined) ConcurrencyLimit.of(stack).limit(maxConcurrency, member, nested);
      const { nestedStackParent, nestedStackResource } = stack;
      if (!nestedStackParent) return;
      [stack, member, nested] = [nestedStackParent, nestedStackResource as CfnResource, stack];
    }
  }

  /** Limits the resources of a group that are in the same stack to one that is in flight at once. */
  public static serialize(resource: CfnResource, group: string): void {
    ConcurrencyLimit.of(Stack.of(resource)).serialize(resource, group);
  }

  private static of(stack: Stack): ConcurrencyLimit {
    const holder: Stack & { [LIMIT]?: ConcurrencyLimit } = stack;
    return holder[LIMIT] ??= new ConcurrencyLimit(stack);
  }

  /** Undefined: the stack has groups only. */
  private maxConcurrency?: number;
  private readonly members = new Map<CfnResource, () => number>();
  private readonly groups = new Map<string, CfnResource[]>();
  private readonly dependents = new Set<CfnResource>();
  private isPlanning = false;
  private plan: Plan = { order: [], dependencies: new Map(), next: 0 };

  private constructor(private readonly stack: Stack) {}

  private limit(maxConcurrency: number, resource: CfnResource, nested: Stack | undefined): void {
    this.maxConcurrency = maxConcurrency;
    if (!this.members.has(resource)) this.members.set(resource, () => nested ? nestedWeight(nested, maxConcurrency) : 1);
    this.addDependencies(resource);
  }

  private serialize(resource: CfnResource, group: string): void {
    const resources = [...this.groups.get(group) ?? [], resource];
    this.groups.set(group, resources);
    // A group of one needs no plan, for which the template is rendered once more.
    if (resources.length > 1) for (const member of resources) this.addDependencies(member);
  }

  /** Adds the planned dependencies to a resource each time that it is rendered. */
  private addDependencies(resource: CfnResource): void {
    if (this.dependents.has(resource)) return;
    this.dependents.add(resource);
    // Not `addDependency`: the AWS CDK would resolve it too early, and can't remove it if the template changes before it is rendered again.
    const internals = resource as unknown as Internals;
    const render = internals._toCloudFormation.bind(resource);
    internals._toCloudFormation = () => {
      const rendered = render();
      if (this.isPlanning || !rendered.Resources) return rendered;
      const completed = Object.entries(rendered.Resources).map(([id, definition]) => [id, this.completed(resource, definition)]);
      return { ...rendered, Resources: Object.fromEntries(completed) };
    };
  }

  /** The definition of a member with the added dependencies. */
  private completed(resource: CfnResource, definition: unknown): IResolvable {
    return {
      creationStack: [],
      toString: () => Token.asString(definition),
      resolve: (context: IResolveContext) => {
        const resolved = context.resolve(definition) as RenderedResource;
        // The AWS CDK resolves the definition once more to find references. The added dependencies have none.
        if (context.preparing) return resolved;
        return withDependencies(resolved, this.dependenciesOf(this.logicalIdOf(resource)));
      },
    };
  }

  private dependenciesOf(logicalId: string): ChainDependencies | undefined {
    if (this.plan.next === 0 || this.plan.order[this.plan.next] !== logicalId) this.plan = this.makePlan();
    // A resource that is rendered alone, for example in a test, has its own plan.
    if (this.plan.order[this.plan.next] !== logicalId) return this.plan.dependencies.get(logicalId);
    const { dependencies } = this.plan;
    this.plan.next = (this.plan.next + 1) % this.plan.order.length;
    return dependencies.get(logicalId);
  }

  private makePlan(): Plan {
    this.isPlanning = true;
    try {
      const resources = ((this.stack as unknown as Internals)._toCloudFormation().Resources ?? {}) as Record<string, RenderedResource>;
      const ids = new Set([...this.dependents].map((resource) => this.logicalIdOf(resource)));
      return {
        order: Object.keys(resources).filter((id) => ids.has(id)),
        dependencies: planChains(resources, this.chainLimits()),
        next: 0,
      };
    } finally {
      this.isPlanning = false;
    }
  }

  private chainLimits(): ChainLimit[] {
    const groups = [...this.groups.values()].filter((resources) => resources.length > 1)
      .map((resources) => ({ members: resources.map((resource) => ({ logicalId: this.logicalIdOf(resource), weight: 1 })), chainCount: 1 }));
    return this.maxConcurrency === undefined ? groups : [...groups, { members: this.chainMembers(), chainCount: this.maxConcurrency }];
  }

  private chainMembers(): ChainMember[] {
    return [...this.members].map(([resource, weight]) => ({ logicalId: this.logicalIdOf(resource), weight: weight() }));
  }

  private logicalIdOf(resource: CfnResource): string {
    return this.stack.resolve(resource.logicalId);
  }

  /** The largest number of resources of this stack and its nested stacks that are in flight at once. Undefined: there is no limit. */
  public get weight(): number | undefined {
    return this.maxConcurrency === undefined ? undefined : occupiedChains(this.chainMembers(), this.maxConcurrency);
  }
}

/** The weight of a nested stack. A nested stack without a limit occupies all chains. */
function nestedWeight(nested: Stack, chainCount: number): number {
  const holder: Stack & { [LIMIT]?: { readonly weight: number | undefined } } = nested;
  return holder[LIMIT]?.weight ?? chainCount;
}

function withDependencies(resource: RenderedResource, dependencies: ChainDependencies | undefined): RenderedResource {
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

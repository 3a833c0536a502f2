import { resourceReferences } from '../../private/template-resource';

/**
 * Plans dependencies that limit how many resources of a template are in flight at once. The plan depends on the template only, not on constructs.
 */

/** A resource of a template, reduced to the attributes that decide the order in which CloudFormation works. */
export interface TemplateResource {
  readonly Condition?: string;
  readonly DependsOn?: string | string[];
  readonly [attribute: string]: unknown;
}

/** The resources of a template by logical ID. */
type Resources = Readonly<Record<string, TemplateResource>>;

/** A resource that is limited. */
export interface ChainMember {
  readonly logicalId: string;
  /** The number of chains that the member occupies: 1, or for a nested stack the number of its resources that are in flight at once. */
  readonly weight: number;
}

/** Members of which at most `chainCount` are in flight at once. */
export interface ChainLimit {
  readonly members: readonly ChainMember[];
  readonly chainCount: number;
}

/** The dependencies that are added to one member. */
export interface ChainDependencies {
  /** Logical IDs of resources that exist whenever the member exists. */
  readonly always: string[];
  /** Resources that exist only under a condition that the member doesn't have. */
  readonly conditional: { readonly logicalId: string; readonly condition: string }[];
}

/** The dependencies of one member during planning: the conditional ones with their conditions. */
interface Predecessors {
  readonly always: Set<string>;
  readonly conditional: Map<string, string>;
}

/**
 * Distributes the members of each limit over its chains. Each member of a chain depends on the previous member, so at most one member of a chain is in
 * flight. CloudFormation creates and updates resources after their dependencies, and deletes them before, so the limit applies to all three
 * (unverified: F-11, if a resource of a chain stays).
 *
 * Members are ordered by their depth in the dependency graph of the whole template, then by logical ID. Each member joins the chain of the member
 * `chainCount` places before it. Every dependency, existing or added, refers to an earlier place in the order of all resources by depth and logical
 * ID; so no cycle can arise, also between the chains of several limits. A new member changes the dependencies of the next `chainCount` members only.
 *
 * Returns the members that need more dependencies. A template that already has a cycle needs none: CloudFormation reports the cycle.
 */
export function planChains(resources: Resources, limits: readonly ChainLimit[]): Map<string, ChainDependencies> {
  const references = new Map(Object.entries(resources).map(([id, resource]) => [id, referencesOf(resource, resources)]));
  const depths = depthsOf(references);
  if (!depths) return new Map();

  const predecessors = new Map<string, Predecessors>();
  for (const { members, chainCount } of limits) {
    const chains: string[][] = Array.from({ length: chainCount }, () => []);
    let next = 0;
    const present = members.filter(({ logicalId }) => logicalId in resources);
    const order = present.sort((a, b) => depths.get(a.logicalId)! - depths.get(b.logicalId)! || (a.logicalId < b.logicalId ? -1 : 1));
    for (const { logicalId, weight } of order) {
      const occupied = Array.from({ length: Math.min(weight, chainCount) }, (_, index) => chains[(next + index) % chainCount]);
      next += occupied.length;
      const planned = predecessors.get(logicalId) ?? { always: new Set(), conditional: new Map() };
      predecessors.set(logicalId, planned);
      for (const chain of occupied) {
        addPredecessors(resources, chain, logicalId, planned);
        chain.push(logicalId);
      }
    }
  }
  return new Map([...predecessors].flatMap(([logicalId, planned]) => {
    const dependencies = addedDependencies(planned, references.get(logicalId)!);
    return dependencies.always.length + dependencies.conditional.length === 0 ? [] : [[logicalId, dependencies]];
  }));
}

/** The predecessors that the template doesn't refer to already. */
function addedDependencies({ always, conditional }: Predecessors, known: ReadonlySet<string>): ChainDependencies {
  return {
    always: [...always].filter((id) => !known.has(id)),
    conditional: [...conditional].filter(([id]) => !known.has(id)).map(([logicalId, condition]) => ({ logicalId, condition })),
  };
}

/** The number of chains that the members of a stack occupy. */
export function occupiedChains(members: readonly ChainMember[], chainCount: number): number {
  return Math.min(chainCount, members.reduce((sum, { weight }) => sum + weight, 0));
}

/**
 * Adds the members of a chain that a new last member must depend on. The previous member is enough if it exists whenever the new member exists.
 * Otherwise the chain must also hold without the previous member. Then the new member also depends on the last member of each other condition,
 * back to the first member that certainly exists.
 */
function addPredecessors(resources: Resources, chain: readonly string[], logicalId: string, { always, conditional }: Predecessors): void {
  const seen = new Set<string>();
  for (let place = chain.length - 1; place >= 0; place -= 1) {
    const predecessor = chain[place];
    const condition = resources[predecessor].Condition;
    if (condition === undefined || condition === resources[logicalId].Condition) {
      always.add(predecessor);
      return;
    }
    if (!seen.has(condition)) conditional.set(predecessor, condition);
    seen.add(condition);
  }
}

/** The logical IDs of all resources of the template that a resource refers to. */
function referencesOf(resource: TemplateResource, resources: Resources): Set<string> {
  return new Set([...resourceReferences(resource)].filter((id) => Object.hasOwn(resources, id)));
}

/** The length of the longest path of dependencies from each resource; undefined if there is a cycle. Without recursion, because paths can be long. */
function depthsOf(references: ReadonlyMap<string, ReadonlySet<string>>): Map<string, number> | undefined {
  const depths = new Map<string, number>();
  const dependents = new Map<string, string[]>([...references.keys()].map((id) => [id, []]));
  const missing = new Map([...references].map(([id, needed]) => [id, needed.size]));
  for (const [id, needed] of references) for (const other of needed) dependents.get(other)!.push(id);
  let level = [...missing].filter(([, count]) => count === 0).map(([id]) => id);
  for (let depth = 0; level.length > 0; depth += 1) {
    const ready: string[] = [];
    for (const id of level) {
      depths.set(id, depth);
      for (const dependent of dependents.get(id)!) {
        missing.set(dependent, missing.get(dependent)! - 1);
        if (missing.get(dependent) === 0) ready.push(dependent);
      }
    }
    level = ready;
  }
  return depths.size === references.size ? depths : undefined;
}

/**
 * Plans dependencies that limit how many resources of a template are in flight at once. Pure: it knows templates, not constructs.
 */

/** A resource of a template, as far as it matters for the order in which CloudFormation works. */
export interface TemplateResource {
  readonly Condition?: string;
  readonly DependsOn?: string | string[];
  readonly [attribute: string]: unknown;
}

/** The resources of a template by logical ID. */
type Resources = Readonly<Record<string, TemplateResource>>;

/** A resource that is limited. */
export interface LaneMember {
  readonly logicalId: string;
  /** How many lanes it occupies: 1, or for a nested stack as many as it has resources in flight at once. */
  readonly weight: number;
}

/** Members of which only as many are in flight at once as there are lanes. */
export interface LaneLimit {
  readonly members: readonly LaneMember[];
  readonly lanes: number;
}

/** The dependencies that one member gets in addition to its own. */
export interface LaneDependencies {
  /** Logical IDs of resources that exist whenever the member exists. */
  readonly always: string[];
  /** Resources that exist only under a condition that the member doesn't have. */
  readonly conditional: { readonly logicalId: string; readonly condition: string }[];
}

/** The dependencies of one member while they are planned: logical IDs, and of the conditional ones the conditions. */
interface Predecessors {
  readonly always: Set<string>;
  readonly conditional: Map<string, string>;
}

/**
 * Puts the members of each limit into its lanes. The members of one lane depend on each other in a row, so each lane has at most one member in flight.
 * CloudFormation creates and updates along dependencies and deletes against them, so the limit holds for all three.
 *
 * Members are ordered by their depth in the dependency graph of the whole template, then by logical ID, and each takes the lane of the member
 * that stands `lanes` places before it. Every dependency of the template, and every added one, leads to an earlier place of the order of all
 * resources by depth and logical ID; so no cycle can arise, whatever a resource is a member of. A member that is inserted changes the dependencies of the
 * next `lanes` members only.
 *
 * Returns the members that get a dependency. A template that has a cycle already gets none: CloudFormation reports the cycle.
 */
export function planLanes(resources: Resources, limits: readonly LaneLimit[]): Map<string, LaneDependencies> {
  const references = new Map(Object.entries(resources).map(([id, resource]) => [id, referencesOf(resource, resources)]));
  const depths = depthsOf(references);
  if (!depths) return new Map();

  const predecessors = new Map<string, Predecessors>();
  for (const { members, lanes } of limits) {
    const rows: string[][] = Array.from({ length: lanes }, () => []);
    let next = 0;
    const present = members.filter(({ logicalId }) => logicalId in resources);
    const order = present.sort((a, b) => depths.get(a.logicalId)! - depths.get(b.logicalId)! || (a.logicalId < b.logicalId ? -1 : 1));
    for (const { logicalId, weight } of order) {
      const occupied = Array.from({ length: Math.min(weight, lanes) }, (_, index) => rows[(next + index) % lanes]);
      next += occupied.length;
      const planned = predecessors.get(logicalId) ?? { always: new Set(), conditional: new Map() };
      predecessors.set(logicalId, planned);
      for (const row of occupied) {
        addPredecessors(resources, row, logicalId, planned);
        row.push(logicalId);
      }
    }
  }
  return new Map([...predecessors].flatMap(([logicalId, planned]) => {
    const dependencies = dependenciesFrom(planned, references.get(logicalId)!);
    return dependencies.always.length + dependencies.conditional.length === 0 ? [] : [[logicalId, dependencies]];
  }));
}

/** Without those that the template has already. */
function dependenciesFrom({ always, conditional }: Predecessors, known: ReadonlySet<string>): LaneDependencies {
  return {
    always: [...always].filter((id) => !known.has(id)),
    conditional: [...conditional].filter(([id]) => !known.has(id)).map(([logicalId, condition]) => ({ logicalId, condition })),
  };
}

/** How many lanes the members of a stack occupy at most. */
export function occupiedLanes(members: readonly LaneMember[], lanes: number): number {
  return Math.min(lanes, members.reduce((sum, { weight }) => sum + weight, 0));
}

/**
 * The members of a row that a new last member must depend on. The last member is enough if it exists whenever the new one exists. Otherwise
 * the row must hold without it, too: then also the last one of each other condition, back to the first that certainly exists.
 */
function addPredecessors(resources: Resources, row: readonly string[], logicalId: string, { always, conditional }: Predecessors): void {
  const seen = new Set<string>();
  for (let place = row.length - 1; place >= 0; place -= 1) {
    const predecessor = row[place];
    const condition = resources[predecessor].Condition;
    if (condition === undefined || condition === resources[logicalId].Condition) {
      always.add(predecessor);
      return;
    }
    if (!seen.has(condition)) conditional.set(predecessor, condition);
    seen.add(condition);
  }
}

/** The resources that one refers to, in whatever way. */
function referencesOf(resource: TemplateResource, resources: Resources): Set<string> {
  const found = new Set<string>();
  const add = (id: unknown) => {
    if (typeof id === 'string' && Object.hasOwn(resources, id)) found.add(id);
  };
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) return value.forEach(visit);
    const { 'Ref': reference, 'Fn::GetAtt': attribute, 'Fn::Sub': substitution } = value as Record<string, unknown>;
    add(reference);
    add(Array.isArray(attribute) ? attribute[0] : typeof attribute === 'string' && attribute.split('.')[0]);
    const [text, variables] = Array.isArray(substitution) ? substitution : [substitution, {}];
    // ${Name} and ${Name.Attribute}; ${!Literal} matches as a name that no resource can have.
    for (const [, id] of typeof text === 'string' ? text.matchAll(/\$\{([^.}]+)[^}]*\}/g) : []) if (!Object.hasOwn(variables ?? {}, id)) add(id);
    Object.values(value).forEach(visit);
  };
  visit(resource);
  [resource.DependsOn ?? []].flat().forEach(add);
  return found;
}

/** The length of the longest row of dependencies below each resource; undefined if there is a cycle. Without recursion: rows may be long. */
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

import { CfnResource, Stack } from 'aws-cdk-lib';

/**
 * A shortest path of references and dependencies from a value to a resource of the stack. The path ends with that resource. Undefined if there is no path.
 * Call it in a validation or a lazy value, when aspects have been applied.
 */
export function dependencyPath(value: unknown, target: CfnResource): CfnResource[] | undefined {
  const stack = Stack.of(target);
  const resources = new Map(stack.node.findAll().filter((construct) => CfnResource.isCfnResource(construct) && construct.stack === stack)
    .map((resource) => [stack.resolve((resource as CfnResource).logicalId) as string, resource as CfnResource]));
  const known = new Set<CfnResource>();
  let paths: Path[] = [{ path: [], end: stack.resolve(value) }];
  while (paths.length > 0) {
    const longer: Path[] = [];
    for (const { path, end } of paths) {
      for (const resource of referencesIn(end).map((id) => resources.get(id))) {
        if (resource === target) return [...path, target];
        if (!resource || known.has(resource)) continue;
        known.add(resource);
        longer.push({ path: [...path, resource], end: rendered(stack, resource) });
      }
    }
    paths = longer;
  }
  return undefined;
}

interface Path {
  readonly path: CfnResource[];
  /** The last resource of the path as in the template. */
  readonly end: unknown;
}

function rendered(stack: Stack, resource: CfnResource): unknown {
  return stack.resolve((resource as unknown as { _toCloudFormation(): object })._toCloudFormation());
}

/** Logical IDs, and possibly other texts. */
function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === 'Ref') return [String(item)];
    if (key === 'Fn::GetAtt') return [String(Array.isArray(item) ? item[0] : item).split('.')[0]];
    if (key === 'DependsOn') return [item].flat().map(String);
    const variables = key === 'Fn::Sub' ? [...JSON.stringify(item).matchAll(/\$\{([^!.}]+)/g)].map(([, name]) => name) : [];
    return [...variables, ...referencesIn(item)];
  });
}

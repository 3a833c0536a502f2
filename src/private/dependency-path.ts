import { CfnResource, Stack } from 'aws-cdk-lib';

/**
 * The resources through which a value refers to a resource of the stack, that resource included: along references and dependencies, one of the
 * shortest ways. Undefined if it doesn't. Not before aspects and later calls have had their effect, so in a validation or a lazy value.
 */
export function dependencyPath(value: unknown, target: CfnResource): CfnResource[] | undefined {
  const stack = Stack.of(target);
  const resources = new Map(stack.node.findAll().filter((construct) => CfnResource.isCfnResource(construct) && construct.stack === stack)
    .map((resource) => [stack.resolve((resource as CfnResource).logicalId) as string, resource as CfnResource]));
  const known = new Set<CfnResource>();
  let ways: Way[] = [{ path: [], end: stack.resolve(value) }];
  while (ways.length > 0) {
    const longer: Way[] = [];
    for (const { path, end } of ways) {
      for (const resource of referencesIn(end).map((id) => resources.get(id))) {
        if (resource === target) return [...path, target];
        if (!resource || known.has(resource)) continue;
        known.add(resource);
        longer.push({ path: [...path, resource], end: rendered(stack, resource) });
      }
    }
    ways = longer;
  }
  return undefined;
}

interface Way {
  readonly path: CfnResource[];
  /** What the last resource of the path is in the template. */
  readonly end: unknown;
}

function rendered(stack: Stack, resource: CfnResource): unknown {
  return stack.resolve((resource as unknown as { _toCloudFormation(): object })._toCloudFormation());
}

/** Logical IDs, and other text that is none. */
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

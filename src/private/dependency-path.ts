import { CfnResource, Stack } from 'aws-cdk-lib';
import { referencesIn, resourceReferences, renderedResource } from './template-resource';

/**
 * A shortest path of references and dependencies from a value to a resource of the stack. The path ends with that resource. Undefined if there is no path.
 * Call it in a validation or a lazy value, when aspects have been applied.
 */
export function dependencyPath(value: unknown, target: CfnResource): CfnResource[] | undefined {
  const stack = Stack.of(target);
  const resources = new Map(stack.node.findAll().filter((construct) => CfnResource.isCfnResource(construct) && construct.stack === stack)
    .map((resource) => [stack.resolve((resource as CfnResource).logicalId) as string, resource as CfnResource]));
  const known = new Set<CfnResource>();
  let paths: Path[] = [{ resources: [], references: referencesIn(stack.resolve(value)) }];
  while (paths.length > 0) {
    const longer: Path[] = [];
    for (const path of paths) {
      for (const id of path.references) {
        const resource = resources.get(id);
        if (resource === target) return [...path.resources, target];
        if (!resource || known.has(resource)) continue;
        known.add(resource);
        longer.push({ resources: [...path.resources, resource], references: resourceReferences(renderedResource(resource)) });
      }
    }
    paths = longer;
  }
  return undefined;
}

interface Path {
  readonly resources: CfnResource[];
  /** The references of the last resource. */
  readonly references: ReadonlySet<string>;
}

import type { CfnResource } from 'aws-cdk-lib';

/** A resource of a template, reduced to the attributes that other resources of the library read. */
interface TemplateResource {
  readonly DependsOn?: string | string[];
  readonly Properties?: { readonly [name: string]: unknown };
}

/** Renders a resource as in the template, including the properties that aspects and overrides have set. */
export function renderedResource(resource: CfnResource): TemplateResource {
  const { Resources } = resource.stack.resolve((resource as unknown as { _toCloudFormation(): object })._toCloudFormation());
  const [rendered] = Object.values(Resources ?? {}) as TemplateResource[];
  return rendered ?? {};
}

/** Returns the logical IDs of all resources that a resource refers to or depends on. Names that are no resources, such as `AWS::Region`, can be among them. */
export function resourceReferences(resource: Pick<TemplateResource, 'DependsOn'>): Set<string> {
  return new Set([...referencesIn(resource), ...[resource.DependsOn ?? []].flat()]);
}

/** Returns the logical IDs in the intrinsic functions of a value. Names that are no resources, such as `AWS::Region`, can be among them. */
export function referencesIn(value: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (item: unknown): void => {
    if (typeof item !== 'object' || item === null) return;
    if (Array.isArray(item)) return item.forEach(visit);
    const { 'Ref': reference, 'Fn::GetAtt': attribute, 'Fn::Sub': substitution } = item as Record<string, unknown>;
    const [target] = Array.isArray(attribute) ? attribute : [typeof attribute === 'string' ? attribute.split('.')[0] : undefined];
    for (const id of [reference, target]) if (typeof id === 'string') found.add(id);
    const [text, variables] = Array.isArray(substitution) ? substitution : [substitution, {}];
    // ${Name} and ${Name.Attribute}; ${!Literal} matches as a name that no resource can have.
    for (const [, id] of typeof text === 'string' ? text.matchAll(/\$\{([^.}]+)[^}]*\}/g) : []) if (!Object.hasOwn(variables ?? {}, id)) found.add(id);
    Object.values(item).forEach(visit);
  };
  visit(value);
  return found;
}

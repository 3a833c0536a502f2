import type { Template } from 'aws-cdk-lib/assertions';

interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: unknown;
  readonly DependsOn?: string | string[];
}
type Resources = Record<string, Resource>;

/** The resources of a template, and what each needs: by Ref, Fn::GetAtt, Fn::Sub, or DependsOn. CloudFormation deletes in the opposite order. */
export class TemplateGraph {
  readonly resources: Resources;

  constructor(template: Template) {
    this.resources = template.toJSON().Resources;
  }

  ofType(type: string): string[] {
    return Object.keys(this.resources).filter((id) => this.resources[id].Type === type);
  }

  /** All that a resource needs, directly or not. */
  needs(id: string): ReadonlySet<string> {
    const found = new Set<string>();
    const visit = (resource: string) => {
      for (const next of this.references(resource)) {
        if (found.has(next)) continue;
        found.add(next);
        visit(next);
      }
    };
    visit(id);
    return found;
  }

  /** References from what always exists to what exists under a condition, outside of an `Fn::If` of that condition. */
  danglingReferences(): string[] {
    return Object.entries(this.resources).flatMap(([id, { Condition: own, Properties }]) => {
      const conditions = own === undefined ? [] : [own];
      return referencesIn(Properties, conditions)
        .filter(({ target, under }) => this.resources[target]?.Condition !== undefined && !under.includes(this.resources[target].Condition!))
        .map(({ target }) => `${id} -> ${target}`);
    });
  }

  private references(id: string): string[] {
    const { Properties, DependsOn = [] } = this.resources[id];
    return [...referencesIn(Properties, []).map(({ target }) => target), ...[DependsOn].flat()].filter((target) => target in this.resources);
  }
}

interface Found {
  readonly target: string;
  readonly under: readonly string[];
}

function referencesIn(value: unknown, under: readonly string[]): Found[] {
  if (Array.isArray(value)) return value.flatMap((item) => referencesIn(item, under));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]): Found[] => {
    if (key === 'Ref') return [{ target: item, under }];
    if (key === 'Fn::GetAtt') return [{ target: Array.isArray(item) ? item[0] : String(item).split('.')[0], under }];
    if (key === 'Fn::If') return [...referencesIn(item[1], [...under, item[0]]), ...referencesIn(item[2], under)];
    if (key === 'Fn::Sub') {
      const [text, ...variables] = [item].flat();
      return [...[...String(text).matchAll(/\$\{(\w+)(\.\w+)*\}/g)].map(([, target]) => ({ target, under })), ...referencesIn(variables, under)];
    }
    return referencesIn(item, under);
  });
}

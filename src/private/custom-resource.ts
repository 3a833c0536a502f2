import { CfnDeletionPolicy, CfnResource, RemovalPolicy, TagManager, TagType, Token } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { concrete } from './concrete';
import { type TagProperty, TIMING } from './contract';
import { throwIfInvalid } from './errors';
import { type HandledResource, ProviderSet, type ResourceKind } from './provider-set';

export interface RtcCustomResourceProps {
  /** The resource's own kind, and what its properties need besides. */
  readonly kinds: ResourceKind[];
  readonly resourceType: string;
  /** All that the resource type knows besides those of every resource. Undefined ones vanish from the template. */
  readonly properties: { readonly [name: string]: unknown };
  /** The names inside of properties that are objects, by the path of the object. */
  readonly members?: { readonly [path: string]: readonly string[] };
  readonly removalPolicy?: RemovalPolicy;
  /** Without it the resource takes no tags. */
  readonly validateTags?: (tags: TagProperty[]) => string[];
  /** What is read to compare this one with its wish, beside what its kinds read. */
  readonly reads?: PolicyStatement[];
}

/** Of every resource of this library. */
const COMMON_PROPERTIES = ['Retain', 'ServiceTimeout', 'ServiceToken'];

/**
 * The one CloudFormation resource that a construct costs.
 *
 * Not core's CustomResource: that is a construct more for each, renders two more attributes, and takes no tags.
 */
export class RtcCustomResource extends CfnResource implements HandledResource {
  /** Present where the resource takes tags: the sign by which `Tags.of()` knows it. */
  public readonly cdkTagManager?: TagManager;
  public readonly kinds: ResourceKind[];
  public readonly reads: PolicyStatement[];
  /** Properties that were set after the constructor. */
  private readonly later: { [name: string]: unknown } = {};

  constructor(scope: Construct, id: string, props: RtcCustomResourceProps) {
    const set = ProviderSet.getOrCreate(scope);
    super(scope, id, {
      type: props.resourceType,
      properties: { ServiceToken: set.serviceToken, ServiceTimeout: TIMING.serviceTimeout, ...props.properties },
    });
    this.kinds = props.kinds;
    this.reads = props.reads ?? [];
    set.addResource(this);
    // Explicit, and not by a reference: CloudFormation deletes a policy only after the last resource of its kind is gone. Between resources,
    // not constructs, which are searched for their resources once for every dependency.
    for (const kind of props.kinds) this.addResourceDependency(set.policyFor(kind).node.defaultChild as CfnResource);

    const { validateTags } = props;
    if (validateTags) {
      // CfnResource renders what it finds here.
      const tags = this.cdkTagManager = new TagManager(TagType.KEY_VALUE, props.resourceType, undefined, { tagPropertyName: 'Tags' });
      // Aspects add tags long after the constructor.
      scope.node.addValidation({ validate: () => validateTags(tagProperties(tags)) });
    }
    const names = { ...props.members, '': [...COMMON_PROPERTIES, ...Object.keys(props.properties), ...validateTags ? ['Tags'] : []] };
    scope.node.addValidation({
      validate: () => unknownNames(this.overriddenProperties, names).map((name) => `${name}: ${props.resourceType} has no such property, and an override `
      + `with it would fail the deployment; remove the override, and to force an update set forceUpdateNonce. The properties are ${names[''].slice().sort().join(', ')}`),
    });
    if (props.removalPolicy === RemovalPolicy.SNAPSHOT) {
      throwIfInvalid(scope, ['removalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN']);
    }
    if (props.removalPolicy !== undefined) this.applyRemovalPolicy(props.removalPolicy);
  }

  /** The properties as the template will have them: with tags, and with what `addPropertyOverride` has put. */
  public get desired(): { [name: string]: unknown } {
    return merged({ ...this.cfnProperties, ...this.later, Retain: this.isRetained() || undefined }, this.overriddenProperties);
  }

  /** Sets a property that depends on later calls of the construct's methods. */
  public setProperty(name: string, value: unknown): void {
    this.later[name] = value;
  }

  private get overriddenProperties(): object {
    return (this as unknown as { rawOverrides: { Properties?: object } }).rawOverrides.Properties ?? {};
  }

  /** Not a lazy value among the properties: each of those costs a synthesis twice. */
  protected override renderProperties(properties: { [name: string]: unknown }): { [name: string]: unknown } {
    return { ...properties, ...this.later, Retain: this.isRetained() || undefined };
  }

  /** The handler must know, however the policy was set: what is to stay must not be taken for something that a failed operation has left. */
  private isRetained(): boolean {
    const { deletionPolicy, updateReplacePolicy } = this.cfnOptions;
    const retaining = [CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE];
    return [deletionPolicy, updateReplacePolicy].some((policy) => policy !== undefined && retaining.includes(policy));
  }
}

/** Pure: the paths of what the handlers would refuse as unknown. A deletion override is undefined, and deletes nothing then. */
function unknownNames(overrides: object, names: { readonly [path: string]: readonly string[] }, path = ''): string[] {
  return Object.entries(overrides).flatMap(([name, value]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (value !== undefined && !names[path].includes(name)) return [at];
    return isPlain(value) && names[at] ? unknownNames(value, names, at) : [];
  });
}

function isPlain(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Token.isUnresolved(value);
}

function merged(properties: { [name: string]: unknown }, overrides: object): { [name: string]: unknown } {
  const result = { ...properties };
  for (const [name, value] of Object.entries(overrides)) {
    const former = result[name];
    result[name] = isPlain(value) && isPlain(former) ? merged(former, value) : value;
  }
  return result;
}

export function tagProperties(tags: TagManager): TagProperty[] {
  // Not tagValues(): it loses a key called __proto__.
  const rendered: TagProperty[] = tags.renderTags() ?? [];
  return rendered.map(({ Key, Value }) => ({ Key: concrete(Key) ?? 'unknown', Value: concrete(Value) ?? '' }));
}

import { CfnDeletionPolicy, CfnResource, RemovalPolicy, TagManager, TagType } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { concrete } from './concrete';
import type { TagProperty } from './contract';
import { throwIfInvalid } from './errors';
import { ProviderSet, type ResourceKind } from './provider-set';

export interface RtcCustomResourceProps {
  /** The resource's own kind, and what its properties need besides. */
  readonly kinds: ResourceKind[];
  readonly resourceType: string;
  /** Undefined ones vanish from the template. */
  readonly properties: { readonly [name: string]: unknown };
  readonly removalPolicy?: RemovalPolicy;
  /** Without it the resource takes no tags. */
  readonly validateTags?: (tags: TagProperty[]) => string[];
}

/**
 * The one CloudFormation resource that a construct costs.
 *
 * Not core's CustomResource: that is a construct more for each, renders two more attributes, and takes no tags.
 */
export class RtcCustomResource extends CfnResource {
  /** Present where the resource takes tags: the sign by which `Tags.of()` knows it. */
  public readonly cdkTagManager?: TagManager;

  constructor(scope: Construct, id: string, props: RtcCustomResourceProps) {
    const set = ProviderSet.getOrCreate(scope);
    super(scope, id, {
      type: props.resourceType,
      properties: { ServiceToken: set.serviceToken, ...props.properties },
    });
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
    if (props.removalPolicy === RemovalPolicy.SNAPSHOT) {
      throwIfInvalid(scope, ['removalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN']);
    }
    if (props.removalPolicy !== undefined) this.applyRemovalPolicy(props.removalPolicy);
  }

  /** Not a lazy value among the properties: each of those costs a synthesis twice. */
  protected override renderProperties(properties: { [name: string]: unknown }): { [name: string]: unknown } {
    return { ...properties, Retain: this.isRetained() || undefined };
  }

  /** The handler must know, however the policy was set: what is to stay must not be taken for something that a failed operation has left. */
  private isRetained(): boolean {
    const { deletionPolicy, updateReplacePolicy } = this.cfnOptions;
    const retaining = [CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE];
    return [deletionPolicy, updateReplacePolicy].some((policy) => policy !== undefined && retaining.includes(policy));
  }
}

function tagProperties(tags: TagManager): TagProperty[] {
  return Object.entries(tags.tagValues()).map(([Key, Value]) => ({ Key: concrete(Key) ?? 'unknown', Value: concrete(Value) ?? '' }));
}

import { CfnResource, Names, PhysicalName, type RemovalPolicy, TagManager, TagType, type UniqueResourceNameOptions } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { shareConditionAtSynth } from './condition';
import type { TagProperty } from './contract';
import { tagProperties } from './custom-resource';

export interface NativeResourceProps {
  readonly resourceType: string;
  readonly properties: { readonly [name: string]: unknown };
  readonly removalPolicy?: RemovalPolicy;
  readonly validateTags: (tags: TagProperty[]) => string[];
}

/**
 * A resource of a type of CloudFormation. Not the L1, so that the template doesn't depend on the version of aws-cdk-lib.
 */
export class NativeResource extends CfnResource {
  /** `Tags.of()` recognizes a taggable resource by this property. */
  public readonly cdkTagManager: TagManager;

  constructor(scope: Construct, id: string, { resourceType, properties, removalPolicy, validateTags }: NativeResourceProps) {
    super(scope, id, { type: resourceType, properties: { ...properties } });
    this.cdkTagManager = new TagManager(TagType.KEY_VALUE, resourceType, undefined, { tagPropertyName: 'Tags' });
    // Aspects add tags after the constructor.
    scope.node.addValidation({ validate: () => validateTags(tagProperties(this.cdkTagManager)) });
    if (removalPolicy !== undefined) this.applyRemovalPolicy(removalPolicy);
    shareConditionAtSynth(this);
  }
}

/** The given name, or one that is generated from the path of the construct: CloudFormation doesn't generate names for these types. */
export function nameOrGenerated(construct: Construct, name: string | undefined, options: UniqueResourceNameOptions): string {
  if (name !== undefined && name !== PhysicalName.GENERATE_IF_NEEDED) return name;
  return Names.uniqueResourceName(construct, { separator: '-', ...options });
}

import { CfnDeletionPolicy, CfnResource, type CfnTag, RemovalPolicy, TagManager, TagType, Token } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { concrete } from './concrete';
import { followCondition } from './condition';
import { type TagProperty, TIMING } from './contract';
import { throwIfInvalid } from './errors';
import { validateRemovalPolicy } from './removal-policy';
import type { HandledResource, HandlerPolicy } from '../provider/private/handler-policies';
import { StackProvider } from '../provider/private/stack-provider';

export interface RtcCustomResourceProps {
  /** The policy of the resource type, and the policies that the resource's properties need in addition. */
  readonly handlerPolicies: HandlerPolicy[];
  readonly resourceType: string;
  /** The properties of the resource type, in addition to the common properties. The template has no undefined properties. */
  readonly properties: { readonly [name: string]: unknown };
  /** The names in properties that are objects, by the path of the object. */
  readonly members?: { readonly [path: string]: readonly string[] };
  readonly removalPolicy?: RemovalPolicy;
  /** The time until CloudFormation stops waiting for a response, in seconds. Default: `TIMING.serviceTimeout`. */
  readonly serviceTimeout?: number;
  /** Without it the resource has no tags. */
  readonly validateTags?: (tags: TagProperty[]) => string[];
  /** The attributes whose values at the last deployment the drift monitor compares. */
  readonly watchedAttributes?: readonly string[];
  /** The read-only statements for the drift monitor, in addition to those of the handler policies. */
  readonly reads?: PolicyStatement[];
}

/** The properties of every resource of this library. */
const COMMON_PROPERTIES = ['Retain', 'ServiceTimeout', 'ServiceToken'];

/**
 * The one CloudFormation resource that a construct adds.
 *
 * Not the AWS CDK's CustomResource, which adds a second construct, renders two more attributes, and doesn't support tags.
 */
export class RtcCustomResource extends CfnResource implements HandledResource {
  /** Present if the resource has tags: `Tags.of()` recognizes a taggable resource by this property. */
  public readonly cdkTagManager?: TagManager;
  public readonly handlerPolicies: HandlerPolicy[];
  public readonly reads: PolicyStatement[];
  private readonly watchedAttributes?: readonly string[];
  /** Properties that were set after the constructor. */
  private readonly later: { [name: string]: unknown } = {};

  constructor(scope: Construct, id: string, props: RtcCustomResourceProps) {
    const provider = StackProvider.getOrCreate(scope);
    super(scope, id, {
      type: props.resourceType,
      properties: { ServiceToken: provider.serviceToken, ServiceTimeout: props.serviceTimeout ?? TIMING.serviceTimeout, ...props.properties },
    });
    // The resource of a mixin, which refers to the resource of the user.
    if (CfnResource.isCfnResource(scope)) followCondition(this, scope);
    this.handlerPolicies = props.handlerPolicies;
    this.reads = props.reads ?? [];
    this.watchedAttributes = props.watchedAttributes;
    provider.addResource(this);
    // No property refers to the policy. CloudFormation must delete it after the last resource that needs it. The dependency is between resources,
    // because the AWS CDK searches a construct for its resources once for every dependency.
    for (const policy of props.handlerPolicies) this.addResourceDependency(provider.policies.policyFor(policy).node.defaultChild as CfnResource);

    const { validateTags } = props;
    if (validateTags) {
      // CfnResource renders the tags of this property.
      const tags = this.cdkTagManager = new TagManager(TagType.KEY_VALUE, props.resourceType, undefined, { tagPropertyName: 'Tags' });
      // Aspects add tags after the constructor.
      scope.node.addValidation({ validate: () => validateTags(tagProperties(tags)) });
    }
    const names = { ...props.members, '': [...COMMON_PROPERTIES, ...Object.keys(props.properties), ...validateTags ? ['Tags'] : []] };
    scope.node.addValidation({
      validate: () => unknownNames(this.overriddenProperties, names).map((name) => `${name}: ${props.resourceType} has no such property, and an override `
      + `with it would fail the deployment; remove the override, and to force an update set forceUpdateNonce. The properties are ${names[''].slice().sort().join(', ')}`),
    });
    throwIfInvalid(scope, validateRemovalPolicy(props.removalPolicy));
    if (props.removalPolicy !== undefined) this.applyRemovalPolicy(props.removalPolicy);
  }

  /** The properties as the template will have them, with tags and overrides, and the watched attributes. */
  public get desired(): { [name: string]: unknown } {
    const Deployed = this.watchedAttributes && Object.fromEntries(this.watchedAttributes.map((name) => [name, this.getAtt(name).toString()]));
    return merged({ ...this.cfnProperties, ...this.later, Retain: this.isRetained() || undefined, Deployed }, this.overriddenProperties);
  }

  /** Sets a property that depends on later calls of the construct's methods. */
  public setProperty(name: string, value: unknown): void {
    this.later[name] = value;
  }

  private get overriddenProperties(): object {
    return (this as unknown as { rawOverrides: { Properties?: object } }).rawOverrides.Properties ?? {};
  }

  /** Not as lazy values among the properties, because synthesis resolves each lazy value twice. */
  protected override renderProperties(properties: { [name: string]: unknown }): { [name: string]: unknown } {
    return { ...properties, ...this.later, Retain: this.isRetained() || undefined };
  }

  /** Whether any policy retains the resource. The handler must know, so that it doesn't treat a retained resource as left by a failed operation. */
  private isRetained(): boolean {
    const { deletionPolicy, updateReplacePolicy } = this.cfnOptions;
    const retaining = [CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE];
    return [deletionPolicy, updateReplacePolicy].some((policy) => policy !== undefined && retaining.includes(policy));
  }
}

/** The paths of the properties that the handlers would reject as unknown. A deletion override of an unknown property is undefined and has no effect. */
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
    const original = result[name];
    result[name] = isPlain(value) && isPlain(original) ? merged(original, value) : value;
  }
  return result;
}

/** Tags as a custom resource renders them, or as an L1 does. */
type RenderedTag = TagProperty | CfnTag;

export function tagProperties(tags: TagManager): TagProperty[] {
  // Not tagValues(): it loses a key called __proto__.
  const rendered: RenderedTag[] = tags.renderTags() ?? [];
  return rendered.map((tag) => 'Key' in tag ? tag : { Key: tag.key, Value: tag.value })
    .map(({ Key, Value }) => ({ Key: concrete(Key) ?? 'unknown', Value: concrete(Value) ?? '' }));
}

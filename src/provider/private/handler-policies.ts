import { type CfnResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { FunctionDocument, FunctionRole } from './function-role';
import { REASONS } from './suppression-reasons';
import { resolvedBytes } from '../../private/resolved-bytes';
import { suppress, suppressWildcards } from '../../private/suppressions';

/** What the handlers need for the resources of one type. The statements depend on no property, number, region, or ID of a resource. */
export interface HandlerPolicy {
  readonly name: string;
  statements(context: StatementContext): iam.PolicyStatement[];
  /** The read-only statements with which the drift monitor compares a resource with its desired state. */
  reads?(context: StatementContext): iam.PolicyStatement[];
}

/** A resource that the handlers create: the custom resource of a construct. */
export interface HandledResource extends CfnResource {
  /** The policy of the resource type, and the policies that the resource's properties need in addition. */
  readonly handlerPolicies: readonly HandlerPolicy[];
  /** Permissions to read the resource, in addition to those of its handler policies. */
  readonly reads: readonly iam.PolicyStatement[];
  /** The properties as the template will have them, and the attributes that the drift monitor compares. */
  readonly desired: { readonly [name: string]: unknown };
}

export interface StatementContext {
  readonly stack: Stack;
  /** The conditions under which a resource of this stack may be changed. They are empty if tag conditions are turned off. */
  readonly conditions: OwnerConditions;
}

export interface OwnerConditions {
  readonly create: Conditions;
  readonly change: Conditions;
  /** To tag a resource that has no owner tag, with this stack as its owner. A resource of this stack may be tagged under `change`. */
  readonly tagUnowned: Conditions;
}

type Conditions = { [operator: string]: unknown };

/**
 * The quota for the characters of all inline policies of a role, without whitespace.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const LARGEST_INLINE_POLICIES = 10_240;

/** The policies of the role of the two handlers. */
export class HandlerPolicies {
  public readonly context: StatementContext;
  private readonly policies: iam.Policy[] = [];

  /**
   * @param document the inline policy of the role
   */
  constructor(
    private readonly provider: Construct, private readonly role: FunctionRole, private readonly document: FunctionDocument, tagConditions: boolean,
  ) {
    const stack = Stack.of(provider);
    this.context = { stack, conditions: ownerConditions(stack, tagConditions) };
  }

  /** Returns the resource of a handler policy, created on first use. Every custom resource that needs the policy must depend on it, so that it is deleted last. */
  public policyFor(policy: HandlerPolicy): iam.Policy {
    const id = `${policy.name}Policy`;
    return (this.provider.node.tryFindChild(id) as iam.Policy | undefined) ?? this.add(this.provider, id, policy.statements(this.context));
  }

  /** Allows the handlers to use a resource of one construct. The custom resource that needs the permission must depend on the policy. */
  public add(scope: Construct, id: string, statements: iam.PolicyStatement[]): iam.Policy {
    const policy = new iam.Policy(scope, id, { statements });
    // Not by the property `roles`: a role that `Role.customizeRoles` replaces reports the statements that the policy has at this moment.
    this.role.attachPolicy(policy);
    this.policies.push(policy);
    suppress(policy, { IAMNoInlinePolicy: REASONS.inlinePolicy });
    suppressWildcards(policy, statements, REASONS.wildcards);
    return policy;
  }

  /** Handler policies are few and constant. The number of policies of single constructs has no limit. */
  public validate(): string[] {
    // In place of a role that `Role.customizeRoles` replaces, the app uses a role of its own.
    if (!this.role.node.defaultChild) return [];
    const documents = [this.document, ...this.policies.map(({ document }) => document)];
    const characters = documents.reduce((sum, document) => sum + resolvedBytes(this.context.stack, document), 0);
    if (characters <= LARGEST_INLINE_POLICIES) return [];
    const holders = this.policies.map(({ node }) => node.scope!).filter((scope) => scope !== this.provider).map(({ node }) => node.path);
    return [`HandlerRole: its inline policies must have at most ${LARGEST_INLINE_POLICIES} characters together, got about ${characters}; `
      + `put some of the ${holders.length} constructs that have one each into another stack, such as ${holders.slice(-3).join(', ')}`];
  }
}

/** The handlers also check the owner: whether each service evaluates these conditions is unverified (F-01). */
function ownerConditions(stack: Stack, tagConditions: boolean): OwnerConditions {
  if (!tagConditions) return { create: {}, change: {}, tagUnowned: {} };
  const requested = { 'aws:RequestTag/cdk-rtc:stack': stack.stackId };
  const owned = { 'aws:ResourceTag/cdk-rtc:stack': stack.stackId };
  return {
    create: { StringEquals: requested },
    change: { StringEquals: owned },
    tagUnowned: { StringEquals: requested, Null: { 'aws:ResourceTag/cdk-rtc:stack': 'true' } },
  };
}

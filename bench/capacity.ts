import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { application } from './application';
import type { Candidate } from './candidates/candidate';

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html and
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const LIMITS = {
  /** One of CloudFormation's 500 is AWS::CDK::Metadata, which `cdk deploy` adds. */
  resources: 499,
  templateBytes: 1_000_000,
  /** Of all inline policies of a role together, without blanks. */
  inlinePolicyCharacters: 10_240,
} as const;

type Size = { readonly [limit in keyof typeof LIMITS]: number };

export interface Capacity {
  /** The most that deploy in one stack. */
  readonly most: number;
  /** What one more would break. */
  readonly limitedBy: string;
}

/** What CloudFormation and IAM count in a stack. */
export function sizeOf(candidate: Candidate, count: number): Size {
  return measure(application(candidate, count).stack);
}

function measure(stack: Stack): Size {
  const template = Template.fromStack(stack).toJSON();
  return {
    resources: Object.keys(template.Resources ?? {}).length,
    // As the CDK writes it.
    templateBytes: Buffer.byteLength(JSON.stringify(template, undefined, 1)),
    inlinePolicyCharacters: Math.max(0, ...inlinePolicies(template.Resources ?? {}).values()),
  };
}

/** By real syntheses: from the expected number, doubled until it does not fit, then bisected. If the expected number is right, that is three. */
export function capacityOf(candidate: Candidate, expected = 0): Capacity {
  const broken = (count: number) => {
    const size = synthesised(candidate, count);
    if (size === 'refused') return ['inlinePolicyCharacters'];
    return (Object.keys(LIMITS) as (keyof Size)[]).filter((limit) => size[limit] > LIMITS[limit]);
  };
  let [fits, exceeds] = expected > 0 && broken(expected).length > 0 ? [0, expected] : [expected, expected + 1];
  while (broken(exceeds).length === 0) [fits, exceeds] = [exceeds, Math.min(2 * exceeds, LIMITS.resources + 1)];
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (broken(middle).length === 0) fits = middle;
    else exceeds = middle;
  }
  return { most: fits, limitedBy: broken(exceeds).join(', ') };
}

/** The library refuses what could exceed IAM's quota, with the longest names of partition and region that there are. */
function synthesised(candidate: Candidate, count: number): Size | 'refused' {
  try {
    return sizeOf(candidate, count);
  } catch (error) {
    if ((error as Error).message.includes('inline policies')) return 'refused';
    throw error;
  }
}

interface Resource {
  readonly Type: string;
  readonly Properties?: {
    readonly Roles?: { readonly Ref?: string }[];
    readonly PolicyDocument?: unknown;
    readonly Policies?: { readonly PolicyDocument: unknown }[];
  };
}

/** Characters by role. */
function inlinePolicies(resources: Record<string, Resource>): Map<string, number> {
  const characters = new Map<string, number>();
  const add = (role: string, document: unknown) => characters.set(role, (characters.get(role) ?? 0) + deployedLength(document));
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    if (Type === 'AWS::IAM::Role') Properties?.Policies?.forEach(({ PolicyDocument }) => add(id, PolicyDocument));
    if (Type === 'AWS::IAM::Policy') Properties?.Roles?.forEach(({ Ref }) => add(Ref!, Properties.PolicyDocument));
  }
  return characters;
}

/** What is known only at deployment, as long as it is in us-east-1 in a stack named Stack. */
const PSEUDO: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'Stack',
  'AWS::StackId': 'arn:aws:cloudformation:us-east-1:123456789012:stack/Stack/01234567-89ab-cdef-0123-456789abcdef',
};

function deployedLength(document: unknown): number {
  return JSON.stringify(deployed(document)).replace(/\s/g, '').length;
}

interface Intrinsic {
  readonly 'Ref'?: string;
  readonly 'Fn::Join'?: [separator: string, values: unknown[]];
  readonly 'Fn::GetAtt'?: [logicalId: string, attribute: string];
}

function deployed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deployed);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Intrinsic;
  if (Ref !== undefined) return PSEUDO[Ref] ?? generatedName(Ref);
  if (join) return join[1].map(deployed).join(join[0]);
  if (attribute) return `arn:aws:lambda:us-east-1:123456789012:function:${generatedName(attribute[0])}`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deployed(item)]));
}

/** As CloudFormation makes them: stack, logical id and twelve characters, 64 at most. */
function generatedName(logicalId: string): string {
  return `Stack-${logicalId.slice(0, 45)}-0123456789AB`;
}
